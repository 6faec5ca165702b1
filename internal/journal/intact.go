package journal

import (
	"context"
	"errors"
	"fmt"
)

// Intact reads like Store.Read, and as far as it can where something is damaged: then it gives fewer entries than there
// are, down to none. With none it also gives the fault, ErrDamaged, which names the entry at from.
func Intact(ctx context.Context, s Store, name Name, from int64, limit int) (entries []Entry, addenda []Addendum, err error) {
	for ; limit > 0; limit /= 2 {
		entries, addenda, err = s.Read(ctx, name, from, limit)
		if !errors.Is(err, ErrDamaged) {
			return entries, addenda, err
		}
	}
	return nil, nil, fmt.Errorf("entry %d of %s: %w", from, name, err)
}
