package link

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"openmic/internal/journal"
)

// What a hub takes of each journal that a venue pushes, and how much its own may grow by what venues wish. A record holds
// 50,000 entries and 64 MB of all sites together: a session that comes near has none, and a venue must not be able to
// bring one there. A long day of five hundred people stays below a fifth of this.
const (
	mostEntries = 40_000
	mostBytes   = 40 << 20 // of entries and their words
)

// errFull: the venue wants to store more than any session needs.
var errFull = errors.New("the venue's journal would be larger than a session may be")

// weights are how much of venues' journals is here.
type weights struct {
	mu sync.Mutex // guards of; held while the store is read
	of map[string]weight
}

type weight struct{ n, bytes int64 }

// room says whether there is room for what a venue pushes.
func (w *weights) room(ctx context.Context, store journal.Store, batches []Batch) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	would := map[string]weight{}
	for i := range batches {
		b := &batches[i]
		x, ok := would[b.Journal]
		if !ok {
			var err error
			if x, err = w.weigh(ctx, store, b.Journal); err != nil {
				return err
			}
		}
		if to := b.From + int64(len(b.Entries)) - 1; to > x.n { // what is here already weighs nothing
			x.n, x.bytes = to, x.bytes+int64(b.Foreign().Size())
		}
		if x.n > mostEntries || x.bytes > mostBytes {
			return fmt.Errorf("%w: %.60s, %d entries of at most %d, %d KB of at most %d", errFull, b.Journal, x.n, mostEntries, x.bytes>>10, mostBytes>>10)
		}
		would[b.Journal] = x
	}
	return nil
}

// weigh adds up what is stored of a journal since it was looked at last; nothing where it is not there.
func (w *weights) weigh(ctx context.Context, store journal.Store, name string) (weight, error) {
	x := w.of[name]
	for {
		entries, addenda, err := store.Read(ctx, journal.Name(name), x.n+1, 2000)
		if errors.Is(err, journal.ErrNoJournal) {
			return weight{}, nil
		}
		if err != nil {
			return x, fmt.Errorf("weigh journal %s: %w", name, err)
		}
		if len(entries) == 0 {
			w.of[name] = x
			return x, nil
		}
		x.n = entries[len(entries)-1].N
		x.bytes += int64(journal.Batch{Entries: entries, Addenda: addenda}.Size())
	}
}
