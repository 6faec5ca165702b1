package floor

// Move changes a person's side. Their live ticket takes a new place there.
type Move struct {
	Person ID   `json:"person,omitempty"`
	Side   Side `json:"side"`
}

var _ = command("move", &Move{})

func (*Move) may() Roles { return Anybody }

func (c *Move) decide(s *State, m Moment, by Actor) ([]Event, error) {
	id, err := s.onBehalf(by, c.Person)
	if err != nil {
		return nil, err
	}
	if s.Person(id).Side == c.Side {
		return nil, refuse("same")
	}
	if t := s.Live(id); t != nil && t.Status != Waiting {
		return nil, busy(by, t)
	}
	return []Event{&Moved{id, c.Side}}, nil
}

// Moved: a person takes part from the other side now.
type Moved struct {
	Person ID   `json:"person"`
	Side   Side `json:"side"`
}

var _ = event("moved", &Moved{})

func (ev *Moved) apply(s *State, e *Entry) {
	p := s.Person(ev.Person)
	if p == nil {
		s.friction(e)
		return
	}
	p.Side = ev.Side
	for i := range s.Tickets {
		if t := &s.Tickets[i]; t.Person == p.ID && t.Live() && !t.Placed && t.Status == Waiting {
			t.Side, t.Place = p.Side, Stamp{}
		}
	}
	if t := s.Live(p.ID); t != nil && t.Status == Waiting {
		s.leave(t.ID)
		t.Side, t.Place, t.Bypassed = ev.Side, e.Stamp, 0
		s.queue(t)
	}
}

// Admit lets people into the line who wait for approval, and clears their name for the wall.
type Admit struct {
	People []ID `json:"people,omitempty"` // empty: everybody who waits for either
}

var _ = command("admit", &Admit{})

func (*Admit) may() Roles { return Operators }

func (c *Admit) decide(s *State, m Moment, by Actor) ([]Event, error) {
	ev := &Admitted{}
	if len(c.People) == 0 {
		for i := range s.People {
			if p := &s.People[i]; !p.Admitted || !p.Cleared {
				ev.People = append(ev.People, p.ID)
			}
		}
	}
	for _, id := range c.People {
		p := s.Person(id)
		if p == nil {
			return nil, refuse("nobody")
		}
		if !p.Admitted || !p.Cleared {
			ev.People = append(ev.People, id)
		}
	}
	if len(ev.People) == 0 {
		return nil, refuse("already")
	}
	return []Event{ev}, nil
}

// Admitted: these people may be called, and their names may stand on the wall.
type Admitted struct {
	People []ID `json:"people"`
}

var _ = event("admitted", &Admitted{})

func (ev *Admitted) apply(s *State, e *Entry) {
	for _, id := range ev.People {
		if p := s.Person(id); p != nil {
			p.Admitted, p.Cleared = true, p.Cleared || e.Saw(p.NamedBy)
		}
	}
}
