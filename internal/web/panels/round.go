package panels

import (
	"slices"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// Rounds are the two ways to take several people together: "three asks, then replies", and the tour de table.
type Rounds struct {
	page.Speaker
	Open  bool
	Round int // asks of the round, 0 when there is none
	Taken int
	Tour  int // how many of the tour are left
	Table []page.Choice
	More  int // people known by name who are not in the table
	Caps  []page.Choice
}

// RoundsOf offers the panel for a tour, then those who are known by name, as many of each side as a list can be read.
func RoundsOf(l *hall.Look) Rounds {
	r := Rounds{Speaker: l.Lang, Open: open(l), Round: l.Round.N, Taken: l.Round.Taken, Tour: len(l.Tour), Table: speakers(l)}
	for _, side := range []floor.Side{floor.Room, floor.Online} {
		n := 0
		for i := range l.State.People {
			p := &l.State.People[i]
			if p.Side != side || p.Closed || p.Roles.Has(floor.Speaker|floor.Hub) || l.Text(p.Name) == "" || listed(r.Table, p.ID) {
				continue
			}
			if n++; n > rows {
				r.More++
				continue
			}
			r.Table = append(r.Table, page.Choice{Value: string(p.ID), Label: l.Crew(p.ID) + " · " + l.Lang.Say("side."+side.String())})
		}
	}
	for _, s := range []int64{30, 60, 90, 120, 180} {
		r.Caps = append(r.Caps, page.Choice{Value: milliseconds(s), Label: l.Lang.Say("panels.long", "d", s*1000)})
	}
	return r
}

func listed(table []page.Choice, person floor.ID) bool {
	return slices.ContainsFunc(table, func(c page.Choice) bool { return c.Value == string(person) })
}
