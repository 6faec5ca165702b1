package journal

import (
	"context"
	"fmt"
)

// A Piece is a part of what a store keeps. Only what is filled in counts.
type Piece struct {
	Info    *Info   // a journal; it comes before what belongs to it
	Journal Name    // to which batch, erased and mark belong
	Batch   Batch   // the next entries, with those of their addenda that are not erased
	Erased  []Where // addenda that are
	Mark    *Mark
	Pass    *Pass // one that was erased has no label
	Key     string
	Value   string // of the setting Key
}

// A Source can be read whole.
type Source interface {
	// Everything gives f all that is kept, as of one moment, piece by piece, and ends with f's first error. A damaged entry
	// is an error (ErrDamaged).
	Everything(ctx context.Context, f func(Piece) error) error
}

// Copy puts all that one store keeps into another one, which keeps nothing yet.
func Copy(ctx context.Context, from Source, to interface {
	Store
	Beside
}) error {
	return from.Everything(ctx, func(p Piece) (err error) {
		if p.Info != nil {
			err = to.Create(ctx, *p.Info)
		}
		if err == nil && len(p.Batch.Entries) > 0 {
			err = to.AppendForeign(ctx, p.Journal, p.Batch)
		}
		if err == nil && len(p.Erased) > 0 {
			err = to.Erase(ctx, p.Journal, p.Erased)
		}
		if err == nil && p.Mark != nil {
			err = to.Mark(ctx, p.Journal, *p.Mark)
		}
		if err == nil && p.Pass != nil {
			err = to.PutPass(ctx, *p.Pass)
		}
		if err == nil && p.Key != "" {
			err = to.Set(ctx, p.Key, p.Value)
		}
		if err != nil {
			return fmt.Errorf("copy: %w", err)
		}
		return nil
	})
}

// PageOf is how many entries of a journal a Piece holds at most.
const PageOf = 2000
