package floor

import (
	"slices"
	"testing"
)

// TestTies: where the session asks for it, among equals whose group was heard least goes first. It passes others like
// any newcomer, within the same budget, and the counts stand in the call.
func TestTies(t *testing.T) {
	b := newBook(t)
	b.must(chair, &Open{})
	heard := map[ID]int{}
	for i, p := range []ID{"ana", "ben", "carla"} {
		b.must(self(p), &Join{Side: Room})
		b.must(self(p), &Ask{})
		heard[b.s.Live(p).ID] = []int{2, 1, 0}[i]
	}
	if c, _ := b.s.Next(b.at, heard); b.s.Ticket(c.Ticket).Person != "ana" || c.Heard != nil {
		t.Errorf("without the setting next is %s, %v", b.s.Ticket(c.Ticket).Person, c.Heard)
	}
	on := true
	b.must(chair, &Change{Ties: &on})
	c, _ := b.s.Next(b.at, heard)
	if b.s.Ticket(c.Ticket).Person != "carla" || len(c.Passed) != 2 || c.Why.Then != "heard" || !slices.Equal(c.Heard, []int{2, 1, 0}) {
		t.Errorf("next is %s, passes %v, %q, heard %v", b.s.Ticket(c.Ticket).Person, c.Passed, c.Why.Then, c.Heard)
	}
	for range 20 { // newcomers of groups never heard pass ana K times, not more
		m := b.moment()
		m.Heard = heard
		evs, err := Decide(b.s, m, chair, &Call{})
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range evs {
			b.write("chair", ev, false)
		}
		if b.s.Call() != nil {
			b.must(chair, &Start{})
		}
		b.at += 30_000
		b.must(chair, &Enter{Side: Room})
		for i := range b.s.Tickets {
			if k := &b.s.Tickets[i]; k.Bypassed > b.s.Rule.K {
				t.Fatalf("%s was passed %d times", k.Person, k.Bypassed)
			}
		}
	}
	if b.s.Person("ana").Spoke == 0 {
		t.Error("ana never spoke")
	}
}

// TestClone: neither sees the other's changes, in any list of the State.
func TestClone(t *testing.T) {
	states, _ := halls(t)
	for name, hall := range states {
		if hall.s.Clone().Hash() != hall.s.Hash() {
			t.Errorf("%s: the clone is another", name)
		}
	}
}

// named is whom the rule names where the gavel's site reaches only these sides.
func named(b *book, sides [2]bool) (Choice, bool) {
	t := b.s.table(b.at, nil)
	t.reach = sides
	t.allDeferred()
	return t.next()
}

// TestOneSideReached: during a cut online waits and is not called; what the room speaks counts, and is repaid.
func TestOneSideReached(t *testing.T) {
	b := newBook(t)
	b.must(chair, &Open{})
	for _, p := range []ID{"ana", "ben", "carla"} {
		b.must(self(p), &Join{Side: Room})
		b.must(self(p), &Ask{})
	}
	for _, p := range []ID{"dev", "eli"} {
		b.must(self(p), &Join{Side: Online})
	}
	if _, ok := named(b, [2]bool{Online: true}); ok {
		t.Error("somebody is named although only online is reached and nobody asks there")
	}
	b.must(self("dev"), &Ask{})
	b.must(self("eli"), &Ask{})
	if c, _ := named(b, [2]bool{true, true}); c.Side != Online || c.Why.Kind != WhyOpening {
		t.Errorf("with both sides reached the first call is %s, %s", c.Side, c.Why.Kind)
	}
	for range 2 {
		c, ok := named(b, [2]bool{Room: true})
		if !ok || c.Side != Room || c.Why.Kind != WhyOnly {
			t.Fatalf("in the cut next is %s, %s", c.Side, c.Why.Kind)
		}
		b.write("chair", &CalledOut{Call: b.moment().id(0), Ticket: c.Ticket, Person: b.s.Ticket(c.Ticket).Person, Side: c.Side, W: c.W, Why: c.Why, Passed: c.Passed}, false)
		b.must(chair, &Start{})
		b.at += 100_000
		b.must(chair, &End{})
	}
	if l := b.s.Balance(b.at).Lead; l != 200_000 {
		t.Errorf("after two turns of 100 s in the cut the lead is %d", l)
	}
	if c, _ := b.s.Next(b.at, nil); c.Side != Online || c.Why.Kind != WhyBalance {
		t.Errorf("after the heal next is %s, %s", c.Side, c.Why.Kind)
	}
}
