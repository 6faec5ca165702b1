package hub

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"openmic/floor"
	"openmic/internal/web/asking"
	"openmic/internal/web/hall"
	"openmic/internal/web/naming"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

// ours is what only this hub sees.
type ours struct {
	Keys       string
	People     []person
	Used, Most int
	Room       bool // another person may be entered
	MayWrite   bool
	LateUntil  string
	Itself     floor.ID // the hub's own person, who may leave a late card for somebody not listed
	Video      string
	Add        *adding
	Card       *writing
	Editing    *editing
	Me         *renaming
	Seconds    int64
	Languages  []language
	Home       string // this page
	Press      string // sets the presses of this moment apart from earlier ones
}

type language struct{ Tag, Name string }

// person is one of our people.
type person struct {
	ID     floor.ID
	Who    string
	Group  string
	Named  string // as the moderator would name them
	Here   bool
	Waits  *floor.Ticket // their ask that has a place and is not called yet
	CanAsk bool
	Made   []asking.Made // whose point could have been theirs
	Asks   []asking.Ask  // newest first
}

// editing is the form for the words of an ask.
type editing struct {
	ID   floor.ID
	Who  string
	Edit []page.Field
}

// adding is the form for somebody new: to speak, or with a card.
type adding struct {
	Naming *naming.Form
	Card   bool
	More   []page.Field
}

// writing is the form for a card of somebody here.
type writing struct {
	Person floor.ID
	Who    string
	More   []page.Field
}

// renaming is the form for how somebody here is called, and may be named.
type renaming struct {
	Person floor.ID
	Who    string
	Naming *naming.Form
	Named  []string
}

// visit is the whole page of one hub.
func visit(v *hall.Visit) (any, error) {
	d := look(v.Look)
	all := d.Rows
	d.Page = v.Frame()
	hub := v.Pass.Person
	o := &ours{Most: v.Settings.HubPeople, Video: v.Fact("video"), Home: v.Of(v.Pass.ID) + "hub", Seconds: v.Settings.CardSeconds, Itself: hub,
		Press: strconv.FormatInt(v.Entries, 10)}
	d.ours = o
	for _, l := range words.Languages() {
		if l.Tag() != v.Lang.Tag() {
			o.Languages = append(o.Languages, language{l.Tag(), l.Name()})
		}
	}
	o.MayWrite = !d.Ended
	if d.Ended {
		o.LateUntil, o.MayWrite = asking.LateUntil(v.Look)
	}
	o.people(v, d, hub)
	o.Room = !d.Ended && o.Used < o.Most
	keys := o.keys(v.Look, hub)
	o.Keys = strings.Join(keys, " ")
	// The page brings only the rows of its reader, in the order of the keys; the stream brings all of them a moment later.
	d.Rows = nil
	for _, k := range keys {
		if i := slices.IndexFunc(all, func(r row) bool { return r.Key == k }); i >= 0 {
			d.Rows = append(d.Rows, all[i])
		}
	}
	o.forms(v, hub)
	d.Calm = o.Add != nil || o.Card != nil || o.Editing != nil || o.Me != nil
	return d, nil
}

// people lists who is here. The hub itself is among them once it has asked for something.
func (o *ours) people(v *hall.Visit, d *view, hub floor.ID) {
	seat := seats(v.Look)
	points := asking.Points(v.Look)
	for i := range v.State.People {
		p := &v.State.People[i]
		if p.Hub == hub {
			o.Used++
		}
		if p.Closed || p.Hub != hub && (p.ID != hub || p.Asked == 0) {
			continue
		}
		x := person{ID: p.ID, Who: called(v.Look, seat[p.ID], v.Text(p.Name)), Group: v.Group(p.ID), Named: v.Who(p.ID, hall.Aloud), Here: !p.Away}
		live := v.Live(p.ID)
		x.CanAsk = live == nil && !d.Ended && !d.Closed
		if live != nil && live.Status == floor.Waiting {
			x.Waits = live
		}
		for j := range v.Tickets {
			if t := &v.Tickets[len(v.Tickets)-1-j]; t.Person == p.ID {
				x.Asks = append(x.Asks, asking.Of(v.Look, t))
			}
		}
		for _, m := range points {
			if t := v.Ticket(m.Ticket); t.Person != p.ID && !slices.Contains(t.Backers, p.ID) {
				x.Made = append(x.Made, m)
			}
		}
		o.People = append(o.People, x)
	}
}

// keys are those of the rows that belong here: who has the floor first, then the line, then what waits outside it.
func (o *ours) keys(l *hall.Look, hub floor.ID) []string {
	rank := map[floor.ID]int{}
	for i, id := range l.State.Line {
		rank[id] = i + 1
	}
	var tickets []*floor.Ticket
	var people, told []string
	for _, p := range o.People {
		people = append(people, string(p.ID))
		for _, a := range p.Asks {
			t := l.Ticket(a.ID)
			tickets = append(tickets, t)
			told = append(told, string(t.ID)+"-back", string(t.ID)+"-answer")
			if _, ok := rank[t.ID]; !ok && t.Status == floor.Waiting {
				rank[t.ID] = len(l.Tickets) + 1
			}
		}
	}
	slices.SortStableFunc(tickets, func(a, b *floor.Ticket) int { return cmp.Compare(rank[a.ID], rank[b.ID]) })
	out := people // a call without an ask, or an encouragement
	for _, t := range tickets {
		if t.Live() {
			out = append(out, string(t.ID))
		}
	}
	for n := range circle {
		told = append(told, move(hub, n))
	}
	return append(out, told...)
}

// forms fills in the one form that the address asks for.
func (o *ours) forms(v *hall.Visit, hub floor.ID) {
	q := v.R.URL.Query()
	mine := func(key string) *floor.Person {
		if p := v.State.Person(floor.ID(q.Get(key))); p != nil && (p.Hub == hub || p.ID == hub) && !p.Closed {
			return p
		}
		return nil
	}
	seat := seats(v.Look)
	who := func(p *floor.Person) string { return called(v.Look, seat[p.ID], v.Text(p.Name)) }
	if p := mine("card"); p != nil && o.MayWrite {
		o.Card = &writing{p.ID, who(p), asking.Fields(v.Look, "", "question", 0)}
	}
	if p := mine("me"); p != nil {
		o.Me = &renaming{Person: p.ID, Who: who(p), Naming: naming.New(v.Lang, p.Side, v.Fact("goesto"), naming.Typed(v.Look, p), nil)}
		o.Me.Named = asking.Named(v.Look, p.ID)
	}
	if t := v.Ticket(floor.ID(q.Get("edit"))); t != nil && v.Disposition(t, v.Now.UnixMilli()) == "" && t.Status == floor.Waiting {
		if p := v.State.Person(t.Person); p != nil && (p.Hub == hub || p.ID == hub) {
			o.Editing = &editing{t.ID, who(p), asking.Edit(v.Look, "", t)}
		}
	}
	if q.Has("add") && o.Room {
		card := q.Get("add") == "card"
		o.Add = &adding{Naming: naming.New(v.Lang, floor.Online, v.Fact("goesto"), url.Values{}, nil), Card: card}
		if !card {
			o.Add.More = []page.Field{{Name: "about", Label: v.Lang.Say("line.about"), Most: floor.LongLine}}
		}
		o.Add.More = append(o.Add.More, asking.Fields(v.Look, "", "question", 0)...)
	}
}
