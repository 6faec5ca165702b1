package record

import (
	"fmt"
	"slices"
	"testing"

	"openmic/floor"
)

// brokenJournals: whoever may sign writes what no site writes.
func brokenJournals(t *testing.T) (out []specimen) {
	for seed := range uint64(4) {
		st := played(t, 240+seed, 70, false, false)
		n := len(st.entries)
		add := func(name string, f forgery) {
			f.stage = st
			out = append(out, specimen{"written against the order", fmt.Sprintf("%s, seed %d", name, seed), 1, f.seal(t, Public)})
		}
		at := whole(st, n/2+int(seed)) + 1 // a command begins here
		one := func(do func(e *floor.Entry)) map[int]func(*floor.Entry) { return map[int]func(*floor.Entry){at: do} }
		add("a gap", forgery{alter: one(func(e *floor.Entry) { e.N += 1 })})
		add("a number of 0", forgery{alter: one(func(e *floor.Entry) { e.N = 0 })})
		add("the time goes back", forgery{alter: one(func(e *floor.Entry) { e.Stamp = floor.Stamp{Site: "abcde"} })})
		add("the same stamp twice", forgery{alter: one(func(e *floor.Entry) { e.Stamp = st.entries[at-2].Stamp })})
		add("a negative time", forgery{alter: map[int]func(*floor.Entry){1: func(e *floor.Entry) { e.Stamp.At = -5 }}})
		add("the stamp of another site", forgery{alter: one(func(e *floor.Entry) { e.Stamp.Site = "zzzzz" })})
		add("another journal", forgery{alter: one(func(e *floor.Entry) { e.Journal = "story/hub-zzzzz" })})
		add("a journal nobody knows", forgery{alter: one(func(e *floor.Entry) { e.View = []floor.Seen{{Journal: "story/venue-x", N: 3}} })})
		add("a number beyond measure", forgery{alter: one(func(e *floor.Entry) { e.Wall = 1 << 60 })})
		add("a time beyond measure", forgery{alter: map[int]func(*floor.Entry){n: func(e *floor.Entry) { e.Stamp.At = 1 << 62 }}})
		add("a chain that is not mended", forgery{loose: true, alter: one(func(e *floor.Entry) { e.Command += "x" })})
		add("a command twice", forgery{alter: one(func(e *floor.Entry) { e.Command, e.By = st.entries[2].Command, st.entries[2].By })})
		add("a command that goes on in another", forgery{alter: one(func(e *floor.Entry) { e.More = !e.More })})
		add("a command that goes on after the end", forgery{upTo: at, alter: one(func(e *floor.Entry) { e.More = true })})
		add("created twice", forgery{alter: one(func(e *floor.Entry) { e.Event = &floor.Created{Session: "story", Rule: floor.TheRule} })})
		add("created under another rule", forgery{alter: map[int]func(*floor.Entry){1: func(e *floor.Entry) { e.Event.(*floor.Created).Rule.K = 9 }}})
		add("another session", forgery{alter: map[int]func(*floor.Entry){1: func(e *floor.Entry) { e.Event.(*floor.Created).Session = "other" }}})
		asked := 1 + slices.IndexFunc(st.entries, func(e *floor.Entry) bool { return floor.Kind(e.Event) == "asked" })
		for _, ago := range []int64{-1, floor.Oldest + 1, MaxNumber} {
			add(fmt.Sprintf("pressed %d ms before it arrived", ago), forgery{alter: map[int]func(*floor.Entry){asked: func(e *floor.Entry) { e.Event.(*floor.Asked).Ago = ago }}})
		}
		for name, ev := range map[string]floor.Event{
			"a turn ended that never began":   &floor.Ended{Turn: "nothing"},
			"an ask withdrawn that never was": &floor.Withdrew{Ticket: "nothing"},
			"a call of nobody":                &floor.CalledOut{Call: "x", Person: "nobody", Override: "other", Why: floor.Reason{Kind: "override"}, W: [2]int{1, 1}},
			"an ask of nobody":                &floor.Asked{Ticket: "x", Person: "nobody", Form: floor.Voice, Kind: "question"},
			"a segment that is not planned":   &floor.Begun{Segment: "s99"},
			"somebody erased who is not here": &floor.Erased{Person: "nobody"},
			"opened twice":                    &floor.Opened{},
		} {
			add(name, forgery{upTo: at, alter: one(func(e *floor.Entry) { e.Event, e.Said, e.More = ev, nil, false })})
		}
		for _, b := range []string{"{}", "[]", "null", `"x"`, `{"v":1}`, "\x00\x01", "{\"v\":1,\"journal\":\"" + theJournal + "\"}", string(make([]byte, 5000))} {
			add(fmt.Sprintf("%.20q for an entry", b), forgery{journal: func(rows [][]byte) [][]byte { return append(slices.Clone(rows), []byte(b)) }})
		}
		// Words that may not stand where they stand.
		if seed == 0 {
			for _, a := range st.addenda {
				shelf := newShelf(st.s, Public)
				if e := st.entries[a.N-1]; !shelf.holds(e, a.Field) && len(out) < 400 && a.N%3 == 0 {
					out = append(out, specimen{"words that must not be there", fmt.Sprintf("%s of %s, entry %d", a.Field, floor.Kind(e.Event), a.N), 1,
						assembleWith(t, st, Public, []floor.Addendum{a})})
				}
			}
		}
	}
	return out
}

// brokenRules: whoever may sign calls whom they like.
func brokenRules(t *testing.T) (out []specimen) {
	for seed := range uint64(6) {
		st := played(t, 260+seed, 110, true, seed == 2 || seed == 5)
		add := func(name string, n int, do func(e *floor.Entry)) {
			if n == 0 {
				return
			}
			f := forgery{stage: st, upTo: st.end(n), alter: map[int]func(*floor.Entry){n: do}}
			out = append(out, specimen{"against the rule", fmt.Sprintf("%s, seed %d, entry %d", name, seed, n), 2, f.seal(t, Archive)})
		}
		byRule := func(c *floor.CalledOut) bool { return c.Override == "" && !c.Tour }
		for _, after := range []int{0, len(st.entries) / 3, len(st.entries) * 2 / 3} {
			n := find(st, after, byRule)
			if n == 0 {
				continue
			}
			call := func(do func(c *floor.CalledOut)) func(*floor.Entry) {
				return func(e *floor.Entry) { do(e.Event.(*floor.CalledOut)) }
			}
			if other := st.waiter(t, n); other != nil {
				add("another ticket", n, call(func(c *floor.CalledOut) { c.Ticket, c.Person, c.Side = other.ID, other.Person, other.Side }))
				add("an override without a class", n, call(func(c *floor.CalledOut) {
					c.Ticket, c.Person, c.Side, c.Why, c.Passed, c.Heard = other.ID, other.Person, other.Side, floor.Reason{Kind: "override"}, nil, nil
				}))
				add("an override of a class that is none", n, call(func(c *floor.CalledOut) {
					c.Ticket, c.Person, c.Side, c.Override, c.Why, c.Passed, c.Heard = other.ID, other.Person, other.Side, "because", floor.Reason{Kind: "override"}, nil, nil
				}))
			}
			add("another weight", n, call(func(c *floor.CalledOut) { c.W[c.Side] += 1 }))
			add("another reason", n, call(func(c *floor.CalledOut) {
				c.Why.Kind = map[bool]string{true: floor.WhyBalance, false: floor.WhyTurns}[c.Why.Kind == floor.WhyTurns]
			}))
			add("another number in the reason", n, call(func(c *floor.CalledOut) { c.Why.Ms++ }))
			add("another step inside the side", n, call(func(c *floor.CalledOut) { c.Why.Then += "new" }))
			add("somebody more is passed", n, call(func(c *floor.CalledOut) { c.Passed = append(c.Passed, c.Ticket) }))
			add("groups counted", n, call(func(c *floor.CalledOut) { c.Heard = append(c.Heard, 3) }))
			add("a tour that is none", n, call(func(c *floor.CalledOut) { c.Tour = true }))
			add("the name of another call", n, call(func(c *floor.CalledOut) { c.Call = "abcde1" }))
			add("a passed override", n, call(func(c *floor.CalledOut) { c.Override, c.Passed = "other", []floor.ID{c.Ticket} }))
		}
		if n := find(st, 0, func(c *floor.CalledOut) bool { return len(c.Passed) > 0 }); n > 0 {
			add("nobody is passed", n, func(e *floor.Entry) { e.Event.(*floor.CalledOut).Passed = nil })
		}
		if n := find(st, 0, func(c *floor.CalledOut) bool { return len(c.Heard) > 0 }); n > 0 {
			add("another count of a group", n, func(e *floor.Entry) { e.Event.(*floor.CalledOut).Heard[0] += 7 })
		}
		n := find(st, 0, func(s *floor.Started) bool { return s.Call != "" })
		turn := func(do func(s *floor.Started)) func(*floor.Entry) {
			return func(e *floor.Entry) { do(e.Event.(*floor.Started)) }
		}
		add("a turn of the line without a call", n, turn(func(s *floor.Started) { s.Call = "" }))
		add("a turn with a longer cap", n, turn(func(s *floor.Started) { s.Cap *= 2 }))
		add("a turn of somebody else", n, turn(func(s *floor.Started) { s.Person = "chair" }))
		add("a turn of the other side", n, turn(func(s *floor.Started) { s.Side = s.Side.Other() }))
		add("a turn that nobody is charged for", n, turn(func(s *floor.Started) { s.Kind = floor.Panel }))
		add("a turn of a lighter weight", n, turn(func(s *floor.Started) { s.W[s.Side]++ }))
		add("an unplanned turn without a class", n, turn(func(s *floor.Started) { s.Call, s.Kind, s.Override = "", floor.Unplanned, "" }))
		add("a turn of no kind", n, turn(func(s *floor.Started) { s.Call, s.Kind = "", "song" }))
		add("a miss too early", find(st, 0, func(m *floor.Missed) bool { return m.Aside }), func(e *floor.Entry) { e.Event.(*floor.Missed).Aside = false })
		add("dials changed in silence", find(st, 0, func(d *floor.Dialled) bool { return d.Override }), func(e *floor.Entry) { e.Event.(*floor.Dialled).Override = false })
	}
	return out
}

// waiter is somebody who waited before entry n and was not called by it.
func (st *stage) waiter(t *testing.T, n int) *floor.Ticket {
	t.Helper()
	s := floor.New()
	for _, e := range st.entries[:n-1] {
		s.Apply(e)
	}
	for _, id := range s.Line {
		if k := s.Ticket(id); id != st.entries[n-1].Event.(*floor.CalledOut).Ticket {
			return k
		}
	}
	return nil
}
