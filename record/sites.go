package record

import (
	"fmt"
	"strings"

	"openmic/floor"
)

// Sites are the numbers of a session on several sites.
type Sites struct {
	Journals  int      `json:"journals"`
	Cuts      int      `json:"cuts"`      // as each site noted them
	CutMs     int64    `json:"cutMs"`     // session time in which a cut was noted and not healed
	Epochs    int64    `json:"epochs"`    // how often the gavel changed hands, the first time included; 0 with one site
	TakeOvers int      `json:"takeOvers"` // without the consent of the site that had it
	Forgiven  int      `json:"forgiven"`  // debts
	SideTurns int      `json:"sideTurns"` // turns on a side floor
	Meanwhile int      `json:"meanwhile"` // entries by somebody whose pass had been revoked at another site
	Repeats   int      `json:"repeats"`   // entries of a press that another site had taken before
	Unsigned  []string `json:"unsigned"`  // journals whose own site has not signed all that is here; another one has
}

// sitesOf adds up what several sites made of a session.
func sitesOf(s *floor.State, n Sites) Sites {
	n.Epochs, n.Meanwhile, n.Repeats, n.TakeOvers, n.Cuts = s.Gavel.Epoch, len(s.Meanwhile), s.Repeats, s.TakeOvers, len(s.Cuts)
	var until int64 // cuts are noted in order of time; where two overlap, it is one stretch
	for _, c := range s.Cuts {
		from, to := max(c.From, until), c.To
		if to < 0 {
			to = s.At
		}
		n.CutMs += max(0, to-from)
		until = max(until, to)
	}
	for _, l := range s.Ledger {
		if l.Forgiven {
			n.Forgiven++
		}
	}
	for i := range s.Turns {
		if s.Turns[i].Kind == floor.SideTurn {
			n.SideTurns++
		}
	}
	return n
}

// tell is a line about several sites; empty when there was one.
func (n *Sites) tell() string {
	if n.Journals < 2 {
		return ""
	}
	s := fmt.Sprintf("Journals %d, cuts noted %d, together %s; the gavel changed hands %d times, of them taken over %d; debts forgiven %d, turns on a side floor %d, entries by somebody whose pass had been revoked meanwhile %d, presses that came twice %d.",
		n.Journals, n.Cuts, clock(n.CutMs), max(0, n.Epochs-1), n.TakeOvers, n.Forgiven, n.SideTurns, n.Meanwhile, n.Repeats)
	if len(n.Unsigned) > 0 {
		s += fmt.Sprintf(" Not signed to the end by their own site, but by one that had seen it: %s.", strings.Join(n.Unsigned, ", "))
	}
	return s
}
