package floor

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// twoJournals are what two sites write in a session of a seed: they do what they like, press the same at both sites now
// and then, and are cut off from each other most of the time.
func twoJournals(t testing.TB, r *rand.Rand) *two {
	w := newTwo(t)
	people := []ID{"ana", "ben", "sita", "tomo"}
	w.cut()
	severed := true
	for i := range 60 {
		h := []*half{w.hub, w.venue}[r.IntN(2)]
		h.at += r.Int64N(9000)
		s := h.fold.State()
		p := people[r.IntN(4)]
		if n := len(s.People); n > 0 {
			p = s.People[r.IntN(n)].ID
		}
		var id ID
		if len(s.Tickets) > 0 {
			id = s.Tickets[r.IntN(len(s.Tickets))].ID
		}
		by := []Actor{self(p), chair, chair}[r.IntN(3)]
		c := []Command{&Ask{}, &Write{Text: "x"}, &Withdraw{id}, &Call{}, &Call{}, &Start{}, &End{}, &Approve{id}, &Hide{Ticket: id}, &Hide{Ticket: id, Show: true},
			&Move{Person: p, Side: Side(r.IntN(2))}, &Override{Ticket: id, Class: "time"}, &Instead{Ticket: id, Text: "read"}, &Erase{Person: p}, &Enter{Side: Room, Mic: 1, Name: "Kiran"},
			&Enter{Side: Online, Count: 2}, &Enter{Person: p}, &Describe{Person: p, Agreed: ptr(true)}, &Grant{p, 150}, &TakeOver{Class: "other"}, &Pass{w.hub.journal}, &Pass{w.venue.journal},
			&Change{CardSeconds: ptr(int64(30 + i))}, &Tour{People: []ID{p, "ben"}}, &Give{Kind: Panel, Person: p}}[r.IntN(25)]
		press := ""
		if r.IntN(3) == 0 {
			press = fmt.Sprint("both-", r.IntN(8))
		}
		_ = h.press(press, by, c)
		if o := map[*half]*half{w.hub: w.venue, w.venue: w.hub}[h]; press != "" && r.IntN(2) == 0 {
			_ = o.press(press, by, c)
		}
		if r.IntN(20) == 0 {
			_ = w.hub.do(Actor{Roles: Site, Person: "h0"}, &Revoke{p})
		}
		if r.IntN(15) == 0 {
			w.meet()
			if severed {
				w.hub.must(Actor{Roles: Site, Person: "h0"}, &NoteHeal{Far: w.venue.journal})
				w.venue.must(Actor{Roles: Site, Person: "v0"}, &NoteHeal{Far: w.hub.journal})
			} else {
				w.cut()
			}
			severed = !severed
		}
	}
	return w
}

// TestFoldInAnyOrder: the same entries give the same State, in whatever order two journals arrive, in whatever pieces, and
// whether they are folded in or somebody else's State is taken over (F10, I1).
func TestFoldInAnyOrder(t *testing.T) {
	seeds := 150
	if testing.Short() {
		seeds = 30
	}
	repeats, names, extended := 0, 0, 0
	for seed := range uint64(seeds) {
		r := rand.New(rand.NewPCG(seed, 7))
		w := twoJournals(t, r)
		for try := range 4 {
			f := NewFold()
			left := [][]*Entry{w.hub.own, w.venue.own}
			var here []*Entry
			for len(left[0])+len(left[1]) > 0 {
				k := r.IntN(2)
				if len(left[k]) == 0 {
					k = 1 - k
				}
				n := min(len(left[k]), 1+r.IntN([]int{1, 4, 40}[r.IntN(3)]))
				if o := left[1-k]; try == 0 && len(o) > 0 { // as if nothing came late
					if byStamp(o[0], left[k][0]) < 0 {
						k, n = 1-k, 1
					}
					for n = 1; n < len(left[k]) && n < 5 && (len(left[1-k]) == 0 || byStamp(left[k][n], left[1-k][0]) < 0); n++ {
					}
				}
				news := left[k][:n]
				left[k] = left[k][n:]
				here = append(here, news...)
				if r.IntN(2) == 0 {
					f.Add(news...)
				} else {
					s := f.State().Clone()
					for _, e := range news {
						s.Apply(e)
					}
					f.Extend(news, s)
					extended++
				}
				if r.IntN(6) > 0 && len(left[0])+len(left[1]) > 0 {
					continue
				}
				again := NewFold()
				again.Add(here...)
				if f.State().Hash() != again.State().Hash() {
					t.Fatalf("seed %d: after %d entries, in pieces, the fold is another than at once", seed, len(here))
				}
				if err := sane(again.State()); err != nil {
					t.Fatalf("seed %d: after %d entries: %v", seed, len(here), err)
				}
			}
			repeats += f.State().Repeats
			names += len(f.State().also)
		}
	}
	t.Logf("%d repeats, %d other names of people, %d states taken over", repeats, names, extended)
	if repeats == 0 || names == 0 {
		t.Error("no press was taken twice; the test shows nothing")
	}
}

// TestRepeatByExtend: a site that writes a repeat although it has the first, as when its own memory of answers was lost,
// knows at once what it is another name of.
func TestRepeatByExtend(t *testing.T) {
	w := newTwo(t)
	for _, c := range []Command{&Write{Text: "once"}, &Enter{Side: Room, Mic: 1, Count: 3}} {
		by := chair
		by.Person = "ana"
		id := fmt.Sprintf("%T", c)
		for _, h := range []*half{w.hub, w.venue} {
			if err := h.press(id, by, c); err != nil {
				t.Fatal(err)
			}
			w.meet() // compares what each has with a fold from the beginning
		}
	}
	s := w.venue.fold.State()
	if s.Repeats != 7 || len(s.Tickets) != 4 || len(s.People) != 7 {
		t.Errorf("%d repeats, %d tickets, %d people", s.Repeats, len(s.Tickets), len(s.People))
	}
	for _, e := range w.venue.own {
		if a, ok := e.Event.(*Asked); ok && (s.Ticket(a.Ticket) == nil || s.Ticket(a.Ticket).ID == a.Ticket) {
			t.Errorf("%s is no other name of anything", a.Ticket)
		}
	}
}
