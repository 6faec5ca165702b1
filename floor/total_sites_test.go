package floor

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// severed are sessions of two sites that do not hear each other: people wait on both sides, somebody speaks, somebody was
// called, a side floor is open, the hub has taken the gavel over.
func severed(t *testing.T) map[string]*two {
	out := map[string]*two{}
	for _, name := range []string{"waiting", "speaking", "called", "taken over"} {
		w := newTwo(t)
		for _, p := range []ID{"ana", "ben"} {
			w.venue.must(self(p), &Ask{})
		}
		w.hub.must(self("sita"), &Ask{})
		w.hub.must(self("tomo"), &Write{Text: "a card"})
		w.venue.must(self("ana"), &Write{Text: "a second one"})
		w.meet()
		w.cut()
		w.later(1000)
		switch name {
		case "speaking":
			w.venue.must(chair, &Call{})
			w.venue.must(chair, &Start{})
			w.hub.must(chair, &OpenSide{})
			w.hub.must(chair, &GiveSide{"sita"})
		case "called":
			w.venue.must(chair, &Call{})
		case "taken over":
			w.hub.must(chair, &TakeOver{Class: "access"})
		}
		w.later(1000)
		out[name] = w
	}
	return out
}

// TestApplyIsTotalOnTwoSites lets two sites write every pair of kinds of event without knowledge of each other, in both
// orders of their clocks, with references that mean something and such that do not: nothing crashes, the line stays
// consistent, and both sites, whichever of the two entries reached them first, have the same State.
func TestApplyIsTotalOnTwoSites(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	refs := []ID{"", "nobody", "ana", "ben", "sita", "tomo", "s1", "h11", "h12", "h13", "v1", "v2", "v3", "v4", "v5", "v6"}
	pairs := 0
	for name, w := range severed(t) {
		for i, a := range Kinds() {
			for j, b := range Kinds() {
				if testing.Short() && (i+j)%4 > 0 {
					continue
				}
				for n := range 2 {
					es := []*Entry{entryOf(w.hub, anyEvent(t, r, a, refs)), entryOf(w.venue, anyEvent(t, r, b, refs))}
					es[n%2].Stamp.At += 300
					if r.IntN(8) == 0 { // one press that both took
						es[1].By, es[1].Command = es[0].By, es[0].Command
					}
					hashes := [2][32]byte{}
					for i := range 2 {
						func() {
							defer func() {
								if p := recover(); p != nil {
									t.Fatalf("%s: %s: %v", name, tellAll([]Event{es[0].Event, es[1].Event}), p)
								}
							}()
							f := NewFold()
							f.Add(w.hub.own...)
							f.Add(w.venue.own...)
							f.Add(es[i])
							f.Add(es[1-i])
							s := f.State()
							if err := sane(s); err != nil {
								t.Fatalf("%s: %s: %v", name, tellAll([]Event{es[0].Event, es[1].Event}), err)
							}
							s.Next(s.At, nil)
							s.Standing(s.At)
							hashes[i] = s.Hash()
						}()
					}
					if hashes[0] != hashes[1] {
						t.Fatalf("%s: %s: the order in which they come makes two stories", name, tellAll([]Event{es[0].Event, es[1].Event}))
					}
					pairs++
				}
			}
		}
	}
	t.Logf("%d kinds of event, %d pairs on two sites", len(Kinds()), pairs)
}

// entryOf is what a half would write next if no rule forbade it.
func entryOf(h *half, ev Event) *Entry {
	s := h.fold.State()
	return &Entry{Journal: h.journal, N: int64(len(h.own)) + 1, Stamp: Stamp{max(h.at, s.At) + 1, 0, Tag(h.journal)}, View: s.View(h.journal), Wall: began,
		Command: fmt.Sprint("any-", Tag(h.journal)), By: "ana", Event: ev,
		Said: map[string]string{"name": "x", "text": "x", "about": "x"}}
}
