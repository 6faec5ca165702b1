// Package wall is the projector in the room: who speaks and how long, who is next and why, the policy question, the card
// that is being read out, and the way in for everybody with a phone (seeds S15, S20, S21).
//
// Everybody sees it, so it names people only as they agreed, and only those whose name the crew has seen. A card stands
// there once it is approved. It is read from the back of the hall: nothing scrolls, important words are at least 28 dots
// high on a projector of 1280 by 720, and long ones step down in size, as the server counts their letters.
package wall

import (
	"cmp"
	"embed"
	"html/template"
	"slices"
	"strings"
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

//go:embed *.html *.css
var files embed.FS

// Screen is the wall. A projector's pass opens nothing else; the crew may look, too.
var Screen = &hall.Screen{Name: "wall", Roles: floor.Projector | floor.Crew, Gap: page.CrewGap, Template: page.NewScreen("wall", files),
	Look: func(l *hall.Look) any { return look(l) }, Page: visit}

// Stages of the wall.
const (
	before   = "before"
	idle     = "idle"
	called   = "called"
	speaking = "speaking"
	ended    = "ended"
)

// view is all the template shows.
type view struct {
	page.Page
	Stage   string
	Clock   string // time of day
	Part    string // the segment that runs, and until when
	Secured string
	Last    string        // when the main floor was heard last, while it is given where nobody here can hear it
	First   []page.Notice // the page's notices, in a place of their own
	News    []string      // the line is closed; a round; a tour
	Voice   speaker
	Card    *card
	Number  int // of the policy question, 0 when none
	Asked   string
	Why     string
	Next    []coming
	Room    int // how many wait
	Online  int
	Far     string // how many wait on the side that is not heard, as of when; it is then not told as the other
	FarSide string
	QR      template.HTML
	Address string
	Begins  string
	Code    string // four words that bind the journal; empty in the first minute
	Theme   string
	Late    int64 // days in which cards are taken after the end
}

// speaker has the floor, or was called.
type speaker struct {
	Who, Size     string
	Side, SideSay string
	Kind          string // of the turn, when it is not one from the line
	Ends          time.Time
	Since         time.Time
	Left          int64 // ms, negative when over
}

// card is being read out.
type card struct {
	Kind string
	Text string
	Size string
	Wide bool // it needs the whole wall
	Also int  // how many said the same
}

// coming is one of the next three.
type coming struct {
	Key           string
	Who           string
	Side, SideSay string
	Card          bool
}

func visit(v *hall.Visit) (any, error) {
	d := look(v.Look)
	d.Page = v.Frame()
	d.Notices = nil
	return d, nil
}

func look(l *hall.Look) view {
	d := view{Page: l.Frame(), Stage: stage(l), Clock: l.Clock(l.At), Room: len(l.Waiting(floor.Room)), Online: len(l.Waiting(floor.Online)),
		Theme: l.Fact("theme"), Late: l.Settings.LateDays, Code: l.Code(), Last: l.Last()}
	d.First, d.Notices = d.Notices, nil
	d.Far, d.FarSide = l.FarCount(), l.Here().Other().String()
	path := l.Base() + "room/" + l.RoomCode()
	d.QR = l.QR(path, l.Lang.Say("wall.join"))
	d.Address = strings.TrimPrefix(strings.TrimPrefix(l.Public()+path, "https://"), "http://")
	if at := l.GoesOn(); at != "" { // nobody is let in here
		d.QR, d.Address = "", at[strings.Index(at, "//")+2:]+l.Base()
	}
	switch d.Stage {
	case ended:
		return d
	case before:
		if l.Start > 0 {
			d.Begins = time.UnixMilli(l.Start).In(l.Now.Location()).Format("15:04")
		}
	}
	d.time(l)
	d.news(l)
	d.floor(l)
	d.next(l)
	return d
}

func stage(l *hall.Look) string {
	switch {
	case l.Adjourned >= 0:
		return ended
	case l.Opened < 0:
		return before
	case l.Speaking:
		return speaking
	case l.Calling:
		return called
	}
	return idle
}

// time is the segment that runs and the protected minutes (seed S2).
func (d *view) time(l *hall.Look) {
	secured := int64(0)
	for i, slot := range l.Schedule(l.At).Slots {
		g := &l.Segments[i]
		if g.Protected {
			secured += slot.Left
		}
		if g.Begun >= 0 && g.Ended < 0 {
			title := l.Text(g.Title)
			if title == "" {
				title = l.Lang.Say("segment." + g.Kind)
			}
			d.Part = l.Lang.Say("wall.part", "part", title, "t", l.Clock(max(slot.To, l.At)))
		}
	}
	if secured > 0 {
		d.Secured = l.Lang.Say("wall.secured", "d", secured)
	}
}

func (d *view) news(l *hall.Look) {
	switch {
	case l.Closed && l.State.More > 0:
		d.News = append(d.News, l.Lang.Say("wall.closed-for", "n", l.State.More))
	case l.Closed:
		d.News = append(d.News, l.Lang.Say("wall.closed"))
	}
	if first := l.CalledFirst(); first != "" {
		d.News = append(d.News, first)
	}
	if l.Round.N > 0 {
		d.News = append(d.News, l.Lang.Say("wall.round", "m", min(l.Round.Taken, l.Round.N), "n", l.Round.N))
	}
	if len(l.Tour) > 0 {
		d.News = append(d.News, l.Lang.Say("wall.tour", "n", len(l.Tour)))
	}
}

// floor is who has it, what is read, and which question it is about.
func (d *view) floor(l *hall.Look) {
	var ticket floor.ID
	if t := l.Current(); t != nil {
		ticket = t.Ticket
		d.Number = t.Question
		d.Voice = named(l, t.Person, t.Side)
		if !t.Charged() {
			d.Voice.Kind = l.Lang.Say("turn." + t.Kind)
		}
		if d.Last == "" { // else nobody here knows how long they spoke
			d.Voice.Since, d.Voice.Ends = l.Moment(t.Start), l.Deadline(t)
			d.Voice.Left = t.Limit() - t.Length(l.At)
		}
	} else if c := l.Call(); c != nil {
		ticket = c.Ticket
		d.Voice = named(l, c.Person, c.Side)
	}
	if t := l.Ticket(ticket); t != nil {
		if d.Number == 0 {
			d.Number = t.Question
		}
		// What was read when the other site was heard last is not read any more.
		if t.Form == floor.Card && !t.Hidden && (t.Approved || l.Settings.WallAll) && d.Last == "" {
			beside := room[d.Voice.Size]
			if len(d.First) > 0 { // the notice takes it
				beside = 0
			}
			d.Card = cardOf(l, t, beside)
		}
	}
	if d.Number > 0 && d.Number <= len(l.Questions) {
		d.Asked = l.Text(l.Questions[d.Number-1])
	}
}

func named(l *hall.Look, person floor.ID, side floor.Side) speaker {
	s := speaker{Who: l.Lang.Say("consent.who." + side.String()), Side: side.String(), SideSay: l.Lang.Say("side." + side.String())}
	if person != "" {
		s.Who = l.OnWall(person)
	}
	s.Size = size(nameSteps, s.Who)
	return s
}

// cardOf is the card; beside the name there is room for a text so wide.
func cardOf(l *hall.Look, t *floor.Ticket, room int) *card {
	c := &card{Kind: l.Lang.Say("kind." + t.Kind), Text: strings.Join(strings.Fields(l.Text(t.Text)), " "), Also: len(t.Backers)}
	if c.Wide = width(c.Text) > room; c.Wide {
		c.Size = size(wideSteps, c.Text)
	} else {
		c.Size = size(cardSteps, c.Text)
	}
	return c
}

// next are three at most, with one sentence why the first is the first.
func (d *view) next(l *hall.Look) {
	if d.Last != "" { // nobody here knows
		if d.Why = l.Lang.Say("cut.next-unknown"); l.ShutOut() {
			d.Why = l.Lang.Say("cut.shut-waits")
		}
		return
	}
	add := func(key, person floor.ID, side floor.Side, card bool) {
		d.Next = append(d.Next, coming{string(key), l.OnWall(person), side.String(), l.Lang.Say("side." + side.String()), card})
	}
	if len(l.Tour) > 0 {
		d.Why = l.Lang.Say("reason.tour")
		for _, id := range l.Tour[:min(3, len(l.Tour))] {
			if p := l.Person(id); p != nil {
				add(id, id, p.Side, false)
			}
		}
		return
	}
	first, why, _ := l.Then()
	d.Why = why
	for _, t := range order(l, first.Ticket) {
		add(t.ID, t.Person, t.Side, t.Form == floor.Card)
	}
}

// order is who comes first and who then, as far as the rule can see today.
func order(l *hall.Look, first floor.ID) []*floor.Ticket {
	places := l.Places()
	var all []*floor.Ticket
	for _, id := range l.Line {
		if p := places[id]; p.Number > 0 && (p.About >= 0 || id == first) {
			all = append(all, l.Ticket(id))
		}
	}
	rank := func(t *floor.Ticket) int {
		if t.ID == first {
			return -1
		}
		return places[t.ID].Before
	}
	slices.SortStableFunc(all, func(a, b *floor.Ticket) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(places[a.ID].About, places[b.ID].About))
	})
	return all[:min(3, len(all))]
}
