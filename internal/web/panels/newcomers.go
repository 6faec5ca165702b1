package panels

import (
	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// Newcomers are people who wait to be let in, while the crew admits them one by one.
type Newcomers struct {
	page.Speaker
	Rows []Voice
	More int
}

// NewcomersOf are those who wait now, in the order in which they came.
func NewcomersOf(l *hall.Look) Newcomers {
	out := Newcomers{Speaker: l.Lang}
	for i := range l.State.People {
		p := &l.State.People[i]
		switch {
		case p.Admitted || p.Closed:
		case len(out.Rows) == rows:
			out.More++
		default:
			out.Rows = append(out.Rows, voiceOf(l, p.ID, "", p.Side))
		}
	}
	return out
}

// Known is somebody in the room, not of the crew, whose name is known and who waits for nothing: they may step to a microphone again.
type Known struct {
	Voice
	Agreed bool // or it is not for the crew to ask
	Spoke  int
}

// KnownInRoom lists them, those who spoke last first.
func KnownInRoom(l *hall.Look) (list []Known, more int) {
	busy := map[floor.ID]bool{}
	if t := l.Current(); t != nil {
		busy[t.Person] = true
	}
	seen := map[floor.ID]bool{}
	add := func(p *floor.Person) {
		if p == nil || seen[p.ID] || busy[p.ID] || p.Side != floor.Room || p.Closed || p.Roles.Has(floor.Crew|floor.Hub) || l.Text(p.Name) == "" || l.Live(p.ID) != nil {
			return
		}
		seen[p.ID] = true
		if len(list) == rows {
			more++
			return
		}
		list = append(list, Known{voiceOf(l, p.ID, "", p.Side), p.Agreed || p.Origin != "walkup", p.Spoke})
	}
	for i := len(l.State.Turns) - 1; i >= 0; i-- {
		add(l.Person(l.State.Turns[i].Person))
	}
	for i := range l.State.People {
		add(&l.State.People[i])
	}
	return list, more
}
