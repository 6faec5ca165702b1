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

// count counts people and asks.
func (b *builder) count(r *Report) {
	r.People = len(b.People)
	groups := map[string]*Count{}
	asked := map[floor.ID]bool{}
	for i := range b.Tickets {
		t := &b.Tickets[i]
		if t.Late {
			r.After.add(b.ended(t))
			continue
		}
		key := unsaid
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
	}
	r.Groups = merge(groups)
	for i := range b.People {
		if b.Words(b.People[i].First) == "yes" {
			r.First.N++
		}
		if b.Words(b.People[i].Youth) == "yes" {
			r.Youth.N++
		}
	}
}

// ended is how an ask has ended when the report is made; empty while it waits.
func (b *builder) ended(t *floor.Ticket) string { return b.Disposition(t, b.Now.UnixMilli()) }

// merge puts small groups into one row.
func merge(groups map[string]*Count) []Group {
	var out []Group
	for _, key := range append(slices.Clone(floor.Groups), unsaid) {
		if c := groups[key]; c != nil {
			out = append(out, Group{[]string{key}, *c})
		}
	}
	sizes := make([]int, len(out))
	for i := range out {
		sizes[i] = out[i].People
	}
	small := together(sizes)
	if len(small) == 0 {
		return out
	}
	var rest Group
	for _, i := range small {
		rest.join(out[i].Count)
		rest.Keys = append(rest.Keys, out[i].Keys...)
	}
	kept := slices.DeleteFunc(out, func(g Group) bool { return slices.Contains(rest.Keys, g.Keys[0]) })
	return append(kept, rest)
}

// together says which of several counts stand in one row (FLOOR section 5), by their indices in order: those below five,
// and with a single such count the next smallest too, so that no small one can be worked out as the difference to the
// total. The row grows until it stands for five. It is empty when every count may stand alone.
func together(sizes []int) []int {
	bySize := make([]int, len(sizes))
	for i := range bySize {
		bySize[i] = i
	}
	slices.SortStableFunc(bySize, func(x, y int) int { return cmp.Compare(sizes[x], sizes[y]) })
	n, sum := 0, 0
	for _, i := range bySize {
		if sizes[i] >= least && (n == 0 || n >= 2 && sum >= least) {
			break
		}
		n++
		sum += sizes[i]
	}
	out := bySize[:n]
	slices.Sort(out)
	return out
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
