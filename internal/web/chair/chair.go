// Package chair is the screen of whoever gives the floor (seeds S3, S15). It shows who speaks and who is next with the
// reason, and one large button for it; everything else a chair may decide lies below, each in its own box: override with a
// reason, replies, rounds, the segments with the protected discussion, closing the line, the end.
//
// It shows what the rule says and sends commands; what they do is decided in package floor. The buttons of the deck stay
// under the thumb on a phone, so a chair can run a session with one hand.
package chair

import (
	"embed"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/web/panels"
)

//go:embed *.html
var files embed.FS

// Screen is the chair's.
var Screen = &hall.Screen{Name: "chair", Roles: floor.Chair | floor.Organiser, Gap: page.CrewGap, Template: page.NewScreen("chair", panels.Files, files),
	Look: func(l *hall.Look) any { return look(l) }, Page: visit}

// view is all the template shows.
type view struct {
	page.Page
	Tabs    []panels.Tab
	Paper   panels.Paper
	Deck    panels.Deck
	Sites   panels.Sites
	Wishes  panels.Wishes
	Voices  panels.Voices
	Line    panels.Line
	Time    panels.Time
	Rounds  panels.Rounds
	Balance panels.Balance
	Turns   panels.Turns
	Talk    panels.Talk
}

func look(l *hall.Look) view {
	return view{Page: l.Frame(), Paper: panels.PaperOf(l), Deck: panels.DeckOf(l), Sites: panels.SitesOf(l, floor.Chair), Wishes: panels.WishesOf(l), Voices: panels.VoicesOf(l),
		Line: panels.LineOf(l), Time: panels.TimeOf(l), Rounds: panels.RoundsOf(l), Balance: panels.BalanceOf(l), Turns: panels.TurnsOf(l),
		Talk: panels.TalkOf(l)}
}

func visit(v *hall.Visit) (any, error) {
	d := look(v.Look)
	d.Page, d.Tabs = v.Frame(), panels.TabsOf(v)
	return d, nil
}
