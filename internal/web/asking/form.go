package asking

import (
	"strconv"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// Edit are the words of an ask that may still change. Their ids begin with prefix, so that they can stand beside others.
func Edit(l *hall.Look, prefix string, t *floor.Ticket) []page.Field {
	f := page.Field{Name: "about", ID: prefix + "about", Label: l.Lang.Say("line.about"), Value: l.Text(t.About), Most: floor.LongLine}
	if t.Form == floor.Card {
		f = page.Field{Name: "text", ID: prefix + "text", Label: l.Lang.Say("line.text"), Type: "area", Value: l.Text(t.Text), Most: floor.LongCard, Required: true}
	}
	return append([]page.Field{f}, Fields(l, prefix, t.Kind, t.Question)...)
}

// Fields are what an ask is, and which policy question it points to, when there are any.
func Fields(l *hall.Look, prefix, kind string, question int) []page.Field {
	k := page.Field{Name: "kind", ID: prefix + "kind", Label: l.Lang.Say("line.kind"), Type: "select", Value: kind}
	for _, c := range floor.ContributionKinds {
		k.Choices = append(k.Choices, page.Choice{Value: c, Label: l.Lang.Say("kind." + c)})
	}
	if len(l.Questions) == 0 {
		return []page.Field{k}
	}
	q := page.Field{Name: "question", ID: prefix + "question", Label: l.Lang.Say("line.question"), Type: "select", Value: strconv.Itoa(question),
		Choices: []page.Choice{{Value: "0", Label: l.Lang.Say("line.question-none")}}}
	for i, x := range l.Questions {
		q.Choices = append(q.Choices, page.Choice{Value: strconv.Itoa(i + 1), Label: strconv.Itoa(i+1) + ". " + l.Text(x)})
	}
	return []page.Field{k, q}
}
