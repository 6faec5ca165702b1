package record

import (
	"slices"

	"openmic/floor"
)

// A Recall is one call of a record that gave the main floor to the line, beside the one that the rule of this program
// gives in the State before it. So two programs are compared call by call, each on the story as it was.
type Recall struct {
	N        int64  `json:"n"`        // number of its entry in the journal
	At       int64  `json:"at"`       // session time, ms
	Override string `json:"override"` // reason class, when the chair decided otherwise
	Called   Named  `json:"called"`
	Rule     Named  `json:"rule"` // without a ticket where the rule names nobody
}

// Named is whom a call names, and why.
type Named struct {
	Ticket floor.ID     `json:"ticket"`
	Person floor.ID     `json:"person"`
	Side   floor.Side   `json:"side"`
	W      [2]int       `json:"w"`
	Why    floor.Reason `json:"why"`
	Passed []floor.ID   `json:"passed"`
	Heard  []int        `json:"heard"`
}

// Same says whether two name the same ticket for the same reason, with the same weights, passing the same.
func (a Named) Same(b Named) bool {
	return a.Ticket == b.Ticket && a.Person == b.Person && a.Side == b.Side && a.W == b.W && a.Why == b.Why && slices.Equal(a.Passed, b.Passed) && slices.Equal(a.Heard, b.Heard)
}

// Replay folds a record with this program and lists its calls, those against the rule too. Of bytes that are broken, or
// that this program does not read, it gives the fault.
func Replay(b []byte) ([]Recall, error) {
	v := judged(&Verdict{recalls: []Recall{}}, b)
	if v.Exit == 1 {
		return nil, &Fault{v.Exit, v.Where, v.Fault}
	}
	return v.recalls, nil
}

// recall notes a call of the line before it is applied.
func (j *judge) recall(e *floor.Entry) {
	ev, ok := e.Event.(*floor.CalledOut)
	if !ok || ev.Tour || j.v.recalls == nil {
		return
	}
	heard := j.heard
	if ev.Override == "" {
		if stored, why := j.stored(e, ev); why == "" {
			heard = stored
		}
	}
	r := Recall{N: e.N, At: e.Stamp.At, Override: ev.Override, Called: Named{ev.Ticket, ev.Person, ev.Side, ev.W, ev.Why, ev.Passed, ev.Heard}}
	if c, ok := j.state.Next(e.Stamp.At, heard); ok {
		t := j.state.Ticket(c.Ticket)
		r.Rule = Named{c.Ticket, t.Person, t.Side, c.W, c.Why, c.Passed, c.Heard}
	}
	j.v.recalls = append(j.v.recalls, r)
}
