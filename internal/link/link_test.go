package link

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/internal/cable"
	"openmic/internal/journal"
	"openmic/internal/journal/journaltest"
	"openmic/internal/journal/sqlite"
	"openmic/internal/live"
)

var (
	chair = floor.Actor{Person: "chair", Roles: floor.Chair | floor.Organiser}
	quiet = slog.New(slog.NewTextHandler(io.Discard, nil))
)

func self(p floor.ID) floor.Actor { return floor.Actor{Person: p, Roles: floor.Participant} }

// memory is a book in memory.
type memory struct {
	mu     sync.Mutex
	venues []Venue
	passes map[string]Pass
	door   Door
}

func (m *memory) Venues(context.Context) ([]Venue, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Venue(nil), m.venues...), nil
}

func (m *memory) Passes(context.Context) (out []Pass, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.passes {
		out = append(out, p)
	}
	return out, nil
}

func (m *memory) Door() Door {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.door
}

func (m *memory) SetDoor(_ context.Context, d Door) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.door = d
	return nil
}

func (m *memory) Turn() int64 { return 0 } // looked at each time

func (m *memory) Take(_ context.Context, ps []Pass) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range ps {
		p.Revoked = p.Revoked || m.passes[p.ID].Revoked
		m.passes[p.ID] = p
	}
	return nil
}

// house is one site in the test.
type house struct {
	t    testing.TB
	book *memory
	Place
	presses int
	full    *atomic.Bool  // its disk takes nothing of the other site
	refused *atomic.Int64 // how often it did not
}

func open(t testing.TB, name journal.Name, site string, joins bool) (*house, string) {
	t.Helper()
	disk, err := sqlite.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	full, refused := &atomic.Bool{}, &atomic.Int64{}
	store := journaltest.NewFaulty(disk, func(call string) journaltest.Fault {
		if call == "AppendForeign" && full.Load() {
			refused.Add(1)
			return journaltest.Refused
		}
		return journaltest.None
	})
	info := journal.Info{Name: name, Session: "abc", Site: site, Key: []byte{}}
	if err := store.Create(context.Background(), info); err != nil {
		t.Fatal(err)
	}
	s, err := live.Open(context.Background(), store, info, live.World{Now: time.Now, Joins: joins, Log: quiet, Nonce: func() []byte { b := make([]byte, 16); rand.Read(b); return b }})
	if err != nil {
		t.Fatal(err)
	}
	sign, verify, err := note.GenerateKey(rand.Reader, "openmic-"+site)
	if err != nil {
		t.Fatal(err)
	}
	key, err := note.NewSigner(sign)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); store.Close() })
	book := &memory{passes: map[string]Pass{}}
	return &house{t: t, book: book, Place: Place{Session: s, Store: store, Key: key, Book: book, Now: time.Now, Log: quiet}, full: full, refused: refused}, verify
}

func (h *house) do(by floor.Actor, c floor.Command) error {
	h.presses++
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := h.Session.Do(ctx, live.Command{ID: fmt.Sprintf("%s-%d", h.Session.Name()[4:7], h.presses), Actor: by, Do: c})
	return err
}

func (h *house) must(by floor.Actor, c floor.Command) {
	h.t.Helper()
	if err := h.do(by, c); err != nil {
		h.t.Fatalf("%s: %T: %v", h.Session.Name(), c, err)
	}
}

// until waits until something is so.
func until(t testing.TB, what string, is func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !is() {
		if time.Since(began) > 30*time.Second {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(began)
}

// TestCutAndHeal: a venue joins, both go on while the cable is cut, and tell one story afterwards.
func TestCutAndHeal(t *testing.T) {
	hub, hubKey := open(t, "abc/hub-h", "hub", false)
	venue, venueKey := open(t, "abc/venue-v", "venue", true)
	hub.must(chair, &floor.Plan{Title: "A story", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}})
	hub.must(chair, &floor.Open{})
	for i, p := range []floor.ID{"ana", "ben", "sita", "tomo"} {
		hub.must(self(p), &floor.Join{Side: floor.Side(i / 2)})
	}
	sum := sha256.Sum256([]byte("secret"))
	hub.book.venues = []Venue{{Journal: "abc/venue-v", Key: venueKey, Token: sum[:]}}
	hub.must(hub.Session.Site(), &floor.Link{Journal: "abc/venue-v", Key: venueKey})
	server := NewHub(hub.Place)
	defer server.Close()
	mux := http.NewServeMux()
	mux.Handle("/link/abc", server)
	web := httptest.NewServer(mux)
	defer web.Close()
	wire, err := cable.Lay("127.0.0.1:0", web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Close()
	link, err := Dial(venue.Place, Way{URL: "http://" + wire.Addr() + "/link/abc", Hub: "abc/hub-h", Key: hubKey, Secret: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	same := func() bool {
		a, b := hub.Session.View(), venue.Session.View()
		return a.Entries == b.Entries && a.Severed() == nil && b.Severed() == nil && a.Hash() == b.Hash()
	}
	until(t, "the venue has the session", func() bool { return venue.Session.View().Entries > 0 })
	until(t, "both are the same", same)
	if g := venue.Session.View().Gavel; g.Journal != "abc/venue-v" {
		t.Fatalf("the gavel is at %q", g.Journal)
	}
	hub.book.Take(context.Background(), []Pass{{ID: "p1", Label: "{}", Hash: []byte("x")}})
	until(t, "the pass is at the venue", func() bool { ps, _ := venue.book.Passes(context.Background()); return len(ps) == 1 })
	venue.must(self("ana"), &floor.Ask{})
	hub.must(self("sita"), &floor.Ask{})
	until(t, "both are the same", same)
	// The hub's Next is done where the gavel is.
	hub.must(chair, &floor.Call{})
	if n := len(hub.Session.View().Calls); n != 1 {
		t.Fatalf("%d calls at the hub after its press", n)
	}
	hub.must(chair, &floor.Start{})

	wire.Turn(cable.Way{Cut: true})
	noticed := until(t, "both notice the cut", func() bool { return len(hub.Session.View().Cuts) > 0 && len(venue.Session.View().Cuts) > 0 })
	t.Logf("cut noticed after %v", noticed)
	if err := hub.do(chair, &floor.End{}); err == nil {
		t.Error("the hub ends a turn without the gavel")
	}
	venue.must(chair, &floor.End{})
	venue.must(self("ben"), &floor.Ask{})
	hub.must(self("tomo"), &floor.Ask{})
	hub.must(chair, &floor.OpenSide{})
	// What the hub's disk does not take is not there, however often it is pushed: no heal yet.
	hub.full.Store(true)
	wire.Turn(cable.Way{})
	until(t, "the hub refuses what the venue pushes", func() bool { return hub.refused.Load() >= 3 })
	for _, h := range []*house{hub, venue} {
		if !slices.ContainsFunc(h.Session.View().Cuts, func(c floor.Cut) bool { return c.By == string(h.Session.Name()) && c.To < 0 }) {
			t.Errorf("%s notes the heal, and the hub does not have what the venue wrote", h.Session.Name())
		}
	}
	hub.full.Store(false)
	healed := until(t, "both tell one story", same)
	t.Logf("one story %v after the cable was back", healed)
	v := hub.Session.View()
	if v.Frictions > 0 || len(v.Conflicts) > 0 || v.Live("ben") == nil || v.Live("tomo") == nil || v.SideFloor.By != "" {
		t.Errorf("frictions %d, conflicts %v, ben %v, tomo %v, side floor %+v", v.Frictions, v.Conflicts, v.Live("ben"), v.Live("tomo"), v.SideFloor)
	}
	hub.must(chair, &floor.Call{})

	// A leaked link is revoked: the next beat ends it.
	hub.book.mu.Lock()
	hub.book.venues[0].Revoked = true
	hub.book.mu.Unlock()
	until(t, "the venue is told", func() bool {
		_, now, why := link.Heard()
		return !now && why != nil && why.Error() == ErrRevoked.Error()
	})
}
