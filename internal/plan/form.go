package plan

import (
	"strconv"
	"strings"
)

// formLabel is a label of the APrIGF form. The form gives label and value on lines of their own; labels get lost, and
// values are missing where people left them empty.
type formLabel string

// formLabels are the labels of the forms of 2018 to 2025, folded as labelKey folds them.
var formLabels = map[string]formLabel{
	"part 1 - lead organizer": "part1", "part 2 - session proposal": "part2", "contact person": "name", "email": "email", "e-mail": "email",
	"organization / affiliation": "org", "organization/affiliation": "org", "organization": "org", "affiliation": "org", "designation": "designation", "gender": "gender",
	"economy of residence": "economy", "economy / country of residence": "economy", "country of residence": "economy",
	"primary stakeholder group": "stakeholder", "stakeholder group": "stakeholder",
	"list your organizing partners": "partners", "organizing partners": "partners",
	"session title": "title", "workshop title": "title", "title of session": "title",
	"session format": "format", "description of session formats": "format", "workshop format": "format", "session formats": "format",
	"duration": "duration", "session duration": "duration", "where do you plan to organize your session": "place",
	"thematic track of your session": "themes", "thematic track": "themes", "thematic tracks": "themes", "sub-theme": "themes", "track": "themes",
	"specific issues for discussion": "description", "specific issues of discussion & description": "description", "description": "description",
	"describe the relevance of your session to aprigf": "relevance", "describe the relevance of your session": "relevance",
	"methodology / agenda": "agenda", "methodology": "agenda", "agenda": "agenda", "moderators & speakers info": "people", "moderators and speakers info": "people",
	"please explain the rationale for choosing each of the above contributors to the session":       "rationale",
	"please declare if you have any potential conflict of interest with the program committee 2023": "rest",
	"are you or other session contributors planning to apply for the aprigf fellowship program":     "rest",
	"upon evaluation by the program committee, your session proposal may only be selected under the condition that you will accept the suggestion of merging with another proposal with similar topics. please state your preference below": "rest",
	"number of attendees": "rest", "consent": "rest",
	"intended outcomes": "outcomes", "expected outcomes": "outcomes",
}

// importForm reads an APrIGF form; false when the text is none.
func (p *Proposal) importForm(lines []line) bool {
	start := -1
	for i, l := range lines[:min(len(lines), 60)] {
		m := apForm().FindStringSubmatch(l.s)
		if m == nil {
			continue
		}
		year, _ := strconv.Atoi(m[1])
		p.Series, p.Year, p.Kind = "APrIGF", Count(year), Text(strings.ToLower(m[2]))
		for _, field := range []string{"series", "year", "kind"} {
			p.Sources[field] = l.source()
		}
		start = i + 1
		break
	}
	labels := 0
	for i, l := range lines {
		if _, ok := labelOf(l); ok {
			labels++
		}
		if i == 400 {
			break
		}
	}
	if start < 0 {
		if labels < 6 {
			return false
		}
		p.Series, start = "APrIGF", 0
		p.doubt("series", FromShape)
	}
	f := &formReader{Proposal: p, lead: Lead{}}
	f.read(lines[start:])
	return true
}

func labelOf(l line) (formLabel, bool) {
	if len(l.s) > 400 {
		return "", false
	}
	key := labelKey(head(l.s, 200))
	label, ok := formLabels[key]
	if !ok && strings.HasPrefix(key, "describe the relevance of your session") {
		label, ok = "relevance", true
	}
	if !ok && strings.HasPrefix(key, "please ") && (strings.Contains(key, "contributor") || strings.Contains(key, "conflict of interest")) {
		label, ok = "rest", true
	}
	return label, ok
}

type formReader struct {
	*Proposal
	lead Lead
}

// read walks through the form: a label, then its lines up to the next label.
func (f *formReader) read(lines []line) {
	label := formLabel("")
	var values []line
	inLead := true
	for i := 0; i <= len(lines); i++ {
		if i < len(lines) {
			next, ok := labelOf(lines[i])
			if !ok {
				if banner(lines[i].s) {
					continue
				}
				values = append(values, lines[i])
				continue
			}
			f.take(label, values, inLead, false)
			if label = next; label == "part2" || label == "title" {
				inLead = false
			}
			values = nil
			if label == "people" {
				f.people(lines[i+1:])
				break
			}
			continue
		}
		f.take(label, values, inLead, true)
	}
	if f.lead != (Lead{}) {
		lead := f.lead
		f.Lead = &lead
	}
}

func (f *formReader) set(field string, to *Text, l line) {
	if *to == "" {
		*to = Text(withoutMail(l.s))
		f.Sources[field] = l.source()
	}
}

// take puts the lines under a label where they belong. last says that the text ends with them.
func (f *formReader) take(label formLabel, values []line, inLead, last bool) {
	if len(values) == 0 {
		return
	}
	first := values[0]
	cut := func(field string) {
		if last && !ended(values[len(values)-1].s) {
			f.doubt(field, CutOff)
		}
	}
	join := func(field string, to *Text) {
		if *to != "" {
			return
		}
		*to = Text(paragraphs(values))
		f.Sources[field] = span(values)
		cut(field)
	}
	switch label {
	case "part2": // the title, its label lost
		if len(first.s) <= 300 {
			f.set("title", &f.Title, first)
			f.doubt("title", ByPosition)
		}
	case "name", "org", "designation", "economy", "stakeholder":
		if !inLead || gender(first.s) {
			return
		}
		if label != "stakeholder" && label != "name" && stakeholder(first.s) != "" { // a value and a label are missing
			f.set("lead.stakeholder", &f.lead.Stakeholder, first)
			f.doubt("lead.stakeholder", ByPosition)
			return
		}
		to := map[formLabel]*Text{"name": &f.lead.Name, "org": &f.lead.Org, "designation": &f.lead.Designation, "economy": &f.lead.Economy, "stakeholder": &f.lead.Stakeholder}[label]
		f.set("lead."+string(label), to, first)
		if label == "name" {
			f.lead.Name = Text(honorific().ReplaceAllString(string(f.lead.Name), ""))
		}
		// A further line is the value of the next field, its label lost.
		for _, l := range values[1:] {
			switch {
			case withoutMail(l.s) == "" || gender(l.s):
			case label == "name" && f.lead.Org == "":
				f.set("lead.org", &f.lead.Org, l)
				f.doubt("lead.org", ByPosition)
			case (label == "org" || label == "name") && f.lead.Designation == "":
				f.set("lead.designation", &f.lead.Designation, l)
				f.doubt("lead.designation", ByPosition)
			case label == "designation" && f.lead.Economy == "":
				f.set("lead.economy", &f.lead.Economy, l)
				f.doubt("lead.economy", ByPosition)
			}
		}
	case "partners":
		for _, l := range values {
			s := withoutMail(l.s)
			if m := mark().FindStringIndex(head(s, 8)); m != nil && m[0] == 0 {
				s = s[m[1]:]
			}
			if s = strings.Trim(s, " ,;"); s == "" || undecided(s) {
				continue
			}
			field := element("partners", len(f.Partners))
			f.Partners = append(f.Partners, s)
			f.Sources[field] = l.source()
			if strings.Contains(s, ";") || prose(s) {
				f.doubt(field, FreeLine)
			}
		}
	case "title":
		f.set("title", &f.Title, first)
		if len(values) > 1 {
			f.doubt("title", FreeLine)
		}
	case "format":
		s := first.s
		if m := minutesTail().FindStringSubmatch(s); m != nil {
			s = m[1]
			if n, ok := readMinutes(m[2]); ok && f.DurationMin == 0 {
				f.DurationMin = Count(n)
				f.Sources["duration_min"] = first.source()
			}
		}
		if f.Format == "" {
			f.Format = Text(s)
			f.Sources["format"] = first.source()
		}
	case "duration":
		if n, ok := readMinutes(first.s); ok && f.DurationMin == 0 {
			f.DurationMin = Count(n)
			f.Sources["duration_min"] = first.source()
		}
	case "place":
		f.Place = Text(place(first.s))
		f.Sources["place"] = first.source()
		if low := strings.ToLower(first.s); !strings.HasPrefix(low, "onsite at") && !strings.HasPrefix(low, "online only") && !strings.HasPrefix(low, "offsite") {
			f.doubt("place", FreeLine)
		}
	case "themes":
		for _, l := range values {
			s := l.s
			if strings.EqualFold(s, "option") {
				continue
			}
			for _, rank := range []string{"Primary:", "Secondary:"} {
				s = strings.TrimSpace(strings.TrimPrefix(s, rank))
			}
			if s != "" && !prose(s) {
				field := element("themes", len(f.Themes))
				f.Themes = append(f.Themes, s)
				f.Sources[field] = l.source()
			}
		}
	case "description":
		join("description", &f.Description)
	case "outcomes":
		join("outcomes", &f.Outcomes)
	case "agenda":
		if !f.agenda(values) {
			f.planFromProse(values)
		}
	}
}

func gender(s string) bool {
	s = strings.ToLower(s)
	return s == "male" || s == "female" || s == "other" || s == "non-binary" || strings.HasPrefix(s, "prefer not")
}

// place shortens the answers of the form to where the session is held and who helps the other side.
func place(s string) string {
	low := strings.ToLower(s)
	where, help, _ := strings.Cut(low, "(")
	switch {
	case strings.HasPrefix(where, "onsite") || strings.HasPrefix(where, "on-site"):
		where = "onsite"
	case strings.HasPrefix(where, "online"):
		where = "online"
	case strings.Contains(where, "hub"):
		where = "local hub"
	default:
		where = strings.TrimSpace(where)
	}
	switch {
	case strings.Contains(help, "online moderator"):
		return where + " with online moderator"
	case strings.Contains(help, "onsite facilitator"), strings.Contains(help, "on-site facilitator"):
		return where + " with onsite facilitator"
	case strings.Contains(help, "onsite moderator"), strings.Contains(help, "on-site moderator"):
		return where + " with onsite moderator"
	}
	return where
}

// people reads the blocks "Moderator", "Speaker 1" … of the form, each with lines "Name: …", "Organization: …".
func (f *formReader) people(lines []line) {
	var e entry
	var at line
	role := ""
	put := func() {
		if e.name != "" {
			e.doubt("name", FreeLine)
			switch role {
			case "onsite":
				f.addPerson("moderator_onsite", &f.ModeratorOnsite, e, at)
			case "online":
				f.addPerson("moderator_online", &f.ModeratorOnline, e, at)
			case "rapporteur":
				f.addPerson("rapporteur", &f.Rapporteur, e, at)
			case "speaker":
				f.addPerson("speakers", &f.Speakers, e, at)
			}
		}
		e = entry{}
	}
	pending := formLabel("")
	value := func(label formLabel, s string) {
		s = strings.TrimSpace(honorific().ReplaceAllString(strings.TrimSpace(withoutMail(s)), ""))
		if s == "" || undecided(s) {
			return
		}
		switch label {
		case "name":
			e.name = s
		case "org":
			e.org = s
		case "stakeholder":
			e.stakeholder = s
		case "economy":
			if region(s) != "" {
				e.region = s
			}
		}
	}
	for _, l := range lines {
		low := strings.ToLower(l.s)
		if label, ok := labelOf(l); ok && (label == "rest" || label == "rationale") {
			break
		}
		isRole := len(l.s) <= 60 && !strings.Contains(l.s, ": ")
		switch {
		case isRole && strings.HasPrefix(low, "moderator") && strings.Contains(low, "facilitator"), isRole && strings.HasPrefix(low, "online moderator"), isRole && strings.HasPrefix(low, "remote moderator"):
			put()
			role, at, pending = "online", l, ""
			continue
		case isRole && (strings.HasPrefix(low, "moderator") || strings.HasPrefix(low, "onsite moderator") || strings.HasPrefix(low, "on-site moderator")):
			put()
			role, at, pending = "onsite", l, ""
			continue
		case isRole && (strings.HasPrefix(low, "speaker") || strings.HasPrefix(low, "panelist") || strings.HasPrefix(low, "panellist")):
			put()
			role, at, pending = "speaker", l, ""
			continue
		case isRole && strings.HasPrefix(low, "rapporteur"):
			put()
			role, at, pending = "rapporteur", l, ""
			continue
		}
		name, rest, found := strings.Cut(l.s, ":")
		label, known := formLabels[labelKey(head(name, 100))]
		if strings.EqualFold(strings.TrimSpace(name), "name") {
			label, known = "name", true
		}
		switch {
		case known && found && strings.TrimSpace(rest) != "":
			value(label, rest)
			if label == "name" {
				at = l
			}
			pending = ""
		case known:
			pending = label
		case pending != "":
			value(pending, l.s)
			if pending == "name" {
				at = l
			}
			pending = ""
		}
	}
	put()
}
