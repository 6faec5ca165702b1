package floor

import "slices"

// claims checks what the rule promises while a session is played.
type claims struct {
	m     *meeting
	place map[ID]Stamp // F7
	moved map[ID]bool
	// excess is what was spoken by override, beyond the cap, or while the other side waited and nobody of it answered
	// (missed just now, or letting a call pass), ms. The bounds grow by it.
	excess int64
	unheld ID   // the call after which the other side waits and cannot be called
	mended bool // a correction or a crash makes lengths others than those seen here
	// F3: the difference of turns since both sides were callable, its least and most.
	diff, least, top int
	turns            int // how many have ended
	both             bool
	// F5: floor time spoken so far, and for each ticket what it was promised when.
	spoken   int64
	promised map[ID][]promise
	spoiled  map[ID]bool // did not wait without a break
	was      Balance
	// F1: least and largest lead while there is no excess.
	low, high int64
	// F4, counted here and not read from the State: who could have been called before this entry, and how often each
	// was passed.
	could  []seated
	passed map[ID]int
}

// seated is a ticket that could be called, and where it stood.
type seated struct {
	id    ID
	side  Side
	place Stamp
}

// promise: at this much floor time spoken, the ticket was told it has at most so much before it.
type promise struct{ spoken, latest, f5, excess int64 }

func newClaims(m *meeting) *claims {
	return &claims{m: m, place: map[ID]Stamp{}, moved: map[ID]bool{}, promised: map[ID][]promise{}, spoiled: map[ID]bool{}, passed: map[ID]int{}}
}

// entry runs after every entry.
func (c *claims) entry(e *Entry) {
	s := c.m.b.s
	b := s.Balance(s.At)
	if *oneSeed != 0 {
		c.m.Logf("%d %s by %s: lead %d run %d row %d", e.Stamp.At, e.Bytes()[90:], e.By, b.Lead, b.Run, b.Row)
	}
	switch ev := e.Event.(type) {
	case *CalledOut:
		c.called(ev, b)
	case *Corrected, *Resumed, *Granted:
		c.mended = true
	case *Moved:
		for i := range s.Tickets {
			if s.Tickets[i].Person == ev.Person {
				delete(c.place, s.Tickets[i].ID)
				delete(c.promised, s.Tickets[i].ID)
				delete(c.passed, s.Tickets[i].ID)
			}
		}
	}
	for ; c.turns < len(s.Turns) && s.Turns[c.turns].Ended >= 0; c.turns++ {
		c.ended(&s.Turns[c.turns], b)
	}
	// F7: a ticket keeps its place.
	for i := range s.Tickets {
		t := &s.Tickets[i]
		if !t.Placed {
			continue
		}
		if p, ok := c.place[t.ID]; ok && p != t.Place {
			c.m.Fatalf("F7: %s had place %v and has %v after %T", t.ID, p, t.Place, e.Event)
		}
		c.place[t.ID] = t.Place
		c.m.got.places++
		if _, ok := c.promised[t.ID]; t.Live() && (ok || c.spoiled[t.ID]) && t.Status == Waiting && !s.callable(t) {
			c.spoiled[t.ID] = true
		}
	}
	c.bounds(b)
	c.was = b
	c.look()
}

// bounds: F1, F2 and F4.
func (c *claims) bounds(b Balance) {
	m, s, r := c.m, c.m.b.s, c.m.rule
	if !c.mended {
		lead := max(b.Lead, -b.Lead)
		if lead > r.B+r.L+c.excess {
			m.Fatalf("F1: lead is %d, more than B+L = %d and an excess of %d", b.Lead, r.B+r.L, c.excess)
		}
		if b.Run > r.M()*r.L+c.excess {
			m.Fatalf("F2: a run of %d, more than (R+1)L = %d and an excess of %d", b.Run, r.M()*r.L, c.excess)
		}
		if c.excess == 0 {
			c.low, c.high = min(c.low, b.Lead), max(c.high, b.Lead)
			if r.B < 86_400_000 {
				m.near(leadBound, lead, r.B+r.L)
				m.near(swingBound, c.high-c.low, 2*(r.B+r.L))
			}
			m.near(runBound, b.Run, r.M()*r.L)
		}
	}
	for i := range s.Tickets { // F4, always: only the rule passes
		t := &s.Tickets[i]
		if n := c.passed[t.ID]; max(n, t.Bypassed) > r.K {
			m.Fatalf("F4: %s was passed %d times and remembers %d, more than K = %d", t.ID, n, t.Bypassed, r.K)
		} else {
			m.near(passedBound, int64(n), int64(r.K))
		}
	}
}

// look notes who could be called now; where everybody would let a call pass, those.
func (c *claims) look() {
	s := c.m.b.s
	c.could = c.could[:0]
	for _, deferred := range []bool{false, true} {
		for _, id := range s.Line {
			if t := s.Ticket(id); s.callable(t) || deferred && s.waits(t) && !t.Missing {
				c.could = append(c.could, seated{id, t.Side, t.Place})
			}
		}
		if len(c.could) > 0 {
			return
		}
	}
}

// reached: somebody of this side could have been called.
func (c *claims) reached(side Side) bool {
	return slices.ContainsFunc(c.could, func(k seated) bool { return k.side == side })
}

func (c *claims) called(ev *CalledOut, b Balance) {
	m, r := c.m, c.m.rule
	if ev.Override != "" {
		m.got.overrides++
		return
	}
	if ev.Tour {
		return
	}
	m.got.calls++
	if m.got.why == nil {
		m.got.why = map[string]int{}
	}
	m.got.why[ev.Why.Kind]++
	for _, k := range c.could {
		if t := m.b.s.Ticket(ev.Ticket); k.side == ev.Side && k.place.Before(t.Place) {
			c.passed[k.id]++
		}
	}
	// F8: whoever is owed more than the allowed lead is repaid, as far as a run may go.
	owed := Room
	if b.Lead > 0 {
		owed = Online
	}
	// F2: a side goes on beyond the allowed lead only while its run is below (R+1)L.
	if ev.Why.Kind == WhyBalance {
		run := int64(0)
		if b.Any && b.Last == ev.Side {
			run = b.Run
		}
		if run >= r.M()*r.L && c.reached(ev.Side.Other()) {
			m.Fatalf("F2: %s is called after a run of %d, not less than (R+1)L = %d", ev.Side, run, r.M()*r.L)
		}
		m.near(debtBound, run, r.M()*r.L)
	}
	if max(b.Lead, -b.Lead) > r.B && c.reached(owed) {
		if ev.Side != owed && !(b.Any && b.Last == owed && b.Run >= r.M()*r.L) {
			m.Fatalf("F8: lead is %d, and %s is called without having been repaid", b.Lead, ev.Side)
		}
		if ev.Side != owed {
			m.got.breaks++
		}
		m.got.repaid++
	}
	if w := m.b.s.Waits[ev.Side.Other()]; ev.Why.Kind == WhyOnly && len(w) > 0 && w[len(w)-1].To < 0 {
		c.unheld = ev.Call
	}
	// F3 holds over any interval in which both are callable.
	if ev.Why.Kind == WhyOnly {
		c.both = false
	} else if !c.both {
		c.both, c.diff, c.least, c.top = true, 0, 0, 0
		m.got.f3++
	}
	// F5.
	for _, p := range c.promised[ev.Ticket] {
		if c.mended || c.spoiled[ev.Ticket] || c.excess > p.excess {
			continue
		}
		took := c.spoken - p.spoken
		if took > p.latest {
			m.Fatalf("F5: %d ms were spoken before %s, promised were at most %d (F5 %d)", took, ev.Ticket, p.latest, p.f5)
		}
		m.got.promises++
		m.near(beforeBound, took, p.latest)
		if !m.wild && c.excess == 0 {
			m.near(formulaBound, took, p.f5)
		}
	}
	delete(c.promised, ev.Ticket)
}

func (c *claims) ended(t *Turn, b Balance) {
	m, r := c.m, c.m.rule
	if !t.Charged() {
		return
	}
	length := t.Ended - t.Start
	if t.Override != "" || t.Call == c.unheld && t.Call != "" {
		c.excess += max(length, r.Q)
	} else if length > r.L {
		c.excess += length - r.L
	}
	c.spoken += length
	if t.Side == Room {
		c.diff++
	} else {
		c.diff--
	}
	c.least, c.top = min(c.least, c.diff), max(c.top, c.diff)
	if c.both && r.R == 1 && r.B == 86_400_000 && !m.wild && c.top-c.least > 1 {
		m.Fatalf("F3: the sides differ by %d turns while both are callable", c.top-c.least)
	}
	if c.both && r.R == 1 && r.B == 86_400_000 && !m.wild {
		m.near(turnsBound, int64(c.top-c.least), 1)
	}
	// F8: an override of d moves lead by at most max(d, Q).
	if s := m.b.s; t.Override != "" && t.Override != "unplanned" && len(s.Ledger) > 0 && s.Ledger[len(s.Ledger)-1].Turn == t.ID && !s.alone(t, s.At) {
		by := b.Lead - c.was.Lead
		if max(by, -by) > max(length, r.Q) {
			m.Fatalf("F8: an override of %d moved lead by %d", length, by)
		}
		m.near(overrideBound, max(by, -by), max(length, r.Q))
	}
}

// step runs after every step of the session: what the rule says and what the twin says are the same.
func (c *claims) step() {
	m, s, at := c.m, c.m.b.s, c.m.b.at
	tw := fold(m.b.entries)
	b := s.Balance(at)
	l := tw.lead()
	if !*alone && (l != twinLead{b.Lead, b.Run, b.Row, b.Last, b.Any}) {
		m.Fatalf("after %d entries the balance is %+v, the twin says %+v", len(m.b.entries), b, l)
	}
	ch, ok := s.Next(at, nil)
	if s.Current() == nil && !*alone {
		id, why, w := tw.next(l)
		if id != ch.Ticket || ok && (why != ch.Why.Kind || w != ch.W) {
			m.Fatalf("next is %s (%s, %v), the twin says %s (%s, %v)", ch.Ticket, ch.Why.Kind, ch.W, id, why, w)
		}
	}
	if !*alone && s.Call() == nil && len(s.Tour) == 0 && m.r.IntN(2) == 0 { // what is shown as next is whom the press calls, also while somebody speaks
		evs, err := Decide(s, m.b.moment(), chair, &Call{})
		var called ID
		for _, ev := range evs {
			if cl, ok := ev.(*CalledOut); ok {
				called = cl.Ticket
			}
		}
		if err == nil && called != ch.Ticket {
			m.Fatalf("next was shown as %q, called would be %q", ch.Ticket, called)
		}
	}
	// F9: somebody waits and answers, so somebody is named.
	for _, a := range tw.asks {
		if tw.waits(a) && !a.missing && !ok {
			m.Fatalf("F9: %s is callable and next names nobody", a.id)
		}
	}
	if ok {
		m.got.named++
	}
	if m.r.IntN(8) == 0 {
		c.promise()
	}
}

// promise notes what everybody in line is told just now.
func (c *claims) promise() {
	m, s := c.m, c.m.b.s
	r := m.rule
	spoken, excess := c.spoken, c.excess
	if t := s.Current(); t != nil && t.Charged() {
		if t.Call != "" && t.Call == c.unheld {
			excess += m.b.at - t.Start + r.Q // as it will be when the turn has ended
		}
		spoken += m.b.at - t.Start
	}
	var ahead [2]int64
	places := s.Places(m.b.at, nil)
	for id, p := range places {
		t := s.Ticket(id)
		if p.Number > 0 && (p.About < 0 && s.callable(t)) {
			m.Fatalf("%s waits and no future reaches it", id)
		}
		if p.About > p.Latest && p.Fits {
			m.Fatalf("%s is told about %d and at the latest %d", id, p.About, p.Latest)
		}
	}
	for _, id := range s.Line {
		t, p := s.Ticket(id), places[id]
		if p.Number > 0 && s.callable(t) {
			f5 := int64(1+r.R)*(ahead[t.Side]+int64(r.K))*r.L + 2*int64(r.R)*(r.B+r.L) + r.L
			if p.Latest > f5 && !m.wild && excess == 0 {
				m.Fatalf("F5: %s is told at the latest %d, more than F5 = %d", id, p.Latest, f5)
			}
			if !m.wild && excess == 0 {
				m.near(latestBound, p.Latest, f5)
			}
			c.promised[id] = append(c.promised[id], promise{spoken, p.Latest, f5, c.excess})
		}
		ahead[t.Side]++
	}
}

// end: the same journal gives the same floor, also read back from its bytes, and under other wall clocks (F6, F10).
func (c *claims) end(seed int64) {
	m := c.m
	if seed%32 != 1 {
		return
	}
	again, late := New(), New()
	for i, e := range m.b.entries {
		p, err := ParseEntry(e.Bytes())
		if err != nil {
			m.Fatalf("entry %d: %v", i+1, err)
		}
		again.Apply(p)
		q := *p
		q.Wall = m.r.Int64N(4_000_000_000_000)
		late.Apply(&q)
	}
	if again.Hash() != m.b.s.Hash() {
		m.Fatalf("F10: the journal read back gives another State")
	}
	a, _ := again.Next(m.b.at, nil)
	b, _ := late.Next(m.b.at, nil)
	if a.Ticket != b.Ticket || again.Balance(m.b.at) != late.Balance(m.b.at) {
		m.Fatalf("F6: other wall clocks give another next speaker")
	}
	m.got.again++
}
