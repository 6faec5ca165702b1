package record

import (
	"testing"

	"openmic/floor"
)

// A card of the evening before waits from the moment the session began, and one that came after the session waits for
// nothing. A dial turned while people speak is an override.
func TestCountBeginsAndEndsWithTheSession(t *testing.T) {
	st := newStage(t, 1)
	chair := floor.Actor{Person: "pchair", Roles: floor.Chair | floor.Venue | floor.Desk}
	sita := floor.Actor{Person: "psita", Roles: floor.Participant}
	leo := floor.Actor{Person: "pleo", Roles: floor.Participant}
	st.must(chair, &floor.Join{Side: floor.Room})
	st.must(sita, &floor.Join{Side: floor.Online})
	st.must(leo, &floor.Join{Side: floor.Room})
	st.must(sita, &floor.Write{Text: "Who answers at night?"})
	st.must(chair, &floor.Approve{Ticket: st.s.Tickets[0].ID})
	st.at += 20 * 3_600_000
	st.must(chair, &floor.Open{})
	st.at += 90_000
	st.must(leo, &floor.Ask{})
	st.must(chair, &floor.Call{})
	st.at += 40_000
	st.must(chair, &floor.Call{})
	st.must(chair, &floor.Start{})
	st.at += 50_000
	shorter := int64(90_000)
	st.must(chair, &floor.Change{L: &shorter})
	st.must(chair, &floor.End{})
	st.must(chair, &floor.Adjourn{})
	st.must(leo, &floor.Write{Text: "One thing more."})
	n := Count(st.s, st.s.At)
	if n.Online.MedianWait != 90_000 || n.Room.MedianWait != 40_000 {
		t.Errorf("online waited %d ms and the room %d ms, want 90000 and 40000", n.Online.MedianWait, n.Room.MedianWait)
	}
	if n.Room.Asks != 1 || n.Room.NotReached != 0 || n.Overrides["other"] != 1 {
		t.Errorf("the late card or the dial is counted wrong: %+v", n)
	}
	leads := st.s.Leads(st.s.At)
	if len(leads) == 0 || leads[len(leads)-1].Lead != n.Lead {
		t.Errorf("the lead over time ends elsewhere than the lead: %+v, %d", leads, n.Lead)
	}
}
