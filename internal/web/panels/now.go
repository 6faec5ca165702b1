package panels

import (
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// Stages of the floor, as Now and Next show them.
const (
	Before   = "before" // the session has not begun
	Idle     = "idle"
	Calling  = "called"
	Speaking = "speaking"
	Ended    = "ended"
)

// answer is how long a call waits for its person, as the rule has it.
const answer = 20 * time.Second

// Now is who has the floor.
type Now struct {
	page.Speaker
	Stage string
	Beat  int64
	Voice
	Kind     string // from the line, reply …
	About    string
	ReadOut  string // the exact sentence of a card
	Override string // why the chair called them, empty for a call by the rule
	Turn     floor.ID
	Call     floor.ID
	Ticket   floor.ID
	Since    time.Time
	Deadline time.Time // when the turn reaches its cap
	Length   int64     // ms, rounded at the moment of drawing
	Cap      int64     // ms, with more time granted
	AtCap    bool      // nobody has said since that they still speak
	Doubtful bool
	Extended bool
	More     int64     // percent of the cap granted, 100 when none
	Unmute   bool      // an online voice that nobody has asked to unmute yet
	Answer   time.Time // until when the call waits for an answer; zero while Unmute
	Overdue  bool
	Voiced   bool // an online voice: its card can be read instead
	Start    string
}

// NowOf is who has the floor now.
func NowOf(l *hall.Look) Now {
	n := Now{Speaker: l.Lang, Stage: stage(l), Beat: l.Beat, More: 100}
	if l.Start > 0 {
		n.Start = wall(l, l.Start)
	}
	if t := l.Current(); t != nil {
		n.Voice = voiceOf(l, t.Person, t.Ticket, t.Side)
		n.Kind = l.Lang.Say("turn." + t.Kind)
		n.Turn, n.Ticket, n.Since, n.Deadline = t.ID, t.Ticket, l.Moment(t.Start), l.Deadline(t)
		n.Length, n.Cap, n.Extended, n.More = t.Length(l.At), t.Limit(), t.Extended, max(100, t.Factor)
		n.Doubtful = t.Doubtful(l.At)
		n.AtCap = t.Cap > 0 && n.Length >= n.Cap && (t.Checked == 0 || n.Doubtful)
		if t.Override != "" && t.Kind != floor.Unplanned {
			n.Override = l.Lang.Say("class." + t.Override)
		}
		n.words(l)
		return n
	}
	if c := l.Call(); c != nil {
		n.Voice = voiceOf(l, c.Person, c.Ticket, c.Side)
		n.Call, n.Ticket, n.Since, n.Overdue = c.ID, c.Ticket, l.Moment(c.At), l.Overdue(l.At)
		from := c.At
		if t := l.Ticket(c.Ticket); t != nil && t.Channel == "voice" && c.Side == floor.Online {
			n.Voiced, n.Unmute = true, t.Unmute == 0
			from = max(from, t.Unmute)
		}
		if !n.Unmute {
			n.Answer = l.Moment(from).Add(answer)
		}
		if c.Override != "" {
			n.Override = l.Lang.Say("class." + c.Override)
		}
		n.words(l)
	}
	return n
}

// words are what the ask says.
func (n *Now) words(l *hall.Look) {
	t := l.Ticket(n.Ticket)
	if t == nil {
		return
	}
	if t.Form == floor.Card {
		n.ReadOut = l.ReadOut(t)
		return
	}
	n.About = l.Text(t.About)
}

func stage(l *hall.Look) string {
	switch {
	case l.Adjourned >= 0:
		return Ended
	case l.Opened < 0:
		return Before
	case l.Speaking:
		return Speaking
	case l.Calling:
		return Calling
	}
	return Idle
}

// Next is whom the rule names, and why.
type Next struct {
	page.Speaker
	Stage string
	Beat  int64
	OK    bool // somebody can be called
	Voice
	Ticket  floor.ID
	Why     string
	About   string
	Card    bool
	Instead string // while somebody is called: whom Next calls when they do not answer
	Weight  int    // how many of this side's turns stand against one; 1 when alike
	Still   bool   // they answered "still there?" with yes
	Wait    string // before the first call: the question reaches people online later
	Round   int    // asks of the round, 0 when there is none
	Taken   int
	Tour    int // how many of a tour de table are left
}

// NextOf is who follows whoever has the floor or was called.
func NextOf(l *hall.Look) Next {
	n := Next{Speaker: l.Lang, Stage: stage(l), Beat: l.Beat, Weight: 1, Round: l.Round.N, Taken: l.Round.Taken, Tour: len(l.Tour)}
	if len(l.Tour) > 0 {
		side := floor.Room
		if p := l.Person(l.Tour[0]); p != nil {
			side = p.Side
		}
		n.OK, n.Voice, n.Why = true, voiceOf(l, l.Tour[0], "", side), l.Lang.Say("reason.tour")
		return n
	}
	if n.Stage == Calling {
		if c, _, ok := l.Next(); ok {
			n.Instead = l.Crew(l.Ticket(c.Ticket).Person)
		}
	}
	c, why, ok := l.Then()
	n.OK, n.Why = ok, why
	if !ok {
		return n
	}
	t := l.Ticket(c.Ticket)
	n.Voice, n.Ticket, n.About, n.Card, n.Still = voiceOf(l, t.Person, t.ID, t.Side), t.ID, l.Text(t.About), t.Form == floor.Card, t.Still
	n.Weight = max(1, c.W[t.Side])
	if c.Why.Kind == floor.WhyOpening {
		n.Wait = l.Lang.Say("reason.opening.chair")
	}
	return n
}
