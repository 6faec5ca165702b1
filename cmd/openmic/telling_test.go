package main

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/cable"
	"openmic/internal/live"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// What the terminal says of two sites, moment by moment: that both tell one story only once their states are the same,
// once, and of a debt only what was said of it before.
func TestTelling(t *testing.T) {
	cut := func(open ...string) (out []floor.Cut) {
		for _, by := range []string{"s/hub", "s/venue"} {
			c := floor.Cut{By: by, Span: floor.Span{To: 9}}
			if slices.Contains(open, by) {
				c.To = -1
			}
			out = append(out, c)
		}
		return out
	}
	here := telling{names: [2]string{"s/hub", "s/venue"}}
	for i, x := range []struct {
		hub, venue floor.State
		owed       int64
		says       string
	}{
		{floor.State{}, floor.State{}, 20_000, ""}, // a lead without a cut
		{floor.State{Entries: 2}, floor.State{Entries: 3, Cuts: cut("s/venue")}, 0, "the venue hears nothing any more and goes on alone"},
		{floor.State{Entries: 3, Cuts: cut("s/hub")}, floor.State{Entries: 4, Cuts: cut("s/venue")}, 0, "the hub hears nothing any more and goes on alone"},
		{floor.State{Entries: 9, Cuts: cut("s/venue")}, floor.State{Entries: 8, Cuts: cut("s/hub", "s/venue")}, 28_400, ""},
		{floor.State{Entries: 93, Cuts: cut()}, floor.State{Entries: 94, Cuts: cut()}, 28_400, ""},
		{floor.State{Entries: 94, Cuts: cut(), Opened: 1}, floor.State{Entries: 94, Cuts: cut()}, 28_400, ""},
		{floor.State{Entries: 94, Cuts: cut()}, floor.State{Entries: 94, Cuts: cut()}, 28_400, "both tell one story: 94 entries, state HASH at the hub and at the venue; online is owed 28s"},
		{floor.State{Entries: 95, Cuts: cut()}, floor.State{Entries: 95, Cuts: cut()}, 400, ""},
		{floor.State{Entries: 96, Cuts: cut()}, floor.State{Entries: 95, Cuts: cut()}, 0, "what was owed is repaid; both sides take turns again"},
		{floor.State{Entries: 96, Cuts: cut("s/hub")}, floor.State{Entries: 95, Cuts: cut()}, 0, "the hub hears nothing any more and goes on alone"},
		{floor.State{Entries: 98, Cuts: cut()}, floor.State{Entries: 98, Cuts: cut()}, 400, "both tell one story: 98 entries, state HASH at the hub and at the venue; nothing is owed"},
		{floor.State{Entries: 99, Cuts: cut()}, floor.State{Entries: 99, Cuts: cut()}, 0, ""}, // what was not said is not repaid
	} {
		said := strings.Join(here.look(&x.hub, &x.venue, floor.Online, x.owed), "; ")
		if said = hash.ReplaceAllString(said, "state HASH"); said != x.says {
			t.Errorf("moment %d: says %q, not %q", i, said, x.says)
		}
	}
}

var hash = regexp.MustCompile(`state [0-9a-f]{8}`)

// Two sites, and words at both in a cut: after the heal one line has a state, and it is the one that both then have.
func TestTwoSitesAreTold(t *testing.T) {
	if testing.Short() {
		t.Skip("a cut is noticed after three seconds")
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	local := func() site.Settings { return site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0"} }
	hub, err := site.Open(ctx, local(), quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	if err := hub.Serve(ctx); err != nil {
		t.Fatal(err)
	}
	id, _, err := hub.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "Told", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}})
	if err != nil {
		t.Fatal(err)
	}
	wire, err := cable.Lay("127.0.0.1:0", strings.Replace(strings.TrimPrefix(hub.Local(), "http://"), "localhost", "127.0.0.1", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Close()
	venue, err := openVenue(ctx, local(), hub, id, wire.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer venue.Close()
	var said told
	go tellLink(ctx, &said, hub, venue, id)
	until := func(words string, n int) string {
		t.Helper()
		for began := time.Now(); ; time.Sleep(time.Millisecond) {
			if s := said.String(); strings.Count(s, words) >= n {
				return s
			}
			if time.Since(began) > time.Minute {
				t.Fatalf("it never said %q:\n%s", words, said.String())
			}
		}
	}
	wire.Turn(cable.Way{Cut: true})
	until("goes on alone", 2)
	for i, s := range []*site.Site{hub, venue} {
		h, ok := s.Hall(id)
		if !ok {
			t.Fatal("the session does not open")
		}
		for n := range 300 {
			c := live.Command{ID: fmt.Sprint("t", i, "-", n), Actor: floor.Actor{Person: "chair", Roles: floor.Chair | floor.Organiser}, Do: &floor.Tell{Text: "again"}}
			if _, err := h.Session.Do(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
	}
	wire.Turn(cable.Way{})
	states := hash.FindAllString(until("both tell one story", 1), -1)
	if len(states) != 1 {
		t.Errorf("%d lines have a state:\n%s", len(states), said.String())
	}
	for _, s := range []*site.Site{hub, venue} {
		h, _ := s.Hall(id)
		if state := h.Session.View().Hash(); fmt.Sprintf("state %x", state[:4]) != states[0] {
			t.Errorf("a site has %x:\n%s", state[:4], said.String())
		}
	}
}

// told is what was written, for whoever looks meanwhile.
type told struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *told) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(b)
}

func (w *told) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}
