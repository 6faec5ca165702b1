package hub

import (
	"cmp"
	"embed"
	"slices"
	"strconv"
	"time"

	"openmic/floor"
	"openmic/internal/web/asking"
	"openmic/internal/web/hall"
	"openmic/internal/web/naming"
	"openmic/internal/web/page"
)

//go:embed *.html *.css
var files embed.FS

// Screen is the remote hub's.
var Screen = &hall.Screen{Name: "hub", Roles: floor.Hub, Gap: page.ParticipantGap, Template: page.NewScreen("hub", naming.Files, asking.Files, files),
	Look: func(l *hall.Look) any { return look(l) }, Page: visit}

// view is all the template may show.
type view struct {
	page.Page
	Ended, Opened bool
	Last          string // when the main floor was heard last, while it is given where nobody here can hear it
	Now           *speaking
	Next          *next
	Waiting       int
	Closed        bool
	Left          int // asks still taken before the line closes, 0 when it is not about to
	Nudge         string
	Rows          []row

	*ours // nil in the live region
}

// Streamed: this is the region that everybody's script gets.
func (d *view) Streamed() bool { return d.ours == nil }

// speaking is who has the floor, or is called to it.
type speaking struct {
	Who          string
	Side         floor.Side
	Called       bool
	First        string // why the chair called them before others
	Until, Since time.Time
}

// next is whom the rule names now, and why.
type next struct {
	Who  string
	Side floor.Side
	Why  string
}

// row is what is told to one of a hub's people. Key is their ask's, or the person's where there is no ask.
type row struct {
	Key         string
	Alert       string // next, called
	Who         string
	Text, Times string
	Ticket      floor.ID
	Person      floor.ID
	Still       bool // asked "still there?"
	Here        bool // waits for "I am here"
	Start       floor.ID
	Defer       bool
	Yield       bool
	Press       string // sets the presses of this moment apart from earlier ones
	Video       string // where to unmute
	Mark        string // changes when what is only the hub's changed with it
}

func look(l *hall.Look) *view {
	d := &view{Page: l.Frame(), Ended: l.Adjourned >= 0, Opened: l.Opened >= 0, Closed: l.State.Closed && l.State.More <= 0}
	if d.Ended {
		return d
	}
	d.Last = l.Last()
	if t := l.Current(); t != nil {
		d.Now = &speaking{Who: l.OnWall(t.Person), Side: t.Side, Until: l.Deadline(t), First: l.CalledFirst(), Since: l.Moment(t.Start)}
	} else if c := l.Call(); c != nil {
		d.Now = &speaking{Who: l.OnWall(c.Person), Side: c.Side, Called: true, First: l.CalledFirst()}
	}
	if c, why, ok := l.Then(); ok && d.Last == "" {
		t := l.Ticket(c.Ticket)
		d.Next = &next{l.OnWall(t.Person), t.Side, why}
	}
	d.Waiting = len(l.Waiting(floor.Room)) + len(l.Waiting(floor.Online))
	d.Left = asking.Left(l)
	d.Nudge = asking.Nudge(l, "all", "silent", "online")
	d.Rows = rows(l)
	return d
}

// seats numbers the people of each hub in the order in which they were entered.
func seats(l *hall.Look) map[floor.ID]int {
	out, n := map[floor.ID]int{}, map[floor.ID]int{}
	for i := range l.People {
		if p := &l.People[i]; p.Hub != "" {
			n[p.Hub]++
			out[p.ID] = n[p.Hub]
		}
	}
	return out
}

// called names somebody by their number, and by name when there is one to be said.
func called(l *hall.Look, seat int, name string) string {
	switch {
	case seat == 0:
		return cmp.Or(name, l.Lang.Say("role.hub"))
	case name == "":
		return l.Lang.Say("hub.seat", "n", seat)
	}
	return l.Lang.Say("hub.seat-name", "n", seat, "name", name)
}

// shown is the name that may stand on screens, empty when there is none.
func shown(l *hall.Look, p *floor.Person) string {
	if !hall.ConsentOf(p).Screen.Has(floor.Name) {
		return ""
	}
	return l.Text(p.Name)
}

// rows is what is told to the people of all hubs; a hub's page shows those of its own.
func rows(l *hall.Look) []row {
	var out []row
	seat := seats(l)
	who := func(p *floor.Person) string { return called(l, seat[p.ID], shown(l, p)) }
	ours := func(id floor.ID) *floor.Person {
		if p := l.Person(id); p != nil && (p.Hub != "" || p.Roles.Has(floor.Hub)) {
			return p
		}
		return nil
	}
	for i := range l.Tickets {
		t := &l.Tickets[i]
		p := ours(t.Person)
		if p == nil {
			continue
		}
		if t.Live() {
			out = append(out, rowOf(l, t, who(p)))
		}
		out = append(out, silent(t)...)
	}
	// Whoever was called without an ask: a tour de table, or the chair's own choice.
	if c := l.Call(); c != nil && c.Ticket == "" {
		if p := ours(c.Person); p != nil {
			out = append(out, toFloor(l, row{Key: string(p.ID), Who: who(p)}, c))
		}
	}
	if t := l.Current(); t != nil && t.Ticket == "" {
		if p := ours(t.Person); p != nil {
			out = append(out, row{Key: string(p.ID), Who: who(p), Text: l.Lang.Say("reason.speaking"), Yield: true, Press: string(t.ID)})
		}
	}
	for _, id := range asking.Nudged(l) {
		p := ours(id)
		if p == nil || slices.ContainsFunc(out, func(r row) bool { return r.Key == string(p.ID) }) {
			continue
		}
		out = append(out, row{Key: string(p.ID), Who: who(p), Text: l.Lang.Say("line.nudge.you")})
	}
	for hub, n := range moves(l) {
		out = append(out, row{Key: move(hub, n)})
	}
	return out
}

// silent are rows that say nothing; that they are there, or changed, makes the hub's page fetch what stands in the card.
func silent(t *floor.Ticket) []row {
	var out []row
	if t.Live() && t.AskedBack {
		out = append(out, row{Key: string(t.ID) + "-back"})
	}
	if !t.Live() && len(t.Answers) > 0 {
		out = append(out, row{Key: string(t.ID) + "-answer", Mark: strconv.Itoa(len(t.Answers))})
	}
	return out
}

// circle is how many silent rows take turns: when the floor or a hub's people move, another one stands in the region, and
// the hub's page fetches its own part anew.
const circle = 7

// moves counts, in the circle, what has moved for each hub.
func moves(l *hall.Look) map[floor.ID]int {
	n := map[floor.ID]int{}
	for i := range l.People {
		if p := &l.People[i]; p.Roles.Has(floor.Hub) {
			n[p.ID] += int(l.Beat % circle)
		} else if p.Hub != "" {
			n[p.Hub] += 1 + p.Asked
		}
	}
	for hub := range n {
		n[hub] %= circle
	}
	return n
}

func move(hub floor.ID, n int) string { return string(hub) + "-" + strconv.Itoa(n) }

func rowOf(l *hall.Look, t *floor.Ticket, who string) row {
	r := row{Key: string(t.ID), Who: who, Ticket: t.ID, Person: t.Person, Press: strconv.FormatInt(l.Beat, 10)}
	r.Text, r.Times = l.Place(t.ID)
	p := l.Places()[t.ID]
	if p.Reach && !p.Fits && !l.Vague() {
		r.Times = "" // the sentence has said as much
	}
	switch p.Why.Kind {
	case floor.PlaceNext:
		if l.Opened >= 0 && t.Form == floor.Voice && asking.Discussing(l) && !l.Vague() {
			r.Alert, r.Still, r.Defer = "next", !t.Still, true
		}
	case floor.PlaceCalled:
		if l.Elsewhere() {
			r.Text = l.Lang.Say("cut.called")
			return r
		}
		r.Defer = true
		return toFloor(l, r, l.Call())
	case floor.PlaceSpeaking:
		if l.Elsewhere() {
			r.Text = l.Lang.Say("cut.speaking")
			return r
		}
		r.Yield = t.Form == floor.Voice
		if t.Form == floor.Card {
			r.Text = l.Lang.Say("line.reading")
		}
		return r
	case floor.PlaceParked, floor.PlaceMissed, floor.PlaceDeferred, floor.PlaceAway:
		r.Here, r.Press = true, strconv.FormatInt(l.Entries, 10)
	}
	if t.Form == floor.Card {
		r.Text = l.Lang.Say("line.card-of", "t", l.Clock(t.Asked)) + " " + r.Text
	}
	return r
}

// toFloor says how to take the floor that one was given.
func toFloor(l *hall.Look, r row, c *floor.Called) row {
	r.Alert, r.Text, r.Video = "called", l.Lang.Say("line.unmute"), l.Fact("video")
	if c != nil {
		r.Start, r.Press = c.ID, string(c.ID)
	}
	return r
}
