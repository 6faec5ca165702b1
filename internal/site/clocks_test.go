package site_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// The clock of the laptop in the hall is wrong, by hours or by a century. Nobody's place depends on it; both crews are
// told, and a one-time code is good for its quarter of an hour at either site, wherever it was made.
func TestClocksThatDiffer(t *testing.T) {
	for name, wrong := range map[string]time.Duration{"5 h behind": -5 * time.Hour, "in 2099": time.Until(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC))} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			p := newPair(t)
			p.must(p.venue, organiser, &floor.Open{})
			if err := p.venue.Close(); err != nil {
				t.Fatal(err)
			}
			p.venue = open(t, site.Settings{Data: p.dirs[1], Listen: "127.0.0.1:0", Now: func() time.Time { return time.Now().Add(wrong) }})
			p.until("the venue is back, and both say the same time of the session", func() bool {
				now := time.Now()
				apart := p.session(p.venue).View().At(now.Add(wrong)) - p.session(p.hub).View().At(now)
				return p.same() && max(apart, -apart) < 3000
			})
			p.must(p.venue, myself("ana"), &floor.Join{Side: floor.Room})
			p.must(p.hub, myself("sita"), &floor.Join{Side: floor.Online})
			p.until("each has an entry of the other", p.same)
			for side, s := range map[string]*site.Site{"hub": p.hub, "venue": p.venue} {
				v := p.session(s).View()
				now := time.Now()
				if s == p.venue {
					now = now.Add(wrong)
				}
				other := p.hub
				want := now.Add(-wrong)
				if s == p.hub {
					other, want = p.venue, now.Add(wrong)
				}
				shows, ok := v.Clock(string(p.session(other).Name()), v.At(now))
				if off := time.Duration(shows-want.UnixMilli()) * time.Millisecond; !ok || off.Abs() > time.Minute {
					t.Errorf("the %s believes the other clock to be off by another %v", side, off)
				}
			}
			for _, from := range []*site.Site{p.hub, p.venue} {
				to := p.hub
				if from == p.hub {
					to = p.venue
				}
				at, there := p.hall(from), p.hall(to)
				pass, _, err := at.Passes.Give(ctx, hall.Pass{Person: "ana", Roles: floor.Participant})
				if err != nil {
					t.Fatal(err)
				}
				c, err := at.CodeFor(ctx, pass.ID)
				if err != nil {
					t.Fatal(err)
				}
				later, _, err := at.Passes.Give(ctx, hall.Pass{Person: "ana", Roles: floor.Participant})
				if err != nil {
					t.Fatal(err)
				}
				p.until("what was made after the code is at the other site", func() bool {
					return slices.ContainsFunc(there.Passes.List(floor.Anybody), func(x hall.Pass) bool { return x.ID == later.ID })
				})
				anybody := func(*hall.Pass) error { return nil }
				if _, _, err := there.Passes.Redeem(ctx, c.Code, there.Now().Add(16*time.Minute), anybody); err == nil {
					t.Error("a code is good after 16 minutes")
				}
				if _, _, err := there.Passes.Redeem(ctx, c.Code, there.Now().Add(14*time.Minute), anybody); err != nil {
					t.Errorf("a code is not good after 14 minutes: %v", err)
				}
			}
		})
	}
}

func (p *pair) hall(s *site.Site) *hall.Hall {
	h, ok := s.Hall(p.id)
	if !ok {
		p.t.Fatal("the session does not open")
	}
	return h
}
