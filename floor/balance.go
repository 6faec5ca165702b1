package floor

// A LedgerLine is one thing that moves the lead, in the order in which it did.
type LedgerLine struct {
	Turn  ID    `json:"turn,omitempty"`  // a charged turn ended
	Clamp *Side `json:"clamp,omitempty"` // waits(side) became empty
}

// A Balance is what the ledger adds up to.
type Balance struct {
	Lead int64 // time online waited while the room spoke minus the reverse, ms, weighted
	Last Side  // side of the last charged turn
	Any  bool  // there was one
	Run  int64 // charge of consecutive turns of Last, ms
	Row  int   // how many they are
	Most int64 // largest |lead| so far, ms
	Long int64 // longest run so far, ms
}

// charged adds a turn of a side: waited is the part of it during which the other side had somebody waiting, length
// the whole of it, w the side's weight at the call.
func (b *Balance) charged(r Rule, side Side, waited, length int64, w int) {
	charge := int64(0)
	if waited > 0 {
		charge = waited + max(0, r.Q-length)
	}
	if !b.Any || b.Last != side {
		b.Run, b.Row = 0, 0
	}
	b.Any, b.Last = true, side
	b.Run += charge
	b.Row++
	if side == Room {
		b.Lead += charge / int64(max(1, w))
	} else {
		b.Lead -= charge / int64(max(1, w))
	}
	b.Most = max(b.Most, b.Lead, -b.Lead)
	b.Long = max(b.Long, b.Run)
}

// clamped: a side waits no more, so old debt is forgotten down to the allowed lead.
func (b *Balance) clamped(r Rule) {
	b.Lead = min(max(b.Lead, -r.B), r.B)
	b.Run, b.Row = 0, 0
}

// Balance adds up the ledger. A turn that runs is not in it yet; see Standing.
func (s *State) Balance(now int64) Balance {
	var b Balance
	for _, l := range s.Ledger {
		if l.Clamp != nil {
			b.clamped(s.Rule)
			continue
		}
		if t := s.Turn(l.Turn); t != nil && t.Charged() {
			waited, length := s.Waited(t, now)
			b.charged(s.Rule, t.Side, waited, length, t.W[t.Side])
		}
	}
	return b
}

// Standing is the balance as if the running turn ended now.
func (s *State) Standing(now int64) Balance {
	b := s.Balance(now)
	if t := s.Current(); t != nil && t.Charged() {
		waited, length := s.Waited(t, now)
		b.charged(s.Rule, t.Side, waited, length, t.W[t.Side])
	}
	return b
}

// Waited is how much of a turn, ms, passed while somebody of the other side waited, and how long the turn was. What
// lies beyond the cap of a person who was given more time is charged to nobody; neither is down time.
func (s *State) Waited(t *Turn, now int64) (waited, length int64) {
	end := t.end(now)
	for _, w := range s.Waits[t.Side.Other()] {
		waited += w.within(t.Start, end)
		for _, l := range t.Lost {
			cut := Span{max(l.From, w.From), l.To}
			if w.To >= 0 {
				cut.To = min(cut.To, w.To)
			}
			if cut.To > cut.From {
				waited -= cut.within(t.Start, end)
			}
		}
	}
	length = t.Length(now)
	if t.Factor > 100 && length > t.Cap {
		waited = max(0, waited-(min(length, t.Limit())-t.Cap))
	}
	return max(0, waited), length
}

func (s *State) inLedger(turn ID) bool {
	for _, l := range s.Ledger {
		if l.Turn == turn {
			return true
		}
	}
	return false
}

// notice keeps the spans during which each side waited. It runs after every entry.
func (s *State) notice(now int64) {
	for _, side := range []Side{Room, Online} {
		waits := false
		for _, id := range s.Line {
			if t := s.Ticket(id); t != nil && t.Side == side && s.waits(t) {
				waits = true
				break
			}
		}
		sp := s.Waits[side]
		open := len(sp) > 0 && sp[len(sp)-1].To < 0
		switch {
		case waits && !open:
			s.Waits[side] = append(sp, Span{now, -1})
		case !waits && open:
			sp[len(sp)-1].To = now
			s.Ledger = append(s.Ledger, LedgerLine{Clamp: &side})
		}
	}
}
