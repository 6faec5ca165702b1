package floor

import "slices"

// A Wish is a speaker's wish to reply, or anybody's point of order: it waits outside the line.
type Wish struct {
	Person ID     `json:"person"`
	Kind   string `json:"kind"`
	To     ID     `json:"to"`
	At     int64  `json:"at"`
}

// WishFor asks for a right of reply, a reply, or a point of order; the chair gives it.
type WishFor struct {
	Kind string `json:"kind"`
	To   ID     `json:"to,omitempty"`
	Off  bool   `json:"off,omitempty"` // not any more
}

var _ = command("wish", &WishFor{})

func (*WishFor) may() Roles { return Anybody }

func (c *WishFor) decide(s *State, m Moment, by Actor) ([]Event, error) {
	p := s.Person(by.Person)
	if p == nil {
		return nil, refuse("nobody")
	}
	has := slices.ContainsFunc(s.Wishes, func(w Wish) bool { return w.Person == p.ID && w.Kind == c.Kind })
	if has != c.Off {
		return nil, refuse("already")
	}
	switch c.Kind {
	case Reply, Right:
		if !p.Roles.Has(Speaker|Crew) && !c.Off && !s.wasNamed(p.ID) {
			return nil, refuse("noreply")
		}
	case Order:
	default:
		return nil, &BadInput{"kind", "choice", 0}
	}
	if c.To != "" && s.Turn(c.To) == nil {
		return nil, refuse("noturn")
	}
	return []Event{&Wished{by.Person, c.Kind, c.To, c.Off}}, nil
}

// wasNamed: the person spoke in this session, so that somebody may have answered them.
func (s *State) wasNamed(person ID) bool {
	return slices.ContainsFunc(s.Turns, func(t Turn) bool { return t.Person == person })
}

// Wished: somebody would like to reply, or not any more.
type Wished struct {
	Person ID     `json:"person"`
	Kind   string `json:"kind"`
	To     ID     `json:"to,omitempty"`
	Off    bool   `json:"off,omitempty"`
}

var _ = event("wished", &Wished{})

func (ev *Wished) apply(s *State, e *Entry) {
	s.Wishes = slices.DeleteFunc(slices.Clone(s.Wishes), func(w Wish) bool { return w.Person == ev.Person && w.Kind == ev.Kind })
	if !ev.Off {
		s.Wishes = append(s.Wishes, Wish{ev.Person, ev.Kind, ev.To, e.Stamp.At})
	}
}
