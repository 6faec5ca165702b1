// Package crew is the screen of a crew that is one person (seeds S15–S18): the chair's button, walk-ups and hands, cards to
// approve and to read, time, notes and the back channel on one page, on a laptop or a phone.
//
// It is made of the same parts as the other screens of the crew, so that whoever knows one knows this one, and several
// people can share the work at any moment.
package crew

import (
	"embed"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/web/panels"
)

//go:embed *.html
var files embed.FS

// Screen is the one for a crew of one.
var Screen = &hall.Screen{Name: "crew", Roles: floor.Operators | floor.Organiser, Gap: page.CrewGap,
	Template: page.NewScreen("crew", panels.Files, files), Look: func(l *hall.Look) any { return look(l) }, Page: visit}

// view is all the template shows.
type view struct {
	page.Page
	Tabs    []panels.Tab
	Paper   panels.Paper
	Deck    panels.Deck
	Sites   panels.Sites
	Admit   panels.Newcomers
	Enter   panels.Enter
	Cards   []Card
	More    int // cards not shown
	Wishes  panels.Wishes
	Voices  panels.Voices
	Line    panels.Line
	Time    panels.Time
	Rounds  panels.Rounds
	Note    panels.Note
	Balance panels.Balance
	Turns   panels.Turns
	Talk    panels.Talk
}

// Card is one that waits to be approved, was put aside, or waits to be read.
type Card struct {
	panels.Voice
	Ticket  floor.ID
	Beat    int64
	Kind    string
	ReadOut string // the exact sentence
	Aloud   int64  // ms it takes to read
	Approve bool   // somebody has to approve it first
	Asked   string // what its author was asked back
	Call    bool
}

// most is how many cards are shown.
const most = 40

func look(l *hall.Look) view {
	d := view{Page: l.Frame(), Paper: panels.PaperOf(l), Deck: panels.DeckOf(l), Sites: panels.SitesOf(l, floor.Chair|floor.Venue), Admit: panels.NewcomersOf(l), Enter: panels.EnterOf(l, true, true),
		Wishes: panels.WishesOf(l), Voices: panels.VoicesOf(l), Line: panels.LineOf(l), Time: panels.TimeOf(l), Rounds: panels.RoundsOf(l),
		Note: panels.NoteOf(l), Balance: panels.BalanceOf(l), Turns: panels.TurnsOf(l), Talk: panels.TalkOf(l)}
	d.cards(l)
	return d
}

// cards lists those to approve first, then those to read, each in the order in which they were written.
func (d *view) cards(l *hall.Look) {
	open := l.Opened >= 0 && l.Adjourned < 0 && !l.Elsewhere()
	for _, approved := range []bool{false, true} {
		for i := range l.Tickets {
			t := &l.Tickets[i]
			ready := t.Approved && !t.Held
			if t.Form != floor.Card || t.Status != floor.Waiting || t.Hidden || ready != approved {
				continue
			}
			if len(d.Cards) == most {
				d.More++
				continue
			}
			c := Card{Voice: panels.VoiceOf(l, t), Ticket: t.ID, Beat: l.Beat, Kind: l.Lang.Say("kind." + t.Kind), ReadOut: l.ReadOut(t),
				Approve: !ready, Call: ready && open && t.Placed}
			c.Aloud = page.Aloud(c.ReadOut).Milliseconds()
			if t.AskedBack {
				c.Asked = l.Text(t.Ask)
			}
			d.Cards = append(d.Cards, c)
		}
	}
}

func visit(v *hall.Visit) (any, error) {
	d := look(v.Look)
	d.Page, d.Tabs = v.Frame(), panels.TabsOf(v)
	return d, nil
}
