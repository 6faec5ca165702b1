package site_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/cable"
	"openmic/internal/site"
)

// A code for the room that somebody passed on is changed at one site, and opens no door at the other either. Changed at
// both in a cut, the newest one counts.
func TestRoomCodeAtBothSites(t *testing.T) {
	ctx := context.Background()
	p := newPair(t)
	p.must(p.venue, organiser, &floor.Open{})
	code := func(s *site.Site) string { return p.hall(s).RoomCode() }
	change := func(s *site.Site) string {
		if err := p.hall(s).NewRoomCode(ctx); err != nil {
			t.Fatal(err)
		}
		return code(s)
	}
	for _, s := range []*site.Site{p.venue, p.hub} {
		was := code(s)
		now := change(s)
		p.until("both doors have the new code", func() bool { return code(p.hub) == now && code(p.venue) == now })
		if was == now {
			t.Error("the code is as before")
		}
	}
	p.cable.Turn(cable.Way{Cut: true})
	p.until("both noticed", func() bool { return len(p.session(p.hub).View().Cuts) > 0 && len(p.session(p.venue).View().Cuts) > 0 })
	change(p.venue)
	time.Sleep(100 * time.Millisecond) // the two clocks differ by less
	last := change(p.hub)
	p.cable.Turn(cable.Way{})
	p.until("the newest counts at both", func() bool { return code(p.hub) == last && code(p.venue) == last })
	var all sync.WaitGroup
	for range 10 {
		for _, s := range []*site.Site{p.venue, p.hub} {
			all.Go(func() {
				if err := p.hall(s).NewRoomCode(ctx); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	p.until("of many that were made at once one counts at both", func() bool { return code(p.hub) == code(p.venue) && code(p.hub) != last })
}
