package panels

import (
	"cmp"
	"math"
	"slices"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// rows is how many places a screen shows.
const rows = 40

// Line is everybody who waits, in the order in which the rule is expected to call them.
type Line struct {
	page.Speaker
	Beat    int64
	Open    bool // the session goes on
	Locked  bool // the main floor is given elsewhere, unheard
	Closed  bool
	Left    int // asks still taken although it is closed
	Room    int // who waits, by side
	Online  int
	Far     string // how many wait on the side that is not heard, as of when it was
	Rows    []Row
	More    int // places not shown
	Classes []page.Choice
}

// Row is one place.
type Row struct {
	page.Speaker
	Ticket floor.ID
	Beat   int64
	Place  int // within the side, 0 when it does not wait
	Voice
	Kind    string
	About   string
	Card    bool
	First   bool     // the rule would call it now
	Why     string   // short
	Marks   []string // small facts
	Parked  bool     // or away, or called past: "here" brings it back
	Named   bool
	Agreed  bool
	Walkup  bool // entered by the crew
	More    int64
	Made    floor.ID // the ask that has the floor: "my point was made"
	Call    bool     // it may be called first by override
	Classes []page.Choice
}

// states are the short words for places that are not simply a place.
var states = map[string]string{
	floor.PlaceApproval: "panels.state.approval", floor.PlaceAdmit: "panels.state.admit", floor.PlaceHeld: "panels.state.held",
	floor.PlaceParked: "panels.state.parked", floor.PlaceMissed: "panels.state.missed", floor.PlaceDeferred: "panels.state.deferred",
	floor.PlaceAway: "panels.state.away", floor.PlaceHidden: "panels.state.hidden", floor.PlaceNext: "panels.state.next", floor.PlaceCut: "cut.kept",
}

// LineOf is the line now.
func LineOf(l *hall.Look) Line {
	out := Line{Speaker: l.Lang, Beat: l.Beat, Open: l.Opened >= 0 && l.Adjourned < 0, Locked: l.Elsewhere(), Closed: l.Closed, Left: l.State.More,
		Room: len(l.Waiting(floor.Room)), Online: len(l.Waiting(floor.Online)), Far: l.FarCount(), Classes: Classes(l)}
	next, _, _ := l.Then()
	var made floor.ID
	if t := l.Current(); t != nil {
		made = t.Ticket
	}
	for _, id := range expected(l, next.Ticket) {
		t := l.Ticket(id)
		if t == nil {
			continue
		}
		if len(out.Rows) == rows {
			out.More++
			continue
		}
		r := Row{Speaker: l.Lang, Ticket: t.ID, Beat: l.Beat, Voice: voiceOf(l, t.Person, t.ID, t.Side), Kind: l.Lang.Say("kind." + t.Kind),
			Card: t.Form == floor.Card, About: l.Text(t.About), First: next.Ticket == t.ID && !out.Locked, Made: made, More: 100, Classes: out.Classes}
		if r.Card {
			r.About = l.Text(t.Text)
		}
		r.Call = open(l) && (!r.Card || t.Approved && !t.Held && !t.Hidden)
		p := l.Places()[id]
		r.Place = p.Number
		switch key, ok := states[p.Why.Kind]; {
		case out.Locked && p.Number > 0 && p.Why.Kind != floor.PlaceCut: // what becomes of them, nobody here knows
		case ok:
			r.Why = l.Lang.Say(key)
		case p.Number > 0 && p.About >= 0:
			r.Why = l.Lang.Say("panels.after", "n", p.Before, "d", p.About)
		}
		r.mark(l, t, p)
		out.Rows = append(out.Rows, r)
	}
	return out
}

// All is how many stand in line, shown or not.
func (l Line) All() int { return len(l.Rows) + l.More }

// OnWall names everybody as the wall does, and keeps back what they asked about: for those who are not of the crew.
func (l Line) OnWall(look *hall.Look) Line {
	for i := range l.Rows {
		l.Rows[i].Who, l.Rows[i].About = look.OnWall(l.Rows[i].Person), ""
	}
	return l
}

// expected gives the places in the order in which the rule is expected to call them; whoever cannot be called comes last.
func expected(l *hall.Look, first floor.ID) []floor.ID {
	places := l.Places()
	far := func(id floor.ID) int {
		switch p := places[id]; {
		case id == first:
			return -1
		case p.Number > 0 && p.About >= 0:
			return p.Before
		}
		return math.MaxInt
	}
	all := slices.Clone(l.Line)
	slices.SortStableFunc(all, func(a, b floor.ID) int { return cmp.Compare(far(a), far(b)) })
	return all
}

// First puts those of a side before the others; within a side the order stays.
func (l Line) First(side floor.Side) Line {
	slices.SortStableFunc(l.Rows, func(a, b Row) int {
		return cmp.Compare(rank(a, side), rank(b, side))
	})
	return l
}

func rank(r Row, side floor.Side) int {
	if r.Side == side.String() {
		return 0
	}
	return 1
}

// mark adds the small facts of a place.
func (r *Row) mark(l *hall.Look, t *floor.Ticket, p floor.Place) {
	add := func(key string, args ...any) { r.Marks = append(r.Marks, l.Lang.Say(key, args...)) }
	if t.Bypassed > 0 {
		add("panels.mark.passed", "n", t.Bypassed)
	}
	if t.Ago > 0 {
		add("panels.mark.ago", "t", l.Clock(t.Asked-t.Ago))
	}
	if n := len(t.Backers); n > 0 {
		add("panels.mark.backed", "n", n)
	}
	if t.Still {
		add("panels.mark.still")
	}
	if l.Opened >= 0 && p.Number > 0 && !p.Reach && p.Why.Kind != floor.PlaceCut {
		add("panels.mark.reach")
	}
	person := l.Person(t.Person)
	if person == nil {
		return
	}
	if person.Spoke > 0 {
		add("panels.mark.spoke", "n", person.Spoke)
	}
	if r.More = max(100, person.Factor); r.More > 100 {
		add("panels.mark.more")
	}
	r.Parked = t.Parked || t.Missing || t.Deferred || person.Away
	r.Named, r.Agreed = l.Text(person.Name) != "", person.Agreed
	r.Walkup = person.Origin == "walkup" || person.Origin == "hand"
}

// Classes are the reasons an override may have.
func Classes(l *hall.Look) []page.Choice {
	var out []page.Choice
	for _, c := range floor.Classes {
		if c != "unplanned" {
			out = append(out, page.Choice{Value: c, Label: l.Lang.Say("class." + c)})
		}
	}
	return out
}
