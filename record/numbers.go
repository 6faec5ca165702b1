package record

import (
	"cmp"
	"slices"

	"openmic/floor"
)

// A Verdict is what Verify says of a record. Times are in ms.
type Verdict struct {
	Exit  int    `json:"exit"`  // 0 it holds, 1 its bytes or their order are broken, 2 a call broke the rule without a reason class
	Where string `json:"where"` // place of the first fault, empty when there is none
	Fault string `json:"fault"` // one sentence, empty when there is none
	Wrong int    `json:"wrong"` // how many calls, turns, misses or dials broke the rule

	Session     string `json:"session"`
	Kind        string `json:"kind"`
	Entries     int    `json:"entries"`
	Addenda     int    `json:"addenda"`
	Checkpoints int    `json:"checkpoints"`
	SignedAt    int64  `json:"signedAt"` // session time of the last checkpoint; of several journals, up to where all are signed
	Ended       bool   `json:"ended"`    // the session was adjourned; otherwise this is its beginning up to now

	Numbers
	Late
	Sites
	Erased       int `json:"erased"`       // texts that were erased
	Withheld     int `json:"withheld"`     // texts that this kind of record leaves out
	Unverifiable int `json:"unverifiable"` // calls that rest on words that are not here

	story   story
	recalls []Recall // for Replay; nil when nobody asks
}

// Numbers are what the State of a session adds up to, by the words of section 6 of docs/wire.md. Times are in ms.
type Numbers struct {
	Room        SideNumbers    `json:"room"`
	Online      SideNumbers    `json:"online"`
	Lead        int64          `json:"lead"`        // at the end; positive: online waited longer
	MostLead    int64          `json:"mostLead"`    // largest |lead|
	LeadBound   int64          `json:"leadBound"`   // B + L
	LongestRun  int64          `json:"longestRun"`  // largest charge of one side in a row while the other waited
	RunBound    int64          `json:"runBound"`    // (R + 1) L
	Excess      int64          `json:"excess"`      // by which both bounds grow: overrides, overruns beyond L, and turns while the other side waited and nobody of it could be called
	MostPassed  int            `json:"mostPassed"`  // how often the rule passed one ticket
	PassedBound int            `json:"passedBound"` // K
	Calls       int            `json:"calls"`       // by the rule
	Overrides   map[string]int `json:"overrides"`   // by reason class; unplanned turns and dials changed live are among them
	Corrections int            `json:"corrections"` // turns corrected or entered afterwards
	Resumes     int            `json:"resumes"`     // crashes while somebody spoke
	Delayed     int            `json:"delayed"`     // asks of phones without network that arrived later, as the phones say
}

// SideNumbers are those of one side.
type SideNumbers struct {
	Turns      int   `json:"turns"`      // from the line, cards and unplanned ones included
	Ms         int64 `json:"ms"`         // how long they were
	Asks       int   `json:"asks"`       // tickets and cards
	Heard      int   `json:"heard"`      // of them had the floor
	NotReached int   `json:"notReached"` // still waiting at the end
	MeanWait   int64 `json:"meanWait"`   // of those heard, from the ask to the turn
	MedianWait int64 `json:"medianWait"`
	Wait90     int64 `json:"wait90"` // nine of ten waited no longer
	Most       int64 `json:"mostWait"`
}

// Sides are the numbers of the two sides, room first.
func (n *Numbers) Sides() [2]*SideNumbers { return [2]*SideNumbers{&n.Room, &n.Online} }

// Count adds up a session as it stands at a moment of session time, ms. What is shown of a session and what Verify says
// of its record come from here, so they cannot differ.
func Count(s *floor.State, now int64) Numbers {
	b := s.Balance(now)
	n := Numbers{Lead: b.Lead, MostLead: b.Most, LongestRun: b.Long, LeadBound: s.Rule.B + s.Rule.L, RunBound: s.Rule.M() * s.Rule.L, PassedBound: s.Rule.K,
		Overrides: map[string]int{}, Resumes: len(s.Resumes)}
	for _, o := range Overrides(s) {
		n.Overrides[o.Class]++
	}
	across := map[floor.ID]bool{}
	for i := range s.Calls {
		c := &s.Calls[i]
		across[c.ID] = c.Across
		if c.Override == "" && !c.Tour {
			n.Calls++
		}
	}
	began := map[floor.ID]int64{}
	for i := range s.Turns {
		t := &s.Turns[i]
		if t.Ticket != "" {
			began[t.Ticket] = t.Start
		}
		if t.Corrected {
			n.Corrections++
		}
		if !t.Charged() {
			continue
		}
		side := n.Sides()[t.Side&1]
		waited, length := s.Waited(t, now)
		side.Turns++
		side.Ms += length
		if t.Override != "" || t.Corrected || across[t.Call] {
			if waited > 0 {
				n.Excess += waited + max(0, s.Rule.Q-length)
			}
		} else {
			n.Excess += max(0, waited-s.Rule.L)
		}
	}
	n.waits(s, began)
	return n
}

// An Override is one decision beside the rule.
type Override struct {
	At    int64 // of the call, the turn or the change, ms
	Class string
	Turn  floor.ID // what it became; empty when nobody spoke
	Dials bool     // dials were changed live
}

// Overrides lists them in order of time: calls, unplanned turns, and dials changed after the first call. A turn entered
// afterwards is a correction and none.
func Overrides(s *floor.State) []Override {
	var out []Override
	for i := range s.Calls {
		if c := &s.Calls[i]; c.Override != "" {
			out = append(out, Override{c.At, c.Override, c.Turn, false})
		}
	}
	for i := range s.Turns {
		if t := &s.Turns[i]; t.Charged() && t.Call == "" && t.Override != "" && !t.Added {
			out = append(out, Override{t.Start, t.Override, t.ID, false})
		}
	}
	for _, at := range s.Redials {
		out = append(out, Override{At: at, Class: "other", Dials: true})
	}
	slices.SortStableFunc(out, func(a, b Override) int { return cmp.Compare(a.At, b.At) })
	return out
}

// waits tells what became of the asks and how long those that were heard had waited; began is when a ticket's turn
// did. An ask made before the session waits from its beginning; a card written after it waits for nothing.
func (n *Numbers) waits(s *floor.State, began map[floor.ID]int64) {
	var waits [2][]int64
	for i := range s.Tickets {
		t := &s.Tickets[i]
		n.MostPassed = max(n.MostPassed, t.Most)
		if t.Ago > 0 {
			n.Delayed++
		}
		if t.Late {
			continue
		}
		side := n.Sides()[t.Side&1]
		side.Asks++
		if at, ok := began[t.ID]; ok {
			side.Heard++
			waits[t.Side&1] = append(waits[t.Side&1], max(0, at-max(t.Asked, s.Opened)))
		} else if t.Live() || t.End == floor.NotReached {
			side.NotReached++
		}
	}
	for i, w := range waits {
		if len(w) == 0 {
			continue
		}
		slices.Sort(w)
		sum := int64(0)
		for _, ms := range w {
			sum += ms
		}
		side := n.Sides()[i]
		side.MeanWait, side.MedianWait, side.Wait90, side.Most = sum/int64(len(w)), w[(len(w)-1)/2], w[(len(w)*9+9)/10-1], w[len(w)-1]
	}
}

// words fills in what is known of the words that are not here.
func (v *Verdict) words(shelf *shelf, entries []*floor.Entry, addenda []floor.Addendum) {
	here := make(map[int64]int, len(addenda))
	for _, a := range addenda {
		here[a.N]++
	}
	for _, e := range entries {
		switch missing := len(e.Said) - here[e.N]; {
		case missing == 0:
		case shelf.gone(e):
			v.Erased += missing
		default:
			v.Withheld += missing
		}
	}
}
