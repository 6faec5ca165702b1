package journal

import (
	"context"
	"errors"
	"fmt"
)

// Settle finds out what became of an Append that answered ErrUnknown: nil, it is stored;
// ErrNotStored, it is not, and the same Append may be sent again; ErrHead, somebody else wrote
// there; ErrUnknown, the store still cannot say and has to be asked later. Nobody is told
// anything before one of the first three.
func Settle(ctx context.Context, s Store, name Name, expectedN int64, b Batch) error {
	if err := b.Check(expectedN); err != nil {
		return err
	}
	n, _, err := s.Head(ctx, name)
	if err != nil {
		if errors.Is(err, ErrUnknown) {
			return fmt.Errorf("ask head: %w", err)
		}
		return fmt.Errorf("ask head: %w: %w", ErrUnknown, err)
	}
	if n < expectedN {
		return fmt.Errorf("%w: it ends at n=%d, before n=%d", ErrHead, n, expectedN)
	}
	if n == expectedN {
		return fmt.Errorf("%w: the journal still ends at n=%d", ErrNotStored, n)
	}
	// A batch is stored whole or not at all: the first entry decides. Its bytes name the
	// command and the hash of the entry before, so equal bytes are the same fact.
	here, _, err := s.Read(ctx, name, expectedN+1, 1)
	if err != nil {
		return fmt.Errorf("read back: %w: %w", ErrUnknown, err)
	}
	if len(here) != 1 || here[0].Hash != b.Entries[0].Hash {
		return fmt.Errorf("%w: n=%d is another entry", ErrHead, expectedN+1)
	}
	return nil
}
