package floor

// Erase takes back everything a person said about themselves and in the session: the facts of the order stay, the
// words go. It is the person's own right, given by themselves, by the hub they sit in, or for them by an organiser; at
// any time, also once the session has ended. Giving it again is safe.
type Erase struct {
	Person ID `json:"person,omitempty"` // empty: the actor
}

var _ = command("erase", &Erase{})

func (*Erase) may() Roles  { return Anybody }
func (*Erase) afterwards() {}

func (c *Erase) decide(s *State, m Moment, by Actor) ([]Event, error) {
	id := c.Person
	if id == "" {
		id = by.Person
	}
	if s.Person(id) == nil {
		return nil, refuse("nobody")
	}
	if !s.owns(by, id) && !by.Roles.Has(Organiser) {
		return nil, ErrNotAllowed
	}
	// Whoever is erased waits no more. The asks outside the line end first, so that none of them takes a place.
	var out []Event
	for _, placed := range []bool{false, true} {
		for i := range s.Tickets {
			if t := &s.Tickets[i]; t.Person == id && t.Live() && t.Placed == placed && t.Status != Spoke {
				out = append(out, &Withdrew{t.ID})
			}
		}
	}
	return append(out, &Erased{id}), nil
}

// Erased: the words of this person in every entry whose writer had not seen this one are gone. What they say later,
// knowing it, counts again.
type Erased struct {
	Person ID `json:"person"`
}

var _ = event("erased", &Erased{})

func (ev *Erased) apply(s *State, e *Entry) {
	p := s.Person(ev.Person)
	if p == nil {
		s.friction(e)
		return
	}
	for _, t := range []*Text{&p.Name, &p.Say, &p.Group, &p.Org, &p.Country, &p.Region, &p.First, &p.Youth, &p.Handle} {
		*t = ""
	}
	p.Closed, p.Agreed, p.Consent, p.ConsentBy = true, false, Consent{}, e.unseen(p.ConsentBy)
	p.Erasures = append(p.Erasures[:len(p.Erasures):len(p.Erasures)], e.Ref())
	for i := range s.Tickets {
		t := &s.Tickets[i]
		if t.Person != p.ID {
			continue
		}
		for _, x := range []*Text{&t.About, &t.Text, &t.Link, &t.Lang, &t.Mark, &t.Ask} {
			*x = ""
		}
	}
	for i := range s.Turns {
		if t := &s.Turns[i]; t.Person == p.ID {
			t.Line, t.Why = "", ""
		}
	}
	for i := range s.Calls {
		if c := &s.Calls[i]; c.Person == p.ID {
			c.Note = ""
		}
	}
}

// Whose lists the people whose words an entry holds: who said them and whom they are about. The State is the one after
// the entry or a later one. What a plan says and what the rapporteur notes belongs to the session: to nobody.
func (s *State) Whose(e *Entry) []ID {
	ticket := func(id ID) ID {
		if t := s.Ticket(id); t != nil {
			return t.Person
		}
		return ""
	}
	turn := func(id ID) ID {
		if t := s.Turn(id); t != nil {
			return t.Person
		}
		return ""
	}
	var out []ID
	switch ev := e.Event.(type) {
	case *Joined:
		out = []ID{ev.Person}
	case *Described:
		out = []ID{ev.Person}
	case *Asked:
		out = []ID{ev.Person}
	case *Edited:
		out = []ID{ticket(ev.Ticket)}
	case *Swapped:
		out = []ID{ticket(ev.Ticket)}
	case *Answered:
		out = []ID{ev.By}
	case *Held:
		out = []ID{e.By, ticket(ev.Ticket)}
	case *CalledOut:
		out = []ID{e.By, ev.Person}
	case *Started:
		out = []ID{e.By, ev.Person, turn(ev.Turn)}
	case *Corrected:
		out = []ID{e.By, ev.Person, turn(ev.Turn)}
	case *TookOver, *Forgiven:
		out = []ID{e.By}
	case *Confirmed:
		out = []ID{turn(ev.Turn)}
	case *Told:
		out = []ID{e.By}
	}
	return out
}
