package floor

import (
	"fmt"
	"strings"
)

// floor says who has the floor and who waits, side by side.
func (st *story) floor() {
	s := st.b.s
	switch t, c := s.Current(), s.Call(); {
	case t != nil:
		what := "speaking"
		if t.Kind != LineTurn {
			what += " (" + t.Kind + ")"
		}
		st.say("%s %s (%s), %s of %s", what, st.called(t.Person), t.Side, clock(t.Length(st.b.at)), clock(t.Limit()))
	case c != nil:
		st.say("called %s (%s)", st.called(c.Person), c.Side)
	}
	st.line()
}

// line says who waits, in place order.
func (st *story) line() {
	s := st.b.s
	places := s.Places(st.b.at, nil)
	for _, side := range []Side{Room, Online} {
		var out []string
		for _, id := range s.Line {
			t, p := s.Ticket(id), places[id]
			if t.Side != side {
				continue
			}
			w := st.called(t.Person)
			if p.Number > 0 {
				w = fmt.Sprintf("%d. %s", p.Number, w)
			}
			if t.Form == Card {
				w += " (card)"
			}
			switch k := p.Why.Kind; k {
			case PlaceNth:
			case PlacePassed:
				w += fmt.Sprintf(" [passed, %d left]", p.Why.W)
			default:
				w += " [" + k + "]"
			}
			out = append(out, w)
		}
		if len(out) > 0 {
			st.say("%s: %s", side, strings.Join(out, "; "))
		}
	}
}

func (st *story) show(what string, w *words) {
	s := st.b.s
	switch what {
	case "floor":
		st.floor()
	case "line":
		st.line()
	case "lead":
		b := s.Standing(st.b.at)
		st.say("lead %s, run %s, row %d, last %s", clock(b.Lead), clock(b.Run), b.Row, b.Last)
	case "places":
		places := s.Places(st.b.at, nil)
		for _, id := range s.Line {
			p := places[id]
			st.say("%s (%s): place %d, %d before, about %s, latest %s", st.who(id), p.Side, p.Number, p.Before, clock(p.About), clock(p.Latest))
		}
	case "next":
		if c, ok := s.Next(st.b.at, nil); ok {
			st.say("next %s (%s): %s", st.who(c.Ticket), c.Side, st.reason(c.Why))
		} else {
			st.say("next nobody")
		}
	case "then":
		if c, ok := s.Then(st.b.at, nil); ok {
			st.say("then %s (%s): %s", st.who(c.Ticket), c.Side, st.reason(c.Why))
		} else {
			st.say("then nobody")
		}
	case "segments":
		sc := s.Schedule(st.b.at)
		for i := range s.Segments {
			g := &s.Segments[i]
			state := "to come"
			if g.Ended >= 0 {
				state = "over"
			} else if g.Begun >= 0 {
				state = "runs"
			}
			a, r, idle := s.Spent(g, st.b.at)
			st.say("%s %s: %s left of %s; audience %s, replies %s, idle %s", g.Kind, state, clock(sc.Slots[i].Left), clock(g.Budget), clock(a), clock(r), clock(idle))
		}
		st.say("%s until the end; eaten %s, spare %s", clock(sc.Left), clock(sc.Eaten), clock(sc.Spare))
	case "turns":
		for i := range s.Turns {
			t := &s.Turns[i]
			waited, length := s.Waited(t, st.b.at)
			mark := ""
			if t.Corrected {
				mark += ", corrected"
			}
			if t.Doubtful(st.b.at) {
				mark += ", doubtful"
			}
			if t.Override != "" {
				mark += ", override " + t.Override
			}
			if !t.Charged() {
				mark += ", charged to no side"
			}
			st.say("%s %s (%s) from %s, %s long, %s while the other side waited, w %d%s", t.Kind, st.called(t.Person), t.Side, clock(t.Start), clock(length), clock(waited), t.W[t.Side], mark)
		}
	case "asks":
		for i := range s.Tickets {
			t := &s.Tickets[i]
			out := t.Status
			if end := s.Disposition(t, began+st.b.at); end != "" {
				out = end
			} else if !t.Placed {
				out = "outside the line"
			}
			if t.Late {
				out += ", late"
			}
			if t.Ago > 0 {
				out += fmt.Sprintf(", arrived at %s, says it was pressed %s before", clock(t.Asked), clock(t.Ago))
			}
			if len(t.Answers) > 0 {
				out += fmt.Sprintf(", answered %d", len(t.Answers))
			}
			if len(t.Backers) > 0 {
				var by []string
				for _, p := range t.Backers {
					by = append(by, st.called(p))
				}
				out += ", also " + strings.Join(by, ", ")
			}
			if t.AskedBack {
				out += fmt.Sprintf(", asked back %q", st.b.words(t.Ask))
			}
			st.say("%s, %s (%s): %s", st.called(t.Person), t.Form, t.Side, out)
		}
	case "people":
		for i := range s.People {
			p := &s.People[i]
			out := []string{p.Side.String(), p.Origin}
			if !p.Admitted {
				out = append(out, "not admitted")
			}
			if p.Cleared {
				out = append(out, "cleared")
			}
			if p.Agreed {
				out = append(out, "agreed")
			}
			if p.Hub != "" {
				out = append(out, "hub "+st.called(p.Hub))
			}
			for _, c := range []struct {
				use string
				f   Fields
			}{{"aloud", p.Consent.Aloud}, {"screen", p.Consent.Screen}, {"report", p.Consent.Report}, {"officials", p.Consent.Officials}} {
				if b, _ := c.f.MarshalText(); len(b) > 0 {
					out = append(out, fmt.Sprintf("%s %q", c.use, b))
				}
			}
			st.say("%s: %s", st.called(p.ID), strings.Join(out, ", "))
		}
	case "round":
		st.say("round %d of %d", s.Round.Taken, s.Round.N)
	case "wishes":
		if len(s.Wishes) == 0 {
			st.say("nobody wishes")
		}
		for _, x := range s.Wishes {
			st.say("%s wishes %s", st.called(x.Person), x.Kind)
		}
	default:
		panic("show what? " + w.line)
	}
}
