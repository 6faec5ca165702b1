package hall

import "openmic/floor"

// Owed is what one side owes the other now, and to whom, ms; 0 when it is less than a second. Every part of a screen
// tells this figure, and the lead that it is part of, so that no two of them differ.
func (l *Look) Owed() (owed floor.Side, ms int64) {
	owed, ms = l.Debt(l.At)
	if ms < 1000 {
		return owed, 0
	}
	return owed, ms
}

// Forgiving says whether the chair may forgive what a cut made one side owe. What the turn that runs adds to it stands in
// no ledger before it has ended, so until then nothing is offered, and later is true.
func (l *Look) Forgiving() (now, later bool) {
	owed, ms := l.Owed()
	if ms == 0 || len(l.Cuts) == 0 || l.Severed() != nil {
		return false, false
	}
	if t := l.Current(); t != nil && t.Charged() && t.Side != owed {
		return false, true
	}
	return l.Forgivable(l.At), false
}
