package floor

import (
	"fmt"
	"testing"
)

// bound is what a promise allows, in ms, passes or turns.
type bound int

const (
	leadBound bound = iota
	swingBound
	runBound
	debtBound
	turnsBound
	passedBound
	latestBound
	beforeBound
	formulaBound
	overrideBound
	bounds
)

// boundNames say what is held against what, and how near some session must come, in hundredths of the bound.
var boundNames = [bounds]struct {
	promise, value, bound string
	least                 int64
}{
	leadBound:     {"F1", "|lead|", "B + L", 99},
	swingBound:    {"F1", "change of lead", "2(B + L)", 95},
	runBound:      {"F2", "charge of a side in a row", "(R + 1)L", 99},
	debtBound:     {"F2", "run before a debt goes on", "(R + 1)L", 95},
	turnsBound:    {"F3", "difference of turns", "1", 100},
	passedBound:   {"F4", "passes of one ticket", "K", 100},
	latestBound:   {"F5", "at the latest, as shown", "the formula", 99},
	beforeBound:   {"F5", "floor time before", "at the latest", 99},
	formulaBound:  {"F5", "floor time before", "the formula", 50},
	overrideBound: {"F8", "lead moved by an override", "max(d, Q)", 100},
}

// nearest is the largest value seen against a bound, and the seed of the session that shows it.
type nearest struct{ value, bound, seed int64 }

func (n *nearest) see(o nearest) {
	if n.seed == 0 || o.value*n.bound > n.value*o.bound || o.value*n.bound == n.value*o.bound && o.seed < n.seed {
		*n = o
	}
}

// reached is what sessions showed: how much there was of everything, and how near they came to each bound, with any dials
// and with those published.
type reached struct {
	sessions, entries, calls, overrides, refused int
	promises, f3, repaid, breaks, places         int
	named, again                                 int
	why                                          map[string]int
	near                                         [2][bounds]nearest
}

// near notes a value that a bound speaks of.
func (m *meeting) near(b bound, value, most int64) {
	if most <= 0 {
		return
	}
	n := nearest{value, most, m.seed}
	m.got.near[0][b].see(n)
	if m.rule == TheRule {
		m.got.near[1][b].see(n)
	}
}

func (a *reached) add(b reached) {
	for _, n := range []struct{ to, of *int }{{&a.sessions, &b.sessions}, {&a.entries, &b.entries}, {&a.calls, &b.calls}, {&a.overrides, &b.overrides},
		{&a.refused, &b.refused}, {&a.promises, &b.promises}, {&a.f3, &b.f3}, {&a.repaid, &b.repaid}, {&a.breaks, &b.breaks}, {&a.places, &b.places}, {&a.named, &b.named}, {&a.again, &b.again}} {
		*n.to += *n.of
	}
	if a.why == nil {
		a.why = map[string]int{}
	}
	for k, n := range b.why {
		a.why[k] += n
	}
	for i := range b.near {
		for k, n := range b.near[i] {
			if n.seed != 0 {
				a.near[i][k].see(n)
			}
		}
	}
}

// tell prints each bound beside the largest value seen, and where.
func (a *reached) tell(t *testing.T) {
	t.Logf("F3 held in %d stretches, F5 for %d promises, F7 for %d places, F8 repaid at %d calls (%d of them a turn of the other side in between, as F2 asks), F9 named somebody %d times, F6 and F10 in %d journals read again",
		a.f3, a.promises, a.places, a.repaid, a.breaks, a.named, a.again)
	t.Logf("largest value seen against the bound, without override, overrun, extension or correction:")
	t.Logf("%-3s %-26s %-14s %33s   %s", "", "value", "bound", "any dials", "published dials")
	for k, x := range boundNames {
		row := [2]string{}
		for i := range row {
			row[i] = "-"
			if n := a.near[i][k]; n.seed != 0 {
				row[i] = fmt.Sprintf("%d of %d = %.3f seed %d", n.value, n.bound, float64(n.value)/float64(n.bound), n.seed)
			}
		}
		t.Logf("%-3s %-26s %-14s %33s   %s", x.promise, x.value, x.bound, row[0], row[1])
	}
}

// approached fails for every bound that no session came near: a bound never approached is not understood.
func (a *reached) approached(t *testing.T) {
	for k, x := range boundNames {
		if n := a.near[0][k]; n.seed == 0 || n.value*100 < n.bound*x.least {
			t.Errorf("%s: %s came no nearer to %s than %d of %d; %d hundredths are the least that shows something", x.promise, x.value, x.bound, n.value, n.bound, x.least)
		}
	}
}
