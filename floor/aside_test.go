package floor

import (
	"fmt"
	"testing"
)

// overtaken plays a cut in which the hub takes over: ana has the floor at the venue, which does not know, from the third
// second on, and sita at the hub, from the ninth. It gives the turns of both.
func overtaken(t *testing.T) (w *two, ana, sita ID) {
	w = newTwo(t)
	w.venue.must(self("ana"), &Ask{})
	w.venue.must(self("ben"), &Ask{})
	w.hub.must(self("sita"), &Ask{})
	w.meet()
	w.cut()
	w.later(3000)
	speaksNow(w.venue)
	w.later(3000)
	w.hub.must(chair, &TakeOver{Class: "access"})
	w.later(3000)
	speaksNow(w.hub)
	return w, w.venue.fold.State().Now, w.hub.fold.State().Now
}

// speaksNow calls whom the rule names, who speaks at once.
func speaksNow(h *half) {
	h.must(chair, &Call{})
	h.must(chair, &Start{})
}

// asides tells the turns on a side floor: whose, from when to when in s, and what is said of the end.
func asides(s *State) string {
	out := ""
	for i := range s.Turns {
		t := &s.Turns[i]
		if t.Kind != SideTurn {
			continue
		}
		out += fmt.Sprintf("%s %d", t.Person, t.Start/1000)
		if t.Ended < 0 {
			out += " runs"
		} else {
			out += fmt.Sprintf("-%d", t.Ended/1000)
		}
		if t.Doubtful(s.At) {
			out += " uncertain"
		}
		if t.Corrected {
			out += " corrected"
		}
		out += fmt.Sprintf(" %ds; ", t.Length(s.At)/1000)
	}
	return out
}

// TestATurnOfAVenueThatWasTakenOver: the venue has a turn running when it comes back and reads that the gavel was taken.
// It is a turn of a side floor that nobody can end any more, so it ends there: with the first entry of anybody who knows
// both, and its end is uncertain until the crew corrects it. What the venue wrote of its end without knowing stands.
func TestATurnOfAVenueThatWasTakenOver(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(w *two, ana ID)
		want string
	}{
		{"it runs at the heal: its end is uncertain", func(w *two, _ ID) { w.later(20_000) }, "ana 3-29 uncertain 26s; "},
		{"long before the heal: it counts up to its cap", func(w *two, _ ID) { w.later(600_000) }, "ana 3-609 uncertain 120s; "},
		{"the venue ended it: that is its end", func(w *two, ana ID) {
			w.later(5000)
			w.venue.must(chair, &End{ana})
			w.later(20_000)
		}, "ana 3-14 11s; "},
		{"the venue's next turn ended it, and that one runs", func(w *two, _ ID) {
			w.later(5000)
			w.venue.must(chair, &Give{Kind: Unplanned, Person: "ben"})
			w.later(20_000)
		}, "ana 3-14 11s; ben 14-34 uncertain 20s; "},
		{"the venue ended the session, which goes on", func(w *two, _ ID) {
			w.later(5000)
			w.venue.must(chair, &Adjourn{})
			w.later(20_000)
		}, "ana 3-14 11s; "},
		{"the hub ended the session meanwhile", func(w *two, _ ID) {
			w.later(5000)
			w.hub.must(chair, &Adjourn{})
			w.later(20_000)
		}, "ana 3-34 uncertain 31s; "},
		{"the hub heard its beginning alone, wrote, and was cut off again: the venue ends it", func(w *two, ana ID) {
			w.later(5000)
			carry(w.venue, w.hub)
			w.hub.must(self("tomo"), &Ask{})
			if got := asides(w.hub.fold.State()); got != "ana 3-14 uncertain 11s; " {
				t.Errorf("at the hub alone: %s", got)
			}
			w.later(5000)
			w.venue.must(chair, &End{ana})
			w.later(20_000)
		}, "ana 3-19 16s; "},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, ana, _ := overtaken(t)
			c.play(w, ana)
			if got := asides(w.heal()); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			w.later(600_000)
			w.hub.must(self("tomo"), &Describe{Description: Description{Preset: "none"}})
			w.meet()
			if got := asides(w.hub.fold.State()); got != c.want {
				t.Errorf("ten minutes later: %s, want %s", got, c.want)
			}
		})
	}
}

// TestATurnOfASideFloorIsCorrected: who spoke there and for how long is corrected like any other turn; it stays a turn of
// its side floor, charged to no side, and may overlap with those of the main floor.
func TestATurnOfASideFloorIsCorrected(t *testing.T) {
	w, ana, sita := overtaken(t)
	w.later(60_000)
	lead := w.heal().Balance(w.hub.at).Lead
	correct := func(c *Correct) {
		t.Helper()
		w.hub.must(chair, c)
		w.meet()
	}
	correct(&Correct{Turn: ana, Length: ptr(int64(15_000))})
	if got := asides(w.hub.fold.State()); got != "ana 3-18 corrected 15s; " {
		t.Errorf("%s", got)
	}
	correct(&Correct{Turn: ana, Person: ptr(ID("ben")), Length: ptr(int64(40_000))})
	s := w.hub.fold.State()
	if got := asides(s); got != "ben 3-43 corrected 40s; " {
		t.Errorf("%s", got)
	}
	if got := s.Balance(s.At).Lead; got != lead || s.Frictions > 0 || s.Person("ben").Spoke > 0 || s.Now != sita || !s.Speaking {
		t.Errorf("the lead was %d and is %d ms, %d events found nothing to change, ben spoke %d times, %s speaks %t", lead, got, s.Frictions, s.Person("ben").Spoke, s.Now, s.Speaking)
	}
	if _, bad := w.hub.do(chair, &Correct{Turn: ana, Kind: LineTurn}).(*BadInput); !bad {
		t.Error("a turn of a side floor became one of the line")
	}
}

// TestASideFloorThatALostMachineClosed: the hub goes on on another machine, which does not know that the lost one opened
// and closed a side floor. Where that stands later, it closes the one of the new machine, too: whoever speaks there has
// ended when the heal is noted.
func TestASideFloorThatALostMachineClosed(t *testing.T) {
	w := newTwo(t)
	w.cut()
	w.later(1000)
	old, next := w.revived(len(w.hub.own))
	w.later(60_000)
	w.hub.must(chair, &OpenSide{})
	w.hub.must(chair, &CloseSide{})
	carry(w.hub, w.venue) // and the hub is lost
	site := Actor{Roles: Site, Person: "r0"}
	next.must(site, succeed(old))
	next.must(site, &NoteCut{Far: w.venue.journal})
	next.must(chair, &OpenSide{})
	next.must(chair, &GiveSide{"sita"})
	next.fold.Add(w.hub.own[len(old):]...)
	next.fold.Add(w.venue.own...)
	if got := asides(next.fold.State()); got != "sita 1 runs 60s; " {
		t.Fatalf("before the heal is noted: %s", got)
	}
	next.at = 90_000
	next.must(site, &NoteHeal{Far: w.venue.journal})
	if got := asides(next.fold.State()); got != "sita 1-90 uncertain 89s; " {
		t.Errorf("after it: %s", got)
	}
}

// healedAndLost is a hub that notes a heal and then is lost. The next one goes on from a backup that was made in the cut,
// after the hub's crew had done this, and its clock is behind.
func healedAndLost(t *testing.T, before ...Command) (w *two, old []*Entry, next *half) {
	t.Helper()
	w = newTwo(t)
	w.cut()
	for _, c := range before {
		w.hub.must(chair, c)
	}
	w.later(1000)
	old, next = w.revived(len(w.hub.own))
	w.later(60_000)
	site := Actor{Roles: Site, Person: "r0"}
	w.hub.must(site, &NoteHeal{Far: w.venue.journal})
	carry(w.hub, w.venue)
	w.venue.must(site, &NoteHeal{Far: w.hub.journal})
	w.later(5000)
	w.venue.must(site, &NoteCut{Far: w.hub.journal}) // the hub is lost
	next.must(site, succeed(old))
	return w, old, next
}

// TestAHealOfALostMachine: the lost machine had noted the heal of an earlier cut. Where that stands later than the cut of the
// next one, whose clock is behind, it does not end it: it did not know it. The next one has its own heal to note, and with it
// whoever has the side floor there has ended.
func TestAHealOfALostMachine(t *testing.T) {
	w, old, next := healedAndLost(t)
	site := Actor{Roles: Site, Person: "r0"}
	next.must(site, &NoteCut{Far: w.venue.journal})
	next.must(chair, &OpenSide{})
	next.must(chair, &GiveSide{"sita"})
	next.fold.Add(w.hub.own[len(old):]...)
	next.fold.Add(w.venue.own...)
	if s := next.fold.State(); !s.CutFrom(next.journal, w.venue.journal) || s.SideFloor.By != next.journal || asides(s) != "sita 1 runs 65s; " {
		t.Fatalf("before the heal is noted: %v, %s", s.Cuts, asides(s))
	}
	before := len(next.own)
	w.venue.fold.Add(next.own...)
	w.venue.at, next.at = 90_000, 90_000
	w.venue.must(site, &NoteHeal{Far: next.journal})
	next.must(site, &NoteHeal{Far: w.venue.journal})
	w.venue.fold.Add(next.own[before:]...)
	if s := w.venue.fold.State(); s.Severed() != nil || s.SideFloor.By != "" || asides(s) != "sita 1-90 89s; " {
		t.Errorf("after it: %v, %s", s.Cuts, asides(s))
	}
}

// TestASideFloorBesideAHeal: the next machine goes on with the side floor of the lost one, which had closed it and noted the
// heal, and it notices no cut, so that it has no heal to note. Who has the side floor there has ended when the venue notes
// its own; what the crew then says of the end stands.
func TestASideFloorBesideAHeal(t *testing.T) {
	w, _, next := healedAndLost(t, &OpenSide{})
	next.must(chair, &GiveSide{"sita"})
	before := len(next.own)
	next.at += 5000
	next.must(chair, &EndSide{})
	w.venue.fold.Add(next.own[:before]...)
	w.venue.at = 90_000
	w.venue.must(Actor{Roles: Site, Person: "r0"}, &NoteHeal{Far: next.journal})
	s := w.venue.fold.State()
	if got := asides(s); got != "sita 1-90 uncertain 89s; " {
		t.Errorf("when the venue notes the heal: %s", got)
	}
	w.venue.fold.Add(next.own[before:]...)
	if s = w.venue.fold.State(); s.Frictions > 0 || asides(s) != "sita 1-6 5s; " {
		t.Errorf("with what the crew said: %s, %d events found nothing to change", asides(s), s.Frictions)
	}
}
