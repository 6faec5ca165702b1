// Package venue is the screen of the on-site moderator (seeds S16, S17): somebody steps to a microphone and is in the one
// line after two taps and a name, exactly like a hand online. It shows who is called to which microphone, the people of
// the room first, those who may step up again, and the sheet for the wall of the room: its code and the notice for the
// microphone.
//
// The on-site moderator often chairs, so Next and End stand here too. A name goes to the wall and into the record only
// once its owner agreed; the tick is here.
package venue

import (
	"embed"
	"html/template"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/web/panels"
)

//go:embed *.html *.css
var files embed.FS

// Screen is the on-site moderator's.
var Screen = &hall.Screen{Name: "venue", Roles: floor.Venue | floor.Chair | floor.Organiser, Gap: page.CrewGap,
	Template: page.NewScreen("venue", panels.Files, files), Look: func(l *hall.Look) any { return look(l) }, Page: visit}

// view is all the template shows.
type view struct {
	page.Page
	Tabs   []panels.Tab
	Paper  panels.Paper
	Deck   panels.Deck
	Sites  panels.Sites
	Admit  panels.Newcomers
	Enter  panels.Enter
	Line   panels.Line
	Known  []panels.Known
	More   int // known people not shown
	Voices panels.Voices
	Time   panels.Time
	Turns  panels.Turns
	Talk   panels.Talk

	// For the sheet that hangs in the room.
	Door   string // address with the room's code
	QR     template.HTML
	GoesTo string
}

func look(l *hall.Look) view {
	d := view{Page: l.Frame(), Paper: panels.PaperOf(l), Deck: panels.DeckOf(l), Sites: panels.SitesOf(l, floor.Venue), Admit: panels.NewcomersOf(l), Enter: panels.EnterOf(l, true, false),
		Line: panels.LineOf(l).First(floor.Room), Voices: panels.VoicesOf(l), Time: panels.TimeOf(l), Turns: panels.TurnsOf(l), Talk: panels.TalkOf(l)}
	d.Known, d.More = panels.KnownInRoom(l)
	return d
}

func visit(v *hall.Visit) (any, error) {
	d := look(v.Look)
	d.Page, d.Tabs = v.Frame(), panels.TabsOf(v)
	path := v.Base() + "room/" + v.RoomCode()
	d.Door, d.QR, d.GoesTo = v.Public()+path, v.QR(path, v.Lang.Say("venue.qr")), v.Fact("goesto")
	return d, nil
}
