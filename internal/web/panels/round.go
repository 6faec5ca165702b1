package panels

import (
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
	Caps  []page.Choice
}

// RoundsOf offers the panel for a tour, then everybody else who is known by name.
func RoundsOf(l *hall.Look) Rounds {
	r := Rounds{Speaker: l.Lang, Open: l.Opened >= 0 && l.Adjourned < 0, Round: l.Round.N, Taken: l.Round.Taken, Tour: len(l.Tour), Table: speakers(l)}
	for i := range l.State.People {
		p := &l.State.People[i]
		if len(r.Table) == rows {
			break
		}
		if p.Side == floor.Room && !p.Closed && !p.Roles.Has(floor.Speaker) && l.Text(p.Name) != "" {
			r.Table = append(r.Table, page.Choice{Value: string(p.ID), Label: l.Crew(p.ID)})
		}
	}
	for _, s := range []int64{30, 60, 90, 120, 180} {
		r.Caps = append(r.Caps, page.Choice{Value: milliseconds(s), Label: l.Lang.Say("panels.long", "d", s*1000)})
	}
	return r
}
