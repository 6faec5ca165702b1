package floor

import (
	"cmp"
	"slices"
	"sort"
)

// A LedgerLine is one thing that moves the lead, in order of time.
type LedgerLine struct {
	At       int64 `json:"at"`                 // ms
	Turn     ID    `json:"turn,omitempty"`     // a charged turn ended
	Clamp    *Side `json:"clamp,omitempty"`    // waits(side) became empty
	Forgiven bool  `json:"forgiven,omitempty"` // the chair forgave what is owed beyond the allowed lead
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
// the whole of it, w the side's weight at the call. Where the other side stopped waiting before the turn ended, what the
// turn adds beyond the allowed lead is forgotten like any debt of a side that does not wait; without that, |lead| could
// pass B + L (seed 19307 of the sessions).
func (b *Balance) charged(r Rule, side Side, waited, length int64, w int, alone bool) {
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
	if alone {
		b.Lead = min(max(b.Lead, -r.B), r.B)
	}
	b.Most = max(b.Most, b.Lead, -b.Lead)
	b.Long = max(b.Long, b.Run)
}

// prolonged: the newest turn goes on for so many ms more, while somebody of the other side waits.
func (b *Balance) prolonged(ms int64, w int) {
	b.Run += ms
	if b.Last == Online {
		ms = -ms
	}
	b.Lead += ms / int64(max(1, w))
}

// forgiven: the lead is at most what is allowed.
func (b *Balance) forgiven(r Rule) { b.Lead = min(max(b.Lead, -r.B), r.B) }

// clamped: a side waits no more, so old debt is forgotten down to the allowed lead.
func (b *Balance) clamped(r Rule) {
	b.Lead = min(max(b.Lead, -r.B), r.B)
	b.Run, b.Row = 0, 0
}

// Balance adds up the ledger. A turn that runs is not in it yet; see Standing.
func (s *State) Balance(now int64) Balance {
	from := s.sum
	if from.rule != s.Rule {
		from = sum{}
	}
	s.ledger(now, s.Ledger[from.lines:], &from.Balance, func(LedgerLine) {})
	return from.Balance
}

// sum is the beginning of the ledger added up: lines that no later entry changes but one that settles nothing.
type sum struct {
	Balance
	rule  Rule
	lines int
}

// settle runs after every entry. What ended before this moment is added up for good, unless the entry may have changed
// something of the past.
func (s *State) settle(ev Event) {
	switch ev := ev.(type) {
	case *Corrected, *SideEnded, *Erased:
		s.sum = sum{}
	case *Extended:
		s.forget(ev.Turn)
	case *Checked:
		s.forget(ev.Turn)
	}
	if _, ok := ev.(*CalledOut); !ok {
		return // calls are what asks for the balance; between them a correction costs nothing
	}
	if s.sum.rule != s.Rule {
		s.sum = sum{rule: s.Rule}
	}
	n := s.sum.lines
	for n < len(s.Ledger) && s.Ledger[n].At < s.At {
		n++
	}
	s.ledger(s.At, s.Ledger[s.sum.lines:n], &s.sum.Balance, func(LedgerLine) {})
	s.sum.lines = n
}

// forget begins to add up anew when a turn that has ended may have changed.
func (s *State) forget(turn ID) {
	if t := s.Turn(turn); t != nil && t.Ended >= 0 {
		s.sum = sum{}
	}
}

// ledger adds lines of the ledger up in b, and tells after each line that counts.
func (s *State) ledger(now int64, lines []LedgerLine, b *Balance, told func(LedgerLine)) {
	for _, l := range lines {
		if l.Clamp != nil {
			b.clamped(s.Rule)
			told(l)
			continue
		}
		if l.Forgiven {
			b.forgiven(s.Rule)
			told(l)
			continue
		}
		if t := s.Turn(l.Turn); t != nil && t.Charged() {
			waited, length := s.Waited(t, now)
			b.charged(s.Rule, t.Side, waited, length, t.W[t.Side], s.alone(t, now))
			told(l)
		}
	}
}

// A LeadAt is the lead after one line of the ledger, ms.
type LeadAt struct {
	LedgerLine
	Lead int64
}

// Leads is the lead over time: what it was after every line of the ledger. The last is Balance's.
func (s *State) Leads(now int64) []LeadAt {
	var b Balance
	out := make([]LeadAt, 0, len(s.Ledger))
	s.ledger(now, s.Ledger, &b, func(l LedgerLine) { out = append(out, LeadAt{l, b.Lead}) })
	return out
}

// Standing is the balance as if the running turn ended now.
func (s *State) Standing(now int64) Balance {
	b := s.Balance(now)
	if t := s.Current(); t != nil && t.Charged() {
		waited, length := s.Waited(t, now)
		b.charged(s.Rule, t.Side, waited, length, t.W[t.Side], s.alone(t, now))
	}
	return b
}

// Waited is how much of a turn, ms, passed while somebody of the other side waited, and how long the turn was. What
// lies beyond the cap of a person who was given more time is charged to nobody; neither is down time.
func (s *State) Waited(t *Turn, now int64) (waited, length int64) {
	end := t.end(now)
	free := t.Lost
	if t.Factor > 100 {
		free = append(free[:len(free):len(free)], Span{t.after(t.Cap), t.after(t.Limit())})
		slices.SortFunc(free, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	}
	at := t.Start
	for _, f := range free {
		waited += s.waitedFor(t, at, min(end, f.From))
		at = max(at, f.To)
	}
	return waited + s.waitedFor(t, at, end), t.Length(now)
}

// alone: nobody of the other side waited when the turn ended. That holds in a cut, too: what the turn is charged goes by
// its beginning, and whether anybody is left to whom it is owed by its end, as the fold has both.
func (s *State) alone(t *Turn, now int64) bool {
	end := t.end(now)
	side := t.Side.Other()
	i := s.spansBefore(side, end+1)
	return i == 0 || s.Waits[side][i-1].To >= 0 && s.Waits[side][i-1].To <= end
}

// spansBefore is how many spans in which a side waited began before a moment. They follow each other in time.
func (s *State) spansBefore(side Side, at int64) int {
	return sort.Search(len(s.Waits[side]), func(i int) bool { return s.Waits[side][i].From >= at })
}

// waitedUntil is for how many ms before a moment a side had somebody waiting.
func (s *State) waitedUntil(side Side, at int64) int64 {
	i := s.spansBefore(side, at)
	if i == 0 {
		return 0
	}
	w := s.Waits[side][i-1]
	return s.waited[side][i-1] + w.within(w.From, at)
}

// waitedFor is for how many ms of a stretch of a turn somebody of the other side waited. In a cut nobody can tell by two
// clocks: it is all of it where somebody waited when the turn began.
func (s *State) waitedFor(t *Turn, from, to int64) int64 {
	if t.Cut {
		if !t.Owed {
			return 0
		}
		return max(0, to-from)
	}
	if to <= from {
		return 0
	}
	return s.waitedUntil(t.Side.Other(), to) - s.waitedUntil(t.Side.Other(), from)
}

// enter puts a turn into the ledger where it ended, also one that is known late or whose end was corrected.
func (s *State) enter(t *Turn) {
	if t.Corrected { // any other turn enters it once
		s.Ledger = slices.DeleteFunc(s.Ledger, func(l LedgerLine) bool { return l.Turn == t.ID })
	}
	i := len(s.Ledger)
	for i > 0 && s.Ledger[i-1].At > t.Ended {
		i--
	}
	s.Ledger = slices.Insert(s.Ledger, i, LedgerLine{At: t.Ended, Turn: t.ID})
	if i < s.sum.lines {
		s.sum = sum{}
	}
}

// notice keeps the spans during which each side waited. It runs after every entry.
func (s *State) notice(now int64) {
	for _, side := range []Side{Room, Online} {
		waits := false
		for _, i := range s.row {
			if t := &s.Tickets[i]; t.Side == side && s.waits(t) {
				waits = true
				break
			}
		}
		sp := s.Waits[side]
		open := len(sp) > 0 && sp[len(sp)-1].To < 0
		switch {
		case waits && !open:
			s.Waits[side] = append(sp, Span{now, -1})
			s.waited[side] = append(s.waited[side], s.waitedUntil(side, now))
		case !waits && open:
			sp[len(sp)-1].To = now
			s.Ledger = append(s.Ledger, LedgerLine{At: now, Clamp: &side})
		}
	}
}
