package line

import (
	"cmp"
	"embed"
	"slices"
	"strconv"
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/naming"
	"openmic/internal/web/page"
)

//go:embed *.html
var files embed.FS

// Screen is the participant's.
var Screen = &hall.Screen{Name: "line", Roles: floor.Anybody, Gap: page.ParticipantGap, Template: page.NewScreen("line", naming.Files, files),
	Look: func(l *hall.Look) any { return look(l) }, Page: visit}

// view is all the template may show.
type view struct {
	page.Page
	Ended, Opened bool
	Starts        string // when it is planned to begin, empty when nobody knows
	Part          string // the segment that runs
	Now           *speaking
	Next          *next
	Points        []made // of who speaks and who spoke last
	Line          []place
	Waiting, More int
	Closed        bool
	Nudge         string
	Rows          []row

	*mine // nil in the live region
}

// speaking is who has the floor, or is called to it.
type speaking struct {
	Who    string
	Side   floor.Side
	Called bool
	Card   string // what is read out
	Policy string
	Until  time.Time
	Since  time.Time
}

// next is whom the rule names now, and why.
type next struct {
	Who  string
	Side floor.Side
	Why  string
}

// made is an ask of which somebody else may say that their point was made.
type made struct {
	Ticket floor.ID
	Who    string
}

// place is one place in line, as everybody sees it.
type place struct {
	Ticket floor.ID
	Who    string
	Side   floor.Side
	Card   bool
}

// row is what is told to whom an ask belongs. Key is the ask's, or the person's where there is no ask.
type row struct {
	Key         string
	Alert       string // next, called
	Text, Times string
	Ticket      floor.ID
	Still       bool // asked "still there?"
	Here        bool // waits for "I am here"
	Start       floor.ID
	Yield       bool
	Press       string // sets the presses of this moment apart from earlier ones
	Video       string // where to unmute
}

// most places are shown; the others are counted.
const most = 40

func look(l *hall.Look) *view {
	d := &view{Page: l.Frame(), Ended: l.Adjourned >= 0, Opened: l.Opened >= 0, Closed: l.State.Closed && l.State.More <= 0}
	if d.Ended {
		return d
	}
	if !d.Opened && l.Start > 0 {
		d.Starts = time.UnixMilli(l.Start).In(l.Now.Location()).Format("2006-01-02 15:04 MST")
	}
	if g := l.Running(); g != nil {
		if d.Part = l.Text(g.Title); d.Part == "" {
			d.Part = l.Lang.Say("segment." + g.Kind)
		}
	}
	d.floor(l)
	if c, why, ok := l.Next(); ok {
		t := l.Ticket(c.Ticket)
		d.Next = &next{l.OnWall(t.Person), t.Side, why}
	}
	d.line(l)
	d.Nudge = nudge(l)
	d.rows(l)
	return d
}

// floor fills in who speaks, or is called, and who spoke before.
func (d *view) floor(l *hall.Look) {
	if t := l.Current(); t != nil {
		s := &speaking{Who: l.OnWall(t.Person), Side: t.Side, Until: l.Deadline(t), Since: l.Moment(t.Start), Policy: policy(l, t.Question)}
		if k := l.Ticket(t.Ticket); k != nil {
			d.Points = append(d.Points, made{k.ID, s.Who})
			if k.Form == floor.Card && !k.Hidden {
				s.Card = l.Text(k.Text)
			}
		}
		d.Now = s
	} else if c := l.Call(); c != nil {
		d.Now = &speaking{Who: l.OnWall(c.Person), Side: c.Side, Called: true}
		if k := l.Ticket(c.Ticket); k != nil {
			d.Now.Policy = policy(l, k.Question)
		}
	}
	for i := len(l.Turns) - 1; i >= 0; i-- {
		t := &l.Turns[i]
		if k := l.Ticket(t.Ticket); t.Ended >= 0 && k != nil && !k.Hidden {
			if l.At-t.Ended < 5*60_000 {
				d.Points = append(d.Points, made{k.ID, l.OnWall(t.Person)})
			}
			return
		}
	}
}

func policy(l *hall.Look, n int) string {
	if n < 1 || n > len(l.Questions) {
		return ""
	}
	return l.Text(l.Questions[n-1])
}

// line fills in the places in the order in which the rule is expected to call them.
func (d *view) line(l *hall.Look) {
	var all []floor.Place
	for _, id := range l.State.Line {
		if p := l.Places()[id]; p.Number > 0 {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b floor.Place) int {
		return cmp.Or(cmp.Compare(far(a), far(b)), cmp.Compare(a.Before, b.Before), cmp.Compare(a.Number, b.Number))
	})
	d.Waiting = len(all)
	d.More = max(0, len(all)-most)
	for _, p := range all[:min(most, len(all))] {
		t := l.Ticket(p.Ticket)
		d.Line = append(d.Line, place{t.ID, l.OnWall(t.Person), t.Side, t.Form == floor.Card})
	}
}

// far is 1 for a place that the forecast does not reach.
func far(p floor.Place) int {
	if p.About < 0 {
		return 1
	}
	return 0
}

// nudge is the newest encouragement of the last two minutes that is meant for more than one person.
func nudge(l *hall.Look) string {
	for i := len(l.Nudges) - 1; i >= 0 && l.At-l.Nudges[i].At < 120_000; i-- {
		switch n := l.Nudges[i]; n.Whom {
		case "all":
			return l.Lang.Say("line.nudge.all")
		case "silent":
			return l.Lang.Say("line.nudge.silent")
		case "room":
			return l.Lang.Say("line.nudge.room")
		case "online":
			return l.Lang.Say("line.nudge.online")
		}
	}
	return ""
}

// rows fills in what is told to each.
func (d *view) rows(l *hall.Look) {
	for i := range l.Tickets {
		t := &l.Tickets[i]
		if t.Live() {
			d.Rows = append(d.Rows, rowOf(l, t))
		}
		// These two say nothing; that they are there makes their author's page fetch what stands in the card.
		if t.Live() && t.AskedBack {
			d.Rows = append(d.Rows, row{Key: string(t.ID) + "-back"})
		}
		if !t.Live() && len(t.Answers) > 0 {
			d.Rows = append(d.Rows, row{Key: string(t.ID) + "-answer"})
		}
	}
	// Whoever was called without an ask: a tour de table, or the chair's own choice.
	if c := l.Call(); c != nil && c.Ticket == "" {
		d.Rows = append(d.Rows, called(l, row{Key: string(c.Person)}, c, c.Side, 0))
	}
	if t := l.Current(); t != nil && t.Ticket == "" && t.Person != "" {
		d.Rows = append(d.Rows, row{Key: string(t.Person), Text: l.Lang.Say("reason.speaking"), Yield: true, Press: string(t.ID)})
	}
	for _, n := range l.Nudges {
		if n.Person != "" && l.At-n.At < 120_000 && !slices.ContainsFunc(d.Rows, func(r row) bool { return r.Key == string(n.Person) }) {
			d.Rows = append(d.Rows, row{Key: string(n.Person), Text: l.Lang.Say("line.nudge.you")})
		}
	}
}

func rowOf(l *hall.Look, t *floor.Ticket) row {
	r := row{Key: string(t.ID), Ticket: t.ID, Press: strconv.FormatInt(l.Beat, 10)}
	r.Text, r.Times = l.Place(t.ID)
	p := l.Places()[t.ID]
	if p.Reach && !p.Fits {
		r.Times = "" // the sentence has said as much
	}
	switch p.Why.Kind {
	case floor.PlaceNext:
		if l.Opened >= 0 && t.Form == floor.Voice && discussing(l) {
			r.Alert, r.Still = "next", !t.Still && t.Mic == 0
		}
	case floor.PlaceCalled:
		return called(l, r, l.Call(), t.Side, t.Mic)
	case floor.PlaceSpeaking:
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

// called says how to take the floor that one was given.
func called(l *hall.Look, r row, c *floor.Called, side floor.Side, mic int) row {
	r.Alert = "called"
	switch {
	case side == floor.Online:
		r.Text, r.Video = l.Lang.Say("line.unmute"), l.Fact("video")
	case mic > 0:
		r.Text = l.Lang.Say("line.to-microphone-n", "mic", mic)
	default:
		r.Text = l.Lang.Say("line.to-microphone")
	}
	if c != nil {
		r.Start, r.Press = c.ID, string(c.ID)
	}
	return r
}

// discussing: people are called from the line now, not after the panel.
func discussing(l *hall.Look) bool {
	g := l.Running()
	return g == nil || g.Kind != "welcome" && g.Kind != "panel"
}
