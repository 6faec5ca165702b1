package floor

// TakenUntil is the moment of the wall clock, Unix ms, until which cards and answers are taken once the session has
// ended; 0 while it goes on.
func (s *State) TakenUntil() int64 {
	if s.Adjourned < 0 {
		return 0
	}
	return s.AdjournWall + s.Settings.LateDays*day
}

// Disposition is how an ask has ended at a moment of the wall clock, Unix ms; empty while it is open.
//
// A card written after the session that nobody answered as long as answers were taken has not been reached. Like a
// doubtful end this follows from the clock alone: no timer writes an entry, so a site that is switched off after the
// session tells the same as one that is not.
func (s *State) Disposition(t *Ticket, wall int64) string {
	if t.Late && t.Live() && wall > s.TakenUntil() {
		return NotReached
	}
	return t.End
}

// tooLate refuses what is no longer taken.
func (s *State) tooLate(m Moment) error {
	if s.Adjourned >= 0 && m.Wall > s.TakenUntil() {
		return refuse("late", s.Settings.LateDays)
	}
	return nil
}
