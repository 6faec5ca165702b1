package outcome

import (
	"strings"

	"openmic/internal/words"
)

// onePage is how many lines of each sort fit on one page.
const onePage = 6

// Officials is the page for officials in a language (seed S12). What people said stands there only if they agreed to
// hand it over, named by the fields they chose for it; takeaways, agreement and calls to action are the rapporteur's.
func (r *Report) Officials(l *words.Language) Document {
	t := &teller{Report: r, l: l}
	t.small(l.Say("outcome.not-negotiated"))
	t.version()
	if n := len(t.Apart); n > 0 && t.Apart[n-1].Length == 0 {
		t.small(l.Say("outcome.apart-now"))
	}
	if !t.Began.IsZero() {
		t.text(l.Say("outcome.fact", "name", l.Say("outcome.when"), "value", dayTime(t.Began)))
	}
	said, offers, left := t.handed()
	t.head(2, "asked", l.Say("outcome.what-was-asked"))
	for i, q := range t.Questions {
		t.text(l.Say("outcome.question", "n", i+1, "text", q))
	}
	if len(said) > 0 || len(t.Questions) == 0 {
		t.some(said)
	}
	t.head(2, "agreed", l.Say("outcome.agreed"))
	t.some(t.notesOf(t.Agreed))
	t.head(2, "not-agreed", l.Say("outcome.not-agreed"))
	t.some(t.notesOf(t.Against))
	t.head(2, "asked-of", l.Say("outcome.asked-of-whom"))
	t.some(t.notesOf(t.Actions))
	t.head(2, "offers", l.Say("outcome.offered"))
	t.some(offers)
	t.small(l.Say("outcome.left-out", "n", left))
	for i := range t.out {
		for k := range t.out[i].Items {
			t.out[i].Items[k].To = "" // the discussion it points to is not on this page
		}
	}
	return Document{l.Say("outcome.for-officials", "title", t.Title), l.Tag(), l.Dir(), t.out}
}

// some keeps a list to a part of one page.
func (t *teller) some(items []Item) {
	if n := len(items) - onePage; n > 0 {
		items = append(items[:onePage:onePage], Item{Text: t.l.Say("common.and-more", "n", n)})
	}
	t.items(items)
}

// handed are the contributions that may be handed over, those that offer or need something apart, and how many may
// not be. A contribution without words is neither.
func (t *teller) handed() (said, offers []Item, left int) {
	l := t.l
	for _, topic := range t.Topics {
		for _, list := range [][]Said{topic.Turns, topic.Unheard} {
			for _, s := range list {
				switch {
				case s.Words() == "":
					continue
				case s.officials == nil:
					left++
					continue
				}
				i := Item{At: t.at(s.Moment), Text: l.Say("outcome.said", "who", s.officials.Say(l), "text", s.Words())}
				if s.Late {
					i.At = ""
				}
				switch s.Kind {
				case "practice", "offer", "need", "material":
					i.Mark = l.Say("kind." + s.Kind)
					if s.Link != "" {
						i.Text = strings.TrimSpace(i.Text + " " + s.Link)
					}
					offers = append(offers, i)
				default:
					said = append(said, i)
				}
			}
		}
	}
	return said, offers, left
}
