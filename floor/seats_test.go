package floor

import (
	"errors"
	"fmt"
	"testing"
)

// Who comes from afar may be a crowd that nobody invited. It does not take the last seats: the room still joins, and the
// crew still enters people.
func TestACrowdFromAfarLeavesSeats(t *testing.T) {
	s := New()
	join := func(id string, by Roles, side Side) error {
		_, err := Decide(s, Moment{Tag: "a", N: 1}, Actor{Person: ID(id), Roles: by}, &Join{Side: side})
		return err
	}
	s.Settings = DefaultSettings
	for i := range s.Settings.People * 9 / 10 {
		s.People = append(s.People, Person{ID: ID(fmt.Sprint("p", i)), Side: Online})
	}
	var full *Refusal
	if err := join("afar", Participant, Online); !errors.As(err, &full) || full.Kind != "full" {
		t.Errorf("one more from afar: %v", err)
	}
	for _, err := range []error{join("here", Participant, Room), join("speaker", Speaker|Participant, Online), join("hub", Hub, Online)} {
		if err != nil {
			t.Errorf("the seats that were left are not given: %v", err)
		}
	}
	if _, err := Decide(s, Moment{Tag: "a", N: 1}, Actor{Person: "desk", Roles: Desk}, &Enter{Side: Room}); err != nil {
		t.Errorf("a walk-up is not entered: %v", err)
	}
}
