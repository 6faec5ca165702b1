package sim

import "openmic/floor"

// Rules lists the rules that are compared.
var Rules = []string{"fcfs", "alternate", "sfq", "zipper"}

// A rule other than that of package floor: it names one of those who wait on a side that can be reached.
type rule interface {
	// arrived: somebody of this side begins to wait; alone says that nobody of it waited or spoke.
	arrived(side floor.Side, alone bool)
	// next chooses among the first of each side; nil where nobody can be called. One of them is not nil.
	next(first [2]*floor.Ticket) floor.Side
	// ended: a turn of this side is over; idle says that nobody waits.
	ended(side floor.Side, length int64, idle bool)
}

func newRule(name string) rule {
	switch name {
	case "fcfs":
		return firstCome{}
	case "alternate":
		return &alternation{}
	case "sfq":
		return &timeFair{}
	}
	return nil // the zipper
}

// sooner is the side whose first ticket has the earlier place, or the only one that can be called.
func sooner(first [2]*floor.Ticket) floor.Side {
	if first[floor.Online] == nil || first[floor.Room] != nil && first[floor.Room].Place.Before(first[floor.Online].Place) {
		return floor.Room
	}
	return floor.Online
}

// firstCome: one line in the order of asking.
type firstCome struct{}

func (firstCome) arrived(floor.Side, bool)               {}
func (firstCome) ended(floor.Side, int64, bool)          {}
func (firstCome) next(first [2]*floor.Ticket) floor.Side { return sooner(first) }

// alternation: the other side than last, whenever somebody of it can be called.
type alternation struct {
	last floor.Side
	any  bool
}

func (a *alternation) arrived(floor.Side, bool) {}

func (a *alternation) ended(side floor.Side, _ int64, _ bool) { a.last, a.any = side, true }

func (a *alternation) next(first [2]*floor.Ticket) floor.Side {
	if a.any && first[a.last.Other()] != nil {
		return a.last.Other()
	}
	return sooner(first)
}

// timeFair is start-time fair queueing with the two sides as flows of the same weight: each side has a clock that its
// turns advance, and the side that is behind goes first. Who comes back from silence starts at the floor's own clock.
type timeFair struct {
	start [2]int64 // of the side's next turn, on the virtual clock, ms
	clock int64
}

func (f *timeFair) arrived(side floor.Side, alone bool) {
	if alone {
		f.start[side] = max(f.start[side], f.clock)
	}
}

func (f *timeFair) next(first [2]*floor.Ticket) floor.Side {
	side := sooner(first)
	if other := side.Other(); first[other] != nil && f.start[other] < f.start[side] {
		side = other
	}
	f.clock = max(f.clock, f.start[side])
	return side
}

func (f *timeFair) ended(side floor.Side, length int64, idle bool) {
	f.start[side] += length
	if idle {
		f.clock = max(f.clock, f.start[0], f.start[1])
	}
}
