package outcome

import (
	"cmp"
	"slices"

	"openmic/floor"
)

// least is how many people a row of a public table stands for at least (FLOOR section 5).
const least = 5

// A Count says what became of asks. People is how many people made them.
type Count struct {
	People, Asked int
	Ended         map[string]int // by disposition
	Waiting       int            // not ended yet
}

func (c *Count) add(end string) {
	if c.Ended == nil {
		c.Ended = map[string]int{}
	}
	c.Asked++
	if end == "" {
		c.Waiting++
		return
	}
	c.Ended[end]++
}

func (c *Count) join(o Count) {
	if c.Ended == nil {
		c.Ended = map[string]int{}
	}
	c.People += o.People
	c.Asked += o.Asked
	c.Waiting += o.Waiting
	for k, n := range o.Ended {
		c.Ended[k] += n
	}
}

// A Group is one row: a stakeholder group, or several small ones together.
type Group struct {
	Keys []string // of stakeholder groups; "unsaid" for people who did not say
	Count
}

// Few is a number that is told only when it is at least five.
type Few struct{ N int }

// Told says whether the number may be told.
func (f Few) Told() bool { return f.N >= least }

// A Wait says how long people of a side waited from their ask until they were called, ms; whoever was never called
// waited until their ask ended.
type Wait struct {
	Asks, Unserved   int
	Median, P90, Max int64
}

// count counts people, asks and waits.
func (b *builder) count(r *Report) {
	r.People = len(b.People)
	groups := map[string]*Count{}
	asked := map[floor.ID]bool{}
	var waits [2][]int64
	for i := range b.Tickets {
		t := &b.Tickets[i]
		if t.Late {
			r.After.add(b.ended(t))
			continue
		}
		key := "unsaid"
		if p := b.Person(t.Person); p != nil && b.Words(p.Group) != "" {
			key = b.Words(p.Group)
		}
		if groups[key] == nil {
			groups[key] = &Count{}
		}
		for _, c := range []*Count{&r.Total, &r.Sides[t.Side], groups[key]} {
			c.add(b.ended(t))
			if !asked[t.Person] {
				c.People++
			}
		}
		asked[t.Person] = true
		if ms, served, ok := b.waited(t); ok {
			waits[t.Side] = append(waits[t.Side], ms)
			if !served {
				r.Waits[t.Side].Unserved++
			}
		}
	}
	r.Groups = merge(groups)
	for side := range waits {
		w, all := &r.Waits[side], waits[side]
		slices.Sort(all)
		if w.Asks = len(all); w.Asks > 0 {
			w.Median, w.P90, w.Max = all[(len(all)-1)*50/100], all[(len(all)-1)*90/100], all[len(all)-1]
		}
	}
	for i := range b.People {
		if b.Words(b.People[i].First) == "yes" {
			r.First.N++
		}
		if b.Words(b.People[i].Youth) == "yes" {
			r.Youth.N++
		}
	}
}

// waited is how long a ticket waited. A card written before the session began to wait with it.
func (b *builder) waited(t *floor.Ticket) (ms int64, served, ok bool) {
	if b.Opened < 0 {
		return 0, false, false
	}
	from, to := max(t.Asked, b.Opened), b.end()
	if t.Ended >= 0 {
		to = t.Ended
	}
	if turn := b.Turn(t.Turn); turn != nil {
		to, served = turn.Start, true
		for i := range b.Calls {
			if c := &b.Calls[i]; c.Turn == turn.ID {
				to = c.At
			}
		}
	}
	return max(0, to-from), served, true
}

// ended is how an ask has ended when the report is made; empty while it waits.
func (b *builder) ended(t *floor.Ticket) string { return b.Disposition(t, b.Now.UnixMilli()) }

// merge puts groups of fewer than five people into one row, and with a single such group the next smallest too, so
// that no small group can be worked out as the difference to the total. The row grows until it stands for five.
func merge(groups map[string]*Count) []Group {
	var out []Group
	for _, key := range append(slices.Clone(floor.Groups), "unsaid") {
		if c := groups[key]; c != nil {
			out = append(out, Group{[]string{key}, *c})
		}
	}
	small := 0
	byPeople := slices.Clone(out)
	slices.SortStableFunc(byPeople, func(x, y Group) int { return cmp.Compare(x.People, y.People) })
	var rest Group
	for _, g := range byPeople {
		if g.People >= least && (small == 0 || small >= 2 && rest.People >= least) {
			break
		}
		small++
		rest.join(g.Count)
		rest.Keys = append(rest.Keys, g.Keys...)
	}
	if small == 0 {
		return out
	}
	kept := slices.DeleteFunc(out, func(g Group) bool { return slices.Contains(rest.Keys, g.Keys[0]) })
	order := append(slices.Clone(floor.Groups), "unsaid")
	slices.SortFunc(rest.Keys, func(x, y string) int { return cmp.Compare(slices.Index(order, x), slices.Index(order, y)) })
	return append(kept, rest)
}

// parts tells what was planned and kept. Everything before a protected part that ran longer than planned ate into it.
func (b *builder) parts(r *Report) {
	protected := false
	for i := len(b.Segments) - 1; i >= 0; i-- {
		g := &b.Segments[i]
		p := Part{Kind: g.Kind, Title: b.Words(g.Title), Protected: g.Protected, Over: g.Ended >= 0 || b.Adjourned >= 0, Planned: g.Budget}
		if g.Begun >= 0 {
			to := b.end()
			if g.Ended >= 0 {
				to = g.Ended
			}
			p.Used = max(0, to-g.Begun)
			p.Audience, p.Replies, p.Idle = b.Spent(g, b.end())
		}
		if g.Protected {
			protected = true
		} else if protected {
			r.Panel += max(0, p.Used-p.Planned)
		}
		r.Parts = append(r.Parts, p)
	}
	slices.Reverse(r.Parts)
}
