// Package panels holds the parts that several screens of the crew show: who has the floor, who is next, the line, the
// entry of a walk-up, the time, the balance, the last turns, and the back channel. A screen joins their templates to its
// own with [With], keeps the parts it shows as fields of its data, and places them:
//
//	Template: page.NewScreen("chair", panels.Files, files)
//	data.Now = panels.NowOf(l)
//	{{template "panel.now" .Now}}
//
// Always true:
//
//	N1   A part is the same for everybody who watches the screen; nothing in it knows the pass that looks.
//	N2   Every button is a form of its own to "do", which is the command's address on every screen of a pass. A button
//	     that depends on who has the floor carries the beat it was drawn at.
//	N3   What stands in the region can be read, printed and followed by voice when the server is gone (seed S11).
//
// Each part has a template of its name:
//
//	panel.deck   Deck: now, next, and the buttons of an operator. panel.now Now and panel.next Next stand without them
//	panel.line   Line, with a menu at every place       panel.close   Line: close and reopen it
//	panel.enter  Enter: walk-ups and hands              panel.unplanned, panel.give   Voices: the floor outside the line
//	panel.time   Time                                   panel.balance Balance
//	panel.turns  Turns, with corrections                panel.late    Turns: one that nobody recorded
//	panel.wishes Wishes                                 panel.talk    Talk: the back channel
//	panel.round  Rounds: "three, then replies", tour    panel.tabs    a page's data with the field Tabs, for the block tools
//	panel.admit  Newcomers: let people in
//	panel.note   Note                                   panel.paper   Paper: how to go on by voice
//	panel.order  Line, to read only
//	panel.keys   any page's data: the switch for the keys, for the block foot
//
// The style is linked by the block head; a screen that defines head itself links panels.css there.
package panels

import (
	"embed"
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
)

// Files are the templates and the style of the panels: a screen names them before its own.
//
//go:embed *.html *.css
var Files embed.FS

// Voice is a person as the crew needs them: how to call them, and where they are.
type Voice struct {
	Person  floor.ID
	Who     string
	Like    string // "say it like …"
	Group   string
	Side    string // room or online
	SideSay string
	Mic     int // number of the microphone, 0 when none
	MicSay  string
	Mark    string // "hand, left"
	Handle  string // the name in the video tool, where it is another
}

// voiceOf describes a person; ticket may be empty.
func voiceOf(l *hall.Look, person, ticket floor.ID, side floor.Side) Voice {
	v := Voice{Person: person, Who: l.Crew(person), Group: l.Group(person), Side: side.String(), SideSay: l.Lang.Say("side." + side.String())}
	if p := l.Person(person); p != nil {
		v.Like = l.Text(p.Say)
		if h := l.Text(p.Handle); h != v.Who {
			v.Handle = h
		}
	}
	if t := l.Ticket(ticket); t != nil {
		if v.Mic = t.Mic; v.Mic > 0 {
			v.MicSay = l.Lang.Say("panels.mic", "n", v.Mic)
		}
		if m := l.Text(t.Mark); m != v.Who {
			v.Mark = m
		}
	}
	return v
}

// VoiceOf describes whose ticket it is.
func VoiceOf(l *hall.Look, t *floor.Ticket) Voice { return voiceOf(l, t.Person, t.ID, t.Side) }

// wall writes a moment of the wall clock, Unix ms, as the time of day at this site.
func wall(l *hall.Look, ms int64) string {
	return time.UnixMilli(ms).In(l.Now.Location()).Format("15:04")
}
