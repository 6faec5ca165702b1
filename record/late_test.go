package record

import (
	"bytes"
	"strings"
	"testing"

	"openmic/floor"
)

// A verdict tells which cards came after the session, how many nobody has answered, and when those are not reached.
func TestAVerdictTellsLateCards(t *testing.T) {
	st := newStage(t, 1)
	chair := floor.Actor{Person: "pchair", Roles: floor.Chair | floor.Desk}
	leo := person("pleo")
	st.must(chair, &floor.Join{Side: floor.Room})
	st.must(leo, &floor.Join{Side: floor.Room})
	st.must(chair, &floor.Open{})
	st.must(chair, &floor.Adjourn{})
	st.must(leo, &floor.Write{Text: "One thing more."})
	st.must(leo, &floor.Write{Text: "And another."})
	st.must(chair, &floor.Answer{Ticket: st.s.Tickets[0].ID, Text: "Thank you."})
	st.sign()
	v := Verify(st.record(Public))
	if v.Exit != 0 || v.Cards != 2 || v.Late.Open != 1 || v.Until != st.s.AdjournWall+7*24*60*60*1000 {
		t.Errorf("exit %d %s: %+v", v.Exit, v.Fault, v.Late)
	}
	var told bytes.Buffer
	if err := v.Tell(&told); err != nil || !strings.Contains(told.String(), "Cards written after the session 2, of them open 1: these are not reached 7 times 24 h after its end") {
		t.Error(told.String(), err)
	}
}
