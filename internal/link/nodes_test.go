package link

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/live"
)

// together is how two hubs in one program know things and send letters.
type together struct {
	alone
	letters map[string][][]byte // guarded by alone.mu, and woken too
	woken   map[string][]chan struct{}
}

func (n *together) Post(_ context.Context, box string, letter []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.letters[box] = append(n.letters[box], letter)
	for _, c := range n.woken[box] {
		select {
		case c <- struct{}{}:
		default:
		}
	}
	return nil
}

func (n *together) Fetch(_ context.Context, box string) ([][]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.letters[box]
	delete(n.letters, box)
	return out, nil
}

func (n *together) WatchBox(_ context.Context, box string) <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := make(chan struct{}, 1)
	n.woken[box] = append(n.woken[box], c)
	return c
}

// Two programs are one hub. Whichever has the stream, pushes go to either; each presses on the main floor at the venue;
// when one ends the venue finds the other, and neither notes a cut of a venue that the other one hears.
func TestHubOfTwoPrograms(t *testing.T) {
	first, hubKey := open(t, "abc/hub-h", "hub", false)
	venue, venueKey := open(t, "abc/venue-v", "venue", true)
	first.must(chair, &floor.Plan{Title: "A story", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}})
	first.must(chair, &floor.Open{})
	for _, p := range []floor.ID{"ana", "ben", "sita"} {
		first.must(self(p), &floor.Join{Side: floor.Online})
	}
	first.must(first.Session.Site(), &floor.Link{Journal: "abc/venue-v", Key: venueKey})
	first.Session.Close() // from here two others run it
	sum := sha256.Sum256([]byte("secret"))
	first.book.venues = []Venue{{Journal: "abc/venue-v", Key: venueKey, Token: sum[:]}}
	nodes := &together{alone: alone{now: time.Now, of: map[string]thing{}}, letters: map[string][][]byte{}, woken: map[string][]chan struct{}{}}
	var hubs [2]*Hub
	var here [2]*house
	info := journal.Info{Name: "abc/hub-h", Session: "abc", Site: "hub", Key: []byte{}}
	for i := range hubs {
		s, err := live.Open(t.Context(), first.Store, info, live.World{Now: time.Now, Log: quiet, Shared: true, Nonce: func() []byte { b := make([]byte, 16); rand.Read(b); return b }})
		if err != nil {
			t.Fatal(err)
		}
		x := *first
		x.Session, x.Nodes, x.presses = s, nodes, 1000*(i+1)
		here[i], hubs[i] = &x, NewHub(x.Place)
		t.Cleanup(s.Close)
	}
	var once [2]sync.Once
	end := func(i int) { once[i].Do(hubs[i].Close) }
	t.Cleanup(func() { end(0); end(1) })
	var turn, stream atomic.Int64
	only := atomic.Int64{} // 1 or 2: the program that is left
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := turn.Add(1) % 2
		if o := only.Load(); o > 0 {
			i = o - 1
		}
		if r.Method == http.MethodGet {
			stream.Store(i + 1)
		}
		hubs[i].ServeHTTP(w, r)
	}))
	defer web.Close()
	link, err := Dial(venue.Place, Way{URL: web.URL, Hub: "abc/hub-h", Key: hubKey, Secret: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	same := func() bool {
		a, b, c := here[0].Session.View(), here[1].Session.View(), venue.Session.View()
		return c.Entries > 0 && a.Severed() == nil && a.Hash() == b.Hash() && b.Hash() == c.Hash()
	}
	until(t, "all are the same", same)
	press := func(what string, h *house) {
		t.Helper()
		for _, c := range []floor.Command{&floor.Call{}, &floor.Start{}, &floor.End{}} {
			until(t, what, func() bool { return h.do(chair, c) == nil })
		}
	}
	for i, p := range []floor.ID{"ana", "ben"} {
		until(t, "somebody asks", func() bool { return here[1-i].do(self(p), &floor.Ask{}) == nil })
		press("a program of the hub presses, the venue has the gavel", here[i])
	}
	until(t, "all are the same", same)
	// Longer than a cut takes to be noted: neither believes that the venue is silent.
	began := venue.Session.View().At(time.Now())
	until(t, "five seconds pass", func() bool { return venue.Session.View().At(time.Now()) > began+5000 })
	if cuts := venue.Session.View().Cuts; len(cuts) > 0 {
		t.Errorf("cuts were noted: %+v", cuts)
	}
	gone := int(stream.Load() - 1)
	only.Store(int64(2 - gone))
	end(gone)
	until(t, "the venue finds the other program", func() bool { return int(stream.Load()-1) == 1-gone })
	until(t, "sita asks", func() bool { return venue.do(self("sita"), &floor.Ask{}) == nil })
	press("the program that is left presses", here[1-gone])
	until(t, "all are the same", same)
	if v := venue.Session.View(); v.Frictions > 0 || len(v.Conflicts) > 0 {
		t.Errorf("%d frictions, %v", v.Frictions, v.Conflicts)
	}
}
