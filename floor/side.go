package floor

// SideTurn is a turn on a side floor, while the main floor is out of reach. It is charged to no side.
const SideTurn = "side"

// A SideFloor is opened by the online moderator during a cut, so that those online go on among themselves. What is said
// there is a contribution like any other and is shown after the heal; it does not use up a place in the line.
type SideFloor struct {
	By   string `json:"by"`   // journal of the site that has one; empty when there is none
	From int64  `json:"from"` // ms
	Now  ID     `json:"now"`  // the turn that runs there
}

// OpenSide opens a side floor.
type OpenSide struct{}

var _ = command("side-open", &OpenSide{})

func (*OpenSide) may() Roles { return Operators }

func (c *OpenSide) decide(s *State, m Moment, by Actor) ([]Event, error) {
	switch {
	case s.Severed() == nil:
		return nil, refuse("notcut")
	case s.Holds(m.Tag):
		return nil, refuse("gavelhere")
	case s.SideFloor.By != "":
		return nil, refuse("already")
	}
	return []Event{&SideOpened{}}, nil
}

// SideOpened: a side floor is open at the site that wrote this.
type SideOpened struct{}

var _ = event("side-opened", &SideOpened{})

func (ev *SideOpened) apply(s *State, e *Entry) {
	if s.SideFloor.By != "" {
		s.friction(e)
		return
	}
	s.SideFloor = SideFloor{By: s.now(e.Journal), From: e.Stamp.At}
}

// CloseSide closes the side floor; the heal does so, too.
type CloseSide struct{}

var _ = command("side-close", &CloseSide{})

func (*CloseSide) may() Roles { return Operators }

func (c *CloseSide) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if s.SideFloor.By == "" {
		return nil, refuse("already")
	}
	return s.closeSide(), nil
}

// closeSide is what ends an open side floor.
func (s *State) closeSide() []Event {
	var out []Event
	if s.SideFloor.By == "" {
		return nil
	}
	if s.SideFloor.Now != "" {
		out = append(out, &SideEnded{s.SideFloor.Now})
	}
	return append(out, &SideClosed{})
}

// SideClosed: there is no side floor any more.
type SideClosed struct{}

var _ = event("side-closed", &SideClosed{})

func (ev *SideClosed) apply(s *State, e *Entry) {
	if s.SideFloor.By == "" {
		s.friction(e)
		return
	}
	s.SideFloor = SideFloor{}
}

// GiveSide gives somebody the side floor; whoever had it has ended.
type GiveSide struct {
	Person ID `json:"person"`
}

var _ = command("side-give", &GiveSide{})

func (*GiveSide) may() Roles { return Operators }

func (c *GiveSide) decide(s *State, m Moment, by Actor) ([]Event, error) {
	p := s.Person(c.Person)
	switch {
	case s.SideFloor.By == "" || Tag(s.SideFloor.By) != m.Tag:
		return nil, refuse("noside")
	case p == nil:
		return nil, refuse("nobody")
	}
	var out []Event
	if s.SideFloor.Now != "" {
		out = append(out, &SideEnded{s.SideFloor.Now})
	}
	ev := &SideStarted{Turn: m.id(len(out)), Person: p.ID, Side: p.Side}
	if t := s.Live(p.ID); t != nil {
		ev.Ticket = t.ID
	}
	return append(out, ev), nil
}

// SideStarted: somebody speaks on a side floor. Main says that the writer took it for the main floor: the gavel was
// elsewhere by then.
type SideStarted struct {
	Turn   ID   `json:"turn"`
	Person ID   `json:"person,omitempty"`
	Ticket ID   `json:"ticket,omitempty"`
	Side   Side `json:"side"`
	Main   bool `json:"main,omitempty"`
}

var _ = event("side-started", &SideStarted{})

func (ev *SideStarted) apply(s *State, e *Entry) {
	if s.Turn(ev.Turn) != nil {
		s.friction(e)
		return
	}
	if !ev.Main {
		s.drift(ev.Turn, e, nil)
	}
	t := Turn{ID: ev.Turn, Kind: SideTurn, Person: ev.Person, Ticket: s.real(ev.Ticket), Side: ev.Side, Start: e.Stamp.At, Ended: -1, Cap: s.Rule.L, Factor: 100,
		W: [2]int{1, 1}, Late: ev.Main, By: e.By}
	if k := s.Ticket(ev.Ticket); k != nil {
		t.Question = k.Question
	}
	if g := s.Running(); g != nil {
		t.Segment = g.ID
	}
	s.turn[t.ID] = len(s.Turns)
	s.Turns = append(s.Turns, t)
	if s.SideFloor.By == s.now(e.Journal) {
		s.SideFloor.Now = t.ID
	}
}

// EndSide ends the turn on the side floor.
type EndSide struct{}

var _ = command("side-end", &EndSide{})

func (*EndSide) may() Roles { return Operators }

func (c *EndSide) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if s.SideFloor.Now == "" {
		return nil, refuse("nobodyspeaks")
	}
	return []Event{&SideEnded{s.SideFloor.Now}}, nil
}

// SideEnded: a turn on a side floor is over.
type SideEnded struct {
	Turn ID `json:"turn"`
}

var _ = event("side-ended", &SideEnded{})

func (ev *SideEnded) apply(s *State, e *Entry) {
	t := s.Turn(ev.Turn)
	if t == nil || t.Ended >= 0 && (!t.Unsure || t.Corrected) || t.Kind != SideTurn {
		s.friction(e)
		return
	}
	t.Ended, t.Unsure = e.Stamp.At, false
	if s.SideFloor.Now == t.ID {
		s.SideFloor.Now = ""
	}
}

// Settle ends an ask because its person said it on a side floor: their own choice.
type Settle struct {
	Ticket ID `json:"ticket"`
}

var _ = command("settle", &Settle{})

func (*Settle) may() Roles { return Anybody }

func (c *Settle) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t, err := s.mine(m, by, c.Ticket)
	if err != nil {
		return nil, err
	}
	if t.Status != Waiting {
		return nil, busy(by, t)
	}
	turn := s.SaidAside(t.Person)
	if turn == "" {
		return nil, refuse("noside")
	}
	return []Event{&Settled{t.ID, turn}}, nil
}

// SaidAside is the person's newest turn on a side floor, or empty.
func (s *State) SaidAside(person ID) ID {
	for i := len(s.Turns) - 1; i >= 0; i-- {
		if t := &s.Turns[i]; t.Kind == SideTurn && t.Person == person && person != "" {
			return t.ID
		}
	}
	return ""
}

// Settled: an ask ended as spoken, by a turn on a side floor.
type Settled struct {
	Ticket ID `json:"ticket"`
	Turn   ID `json:"turn"`
}

var _ = event("settled", &Settled{})

func (ev *Settled) apply(s *State, e *Entry) {
	t := s.Ticket(ev.Ticket)
	if t == nil || !t.Live() || t.Status == Spoke {
		s.friction(e)
		return
	}
	s.uncall(t)
	t.Turn = ev.Turn
	s.end(t, BySpeaking, e)
}
