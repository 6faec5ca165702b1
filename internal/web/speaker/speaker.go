// Package speaker is the screen of somebody on the panel: how long they still have, what was asked of them, and their
// right of reply (seeds S3, S5, S14).
//
// The live region holds one row for every speaker, under their person's id; a page shows the row that is its own. So the
// stream stays the same for all, and a speaker's page knows of a call as soon as it is made. Questions can be answered in
// writing, during the session and afterwards.
package speaker

import (
	"embed"
	"slices"
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/web/panels"
)

//go:embed *.html *.css
var files embed.FS

// Screen is a speaker's.
var Screen = &hall.Screen{Name: "speaker", Roles: floor.Speaker | floor.Crew, Gap: page.CrewGap,
	Template: page.NewScreen("speaker", panels.Files, files), Look: look, Page: visit}

type view struct {
	page.Page
	Tabs     []panels.Tab
	Paper    panels.Paper
	Line     panels.Line // as everybody may see it; stays readable when the server is gone
	Stage    string      // before, idle, called, speaking, ended
	Who      string
	Side     string
	SideSay  string
	Kind     string
	Last     string // when the main floor was heard last, while it is given where nobody here can hear it
	First    string // why the chair called them before others
	Question string
	Until    time.Time // when the turn reaches its cap; zero when it has none
	Since    time.Time
	Part     part
	Then     part // the part after it
	Rows     []row
	Me       floor.ID
	Mine     *row
	Joined   bool
}

// part is a segment of the session.
type part struct {
	Title string
	Until time.Time
	At    string
}

// row is what concerns one speaker.
type row struct {
	Person   floor.ID
	Alert    string
	Speaking bool
	Called   bool
	Until    time.Time
	Since    time.Time
	Cap      int64 // ms, how long the turn may be; 0 when it has no cap
	Asked    []question
	Wishes   []wish
	Wish     []page.Choice // what may be wished for
	Open     bool          // the session goes on
	Beat     int64
}

type question struct {
	Ticket  floor.ID
	Who     string
	Kind    string
	Text    string
	State   string // as a sentence
	Answers []string
	Answer  bool // may be answered in writing
	Count   int
}

type wish struct {
	Kind, Name, At string
}

func look(l *hall.Look) any { return build(l) }

func build(l *hall.Look) *view {
	v := &view{Page: l.Frame(), Paper: panels.PaperOf(l), Line: panels.LineOf(l).OnWall(l), First: l.CalledFirst(), Last: l.Last(), Stage: "idle"}
	switch {
	case l.Adjourned >= 0:
		v.Stage = "ended"
	case l.Opened < 0:
		v.Stage = "before"
	}
	if t := l.Current(); t != nil {
		v.Stage, v.Kind, v.Until, v.Since = "speaking", l.Lang.Say("turn."+t.Kind), l.Deadline(t), l.Moment(t.Start)
		v.person(l, t.Person, t.Side)
		if t.Question > 0 && t.Question <= len(l.Questions) {
			v.Question = l.Text(l.Questions[t.Question-1])
		}
	} else if c := l.Call(); c != nil {
		v.Stage = "called"
		v.person(l, c.Person, c.Side)
	}
	v.parts(l)
	for i := range l.People {
		if p := &l.People[i]; p.Roles.Has(floor.Speaker) {
			v.Rows = append(v.Rows, rowOf(l, p.ID))
		}
	}
	return v
}

func (v *view) person(l *hall.Look, id floor.ID, side floor.Side) {
	v.Who, v.Side, v.SideSay = l.OnWall(id), side.String(), l.Lang.Say("side."+side.String())
}

// parts are the segment that runs and the one after it.
func (v *view) parts(l *hall.Look) {
	if l.Adjourned >= 0 {
		return
	}
	sc := l.Schedule(l.At)
	for i := range l.Segments {
		g := &l.Segments[i]
		p := part{Title: l.Text(g.Title), At: l.Clock(sc.Slots[i].From)}
		if p.Title == "" {
			p.Title = l.Lang.Say("segment." + g.Kind)
		}
		switch {
		case g.Ended >= 0:
		case g.Begun >= 0:
			p.Until = l.Moment(g.Begun + g.Budget)
			v.Part = p
		case v.Then.Title == "":
			v.Then = p
		}
	}
}

func rowOf(l *hall.Look, id floor.ID) row {
	r := row{Person: id, Open: l.Opened >= 0 && l.Adjourned < 0, Beat: l.Beat}
	if t := l.Current(); t != nil && t.Person == id {
		r.Speaking, r.Until, r.Since, r.Cap = true, l.Deadline(t), l.Moment(t.Start), t.Limit()
	}
	if c := l.Call(); c != nil && c.Person == id {
		r.Called, r.Alert = true, "called"
	}
	for i := range l.Tickets {
		t := &l.Tickets[i]
		if t.To != id || t.Hidden || t.End == floor.ByWithdrawing || t.Form == floor.Card && !t.Approved {
			continue
		}
		q := question{Ticket: t.ID, Who: l.OnWall(t.Person), Kind: l.Lang.Say("kind." + t.Kind), Text: l.Text(t.Text), Count: len(t.Answers)}
		if q.Text == "" {
			q.Text = l.Text(t.About)
		}
		switch {
		case t.Status == floor.CalledUp || t.Status == floor.Spoke:
			q.State = l.Lang.Say("common.now-speaking")
		case t.Live():
			q.State = l.Lang.Say("speaker.waits")
		default:
			q.State = l.Lang.Say("disposition." + t.End)
		}
		q.Answer = t.Status != floor.CalledUp && t.Status != floor.Spoke
		for _, a := range t.Answers {
			q.Answers = append(q.Answers, l.Text(a))
		}
		r.Asked = append(r.Asked, q)
	}
	slices.Reverse(r.Asked)
	if !r.Open {
		return r
	}
	for _, kind := range []string{floor.Reply, floor.Right} {
		at := slices.IndexFunc(l.Wishes, func(w floor.Wish) bool { return w.Person == id && w.Kind == kind })
		if at >= 0 {
			r.Wishes = append(r.Wishes, wish{kind, l.Lang.Say("turn." + kind), l.Clock(l.Wishes[at].At)})
		} else {
			r.Wish = append(r.Wish, page.Choice{Value: kind, Label: l.Lang.Say("turn." + kind)})
		}
	}
	return r
}

func visit(v *hall.Visit) (any, error) {
	d := build(v.Look)
	d.Page, d.Tabs = v.Frame(), panels.TabsOf(v)
	if me := v.Me(); me != nil {
		d.Me, d.Joined = me.ID, true
		for i := range d.Rows {
			if d.Rows[i].Person == me.ID {
				d.Mine = &d.Rows[i]
			}
		}
	}
	return d, nil
}
