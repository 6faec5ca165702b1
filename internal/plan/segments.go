package plan

import "strings"

// Segment is one timed part of the session, ready to become the plan. Title is the proposal's own word for it, empty
// where the segment is ours; screens then show the kind.
type Segment struct {
	Kind      string // "welcome", "panel", "discussion", "closing" or "other"
	Minutes   int
	Protected bool // the minutes are secured: the panel may not eat them (seed S2)
	Title     string
	Doubt     Code // why it may be wrong; empty when the proposal says it in a field
}

// The kinds of a segment.
const (
	SegmentWelcome    = "welcome"
	SegmentPanel      = "panel"
	SegmentDiscussion = "discussion"
	SegmentClosing    = "closing"
	SegmentOther      = "other"
)

// assumedMinutes is the length of a session that states none.
const assumedMinutes = 60

// kindWords decide the kind of a part, the first that fits. An "open discussion with the panel" is a discussion.
var kindWords = []struct {
	kind  string
	words []string
}{
	{SegmentDiscussion, []string{"discussion", "q&a", "question", "open mic", "open floor", "audience", "debate", "participants", "interact", "dialogue", "roundtable", "round table", "feedback"}},
	{SegmentClosing, []string{"closing", "close", "conclusion", "concluding", "wrap", "summary", "takeaway", "final"}},
	{SegmentWelcome, []string{"welcome", "opening", "introduc", "intro"}},
	{SegmentPanel, []string{"panel", "speaker", "present", "keynote", "talk", "interven", "remarks", "statement", "tour", "demo"}},
}

func segmentKind(name string) string {
	name = strings.ToLower(name)
	for _, k := range kindWords {
		for _, w := range k.words {
			if strings.Contains(name, w) {
				return k.kind
			}
		}
	}
	return SegmentOther
}

// Segments are the timed parts of the session: the proposal's own where it has a time plan, otherwise a guess from
// minutes and format that gives the discussion at least as much as the panel. Discussion is always protected. Minutes
// the plan leaves open become a welcome and a closing. The sum is the length of the session, unless the plan is longer.
func (p *Proposal) Segments() []Segment {
	total := int(p.DurationMin)
	if len(p.TimePlan) == 0 {
		return guessSegments(total, strings.ToLower(string(p.Format)))
	}
	var plan []Segment
	sum := 0
	for _, part := range p.TimePlan {
		s := Segment{Kind: segmentKind(part.Part), Minutes: part.Minutes, Title: part.Part}
		s.Protected = s.Kind == SegmentDiscussion
		switch d := p.Doubts["time_plan"]; {
		case part.Derived:
			s.Doubt = Derived
		case d.Code != "" && d.Code != InPart:
			s.Doubt = d.Code
		}
		sum += part.Minutes
		plan = append(plan, s)
	}
	if left := total - sum; left > 0 {
		welcome := min(5, left)
		plan = append([]Segment{{Kind: SegmentWelcome, Minutes: welcome, Doubt: SumDisagrees}}, plan...)
		if left > welcome {
			plan = append(plan, Segment{Kind: SegmentClosing, Minutes: left - welcome, Doubt: SumDisagrees})
		}
	}
	return plan
}

// guessSegments divides a session that has no time plan. Very short ones, as lightning talks, have no welcome.
func guessSegments(total int, format string) []Segment {
	doubt := FromShape
	if total == 0 {
		total, doubt = assumedMinutes, NotFound
	}
	edge := 5
	if total <= 30 {
		edge = total / 10
	}
	middle := total - 2*edge
	panel := middle / 2
	if strings.Contains(format, "round") || strings.Contains(format, "open mic") || strings.Contains(format, "birds") || strings.Contains(format, "townhall") || strings.Contains(format, "town hall") {
		panel = middle / 3
	}
	panel -= panel % 5
	if panel == 0 {
		panel = middle / 2
	}
	var plan []Segment
	for _, s := range []Segment{
		{Kind: SegmentWelcome, Minutes: edge}, {Kind: SegmentPanel, Minutes: panel},
		{Kind: SegmentDiscussion, Minutes: middle - panel, Protected: true}, {Kind: SegmentClosing, Minutes: edge},
	} {
		if s.Minutes > 0 {
			s.Doubt = doubt
			plan = append(plan, s)
		}
	}
	return plan
}
