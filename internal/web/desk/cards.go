package desk

import (
	"cmp"
	"slices"
	"strconv"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// cards are those that have not ended: first what waits for the desk, then by place, the hidden last.
type cards struct {
	page.Speaker
	Rows    []card
	More    int
	Waiting int // how many wait for the desk
	Kinds   []page.Choice
	Asked   []page.Choice // policy questions
	Most    int
}

// card is one of them.
type card struct {
	Ticket        floor.ID
	Who, Group    string
	Side, SideSay string
	Kind, KindKey string
	Question      int
	Text          string
	Link, Lang    string
	Length        int64 // ms to read it out
	Long          bool  // longer than the session's limit
	Place         int   // within the side, 0 when it does not wait
	State         string
	Approve       bool // it can be approved
	Hold          bool // it can be held
	Fixed         bool // called or being read: nothing can be changed
	Hidden        bool
	Ask           string // what the author was asked
	Backers       int
	Others        []page.Choice // those it may be merged into
	At            string
	Pressed       string // when, as a phone says that had no network then
}

func cardsOf(l *hall.Look) cards {
	out := cards{Speaker: l.Lang, Most: floor.LongCard}
	for _, k := range floor.ContributionKinds {
		out.Kinds = append(out.Kinds, page.Choice{Value: k, Label: l.Lang.Say("kind." + k)})
	}
	if len(l.Questions) > 0 {
		out.Asked = append(out.Asked, page.Choice{Value: "0", Label: "—"})
		for i, q := range l.Questions {
			out.Asked = append(out.Asked, page.Choice{Value: strconv.Itoa(i + 1), Label: strconv.Itoa(i+1) + " · " + first(l.Text(q), 80)})
		}
	}
	var open []*floor.Ticket
	for i := range l.Tickets {
		if t := &l.Tickets[i]; t.Form == floor.Card && t.Live() {
			open = append(open, t)
		}
	}
	rank := func(t *floor.Ticket) int {
		switch {
		case t.Hidden:
			return 3
		case !t.Approved && !t.AskedBack:
			return 0
		case t.Held:
			return 2
		}
		return 1
	}
	slices.SortStableFunc(open, func(a, b *floor.Ticket) int { return cmp.Compare(rank(a), rank(b)) })
	var others []page.Choice
	for _, t := range open {
		if rank(t) == 0 {
			out.Waiting++
		}
		if !t.Hidden && len(others) < rows {
			others = append(others, page.Choice{Value: string(t.ID), Label: l.Crew(t.Person) + ": " + first(l.Text(t.Text), 60)})
		}
	}
	for _, t := range open {
		if len(out.Rows) == rows {
			out.More = len(open) - rows
			break
		}
		out.Rows = append(out.Rows, cardOf(l, t, others))
	}
	return out
}

func cardOf(l *hall.Look, t *floor.Ticket, others []page.Choice) card {
	c := card{Ticket: t.ID, Who: l.Crew(t.Person), Group: l.Group(t.Person), Side: t.Side.String(), SideSay: l.Lang.Say("side." + t.Side.String()),
		Kind: l.Lang.Say("kind." + t.Kind), KindKey: t.Kind, Question: t.Question, Text: l.Text(t.Text), Link: l.Text(t.Link), Lang: l.Text(t.Lang),
		Hidden: t.Hidden, Backers: len(t.Backers), At: l.Clock(t.Asked)}
	if t.Ago > 0 {
		c.Pressed = l.Lang.Say("panels.mark.ago", "t", l.Clock(t.Asked-t.Ago))
	}
	length := page.Aloud(c.Text)
	c.Length, c.Long = length.Milliseconds(), length.Seconds() > float64(l.Settings.CardSeconds)
	c.Fixed = t.Status != floor.Waiting
	c.Approve = (!t.Approved || t.Held) && !c.Fixed
	c.Hold = !c.Approve && !c.Fixed
	if t.AskedBack {
		c.Ask = l.Text(t.Ask)
	}
	c.Place = l.Places()[t.ID].Number
	switch {
	case c.Fixed:
		c.State = l.Lang.Say("wall.reading")
	case t.Hidden:
		c.State = l.Lang.Say("panels.state.hidden")
	case t.AskedBack:
		c.State = l.Lang.Say("desk.asked-back")
	case t.Held:
		c.State = l.Lang.Say("panels.state.held")
	case !t.Approved:
		c.State = l.Lang.Say("panels.state.approval")
	}
	for _, o := range others {
		if o.Value != string(t.ID) {
			c.Others = append(c.Others, o)
		}
	}
	return c
}

// first is the beginning of a text.
func first(text string, letters int) string {
	if r := []rune(text); len(r) > letters {
		return string(r[:letters]) + "…"
	}
	return text
}
