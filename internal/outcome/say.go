package outcome

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"openmic/floor"
	"openmic/internal/words"
)

// teller writes a report in one language.
type teller struct {
	*Report
	l   *words.Language
	out []Block
}

// Say is the whole report in a language.
func (r *Report) Say(l *words.Language) Document {
	t := &teller{Report: r, l: l}
	t.version()
	t.facts()
	t.points()
	t.discussion()
	t.gifts()
	t.agreement()
	t.participation()
	t.waits()
	t.time()
	t.exceptions()
	return Document{t.Title, l.Tag(), l.Dir(), t.out}
}

// Plain is what goes into a form's box for the whole report: the discussion, what people brought, what was agreed.
func (r *Report) Plain(l *words.Language) string {
	t := &teller{Report: r, l: l}
	t.discussion()
	t.gifts()
	t.agreement()
	return plain(t.out)
}

func (t *teller) head(level int, id, text string) {
	t.out = append(t.out, Block{Head: text, Level: level, ID: id})
}
func (t *teller) text(text string)  { t.out = append(t.out, Block{Text: text}) }
func (t *teller) small(text string) { t.out = append(t.out, Block{Text: text, Small: true}) }
func (t *teller) items(items []Item) {
	if len(items) == 0 {
		items = []Item{{Text: t.l.Say("outcome.none")}}
	}
	t.out = append(t.out, Block{Items: items})
}
func (t *teller) table(columns []string, rows [][]string) {
	t.out = append(t.out, Block{Columns: columns, Rows: rows})
}

// dayTime writes a date as every language reads it, with how far the clock is from UTC.
func dayTime(at time.Time) string { return at.Format("2006-01-02 15:04 (UTC-07:00)") }

func (t *teller) at(m Moment) string {
	return t.l.Say("outcome.minute", "t", m.Clock.Format("15:04"), "d", m.Since)
}

func turnID(id floor.ID) string {
	if id == "" {
		return ""
	}
	return "turn-" + string(id)
}

func (t *teller) version() {
	switch {
	case t.Draft:
		t.small(t.l.Say("outcome.draft"))
	case t.Version == 1:
		t.small(t.l.Say("outcome.version-1", "t", dayTime(t.Frozen)))
	default:
		t.small(t.l.Say("outcome.version-2", "t", dayTime(t.Frozen), "until", dayTime(t.LateUntil)))
	}
	t.small(t.l.Say("outcome.from-record"))
}

func (t *teller) facts() {
	l := t.l
	t.head(2, "session", l.Say("outcome.facts"))
	var items []Item
	fact := func(key, value string) {
		if value != "" {
			items = append(items, Item{Text: l.Say("outcome.fact", "name", l.Say(key), "value", value)})
		}
	}
	if !t.Began.IsZero() {
		when := dayTime(t.Began)
		if !t.Ended.IsZero() {
			when = l.Say("outcome.ran", "from", t.Began.Format("2006-01-02 15:04"), "to", t.Ended.Format("15:04 (UTC-07:00)"))
		}
		fact("outcome.when", when)
	}
	fact("outcome.theme", t.Facts["theme"])
	var speakers, crew []string
	for _, s := range t.Speakers {
		speakers = append(speakers, s.Who.Say(l))
	}
	for _, s := range t.Crew {
		var roles []string
		for _, r := range []floor.Roles{floor.Organiser, floor.Chair, floor.Venue, floor.Desk, floor.Rapporteur} {
			if s.Roles.Has(r) {
				roles = append(roles, l.Say("role."+r.String()))
			}
		}
		crew = append(crew, l.Say("outcome.with-role", "who", s.Who.Say(l), "role", strings.Join(roles, ", ")))
	}
	fact("outcome.speakers", strings.Join(speakers, " · "))
	fact("outcome.crew", strings.Join(crew, " · "))
	items = append(items, Item{Text: l.Say("outcome.people", "n", t.People)})
	for _, self := range []struct {
		key string
		Few
	}{{"outcome.first", t.First}, {"outcome.youth", t.Youth}} {
		value := l.Say("outcome.few")
		if self.Told() {
			value = strconv.Itoa(self.N)
		}
		fact(self.key, value)
	}
	t.items(items)
	for i, q := range t.Questions {
		t.text(l.Say("outcome.question", "n", i+1, "text", q))
	}
}

func (t *teller) notesOf(list []Note) (items []Item) {
	for _, n := range list {
		i := Item{At: t.at(n.Moment), To: turnID(n.Turn), Text: n.asked(t.l)}
		if n.After {
			i.At, i.To = "", ""
		}
		var marks []string
		if n.Question > 0 {
			marks = append(marks, t.l.Say("common.question-number", "n", n.Question))
		}
		if n.Cut {
			marks = append(marks, t.l.Say("cut.provisional"))
		}
		i.Mark = strings.Join(marks, " · ")
		items = append(items, i)
	}
	return items
}

func (t *teller) points() {
	t.head(2, "takeaways", t.l.Say("outcome.takeaways"))
	t.items(t.notesOf(t.Points))
	t.head(2, "actions", t.l.Say("outcome.actions"))
	t.items(t.notesOf(t.Actions))
}

func (t *teller) agreement() {
	t.head(2, "agreed", t.l.Say("outcome.agreed"))
	t.items(t.notesOf(t.Agreed))
	t.head(2, "not-agreed", t.l.Say("outcome.not-agreed"))
	t.items(t.notesOf(t.Against))
}

func (t *teller) discussion() {
	l := t.l
	t.head(2, "discussion", l.Say("outcome.discussion"))
	for _, topic := range t.Topics {
		if topic.Question == 0 && len(topic.Turns)+len(topic.Notes)+len(topic.Unheard) == 0 {
			continue
		}
		if topic.Question > 0 {
			t.head(3, fmt.Sprintf("question-%d", topic.Question), l.Say("outcome.question", "n", topic.Question, "text", t.Questions[topic.Question-1]))
		} else {
			t.head(3, "other", l.Say("outcome.other"))
		}
		type dated struct {
			since int64
			Item
		}
		var lines []dated
		for _, s := range topic.Turns {
			lines = append(lines, dated{s.Since, t.said(s)})
		}
		for _, n := range topic.Notes {
			i := Item{Text: l.Say("outcome.note", "text", n.Text)}
			if !n.After {
				i.At, i.To = t.at(n.Moment), turnID(n.Turn)
			}
			lines = append(lines, dated{n.Since, i})
		}
		sortByTime(lines, func(d dated) int64 { return d.since })
		var items []Item
		for _, d := range lines {
			items = append(items, d.Item)
		}
		t.items(items)
		if len(topic.Unheard) > 0 {
			t.text(l.Say("outcome.unheard"))
			items = nil
			for _, s := range topic.Unheard {
				items = append(items, t.said(s))
			}
			t.items(items)
		}
	}
}

// said is one contribution: who, in which way, its line or that it has none, and what belongs to it.
func (t *teller) said(s Said) Item {
	l := t.l
	who := s.Who.Say(l)
	if s.Turned != "" && s.Turned != floor.LineTurn {
		who = l.Say("outcome.with-role", "who", who, "role", l.Say("turn."+s.Turned))
	}
	i := Item{ID: turnID(s.Turn), Text: l.Say("outcome.said", "who", who, "text", s.Words()), At: t.at(s.Moment)}
	var marks []string
	switch {
	case s.Words() == "":
		i.Text = l.Say("outcome.said", "who", who, "text", l.Say("outcome.no-line"))
	case s.Kind != "" && s.Kind != "question" && s.Kind != "comment":
		marks = append(marks, l.Say("kind."+s.Kind))
	}
	if s.Turned != "" && s.Line != "" && !s.Confirmed {
		marks = append(marks, l.Say("outcome.unconfirmed"))
	}
	if s.Turned == "" {
		switch {
		case s.Late:
			i.At = ""
			marks = append(marks, l.Say("outcome.late"))
			if s.End != "" {
				marks = append(marks, l.Say("disposition."+s.End))
			}
		case s.End != "":
			marks = append(marks, l.Say("disposition."+s.End))
		default:
			marks = append(marks, l.Say("outcome.waiting"))
		}
	}
	i.Mark = strings.Join(marks, " · ")
	if s.Card != "" && s.Line != "" {
		i.Under = append(i.Under, l.Say("outcome.card", "text", s.Card))
	}
	if s.Link != "" {
		i.Under = append(i.Under, s.Link)
	}
	if len(s.Also) > 0 {
		var also []string
		for _, w := range s.Also {
			also = append(also, w.Say(l))
		}
		i.Under = append(i.Under, l.Say("outcome.also", "who", strings.Join(also, " · ")))
	}
	for _, a := range s.Answers {
		i.Under = append(i.Under, l.Say("outcome.answer", "text", a))
	}
	return i
}

func (t *teller) gifts() {
	l := t.l
	t.head(2, "gifts", l.Say("outcome.gifts"))
	var items []Item
	for _, kind := range []string{"practice", "offer", "need", "material"} {
		for _, s := range t.Gifts[kind] {
			i := Item{At: t.at(s.Moment), To: turnID(s.Turn), Mark: l.Say("kind." + kind), Text: l.Say("outcome.said", "who", s.Who.Say(l), "text", s.Words())}
			if s.Late {
				i.At = ""
			}
			if s.Link != "" {
				i.Under = append(i.Under, s.Link)
			}
			items = append(items, i)
		}
	}
	for _, m := range t.Materials {
		items = append(items, Item{Text: m.Title, Mark: l.Say("kind.material"), Under: m.Rest})
	}
	t.items(items)
}
