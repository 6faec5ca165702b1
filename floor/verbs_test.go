package floor

import (
	"strings"
)

// verbs are the words of a story.
var verbs = map[string]func(st *story, w *words){}

// own is what a person does for themselves, with their own pass.
func own(c func(st *story, w *words, id ID) Command) func(*story, *words) {
	return func(st *story, w *words) {
		id := st.person(w, w.next())
		by := Actor{Person: id, Roles: Participant}
		if p := st.b.s.Person(id); p != nil && p.Hub != "" {
			by.Person = p.Hub
		} else if p != nil && p.Origin != "self" {
			by = chair
		}
		st.try(w, by, c(st, w, id))
	}
}

// ofTicket is what the crew does with an ask.
func ofTicket(c func(w *words, id ID) Command) func(*story, *words) {
	return func(st *story, w *words) { id := st.ticket(w); st.try(w, chair, c(w, id)) }
}

// give is a turn outside the line.
func give(kind string) func(*story, *words) {
	return func(st *story, w *words) {
		c := &Give{Kind: kind}
		if len(w.fields) > 0 && st.id[w.fields[0]] == "" {
			side := w.side()
			c.Side = &side
		} else if len(w.fields) > 0 {
			c.Person = st.person(w, w.next())
		}
		st.try(w, chair, c)
	}
}

func init() {
	for name, do := range map[string]func(st *story, w *words){
		"before": func(st *story, w *words) { st.asleep = true },
		"open": func(st *story, w *words) {
			st.closed = false
			st.try(w, chair, &Open{KeepLength: w.take("keep-length")})
		},
		"adjourn": func(st *story, w *words) { st.try(w, chair, &Adjourn{}) },
		"freeze":  func(st *story, w *words) { st.try(w, chair, &Freeze{}) },
		"wait":    func(st *story, w *words) { st.b.at += w.time() },
		"rule": func(st *story, w *words) {
			c := &Change{}
			for len(w.fields) > 0 {
				k := w.next()
				v := int64(0)
				if k == "L" || k == "Q" || k == "B" {
					v = w.time()
				} else {
					v = int64(w.number())
				}
				n := int(v)
				switch k {
				case "L":
					c.L = &v
				case "Q":
					c.Q = &v
				case "B":
					c.B = &v
				case "R":
					c.R = &n
				case "K":
					c.K = &n
				}
			}
			st.try(w, chair, c)
		},
		"settings": func(st *story, w *words) {
			c := &Change{}
			on := w.take("on") || !w.take("off")
			switch what := w.next(); what {
			case "approve-people":
				c.ApprovePeople = &on
			case "approve-cards":
				c.ApproveCards = &on
			case "ties":
				c.Ties = &on
			case "link-people":
				n := w.number()
				c.LinkPeople = &n
			}
			st.try(w, chair, c)
		},
		"plan": func(st *story, w *words) {
			c := &Plan{Title: "A story"}
			if w.take("start") {
				c.Start = began + w.time()
			}
			for len(w.fields) > 0 {
				g := SegmentPlan{Kind: w.next(), Minutes: int64(w.number())}
				g.Protected = w.take("protected")
				c.Segments = append(c.Segments, g)
			}
			st.try(w, chair, c)
		},
		"segment": func(st *story, w *words) {
			kind := w.next()
			for i := range st.b.s.Segments {
				if g := &st.b.s.Segments[i]; g.Kind == kind {
					st.try(w, chair, &Begin{Segment: g.ID})
					return
				}
			}
		},
		"stretch": func(st *story, w *words) {
			kind := w.next()
			for i := range st.b.s.Segments {
				if g := &st.b.s.Segments[i]; g.Kind == kind {
					st.try(w, chair, &Stretch{Segment: g.ID, Minutes: int64(w.number())})
					return
				}
			}
		},
		// join ada online link L preset group
		"join": func(st *story, w *words) {
			name := w.next()
			c := &Join{Side: w.side()}
			role := Participant
			if w.take("speaker") {
				role = Speaker
			}
			if w.take("hub") {
				role = Hub
			}
			if w.take("link") {
				c.Link = w.next()
			}
			c.Name, c.Preset = &name, "name"
			if w.take("preset") {
				c.Preset = w.next()
			}
			if w.take("group") {
				g := w.next()
				c.Group = &g
			}
			st.know(ID(name), name)
			st.try(w, Actor{Person: ID(name), Roles: role}, c)
		},
		"consent": own(func(st *story, w *words, id ID) Command {
			if w.take("only-report") {
				return &Describe{Description: Description{Detail: true, Report: Name | Group}}
			}
			return &Describe{Description: Description{Preset: w.next()}}
		}),
		"agreed": func(st *story, w *words) {
			yes := true
			st.try(w, chair, &Describe{Person: st.person(w, w.next()), Agreed: &yes, Description: Description{Preset: "group"}})
		},
		"admit": func(st *story, w *words) {
			c := &Admit{}
			for len(w.fields) > 0 {
				c.People = append(c.People, st.person(w, w.next()))
			}
			st.try(w, chair, c)
		},
		// ask mei room [ago 10m]: pressed so long ago, by the clock of a phone that had no network
		"ask": own(func(st *story, w *words, id ID) Command {
			w.side()
			return &Ask{Person: id, AskFields: AskFields{Ago: w.ago()}}
		}),
		"card": own(func(st *story, w *words, id ID) Command {
			w.side()
			return &Write{Person: id, AskFields: AskFields{Ago: w.ago()}, Text: w.rest()}
		}),
		"edit": func(st *story, w *words) {
			t := st.ticket(w)
			text := w.rest()
			st.try(w, Actor{Person: st.b.s.Ticket(t).Person, Roles: Participant}, &Edit{Ticket: t, Text: &text})
		},
		// walkup [NAME] [+5] [mic N]: at a microphone in the room
		"walkup": func(st *story, w *words) { st.enter(w, chair, Room) },
		"hand":   func(st *story, w *words) { st.enter(w, chair, Online) },
		// from-hub HUB NAME [preset PRESET] [hand]
		"from-hub": func(st *story, w *words) {
			hub := st.person(w, w.next())
			st.enter(w, Actor{Person: hub, Roles: Hub}, Online)
		},
		"call": func(st *story, w *words) { st.try(w, chair, &Call{}) },
		"next": func(st *story, w *words) { st.try(w, chair, &Call{}) },
		// two operators press Next on screens that show the same moment
		"both-press-next": func(st *story, w *words) {
			seen := st.b.s.Beat
			st.try(w, chair, &Call{Seen: &seen})
			st.try(w, Actor{Person: "desk", Roles: Desk}, &Call{Seen: &seen})
		},
		"start": func(st *story, w *words) {
			by := chair
			if len(w.fields) > 0 {
				by = Actor{Person: st.person(w, w.next()), Roles: Participant}
			}
			st.try(w, by, &Start{})
		},
		"speaks": func(st *story, w *words) { // called and heard at once: call, unmute, start
			st.try(w, chair, &Call{})
			if st.b.s.Call() != nil {
				st.try(w, chair, &Start{})
			}
		},
		"end":    func(st *story, w *words) { st.try(w, chair, &End{}) },
		"extend": func(st *story, w *words) { st.try(w, chair, &Extend{}) },
		"still-speaking": func(st *story, w *words) {
			st.try(w, chair, &Speaking{})
		},
		"asked-to-unmute": func(st *story, w *words) {
			c := &Unmuted{}
			if cl := st.b.s.Call(); cl != nil {
				c.Ticket = cl.Ticket
			}
			st.try(w, chair, c)
		},
		"miss": func(st *story, w *words) {
			c := &Miss{}
			if cl := st.b.s.Call(); cl != nil {
				c.Call = cl.ID
			}
			st.try(w, chair, c)
		},
		"yield":    own(func(st *story, w *words, id ID) Command { return &Yield{} }),
		"here":     own(func(st *story, w *words, id ID) Command { return &Here{Person: id} }),
		"away":     own(func(st *story, w *words, id ID) Command { return &Away{Person: id} }),
		"move":     own(func(st *story, w *words, id ID) Command { return &Move{Person: id, Side: w.side()} }),
		"defer":    own(func(st *story, w *words, id ID) Command { return &Defer{Ticket: st.live(id)} }),
		"still":    own(func(st *story, w *words, id ID) Command { return &Still{Ticket: st.live(id)} }),
		"park":     own(func(st *story, w *words, id ID) Command { return &Park{Ticket: st.live(id)} }),
		"withdraw": own(func(st *story, w *words, id ID) Command { return &Withdraw{Ticket: st.live(id)} }),
		"undo":     ofTicket(func(w *words, id ID) Command { return &Withdraw{Ticket: id} }),
		"back":     own(func(st *story, w *words, id ID) Command { return &Back{Person: id, Ticket: st.ticket(w)} }),
		"made": own(func(st *story, w *words, id ID) Command { // my point was made: my ask ends
			return &Back{Person: id, Ticket: st.ticket(w), End: st.live(id)}
		}),
		"wish": own(func(st *story, w *words, id ID) Command { return &WishFor{Kind: w.next()} }),
		"override": func(st *story, w *words) {
			c := &Override{}
			if strings.Contains(w.fields[0], "#") {
				c.Ticket = st.ticket(w)
			} else {
				c.Person = st.person(w, w.next())
			}
			c.Class, c.Note = w.next(), w.rest()
			st.try(w, chair, c)
		},
		"unplanned": give(Unplanned),
		"reply":     give(Reply),
		"right":     give(Right),
		"order":     give(Order),
		"panel":     give(Panel),
		// correct last length 60s | correct add online length 60s | correct last person mei
		"correct": func(st *story, w *words) {
			c := &Correct{}
			if !w.take("add") {
				if w.take("last") {
					c.Turn = st.b.s.Turns[len(st.b.s.Turns)-1].ID
				} else {
					c.Turn = st.b.s.Turns[w.number()-1].ID
				}
			}
			for len(w.fields) > 0 {
				switch k := w.next(); k {
				case "length":
					v := w.time()
					c.Length = &v
				case "start":
					v := w.time()
					c.Start = &v
				case "end":
					v := w.time()
					c.End = &v
				case "person":
					id := st.person(w, w.next())
					c.Person = &id
				case "kind":
					c.Kind = w.next()
				case "room", "online":
					side := Room
					if k == "online" {
						side = Online
					}
					c.Side = &side
				}
			}
			st.try(w, chair, c)
		},
		// crash 5s 1m: the last mark was 5 s ago, the site was down for a minute
		"crash": func(st *story, w *words) {
			mark := st.b.at - w.time()
			down := w.time()
			st.b.at = max(st.b.at, mark+down)
			st.try(w, Actor{Roles: Site}, &Resume{Mark: mark, Down: down})
		},
		"more-time": func(st *story, w *words) {
			st.try(w, chair, &Grant{Person: st.person(w, w.next()), Factor: int64(w.number())})
		},
		"close": func(st *story, w *words) {
			c := &Close{}
			if len(w.fields) > 0 {
				c.More = w.number()
			}
			st.try(w, chair, c)
		},
		"reopen": func(st *story, w *words) { st.try(w, chair, &Reopen{}) },
		"round":  func(st *story, w *words) { st.try(w, chair, &TakeRound{N: w.number()}) },
		"tour": func(st *story, w *words) {
			c := &Tour{}
			for len(w.fields) > 0 {
				if w.take("cap") {
					c.Cap = w.time()
					continue
				}
				c.People = append(c.People, st.person(w, w.next()))
			}
			st.try(w, chair, c)
		},
		"approve": ofTicket(func(w *words, id ID) Command { return &Approve{id} }),
		"hold":    ofTicket(func(w *words, id ID) Command { return &Hold{Ticket: id, Ask: w.rest()} }),
		"hide":    ofTicket(func(w *words, id ID) Command { return &Hide{Ticket: id} }),
		"unhide":  ofTicket(func(w *words, id ID) Command { return &Hide{Ticket: id, Show: true} }),
		"instead": ofTicket(func(w *words, id ID) Command { return &Instead{Ticket: id, Text: w.rest()} }),
		"answer":  ofTicket(func(w *words, id ID) Command { return &Answer{Ticket: id, Text: w.rest()} }),
		"merge": func(st *story, w *words) {
			t := st.ticket(w)
			st.try(w, chair, &Merge{Ticket: t, Into: st.ticket(w)})
		},
		"as": func(st *story, w *words) { // as mei withdraw gaurab: somebody tries it with another's pass
			by := Actor{Person: st.person(w, w.next()), Roles: Participant}
			var c Command
			switch w.next() {
			case "withdraw":
				c = &Withdraw{Ticket: st.ticket(w)}
			case "call":
				c = &Call{}
			case "start":
				c = &Start{}
			case "describe": // as dhaka describe omar preset name
				d := &Describe{Person: st.person(w, w.next())}
				if w.take("preset") {
					d.Preset = w.next()
				}
				c = d
			}
			st.try(w, by, c)
		},
	} {
		verbs[name] = do
	}
}

// live is the ask a person has in the line, or none.
func (st *story) live(id ID) ID {
	if t := st.b.s.Live(id); t != nil {
		return t.ID
	}
	return "none"
}

func (st *story) enter(w *words, by Actor, side Side) {
	c := &Enter{Side: side}
	for len(w.fields) > 0 {
		switch {
		case w.take("mic"):
			c.Mic = w.number()
		case w.take("agreed"):
			c.Agreed = true
		case w.take("preset"):
			c.Preset = w.next()
		case w.take("hand"):
			yes := true
			c.Hand = &yes
		case w.take("mark"):
			c.Mark = w.rest()
		case strings.HasPrefix(w.fields[0], "+"):
			c.Count = w.number()
		default:
			c.Name = w.next()
			if id, ok := st.id[c.Name]; ok {
				c.Person = id
			}
		}
	}
	for _, ev := range st.try(w, by, c) {
		if j, ok := ev.(*Joined); ok && c.Name != "" {
			st.know(j.Person, c.Name)
		}
	}
}
