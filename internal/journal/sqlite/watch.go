package sqlite

import (
	"context"
	"sync"

	"openmic/internal/journal"
)

// watchers is who wants to hear of new entries.
type watchers struct {
	// mu guards the rest. Held for map operations and sends that never wait.
	mu     sync.Mutex
	of     map[journal.Name]map[chan struct{}]struct{}
	closed bool
}

// Watch implements journal.Store.
func (s *Store) Watch(ctx context.Context, name journal.Name) <-chan struct{} {
	c := make(chan struct{}, 1) // one wake waits; more would say nothing new
	w := &s.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		close(c)
		return c
	}
	if w.of == nil {
		w.of = map[journal.Name]map[chan struct{}]struct{}{}
	}
	if w.of[name] == nil {
		w.of[name] = map[chan struct{}]struct{}{}
	}
	w.of[name][c] = struct{}{}
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if _, ok := w.of[name][c]; !ok {
			return // the store closed first
		}
		delete(w.of[name], c)
		if len(w.of[name]) == 0 {
			delete(w.of, name)
		}
		close(c)
	})
	return c
}

func (w *watchers) wake(name journal.Name) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.of[name] {
		select {
		case c <- struct{}{}:
		default: // it has not looked since the last wake
		}
	}
}

func (w *watchers) closeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, of := range w.of {
		for c := range of {
			close(c)
		}
	}
	w.of, w.closed = nil, true
}
