package outcome

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"openmic/floor"
)

// No hidden count can be worked out: never one alone, never fewer than five people in their row, and every count that
// stands alone is five or more. Everything in one row is the end of it.
func TestSmallCountsCannotBeWorkedOut(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 200_000 {
		sizes := make([]int, r.IntN(8))
		for i := range sizes {
			sizes[i] = r.IntN(12)
		}
		small := together(sizes)
		sum, any := 0, 0
		for i, n := range sizes {
			switch hidden := slices.Contains(small, i); {
			case !hidden && n < 5:
				t.Fatalf("%v shows a count of %d", sizes, n)
			case hidden:
				sum += n
				if n > 0 {
					any++
				}
			}
		}
		if len(small) > 0 && len(small) < len(sizes) && (len(small) < 2 || sum < 5) {
			t.Fatalf("%v hides %v, which is %d people", sizes, small, sum)
		}
		if any == 1 && len(small) < len(sizes) && sum < 5 {
			t.Fatalf("%v: what %v hide belongs to one group", sizes, small)
		}
	}
}

func TestHowOftenPeopleWerePassed(t *testing.T) {
	for _, c := range []struct {
		people []int
		want   string
	}{
		{nil, ""},
		{[]int{3}, "0-0:3"},
		{[]int{20}, "0-0:20"},
		{[]int{20, 3}, "0-1:23"},
		{[]int{20, 5}, "0-0:20 1-1:5"},
		{[]int{20, 9, 4, 1}, "0-0:20 1-1:9 2-3:5"},
		{[]int{20, 4, 1, 1}, "0-0:20 1-3:6"},
		{[]int{2, 9}, "0-1:11"},
		{[]int{2, 9, 6}, "0-1:11 2-2:6"},
		{[]int{9, 0, 6}, "0-1:9 2-2:6"},
		{[]int{1, 1, 1}, "0-2:3"},
	} {
		var got []string
		for _, p := range steps(c.people) {
			got = append(got, fmt.Sprintf("%d-%d:%d", p.From, p.To, p.People))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v: %s, want %s", c.people, s, c.want)
		}
	}
}

// heardBy is a session in which these people have spoken from the line, in this order.
func heardBy(groups []string, ended bool) Source {
	s := floor.New()
	said := map[floor.Text]string{}
	var n int64
	apply := func(ev floor.Event) floor.ID {
		n++
		e := &floor.Entry{Journal: "s-x", N: n, Stamp: floor.Stamp{At: n * 1000, Site: "x"}, Event: ev}
		for _, a := range floor.Seal(e, func() []byte { return make([]byte, 16) }) {
			said[floor.Text(fmt.Sprintf("%s/%s", e.ID(), a.Field))] = a.Text
		}
		s.Apply(e)
		return e.ID()
	}
	apply(&floor.Opened{})
	for i, g := range groups {
		id := floor.ID(fmt.Sprint("p", i))
		ev, err := floor.Decide(s, floor.Moment{At: s.At, Tag: "x", N: n + 1}, floor.Actor{Person: id, Roles: floor.Participant}, &floor.Join{Description: floor.Description{Group: &g}})
		if err != nil {
			panic(err)
		}
		for _, e := range ev {
			apply(e)
		}
		turn := floor.ID(fmt.Sprint("t", i))
		apply(&floor.Started{Turn: turn, Kind: floor.LineTurn, Person: id, Cap: 120_000, Factor: 100, W: [2]int{1, 1}})
		apply(&floor.Ended{Turn: turn})
	}
	if ended {
		apply(&floor.Adjourned{})
	}
	return Source{State: s, Words: func(t floor.Text) string { return said[t] }}
}

// Whoever looks after every single turn, and once more at the end, learns of no group how one person belongs to it:
// two looks count the same people or differ by at least five, and every number is in fives until the end.
func TestTwoLooksDoNotTellOfOnePerson(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	keys := append(slices.Clone(floor.Groups), "")
	for range 40 {
		var groups []string
		last := map[string]int{}
		of := 0
		for i := range 27 {
			groups = append(groups, keys[r.IntN(1+r.IntN(len(keys)))])
			h := HeardBy(heardBy(groups, false))
			now := map[string]int{}
			for _, g := range h.Groups {
				now[strings.Join(g.Keys, " ")] = g.N
				if g.N%5 != 0 {
					t.Fatalf("%d heard: %v stands for %d", i+1, g.Keys, g.N)
				}
			}
			if h.Of != of && h.Of-of < 5 || h.Of == of && !maps.Equal(now, last) {
				t.Fatalf("after %d turns: %v of %d, before %v of %d", i+1, now, h.Of, last, of)
			}
			last, of = now, h.Of
			if end := HeardBy(heardBy(groups, true)); end.Of-of < 5 && end.Of > 5 || end.Of != i+1 {
				t.Fatalf("the end counts %d people, the last look before it %d", end.Of, of)
			}
		}
	}
}

func TestWhoWasHeardAtTheEnd(t *testing.T) {
	var groups []string
	for g, n := range map[string]int{"technical": 7, "civil": 6, "government": 1, "": 2} {
		groups = append(groups, slices.Repeat([]string{g}, n)...)
	}
	var got []string
	for _, g := range HeardBy(heardBy(groups, true)).Groups {
		got = append(got, fmt.Sprint(strings.Join(g.Keys, "+"), " ", g.N))
	}
	if s := strings.Join(got, ", "); s != "technical 7, government+civil+unsaid 9" {
		t.Errorf("heard: %s", s)
	}
}
