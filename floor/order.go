package floor

// Who is next, with the reason: the zipper with memory. Nothing else decides it.

// A Choice is whom the rule names, and what it looked at.
type Choice struct {
	Ticket ID
	Side   Side
	W      [2]int
	Why    Reason
	Passed []ID  // tickets in front that were callable
	Heard  []int // how often the group of each candidate of the last step was heard, when the session uses it
}

// Next names the ticket the rule would call now, as if the turn that runs ended now; false when nobody is callable.
func (s *State) Next(now int64, heard map[ID]int) (Choice, bool) { return s.next(now, heard) }

func (s *State) next(now int64, heard map[ID]int) (Choice, bool) { return s.table(now, heard).next() }

// seat is one ticket that waits, as the rule sees it.
type seat struct {
	ticket   ID
	person   ID
	bypassed int
	spoken   bool // the person has spoken from the line
	callable bool
	deferred bool
	missing  bool
	heard    int
}

// table is all the rule looks at. It is small, so that futures can be played on copies.
type table struct {
	rule  Rule
	bal   Balance
	seats [2][]seat // those who wait, in place order
	fresh bool      // no call from the line yet in this session
	ties  bool      // choose the group heard least among equals
}

func (s *State) table(now int64, heard map[ID]int) *table {
	t := &table{rule: s.Rule, bal: s.Standing(now), fresh: true, ties: s.Settings.Ties && heard != nil}
	for i := range s.Calls {
		if !s.Calls[i].Tour {
			t.fresh = false
			break
		}
	}
	speaking := s.Current()
	for _, id := range s.Line {
		k := s.Ticket(id)
		if k == nil || !s.waits(k) {
			continue
		}
		p := s.Person(k.Person)
		spoken := p.Spoke > 0 || speaking != nil && speaking.Charged() && speaking.Person == p.ID
		t.seats[k.Side] = append(t.seats[k.Side], seat{k.ID, k.Person, k.Bypassed, spoken, s.callable(k), k.Deferred, k.Missing, heard[k.ID]})
	}
	return t
}

// weights: while one side has at least twice as many people waiting, up to R of its turns stand against one.
func (t *table) weights() [2]int {
	w := [2]int{1, 1}
	for _, side := range []Side{Room, Online} {
		n, other := len(t.seats[side]), len(t.seats[side.Other()])
		if other > 0 && n >= 2*other {
			w[side] = min(t.rule.R, n/other)
		}
	}
	return w
}

func (t *table) anyone(side Side) bool {
	for i := range t.seats[side] {
		if t.seats[side][i].callable {
			return true
		}
	}
	return false
}

// next is FLOOR: which side, then who inside it.
func (t *table) next() (Choice, bool) {
	room, online := t.anyone(Room), t.anyone(Online)
	if !room && !online {
		return Choice{}, false
	}
	c := Choice{W: t.weights()}
	most := t.rule.M() * t.rule.L
	runs := func(side Side) bool { return t.bal.Any && t.bal.Last == side && t.bal.Run >= most }
	last := t.bal.Last
	switch {
	case room != online:
		c.Side = Room
		if online {
			c.Side = Online
		}
		c.Why = Reason{Kind: WhyOnly, Side: c.Side}
	case t.bal.Lead > t.rule.B && !runs(Online):
		c.Side, c.Why = Online, Reason{Kind: WhyBalance, Side: Online, Ms: t.bal.Lead, W: max(c.W[0], c.W[1])}
	case t.bal.Lead < -t.rule.B && !runs(Room):
		c.Side, c.Why = Room, Reason{Kind: WhyBalance, Side: Room, Ms: -t.bal.Lead, W: max(c.W[0], c.W[1])}
	case t.fresh:
		c.Side, c.Why = Online, Reason{Kind: WhyOpening, Side: Online}
	case t.bal.Any && c.W[last] > 1 && t.bal.Row < c.W[last]:
		c.Side = last
		c.Why = Reason{Kind: WhyMany, Side: last, N: int64(len(t.seats[last])), M: int64(len(t.seats[last.Other()])), W: c.W[last]}
	default:
		c.Side = last.Other()
		if !t.bal.Any {
			c.Side = Online
		}
		c.Why = Reason{Kind: WhyTurns, Side: c.Side}
	}
	t.inside(&c)
	return c, true
}

// inside chooses within the side: the first who was passed K times, else the first who has not spoken, else the first.
func (t *table) inside(c *Choice) {
	seats := t.seats[c.Side]
	first, fresh, owed := -1, -1, -1
	for i := range seats {
		if !seats[i].callable {
			continue
		}
		if first < 0 {
			first = i
		}
		if fresh < 0 && !seats[i].spoken {
			fresh = i
		}
		if owed < 0 && seats[i].bypassed >= t.rule.K {
			owed = i
		}
	}
	at := first
	switch {
	case owed >= 0:
		if at = owed; owed != first {
			c.Why.Then = "bypassed"
		}
	case fresh >= 0:
		at = fresh
		if fresh != first {
			c.Why.Then = "new"
		}
	}
	if t.ties && owed < 0 {
		at = t.leastHeard(c, at)
	}
	c.Ticket = seats[at].ticket
	for i := range at {
		if seats[i].callable {
			c.Passed = append(c.Passed, seats[i].ticket)
		}
	}
}

// leastHeard chooses among those equal to the chosen one the first whose group was heard least.
func (t *table) leastHeard(c *Choice, at int) int {
	seats := t.seats[c.Side]
	best := at
	for i := at; i < len(seats); i++ {
		if !seats[i].callable || seats[i].spoken != seats[at].spoken {
			continue
		}
		c.Heard = append(c.Heard, seats[i].heard)
		if seats[i].heard < seats[best].heard {
			best = i
		}
	}
	if best != at {
		c.Why.Then = "heard"
	}
	return best
}

// play lets the chosen ticket have a turn of this length (ms) and leaves the table as it is afterwards.
func (t *table) play(c Choice, length int64) {
	seats := t.seats[c.Side]
	gone := -1
	for i := range seats {
		if seats[i].ticket == c.Ticket {
			gone = i
		}
	}
	if gone < 0 {
		return
	}
	person := seats[gone].person
	passed := map[ID]bool{}
	for _, id := range c.Passed {
		passed[id] = true
	}
	kept := make([]seat, 0, len(seats))
	for i := range seats {
		if i == gone {
			continue
		}
		k := seats[i]
		if passed[k.ticket] {
			k.bypassed++
		}
		k.deferred = false
		kept = append(kept, k)
	}
	t.seats[c.Side] = kept
	if len(kept) == 0 && t.bal.Any {
		t.bal.clamped(t.rule)
	}
	for side := range t.seats {
		for i := range t.seats[side] {
			k := &t.seats[side][i]
			k.missing = false
			k.spoken = k.spoken || k.person == person
			k.callable = !k.deferred
		}
	}
	waited := int64(0)
	if len(t.seats[c.Side.Other()]) > 0 {
		waited = length
	}
	t.bal.charged(t.rule, c.Side, waited, length, c.W[c.Side])
	t.fresh = false
}
