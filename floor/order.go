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
	reach [2]bool   // the sides whom the gavel's site can call
}

func (s *State) table(now int64, heard map[ID]int) *table {
	t := &table{rule: s.Rule, bal: s.Standing(now), fresh: true, ties: s.Settings.Ties && heard != nil, reach: s.reach()}
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
		// Whoever was called past is callable again when the turn that runs has ended.
		missing := k.Missing && speaking == nil
		t.seats[k.Side] = append(t.seats[k.Side], seat{k.ID, k.Person, k.Bypassed, spoken, !missing && !k.Deferred, k.Deferred, missing, heard[k.ID]})
	}
	if speaking != nil {
		// Whoever speaks has no place any more; their next card takes one.
		own := s.Live(speaking.Person)
		if k := s.nextOf(speaking.Person); k != nil && s.ready(k) && (own == nil || own.Turn == speaking.ID) {
			spoken := speaking.Charged() || s.Person(k.Person).Spoke > 0
			t.seats[k.Side] = append(t.seats[k.Side], seat{ticket: k.ID, person: k.Person, spoken: spoken, callable: true, heard: heard[k.ID]})
		}
	}
	t.allDeferred()
	return t
}

// allDeferred: where only those wait who would let a call pass, there is nobody to let before them.
func (t *table) allDeferred() {
	if t.anyone(Room) || t.anyone(Online) {
		return
	}
	for side := range t.seats {
		for i := range t.seats[side] {
			k := &t.seats[side][i]
			k.callable = !k.missing
		}
	}
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
			return t.reach[side]
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
			break
		}
		if seats[i].callable { // passed
			seats[i].bypassed++
		}
	}
	if gone < 0 {
		return
	}
	others := t.seats[c.Side.Other()]
	alone := true // nobody across but those who defer
	for i := range others {
		alone = alone && (others[i].deferred || others[i].missing)
	}
	for i := range seats {
		seats[i].deferred = false
	}
	for i := range others {
		others[i].deferred = others[i].deferred && !alone
	}
	t.seats[c.Side] = append(seats[:gone], seats[gone+1:]...)
	t.took(c.Side, length, c.W[c.Side])
	t.comeBack()
}

// comeBack: after a turn whoever was called past is callable again.
func (t *table) comeBack() {
	for side := range t.seats {
		for i := range t.seats[side] {
			k := &t.seats[side][i]
			k.missing, k.callable = false, !k.deferred
		}
	}
	t.allDeferred()
}

// took charges a turn of this length (ms) of a side that has just been called.
func (t *table) took(side Side, length int64, w int) {
	if len(t.seats[side]) == 0 {
		t.bal.clamped(t.rule)
	}
	waited := int64(0)
	if len(t.seats[side.Other()]) > 0 {
		waited = length
	}
	t.bal.charged(t.rule, side, waited, length, w, waited == 0)
	t.fresh = false
}
