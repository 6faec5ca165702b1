package outcome

import (
	"cmp"
	"slices"
	"strings"

	"openmic/floor"
	"openmic/internal/words"
)

// Who is a person as they agreed to be named. Without a name it is "a participant online" or "in the room".
type Who struct {
	Side             floor.Side
	Name, Group, Org string // Group is the key of a stakeholder group
}

// Say names the person in a language.
func (w Who) Say(l *words.Language) string {
	group := w.Group
	if group != "" {
		group = l.Say("group." + group)
	}
	switch {
	case w.Name == "":
		return l.Say("consent.who." + w.Side.String())
	case group != "" && w.Org != "":
		return l.Say("consent.who.org", "name", w.Name, "org", w.Org, "group", group)
	case group != "" || w.Org != "":
		return l.Say("consent.who.group", "name", w.Name, "group", group+w.Org)
	}
	return l.Say("consent.who.name", "name", w.Name)
}

// who names a person with the fields of one use: those agreed to when the version was made, and still agreed to.
func (b *builder) who(id floor.ID, side floor.Side, use func(floor.Consent) floor.Fields) Who {
	w := Who{Side: side}
	p := b.Person(id)
	if p == nil {
		return w
	}
	w.Side = p.Side
	f := b.fields(id, use)
	if f.Has(floor.Name) {
		w.Name = b.Words(p.Name)
	}
	if f.Has(floor.Group) {
		w.Group = b.Words(p.Group)
	}
	if f.Has(floor.Org) {
		w.Org = b.Words(p.Org)
	}
	return w
}

func (b *builder) fields(id floor.ID, use func(floor.Consent) floor.Fields) floor.Fields {
	p, q := b.Person(id), b.now.Person(id)
	if p == nil || q == nil || !agreed(p) || !agreed(q) {
		return 0
	}
	return use(p.Consent) & use(q.Consent)
}

// agreed: somebody whom the crew entered is named only after their yes.
func agreed(p *floor.Person) bool { return p.Agreed || p.Origin == "self" || p.Origin == "plan" }

func forReport(c floor.Consent) floor.Fields    { return c.Report }
func forOfficials(c floor.Consent) floor.Fields { return c.Officials }

// seats lists the speakers and the crew as the plan names them and as they agreed.
func (b *builder) seats(r *Report) {
	const crew = floor.Crew &^ floor.Lane
	for i := range b.People {
		p := &b.People[i]
		s := Seat{p.Roles, b.who(p.ID, p.Side, forReport)}
		switch {
		case s.Who.Name == "":
		case p.Roles.Has(floor.Speaker):
			r.Speakers = append(r.Speakers, s)
		case p.Roles.Has(crew):
			r.Crew = append(r.Crew, s)
		}
	}
}

func (b *builder) materials(r *Report) {
	for _, t := range b.Materials {
		lines := strings.Split(strings.TrimSpace(b.Words(t)), "\n")
		if lines[0] != "" {
			r.Materials = append(r.Materials, Material{lines[0], lines[1:]})
		}
	}
}

// factKey is the key of a fact of the plan: "fact.theme" is theme.
func factKey(t floor.Text) (string, bool) {
	_, key, ok := strings.Cut(string(t), "/fact.")
	return key, ok
}

func sortByTime[T any](list []T, at func(T) int64) {
	slices.SortStableFunc(list, func(x, y T) int { return cmp.Compare(at(x), at(y)) })
}
