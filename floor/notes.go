package floor

import "fmt"

// NoteKinds are what the rapporteur writes: notes tied to the moment and the turn, marks of agreement, takeaways and
// calls to action.
var NoteKinds = []string{"note", "agreed", "not-agreed", "takeaway", "action"}

// A Note is the rapporteur's.
type Note struct {
	ID       ID     `json:"id"`
	Kind     string `json:"kind"`
	At       int64  `json:"at"` // ms
	Turn     ID     `json:"turn"`
	Question int    `json:"question"`
	Text     Text   `json:"text"`
	Owner    Text   `json:"owner"`
	Due      Text   `json:"due"` // a date
	Struck   bool   `json:"struck"`
	Late     bool   `json:"late"` // after version 1 was frozen
	Cut      bool   `json:"cut"`  // written while the link was cut: the other side did not know of it
}

// Jot writes a note, or changes one.
type Jot struct {
	Note     ID     `json:"note,omitempty"` // empty: a new one
	Kind     string `json:"kind,omitempty"`
	Text     string `json:"text"`
	Turn     ID     `json:"turn,omitempty"` // empty: the one that runs or ran last
	Question int    `json:"question,omitempty"`
	Owner    string `json:"owner,omitempty"`
	Due      string `json:"due,omitempty"` // 2006-01-02
}

var _ = command("jot", &Jot{})

func (*Jot) may() Roles  { return Rapporteur | Operators }
func (*Jot) afterwards() {}

func (c *Jot) decide(s *State, m Moment, by Actor) ([]Event, error) {
	ev := &Jotted{Note: m.id(0), Kind: c.Kind, Turn: c.Turn, Question: c.Question}
	if c.Note != "" {
		n := s.note(c.Note)
		if n == nil {
			return nil, refuse("nonote")
		}
		ev.Note, ev.Turn = n.ID, n.Turn
		if ev.Kind == "" {
			ev.Kind = n.Kind
		}
	}
	if ev.Kind == "" {
		ev.Kind = "note"
	}
	if !oneOf(ev.Kind, NoteKinds) {
		return nil, &BadInput{"kind", "choice", 0}
	}
	if s.Settings.HoldDecisions && s.Severed() != nil && ev.Kind != "note" {
		return nil, refuse("decisions")
	}
	if len(s.Notes) >= 5000 {
		return nil, refuse("notes", 5000)
	}
	if c.Question < 0 || c.Question > len(s.Questions) {
		return nil, &BadInput{"question", "choice", 0}
	}
	if c.Turn != "" && s.Turn(c.Turn) == nil {
		return nil, refuse("noturn")
	}
	if ev.Turn == "" && c.Note == "" && len(s.Turns) > 0 {
		last := &s.Turns[len(s.Turns)-1]
		ev.Turn = last.ID
		if ev.Question == 0 {
			ev.Question = last.Question
		}
	}
	v, err := text("text", c.Text, LongText)
	if err != nil {
		return nil, err
	}
	if v == "" {
		return nil, &BadInput{"text", "empty", 0}
	}
	ev.Said.put("text", v)
	owner, err := line("owner", c.Owner, LongName)
	if err != nil {
		return nil, err
	}
	ev.Said.put("owner", owner)
	if c.Due != "" {
		if !aDate(c.Due) {
			return nil, &BadInput{"due", "date", 0}
		}
		ev.Said.put("due", c.Due)
	}
	return []Event{ev}, nil
}

// aDate: a day of the calendar, as 2026-11-22.
func aDate(v string) bool {
	var y, m, d int
	if n, err := fmt.Sscanf(v, "%4d-%2d-%2d", &y, &m, &d); n != 3 || err != nil || fmt.Sprintf("%04d-%02d-%02d", y, m, d) != v || m < 1 || m > 12 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[m-1]
	if m == 2 && (y%4 == 0 && y%100 != 0 || y%400 == 0) {
		days = 29
	}
	return y > 0 && d >= 1 && d <= days
}

func (s *State) note(id ID) *Note {
	for i := range s.Notes {
		if s.Notes[i].ID == id {
			return &s.Notes[i]
		}
	}
	return nil
}

// Jotted: a note as it stands from now on.
type Jotted struct {
	spoken
	Note     ID     `json:"note"`
	Kind     string `json:"kind"`
	Turn     ID     `json:"turn,omitempty"`
	Question int    `json:"question,omitempty"`
}

var _ = event("jotted", &Jotted{})

func (ev *Jotted) apply(s *State, e *Entry) {
	n := s.note(ev.Note)
	if n == nil {
		s.Notes = append(s.Notes, Note{ID: ev.Note, At: e.Stamp.At, Turn: ev.Turn, Late: s.Frozen > 0, Cut: s.Severed() != nil})
		n = &s.Notes[len(s.Notes)-1]
	}
	n.Kind, n.Question, n.Text, n.Owner, n.Due = ev.Kind, ev.Question, e.text("text"), e.text("owner"), e.text("due")
}

// Strike takes a note out, or puts it back.
type Strike struct {
	Note ID   `json:"note"`
	Back bool `json:"back,omitempty"`
}

var _ = command("strike", &Strike{})

func (*Strike) may() Roles  { return Rapporteur | Operators }
func (*Strike) afterwards() {}

func (c *Strike) decide(s *State, m Moment, by Actor) ([]Event, error) {
	n := s.note(c.Note)
	if n == nil {
		return nil, refuse("nonote")
	}
	if n.Struck != c.Back {
		return nil, refuse("already")
	}
	return []Event{&Struck{c.Note, !c.Back}}, nil
}

// Struck: a note is out, or in again.
type Struck struct {
	Note   ID   `json:"note"`
	Struck bool `json:"struck"`
}

var _ = event("struck", &Struck{})

func (ev *Struck) apply(s *State, e *Entry) {
	if n := s.note(ev.Note); n != nil {
		n.Struck = ev.Struck
		return
	}
	s.friction(e)
}

// Confirm gives a turn its one line of content, and the policy question it belongs to.
type Confirm struct {
	Turn     ID     `json:"turn"`
	Text     string `json:"text"`
	Question *int   `json:"question,omitempty"`
}

var _ = command("confirm", &Confirm{})

func (*Confirm) may() Roles  { return Rapporteur | Operators }
func (*Confirm) afterwards() {}

func (c *Confirm) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t := s.Turn(c.Turn)
	if t == nil {
		return nil, refuse("noturn")
	}
	v, err := need("text", c.Text, LongLine)
	if err != nil {
		return nil, err
	}
	ev := &Confirmed{Turn: t.ID, Question: t.Question}
	if c.Question != nil {
		if *c.Question < 0 || *c.Question > len(s.Questions) {
			return nil, &BadInput{"question", "choice", 0}
		}
		ev.Question = *c.Question
	}
	ev.Said.put("text", v)
	return []Event{ev}, nil
}

// Confirmed: what a turn was about, in one line.
type Confirmed struct {
	spoken
	Turn     ID  `json:"turn"`
	Question int `json:"question"`
}

var _ = event("confirmed", &Confirmed{})

func (ev *Confirmed) apply(s *State, e *Entry) {
	t := s.Turn(ev.Turn)
	if t == nil {
		s.friction(e)
		return
	}
	t.Line, t.Question = e.text("text"), ev.Question
}

// A Message is one of the crew's back channel (seed S16). It never leaves the crew.
type Message struct {
	ID   ID    `json:"id"`
	At   int64 `json:"at"` // ms
	By   ID    `json:"by"`
	Text Text  `json:"text"`
}

// Tell says something to the crew.
type Tell struct {
	Text string `json:"text"`
}

var _ = command("tell", &Tell{})

func (*Tell) may() Roles  { return Crew | Speaker }
func (*Tell) afterwards() {}

func (c *Tell) decide(s *State, m Moment, by Actor) ([]Event, error) {
	v, err := need("text", c.Text, LongLine*2)
	if err != nil {
		return nil, err
	}
	if len(s.Messages) >= 5000 {
		return nil, refuse("messages", 5000)
	}
	ev := &Told{}
	ev.Said.put("text", v)
	return []Event{ev}, nil
}

// Told: the crew was told something.
type Told struct {
	spoken
}

var _ = event("told", &Told{})

func (ev *Told) apply(s *State, e *Entry) {
	s.Messages = append(s.Messages, Message{e.ID(), e.Stamp.At, e.By, e.text("text")})
}
