package record

import (
	"fmt"

	"openmic/floor"
)

// walkUp lets one press enter the same people at both sites, and lets each site go on with those that it made.
func (st *stage) walkUp(other *stage) {
	st.presses++
	press := fmt.Sprint("walk-", st.wing.name, st.presses)
	enter := &floor.Enter{Side: floor.Side(st.r.IntN(2)), Name: "at the microphone", Mic: st.r.IntN(2), Count: 1 + st.r.IntN(2), Agreed: st.r.IntN(2) == 0}
	both := []*stage{st, other}
	made := func(x *stage) floor.ID {
		people := x.wing.fold.State().People
		return people[len(people)-1].ID
	}
	for _, x := range both {
		x.s, x.at = x.wing.fold.State(), max(x.wing.at, x.wing.fold.State().At)
		x.wing.press = press
		x.try(theChair, enter)
		x.wing.press = ""
	}
	for range 4 {
		x := both[st.r.IntN(2)]
		x.s = x.wing.fold.State()
		id := made(x)
		x.try(theChair, []floor.Command{
			&floor.Describe{Person: id, Agreed: new(true), Description: floor.Description{Name: new("a name"), Group: new(floor.Groups[1]), Preset: "group"}},
			&floor.Describe{Person: id, Agreed: new(true), Description: floor.Description{Org: new("an office"), Preset: "group"}},
			&floor.Erase{Person: id}, &floor.Move{Person: id, Side: floor.Side(st.r.IntN(2))}, &floor.Grant{Person: id, Factor: 150}, &floor.Override{Person: id, Class: "time", Note: "so"},
			&floor.Start{}, &floor.Give{Kind: floor.Reply, Person: id}, &floor.Tour{People: []floor.ID{id}}, &floor.Enter{Side: floor.Room, Person: id},
		}[st.r.IntN(10)])
	}
}
