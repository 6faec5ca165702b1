package floor

import "slices"

// adrift is a turn on a side floor that nobody may be left to end.
//
// One that its site began on the main floor, while the gavel was elsewhere, nobody can end any more once they know that.
// Then it ends: with the first entry, of any site, whose writer had seen its beginning and why it does not count. When it
// really ended nobody has said, so the end is unsure, until what its own site wrote of it without knowing comes, or a
// correction. One that was given on a side floor ends at the latest when its site notes the heal, as the side floor does:
// unsure too, where a machine that was lost had closed that floor. Where its successor noticed no cut it has no heal to
// note, and the other site's ends the turn. All of this is in the entries, so every site tells the same.
type adrift struct {
	turn    ID
	began   Ref    // the entry
	journal string // of that entry
	moved   []Ref  // entries with which the gavel had gone elsewhere; whoever saw one knows. None: given on a side floor
}

// drift notes a turn of a side floor that begins.
func (s *State) drift(turn ID, e *Entry, moved []Ref) {
	if s.Turn(turn) == nil {
		s.drifts = append(s.drifts[:len(s.drifts):len(s.drifts)], adrift{turn, e.Ref(), e.Journal, moved})
	}
}

// land ends what drifts, as far as an entry says so or knows of it. It runs before the entry counts.
func (s *State) land(e *Entry) {
	if len(s.drifts) == 0 {
		return
	}
	var left []adrift
	for _, d := range s.drifts {
		t := s.Turn(d.turn)
		if t == nil || t.Corrected || t.Ended >= 0 && !t.Unsure {
			continue
		}
		switch knows := s.knows(e, d); {
		case !e.Saw(d.began):
		case knows && t.Ended < 0:
			s.endAside(t, e, true)
		case !knows && len(d.moved) > 0 && ends(e.Event, t.ID):
			s.endAside(t, e, false)
			continue
		}
		left = append(left, d)
	}
	s.drifts = left
}

// knows: who wrote this knows that nobody ends the turn any more.
func (s *State) knows(e *Entry, d adrift) bool {
	if len(d.moved) > 0 {
		return slices.ContainsFunc(d.moved, e.Saw)
	}
	_, healed := e.Event.(*Healed)
	site := s.Heir(d.journal)
	return healed && (s.Heir(e.Journal) == site || !s.CutOff(site))
}

// ends: where the turn was taken for one of the main floor, it was over with this event.
func ends(ev Event, turn ID) bool {
	switch ev := ev.(type) {
	case *Ended:
		return ev.Turn == turn
	case *Started, *Adjourned:
		return true
	}
	return false
}

// endAside ends a turn on a side floor.
func (s *State) endAside(t *Turn, e *Entry, unsure bool) {
	t.Ended, t.Unsure = e.Stamp.At, unsure
	if s.SideFloor.Now == t.ID {
		s.SideFloor.Now = ""
	}
}
