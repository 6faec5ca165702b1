package floor

import "slices"

// Correct mends a turn afterwards: who spoke, of which kind, from when to when. The original stays in the journal.
// Without a turn it enters one that nobody recorded. A turn of a side floor stays one. Lead is counted anew from there; calls already made are not
// judged again.
type Correct struct {
	Turn   ID     `json:"turn,omitempty"`
	Person *ID    `json:"person,omitempty"`
	Kind   string `json:"kind,omitempty"`
	Side   *Side  `json:"side,omitempty"`
	Start  *int64 `json:"start,omitempty"` // session time, ms
	End    *int64 `json:"end,omitempty"`   // session time, ms
	Length *int64 `json:"length,omitempty"`
	Note   string `json:"note,omitempty"`
}

var _ = command("correct", &Correct{})

func (*Correct) may() Roles  { return Operators | Rapporteur }
func (*Correct) afterwards() {}

func (c *Correct) decide(s *State, m Moment, by Actor) ([]Event, error) {
	ev := &Corrected{Turn: c.Turn, Side: Room, Kind: Unplanned}
	if c.Turn != "" {
		t := s.Turn(c.Turn)
		if t == nil {
			return nil, refuse("noturn")
		}
		if t.Ended < 0 {
			return nil, refuse("speaking")
		}
		ev.Person, ev.Side, ev.Kind, ev.Start, ev.End = t.Person, t.Side, t.Kind, t.Start, t.end(t.Ended)
	} else {
		ev.Turn, ev.Added = m.id(0), true
		ev.Start, ev.End = s.gap(m.At, c)
	}
	if c.Person != nil {
		p := s.Person(*c.Person)
		if p == nil {
			return nil, refuse("nobody")
		}
		ev.Person, ev.Side = p.ID, p.Side
	}
	aside := ev.Kind == SideTurn // and stays one, which overlaps with anything
	if c.Kind != "" {
		if !slices.Contains(TurnKinds, c.Kind) || aside {
			return nil, &BadInput{"kind", "choice", 0}
		}
		ev.Kind = c.Kind
	}
	if c.Side != nil {
		ev.Side = *c.Side
	}
	if c.Start != nil {
		ev.Start = *c.Start
	}
	if c.End != nil {
		ev.End = *c.End
	}
	if c.Length != nil {
		ev.End = ev.Start + *c.Length
	}
	if ev.Start < 0 || ev.End <= ev.Start || ev.End > m.At || ev.End-ev.Start > 4*60*60_000 || !aside && s.taken(ev.Turn, ev.Start, ev.End, m.At) != nil {
		return nil, &BadInput{"length", "time", 0}
	}
	note, err := line("note", c.Note, LongLine)
	if err != nil {
		return nil, err
	}
	ev.Said.put("why", note)
	return []Event{ev}, nil
}

// gap is where a turn that nobody recorded goes whose times are not given: the newest stretch of its length in which
// nobody spoke, or as much of the newest as there is.
func (s *State) gap(now int64, c *Correct) (start, end int64) {
	length := s.Rule.L
	if c.Length != nil {
		length = min(max(0, *c.Length), now)
	}
	if c.Start != nil || c.End != nil {
		end = now
		if c.End != nil {
			end = *c.End
		} else if c.Length == nil {
			end = min(now, *c.Start+length)
		}
		return end - length, end
	}
	end = now
	for {
		t := s.taken("", max(0, end-length), end, now)
		if t == nil {
			return max(0, end-length), end
		}
		if free := t.past(now); c.Length == nil && free < end {
			return free, end
		}
		end = t.Start
	}
}

// taken is the newest other turn that ran at some time between from and to, or nil: the main floor has one turn at a
// time.
func (s *State) taken(but ID, from, to, now int64) *Turn {
	var found *Turn
	for i := range s.Turns {
		t := &s.Turns[i]
		if t.ID != but && t.Kind != SideTurn && t.Start < to && from < t.past(now) && (found == nil || t.Start > found.Start) {
			found = t
		}
	}
	return found
}

// past is until when the turn stood on the floor, ms.
func (t *Turn) past(now int64) int64 {
	if t.Ended >= 0 {
		return t.end(now)
	}
	return now
}

// Corrected: what is known better now of a turn.
type Corrected struct {
	spoken
	Turn   ID     `json:"turn"`
	Person ID     `json:"person,omitempty"`
	Side   Side   `json:"side"`
	Kind   string `json:"kind"`
	Start  int64  `json:"start"`
	End    int64  `json:"end"`
	Added  bool   `json:"added,omitempty"`
}

var _ = event("corrected", &Corrected{})

func (ev *Corrected) apply(s *State, e *Entry) {
	t := s.Turn(ev.Turn)
	added := t == nil
	// A machine that does not know what was spoken after its backup corrects no times: two turns could come to overlap.
	unknown := s.blind(e) && slices.ContainsFunc(s.Turns, func(t Turn) bool { return t.Kind != SideTurn && !e.Saw(t.ref) })
	aside := !added && t.Kind == SideTurn
	if added {
		if !ev.Added {
			s.friction(e)
			return
		}
		s.turn[ev.Turn] = len(s.Turns)
		s.Turns = append(s.Turns, Turn{ID: ev.Turn, Added: true, Cap: s.Rule.L, Factor: 100, W: [2]int{1, 1}, Override: "unplanned", By: e.By, ref: e.Ref()})
		t = s.Turn(ev.Turn)
	}
	if !added && !aside && t.Ended < 0 {
		s.stop(t, e)
	}
	was := t.Charged() && t.Person != "" && !added
	if p := s.Person(t.Person); was && p != nil && p.Spoke > 0 {
		p.Spoke--
	}
	kind, end := ev.Kind, min(max(0, ev.End), s.At)
	start, lost := min(max(0, ev.Start), end), []Span(nil)
	switch {
	case aside:
		kind, t.Unsure = SideTurn, false
	case unknown && added:
		kind, t.Late = SideTurn, true
	case unknown:
		start, end, lost = t.Start, t.Ended, t.Lost
	}
	moved := t.Ended != end || !t.Charged()
	t.Person, t.Side, t.Kind, t.Start, t.Ended, t.Corrected, t.Lost = ev.Person, ev.Side, kind, start, end, true, lost
	if t.Why == "" {
		t.Why = e.text("why")
	}
	if p := s.Person(t.Person); p != nil && t.Charged() {
		p.Spoke++
	}
	if t.Charged() && (moved || added) {
		s.enter(t)
	}
}

// Resume is given by the program itself when it comes back after a crash while a turn ran.
type Resume struct {
	Mark int64 `json:"mark"` // session time of the last durable mark, ms
	Down int64 `json:"down"` // how long the site was down by its own wall clock, ms
}

var _ = command("resume", &Resume{})

func (*Resume) may() Roles { return Site }

func (c *Resume) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if c.Down < 0 || c.Mark < 0 {
		return nil, &BadInput{"down", "time", 0}
	}
	return []Event{&Resumed{c.Mark, min(c.Down, s.Rule.L)}}, nil
}

// Resumed: the site was down from Mark until this entry. Of that time at most the cap counts for a turn that ran.
type Resumed struct {
	Mark int64 `json:"mark"`
	Down int64 `json:"down"`
}

var _ = event("resumed", &Resumed{})

func (ev *Resumed) apply(s *State, e *Entry) {
	s.Resumes = append(s.Resumes, *ev)
	t := s.Current()
	if t == nil {
		return
	}
	if from := max(ev.Mark, t.Start) + ev.Down; from < e.Stamp.At {
		t.Lost = append(t.Lost[:len(t.Lost):len(t.Lost)], Span{from, e.Stamp.At})
	}
}
