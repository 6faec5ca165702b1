package site_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/live"
	"openmic/internal/site"
	"openmic/internal/web/chair"
	"openmic/internal/web/crew"
	"openmic/internal/web/desk"
	"openmic/internal/web/hall"
	"openmic/internal/web/notes"
	"openmic/internal/web/venue"
)

// refused gives a command that is refused, and says with which kind.
func (p *pair) refused(s *site.Site, by floor.Actor, c floor.Command) string {
	p.t.Helper()
	_, err := p.session(s).Do(context.Background(), live.Command{ID: "refused", Actor: by, Do: c})
	var r *floor.Refusal
	if !errors.As(err, &r) {
		p.t.Fatalf("%T: %v is no refusal", c, err)
	}
	return r.Kind
}

// runs gives the floor at a site to whom the rule names, who speaks for a moment at least.
func (p *pair) runs(s *site.Site) floor.ID {
	p.t.Helper()
	p.must(s, organiser, &floor.Call{})
	p.must(s, organiser, &floor.Start{})
	turn := *p.session(s).View().Current()
	p.until("a moment is spoken", func() bool { v := p.session(s).View(); return v.At(time.Now()) > turn.Start+5 })
	return turn.ID
}

// TestATurnThatRanAtATakenOverVenue: somebody speaks in the room while the hub takes over. When both hear each other again
// that turn is over, on every screen of both sites, its end is said to be uncertain, and the crew corrects it.
func TestATurnThatRanAtATakenOverVenue(t *testing.T) {
	p := newPair(t)
	p.begin()
	p.cut()
	aside := p.runs(p.venue)
	p.must(p.hub, organiser, &floor.TakeOver{Class: "other"})
	p.runs(p.hub)
	p.mend()
	p.until("both noted the heal", func() bool { return p.session(p.hub).View().Severed() == nil && p.same() })
	p.must(p.hub, organiser, &floor.End{})
	p.until("both tell one story", p.same)
	lists := []*hall.Screen{chair.Screen, crew.Screen, desk.Screen, venue.Screen}
	for where, s := range map[string]*site.Site{"hub": p.hub, "venue": p.venue} {
		p.says(where, s, lists, "side floor", "end uncertain", "not running")
		p.says(where, s, []*hall.Screen{notes.Screen}, "side floor", "end uncertain", "not live")
	}
	length := int64(3)
	p.must(p.hub, organiser, &floor.Correct{Turn: aside, Length: &length})
	p.until("both tell one story", p.same)
	for where, s := range map[string]*site.Site{"hub": p.hub, "venue": p.venue} {
		p.says(where, s, lists, "corrected", "not end uncertain")
		p.says(where, s, []*hall.Screen{notes.Screen}, "not end uncertain")
	}
}

// TestForgivingWhileTheTurnRunsThatIsOwed: the room speaks through the heal. What it owes is told; it can be forgiven only
// once that turn has ended, and both the screen and the refusal say so. Then every part of the screen tells one figure.
func TestForgivingWhileTheTurnRunsThatIsOwed(t *testing.T) {
	p := newPair(t)
	p.begin()
	odd := int64(33_000) // so that no rounding finds the same figure by chance
	p.must(p.venue, organiser, &floor.Change{Q: &odd})
	p.cut()
	p.runs(p.venue)
	p.mend()
	p.until("both noted the heal", func() bool { return p.session(p.venue).View().Severed() == nil && p.same() })
	chairs := []*hall.Screen{chair.Screen, crew.Screen}
	p.says("it runs", p.venue, chairs, "online goes first for a while", "What is owed can be forgiven when this turn has ended", "not Forgive")
	if kind := p.refused(p.venue, organiser, &floor.Forgive{Class: "time"}); kind != "debtruns" {
		t.Errorf("forgiving is refused with %q", kind)
	}
	p.must(p.venue, organiser, &floor.End{})
	p.until("both tell one story", p.same)
	p.says("it has ended", p.venue, chairs, "Forgive it", "not when this turn has ended")
	figures := regexp.MustCompile(`(\d+:\d\d)(?: of floor time is owed| longer than the room)`)
	for _, sc := range chairs {
		var all []string
		for _, m := range figures.FindAllStringSubmatch(p.region(p.venue, sc, "en"), -1) { // with no lead allowed, the lead is the debt
			all = append(all, m[1])
		}
		if slices.Sort(all); len(all) < 4 || all[0] != all[len(all)-1] {
			t.Errorf("%s tells the debt as %v", sc.Name, all)
		}
	}
	p.must(p.venue, organiser, &floor.Forgive{Class: "time"})
	p.says("forgiven", p.venue, chairs, "not online goes first", "not Forgive")
}
