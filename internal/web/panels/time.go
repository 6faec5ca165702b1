package panels

import (
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// Time is the session's time: its segments, what is left of the protected discussion, and what the discussion was spent on
// (seeds S2, S3).
type Time struct {
	page.Speaker
	Stage    string
	Locked   bool   // the main floor is given elsewhere, unheard
	Planned  string // when it should begin, and end
	EndPlan  string
	Now      string
	EndLong  string // the end when the length is kept
	KeepEnd  bool   // there is an end to keep
	End      string
	EndsAt   time.Time
	Segments []Segment
	Running  *Segment
	Next     *Segment
	Eaten    int64 // ms of the protected minutes that no longer fit
	Eater    string
	Spare    int64
	Each     string // "at 2:00 each, all 14 waiting can speak"
	Told     bool   // the running segment is a discussion: its time is told apart
	Audience int64  // ms
	Replies  int64
	Idle     int64
	Last     string // as of when these three are told, while the main floor is given where it is not heard; empty otherwise
	Open     int    // asks that would not be reached
}

// Segment is one timed part.
type Segment struct {
	ID        floor.ID
	Title     string
	Budget    int64 // ms
	Protected bool
	State     string // over, now, later
	From, To  string
	Left      int64     // ms
	Until     time.Time // of the one that runs
	Over      bool      // it runs longer than its budget
	Spent     int64     // ms
}

// TimeOf is the time as it stands.
func TimeOf(l *hall.Look) Time {
	total := int64(0)
	for i := range l.Segments {
		total += l.Segments[i].Budget
	}
	at := l.Now.UnixMilli()
	keep := l.Opened < 0 && l.State.End > at && at >= l.State.End-total-time.Hour.Milliseconds()
	sc := l.Schedule(l.At)
	if keep { // as it would be if the session began now and the end stayed
		s := l.Clone()
		s.Opened, s.OpenWall = l.At, at
		sc = s.Schedule(l.At)
	}
	t := Time{Speaker: l.Lang, Last: l.Last(), Stage: stage(l), Locked: l.Elsewhere(), Now: l.Clock(l.At), End: l.Clock(sc.End), EndsAt: l.Moment(sc.End), Eaten: sc.Eaten, Spare: sc.Spare,
		Open: len(l.Line), KeepEnd: keep, EndLong: wall(l, at+total)}
	secured := int64(0)
	for i := range l.Segments {
		g := &l.Segments[i]
		slot := sc.Slots[i]
		s := Segment{ID: g.ID, Title: l.Text(g.Title), Budget: g.Budget, Protected: g.Protected, State: "later", From: l.Clock(slot.From), To: l.Clock(slot.To), Left: slot.Left}
		if s.Title == "" {
			s.Title = l.Lang.Say("segment." + g.Kind)
		}
		if g.Protected || g.Kind == "discussion" {
			secured += slot.Left
		}
		switch {
		case g.Ended >= 0:
			s.State, s.Spent = "over", g.Ended-g.Begun
		case g.Begun >= 0:
			s.State, s.Spent, s.Until = "now", l.At-g.Begun, l.Moment(g.Begun+g.Budget)
			s.Over = s.Spent > g.Budget
			if g.Kind == "discussion" || g.Protected {
				t.Told = true
				t.Audience, t.Replies, t.Idle = l.Spent(g, max(g.Begun, heard(l)))
			} else {
				t.Eater = s.Title
			}
		}
		t.Segments = append(t.Segments, s)
	}
	for i := range t.Segments {
		switch s := &t.Segments[i]; {
		case s.State == "now":
			t.Running = s
		case s.State == "later" && t.Next == nil:
			t.Next = s
		}
	}
	t.Each = each(l, secured)
	if l.Start > 0 {
		t.Planned, t.EndPlan = wall(l, l.Start), wall(l, l.State.End)
	}
	return t
}

// each says how long everybody who waits can speak in the discussion that is left.
func each(l *hall.Look, left int64) string {
	n := int64(len(l.Waiting(floor.Room)) + len(l.Waiting(floor.Online)))
	if n == 0 || left <= 0 || l.Adjourned >= 0 {
		return ""
	}
	if n*l.Rule.L <= left {
		return l.Lang.Say("panels.each-all", "n", n, "d", l.Rule.L)
	}
	return l.Lang.Say("panels.each-some", "n", n, "m", left/l.Rule.L, "d", l.Rule.L, "less", left/n)
}
