package floor

// Clock is what the wall clock of a site shows at a session time (ms), Unix ms, as far as its newest entry here tells; ok is
// false when nothing of that site is here. Wall clocks order nothing; people are told when they differ.
func (s *State) Clock(journal string, at int64) (shows int64, ok bool) {
	for i, h := range s.Heads {
		if h.Journal == journal {
			return s.walls[i] + at, true
		}
	}
	return 0, false
}
