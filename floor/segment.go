package floor

import (
	"strconv"
	"strings"
)

// A Segment is one timed part of the session (seed S2).
type Segment struct {
	ID        ID     `json:"id"`
	Kind      string `json:"kind"`
	Title     Text   `json:"title"`
	Budget    int64  `json:"budget"`    // ms
	Protected bool   `json:"protected"` // its minutes are secured
	Begun     int64  `json:"begun"`     // ms, -1 before
	Ended     int64  `json:"ended"`     // ms, -1 before
}

// SegmentKinds lists what a segment may be.
var SegmentKinds = []string{"welcome", "panel", "discussion", "closing", "other"}

// A SegmentPlan is a segment as an organiser plans it.
type SegmentPlan struct {
	Kind      string `json:"kind"`
	Title     string `json:"title,omitempty"`
	Minutes   int64  `json:"minutes"`
	Protected bool   `json:"protected,omitempty"`
}

// Plan sets what the session is about and how its time is cut. It may be given again until the session opens.
type Plan struct {
	Title     string            `json:"title"`
	Facts     map[string]string `json:"facts,omitempty"` // theme, description, gain, outcomes, hybrid, primer …: any lower-case key
	Questions []string          `json:"questions,omitempty"`
	Materials []string          `json:"materials,omitempty"`
	Segments  []SegmentPlan     `json:"segments"`
	Start     int64             `json:"start,omitempty"` // Unix ms
}

var _ = command("plan", &Plan{})

// latestStart is the end of the year 2200, Unix ms: no calendar writes what lies far beyond.
const latestStart = 7_289_654_400_000

func (*Plan) may() Roles { return Organiser }

func (c *Plan) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if s.Opened >= 0 {
		return nil, refuse("opened")
	}
	ev := &Planned{Questions: len(c.Questions), Materials: len(c.Materials), Start: c.Start}
	title, err := need("title", c.Title, LongLine)
	if err != nil {
		return nil, err
	}
	ev.Said.put("title", title)
	if len(c.Questions) > 30 || len(c.Materials) > 50 || len(c.Segments) > 40 || len(c.Facts) > 30 {
		return nil, &BadInput{"plan", "many", 30}
	}
	for _, l := range []struct {
		name string
		list []string
	}{{"question", c.Questions}, {"material", c.Materials}} {
		for i, q := range l.list {
			q, err := text(l.name, q, LongText)
			if err != nil {
				return nil, err
			}
			if q == "" {
				return nil, &BadInput{l.name, "empty", 0}
			}
			ev.Said.put(l.name+"."+strconv.Itoa(i+1), q)
		}
	}
	for k, v := range c.Facts {
		if err := opaque("facts", k); err != nil {
			return nil, err
		}
		if k == "" || strings.ToLower(k) != k { // a key stands in the entry: it is the name of a field, no words
			return nil, &BadInput{"facts", "letters", 0}
		}
		v, err := text(k, v, LongText*4)
		if err != nil {
			return nil, err
		}
		ev.Said.put("fact."+k, v)
	}
	if c.Start < 0 || c.Start > latestStart {
		return nil, &BadInput{"start", "date", 0}
	}
	total := int64(0)
	for i, g := range c.Segments {
		if !oneOf(g.Kind, SegmentKinds) {
			return nil, &BadInput{"segments", "choice", 0}
		}
		if g.Minutes < 1 || g.Minutes > 24*60 {
			return nil, &BadInput{"minutes", "time", 24 * 60}
		}
		t, err := line("segment", g.Title, LongLine)
		if err != nil {
			return nil, err
		}
		ev.Said.put("segment."+strconv.Itoa(i+1), t)
		ev.Segments = append(ev.Segments, Segment{ID: ID("s" + strconv.Itoa(i+1)), Kind: g.Kind, Budget: g.Minutes * 60_000,
			Protected: g.Protected, Begun: -1, Ended: -1})
		total += g.Minutes * 60_000
	}
	if len(ev.Segments) == 0 {
		return nil, &BadInput{"segments", "empty", 0}
	}
	if c.Start > 0 {
		ev.End = c.Start + total
	}
	return []Event{ev}, nil
}

func oneOf(v string, list []string) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// Planned: the plan of the session, whole.
type Planned struct {
	spoken
	Questions int       `json:"questions"`
	Materials int       `json:"materials"`
	Segments  []Segment `json:"segments"`
	Start     int64     `json:"start"`
	End       int64     `json:"end"`
}

var _ = event("planned", &Planned{})

func (ev *Planned) apply(s *State, e *Entry) {
	s.Title = e.text("title")
	s.Questions, s.Materials, s.Facts = nil, nil, nil
	for i := range min(ev.Questions, 30) {
		s.Questions = append(s.Questions, e.text("question."+strconv.Itoa(i+1)))
	}
	for i := range min(ev.Materials, 50) {
		s.Materials = append(s.Materials, e.text("material."+strconv.Itoa(i+1)))
	}
	for _, f := range sortedKeys(e.Said) {
		if len(f) > 5 && f[:5] == "fact." {
			s.Facts = append(s.Facts, e.text(f))
		}
	}
	s.Segments = nil
	for i, g := range ev.Segments {
		g.Title = e.text("segment." + strconv.Itoa(i+1))
		s.Segments = append(s.Segments, g)
	}
	s.Start, s.End = ev.Start, ev.End
}

// Open starts the session, possibly later than planned: "we start at 14:12, the end stays 15:30". Its first segment
// begins.
type Open struct {
	KeepLength bool `json:"keepLength,omitempty"` // the end moves with the start instead
}

var _ = command("open", &Open{})

func (*Open) may() Roles { return Operators }

func (c *Open) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if s.Opened >= 0 {
		return nil, refuse("opened")
	}
	ev := &Opened{End: s.End}
	total := int64(0)
	for _, g := range s.Segments {
		total += g.Budget
	}
	// An end that has passed, or lies days away, is no end to keep.
	if c.KeepLength || s.End == 0 || m.Wall >= s.End || m.Wall < s.End-total-60*60_000 {
		ev.End = m.Wall + total
	}
	out := []Event{ev}
	if len(s.Segments) > 0 {
		out = append(out, &Begun{Segment: s.Segments[0].ID})
	}
	return out, nil
}

// Opened: the session has begun; it ends at this wall time.
type Opened struct {
	End int64 `json:"end"` // Unix ms
}

var _ = event("opened", &Opened{})

func (ev *Opened) apply(s *State, e *Entry) {
	if s.Opened >= 0 {
		s.friction(e)
		return
	}
	s.Opened, s.OpenWall, s.End = e.Stamp.At, e.Wall, ev.End
}

// Running is the segment that runs, or nil.
func (s *State) Running() *Segment {
	for i := range s.Segments {
		if g := &s.Segments[i]; g.Begun >= 0 && g.Ended < 0 {
			return g
		}
	}
	return nil
}

// Begin goes on to a segment; the one that ran ends.
type Begin struct {
	Segment ID `json:"segment,omitempty"` // empty: the next
}

var _ = command("begin", &Begin{})

func (*Begin) may() Roles { return Operators }

func (c *Begin) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if s.Opened < 0 {
		return nil, refuse("notopen")
	}
	for i := range s.Segments {
		g := &s.Segments[i]
		if c.Segment == g.ID || c.Segment == "" && g.Begun < 0 {
			if g.Begun >= 0 && g.Ended < 0 {
				return nil, refuse("already")
			}
			return []Event{&Begun{g.ID}}, nil
		}
	}
	return nil, refuse("nosegment")
}

// Begun: a segment runs from now on.
type Begun struct {
	Segment ID `json:"segment"`
}

var _ = event("begun", &Begun{})

func (ev *Begun) apply(s *State, e *Entry) {
	found := false
	for i := range s.Segments {
		found = found || s.Segments[i].ID == ev.Segment
	}
	if !found {
		s.friction(e)
		return
	}
	for i := range s.Segments {
		g := &s.Segments[i]
		if g.Begun >= 0 && g.Ended < 0 {
			g.Ended = e.Stamp.At
		}
		if g.ID == ev.Segment {
			if g.Begun < 0 {
				g.Begun = e.Stamp.At
			}
			g.Ended = -1
		}
	}
}

// Stretch changes a segment's budget or protection; the change is on record.
type Stretch struct {
	Segment   ID    `json:"segment"`
	Minutes   int64 `json:"minutes,omitempty"` // added; may be negative
	Protected *bool `json:"protected,omitempty"`
}

var _ = command("stretch", &Stretch{})

func (*Stretch) may() Roles { return Chair | Organiser }

func (c *Stretch) decide(s *State, m Moment, by Actor) ([]Event, error) {
	for i := range s.Segments {
		g := &s.Segments[i]
		if g.ID != c.Segment {
			continue
		}
		budget := g.Budget + c.Minutes*60_000
		if c.Minutes < -24*60 || c.Minutes > 24*60 || budget < 60_000 {
			return nil, &BadInput{"minutes", "time", 24 * 60}
		}
		ev := &Stretched{g.ID, budget, g.Protected}
		if c.Protected != nil {
			ev.Protected = *c.Protected
		}
		return []Event{ev}, nil
	}
	return nil, refuse("nosegment")
}

// Stretched: a segment has this budget (ms) from now on.
type Stretched struct {
	Segment   ID    `json:"segment"`
	Budget    int64 `json:"budget"`
	Protected bool  `json:"protected"`
}

var _ = event("stretched", &Stretched{})

func (ev *Stretched) apply(s *State, e *Entry) {
	for i := range s.Segments {
		if g := &s.Segments[i]; g.ID == ev.Segment {
			g.Budget, g.Protected = ev.Budget, ev.Protected
			return
		}
	}
	s.friction(e)
}

// Adjourn ends the session. Every ask that is still open has not been reached.
type Adjourn struct{}

var _ = command("adjourn", &Adjourn{})

func (*Adjourn) may() Roles { return Chair | Organiser }

func (c *Adjourn) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if s.Opened < 0 {
		return nil, refuse("notopen")
	}
	return []Event{&Adjourned{}}, nil
}

// Adjourned: the session has ended.
type Adjourned struct{}

var _ = event("adjourned", &Adjourned{})

func (ev *Adjourned) apply(s *State, e *Entry) {
	if s.Adjourned >= 0 {
		s.friction(e)
		return
	}
	if t := s.Current(); t != nil {
		s.stop(t, e)
	}
	s.Calling = false
	s.Adjourned, s.AdjournWall = e.Stamp.At, e.Wall
	for i := range s.Tickets {
		if t := &s.Tickets[i]; t.Live() {
			s.end(t, NotReached, e)
		}
	}
	for i := range s.Segments {
		if g := &s.Segments[i]; g.Begun >= 0 && g.Ended < 0 {
			g.Ended = e.Stamp.At
		}
	}
	s.Wishes = nil
}

// Freeze dates version 1 of the report; what comes later makes version 2 (seed S12).
type Freeze struct{}

var _ = command("freeze", &Freeze{})

func (*Freeze) may() Roles  { return Rapporteur | Chair | Organiser }
func (*Freeze) afterwards() {}

func (c *Freeze) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if s.Adjourned < 0 {
		return nil, refuse("notended")
	}
	if s.Frozen > 0 {
		return nil, refuse("already")
	}
	return []Event{&Frozen{}}, nil
}

// Frozen: version 1 of the report is what the journal holds up to this entry.
type Frozen struct{}

var _ = event("frozen", &Frozen{})

func (ev *Frozen) apply(s *State, e *Entry) {
	if s.Frozen > 0 {
		s.friction(e)
		return
	}
	s.Frozen = e.Wall
	s.First = s.Clone()
}

// A Slot is what is left for a segment when the end of the session stays where it is.
type Slot struct {
	Segment ID
	From    int64 // session time, ms; for one that has begun, its beginning
	To      int64
	Left    int64 // ms still to be spent in it
}

// A Schedule is the session's time as it stands.
type Schedule struct {
	Slots []Slot
	End   int64 // session time of the planned end, ms
	Left  int64 // until the end, ms; negative when it has passed
	Eaten int64 // how much of the protected minutes, planned and not yet spent, no longer fit before the end, ms
	Spare int64 // what is left beyond all budgets, ms
}

// Schedule fits the segments that are not over into the time until the end: the panel shrinks first, then the others
// that are not protected, in their order; protected ones keep their minutes until nothing else is left to give.
func (s *State) Schedule(now int64) Schedule {
	end := s.Opened + (s.End - s.OpenWall)
	if s.Opened < 0 {
		total := int64(0)
		for _, g := range s.Segments {
			total += g.Budget
		}
		end = now + total
	}
	sc := Schedule{End: end, Left: end - now}
	var soft, hard int64
	want := make([]int64, len(s.Segments))
	for i := range s.Segments {
		g := &s.Segments[i]
		if g.Ended >= 0 {
			continue
		}
		want[i] = g.Budget
		if g.Begun >= 0 {
			want[i] = max(0, g.Budget-(now-g.Begun))
		}
		if g.Protected {
			hard += want[i]
		} else {
			soft += want[i]
		}
	}
	left := max(0, sc.Left)
	sc.Spare = max(0, left-hard-soft)
	sc.Eaten = max(0, hard-left)
	short := max(0, soft-max(0, left-hard))
	eaten := sc.Eaten
	shrink := func(cut *int64, which func(g *Segment) bool) {
		for i := range want {
			if which(&s.Segments[i]) {
				less := min(want[i], *cut)
				*cut -= less
				want[i] -= less
			}
		}
	}
	shrink(&short, func(g *Segment) bool { return !g.Protected && g.Kind == "panel" })
	shrink(&short, func(g *Segment) bool { return !g.Protected })
	shrink(&eaten, func(g *Segment) bool { return g.Protected })
	at := now
	for i := range s.Segments {
		g := &s.Segments[i]
		if g.Ended >= 0 {
			sc.Slots = append(sc.Slots, Slot{g.ID, g.Begun, g.Ended, 0})
			continue
		}
		slot := Slot{g.ID, at, at + want[i], want[i]}
		at = slot.To
		if g.Begun >= 0 {
			slot.From = g.Begun
		}
		sc.Slots = append(sc.Slots, slot)
	}
	return sc
}

// Spent tells apart what a segment's time went into, ms: audience is turns from the line, replies everything else
// that was spoken, idle the rest.
func (s *State) Spent(g *Segment, now int64) (audience, replies, idle int64) {
	if g == nil || g.Begun < 0 {
		return
	}
	end := now
	if g.Ended >= 0 {
		end = g.Ended
	}
	for i := range s.Turns {
		t := &s.Turns[i]
		n := Span{t.Start, t.end(now)}.within(g.Begun, end)
		switch {
		case t.Kind == SideTurn: // elsewhere at the same time
		case t.Charged():
			audience += n
		default:
			replies += n
		}
	}
	return audience, replies, max(0, end-g.Begun-audience-replies)
}
