package floor

import "slices"

// Write writes a card: a comment that waits in the same line as people and is read out (seed S19).
type Write struct {
	Person ID     `json:"person,omitempty"`
	Text   string `json:"text"`
	AskFields
}

var _ = command("write", &Write{})

func (*Write) may() Roles  { return Anybody }
func (*Write) afterwards() {}

func (c *Write) decide(s *State, m Moment, by Actor) ([]Event, error) {
	id, err := s.onBehalf(by, c.Person)
	if err != nil {
		return nil, err
	}
	if err := s.tooLate(m); err != nil {
		return nil, err
	}
	ev, err := s.ask(m.id(0), id, Card, c.AskFields, c.Text)
	if err != nil {
		return nil, err
	}
	ev.Late = s.Adjourned >= 0
	ev.Approved = !s.Settings.ApproveCards || by.Roles.Has(Operators)
	return s.guardFlood(m, id, []Event{ev}), nil
}

// day in ms.
const day = 24 * 60 * 60 * 1000

// card finds a live card for the desk.
func (s *State) card(id ID) (*Ticket, error) {
	t := s.Ticket(id)
	switch {
	case t == nil || t.Form != Card:
		return nil, refuse("noticket")
	case !t.Live():
		return nil, refuse("over")
	}
	return t, nil
}

// Approve lets a card be read out and shown.
type Approve struct {
	Ticket ID `json:"ticket"`
}

var _ = command("approve", &Approve{})

func (*Approve) may() Roles  { return Operators }
func (*Approve) afterwards() {}

func (c *Approve) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t, err := s.card(c.Ticket)
	if err != nil {
		return nil, err
	}
	if t.Approved && !t.Held {
		return nil, refuse("already")
	}
	return []Event{&Approved{t.ID}}, nil
}

// Approved: the card may be called, read and shown.
type Approved struct {
	Ticket ID `json:"ticket"`
}

var _ = event("approved", &Approved{})

func (ev *Approved) apply(s *State, e *Entry) {
	s.onTicket(e, ev.Ticket, func(t *Ticket) {
		if e.SawAll(t.Edits) && e.SawAll(t.Holds) { // nobody approves words, or against a doubt, that they have not seen
			t.Approved, t.Held, t.AskedBack, t.Edits, t.Holds = true, false, false, nil, nil
		}
	})
}

func (s *State) onTicket(e *Entry, id ID, do func(*Ticket)) {
	if t := s.Ticket(id); t != nil {
		do(t)
		return
	}
	s.friction(e)
}

// Hold keeps a card back until it is approved again; asking back holds it with a question to the author.
type Hold struct {
	Ticket ID     `json:"ticket"`
	Ask    string `json:"ask,omitempty"`
}

var _ = command("hold", &Hold{})

func (*Hold) may() Roles { return Operators }

func (c *Hold) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t, err := s.card(c.Ticket)
	if err != nil {
		return nil, err
	}
	if t.Status != Waiting {
		return nil, busy(by, t)
	}
	ev := &Held{Ticket: t.ID}
	q, err := line("ask", c.Ask, LongLine)
	if err != nil {
		return nil, err
	}
	ev.Said.put("ask", q)
	return []Event{ev}, nil
}

// Held: the card waits outside the count until it is approved.
type Held struct {
	spoken
	Ticket ID `json:"ticket"`
}

var _ = event("held", &Held{})

func (ev *Held) apply(s *State, e *Entry) {
	s.onTicket(e, ev.Ticket, func(t *Ticket) {
		t.Held, t.Holds = true, more(t.Holds, e)
		if x := e.text("ask"); x != "" {
			t.Ask, t.AskedBack = x, true
		}
	})
}

// Hide takes a ticket out of sight and out of the count; it moves nobody else. Show undoes it.
type Hide struct {
	Ticket ID   `json:"ticket"`
	Show   bool `json:"show,omitempty"`
}

var _ = command("hide", &Hide{})

func (*Hide) may() Roles  { return Operators }
func (*Hide) afterwards() {}

func (c *Hide) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t := s.Ticket(c.Ticket)
	if t == nil {
		return nil, refuse("noticket")
	}
	if t.Hidden != c.Show {
		return nil, refuse("already")
	}
	if t.Status == CalledUp || t.Status == Spoke {
		return nil, busy(by, t)
	}
	return []Event{&Hid{t.ID, !c.Show}}, nil
}

// Hid: a ticket is out of sight, or in sight again.
type Hid struct {
	Ticket ID   `json:"ticket"`
	Hidden bool `json:"hidden"`
}

var _ = event("hid", &Hid{})

func (ev *Hid) apply(s *State, e *Entry) {
	s.onTicket(e, ev.Ticket, func(t *Ticket) {
		switch {
		case ev.Hidden:
			t.Hidden, t.Hides = true, more(t.Hides, e)
		default: // I8
			t.Hides = slices.DeleteFunc(slices.Clone(t.Hides), e.Saw)
			t.Hidden = len(t.Hides) > 0
		}
	})
}

// Merge puts a card with another that says the same. Every author is kept (seed S5).
type Merge struct {
	Ticket ID `json:"ticket"`
	Into   ID `json:"into"`
}

var _ = command("merge", &Merge{})

func (*Merge) may() Roles  { return Operators }
func (*Merge) afterwards() {}

func (c *Merge) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t, err := s.card(c.Ticket)
	if err != nil {
		return nil, err
	}
	into := s.Ticket(c.Into)
	if into == nil || into.ID == t.ID || into.End == ByMerging || into.End == ByWithdrawing {
		return nil, refuse("noticket")
	}
	if t.Status != Waiting {
		return nil, busy(by, t)
	}
	return []Event{&Merged{t.ID, into.ID}}, nil
}

// Merged: one ask stands for two; the author of the first is among the backers of the second.
type Merged struct {
	Ticket ID `json:"ticket"`
	Into   ID `json:"into"`
}

var _ = event("merged", &Merged{})

func (ev *Merged) apply(s *State, e *Entry) {
	t, into := s.Ticket(ev.Ticket), s.Ticket(ev.Into)
	if t == nil || into == nil || t == into || !t.Live() && t.Into != "" {
		s.friction(e)
		return
	}
	over := !t.Live() || t.Status == Spoke
	if over { // it was read or spoken across the cut: that stands, and the other ask is also theirs
		s.friction(e)
		if t.End == ByWithdrawing {
			return
		}
	}
	t.Into = into.ID
	into.back(t.Person)
	for _, p := range t.Backers {
		into.back(p)
	}
	if !over {
		s.uncall(t)
		s.end(t, ByMerging, e)
	}
}

// back adds a person once. The list is copied, because clones of the State share it.
func (t *Ticket) back(p ID) {
	for _, b := range t.Backers {
		if b == p {
			return
		}
	}
	t.Backers = append(t.Backers[:len(t.Backers):len(t.Backers)], p)
}

// Answer answers an ask in writing: a speaker or the crew, during the session or afterwards.
type Answer struct {
	Ticket ID     `json:"ticket"`
	Text   string `json:"text"`
}

var _ = command("answer", &Answer{})

func (*Answer) may() Roles  { return Operators | Speaker | Organiser }
func (*Answer) afterwards() {}

func (c *Answer) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t := s.Ticket(c.Ticket)
	if t == nil {
		return nil, refuse("noticket")
	}
	if err := s.tooLate(m); err != nil {
		return nil, err
	}
	if t.End == ByWithdrawing {
		return nil, refuse("over")
	}
	if t.Status == Spoke || t.Status == CalledUp {
		return nil, busy(by, t)
	}
	if len(t.Answers) >= 20 {
		return nil, refuse("answers", 20)
	}
	v, err := text("text", c.Text, LongCard)
	if err != nil {
		return nil, err
	}
	if v == "" {
		return nil, &BadInput{"text", "empty", 0}
	}
	ev := &Answered{Ticket: t.ID, By: by.Person}
	ev.Said.put("text", v)
	return []Event{ev}, nil
}

// Answered: a written answer stands beside the ask. A card that waited has ended with it.
type Answered struct {
	spoken
	Ticket ID `json:"ticket"`
	By     ID `json:"by"`
}

var _ = event("answered", &Answered{})

func (ev *Answered) apply(s *State, e *Entry) {
	t := s.Ticket(ev.Ticket)
	if t == nil {
		s.friction(e)
		return
	}
	t.Answers = append(t.Answers[:len(t.Answers):len(t.Answers)], e.text("text"))
	switch {
	case t.Live() && t.Status == Waiting && t.Form == Card:
		s.end(t, ByAnswer, e)
	case t.End == NotReached:
		t.End = ByAnswer
	}
}

// Back says "my point was made": a +1 that stays in the record. A waiting ask of the actor may end with it.
type Back struct {
	Person ID `json:"person,omitempty"`
	Ticket ID `json:"ticket"`        // the ask whose point it was
	End    ID `json:"end,omitempty"` // one's own ask that ends with it
}

var _ = command("back", &Back{})

func (*Back) may() Roles { return Anybody }

func (c *Back) decide(s *State, m Moment, by Actor) ([]Event, error) {
	id, err := s.onBehalf(by, c.Person)
	if err != nil {
		return nil, err
	}
	t := s.Ticket(c.Ticket)
	if t == nil || t.Hidden {
		return nil, refuse("noticket")
	}
	if t.End == ByMerging || t.End == ByWithdrawing {
		return nil, refuse("over")
	}
	if t.Person == id {
		return nil, refuse("own")
	}
	for _, b := range t.Backers {
		if b == id && c.End == "" {
			return nil, refuse("already")
		}
	}
	if c.End != "" {
		own := s.Ticket(c.End)
		if own == nil || own.Person != id || !own.Live() || own.ID == t.ID {
			return nil, refuse("noticket")
		}
		if own.Status == Spoke {
			return nil, refuse("speaking")
		}
		return []Event{&Merged{own.ID, t.ID}}, nil
	}
	return []Event{&Backed{t.ID, id}}, nil
}

// Backed: a person's point was made by this ask.
type Backed struct {
	Ticket ID `json:"ticket"`
	Person ID `json:"person"`
}

var _ = event("backed", &Backed{})

func (ev *Backed) apply(s *State, e *Entry) {
	s.onTicket(e, ev.Ticket, func(t *Ticket) { t.back(ev.Person) })
}

// Instead reads something out instead of an online voice that cannot be heard: the person's own card, or words the
// desk was given. It keeps the place and, when called, the call.
type Instead struct {
	Ticket ID     `json:"ticket"`
	Text   string `json:"text,omitempty"` // empty: the person's next card, or what the ask is about
}

var _ = command("instead", &Instead{})

func (*Instead) may() Roles { return Operators }

func (c *Instead) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t := s.Ticket(c.Ticket)
	if t == nil || !t.Live() || !t.Placed {
		return nil, refuse("noticket")
	}
	if t.Form == Card {
		return nil, refuse("already")
	}
	ev := &Swapped{Ticket: t.ID}
	v, err := text("text", c.Text, LongCard)
	if err != nil {
		return nil, err
	}
	if v != "" {
		ev.Said.put("text", v)
	} else {
		for i := range s.Tickets {
			if o := &s.Tickets[i]; o.Person == t.Person && o.Live() && !o.Placed && o.Form == Card && !o.Hidden {
				ev.Card = o.ID
				break
			}
		}
		if ev.Card == "" && t.About == "" {
			return nil, &BadInput{"text", "empty", 0}
		}
	}
	return []Event{ev}, nil
}

// Swapped: the ticket is read out now instead of spoken, at the same place. A card of the same person may have given
// its words; it ends merged into the ticket.
type Swapped struct {
	spoken
	Ticket ID `json:"ticket"`
	Card   ID `json:"card,omitempty"`
}

var _ = event("swapped", &Swapped{})

func (ev *Swapped) apply(s *State, e *Entry) {
	t := s.Ticket(ev.Ticket)
	if t == nil || !t.Live() {
		s.friction(e)
		return
	}
	t.Form, t.Channel = Card, "read"
	if e.SawAll(t.Edits) { // else its words are looked at again first
		t.Approved, t.Edits = true, nil
	}
	if x := e.text("text"); x != "" {
		t.Text = x
	} else if o := s.Ticket(ev.Card); o != nil && o != t && o.Live() && !o.Placed {
		t.Text = o.Text
		o.Into = t.ID
		s.end(o, ByMerging, e)
	} else {
		t.Text = t.About
	}
	if r := s.Current(); r != nil && r.Ticket == t.ID {
		r.Kind = ReadTurn
	}
}
