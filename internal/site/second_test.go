package site_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/live"
	"openmic/internal/web/hall"
)

// Whoever has room Wi-Fi and mobile data is one person at both sites: a code made at one opens at the other, also in a cut
// when it travelled before; a press that reaches both counts once.
func TestTheSamePersonAtBothSites(t *testing.T) {
	p := newPair(t)
	p.begin()
	ctx := context.Background()
	hub, _ := p.hub.Hall(p.id)
	venue, _ := p.venue.Hall(p.id)
	rua, _, err := hub.Join(ctx, "phone", "join", &floor.Join{Side: floor.Online})
	if err != nil {
		t.Fatal(err)
	}
	known := func(id string) {
		t.Helper()
		p.until("the pass has travelled", func() bool {
			return slices.ContainsFunc(venue.Passes.List(floor.Anybody), func(x hall.Pass) bool { return x.ID == id })
		})
	}
	anyone := func(*hall.Pass) error { return nil }
	open := func(h *hall.Hall, code string) error {
		got, _, err := h.Passes.Redeem(ctx, code, time.Now(), anyone)
		if err == nil && got.Person != rua.Person {
			t.Errorf("the code opens for %s, not for %s", got.Person, rua.Person)
		}
		return err
	}
	code, err := hub.CodeFor(ctx, rua.ID)
	if err != nil {
		t.Fatal(err)
	}
	after, _, err := hub.Passes.Give(ctx, hall.Pass{Roles: floor.Participant})
	if err != nil {
		t.Fatal(err)
	}
	known(after.ID)
	p.until("both tell one story", p.same)

	p.cut()
	if err := open(venue, code.Code); err != nil {
		t.Errorf("a code that had travelled before the cut: %v", err)
	}
	late, err := hub.CodeFor(ctx, rua.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := open(venue, late.Code); !errors.Is(err, hall.ErrNoPass) {
		t.Errorf("a code made in the cut opens at the other site: %v", err)
	}
	// The phone asked over mobile data, heard no answer, and sent the same press over the Wi-Fi of the room.
	self := floor.Actor{Person: rua.Person, Roles: floor.Participant}
	for _, h := range []*hall.Hall{hub, venue} {
		if _, err := h.Session.Do(ctx, live.Command{ID: "ask-once", Actor: self, Do: &floor.Ask{}}); err != nil {
			t.Fatal(err)
		}
	}
	p.mend()
	v := hub.Session.View()
	asks := 0
	for i := range v.Tickets {
		if v.Tickets[i].Person == rua.Person {
			asks++
		}
	}
	if asks != 1 || v.Live(rua.Person) == nil || v.Repeats != 1 {
		t.Errorf("the press counts as %d asks, %d repeats", asks, v.Repeats)
	}
}
