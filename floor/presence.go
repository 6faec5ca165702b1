package floor

// Here says "I am here": present again, and a ticket that was called past or parked is callable again.
type Here struct {
	Person ID `json:"person,omitempty"`
}

var _ = command("here", &Here{})

func (*Here) may() Roles { return Anybody }

func (c *Here) decide(s *State, m Moment, by Actor) ([]Event, error) {
	id, err := s.onBehalf(by, c.Person)
	if err != nil {
		return nil, err
	}
	p, t := s.Person(id), s.Live(id)
	if !p.Away && (t == nil || !t.Parked && !t.Missing && !t.Deferred) {
		return nil, refuse("already")
	}
	return []Event{&Present{id, false}}, nil
}

// Away says "not here": the place stays, nobody calls it until "I am here".
type Away struct {
	Person ID `json:"person,omitempty"`
}

var _ = command("away", &Away{})

func (*Away) may() Roles { return Anybody }

func (c *Away) decide(s *State, m Moment, by Actor) ([]Event, error) {
	id, err := s.onBehalf(by, c.Person)
	if err != nil {
		return nil, err
	}
	if s.Person(id).Away {
		return nil, refuse("already")
	}
	return []Event{&Present{id, true}}, nil
}

// Present: a person said that they are here, or not here.
type Present struct {
	Person ID   `json:"person"`
	Away   bool `json:"away"`
}

var _ = event("present", &Present{})

func (ev *Present) apply(s *State, e *Entry) {
	p := s.Person(ev.Person)
	if p == nil {
		s.friction(e)
		return
	}
	p.Away = ev.Away
	if t := s.Live(p.ID); t != nil && !ev.Away {
		if t.Parked {
			t.Misses = 0
		}
		t.Parked, t.Missing, t.Deferred = false, false, false
	}
}

// Still answers "still there?", which is asked of whoever is next.
type Still struct {
	Ticket ID `json:"ticket"`
}

var _ = command("still", &Still{})

func (*Still) may() Roles { return Anybody }

func (c *Still) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t, err := s.mine(m, by, c.Ticket)
	if err != nil {
		return nil, err
	}
	if t.Still {
		return nil, refuse("already")
	}
	return []Event{&Stayed{t.ID}}, nil
}

// Stayed: whoever is next has said that they are there.
type Stayed struct {
	Ticket ID `json:"ticket"`
}

var _ = event("stayed", &Stayed{})

func (ev *Stayed) apply(s *State, e *Entry) {
	s.onTicket(e, ev.Ticket, func(t *Ticket) { t.Still = true })
}

// Defer skips one call of one's side, keeps the place and bypasses nobody.
type Defer struct {
	Ticket ID `json:"ticket"`
}

var _ = command("defer", &Defer{})

func (*Defer) may() Roles { return Anybody }

func (c *Defer) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t, err := s.mine(m, by, c.Ticket)
	if err != nil {
		return nil, err
	}
	switch {
	case t.Status == Spoke:
		return nil, refuse("speaking")
	case t.Deferred:
		return nil, refuse("already")
	case !t.Placed:
		return nil, refuse("noticket")
	}
	return []Event{&Deferred{t.ID}}, nil
}

// Deferred: the ticket lets one call of its side pass.
type Deferred struct {
	Ticket ID `json:"ticket"`
}

var _ = event("deferred", &Deferred{})

func (ev *Deferred) apply(s *State, e *Entry) {
	t := s.Ticket(ev.Ticket)
	if t == nil || !t.Live() || t.Status == Spoke || !t.Placed {
		s.friction(e)
		return
	}
	if t.Status == CalledUp {
		s.uncall(t)
		s.comeBack(t, e)
	}
	t.Deferred, t.Still = true, false
}

// Park sets a ticket aside until "I am here".
type Park struct {
	Ticket ID `json:"ticket"`
}

var _ = command("park", &Park{})

func (*Park) may() Roles { return Anybody }

func (c *Park) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t, err := s.mine(m, by, c.Ticket)
	if err != nil {
		return nil, err
	}
	if t.Status != Waiting {
		return nil, busy(by, t)
	}
	if !t.Placed {
		return nil, refuse("called")
	}
	if t.Parked {
		return nil, refuse("already")
	}
	return []Event{&Parked{t.ID}}, nil
}

// Parked: the ticket is not called until "I am here".
type Parked struct {
	Ticket ID `json:"ticket"`
}

var _ = event("parked", &Parked{})

func (ev *Parked) apply(s *State, e *Entry) {
	s.onTicket(e, ev.Ticket, func(t *Ticket) { t.Parked = true })
}

// Nudge encourages those who have not spoken (seed S18): everybody, one side, or one person. It is shown on their
// phones and asks for nothing.
type Nudge struct {
	Person ID     `json:"person,omitempty"`
	Whom   string `json:"whom,omitempty"` // all, room, online, silent
}

var _ = command("nudge", &Nudge{})

func (*Nudge) may() Roles { return Operators }

func (c *Nudge) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if c.Person != "" && s.Person(c.Person) == nil {
		return nil, refuse("nobody")
	}
	switch c.Whom {
	case "all", "room", "online", "silent":
	case "":
		if c.Person == "" {
			return nil, &BadInput{"whom", "empty", 0}
		}
	default:
		return nil, &BadInput{"whom", "choice", 0}
	}
	if n := len(s.Nudges); n > 0 && s.Nudges[n-1].At > m.At-30_000 && c.Person == "" {
		return nil, refuse("nudged", 30)
	}
	return []Event{&Nudged{c.Person, c.Whom}}, nil
}

// Nudged: an encouragement was shown.
type Nudged struct {
	Person ID     `json:"person,omitempty"`
	Whom   string `json:"whom,omitempty"`
}

// NudgeAt is an encouragement that was shown at a moment (ms).
type NudgeAt struct {
	Person ID     `json:"person"`
	Whom   string `json:"whom"`
	At     int64  `json:"at"`
}

var _ = event("nudged", &Nudged{})

func (ev *Nudged) apply(s *State, e *Entry) {
	s.Nudges = append(s.Nudges, NudgeAt{ev.Person, ev.Whom, e.Stamp.At})
}
