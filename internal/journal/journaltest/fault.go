package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"openmic/internal/journal"
)

// A Fault is how one call of a store breaks.
type Fault int

const (
	None    Fault = iota
	Refused       // it failed, nothing is stored, and the store says so
	Lost          // it failed, nothing is stored, but the store cannot say
	Stored        // it is stored, but the answer never came
)

var errFault = errors.New("the disk did not answer")

// Faulty breaks the writes of a store, and its Head, as told. Everything else passes through.
type Faulty struct {
	journal.Store

	// mu guards next. Held to choose a fault, never across a call.
	mu   sync.Mutex
	next func(call string) Fault
}

// NewFaulty asks next before each call of Append, AppendForeign, Create, Mark, Erase and Head
// (named like that) how it shall break. Calls of next never overlap.
func NewFaulty(s journal.Store, next func(call string) Fault) *Faulty {
	return &Faulty{Store: s, next: next}
}

func (f *Faulty) write(call string, do func() error) error {
	f.mu.Lock()
	fault := f.next(call)
	f.mu.Unlock()
	switch fault {
	case Refused:
		return fmt.Errorf("%s: %w: %w", call, journal.ErrNotStored, errFault)
	case Lost:
		return fmt.Errorf("%s: %w: %w", call, journal.ErrUnknown, errFault)
	case Stored:
		if err := do(); err != nil {
			return err
		}
		return fmt.Errorf("%s: %w: %w", call, journal.ErrUnknown, errFault)
	}
	return do()
}

func (f *Faulty) Create(ctx context.Context, info journal.Info) error {
	return f.write("Create", func() error { return f.Store.Create(ctx, info) })
}

func (f *Faulty) Append(ctx context.Context, name journal.Name, expectedN int64, b journal.Batch) error {
	return f.write("Append", func() error { return f.Store.Append(ctx, name, expectedN, b) })
}

func (f *Faulty) AppendForeign(ctx context.Context, name journal.Name, b journal.Batch) error {
	return f.write("AppendForeign", func() error { return f.Store.AppendForeign(ctx, name, b) })
}

func (f *Faulty) Mark(ctx context.Context, name journal.Name, m journal.Mark) error {
	return f.write("Mark", func() error { return f.Store.Mark(ctx, name, m) })
}

func (f *Faulty) Erase(ctx context.Context, name journal.Name, where []journal.Where) error {
	return f.write("Erase", func() error { return f.Store.Erase(ctx, name, where) })
}

func (f *Faulty) Head(ctx context.Context, name journal.Name) (n int64, hash [32]byte, err error) {
	f.mu.Lock()
	fault := f.next("Head")
	f.mu.Unlock()
	if fault != None {
		return 0, hash, fmt.Errorf("Head: %w: %w", journal.ErrUnknown, errFault)
	}
	return f.Store.Head(ctx, name)
}
