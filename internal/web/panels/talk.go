package panels

import (
	"strconv"
	"strings"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

func milliseconds(seconds int64) string { return strconv.FormatInt(seconds*1000, 10) }

func compareFold(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }

// id2person is whose ticket it is.
func id2person(l *hall.Look, ticket floor.ID) floor.ID {
	if t := l.Ticket(ticket); t != nil {
		return t.Person
	}
	return ""
}

// messages is how many of the back channel are shown.
const messages = 8

// Talk is the crew's back channel; it never leaves the crew (seed S16).
type Talk struct {
	page.Speaker
	Rows []Message
	More int
}

// Message is one of them.
type Message struct {
	ID   floor.ID
	At   string
	By   string
	Text string
}

// TalkOf are the last messages, oldest first.
func TalkOf(l *hall.Look) Talk {
	out := Talk{Speaker: l.Lang}
	from := max(0, len(l.Messages)-messages)
	out.More = from
	if len(l.Messages) == 0 {
		return out
	}
	labels := map[floor.ID]string{}
	if l.Passes != nil {
		for _, p := range l.Passes.List(floor.Crew | floor.Speaker) {
			labels[p.Person] = p.Label
		}
	}
	for _, m := range l.Messages[from:] {
		by := labels[m.By]
		if by == "" {
			by = l.Crew(m.By)
		}
		out.Rows = append(out.Rows, Message{m.ID, l.Clock(m.At), by, l.Text(m.Text)})
	}
	return out
}

// Balance is how the two sides stand to each other.
type Balance struct {
	page.Speaker
	Sentence string
	Room     Share
	Online   Share
	Last     string // as of when, while the main floor is given where it is not heard; empty otherwise
}

// Share is what one side has had from the line.
type Share struct {
	Turns   int
	Length  int64 // ms
	Waiting int
}

// BalanceOf adds up both sides.
func BalanceOf(l *hall.Look) Balance {
	b := Balance{Speaker: l.Lang, Last: l.Last()}
	heard := heard(l)
	for i := range l.Turns {
		t := &l.Turns[i]
		if !t.Charged() {
			continue
		}
		s := &b.Room
		if t.Side == floor.Online {
			s = &b.Online
		}
		s.Turns++
		s.Length += t.Length(max(t.Start, heard))
	}
	b.Room.Waiting, b.Online.Waiting = len(l.Waiting(floor.Room)), len(l.Waiting(floor.Online))
	switch lead := l.Standing(heard).Lead; {
	case lead >= 1000:
		b.Sentence = l.Lang.Say("panels.lead-online", "d", lead)
	case lead <= -1000:
		b.Sentence = l.Lang.Say("panels.lead-room", "d", -lead)
	default:
		b.Sentence = l.Lang.Say("panels.lead-even")
	}
	return b
}

// heard is until when this site knows of the main floor.
func heard(l *hall.Look) int64 {
	if l.Elsewhere() {
		return l.Severed().Since
	}
	return l.At
}

// Note is the quick note of a crew that is one person.
type Note struct {
	page.Speaker
	Last []string // the last notes, newest first
}

// NoteOf shows the last notes.
func NoteOf(l *hall.Look) Note {
	out := Note{Speaker: l.Lang}
	for i := len(l.Notes) - 1; i >= 0 && len(out.Last) < 3; i-- {
		if n := &l.Notes[i]; !n.Struck {
			out.Last = append(out.Last, l.Clock(n.At)+" "+l.Text(n.Text))
		}
	}
	return out
}

// Paper is what a screen says when the server is gone, and how the turns are entered afterwards (seed S11).
type Paper struct {
	page.Speaker
	AsOf string
}

// PaperOf stands as of now.
func PaperOf(l *hall.Look) Paper { return Paper{l.Lang, l.Clock(l.At)} }
