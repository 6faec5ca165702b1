package record

import (
	"strings"
	"testing"

	"openmic/floor"
)

// TestMeasure: a number with which sums would leave 53 bits is refused, one below it is taken.
func TestMeasure(t *testing.T) {
	st := newStage(t, 1)
	st.open(5)
	st.must(theChair, &floor.TakeRound{N: 1})
	for i, x := range []struct {
		event floor.Event
		want  string
	}{
		{&floor.Dialled{Rule: floor.Rule{L: mostTime + 1}}, "a dial"},
		{&floor.Dialled{Rule: floor.Rule{B: -1}}, "a dial"},
		{&floor.Dialled{Rule: floor.Rule{R: mostTurns + 1}}, "a dial"},
		{&floor.Dialled{Rule: floor.Rule{L: mostTime, Q: mostTime, B: mostTime, R: mostTurns, K: mostTurns, Reply: mostTime}}, ""},
		{&floor.Asked{Ticket: "x", Person: "p1", Form: floor.Voice, Ago: -1}, "ago"},
		{&floor.Asked{Ticket: "x", Person: "p1", Form: floor.Voice, Ago: floor.Oldest + 1}, "ago"},
		{&floor.Asked{Ticket: "x", Person: "p1", Form: floor.Voice, Ago: floor.Oldest}, ""},
		{&floor.Granted{Person: "p1", Factor: 99}, "factor"},
		{&floor.Granted{Person: "p1", Factor: mostFactor}, ""},
		{&floor.Started{Turn: "x", Kind: floor.Panel, Cap: mostTime + 1, Factor: 100}, "cap"},
		{&floor.Started{Turn: "x", Kind: floor.Panel, Cap: 1, Factor: 0}, "factor"},
		{&floor.Toured{People: []floor.ID{"p1"}, Cap: -1}, "cap"},
		{&floor.Resumed{Mark: -1}, "mark"},
		{&floor.Resumed{Down: -1}, "down"},
	} {
		f := forgery{stage: st, alter: map[int]func(*floor.Entry){len(st.entries): func(e *floor.Entry) { e.Event, e.Said = x.event, nil }}}
		v := Verify(f.seal(t, Archive))
		if x.want == "" && v.Exit == 1 || x.want != "" && (v.Exit != 1 || !strings.HasPrefix(v.Fault, x.want)) {
			t.Errorf("%d, %#v: exit %d, %q", i, x.event, v.Exit, v.Fault)
		}
	}
}

// TestAtOnce: a turn may end in the millisecond in which it began, and the next one run from there.
func TestAtOnce(t *testing.T) {
	st := newStage(t, 2)
	st.open(5)
	for range 2 {
		st.must(theChair, &floor.Give{Kind: floor.Panel, Person: "p1"})
	}
	st.must(theChair, &floor.Give{Kind: floor.Panel, Person: "p2"})
	if v := Verify(st.record(Archive)); v.Exit != 0 {
		t.Errorf("exit %d, %s: %s", v.Exit, v.Where, v.Fault)
	}
}
