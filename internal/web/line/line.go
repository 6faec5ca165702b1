package line

import (
	"cmp"
	"embed"
	"slices"
	"strconv"
	"strings"
	"time"

	"openmic/floor"
	"openmic/internal/web/asking"
	"openmic/internal/web/hall"
	"openmic/internal/web/naming"
	"openmic/internal/web/page"
)

//go:embed *.html
var files embed.FS

// Screen is the participant's.
var Screen = &hall.Screen{Name: "line", Roles: floor.Anybody, Gap: page.ParticipantGap, Template: page.NewScreen("line", naming.Files, asking.Files, files),
	Look: func(l *hall.Look) any { return look(l) }, Samples: samples, Page: visit}

// view is all the template may show.
type view struct {
	page.Page
	Ended, Opened bool
	Starts        string // when it is planned to begin, empty when nobody knows
	Part          string // the segment that runs
	Last          string // when the main floor was heard last, while it is given where nobody here can hear it
	Now           *speaking
	Next          *next
	Points        []asking.Made // of who speaks and who spoke last
	Line          []place
	Waiting, More int
	Closed        bool
	Left          int // asks still taken before the line closes, 0 when it is not about to
	Nudge         string
	Rows          []row
	Tables        []table
	Passed        []row // waiting people before whom somebody was placed

	*mine // nil in the live region
}

// Streamed: this is the region that everybody's script gets. The script gives each press its own id.
func (d *view) Streamed() bool { return d.mine == nil }

// speaking is who has the floor, or is called to it.
type speaking struct {
	Who    string
	Side   floor.Side
	Called bool
	Card   string // what is read out
	Policy string
	First  string // why the chair called them before others
	Until  time.Time
	Since  time.Time
}

// next is whom the rule names now, and why.
type next struct {
	Who  string
	Side floor.Side
	Why  string
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
	Parts       []part // of somebody who simply waits
	Ticket      floor.ID
	Still       bool // asked "still there?"
	Defer       bool // may let the next one go first
	Here        bool // waits for "I am here"
	Start       floor.ID
	Yield       bool
	Press       string // sets the presses of this moment apart from earlier ones
	Video       string // where to unmute
	Mark        string // changes when what is only mine changed with it
}

// table says the same to whoever stands at the same place of an order. When the line moves on, the order loses one and the
// sentences stay as they are; a row for each would change them all.
type table struct {
	Order string // keys, parted by spaces
	Said  []part // by place; the last one serves all that follow
}

// part is what somebody who waits is told in one go; either may be empty.
type part struct{ Strong, Soft string }

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
	d.Last = l.Last()
	d.floor(l)
	if c, why, ok := l.Then(); ok && d.Last == "" {
		t := l.Ticket(c.Ticket)
		d.Next = &next{l.OnWall(t.Person), t.Side, why}
	}
	d.line(l)
	d.Left = asking.Left(l)
	d.Nudge = asking.Nudge(l, "all", "silent", "room", "online")
	d.rows(l)
	return d
}

// floor fills in who speaks, or is called, and whose points were just made.
func (d *view) floor(l *hall.Look) {
	d.Points = asking.Points(l)
	if t := l.Current(); t != nil {
		s := &speaking{Who: l.OnWall(t.Person), Side: t.Side, Until: l.Deadline(t), Since: l.Moment(t.Start), Policy: asking.Policy(l, t.Question)}
		if k := l.Ticket(t.Ticket); k != nil && k.Form == floor.Card && !k.Hidden {
			s.Card = l.Text(k.Text)
		}
		s.First, d.Now = l.CalledFirst(), s
	} else if c := l.Call(); c != nil {
		d.Now = &speaking{Who: l.OnWall(c.Person), Side: c.Side, Called: true, First: l.CalledFirst()}
		if k := l.Ticket(c.Ticket); k != nil {
			d.Now.Policy = asking.Policy(l, k.Question)
		}
	}
}

// line fills in the places in the order in which the rule is expected to call them.
func (d *view) line(l *hall.Look) {
	all := order(l)
	d.Waiting = len(all)
	d.More = max(0, len(all)-most)
	for _, p := range all[:min(most, len(all))] {
		t := l.Ticket(p.Ticket)
		d.Line = append(d.Line, place{t.ID, l.OnWall(t.Person), t.Side, t.Form == floor.Card})
	}
}

// order gives the places in the order in which the rule is expected to call them.
func order(l *hall.Look) (all []floor.Place) {
	for _, id := range l.State.Line {
		if p := l.Places()[id]; p.Number > 0 {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b floor.Place) int {
		return cmp.Or(cmp.Compare(far(a), far(b)), cmp.Compare(a.Before, b.Before), cmp.Compare(a.Number, b.Number))
	})
	return all
}

// far is 1 for a place that the forecast does not reach.
func far(p floor.Place) int {
	if p.About < 0 {
		return 1
	}
	return 0
}

// rows fills in what is told to each.
func (d *view) rows(l *hall.Look) {
	d.tables(l)
	for i := range l.Tickets {
		t := &l.Tickets[i]
		switch {
		case t.Live() && (!waits(l.Places()[t.ID]) || l.Places()[t.ID].Why.Kind == floor.PlaceNext && !l.Vague()):
			d.Rows = append(d.Rows, rowOf(l, t))
		case t.Live() && t.Form == floor.Card:
			d.Rows = append(d.Rows, row{Key: string(t.ID), Parts: []part{{"", cardOf(l, t)}}})
		}
		// These two say nothing; that they are there makes their author's page fetch what stands in the card.
		if t.Live() && t.AskedBack {
			d.Rows = append(d.Rows, row{Key: string(t.ID) + "-back"})
		}
		if !t.Live() && len(t.Answers) > 0 {
			d.Rows = append(d.Rows, row{Key: string(t.ID) + "-answer", Mark: strconv.Itoa(len(t.Answers))})
		}
	}
	// Whoever was called without an ask: a tour de table, or the chair's own choice.
	if c := l.Call(); c != nil && c.Ticket == "" {
		d.Rows = append(d.Rows, called(l, row{Key: string(c.Person)}, c, c.Side, 0))
	}
	if t := l.Current(); t != nil && t.Ticket == "" && t.Person != "" {
		d.Rows = append(d.Rows, row{Key: string(t.Person), Text: l.Lang.Say("reason.speaking"), Yield: true, Press: string(t.ID)})
	}
	d.aside(l)
	for _, p := range asking.Nudged(l) {
		if !slices.ContainsFunc(d.Rows, func(r row) bool { return r.Key == string(p) }) {
			d.Rows = append(d.Rows, row{Key: string(p), Text: l.Lang.Say("line.nudge.you")})
		}
	}
}

// aside fills in what is told to who has the side floor, and lets the pages of who had it fetch what they may do now.
func (d *view) aside(l *hall.Look) {
	if t := l.Turn(l.SideFloor.Now); t != nil && t.Person != "" {
		d.Rows = append(d.Rows, row{Key: string(t.Person), Text: l.Lang.Say("cut.side-yours")})
	}
	for i := range l.Turns {
		if t := &l.Turns[i]; t.Kind == floor.SideTurn && t.Ended >= 0 && l.Live(t.Person) != nil {
			d.Rows = append(d.Rows, row{Key: string(t.Person) + "-aside", Mark: string(t.ID)})
		}
	}
}

func rowOf(l *hall.Look, t *floor.Ticket) row {
	r := row{Key: string(t.ID), Ticket: t.ID, Press: strconv.FormatInt(l.Beat, 10)}
	r.Text, r.Times = l.Place(t.ID)
	if t.AskedBack {
		r.Mark = "asked"
	}
	p := l.Places()[t.ID]
	switch p.Why.Kind {
	case floor.PlaceNext:
		r.Times = "" // stands in the tables
		if l.Opened >= 0 && t.Form == floor.Voice && asking.Discussing(l) {
			r.Alert, r.Still, r.Defer = "next", !t.Still && t.Mic == 0, true
		}
	case floor.PlaceCalled:
		if l.Elsewhere() {
			r.Text = l.Lang.Say("cut.called")
			return r
		}
		r.Defer = true
		return called(l, r, l.Call(), t.Side, t.Mic)
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
		r.Text = cardOf(l, t) + " " + r.Text
	}
	return r
}

func cardOf(l *hall.Look, t *floor.Ticket) string {
	return l.Lang.Say("line.card-of", "t", l.Clock(t.Asked))
}

// waits: the ticket has a place in line. Nothing else is to be said of it, unless it is the next.
func waits(p floor.Place) bool {
	return p.Number > 0 && (p.Why.Kind == floor.PlaceNth || p.Why.Kind == floor.PlacePassed || p.Why.Kind == floor.PlaceNext)
}

// tables fills in what is told to those who simply wait: their place and the worst case by side, and who speaks before them
// by their place among all.
func (d *view) tables(l *hall.Look) {
	var side [2]table
	var before table
	for _, id := range l.State.Line {
		if p := l.Places()[id]; waits(p) {
			w := l.Wait(p)
			side[p.Side].put(id, part{w.Place, w.Latest})
		}
	}
	for _, p := range order(l) {
		if !waits(p) {
			continue
		}
		w := l.Wait(p)
		before.put(p.Ticket, part{"", w.Before})
		if w.Passed != "" {
			d.Passed = append(d.Passed, row{Key: string(p.Ticket), Parts: []part{{"", w.Passed}}})
		}
	}
	d.Tables = []table{side[floor.Room], side[floor.Online], before}
	for i := range d.Tables {
		d.Tables[i].shorten()
	}
}

func (t *table) put(ticket floor.ID, p part) {
	if t.Order != "" {
		t.Order += " "
	}
	t.Order += string(ticket)
	t.Said = append(t.Said, p)
}

// shorten leaves out what the last sentence says already.
func (t *table) shorten() {
	for n := len(t.Said); n > 1 && t.Said[n-1] == t.Said[n-2]; n-- {
		t.Said = t.Said[:n-1]
	}
}

// of gives what the table tells to one.
func (t *table) of(key string) []part {
	i := slices.Index(strings.Fields(t.Order), key)
	if i < 0 {
		return nil
	}
	i = min(i, len(t.Said)-1)
	return t.Said[i : i+1]
}

// own gathers what is told under a key into one row, in the order of the region.
func (d *view) own(key string) (r row, ok bool) {
	take := func(rows []row) {
		for _, x := range rows {
			if x.Key == key {
				x.Parts = append(r.Parts, x.Parts...)
				r, ok = x, true
			}
		}
	}
	take(d.Rows)
	for i := range d.Tables {
		if said := d.Tables[i].of(key); said != nil {
			r.Key, ok = key, true
			r.Parts = append(r.Parts, said...)
		}
	}
	take(d.Passed)
	return r, ok
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
