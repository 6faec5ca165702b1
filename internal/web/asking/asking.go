// Package asking tells whoever asked, for themselves or through a hub, what became of each ask, and asks what an ask
// should say. A participant's page and a hub's page show the same story and the same fields.
//
// What changes with time, a place or the minutes to wait, is not told here: it stands in the live region of each page.
package asking

import (
	"cmp"
	"embed"
	"slices"
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
)

// Files hold the block "asking.story", which takes the args "x", a page that can speak, and "ask", an [Ask].
//
//go:embed *.html
var Files embed.FS

// Ask is an ask or a card, and what became of it.
type Ask struct {
	ID      floor.ID
	Card    bool
	Kind    string
	At      string // when it was asked, 14:20
	Pressed string // of a phone without network: when it was pressed, and when it arrived
	Policy  string // the question it points to
	Text    string // of the card, or what the ask is about
	Status  string // empty while its row tells
	Back    string // what the moderator asked
	Answers []string
	Waits   bool // it may be withdrawn or changed
}

// Of tells an ask.
func Of(l *hall.Look, t *floor.Ticket) Ask {
	end := l.Disposition(t, l.Now.UnixMilli())
	a := Ask{ID: t.ID, Card: t.Form == floor.Card, Kind: l.Lang.Say("kind." + t.Kind), At: l.Clock(t.Asked), Policy: Policy(l, t.Question),
		Text: cmp.Or(l.Text(t.Text), l.Text(t.About)), Waits: end == "" && t.Status == floor.Waiting}
	for _, x := range t.Answers {
		if s := l.Text(x); s != "" {
			a.Answers = append(a.Answers, s)
		}
	}
	if t.Ago > 0 {
		a.Pressed = l.Lang.Say("line.pressed", "pressed", l.Clock(t.Asked-t.Ago), "t", a.At)
	}
	if t.AskedBack && end == "" {
		a.Back = l.Text(t.Ask)
	}
	a.Status = status(l, t, end, a)
	return a
}

// status says how an ask ended, or that its card was received; of an ask that waits its row tells.
func status(l *hall.Look, t *floor.Ticket, end string, a Ask) string {
	say := l.Lang.Say
	switch {
	case end == "" && t.Late:
		return say("line.late")
	case end == "" && a.Card:
		return say("line.received", "t", a.At)
	case end == "":
		return ""
	case end == floor.BySpeaking:
		return say("line.spoken", "t", l.Clock(t.Ended))
	case end == floor.ByReading:
		return say("line.read", "t", l.Clock(t.Ended))
	case end != floor.NotReached:
		return say("disposition." + end)
	case l.Now.UnixMilli() > l.TakenUntil():
		return say("line.not-reached-over")
	case a.Card:
		return say("line.not-reached-card")
	}
	return say("line.not-reached")
}

// Policy is the policy question of a number, empty for 0.
func Policy(l *hall.Look, n int) string {
	if n < 1 || n > len(l.Questions) {
		return ""
	}
	return l.Text(l.Questions[n-1])
}

// Made is an ask of which somebody else may say that their point was made.
type Made struct {
	Ticket floor.ID
	Who    string
}

// recently is how long a point that was made can be named, ms.
const recently = 5 * 60_000

// Points are the ask of who speaks and the last one before it, of somebody else, that was heard in the last five minutes.
func Points(l *hall.Look) []Made {
	if l.Adjourned >= 0 {
		return nil
	}
	var out []Made
	add := func(t *floor.Turn) bool {
		k := l.Ticket(t.Ticket)
		if k == nil || k.Hidden || slices.ContainsFunc(out, func(m Made) bool { return m.Ticket == k.ID || l.Ticket(m.Ticket).Person == k.Person }) {
			return false
		}
		out = append(out, Made{k.ID, l.OnWall(t.Person)})
		return true
	}
	if t := l.Current(); t != nil {
		add(t)
	}
	for i := range slices.Backward(l.Turns) {
		if t := &l.Turns[i]; t.Ended >= 0 && (l.At-t.Ended >= recently || add(t)) {
			break
		}
	}
	return out
}

// fresh is how long an encouragement is shown, ms.
const fresh = 120_000

// nudges are the encouragements for more than one person.
var nudges = map[string]string{"all": "line.nudge.all", "silent": "line.nudge.silent", "room": "line.nudge.room", "online": "line.nudge.online"}

// Nudge is the newest encouragement of the last two minutes for one of these: all, silent, room, online.
func Nudge(l *hall.Look, whom ...string) string {
	for _, n := range slices.Backward(l.Nudges) {
		if l.At-n.At >= fresh {
			break
		}
		if slices.Contains(whom, n.Whom) {
			return l.Lang.Say(nudges[n.Whom])
		}
	}
	return ""
}

// Nudged are those who were encouraged by name in the last two minutes.
func Nudged(l *hall.Look) []floor.ID {
	var out []floor.ID
	for _, n := range l.Nudges {
		if n.Person != "" && l.At-n.At < fresh {
			out = append(out, n.Person)
		}
	}
	return out
}

// Discussing: people are called from the line now, not after the panel.
func Discussing(l *hall.Look) bool {
	g := l.Running()
	return g == nil || g.Kind != "welcome" && g.Kind != "panel"
}

// Left is how many asks are still taken before the line closes, 0 when it is not about to.
func Left(l *hall.Look) int {
	if !l.State.Closed {
		return 0
	}
	return max(0, l.State.More)
}

// LateUntil is until when cards for the report are taken after the session, and whether that lies ahead.
func LateUntil(l *hall.Look) (until string, open bool) {
	at := time.UnixMilli(l.TakenUntil()).In(l.Now.Location())
	return at.Format("2006-01-02 15:04"), l.Now.Before(at)
}

// Named says for each use how somebody is named now.
func Named(l *hall.Look, person floor.ID) []string {
	var out []string
	for _, u := range []struct {
		key string
		use hall.Use
	}{{"aloud", hall.Aloud}, {"screen", hall.Screens}, {"report", hall.Report}} {
		out = append(out, l.Lang.Say("consent."+u.key)+": "+l.Who(person, u.use))
	}
	return out
}
