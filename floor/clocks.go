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

// ClockAhead is how far the wall clock of the other site is ahead, ms, of the one at journal own, which shows wall (Unix ms)
// at session time at (ms). journal is that site's; empty, and 0 ms, while nothing of another is here.
func (s *State) ClockAhead(own string, wall, at int64) (journal string, ms int64) {
	for _, x := range s.Sites {
		if shows, ok := s.Clock(x.Journal, at); ok && x.Journal != own && s.Heir(x.Journal) == x.Journal {
			return x.Journal, shows - wall
		}
	}
	return "", 0
}
