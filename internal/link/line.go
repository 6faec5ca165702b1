package link

import (
	"context"
	"io"
	"strconv"
	"sync"
	"time"

	"openmic/floor"
	"openmic/internal/live"
)

// mostPushes is how many pushes of one venue are read at once. It sends one after the other; more are those whose sender
// has given up.
const mostPushes = 4

// A line is the connection of one venue; a new one ends the one before.
type line struct {
	venue  Venue
	ask    []byte // challenge of this connection
	since  map[string]int64
	end    context.CancelFunc
	wishes chan *wish
	room   chan struct{} // as many pushes at once

	mu      sync.Mutex // guards the rest
	over    bool       // the stream has ended: nothing counts any more
	busy    int        // pushes that are being taken
	heard   time.Time
	at      int64            // session time when it was heard, ms
	has     map[string]int64 // heights the venue said it has
	alive   bool
	next    int64
	waiting map[int64]chan done
	pushes  int64
}

// fresh: the number of a push grows, so that none counts twice.
func (l *line) fresh(n string) bool {
	k, err := strconv.ParseInt(n, 10, 64)
	if err != nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || k <= l.pushes {
		return false
	}
	l.pushes = k
	return true
}

func (l *line) hear(now time.Time, at int64, has map[string]int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return
	}
	l.heard, l.at = now, at
	for j, n := range has {
		l.has[j] = max(l.has[j], n)
	}
}

// taking counts pushes on which the hub works: meanwhile the venue has nothing to say.
func (l *line) taking(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy += n
}

// close ends the connection, and gives up what was asked of the venue on it.
func (l *line) close() {
	l.end()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alive, l.over = false, true
	for id, c := range l.waiting {
		close(c)
		delete(l.waiting, id)
	}
}

func (l *line) answer(d done) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.waiting[d.ID]; c != nil {
		c <- d
		delete(l.waiting, d.ID)
	}
}

// far is the way to the venue at the other end of a line.
type far struct{ *line }

// Do asks the venue.
func (f *far) Do(ctx context.Context, c live.Command) (live.Answer, floor.Seen, error) {
	out := make(chan done, 1)
	f.mu.Lock()
	if !f.alive {
		f.mu.Unlock()
		return live.Answer{}, floor.Seen{}, live.ErrNotNow
	}
	f.next++
	id := f.next
	f.waiting[id] = out
	f.mu.Unlock()
	w, err := newWish(id, c)
	if err != nil {
		return live.Answer{}, floor.Seen{}, live.ErrFailed
	}
	select {
	case f.wishes <- w:
	case <-ctx.Done():
		return live.Answer{}, floor.Seen{}, live.ErrNotNow
	}
	select {
	case d, ok := <-out:
		if !ok {
			return live.Answer{}, floor.Seen{}, live.ErrUnknown
		}
		return d.Answer, d.Seen, d.err()
	case <-ctx.Done():
		return live.Answer{}, floor.Seen{}, live.ErrUnknown
	}
}

// ear hears every piece that comes.
type ear struct {
	io.Reader
	heard func()
}

func (e ear) Read(b []byte) (int, error) {
	n, err := e.Reader.Read(b)
	if n > 0 {
		e.heard()
	}
	return n, err
}

// known are those of the heights that are of the session's journals.
func known(v *live.View, have map[string]int64) map[string]int64 {
	out := map[string]int64{}
	for _, s := range v.Sites {
		if n := have[s.Journal]; n > 0 {
			out[s.Journal] = n
		}
	}
	return out
}
