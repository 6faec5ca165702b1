package floor

import "slices"

// Give starts a turn outside the line at once: a panel contribution, a reply, a right of reply, a point of order; or
// an unplanned one, "someone is speaking now", of which who and why may follow.
type Give struct {
	Kind   string `json:"kind"`
	Person ID     `json:"person,omitempty"`
	Side   *Side  `json:"side,omitempty"` // for an unplanned turn of somebody not known
	To     ID     `json:"to,omitempty"`   // the turn it answers
	Note   string `json:"note,omitempty"`
	Seen   *int64 `json:"seen,omitempty"`
}

var _ = command("give", &Give{})

func (*Give) may() Roles { return Operators }

func (c *Give) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if !slices.Contains([]string{Unplanned, Reply, Right, Order, Panel}, c.Kind) {
		return nil, &BadInput{"kind", "choice", 0}
	}
	if c.Seen != nil && *c.Seen != s.Beat {
		return nil, refuse("stale")
	}
	if s.Opened < 0 {
		return nil, refuse("notopen")
	}
	p := s.Person(c.Person)
	if p == nil && (c.Kind != Unplanned || c.Person != "") {
		return nil, refuse("nobody")
	}
	ev := &Started{Kind: c.Kind, Person: c.Person, Factor: s.factor(c.Person), W: [2]int{1, 1}, To: c.To}
	if p != nil {
		ev.Side = p.Side
	}
	if c.Side != nil && p == nil {
		ev.Side = *c.Side
	}
	note, err := line("note", c.Note, LongLine)
	if err != nil {
		return nil, err
	}
	ev.Said.put("why", note)
	if c.To != "" && s.Turn(c.To) == nil {
		return nil, refuse("noturn")
	}
	if c.To == "" && (c.Kind == Reply || c.Kind == Right) {
		if last := s.lastCharged(); last != nil {
			ev.To, ev.Question = last.ID, last.Question
		}
	}
	var out []Event
	if cl := s.Call(); cl != nil {
		if c.Kind == Unplanned && c.Person == cl.Person {
			start := &Start{Call: cl.ID}
			return start.decide(s, m, by) // whoever was called speaks
		}
		out = append(out, s.setAside(m.At))
	}
	if t := s.Current(); t != nil {
		out = append(out, &Ended{t.ID})
	}
	switch c.Kind {
	case Unplanned:
		ev.Cap, ev.Override = s.Rule.L, "unplanned"
		ev.W = s.after(m, out).table(m.At, nil).weights()
		if t := s.Live(c.Person); p != nil && t != nil && t.Form == Voice {
			ev.Ticket, ev.Question = t.ID, t.Question
		}
	case Panel:
		ev.Cap = s.panelCap()
	default:
		ev.Cap = s.Rule.Reply
	}
	ev.Turn = m.id(len(out))
	return append(out, ev), nil
}

func (s *State) lastCharged() *Turn {
	for i := len(s.Turns) - 1; i >= 0; i-- {
		if s.Turns[i].Charged() {
			return &s.Turns[i]
		}
	}
	return nil
}

// panelCap shares the running segment among the speakers.
func (s *State) panelCap() int64 {
	n := int64(0)
	for i := range s.People {
		if s.People[i].Roles.Has(Speaker) {
			n++
		}
	}
	if g := s.Running(); g != nil && n > 0 {
		return g.Budget / n
	}
	return s.Rule.L * 2
}
