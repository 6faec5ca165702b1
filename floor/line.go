package floor

import "slices"

// Close closes the line: no more asks. Open asks and cards stay.
type Close struct {
	More int `json:"more,omitempty"` // still take so many: "for two more"
}

var _ = command("close", &Close{})

func (*Close) may() Roles { return Operators }

func (c *Close) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if c.More < 0 || c.More > 100 {
		return nil, &BadInput{"more", "many", 100}
	}
	if s.Closed && s.More == c.More {
		return nil, refuse("already")
	}
	return []Event{&Closed{true, c.More}}, nil
}

// Reopen opens the line again.
type Reopen struct{}

var _ = command("reopen", &Reopen{})

func (*Reopen) may() Roles { return Operators }

func (c *Reopen) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if !s.Closed {
		return nil, refuse("already")
	}
	return []Event{&Closed{false, 0}}, nil
}

// Closed: the line takes no asks, or so many more, or takes them again.
type Closed struct {
	Closed bool `json:"closed"`
	More   int  `json:"more"`
}

var _ = event("closed", &Closed{})

func (ev *Closed) apply(s *State, e *Entry) { s.Closed, s.More = ev.Closed, max(0, ev.More) }

// A Round is "take n asks, then replies". Who asks follows the rule.
type Round struct {
	N     int `json:"n"` // 0: no round
	Taken int `json:"taken"`
}

// TakeRound begins a round of n asks, or with 0 ends it.
type TakeRound struct {
	N int `json:"n"`
}

var _ = command("round", &TakeRound{})

func (*TakeRound) may() Roles { return Operators }

func (c *TakeRound) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if c.N < 0 || c.N > 50 {
		return nil, &BadInput{"n", "many", 50}
	}
	if c.N == 0 && s.Round.N == 0 {
		return nil, refuse("already")
	}
	return []Event{&Rounded{c.N}}, nil
}

// Rounded: the next n asks are taken together, then come the replies.
type Rounded struct {
	N int `json:"n"`
}

var _ = event("rounded", &Rounded{})

func (ev *Rounded) apply(s *State, e *Entry) { s.Round = Round{N: ev.N} }

// Tour is a tour de table: everyone on the list has one capped turn, charged to no side. An empty list ends it.
type Tour struct {
	People []ID  `json:"people"`
	Cap    int64 `json:"cap,omitempty"` // ms; the turn cap when 0
}

var _ = command("tour", &Tour{})

func (*Tour) may() Roles { return Operators }

func (c *Tour) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if len(c.People) > 200 {
		return nil, &BadInput{"people", "many", 200}
	}
	if len(c.People) == 0 && len(s.Tour) == 0 {
		return nil, refuse("already")
	}
	for i, id := range c.People {
		if s.Person(id) == nil || slices.Contains(c.People[:i], id) {
			return nil, refuse("nobody")
		}
	}
	if c.Cap == 0 {
		c.Cap = s.Rule.L
	}
	if c.Cap < 10_000 || c.Cap > 3_600_000 {
		return nil, &BadInput{"cap", "range", 3_600_000}
	}
	return []Event{&Toured{c.People, c.Cap}}, nil
}

// Toured: these people have one turn each, in this order.
type Toured struct {
	People []ID  `json:"people"`
	Cap    int64 `json:"cap"`
}

var _ = event("toured", &Toured{})

func (ev *Toured) apply(s *State, e *Entry) { s.Tour, s.TourCap = slices.Clone(ev.People), ev.Cap }
