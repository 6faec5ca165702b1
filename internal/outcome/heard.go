package outcome

import (
	"slices"

	"openmic/floor"
)

// A Tally is one row of a count of people: a group or region, or several small ones together.
type Tally struct {
	Keys []string // "unsaid" for people who did not say
	N    int      // people
}

// Heard is who has been heard from the line, people by stakeholder group and by region (FLOOR section 5, seed S8).
//
// What each row may say is one question, what two looks say together is another: whoever looks before and after a turn
// could read off the group of the one who spoke. So while the session runs the count is late and coarse. It covers the
// people heard first, in whole fives, and never the last five to nine of them; and each number is rounded down to
// fives. Two looks, at whatever time, therefore count the same people or differ by five at least, and no difference of
// two numbers is between nought and five. After the session the numbers are exact, once.
//
// What remains: whoever corrects a turn, a self-description or an erasure in public view changes a number, and may
// move it across a five.
type Heard struct {
	Of              int  // how many people are counted
	Fives           bool // the session runs: whole fives, rounded down
	Groups, Regions []Tally
}

// HeardBy counts the people heard.
func HeardBy(src Source) Heard {
	b := &builder{Source: src, now: src.State}
	var people []*floor.Person
	seen := map[floor.ID]bool{}
	for i := range b.Turns { // in the order of the journal, which a correction does not change
		t := &b.Turns[i]
		if p := b.Person(t.Person); p != nil && t.Charged() && !seen[p.ID] {
			seen[p.ID] = true
			people = append(people, p)
		}
	}
	h := Heard{Of: len(people), Fives: b.Adjourned < 0}
	if h.Fives {
		h.Of = max(0, h.Of/least*least-least)
	}
	// Rows that the report puts together stay together here. Two ways to merge the same people could be subtracted from
	// each other.
	r := &Report{}
	b.count(r)
	var rows [][]string
	for _, g := range r.Groups {
		rows = append(rows, g.Keys)
	}
	h.Groups = h.tell(people[:h.Of], rows, append(slices.Clone(floor.Groups), unsaid), func(p *floor.Person) floor.Text { return p.Group }, src.Words)
	h.Regions = h.tell(people[:h.Of], nil, append(slices.Clone(floor.Regions), unsaid), func(p *floor.Person) floor.Text { return p.Region }, src.Words)
	return h
}

// unsaid is the key of people who did not say their group.
const unsaid = "unsaid"

// tell counts people by a key of theirs. Keys of one row of rows stand in one row; a key in none of them is a row of
// its own if anybody has it. Small rows stand together.
func (h Heard) tell(people []*floor.Person, rows [][]string, keys []string, of func(*floor.Person) floor.Text, words func(floor.Text) string) []Tally {
	n := map[string]int{}
	for _, p := range people {
		key := words(of(p))
		if key == "" {
			key = unsaid
		}
		n[key]++
	}
	var all []Tally
	for _, key := range keys {
		at := slices.IndexFunc(rows, func(row []string) bool { return slices.Contains(row, key) })
		switch {
		case at >= 0 && rows[at][0] == key:
			t := Tally{Keys: rows[at]}
			for _, k := range t.Keys {
				t.N += n[k]
			}
			all = append(all, t)
		case at < 0 && n[key] > 0:
			all = append(all, Tally{[]string{key}, n[key]})
		}
	}
	if len(people) == 0 {
		return nil
	}
	sizes := make([]int, len(all))
	for i := range all {
		sizes[i] = all[i].N
	}
	var out []Tally
	var rest Tally
	small := together(sizes)
	for i, t := range all {
		if slices.Contains(small, i) {
			rest.Keys, rest.N = append(rest.Keys, t.Keys...), rest.N+t.N
		} else {
			out = append(out, t)
		}
	}
	if len(small) > 0 {
		out = append(out, rest)
	}
	if h.Fives {
		for i := range out {
			out[i].N -= out[i].N % least
		}
	}
	return out
}

// Passed is how many people were passed so often by the rule, at most in one ask of theirs: From to To times.
type Passed struct{ From, To, People int }

// PassedBy is that distribution over everybody who was in the line, from nought up to the most that happened. A step
// of fewer than five people stands with those below it, so that nobody is picked out by a number.
func PassedBy(s *floor.State) []Passed {
	most := map[floor.ID]int{}
	for i := range s.Tickets {
		if t := &s.Tickets[i]; t.Placed || t.Turn != "" {
			most[t.Person] = max(most[t.Person], t.Most)
		}
	}
	var people []int
	for _, n := range most {
		for len(people) <= n {
			people = append(people, 0)
		}
		people[n]++
	}
	return steps(people)
}

// steps makes a row of each count, by how often, and puts small ones with those below; what is left over at the bottom
// stands with the row above it.
func steps(people []int) []Passed {
	var out []Passed
	row := Passed{To: -1}
	for n := len(people) - 1; n >= 0; n-- {
		if row.To < 0 {
			row = Passed{To: n}
		}
		row.From = n
		if row.People += people[n]; row.People >= least {
			out = append(out, row)
			row = Passed{To: -1}
		}
	}
	switch {
	case row.To < 0:
	case len(out) == 0:
		out = append(out, row)
	default:
		last := &out[len(out)-1]
		last.From, last.People = row.From, last.People+row.People
	}
	slices.Reverse(out)
	return out
}
