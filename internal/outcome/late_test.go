package outcome

import (
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/words"
)

// Every card written after the session has ended when the time for answers is over: answered, or not reached. Until then
// it is open, and version 1 knows nothing of it.
func TestLateCardsEnd(t *testing.T) {
	s := tell(t)
	s.as("porg", floor.Organiser, &floor.Plan{Title: "Islands", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 30}}})
	for _, p := range []floor.ID{"pana", "pben"} {
		s.as(p, floor.Participant, &floor.Join{Side: floor.Online})
	}
	s.chair(&floor.Open{})
	s.to(30, 0)
	s.chair(&floor.Adjourn{})
	s.chair(&floor.Freeze{})
	s.to(60, 0)
	answered := s.as("pana", floor.Participant, &floor.Write{Text: "Who repairs the mast?"})
	left := s.as("pben", floor.Participant, &floor.Write{Text: "Who pays for the diesel?"})
	for _, id := range []floor.ID{answered, left} {
		s.chair(&floor.Approve{Ticket: id})
	}
	s.chair(&floor.Answer{Ticket: answered, Text: "The school does."})
	report := func(minute int) string {
		s.to(minute, 1)
		return Build(s.source(), Newest).Say(words.Languages()[0]).Markdown()
	}
	const week = 7 * 24 * 60
	told := report(week + 29)
	for _, want := range []string{"2 cards came after the session. · answered in writing: 1", "written after the session · answered in writing"} {
		if !strings.Contains(told, want) {
			t.Errorf("until day 7 the report says nothing like %q", want)
		}
	}
	if strings.Contains(told, "written after the session · not reached") {
		t.Error("a card ended before its time")
	}
	told = report(week + 31)
	for _, want := range []string{"answered in writing: 1 · not reached: 1", "written after the session · not reached"} {
		if !strings.Contains(told, want) {
			t.Errorf("after day 7 the report says nothing like %q:\n%s", want, told)
		}
	}
	r := Build(s.source(), Newest)
	if n := len(r.After.Ended); n != 2 || r.After.Waiting != 0 {
		t.Errorf("after day 7 %d wait, %v", r.After.Waiting, r.After.Ended)
	}
	if r := Build(s.source(), First); r.After.Asked != 0 {
		t.Error("version 1 has grown")
	}
}
