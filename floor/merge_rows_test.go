package floor

import (
	"fmt"
	"slices"
	"testing"
)

// met lets two sites write at the same time, in both orders of their clocks, and gives the State after each heal.
func met(t *testing.T, before func(w *two), hub, venue func(h *half)) (out []*State) {
	t.Helper()
	for _, hubFirst := range []bool{true, false} {
		w := newTwo(t)
		if before != nil {
			before(w)
			w.meet()
		}
		w.cut()
		w.later(1000)
		if hubFirst {
			w.venue.at += 500
		} else {
			w.hub.at += 500
		}
		hub(w.hub)
		venue(w.venue)
		out = append(out, w.heal())
	}
	return out
}

// same is what both orders of the clocks have in common; the test fails where they have not.
func same(t *testing.T, ss []*State, tell func(s *State) string) string {
	t.Helper()
	first := tell(ss[0])
	for _, s := range ss[1:] {
		if got := tell(s); got != first {
			t.Errorf("%s when the hub is first, %s when the venue is", first, got)
		}
	}
	return first
}

func speaks(by Actor, c Command) func(h *half) {
	return func(h *half) {
		h.must(by, c)
		if h.fold.State().Call() != nil {
			h.must(chair, &Start{})
		}
		h.at += 40_000
		h.must(chair, &End{})
	}
}

func gives(by Actor, cs ...Command) func(h *half) {
	return func(h *half) {
		for _, c := range cs {
			h.must(by, c)
		}
	}
}

// TestMergeRows tells the rows of the table that TestMergeTable leaves out; together they tell all of them.
func TestMergeRows(t *testing.T) {
	asked := func(p ID) func(w *two) { return func(w *two) { w.venue.must(self(p), &Ask{}) } }
	card := func(w *two) {
		w.venue.must(self("ana"), &Write{Text: "old"})
		w.venue.must(chair, &Approve{"v1"})
	}
	ended := func(s *State) string { return s.Ticket("v1").End }
	for _, c := range []struct {
		name       string
		before     func(w *two)
		hub, venue func(h *half)
		tell       func(s *State) string
		want       string
	}{
		{"an ask that was merged with the other is never revived", nil, gives(self("ana"), &Ask{}), gives(self("ana"), &Ask{}), func(s *State) string {
			for i := range s.Tickets {
				if k := &s.Tickets[i]; k.Live() { // the one that lives ends; the other stays merged
					s = s.Clone()
					s.Apply(&Entry{Journal: "story/venue-v", N: 90, Stamp: Stamp{s.At + 1, 0, "v"}, View: s.View("story/venue-v"), By: "ana", Event: &Withdrew{k.ID}})
				}
			}
			return fmt.Sprint(len(s.Line), " in line")
		}, "0 in line"},
		{"override and withdrawal: the speech stands", asked("ana"), gives(self("ana"), &Withdraw{"v1"}), speaks(chair, &Override{Ticket: "v1", Class: "time"}), ended, BySpeaking},
		{"override, only called, and withdrawal: withdrawn", asked("ana"), gives(self("ana"), &Withdraw{"v1"}), gives(chair, &Override{Ticket: "v1", Class: "time"}),
			func(s *State) string { return fmt.Sprint(ended(s), " ", s.Calling) }, "withdrawn false"},
		{"main turn and side floor: each is charged to its own", func(w *two) { asked("ana")(w); w.hub.must(self("sita"), &Ask{}); w.hub.must(self("tomo"), &Ask{}) },
			func(h *half) {
				h.must(chair, &OpenSide{})
				h.must(chair, &GiveSide{"sita"})
				h.at += 50_000
				h.must(chair, &EndSide{})
			}, speaks(chair, &Call{}), func(s *State) string { return fmt.Sprint(s.Balance(s.At).Lead, " ", len(s.Ledger)-1) }, "40000 1"}, // one clamp beside
		{"two edits of a card: both are kept, the newest is shown", card, gives(self("ana"), &Edit{Ticket: "v1", Text: ptr("by the hub")}), gives(chair, &Edit{Ticket: "v1", Text: ptr("by the venue")}),
			func(s *State) string {
				k := s.Ticket("v1")
				return fmt.Sprint(k.Text == "h12/text" || k.Text == "v4/text", " of 2 words newest, approved ", k.Approved)
			}, "true of 2 words newest, approved false"},
		{"an edit and reading out: what was read stands", card, gives(self("ana"), &Edit{Ticket: "v1", Text: ptr("new")}), speaks(chair, &Call{}),
			func(s *State) string { return fmt.Sprint(ended(s), " ", len(s.Turns)) }, "read 1"},
		{"hidden and approved: hidden, and nobody else moves", func(w *two) {
			w.venue.must(self("ana"), &Write{Text: "a card"})
			w.venue.must(self("ben"), &Ask{})
			w.hub.must(self("sita"), &Ask{})
		}, gives(chair, &Hide{Ticket: "v1"}), gives(chair, &Approve{"v1"}), func(s *State) string {
			return fmt.Sprint(s.Ticket("v1").Hidden, s.Ticket("v1").Approved, slices.DeleteFunc(slices.Clone(s.Line), func(id ID) bool { return id == "v1" }))
		}, "true true [h11 v2]"},
		{"consent taken back and read out: it was said; all that follows is narrower", card, gives(self("ana"), &Describe{Description: Description{Preset: "none"}}), speaks(chair, &Call{}),
			func(s *State) string { return fmt.Sprint(ended(s), " ", s.Person("ana").Consent) }, "read {0 0 0 0}"},
		{"erased, and asks elsewhere: the ask stands without its words", nil, gives(self("ana"), &Erase{}), gives(self("ana"), &Ask{AskFields: AskFields{About: "words"}}),
			func(s *State) string { return fmt.Sprintf("%t %q", s.Ticket("v2").Live(), s.Ticket("v2").About) }, `true ""`},
		{"erased, and heard elsewhere: the turn stands without its words", asked("ana"), gives(self("ana"), &Erase{}), func(h *half) {
			speaks(chair, &Call{})(h)
			h.must(chair, &Confirm{Turn: "v4", Text: "what ana said"})
		}, func(s *State) string { return fmt.Sprintf("%d %q", len(s.Turns), s.Turns[0].Line) }, `1 ""`},
		{"segments: the gavel's site alone", nil, func(h *half) {
			id := h.fold.State().Segments[0].ID
			for _, c := range []Command{&Begin{Segment: id}, &Stretch{Segment: id, Minutes: 10}} {
				if r, ok := h.do(chair, c).(*Refusal); !ok || r.Kind != "gavel" {
					t.Errorf("%T by the site without the gavel", c)
				}
			}
		}, func(h *half) { h.must(chair, &Stretch{Segment: h.fold.State().Segments[0].ID, Minutes: 45}) },
			func(s *State) string { return fmt.Sprint(s.Segments[0].Budget/60_000, " min") }, "105 min"},
		{"a walk-up entered by one press at both is one, and what either site writes about them is meant for that one", nil,
			func(h *half) { _ = h.press("p", chair, &Enter{Side: Room, Mic: 1}) }, func(h *half) {
				_ = h.press("p", chair, &Enter{Side: Room, Mic: 1})
				h.must(chair, &Describe{Person: "v2", Agreed: ptr(true), Description: Description{Name: ptr("Kiran")}})
				h.must(chair, &Grant{"v2", 150})
				speaks(chair, &Call{})(h)
			}, func(s *State) string {
				p, k := s.People[len(s.People)-1], s.Tickets[len(s.Tickets)-1]
				return fmt.Sprint(len(s.People), " people, ", len(s.Tickets), " ticket ", k.End, ", named ", p.Name != "", ", factor ", p.Factor, ", spoke ", p.Spoke,
					", one ", s.Person("v2").ID == s.Person("h12").ID && k.Person == p.ID && s.Turns[0].Person == p.ID)
			}, "5 people, 1 ticket spoken, named true, factor 150, spoke 1, one true"},
		{"instead of somebody, and new words of theirs elsewhere: looked at again first", asked("ana"), gives(self("ana"), &Edit{Ticket: "v1", About: ptr("new")}),
			gives(chair, &Instead{Ticket: "v1", Text: "read this"}), func(s *State) string { return s.Ticket("v1").Form }, Card},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := same(t, met(t, c.before, c.hub, c.venue), c.tell); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestTwoMainCalls: within an epoch only one site gives the main floor. A program that does so all the same is shown as a
// red line, its entry is kept, and who spoke did speak, aside.
func TestTwoMainCalls(t *testing.T) {
	w := newTwo(t)
	w.venue.must(self("ana"), &Ask{})
	w.hub.must(self("sita"), &Ask{})
	w.meet()
	w.cut()
	w.later(1000)
	w.venue.must(chair, &Call{})
	w.venue.must(chair, &Start{})
	n := len(w.hub.own)
	call := ID(fmt.Sprint("h", n+1))
	for i, ev := range []Event{&CalledOut{Call: call, Ticket: "h11", Person: "sita", Side: Online, W: [2]int{1, 1}, Why: Reason{Kind: "turns", Side: Online}},
		&Started{Turn: ID(fmt.Sprint("h", n+2)), Call: call, Kind: LineTurn, Person: "sita", Ticket: "h11", Side: Online, Factor: 100, W: [2]int{1, 1}}} {
		s := w.hub.fold.State()
		e := &Entry{Journal: w.hub.journal, N: int64(n + i + 1), Stamp: Stamp{w.hub.at + int64(i), 9, "h"}, View: s.View(w.hub.journal), Command: fmt.Sprint("forged-", i), By: "chair", Event: ev}
		w.hub.own = append(w.hub.own, e)
		w.hub.fold.Add(e)
	}
	w.later(30_000)
	w.venue.must(chair, &End{})
	w.meet()
	s := w.hub.fold.State()
	if len(s.Conflicts) != 2 || s.Conflicts[0] != call || len(s.Turns) != 2 || len(s.Calls) != 1 {
		t.Fatalf("red lines %v, %d turns, %d calls", s.Conflicts, len(s.Turns), len(s.Calls))
	}
	for _, k := range s.Turns {
		if want := map[ID]string{"ana": LineTurn, "sita": SideTurn}[k.Person]; k.Kind != want {
			t.Errorf("the turn of %s is of kind %s, want %s", k.Person, k.Kind, want)
		}
	}
	if s.Live("sita") == nil {
		t.Error("sita lost her place to a call that nobody had the right to give")
	}
}

// TestLeadAfterACut: a turn that began in a cut is charged whole when somebody waited at its beginning. When nobody waits
// any more at its end, what it adds beyond the allowed lead is forgotten, as the debt of every side that does not wait.
func TestLeadAfterACut(t *testing.T) {
	for _, c := range []struct {
		stays bool
		want  int64 // ms
	}{{true, 300_000}, {false, TheRule.B}} {
		w := newTwo(t)
		w.venue.must(self("ana"), &Ask{})
		w.hub.must(self("sita"), &Ask{})
		w.meet()
		w.cut()
		w.later(1000)
		w.venue.must(chair, &Call{})
		w.venue.must(chair, &Start{})
		for range 5 {
			w.later(60_000)
			w.venue.must(chair, &Speaking{})
		}
		if !c.stays {
			w.hub.must(self("sita"), &Withdraw{"h11"})
		}
		w.later(1)
		w.venue.must(chair, &End{})
		s := w.heal()
		if got := s.Balance(s.At).Lead; got < c.want || got > c.want+1 {
			t.Errorf("sita waits to the end: %t; the lead is %d ms, want %d", c.stays, got, c.want)
		}
	}
}
