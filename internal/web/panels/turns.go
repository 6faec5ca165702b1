package panels

import (
	"slices"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// recent is how many turns are shown.
const recent = 10

// Turns are the last ones, newest first; each can be corrected or answered.
type Turns struct {
	page.Speaker
	Open    bool
	Locked  bool // nothing of them can be corrected here now
	Rows    []Turn
	Kinds   []page.Choice
	Lengths []page.Choice
	People  []page.Choice
	Answer  []page.Choice // who may reply
}

// Turn is one of them.
type Turn struct {
	ID floor.ID
	Voice
	Known     bool // who it was
	Kind      string
	KindKey   string
	At        string
	Length    int64 // ms
	Aside     bool  // on a side floor, where it stays
	Running   bool
	Doubtful  bool
	Corrected bool
	Added     bool
	About     string
}

// TurnsOf are the last turns.
func TurnsOf(l *hall.Look) Turns {
	out := Turns{Speaker: l.Lang, Open: open(l), Locked: l.Elsewhere(), People: People(l), Answer: speakers(l)}
	known := heard(l)
	for i := len(l.Turns) - 1; i >= 0 && len(out.Rows) < recent; i-- {
		t, heard := &l.Turns[i], l.At
		if t.Kind != floor.SideTurn {
			heard = max(t.Start, known)
		}
		row := Turn{ID: t.ID, Voice: voiceOf(l, t.Person, t.Ticket, t.Side), Known: t.Person != "", Kind: l.Lang.Say("turn." + t.Kind), KindKey: t.Kind, Aside: t.Kind == floor.SideTurn,
			At: l.Clock(t.Start), Length: t.Length(heard), Running: t.Ended < 0 && heard == l.At, Doubtful: t.Doubtful(heard), Corrected: t.Corrected, Added: t.Added,
			About: l.Text(t.Line)}
		if k := l.Ticket(t.Ticket); k != nil && row.About == "" {
			row.About = l.Text(k.About)
		}
		out.Rows = append(out.Rows, row)
	}
	for _, k := range floor.TurnKinds {
		out.Kinds = append(out.Kinds, page.Choice{Value: k, Label: l.Lang.Say("turn." + k)})
	}
	for _, s := range []int64{15, 30, 45, 60, 75, 90, 120, 150, 180, 240, 300, 420, 600} {
		out.Lengths = append(out.Lengths, page.Choice{Value: milliseconds(s), Label: l.Lang.Say("panels.long", "d", s*1000)})
	}
	return out
}

// speakers may reply: those on the panel, then those who wished to.
func speakers(l *hall.Look) []page.Choice {
	var out []page.Choice
	for i := range l.State.People {
		if p := &l.State.People[i]; p.Roles.Has(floor.Speaker) && !p.Closed {
			out = append(out, page.Choice{Value: string(p.ID), Label: l.Crew(p.ID)})
		}
	}
	for _, w := range l.State.Wishes {
		if !slices.ContainsFunc(out, func(c page.Choice) bool { return c.Value == string(w.Person) }) {
			out = append(out, page.Choice{Value: string(w.Person), Label: l.Crew(w.Person)})
		}
	}
	return out
}

// people is how many a list to choose from holds.
const people = 80

// People lists whom the crew may name: speakers, those in line, those who spoke, then the others as far as a list can be
// read.
func People(l *hall.Look) []page.Choice {
	out := speakers(l)
	seen := map[floor.ID]bool{}
	for _, c := range out {
		seen[floor.ID(c.Value)] = true
	}
	add := func(id floor.ID) {
		if p := l.Person(id); p == nil || seen[id] || p.Closed || len(out) >= people {
			return
		}
		seen[id] = true
		out = append(out, page.Choice{Value: string(id), Label: l.Crew(id)})
	}
	for _, id := range l.Line {
		add(id2person(l, id))
	}
	for i := len(l.State.Turns) - 1; i >= 0; i-- {
		add(l.State.Turns[i].Person)
	}
	for i := range l.State.People {
		if l.Text(l.State.People[i].Name) != "" {
			add(l.State.People[i].ID)
		}
	}
	slices.SortStableFunc(out, func(a, b page.Choice) int { return compareFold(a.Label, b.Label) })
	return out
}

// Wishes are those who would like to reply or raise a point of order; they wait outside the line.
type Wishes struct {
	page.Speaker
	Beat int64
	Rows []Wish
}

// Wish is one of them.
type Wish struct {
	Voice
	Kind    string
	KindKey string
	To      floor.ID
	ToWhom  string
	At      string
}

// WishesOf are the wishes now, oldest first.
func WishesOf(l *hall.Look) Wishes {
	out := Wishes{Speaker: l.Lang, Beat: l.Beat}
	if l.Elsewhere() {
		return out
	}
	for _, w := range l.State.Wishes {
		side := floor.Room
		if p := l.Person(w.Person); p != nil {
			side = p.Side
		}
		row := Wish{Voice: voiceOf(l, w.Person, "", side), Kind: l.Lang.Say("turn." + w.Kind), KindKey: w.Kind, To: w.To, At: l.Clock(w.At)}
		if t := l.Turn(w.To); t != nil {
			row.ToWhom = l.Crew(t.Person)
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// Voices are those to whom the floor can be given outside the line.
type Voices struct {
	page.Speaker
	Open    bool
	Beat    int64
	People  []page.Choice
	Kinds   []page.Choice
	Classes []page.Choice
}

// VoicesOf offers whom the chair may name.
func VoicesOf(l *hall.Look) Voices {
	v := Voices{Speaker: l.Lang, Open: open(l), Beat: l.Beat, People: People(l), Classes: Classes(l)}
	for _, k := range []string{floor.Reply, floor.Right, floor.Order, floor.Panel} {
		v.Kinds = append(v.Kinds, page.Choice{Value: k, Label: l.Lang.Say("turn." + k)})
	}
	return v
}
