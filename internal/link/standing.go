package link

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// A standing is what a hub knows of the connection of one venue: as much as any of its programs needs to take what the
// venue pushes. A new connection replaces it, and where there is none nothing is taken. Of one that has ended it is kept
// which it was, so that what opened it opens nothing again.
type standing struct {
	Ask   []byte           `json:"ask"`   // challenge of the connection
	Since map[string]int64 `json:"since"` // heights here when it began
	Has   map[string]int64 `json:"has"`   // heights that the venue said it has
	Push  int64            `json:"push"`  // number of the newest push; 0: none came, and the venue is not heard yet
	At    int64            `json:"at"`    // session time when the venue was heard, ms
	Alive bool             `json:"alive"` // each has what the other had when it began
	// Unstored: the venue says that it could not store what came.
	Unstored bool   `json:"unstored,omitempty"`
	Ended    bool   `json:"ended,omitempty"`
	Unheard  bool   `json:"unheard,omitempty"` // it ended because nothing was heard
	Turn     string `json:"turn"`              // no two are alike
}

// Nodes is how several programs that are one hub know things together and send each other letters; see journal.Shared.
type Nodes interface {
	facts
	Post(ctx context.Context, box string, letter []byte) error
	Fetch(ctx context.Context, box string) ([][]byte, error)
	WatchBox(ctx context.Context, box string) <-chan struct{}
}

type facts interface {
	Known(ctx context.Context, what string) (value []byte, ago time.Duration, err error)
	Swap(ctx context.Context, what string, was, value []byte) (bool, error)
}

// alone knows things for one program.
type alone struct {
	now func() time.Time

	mu sync.Mutex // guards the rest
	of map[string]thing
}

type thing struct {
	value []byte
	at    time.Time
}

func (a *alone) Known(_ context.Context, what string) ([]byte, time.Duration, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.of[what]
	return t.value, a.now().Sub(t.at), nil
}

func (a *alone) Swap(_ context.Context, what string, was, value []byte) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if was != nil && !bytes.Equal(a.of[what].value, was) {
		return false, nil
	}
	a.of[what] = thing{value, a.now()}
	return true, nil
}

// factOf is under what the standing of a venue is known. Two names of journals are never one.
func factOf(venue string) string { return "line " + venue }

// Letters go to whoever holds a stream, and to whoever waits for an answer.
func wishBox(ask []byte) string { return fmt.Sprintf("wishes %x", ask[:16]) }
func doneBox(id int64) string   { return fmt.Sprintf("done %d", id) }

// last gives how a venue stands, or stood, and how long ago it was heard; nil when nothing is known. bytes are what swap
// wants.
func (h *Hub) last(ctx context.Context, venue string) (x *standing, was []byte, ago time.Duration, err error) {
	was, ago, err = h.facts.Known(ctx, factOf(venue))
	if err != nil || was == nil {
		return nil, nil, 0, err
	}
	x = &standing{}
	if err := json.Unmarshal(was, x); err != nil || len(x.Ask) != 32 {
		return nil, nil, 0, fmt.Errorf("what is known of %s: %w", venue, err)
	}
	return x, was, ago, nil
}

// look is last, where the connection stands; else nil.
func (h *Hub) look(ctx context.Context, venue string) (x *standing, was []byte, ago time.Duration, err error) {
	if x, was, ago, err = h.last(ctx, venue); err != nil || x == nil || x.Ended {
		return nil, nil, 0, err
	}
	return x, was, ago, nil
}

// Hears says whether a venue is heard, or was a moment ago: between two connections, and while this hub is so young that
// nobody has had the time to dial.
func (h *Hub) Hears(ctx context.Context, venue string) (bool, error) {
	x, _, ago, err := h.last(ctx, venue)
	return h.Now().Sub(h.began) < 2*Silence || x != nil && !x.Unheard && ago < Silence, err
}

// begin puts a new connection in the place of the one that was there when it was let in; false: another one has.
func (h *Hub) begin(ctx context.Context, venue string, before, x *standing) (bool, error) {
	for {
		now, was, _, err := h.last(ctx, venue)
		if err != nil || (now == nil) != (before == nil) || now != nil && !bytes.Equal(now.Ask, before.Ask) {
			return false, err
		}
		if ok, err := h.swap(ctx, venue, was, x); ok || err != nil {
			return ok, err
		}
	}
}

// swap puts a standing in the place of another, if nobody was faster; was nil: whatever there is.
func (h *Hub) swap(ctx context.Context, venue string, was []byte, x *standing) (bool, error) {
	x.Turn = rand.Text()
	value, err := json.Marshal(x)
	if err != nil {
		return false, err
	}
	return h.facts.Swap(ctx, factOf(venue), was, value)
}

// change changes the standing of one connection, however many others do at the same time: the venue was heard. It gives
// what came of it; nil when the connection is over, or f does not want to.
func (h *Hub) change(ctx context.Context, venue string, ask []byte, f func(*standing) bool) (*standing, error) {
	for {
		x, was, _, err := h.look(ctx, venue)
		if err != nil || x == nil || !bytes.Equal(x.Ask, ask) || !f(x) {
			return nil, err
		}
		x.At = max(x.At, h.Session.View().At(h.Now()))
		if ok, err := h.swap(ctx, venue, was, x); ok || err != nil {
			return x, err
		}
	}
}

// drop ends a connection: what it still pushes is not taken.
func (h *Hub) drop(ctx context.Context, venue string, ask []byte) {
	for {
		x, was, ago, err := h.look(ctx, venue)
		if err != nil || x == nil || !bytes.Equal(x.Ask, ask) {
			return
		}
		h.hand(venue).noticed(h.Now().Add(-ago), x)
		if ok, err := h.swap(ctx, venue, was, &standing{Ask: x.Ask, Ended: true}); ok || err != nil {
			return
		}
	}
}

// merge adds heights that a venue said it has, and tells whether any is new.
func (x *standing) merge(has map[string]int64) (fresh bool) {
	for j, n := range has {
		if n > x.Has[j] {
			x.Has[j], fresh = n, true
		}
	}
	return fresh
}

// A hand is what this program has to do with a venue, whoever of the hub holds its stream.
type hand struct {
	room chan struct{} // as many pushes at once

	mu    sync.Mutex // guards the rest
	busy  int        // pushes that are being taken here
	piece bool       // something of a push came since the watchman looked
	ask   []byte     // challenge under which it came
	heard time.Time  // when the venue was heard last, as far as this program noticed
	at    int64      // session time then, ms
	there time.Time  // when it was here last, heard or not

	trouble string  // what keeps the venue apart from this hub
	release bool    // whoever has its token speaks as another release does
	here    bool    // what the venue pushed last could not be stored here
	far     bool    // the venue cannot store what comes, as it says
	note    cutNote // of the watchman alone
}

// hand gives that of a venue.
func (h *Hub) hand(venue string) *hand {
	h.mu.Lock()
	defer h.mu.Unlock()
	d := h.hands[venue]
	if d == nil {
		d = &hand{room: make(chan struct{}, mostPushes), heard: h.began, at: h.beganAt}
		h.hands[venue] = d
	}
	return d
}

// comes notes a piece of a push.
func (d *hand) comes(ask []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.piece, d.ask = true, ask
}

// taking counts pushes on which this program works: meanwhile the venue has nothing to say.
func (d *hand) taking(n int, ask []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy, d.ask, d.piece = d.busy+n, ask, false
}

// noticed: the venue was there, which counts as heard where both can keep what the other sends. Whose pushes do not arrive
// is not heard, although it dials.
func (d *hand) noticed(when time.Time, x *standing) {
	if x.Push == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if when.After(d.there) {
		d.there = when
	}
	// Whoever has everything that was here needs no store for it.
	if d.far = x.Unstored && !x.Alive; !d.here && !d.far && when.After(d.heard) {
		d.heard, d.at = when, max(d.at, x.At)
	}
}

// stuck notes whether what a push brought could be stored.
func (d *hand) stuck(is bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.here = is
}

// toTell gives the challenge of a push that comes or is taken here, nil when there is none.
func (d *hand) toTell() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy == 0 && !d.piece {
		return nil
	}
	d.piece = false
	return d.ask
}

// watch notes in the journal when a venue is not heard any more, by whichever program of the hub.
func (h *Hub) watch() {
	defer close(h.done)
	tick := time.NewTicker(Beat / 2)
	defer tick.Stop()
	for {
		select {
		case <-h.stop:
			return
		case <-tick.C:
		}
		view := h.Session.View()
		if view.Adjourned >= 0 {
			continue
		}
		for _, s := range view.Sites {
			if s.Journal != string(h.Session.Name()) && !view.Replaced(s.Journal) {
				h.attend(s.Journal)
			}
		}
	}
}

// attend looks after one venue.
func (h *Hub) attend(venue string) {
	ctx, cancel := context.WithTimeout(context.Background(), Silence)
	defer cancel()
	d := h.hand(venue)
	if ask := d.toTell(); ask != nil {
		_, _ = h.change(ctx, venue, ask, func(*standing) bool { return true }) // the next look finds out
	}
	x, was, ago, err := h.look(ctx, venue)
	if err != nil {
		return // whoever does not know who is heard notes no cut
	}
	if x != nil {
		d.noticed(h.Now().Add(-ago), x)
		if h.Nodes != nil { // others raised their clocks when they heard it
			h.Session.Raise(x.At)
		}
	}
	d.mu.Lock()
	if h.Now().Sub(d.there) >= 2*Silence { // it is gone
		d.here, d.far = false, false
	}
	silent, at := h.Now().Sub(d.heard) >= Silence, d.at
	d.mu.Unlock()
	switch {
	case !silent && x != nil && x.Alive:
		h.Session.Reach(&far{h, venue})
	case silent && x != nil && ago < Silence: // it is there, and may soon push what can be stored
		h.Session.Reach(nil)
		d.note.write(h.Place, venue, at)
	case silent:
		if x != nil {
			if ok, err := h.swap(ctx, venue, was, &standing{Ask: x.Ask, Ended: true, Unheard: true}); err != nil || !ok {
				return // it was heard just now
			}
		}
		h.hangUp(venue, nil) // what it still sends is silence too: the venue dials again
		h.Session.Reach(nil)
		d.note.write(h.Place, venue, at)
	}
}
