package floor

import (
	"cmp"
	"slices"
)

// A Place is what a person is told of their place in line.
type Place struct {
	Ticket ID
	Side   Side
	Number int    // within the side, from 1; 0 when the ticket does not wait
	Before int    // people who speak before, in the median future
	About  int64  // floor time before it, ms: the median of the rule's futures; -1 when there is none
	Latest int64  // floor time before it in the worst case, ms
	Fits   bool   // the worst case lies inside the secured discussion, so it may be shown
	Reach  bool   // the median lies inside it
	Why    Reason // the sentence
}

// futures is how many are played for the median.
const futures = 5

// Places explains every live ticket: a bounded look at the rule's futures. heard is as in Next.
func (s *State) Places(now int64, heard map[ID]int) map[ID]Place {
	out := make(map[ID]Place, len(s.Line))
	t := s.table(now, heard)
	left := s.discussionLeft(now)
	var number, ahead [2]int // who waits; and everyone in front, also those who may come back to their place
	before, about := s.play(t, now)
	for _, id := range s.Line {
		k := s.Ticket(id)
		if k == nil {
			continue
		}
		p := Place{Ticket: id, Side: k.Side, About: -1}
		if s.waits(k) {
			number[k.Side]++
			p.Number = number[k.Side]
			if n, ok := before[id]; ok {
				p.Before, p.About = n, about[id]
			}
			p.Latest = s.latest(now, k, ahead[k.Side], t.bal)
			p.Fits = p.Latest <= left && p.About <= p.Latest // replies, which the worst case does not count, may be longer
			p.Reach = p.About >= 0 && p.About <= left
		}
		ahead[k.Side]++
		p.Why = s.whyPlace(k, p)
		out[id] = p
	}
	for i := range s.Tickets {
		k := &s.Tickets[i]
		if _, ok := out[k.ID]; !ok && k.Live() {
			out[k.ID] = Place{Ticket: k.ID, Side: k.Side, About: -1, Why: s.whyPlace(k, Place{})}
		}
	}
	return out
}

// Then names whom the rule would call once whoever was called has spoken. While nobody is called it is Next; while
// somebody is, Next is who comes when they do not answer.
func (s *State) Then(now int64, heard map[ID]int) (Choice, bool) {
	t := s.table(now, heard)
	if s.Call() != nil {
		lengths, _ := s.pace(now)
		s.clear(t, now, futures/2, lengths[futures/2])
		t.comeBack()
	}
	return t.next()
}

// discussionLeft is the floor time that is still secured, ms.
func (s *State) discussionLeft(now int64) int64 {
	var left int64
	for i, slot := range s.Schedule(now).Slots {
		if g := &s.Segments[i]; g.Protected || g.Kind == "discussion" {
			left += slot.Left
		}
	}
	return left
}

// play runs the futures: turns as long as those of this session so far were, from short to long, each followed by
// replies in the proportion seen so far (at their cap before there is anything to see).
func (s *State) play(t *table, now int64) (before map[ID]int, about map[ID]int64) {
	lengths, reply := s.pace(now)
	type arrival struct {
		n  int
		at int64
	}
	seen := make(map[ID]*[futures]arrival, len(s.Line))
	reached := map[ID]int{}
	for f := range futures {
		c := t.clone()
		at := s.clear(c, now, f, lengths[f])
		for n := 0; n < 400; n++ {
			ch, ok := c.next()
			if !ok {
				break
			}
			as := seen[ch.Ticket]
			if as == nil {
				as = new([futures]arrival)
				seen[ch.Ticket] = as
			}
			as[reached[ch.Ticket]] = arrival{n, at}
			reached[ch.Ticket]++
			// A different length each turn and each future, without chance: a walk through the quantiles.
			length := lengths[(n*3+f*2)%len(lengths)]
			at += length + reply
			c.play(ch, length)
		}
	}
	before, about = make(map[ID]int, len(seen)), make(map[ID]int64, len(seen))
	for id, as := range seen {
		n := reached[id]
		slices.SortFunc(as[:n], func(a, b arrival) int { return cmp.Compare(a.at, b.at) })
		before[id], about[id] = as[n/2].n, as[n/2].at
	}
	return before, about
}

// clear lets the turn that runs, or the one that was called, come to its end in the f-th future, and says how long
// that takes, ms.
func (s *State) clear(c *table, now int64, f int, typical int64) int64 {
	if r := s.Current(); r != nil {
		rest := max(0, r.Limit()-r.Length(now)) * int64(f+1) / futures
		if r.Charged() && len(c.seats[r.Side.Other()]) > 0 {
			c.bal.prolonged(rest, r.W[r.Side])
		}
		return rest
	}
	if cl := s.Call(); cl != nil && !cl.Tour {
		for i := range c.seats[cl.Side] {
			if k := &c.seats[cl.Side][i]; k.person == cl.Person {
				k.spoken = true
			}
		}
		c.took(cl.Side, typical, cl.W[cl.Side])
		return typical
	}
	return 0
}

// pace gives five typical turn lengths from short to long, and the reply time that follows a turn, ms.
func (s *State) pace(now int64) (lengths []int64, reply int64) {
	var took []int64
	var spoken, replied int64
	for i := range s.Turns {
		t := &s.Turns[i]
		switch {
		case t.Ended < 0:
		case t.Charged():
			took = append(took, min(t.Length(now), s.Rule.L))
			spoken++
		case t.Kind == Reply || t.Kind == Right:
			replied += t.Length(now)
		}
	}
	if len(took) < 3 {
		for _, q := range []int64{40, 55, 70, 85, 100} {
			took = append(took, s.Rule.L*q/100)
		}
	}
	slices.Sort(took)
	for _, q := range []int{10, 30, 50, 70, 90} {
		lengths = append(lengths, took[(len(took)-1)*q/100])
	}
	if spoken >= 3 {
		return lengths, min(replied/spoken, s.Rule.Reply)
	}
	return lengths, s.Rule.Reply
}

// latest is floor time before a ticket with so many of its side in front, in the worst of all futures, ms. Its own side
// speaks at most S = (ahead + passes left)·L of it. While the ticket waits, what the other side speaks moves the lead
// towards this side, S moves it away, and |lead| never exceeds B + L (F1): the other side has at most
// R·(S + B + L - lead now). With lead at its bound this is F5; it is never larger. After overrides lead may be beyond:
// then a run that is at its end (F2), or a debt that is forgotten when the other side waits no more, gives the other side
// its turns although this one is still owed, as if lead were at B.
func (s *State) latest(now int64, k *Ticket, ahead int, b Balance) int64 {
	r := s.Rule
	most := r.B + r.L
	lead := b.Lead
	if k.Side == Room {
		lead = -lead
	}
	rest := int64(0)
	own, last := false, b.Any && b.Last == k.Side // what is still to come of the turn that runs, or of the call, is of the same side
	if t := s.Current(); t != nil && t.Charged() {
		rest, own = max(0, t.Limit()-t.Length(now)), t.Side == k.Side
	} else if c := s.Call(); c != nil {
		rest, own, last = r.L, c.Side == k.Side, c.Side == k.Side
	}
	least := min(lead, -most) // after overrides and overruns this side may lead by more; it is all repaid first
	if own {
		lead -= rest
	}
	lead = min(max(lead, least), most)
	if last {
		lead = min(lead, r.B)
	}
	same := int64(ahead+max(0, r.K-k.Bypassed)) * r.L
	return same + int64(r.R)*(same+most-lead) + rest
}

func (t *table) clone() *table {
	c := *t
	c.seats = [2][]seat{slices.Clone(t.seats[0]), slices.Clone(t.seats[1])}
	return &c
}

// whyPlace is the one sentence of a place.
func (s *State) whyPlace(k *Ticket, p Place) Reason {
	r := Reason{Side: k.Side, N: int64(p.Number), M: int64(p.Before), Ms: p.About}
	person := s.Person(k.Person)
	switch {
	case k.Status == Spoke:
		r.Kind = PlaceSpeaking
	case k.Status == CalledUp:
		r.Kind = PlaceCalled
	case k.Hidden:
		r.Kind = PlaceHidden
	case !k.Placed:
		r.Kind = PlaceOwn
	case person != nil && !person.Admitted:
		r.Kind = PlaceAdmit
	case k.Held:
		r.Kind = PlaceHeld
	case k.Form == Card && !k.Approved:
		r.Kind = PlaceApproval
	case k.Parked:
		r.Kind = PlaceParked
	case person != nil && person.Away && !k.always():
		r.Kind = PlaceAway
	case k.Missing:
		r.Kind = PlaceMissed
	case k.Deferred:
		r.Kind = PlaceDeferred
	case !s.reach()[k.Side]:
		r.Kind, r.Ms = PlaceCut, s.Severed().Since
	case p.Before == 0 && p.About >= 0:
		r.Kind = PlaceNext
	case k.Bypassed > 0:
		r.Kind = PlacePassed
		r.W = max(0, s.Rule.K-k.Bypassed)
	default:
		r.Kind = PlaceNth
	}
	return r
}
