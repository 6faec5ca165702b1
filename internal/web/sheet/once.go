package sheet

import (
	"sync"
	"time"
)

// Once remembers for a while what presses made, so that a double press or a reload makes nothing twice and still gets
// its answer. The zero value is not ready; see NewOnce.
type Once[T any] struct {
	keep time.Duration
	now  func() time.Time

	mu     sync.Mutex // guards recent, never held while something is made
	recent map[string]*pressed[T]
}

type pressed[T any] struct {
	mu   sync.Mutex // held while it is made
	at   time.Time
	made bool
	what T
}

// NewOnce remembers each press for keep.
func NewOnce[T any](keep time.Duration, now func() time.Time) *Once[T] {
	return &Once[T]{keep: keep, now: now, recent: map[string]*pressed[T]{}}
}

// Do makes what a press asks for, or gives what it made before. A failure is not remembered.
func (o *Once[T]) Do(press string, f func() (T, error)) (T, error) {
	p := o.of(press)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.made {
		return p.what, nil
	}
	what, err := f()
	if err == nil {
		p.what, p.made = what, true
	}
	return what, err
}

func (o *Once[T]) of(press string) *pressed[T] {
	now := o.now()
	o.mu.Lock()
	defer o.mu.Unlock()
	for k, p := range o.recent {
		if now.Sub(p.at) > o.keep {
			delete(o.recent, k)
		}
	}
	p := o.recent[press]
	if p == nil {
		p = &pressed[T]{at: now}
		o.recent[press] = p
	}
	return p
}
