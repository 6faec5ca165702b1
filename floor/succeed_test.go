package floor

import (
	"errors"
	"testing"
)

// revived is the hub from a backup of its first n entries, and writes a new journal.
func (w *two) revived(n int) (old []*Entry, hub *half) {
	hub = &half{t: w.t, journal: "story/hub-r", fold: NewFold(), at: w.hub.at}
	old = w.hub.own[:n]
	hub.fold.Add(old...)
	return old, hub
}

func succeed(old []*Entry) *Succeed {
	last := old[len(old)-1]
	return &Succeed{Journal: last.Journal, Was: aKey, N: last.N, Hash: HashBytes(last.Bytes()), Key: aKey}
}

// A hub that was restored goes on for the one that is gone: it may let the venue in again and close its cut, and what
// the old one had written after the backup, and only the venue knows, is told in the one story once it comes back.
func TestARestoredHubGoesOn(t *testing.T) {
	w := newTwo(t)
	backup := len(w.hub.own)
	w.venue.must(chair, &Pass{To: w.hub.journal})
	w.meet()
	w.hub.must(self("sita"), &Ask{})
	w.hub.must(chair, &Call{})
	w.meet() // the venue has it; the disk of the hub breaks
	w.later(60_000)
	old, hub := w.revived(backup)
	before := hub.fold.State().Hash()
	site := Actor{Roles: Site, Person: "r0"}
	for what, c := range map[string]*Succeed{
		"another journal":  {Journal: w.venue.journal, N: 1, Key: aKey},
		"another end":      {Journal: w.hub.journal, N: int64(backup) - 1, Key: aKey},
		"one that is not":  {Journal: "story/hub-z", N: 1, Key: aKey},
		"letters in a key": {Journal: w.hub.journal, N: int64(backup), Key: "two\nlines"},
	} {
		if err := hub.do(site, c); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
	hub.must(site, succeed(old))
	s := hub.fold.State()
	if s.Hub() != hub.journal || s.SideOf(hub.journal) != Online || s.SideOf(w.hub.journal) != Online || s.SideOf(w.venue.journal) != Room || s.Hash() == before || s.Frictions > 0 {
		t.Fatalf("%+v", s.Sites)
	}
	var no *Refusal
	if err := hub.do(site, succeed(old)); !errors.As(err, &no) || no.Kind != "already" {
		t.Errorf("a second time: %v", err)
	}
	hub.must(self("tomo"), &Ask{})
	// The venue brings what it has, its own and the old hub's, and hears the new one.
	hub.fold.Add(w.hub.own[backup:]...)
	hub.fold.Add(w.venue.own...)
	w.venue.fold.Add(hub.own...)
	s = hub.fold.State()
	if v := w.venue.fold.State(); v.Hash() != s.Hash() || s.Frictions > 0 || len(s.Conflicts) > 0 {
		t.Fatalf("two stories, or %d frictions, %v", s.Frictions, s.Conflicts)
	}
	if err := sane(s); err != nil {
		t.Fatal(err)
	}
	if c := s.Call(); len(s.Line) != 1 || c == nil || c.Person != "sita" { // what the old hub called counts as it did
		t.Errorf("the line is %v, called is %+v", s.Line, c)
	}
	if s.Gavel.Journal != hub.journal {
		t.Errorf("the gavel is at %s", s.Gavel.Journal)
	}
	// A hub that stands no more is replaced by nobody else, and lets nobody in.
	if err := w.hub.do(Actor{Roles: Site, Person: "h0"}, &Link{Journal: "story/venue-w", Key: aKey, Succeeds: w.venue.journal}); err == nil {
		// It does not know yet; what it writes joins no story of those who do.
		w.hub.own = w.hub.own[:len(w.hub.own)-1]
	}
	hub.must(site, &Link{Journal: "story/venue-w", Key: aKey, Succeeds: w.venue.journal})
}

// A session on one site needs no gavel, before and after.
func TestARestoredSingleSite(t *testing.T) {
	h := &half{t: t, journal: "story/hub-h", fold: NewFold()}
	h.must(Actor{Roles: Site, Person: "h0"}, &Create{Session: "story"})
	h.must(chair, &Plan{Title: "A story", Segments: []SegmentPlan{{Kind: "discussion", Minutes: 60}}})
	again := &half{t: t, journal: "story/hub-r", fold: NewFold()}
	again.fold.Add(h.own...)
	again.must(Actor{Roles: Site, Person: "r0"}, succeed(h.own))
	again.must(chair, &Open{})
	if s := again.fold.State(); len(s.Sites) != 0 || s.Gavel.Journal != "" || s.Opened < 0 || s.Frictions > 0 {
		t.Errorf("%+v %+v", s.Sites, s.Gavel)
	}
	again.must(Actor{Roles: Site, Person: "r0"}, &Link{Journal: "story/venue-v", Key: aKey})
	if s := again.fold.State(); len(s.Sites) != 3 || s.Hub() != again.journal || s.SideOf(again.journal) != Online || s.SideOf(h.journal) != Online {
		t.Errorf("%+v", s.Sites)
	}
}

// replaced plays a session in which a machine is lost and another goes on from a backup, with its clock before or after
// what was lost. Then all meet.
type replaced struct {
	*two
	again  *half // goes on
	backup []int // entries of the hub and of the venue in it
}

func (r *replaced) back() { r.backup = []int{len(r.hub.own), len(r.venue.own)} }

// lose replaces one of the halves. Its session clock is at ms after the backup's newest entry.
func (r *replaced) lose(old *half, ms int64) *half {
	r.again = &half{t: r.t, journal: old.journal + "r", fold: NewFold()}
	r.again.fold.Add(r.hub.own[:r.backup[0]]...)
	r.again.fold.Add(r.venue.own[:r.backup[1]]...)
	r.again.at = r.again.fold.Last().At + ms
	n := map[*half]int{r.hub: r.backup[0], r.venue: r.backup[1]}[old]
	r.again.must(Actor{Roles: Site, Person: ID(Tag(r.again.journal) + "0")}, succeed(old.own[:n]))
	return r.again
}

// whole gives everybody everything, twice in another order, and asks for one story without a contradiction.
func (r *replaced) whole(more ...*half) *State {
	r.t.Helper()
	all := append([]*half{r.hub, r.venue, r.again}, more...)
	var hashes [][32]byte
	var s *State
	for i := range all {
		f := NewFold()
		for k := range all {
			f.Add(all[(i+k)%len(all)].own...)
		}
		s = f.State()
		hashes = append(hashes, s.Hash())
		if s.Frictions > 0 || len(s.Conflicts) > 0 {
			r.t.Fatalf("%d events found nothing to change; without the gavel %v", s.Frictions, s.Conflicts)
		}
		if err := sane(s); err != nil {
			r.t.Fatal(err)
		}
		if s.Hash() != hashes[0] {
			r.t.Fatal("I1: two stories")
		}
	}
	return s
}

// speakAt calls whoever is next and lets them finish.
func speakAt(h *half) ID {
	h.t.Helper()
	h.must(chair, &Call{})
	if h.fold.State().Call() != nil {
		h.must(chair, &Start{})
	}
	turn := h.fold.State().Now
	h.at += 40_000
	h.must(chair, &End{})
	return turn
}

func kindOf(s *State, turn ID) string {
	if t := s.Turn(turn); t != nil {
		return t.Kind
	}
	return "none"
}

// TestAMachineIsReplaced: whatever became of the gavel after the backup counts, whichever clock is ahead, and what the
// new machine called before it knew is a side floor.
func TestAMachineIsReplaced(t *testing.T) {
	asks := func(h *half, who ...ID) {
		for _, p := range who {
			h.must(self(p), &Ask{})
		}
	}
	for _, c := range []struct {
		name string
		play func(t *testing.T, w *replaced, ms int64)
	}{
		{"the hub had passed the gavel to the venue", func(t *testing.T, w *replaced, ms int64) {
			asks(w.hub, "ana", "sita")
			w.meet()
			w.venue.must(chair, &Pass{To: w.hub.journal})
			w.meet()
			w.back()
			lost := speakAt(w.hub) // and somebody speaks while it is passed
			w.hub.must(chair, &Call{})
			w.hub.must(chair, &Start{})
			running := w.hub.fold.State().Now
			w.hub.must(chair, &Pass{To: w.venue.journal})
			w.meet()
			w.later(10_000)
			w.venue.must(chair, &End{})
			hub := w.lose(w.hub, ms)
			blind := speakAt(hub)
			asks(w.venue, "ben")
			told := speakAt(w.venue)
			s := w.whole()
			if s.Gavel.Journal != w.venue.journal || kindOf(s, blind) != SideTurn || kindOf(s, told) != LineTurn || kindOf(s, lost) != LineTurn || kindOf(s, running) != LineTurn {
				t.Errorf("gavel %+v, turns %s %s %s %s", s.Gavel, kindOf(s, blind), kindOf(s, told), kindOf(s, lost), kindOf(s, running))
			}
			hub.fold.Add(w.hub.own[w.backup[0]:]...)
			hub.fold.Add(w.venue.own[w.backup[1]:]...)
			if err := hub.do(chair, &Call{}); err == nil {
				t.Error("it calls without the gavel")
			}
		}},
		{"the venue had passed the gavel to the hub", func(t *testing.T, w *replaced, ms int64) {
			asks(w.hub, "ana", "sita", "ben")
			w.meet()
			w.back()
			first := speakAt(w.venue)
			w.venue.must(chair, &Pass{To: w.hub.journal})
			w.meet()
			lost := speakAt(w.hub)
			w.meet()
			hub := w.lose(w.hub, ms)
			if err := hub.do(chair, &Call{}); err == nil {
				t.Error("it calls without the gavel")
			}
			s := w.whole()
			if s.Gavel.Journal != hub.journal || kindOf(s, first) != LineTurn || kindOf(s, lost) != LineTurn {
				t.Errorf("gavel %+v, turns %s %s", s.Gavel, kindOf(s, first), kindOf(s, lost))
			}
			hub.fold.Add(w.hub.own[w.backup[0]:]...)
			hub.fold.Add(w.venue.own[w.backup[1]:]...)
			speakAt(hub)
			hub.must(chair, &Pass{To: w.venue.journal})
			if s := w.whole(); s.Gavel.Journal != w.venue.journal {
				t.Errorf("gavel %+v", s.Gavel)
			}
		}},
		{"the same, and it takes over what it has already", func(t *testing.T, w *replaced, ms int64) {
			asks(w.hub, "ana", "sita", "ben", "tomo")
			w.meet()
			w.back()
			w.venue.must(chair, &Call{})
			if w.venue.fold.State().Call() != nil {
				w.venue.must(chair, &Start{})
			}
			first := w.venue.fold.State().Now
			w.venue.must(chair, &Pass{To: w.hub.journal})
			w.meet()
			w.later(20_000)
			w.hub.must(chair, &End{})
			lost := speakAt(w.hub)
			w.meet()
			hub := w.lose(w.hub, ms)
			hub.must(Actor{Roles: Site, Person: "r0"}, &NoteCut{Far: w.venue.journal})
			hub.must(chair, &TakeOver{Class: "other"})
			own := speakAt(hub)
			s := w.whole()
			if s.Gavel.Journal != hub.journal || kindOf(s, first) != LineTurn || kindOf(s, lost) != LineTurn || kindOf(s, own) != LineTurn {
				t.Errorf("gavel %+v, turns %s %s %s", s.Gavel, kindOf(s, first), kindOf(s, lost), kindOf(s, own))
			}
		}},
		{"the gavel went to and fro", func(t *testing.T, w *replaced, ms int64) {
			asks(w.hub, "ana", "sita", "ben")
			w.meet()
			w.venue.must(chair, &Pass{To: w.hub.journal})
			w.meet()
			w.back()
			w.hub.must(chair, &Pass{To: w.venue.journal})
			w.meet()
			speakAt(w.venue)
			w.venue.must(chair, &Pass{To: w.hub.journal})
			w.meet()
			hub := w.lose(w.hub, ms)
			speakAt(hub)
			hub.must(chair, &Pass{To: w.venue.journal})
			w.hub.must(chair, &Close{}) // the last word of the machine that was lost
			w.meet()
			s := w.whole()
			if s.Gavel.Journal != hub.journal && s.Gavel.Journal != w.venue.journal {
				t.Errorf("gavel %+v", s.Gavel)
			}
		}},
		{"the hub had taken over, with a side floor before", func(t *testing.T, w *replaced, ms int64) {
			asks(w.hub, "ana", "sita", "ben", "tomo")
			w.meet()
			w.back()
			w.cut()
			w.hub.must(chair, &OpenSide{})
			w.hub.must(chair, &GiveSide{Person: "sita"})
			late := speakAt(w.venue)
			w.later(20_000)
			w.hub.must(chair, &TakeOver{Class: "access"})
			lost := speakAt(w.hub)
			w.heal()
			hub := w.lose(w.hub, ms)
			hub.must(Actor{Roles: Site, Person: "hr0"}, &NoteCut{Far: w.venue.journal})
			hub.must(chair, &OpenSide{})
			hub.must(chair, &GiveSide{Person: "tomo"})
			hub.must(chair, &TakeOver{Class: "other"})
			own := speakAt(hub)
			s := w.whole()
			if s.Gavel.Journal != hub.journal || kindOf(s, late) != SideTurn || kindOf(s, lost) != LineTurn || kindOf(s, own) != LineTurn || s.SideFloor.By == w.hub.journal {
				t.Errorf("gavel %+v, side floor %+v, turns %s %s %s", s.Gavel, s.SideFloor, kindOf(s, late), kindOf(s, lost), kindOf(s, own))
			}
			for _, x := range s.Cuts {
				if x.To < 0 && (x.By == w.hub.journal || x.Far == w.hub.journal) {
					t.Errorf("a cut of a machine that is gone lasts: %+v", x)
				}
			}
		}},
		{"a side floor was open", func(t *testing.T, w *replaced, ms int64) {
			w.back()
			w.cut()
			w.hub.must(chair, &OpenSide{})
			w.hub.must(chair, &GiveSide{Person: "sita"})
			w.meet()
			hub := w.lose(w.hub, ms)
			hub.must(Actor{Roles: Site, Person: "hr0"}, &NoteCut{Far: w.venue.journal})
			hub.fold.Add(w.hub.own[w.backup[0]:]...)
			hub.fold.Add(w.venue.own[w.backup[1]:]...)
			w.venue.fold.Add(hub.own...)
			hub.must(Actor{Roles: Site, Person: "hr0"}, &NoteHeal{Far: w.venue.journal})
			_ = w.venue.do(Actor{Roles: Site, Person: "v0"}, &NoteHeal{Far: hub.journal}) // where its own is closed already
			if s := w.whole(); s.SideFloor.By != "" || s.Severed() != nil || s.Turns[len(s.Turns)-1].Ended < 0 {
				t.Errorf("side floor %+v, cuts %+v", s.SideFloor, s.Cuts)
			}
		}},
		{"twice from one backup", func(t *testing.T, w *replaced, ms int64) {
			asks(w.hub, "ana", "sita", "ben", "tomo")
			w.meet()
			w.venue.must(chair, &Pass{To: w.hub.journal})
			w.meet()
			w.back()
			speakAt(w.hub)
			w.meet()
			first := w.lose(w.hub, ms)
			speakAt(first)
			second := &half{t: t, journal: "story/hub-s", fold: NewFold(), at: first.at - 20_000}
			second.fold.Add(w.hub.own[:w.backup[0]]...)
			second.fold.Add(w.venue.own[:w.backup[1]]...)
			second.must(Actor{Roles: Site, Person: "s0"}, succeed(w.hub.own[:w.backup[0]]))
			speakAt(second)
			if s := w.whole(second); s.Hub() != second.journal && s.Hub() != first.journal || s.Gavel.Journal != s.Hub() {
				t.Errorf("hub %s, gavel %+v", s.Hub(), s.Gavel)
			}
		}},
		{"again from a newer backup", func(t *testing.T, w *replaced, ms int64) {
			asks(w.hub, "ana", "sita", "ben", "tomo")
			w.meet()
			w.back()
			speakAt(w.venue)
			w.venue.must(chair, &Pass{To: w.hub.journal})
			w.meet()
			speakAt(w.hub)
			w.meet()
			first := w.lose(w.hub, ms)
			third := &half{t: t, journal: "story/hub-s", fold: NewFold(), at: first.at + 1}
			third.fold.Add(w.hub.own[:w.backup[0]]...)
			third.fold.Add(w.venue.own[:w.backup[1]]...)
			third.fold.Add(first.own...)
			third.must(Actor{Roles: Site, Person: "s0"}, succeed(first.own))
			if s := w.whole(third); s.Hub() != third.journal || s.Gavel.Journal != third.journal {
				t.Errorf("hub %s, gavel %+v", s.Hub(), s.Gavel)
			}
		}},
		{"the venue had passed the gavel and is replaced", func(t *testing.T, w *replaced, ms int64) {
			asks(w.venue, "ana", "sita", "ben", "tomo")
			w.meet()
			w.back()
			kept := speakAt(w.venue)
			w.venue.must(chair, &Pass{To: w.hub.journal})
			w.meet()
			venue := w.lose(w.venue, ms)
			blind, told := speakAt(venue), speakAt(w.hub)
			if s := w.whole(); s.Gavel.Journal != w.hub.journal || kindOf(s, blind) != SideTurn || kindOf(s, told) != LineTurn || kindOf(s, kept) != LineTurn || s.SideOf(venue.journal) != Room {
				t.Errorf("gavel %+v, turns %s %s %s", s.Gavel, kindOf(s, blind), kindOf(s, told), kindOf(s, kept))
			}
		}},
		{"the venue is replaced while it holds the gavel", func(t *testing.T, w *replaced, ms int64) {
			asks(w.venue, "ana", "sita", "ben", "tomo")
			w.meet()
			w.back()
			kept := speakAt(w.venue)
			w.meet()
			w.cut()
			venue := w.lose(w.venue, ms)
			own := speakAt(venue)
			if s := w.whole(); s.Gavel.Journal != venue.journal || kindOf(s, own) != LineTurn || kindOf(s, kept) != LineTurn {
				t.Errorf("gavel %+v, turns %s %s", s.Gavel, kindOf(s, own), kindOf(s, kept))
			}
			w.hub.must(chair, &TakeOver{Class: "other"})
			if s := w.whole(); s.Gavel.Journal != w.hub.journal || kindOf(s, own) != SideTurn {
				t.Errorf("gavel %+v, turn %s", s.Gavel, kindOf(s, own))
			}
		}},
		{"the backup is older than the venue", func(t *testing.T, w *replaced, ms int64) {
			for i, e := range w.hub.own {
				if _, ok := e.Event.(*Linked); ok {
					w.backup = []int{i, 0}
				}
			}
			asks(w.hub, "ana", "sita", "ben")
			w.meet()
			told := speakAt(w.venue)
			w.meet()
			hub := w.lose(w.hub, ms)
			hub.must(Actor{Roles: Site, Person: "hr0"}, &Link{Journal: w.venue.journal, Key: aKey})
			if s := w.whole(); s.Hub() != hub.journal || s.Gavel.Journal != w.venue.journal || s.SideOf(w.hub.journal) != Online || kindOf(s, told) != LineTurn {
				t.Errorf("hub %s, gavel %+v, %+v, turn %s", s.Hub(), s.Gavel, s.Sites, kindOf(s, told))
			}
		}},
	} {
		for _, ms := range []int64{1, 15_000, 25_000, 45_000, 3_600_000} {
			t.Run(c.name, func(t *testing.T) { c.play(t, &replaced{two: newTwo(t)}, ms) })
		}
	}
}
