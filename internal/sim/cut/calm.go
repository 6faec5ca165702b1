package cut

import (
	"fmt"

	"openmic/floor"
	"openmic/internal/live"
)

// goesOn lets whoever holds the gavel lead the meeting by the rule until nobody can be called: somebody is named whenever
// somebody is callable (F9), a side that is owed time is paid first, and the lead comes back within its bounds (I9).
func (w *world) goesOn() {
	s := w.leader()
	if s == nil {
		w.wrong("I6: nobody holds the gavel: %v", w.hub.state().Gavel)
		return
	}
	crew := floor.Actor{Person: "chair", Roles: floor.Chair}
	n := 0
	do := func(by floor.Actor, c floor.Command) error {
		n++
		_, err := s.do(live.Command{ID: fmt.Sprintf("calm-%d", n), Actor: by, Do: c})
		w.run(w.now + 50)
		return err
	}
	w.run(w.now + longestLate) // what was on its way arrives
	st := s.state()
	most := len(st.Tickets) + len(st.People) + 5
	for range most {
		if now := w.leader(); now != nil { // somebody may have passed it
			s = now
		}
		st = s.state()
		now := s.s.At()
		if b := st.Balance(now); b.Lead > st.Rule.B+w.longest(st) || -b.Lead > st.Rule.B+w.longest(st) {
			w.wrong("I9: the lead is %d ms", b.Lead)
		}
		if c := st.Call(); c != nil {
			_ = do(crew, &floor.Start{Call: c.ID})
		}
		if s.state().Current() != nil {
			_ = do(crew, &floor.End{})
		}
		if st = s.state(); st.Call() != nil || st.Current() != nil {
			w.wrong("the floor does not become free")
			return
		}
		can, b := callable(st), st.Balance(s.s.At())
		err := do(crew, &floor.Call{})
		if err != nil {
			if can[0]+can[1] > 0 {
				w.wrong("F9: %d can be called, and nobody is named: %v", can[0]+can[1], err)
			}
			break
		}
		st = s.state()
		c := st.Call()
		if c == nil && st.Current() == nil {
			break
		}
		if c != nil {
			if owed := floor.Online; !c.Tour && can[0] > 0 && can[1] > 0 {
				full := st.Rule.M() * st.Rule.L
				switch {
				case b.Lead > st.Rule.B && c.Side != owed && !(b.Any && b.Last == owed && b.Run >= full):
					w.wrong("I9: online is owed %d ms, and the room is called", b.Lead)
				case b.Lead < -st.Rule.B && c.Side == owed && !(b.Any && b.Last != owed && b.Run >= full):
					w.wrong("I9: the room is owed %d ms, and online is called", -b.Lead)
				}
			}
			if err := do(crew, &floor.Start{Call: c.ID}); err != nil {
				w.wrong("the called %s cannot start: %v", c.Person, err)
			}
		}
		w.run(w.now + int64(20_000+w.dice.IntN(80_000)))
		_ = do(crew, &floor.End{})
		if len(w.result.Wrong) > 0 {
			return
		}
	}
	for range 100 {
		if w.agree() {
			break
		}
		w.run(w.now + 200)
	}
	if !w.agree() {
		w.wrong("the sites do not come together at the end")
		return
	}
	st = s.state()
	lead, bound := st.Balance(st.At).Lead, st.Rule.B
	if len(st.Waiting(0))+len(st.Waiting(1)) == 0 && (lead > bound || lead < -bound) {
		w.wrong("I9: nobody waits, and the lead is still %d ms", lead)
	}
	w.check()
}

// leader is the site that holds the gavel, as it knows itself; nil when none does.
func (w *world) leader() *site {
	for _, s := range w.sites() {
		if s.holds() {
			return s
		}
	}
	return nil
}

// longest is what one turn, or the turns of a cut, may add: the longest there was, beyond the cap an overrun is a fact.
func (w *world) longest(st *floor.State) int64 {
	sum := st.Rule.L
	for i := range st.Turns {
		if t := &st.Turns[i]; t.Cut || t.Override != "" || t.Extended || t.Length(st.At) > st.Rule.L {
			sum += max(st.Rule.Q, t.Length(st.At))
		}
	}
	return sum
}

// callable counts who can be called on each side, by a plain reading of the line.
func callable(st *floor.State) (n [2]int) {
	for _, id := range st.Line {
		t := st.Ticket(id)
		p := st.Person(t.Person)
		if p.Admitted && (!p.Away || t.Form == floor.Card) && !t.Parked && !t.Hidden && !t.Held && !t.Deferred && !t.Missing && (t.Form == floor.Voice || t.Approved) {
			n[t.Side]++
		}
	}
	return n
}
