package record

import (
	"openmic/floor"
)

// rarely is one of the things that happen in few sessions.
func (st *stage) rarely() {
	who := person(st.anybody())
	ticket := func() floor.ID { return st.anyTicket() }
	switch st.r.IntN(22) {
	case 0:
		st.try(who, &floor.Park{Ticket: ticket()})
	case 1:
		st.try(theChair, &floor.Back{Ticket: ticket()})
	case 2:
		st.try(who, &floor.Away{})
	case 3:
		st.try(who, &floor.Here{})
	case 4:
		st.try(theChair, &floor.Hold{Ticket: ticket(), Ask: "what do you mean?"})
	case 5:
		st.try(theChair, &floor.Hide{Ticket: ticket(), Show: st.r.IntN(3) == 0})
	case 6:
		st.try(theChair, &floor.Merge{Ticket: ticket(), Into: ticket()})
	case 7:
		st.try(theChair, &floor.Edit{Ticket: ticket(), About: new("about something else"), Text: new("another text")})
	case 8:
		st.try(theChair, &floor.Instead{Ticket: ticket(), Text: []string{"", "read this instead"}[st.r.IntN(2)]})
	case 9:
		st.try(theChair, &floor.Grant{Person: st.anybody(), Factor: []int64{100, 150, 200}[st.r.IntN(3)]})
	case 10:
		st.try(theChair, &floor.Change{R: new(1 + st.r.IntN(4)), K: new(st.r.IntN(4)), B: new(int64(st.r.IntN(120)) * 1000), Q: new(int64(st.r.IntN(60)) * 1000)})
	case 11:
		st.try(theChair, &floor.Change{ApprovePeople: new(st.r.IntN(2) == 0), ApproveCards: new(st.r.IntN(2) == 0)})
	case 12:
		st.try(theChair, &floor.Admit{People: []floor.ID{st.anybody()}})
	case 13:
		st.try(theChair, &floor.Speaking{})
	case 14:
		st.try(theChair, &floor.Extend{})
	case 15:
		st.try(theChair, &floor.Give{Kind: []string{"panel", "reply", "right-of-reply", "order", "unplanned"}[st.r.IntN(5)], Person: st.anybody()})
	case 16:
		if n := len(st.s.Notes); n > 0 {
			st.try(theChair, &floor.Strike{Note: st.s.Notes[st.r.IntN(n)].ID, Back: st.r.IntN(2) == 0})
		}
	case 17:
		if n := len(st.s.Turns); n > 0 {
			st.correct(&st.s.Turns[st.r.IntN(n)])
		}
	case 18:
		if st.s.Speaking { // nobody pressed End
			st.at += 400_000
		}
	case 19:
		st.try(theChair, &floor.Tour{People: []floor.ID{st.anybody(), st.anybody(), st.anybody()}, Cap: int64(st.r.IntN(3)) * 30_000})
	case 20:
		for _, id := range st.s.Line[:min(3, len(st.s.Line))] {
			st.try(person(st.s.Ticket(id).Person), &floor.Defer{Ticket: id})
		}
	case 21:
		st.try(theChair, &floor.Override{Ticket: ticket(), Class: "balance"})
	}
}

// correct says afterwards that a turn was another one.
func (st *stage) correct(t *floor.Turn) {
	c := &floor.Correct{Turn: t.ID}
	switch st.r.IntN(5) {
	case 0:
		c.Kind = []string{"line", "panel", "reply", "read", "unplanned"}[st.r.IntN(5)]
	case 1:
		c.Side = new(floor.Side(st.r.IntN(2)))
	case 2:
		c.Person = new(st.anybody())
	case 3:
		c.Length = new(int64(st.r.IntN(300_000)))
	case 4:
		c.End = new(int64(st.r.IntN(int(st.at) + 1000)))
	}
	st.try(theChair, c)
}

// eventful is a session of n steps in which all that may happen does; half of them are adjourned, and cards come late.
func eventful(st *stage, n int) *stage {
	st.open(5)
	for range n {
		if st.r.IntN(3) == 0 {
			st.rarely()
		} else {
			st.step(true)
		}
	}
	if n%2 == 0 {
		st.at += 1000
		st.try(theChair, &floor.Adjourn{})
		for range 5 {
			st.try(person(st.anybody()), &floor.Write{Text: "a late card"})
			st.try(theChair, &floor.Answer{Ticket: st.anyTicket(), Text: "an answer, later"})
		}
		st.try(theChair, &floor.Freeze{})
	}
	return st
}
