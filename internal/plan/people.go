package plan

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The roles a proposal gives to people.
const (
	RoleOrganiser  = "organiser"
	RoleSpeaker    = "speaker"
	RoleOnsite     = "onsite"
	RoleOnline     = "online"
	RoleRapporteur = "rapporteur"
)

// Person is somebody the proposal names, with all roles and with the groups as the IGF spells them; what the proposal
// spells in a way we do not know stays as it is.
type Person struct {
	Name        string
	Roles       []string // in the order organiser, speaker, onsite, online, rapporteur
	Stakeholder string
	Region      string
	Org         string
	Doubtful    bool // the name or a role is doubtful
}

// Has says whether a person has a role.
func (p Person) Has(role string) bool { return slices.Contains(p.Roles, role) }

// People are the persons of the proposal, each once. Names that differ only in case, accents or the order of their words
// are one person; what one line leaves out another one gives.
func (p *Proposal) People() []Person {
	people := []Person{}
	index := map[string]int{}
	add := func(role, field string, name, stake, reg, org Text) {
		key := nameKey(string(name))
		if key == "" {
			return
		}
		at, known := index[key]
		if !known {
			at = len(people)
			index[key] = at
			people = append(people, Person{Name: string(name)})
		}
		q := &people[at]
		if !q.Has(role) {
			q.Roles = append(q.Roles, role)
		}
		fill := func(to *string, s Text, official string) {
			if *to == "" && s != "" {
				if *to = string(s); official != "" {
					*to = official
				}
			}
		}
		fill(&q.Stakeholder, stake, stakeholder(string(stake)))
		fill(&q.Region, reg, region(string(reg)))
		fill(&q.Org, org, "")
		q.Doubtful = q.Doubtful || !p.Sure(field+".name")
	}
	if p.Lead != nil {
		add(RoleOrganiser, "lead", p.Lead.Name, p.Lead.Stakeholder, "", p.Lead.Org)
	}
	for i, o := range p.Organizers {
		add(RoleOrganiser, element("organizers", i), o.Name, o.Stakeholder, o.Region, o.Org)
	}
	for _, list := range []struct {
		role, field string
		people      []Speaker
	}{
		{RoleSpeaker, "speakers", p.Speakers}, {RoleOnsite, "moderator_onsite", p.ModeratorOnsite},
		{RoleOnline, "moderator_online", p.ModeratorOnline}, {RoleRapporteur, "rapporteur", p.Rapporteur},
	} {
		for i, s := range list.people {
			add(list.role, element(list.field, i), s.Name, s.Stakeholder, s.Region, s.Org)
		}
		if list.role == RoleSpeaker {
			for i, name := range p.AdditionalSpeakers {
				name, org, _ := strings.Cut(name, " (")
				if nameLike(name) {
					add(RoleSpeaker, element("additional_speakers", i), Text(name), "", "", Text(strings.TrimSuffix(org, ")")))
				}
			}
		}
	}
	return people
}

// nameKey is equal for names that differ only in case, accents, marks and the order of their words.
func nameKey(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	parts := strings.Fields(b.String())
	slices.Sort(parts)
	return strings.Join(parts, " ")
}
