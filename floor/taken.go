package floor

// A Takeover is when a hub took the gavel, and what the venue, which did not know, gave meanwhile.
type Takeover struct {
	At        int64 // session time, ms
	Adjourned int64 // when the venue ended the session, which does not count, ms; 0: it did not
	Turns     int   // that it gave, and which are turns of its side floor
}

// TakenOver is the newest takeover, with what the venue gave since a moment, ms; ok is false when there was none since then.
func (s *State) TakenOver(since int64) (t Takeover, ok bool) {
	t = s.took
	if s.TakeOvers == 0 || t.At < since {
		return Takeover{}, false
	}
	if t.Adjourned < since {
		t.Adjourned = 0
	}
	for i := range s.Turns {
		if x := &s.Turns[i]; x.Late && x.Kind == SideTurn && x.Start >= since {
			t.Turns++
		}
	}
	return t, true
}
