package outcome

import (
	"slices"

	"openmic/floor"
)

// A Topic is what was said about one policy question (seed S4); the last topic is everything else.
type Topic struct {
	Question int // 0 for everything else
	Turns    []Said
	Notes    []Note
	Unheard  []Said // asks that were not reached, or answered in writing only
}

// Said is a contribution: a turn, or a card that had none.
type Said struct {
	Moment
	Turn      floor.ID
	Ticket    floor.ID
	Who       Who
	Turned    string // kind of turn: line, read, reply …; empty for a card without one
	Kind      string // question, comment, offer …; empty where nobody asked
	Line      string // the one line of content
	Confirmed bool   // by the rapporteur; otherwise it is what the ask was about
	Card      string // the words of a card that was read out, or would have been
	Link      string
	Lang      string
	Also      []Who // whose point was made
	Answers   []string
	End       string // disposition of an ask that was not spoken or read
	Late      bool   // written after the session

	officials *Who // as they may be named to officials; nil without that consent
}

// Words is what is known of the contribution's content: the line, or else the card.
func (s Said) Words() string {
	if s.Line != "" {
		return s.Line
	}
	return s.Card
}

// inOrder lists the turns by their start; one entered afterwards stands where it was spoken.
func (b *builder) inOrder() []*floor.Turn {
	var out []*floor.Turn
	for i := range b.Turns {
		out = append(out, &b.Turns[i])
	}
	sortByTime(out, func(t *floor.Turn) int64 { return t.Start })
	return out
}

func topicOf(r *Report, question int) int {
	if question < 1 || question > len(r.Questions) {
		return len(r.Questions)
	}
	return question - 1
}

func (b *builder) talk(r *Report) {
	r.Topics = make([]Topic, len(r.Questions)+1)
	for i := range r.Questions {
		r.Topics[i].Question = i + 1
	}
	r.Gifts = map[string][]Said{}
	gift := func(s Said) {
		if slices.Contains([]string{"practice", "offer", "need", "material"}, s.Kind) && s.Words() != "" {
			r.Gifts[s.Kind] = append(r.Gifts[s.Kind], s)
		}
	}
	for _, t := range b.inOrder() {
		s := b.turn(t)
		topic := &r.Topics[topicOf(r, t.Question)]
		topic.Turns = append(topic.Turns, s)
		gift(s)
	}
	for i := range b.Tickets {
		t := &b.Tickets[i]
		if !b.tellable(t) {
			continue
		}
		s := Said{Moment: b.moment(max(t.Asked, b.Opened)), Ticket: t.ID, End: b.ended(t), Late: t.Late}
		b.words(&s, t)
		if s.Words() == "" {
			continue
		}
		topic := &r.Topics[topicOf(r, t.Question)]
		topic.Unheard = append(topic.Unheard, s)
		gift(s)
	}
}

// tellable: the ask had no turn, and its words may stand in a report. What was merged stands with its other half,
// what was withdrawn is only counted, and nothing is told that the desk has not let through.
func (b *builder) tellable(t *floor.Ticket) bool {
	if t.Turn != "" || t.Hidden || t.Held || t.End == floor.ByMerging || t.End == floor.ByWithdrawing {
		return false
	}
	if t.Form == floor.Card {
		return t.Approved || len(t.Answers) > 0
	}
	p := b.Person(t.Person)
	return p != nil && (p.Cleared || b.Settings.WallAll || len(t.Answers) > 0)
}

func (b *builder) turn(t *floor.Turn) Said {
	s := Said{Moment: b.moment(t.Start), Turn: t.ID, Turned: t.Kind, Who: b.who(t.Person, t.Side, forReport)}
	s.officials = b.official(t.Person)
	if k := b.Ticket(t.Ticket); k != nil && !k.Hidden {
		s.Ticket = k.ID
		b.words(&s, k)
		if t.Kind != floor.ReadTurn {
			s.Card = ""
		}
	}
	if line := b.Words(t.Line); line != "" {
		s.Line, s.Confirmed = line, true
	}
	// Of whose turn it was is known better than of whose ask.
	s.Who = b.who(t.Person, t.Side, forReport)
	s.officials = b.official(t.Person)
	return s
}

func (b *builder) words(s *Said, t *floor.Ticket) {
	s.Who, s.Kind = b.who(t.Person, t.Side, forReport), t.Kind
	s.Line, s.Link, s.Lang = b.Words(t.About), b.Words(t.Link), b.Words(t.Lang)
	if t.Form == floor.Card {
		s.Card = b.Words(t.Text)
		if s.Line == s.Card {
			s.Line = ""
		}
	}
	for _, p := range t.Backers {
		s.Also = append(s.Also, b.who(p, t.Side, forReport))
	}
	for _, a := range t.Answers {
		if v := b.Words(a); v != "" {
			s.Answers = append(s.Answers, v)
		}
	}
	s.officials = b.official(t.Person)
}

// official names a person as they agreed for officials; nil when their words are not for them.
func (b *builder) official(id floor.ID) *Who {
	if b.fields(id, forOfficials) == 0 {
		return nil
	}
	w := b.who(id, floor.Room, forOfficials)
	return &w
}
