package floor

import "reflect"

// A press that two sites took without knowing of each other made some asks and people twice. Those of the site where it
// was taken first are the real ones; the others are other names of the same, so that what a site has done with its own
// ones meanwhile is done with the real ones.

// real is the ticket that is meant by an ID: the one of the press that was taken first.
func (s *State) real(id ID) ID {
	if t := s.Ticket(id); t != nil {
		return t.ID
	}
	return id
}

// repeated counts what a repeat has made so far, at one site.
type repeated struct {
	press         [2]string
	asked, joined int
}

// alsoNamed takes what a repeat made for another name of what the press made where it was taken first.
func (s *State) alsoNamed(e *Entry) {
	again := s.again[e.Journal]
	if press := [2]string{string(e.By), e.Command}; again.press != press {
		again = repeated{press: press}
	}
	switch ev := e.Event.(type) {
	case *Asked:
		again.asked++
		if o, ok := s.ahead.same(again.press, "asked", again.asked).(*Asked); ok {
			if i, known := s.ticket[o.Ticket]; known {
				s.ticket[ev.Ticket] = i
			}
		}
	case *Joined:
		again.joined++
		if o, ok := s.ahead.same(again.press, "joined", again.joined).(*Joined); ok {
			if i, known := s.person[o.Person]; known && s.Person(ev.Person) == nil {
				s.person[ev.Person], s.also[ev.Person] = i, s.People[i].ID
			}
		}
	}
	s.again[e.Journal] = again
}

// named is the entry with everybody's own name in it.
func (s *State) named(e *Entry) *Entry {
	ev := meant(e.Event, s.also)
	if ev == e.Event {
		return e
	}
	c := *e
	c.Event = ev
	return &c
}

// peopleIn are the fields of events and commands that name people.
var peopleIn = []string{"Person", "People", "Hub", "To", "By"}

// meant is an event or a command, a pointer to a struct, with other names of people replaced in a copy of it; itself when
// there are none.
func meant[T any](v T, also map[ID]ID) T {
	if len(also) == 0 {
		return v
	}
	from := reflect.ValueOf(v).Elem()
	to := reflect.New(from.Type())
	to.Elem().Set(from)
	found := false
	for _, name := range peopleIn {
		f := to.Elem().FieldByName(name)
		if !f.IsValid() {
			continue
		}
		switch x := f.Interface().(type) {
		case ID:
			if real, other := also[x]; other {
				f.Set(reflect.ValueOf(real))
				found = true
			}
		case *ID:
			if x == nil {
				continue
			}
			if real, other := also[*x]; other {
				f.Set(reflect.ValueOf(&real))
				found = true
			}
		case []ID:
			own := make([]ID, len(x))
			for i, id := range x {
				own[i] = id
				if real, other := also[id]; other {
					own[i], found = real, true
				}
			}
			if x != nil {
				f.Set(reflect.ValueOf(own))
			}
		}
	}
	if !found {
		return v
	}
	return to.Interface().(T)
}
