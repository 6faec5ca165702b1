package floor

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// TestWhenAPhoneWasPressedOrdersNothing: whatever phones say of when they were pressed, places, calls, reasons, turns and
// the hash of the State are the same, but for what they said. A journal is folded anew with other words of the phones, and
// looked at after every entry.
func TestWhenAPhoneWasPressedOrdersNothing(t *testing.T) {
	n := int64(300)
	if testing.Short() {
		n = 60
	}
	asks, flagged := 0, 0
	for seed := int64(1); seed <= n; seed++ {
		m := &meeting{TB: t, seed: seed, r: rand.New(rand.NewPCG(uint64(seed), 17)), b: newBook(t), wild: seed%2 == 0, rule: TheRule}
		m.check = newClaims(m)
		m.b.must(chair, &Open{})
		for range 4 {
			m.arrive()
		}
		for range 60 {
			m.b.at += m.r.Int64N(20_000)
			m.step()
		}
		one, other := New(), New()
		for _, e := range m.b.entries {
			x := *e
			if ev, ok := e.Event.(*Asked); ok {
				asks++
				if ev.Ago > 0 {
					flagged++
				}
				said := *ev
				said.Ago = []int64{0, LateArrival, Oldest, e.Stamp.At, 1 << 53, -1, -1 << 62}[m.r.IntN(7)]
				x.Event = &said
			}
			one.Apply(e)
			other.Apply(&x)
			a, _ := one.Next(one.At, nil)
			b, _ := other.Next(other.At, nil)
			if !reflect.DeepEqual(a, b) {
				t.Fatalf("seed %d, after entry %d: %+v is next, or %+v", seed, e.N, a, b)
			}
			if !slices.Equal(one.Line, other.Line) {
				t.Fatalf("seed %d, after entry %d: the line is %v, or %v", seed, e.N, one.Line, other.Line)
			}
		}
		for i := range other.Tickets {
			other.Tickets[i].Ago = one.Tickets[i].Ago
		}
		if one.Hash() != other.Hash() {
			t.Fatalf("seed %d: the State differs in more than what the phones said", seed)
		}
	}
	t.Logf("%d asks, of %d the phone said that it had been pressed before", asks, flagged)
	if flagged < asks/10 {
		t.Error("too few phones said anything")
	}
}
