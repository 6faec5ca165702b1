package link

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/live"
)

// mostPushes is how many pushes of one venue a program reads at once. It sends one after the other; more are those whose
// sender has given up.
const mostPushes = 4

// mostDone is how many answers to wishes a push may hold.
const mostDone = 256

// A line is the stream of a venue at the program that it dialled; a new one ends the one before.
type line struct {
	ask    []byte // challenge of this connection
	end    context.CancelFunc
	over   <-chan struct{} // closed when it has ended
	wishes chan *wish
}

// holds: the stream of a venue is held here from now on.
func (h *Hub) holds(venue string, l *line) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if old := h.lines[venue]; old != nil {
		old.end()
	}
	h.lines[venue] = l
}

// hangUp ends the stream of a venue that is held here: the one with a challenge, or any.
func (h *Hub) hangUp(venue string, ask []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l := h.lines[venue]; l != nil && (ask == nil || bytes.Equal(l.ask, ask)) {
		l.end()
		delete(h.lines, venue)
	}
}

// far is the way to a venue, whoever of the hub holds its stream.
type far struct {
	*Hub
	venue string
}

// Do asks the venue.
func (f *far) Do(ctx context.Context, c live.Command) (live.Answer, floor.Seen, error) {
	no := func(err error) (live.Answer, floor.Seen, error) { return live.Answer{}, floor.Seen{}, err }
	x, _, _, err := f.look(ctx, f.venue)
	if err != nil || x == nil || !x.Alive {
		return no(live.ErrNotNow)
	}
	id := rand.Int64N(1<<53-1) + 1 // no two programs of a hub use the same
	w, err := newWish(id, c)
	if err != nil {
		return no(live.ErrFailed)
	}
	out := make(chan done, 1)
	f.mu.Lock()
	f.waiting[id] = out
	l := f.lines[f.venue]
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.waiting, id)
		f.mu.Unlock()
	}()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var letters, over <-chan struct{}
	if f.Nodes != nil {
		letters = f.Nodes.WatchBox(ctx, doneBox(id))
	}
	switch {
	case l != nil && bytes.Equal(l.ask, x.Ask):
		over = l.over
		select {
		case l.wishes <- w:
		case <-over:
			return no(live.ErrNotNow)
		case <-ctx.Done():
			return no(live.ErrNotNow)
		}
	case f.Nodes == nil:
		return no(live.ErrNotNow)
	default:
		b, err := json.Marshal(w)
		if err == nil {
			err = f.Nodes.Post(ctx, wishBox(x.Ask), b)
		}
		switch {
		case errors.Is(err, journal.ErrNotStored):
			return no(live.ErrNotNow)
		case err != nil:
			return no(live.ErrUnknown)
		}
	}
	tick := time.NewTicker(Beat)
	defer tick.Stop()
	for {
		select {
		case d := <-out:
			return d.Answer, d.Seen, d.err()
		case <-letters:
			all, err := f.Nodes.Fetch(ctx, doneBox(id))
			for _, b := range all {
				var d done
				if json.Unmarshal(b, &d) == nil && d.ID == id {
					return d.Answer, d.Seen, d.err()
				}
			}
			if err != nil {
				return no(live.ErrUnknown)
			}
		case <-tick.C:
			if now, _, _, err := f.look(ctx, f.venue); err != nil || now == nil || !bytes.Equal(now.Ask, x.Ask) {
				return no(live.ErrUnknown)
			}
		case <-over:
			return no(live.ErrUnknown)
		case <-ctx.Done():
			return no(live.ErrUnknown)
		}
	}
}

// answered hands what a venue answered to whoever waits for it, here or at another program of the hub.
func (h *Hub) answered(ctx context.Context, d done) error {
	h.mu.Lock()
	out := h.waiting[d.ID]
	h.mu.Unlock()
	if out != nil {
		select {
		case out <- d:
		default: // it has its answer
		}
		return nil
	}
	if h.Nodes == nil {
		return nil // whoever asked has given up
	}
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return h.Nodes.Post(ctx, doneBox(d.ID), b)
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
