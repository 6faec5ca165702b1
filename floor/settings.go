package floor

// Settings is what a session may choose beside the rule.
type Settings struct {
	ApprovePeople bool  `json:"approvePeople"` // the desk admits people; switches itself on in a flood
	ApproveCards  bool  `json:"approveCards"`  // the desk approves cards
	WallAll       bool  `json:"wallAll"`       // text stands on the wall without approval
	Ties          bool  `json:"ties"`          // among equals, whose group was heard least goes first
	CardSeconds   int64 `json:"cardSeconds"`   // how long a card may be aloud, s
	People        int   `json:"people"`        // at most
	OpenCards     int   `json:"openCards"`     // open asks a person, at most
	LinkPeople    int   `json:"linkPeople"`    // people one device may make before the desk is asked
	LinkAsks      int   `json:"linkAsks"`      // new people of one link asking within a minute before the desk is asked
	HubPeople     int   `json:"hubPeople"`
	HoldDecisions bool  `json:"holdDecisions"` // conclusions wait while the link is cut
	LateDays      int64 `json:"lateDays"`      // days after the session in which cards and answers are taken
}

// DefaultSettings are those of a session that chose nothing.
var DefaultSettings = Settings{ApproveCards: true, CardSeconds: 90, People: 3000, OpenCards: 8, LinkPeople: 3, LinkAsks: 10, HubPeople: 60, LateDays: 7}

// Change changes settings or, while nobody has been called, the dials. A dial changed later is an override of class
// "other" and stands in the record.
type Change struct {
	ApprovePeople *bool  `json:"approvePeople,omitempty"`
	ApproveCards  *bool  `json:"approveCards,omitempty"`
	WallAll       *bool  `json:"wallAll,omitempty"`
	Ties          *bool  `json:"ties,omitempty"`
	HoldDecisions *bool  `json:"holdDecisions,omitempty"`
	CardSeconds   *int64 `json:"cardSeconds,omitempty"`
	OpenCards     *int   `json:"openCards,omitempty"`
	LinkPeople    *int   `json:"linkPeople,omitempty"`
	LinkAsks      *int   `json:"linkAsks,omitempty"`
	HubPeople     *int   `json:"hubPeople,omitempty"`
	LateDays      *int64 `json:"lateDays,omitempty"`
	L             *int64 `json:"L,omitempty"` // ms, as the other times
	Q             *int64 `json:"Q,omitempty"`
	B             *int64 `json:"B,omitempty"`
	R             *int   `json:"R,omitempty"`
	K             *int   `json:"K,omitempty"`
	Reply         *int64 `json:"reply,omitempty"`
}

var _ = command("change", &Change{})

func (*Change) may() Roles { return Operators | Organiser }

func pick[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}

func (c *Change) decide(s *State, m Moment, by Actor) ([]Event, error) {
	n, r := s.Settings, s.Rule
	pick(&n.ApprovePeople, c.ApprovePeople)
	pick(&n.ApproveCards, c.ApproveCards)
	pick(&n.WallAll, c.WallAll)
	pick(&n.Ties, c.Ties)
	pick(&n.HoldDecisions, c.HoldDecisions)
	pick(&n.CardSeconds, c.CardSeconds)
	pick(&n.OpenCards, c.OpenCards)
	pick(&n.LinkPeople, c.LinkPeople)
	pick(&n.LinkAsks, c.LinkAsks)
	pick(&n.HubPeople, c.HubPeople)
	pick(&n.LateDays, c.LateDays)
	pick(&r.L, c.L)
	pick(&r.Q, c.Q)
	pick(&r.B, c.B)
	pick(&r.R, c.R)
	pick(&r.K, c.K)
	pick(&r.Reply, c.Reply)
	for _, b := range []struct {
		field         string
		v, least, top int64
	}{
		{"cardSeconds", n.CardSeconds, 10, 600}, {"openCards", int64(n.OpenCards), 1, 100}, {"linkPeople", int64(n.LinkPeople), 1, 5000},
		{"linkAsks", int64(n.LinkAsks), 1, 5000}, {"hubPeople", int64(n.HubPeople), 1, 1000}, {"lateDays", n.LateDays, 0, 365},
		{"L", r.L, 10_000, 3_600_000}, {"Q", r.Q, 0, r.L}, {"B", r.B, 0, 86_400_000}, {"R", int64(r.R), 1, 10},
		{"K", int64(r.K), 0, 100}, {"reply", r.Reply, 10_000, 3_600_000},
	} {
		if b.v < b.least || b.v > b.top {
			return nil, &BadInput{b.field, "range", b.top}
		}
	}
	var out []Event
	if n != s.Settings {
		out = append(out, &Set{Settings: n, Why: "crew"})
	}
	if r != s.Rule {
		out = append(out, &Dialled{Rule: r, Override: len(s.Calls) > 0})
	}
	if len(out) == 0 {
		return nil, refuse("already")
	}
	return out, nil
}

// Set: these settings hold from now on. Why says who chose them: crew, or link or asks when a flood did.
type Set struct {
	Settings Settings `json:"settings"`
	Why      string   `json:"why"`
}

var _ = event("set", &Set{})

func (ev *Set) apply(s *State, e *Entry) { s.Settings = ev.Settings }

// Dialled: these dials hold from now on.
type Dialled struct {
	Rule     Rule `json:"rule"`
	Override bool `json:"override"`
}

var _ = event("dialled", &Dialled{})

func (ev *Dialled) apply(s *State, e *Entry) {
	s.Rule = ev.Rule
	if ev.Override {
		s.Redials = append(s.Redials, e.Stamp.At)
	}
}

// Created is the first entry of a session's first journal.
type Created struct {
	Session  string   `json:"session"`
	Rule     Rule     `json:"rule"`
	Settings Settings `json:"settings"`
}

var _ = event("created", &Created{})

func (ev *Created) apply(s *State, e *Entry) {
	s.Session, s.Rule, s.Settings = ev.Session, ev.Rule, ev.Settings
}

// Create begins a session's first journal.
type Create struct {
	Session string `json:"session"`
}

var _ = command("create", &Create{})

func (*Create) may() Roles { return Site }

func (c *Create) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if s.Entries > 0 {
		return nil, refuse("already")
	}
	if err := opaque("session", c.Session); err != nil {
		return nil, err
	}
	return []Event{&Created{c.Session, TheRule, DefaultSettings}}, nil
}
