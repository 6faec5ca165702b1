package live

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/journal/journaltest"
)

// The disk is full: nobody is told "you are in line", nothing changed, and the next press is taken.
func TestRefusedByTheStore(t *testing.T) {
	h := enter(t)
	h.begin()
	before, hash := h.View().Version, h.View().Hash()
	h.breakBy(func(call string) journaltest.Fault {
		if call == "Append" {
			return journaltest.Refused
		}
		return journaltest.None
	})
	card := Command{"a", self("ana"), &floor.Write{Text: "a card"}}
	for range 3 {
		if _, err := h.Do(t.Context(), card); !errors.Is(err, ErrNotNow) {
			t.Fatalf("told %v", err)
		}
	}
	if v := h.View(); v.Version != before || v.Hash() != hash {
		t.Error("something changed")
	}
	h.agrees()
	h.breakBy(nil)
	if _, err := h.Do(t.Context(), card); err != nil {
		t.Fatal(err)
	}
	h.agrees()
}

// The answer of the store is lost. It is asked what it holds; while it cannot say, nobody is told anything wrong.
func TestUnclearStore(t *testing.T) {
	for _, x := range []struct {
		name   string
		fault  journaltest.Fault
		silent int // how many times Head does not answer either
		told   error
		stored bool
	}{
		{"it was lost", journaltest.Lost, 0, ErrNotNow, false},
		{"it was stored", journaltest.Stored, 0, nil, true},
		{"it was lost and nobody can say", journaltest.Lost, 3, ErrUnknown, false},
		{"it was stored and nobody can say", journaltest.Stored, 3, ErrUnknown, true},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := enter(t)
			h.begin()
			before := len(h.View().Tickets)
			silent, broke := x.silent, false
			h.breakBy(func(call string) journaltest.Fault {
				switch {
				case call == "Append" && !broke:
					broke = true
					return x.fault
				case call == "Head" && silent > 0:
					silent--
					return journaltest.Lost
				}
				return journaltest.None
			})
			card := Command{"a", self("ana"), &floor.Write{Text: "a card"}}
			if _, err := h.Do(t.Context(), card); !errors.Is(err, x.told) {
				t.Fatalf("told %v", err)
			}
			if x.told == ErrUnknown {
				if n := len(h.View().Tickets); n != before {
					t.Error("shown before it is known")
				}
				// In the dark nothing new is taken.
				for range x.silent - 1 {
					if _, err := h.press(self("ben"), &floor.Write{Text: "too early"}); !errors.Is(err, ErrNotNow) {
						t.Fatalf("in the dark: %v", err)
					}
				}
				// A press of somebody else brings the light back, and shows what was stored.
				if _, err := h.press(self("ben"), &floor.Write{Text: "again"}); err != nil {
					t.Fatal(err)
				}
				if n := len(h.View().Tickets); (n == before+2) != x.stored {
					t.Errorf("%d asks when the store answers again", n-before)
				}
			}
			a, err := h.Do(t.Context(), card)
			if err != nil || h.View().Say(h.View().Ticket(a.Made[0].ID).Text) != "a card" {
				t.Fatalf("the same id again: %v %v", a, err)
			}
			mine := 0
			for _, k := range h.View().Tickets {
				if k.Person == "ana" && k.Form == floor.Card {
					mine++
				}
			}
			if mine != 1 {
				t.Errorf("ana has %d cards", mine)
			}
			h.agrees()
		})
	}
}

// A batch with more entries than one page of reading was stored, but the answer never came: all of it is caught up with.
func TestCatchUpWithManyEntries(t *testing.T) {
	h := enter(t)
	h.must(organiser, plan())
	release, held := make(chan struct{}), make(chan struct{})
	calls, silent := 0, 1
	h.breakBy(func(call string) journaltest.Fault {
		switch call {
		case "Append":
			if calls++; calls == 1 {
				close(held)
				<-release
			} else if calls == 2 {
				return journaltest.Stored
			}
		case "Head":
			if silent--; silent >= 0 {
				return journaltest.Lost
			}
		}
		return journaltest.None
	})
	var all sync.WaitGroup
	all.Go(func() { h.press(chair, &floor.Join{}) })
	<-held
	crew := floor.Actor{Person: "venue", Roles: floor.Venue}
	for i := range 40 {
		all.Go(func() {
			h.Do(context.Background(), Command{fmt.Sprint(i), crew, &floor.Enter{Count: 20}})
		})
	}
	for len(h.in) < 40 {
		time.Sleep(time.Millisecond)
	}
	close(release)
	all.Wait()
	for i := range 40 {
		if _, err := h.Do(t.Context(), Command{fmt.Sprint(i), crew, &floor.Enter{Count: 20}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(h.View().People); n != 801 {
		t.Errorf("%d people, not 801", n)
	}
	h.agrees()
}

// Somebody else wrote into the journal (a copy of the program that should not run): the owner sees it, takes it over,
// and goes on behind it.
func TestSomebodyElseWrote(t *testing.T) {
	h := enter(t)
	h.begin()
	v := h.View()
	entries, _, err := h.Store.Read(t.Context(), info.Name, v.Version, 1)
	if err != nil {
		t.Fatal(err)
	}
	e := &floor.Entry{Journal: string(info.Name), N: v.Version + 1, Stamp: floor.Stamp{At: v.State.At, Count: 99, Site: "abc"}, Command: "x", By: "desk",
		Event: &floor.Moved{Person: "ana", Side: floor.Online}, Prev: floor.HashBytes(entries[0].Bytes)}
	floor.Seal(e, nonce)
	if err := h.Store.Append(t.Context(), info.Name, v.Version, journal.Batch{Entries: []journal.Entry{journal.NewEntry(e.N, e.Bytes())}}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.press(self("ben"), &floor.Write{Text: "a card"}); !errors.Is(err, ErrNotNow) {
		t.Fatalf("told %v", err)
	}
	if _, err := h.press(self("ben"), &floor.Write{Text: "a card"}); err != nil {
		t.Fatal(err)
	}
	if h.View().Person("ana").Side != floor.Online {
		t.Error("what the other wrote is not shown")
	}
	h.agrees()
}

// Everything breaks at random while many people press. Whoever was told "accepted" finds it once; whoever was told "not
// now" may send it again; at the end the state is that of a fresh fold.
func TestEverythingBreaks(t *testing.T) {
	broke := map[journaltest.Fault]int{}
	for seed := range uint64(12) {
		storm(t, seed, broke)
	}
	for f := journaltest.Refused; f <= journaltest.Stored; f++ {
		if broke[f] == 0 {
			t.Errorf("fault %d never happened", f)
		}
	}
	t.Logf("faults: %v", broke)
}

func storm(t *testing.T, seed uint64, broke map[journaltest.Fault]int) {
	h := enter(t)
	h.begin()
	chance := rand.New(rand.NewPCG(seed, 5))
	h.breakBy(func(call string) journaltest.Fault { // never called twice at once
		if chance.IntN(2) == 0 {
			return journaltest.None
		}
		f := journaltest.Fault(1 + chance.IntN(3))
		broke[f]++
		return f
	})
	const people = 60
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			p := self(floor.ID(fmt.Sprint("p", i)))
			for n, c := range []floor.Command{&floor.Join{}, &floor.Ask{}, &floor.Write{Text: "one"}, &floor.Write{Text: "two"}} {
				for { // as a phone does: the same id until there is an answer
					_, err := h.Do(context.Background(), Command{fmt.Sprint(n), p, c})
					if err == nil {
						break
					}
					if !errors.Is(err, ErrNotNow) && !errors.Is(err, ErrUnknown) {
						t.Errorf("%s: %v", p.Person, err)
						return
					}
				}
			}
		})
	}
	all.Wait()
	h.breakBy(nil)
	v := h.View()
	has := map[floor.ID]int{}
	for _, k := range v.Tickets {
		has[k.Person]++
	}
	for i := range people {
		if n := has[floor.ID(fmt.Sprint("p", i))]; n != 3 {
			t.Errorf("p%d has %d asks, not 3", i, n)
		}
	}
	h.agrees()
	h.crash()
	h.open()
	h.agrees()
}
