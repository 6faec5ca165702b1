package plan

import (
	"slices"
	"strings"
)

// tracks are the main themes of the IGF years, folded; sub-themes follow them on the page.
var tracks = map[string]bool{
	"cybersecurity, trust and privacy": true, "development, innovation & economic issues": true, "digital inclusion & accessibility": true,
	"emerging technologies": true, "evolution of internet governance": true, "human rights, gender & youth": true, "media & content": true,
	"technical & operational issues": true, "technical and operational issues": true,
	"data governance": true, "digital inclusion": true, "security, safety, stability and resilience": true, "security, safety, stability & resilience": true,
	"data": true, "environment": true, "inclusion": true, "trust": true,
	"economic and social inclusion and human rights": true, "universal access and meaningful connectivity": true, "environmental sustainability and climate change": true,
	"inclusive internet governance ecosystems and digital cooperation": true, "trust, security, stability": true,
	"emerging regulation: market structure, content, data and consumer rights and protection": true,
	"connecting all people and safeguarding human rights":                                     true, "avoiding internet fragmentation": true, "governing data and protecting privacy": true,
	"enabling safety, security and accountability": true, "addressing advanced technologies, including ai": true, "addressing advanced technologies, including artificial intelligence (ai)": true,
	"ai & emerging technologies": true, "cybersecurity, cybercrime & online safety": true, "data governance & trust": true, "digital divides & inclusion": true,
	"global digital governance & cooperation": true, "human rights & freedoms": true, "sustainability & environment": true,
	"harnessing innovation and balancing risks in the digital space": true, "enhancing the digital contribution to peace, development, and sustainability": true,
	"advancing human rights and inclusion in the digital age": true, "improving digital governance for the internet we want": true,
	"building digital trust and resilience": true, "building sustainable and responsible innovation": true, "building universal access and digital rights": true,
	"building digital cooperation": true, "digital trust and resilience": true, "sustainable and responsible innovation": true, "universal access and digital rights": true,
	"digital cooperation": true,
}

// knownTheme recognises a main theme of some year, with or without "Theme 2:" before it.
func knownTheme(s string) bool {
	key := strings.ToLower(strings.Trim(s, " .[]"))
	if tracks[key] {
		return true
	}
	_, rest, found := strings.Cut(key, ": ")
	return found && tracks[strings.Trim(rest, " []")]
}

// readHeadOfPage reads the themes: under their heading, or as the lines between the times and the organizers.
func (r *reader) readHeadOfPage() {
	workshop := len(r.Organizers) > 0
	add := func(l line, doubtful bool) {
		s := l.s
		if name, question, found := strings.Cut(s, ": "); found && strings.Contains(question, "?") { // the guiding question of the theme
			s, doubtful = name, true
		}
		r.used[l.n] = true
		for _, t := range r.Themes {
			if t == s {
				return
			}
		}
		field := element("themes", len(r.Themes))
		r.Themes = append(r.Themes, s)
		r.Sources[field] = l.source()
		if doubtful {
			r.doubt(field, ByPosition)
		}
	}
	for i := range r.blocks {
		b := &r.blocks[i]
		switch b.sec {
		case secThemes:
			known := false
			for k, l := range b.all() {
				known = known || knownTheme(l.s)
				guided := strings.Contains(l.s, ": ") && strings.Contains(l.s, "?")
				if !workshop && !known && !guided || len(l.s) > 90 && !guided && !known || k > 0 && l.gap > 1 || personLine(l.s) && !known {
					break
				}
				add(l, k > 0 && l.gap > 0)
			}
		case secHead, secLost:
			if b.sec == secLost && b.after != secHead && b.after != secTimes && b.after != secRoom {
				continue
			}
			main := false
			for k, l := range b.lines {
				if k > 0 && l.gap > 0 && !workshop {
					main = false
				}
				main = main || knownTheme(l.s)
				if len(l.s) > 90 && !knownTheme(l.s) || personLine(l.s) || prose(l.s) || !main && !workshop || coalition().MatchString(l.s) {
					break
				}
				add(l, true)
			}
		case secOrganizerN, secOrganizers, secSpeakerN, secSpeakers, secOnsite, secOnline:
			return
		}
	}
}

// personLine says whether a line names a person with groups.
func personLine(s string) bool {
	if _, ok := full(s); ok {
		return true
	}
	if len(s) > 300 {
		return false
	}
	e := free(s)
	return e.stakeholder != "" && nameLike(e.name)
}

// entries divides a line in which several people run together.
func entries(s string) []string {
	if len(s) > 6000 {
		return nil
	}
	var out []string
	rest := s + " "
	for {
		at := regionEnd().FindStringIndex(rest)
		if at == nil {
			break
		}
		out = append(out, strings.Trim(rest[:at[1]], " -–"))
		rest = rest[at[1]:]
	}
	if len(out) > 0 {
		if !nameLike(free(out[0]).name) { // running text that mentions a region
			return []string{s}
		}
		if strings.TrimSpace(rest) != "" {
			out = append(out, strings.TrimSpace(rest))
		}
		return out
	}
	parts := commas(s)
	// "Ann One, X Bob Two, X Cy Three, X": one organisation again and again.
	if n := len(parts); n >= 3 && len(parts[n-1]) >= 2 {
		org := parts[n-1]
		names := []string{parts[0]}
		for _, p := range parts[1 : n-1] {
			name, ok := strings.CutPrefix(p, org+" ")
			if !ok || !nameLike(name) {
				names = nil
				break
			}
			names = append(names, name)
		}
		if len(names) > 1 && nameLike(names[0]) {
			for _, name := range names {
				out = append(out, name+", "+org)
			}
			return out
		}
		// "Ann One, Bob Two, Cy Three"
		list := true
		for _, p := range parts {
			list = list && nameLike(p) && words(p) >= 2 && stakeholder(p) == "" && region(p) == ""
		}
		if list {
			return parts
		}
	}
	return []string{s}
}

// byMail divides a line in which every person ends with an e-mail address, or with what the site shows instead.
func byMail(s string) []string {
	if len(s) > 6000 {
		return nil
	}
	var out []string
	from := 0
	for _, m := range mail().FindAllStringIndex(s, -1) {
		if part := strings.TrimSpace(s[from:m[0]]); part != "" {
			out = append(out, part)
		}
		from = m[1]
	}
	if rest := strings.TrimSpace(s[from:]); rest != "" {
		out = append(out, rest)
	}
	return out
}

// person says whether a line typed by hand looks like a person: a name first, something after it.
func person(s string) bool {
	e := free(s)
	return e.name == "" && strings.ContainsAny(s, "Tt") && (e.org != "" || e.stakeholder != "") || nameLike(e.name) && words(e.name) >= 2 && (e.org != "" || e.stakeholder != "" || e.region != "")
}

// readFreeLists reads the people of sessions that have no numbered lines: open forums, Day 0, dynamic coalitions,
// lightning talks. With headings lost, the first group of people are the organizers and the second the speakers.
func (r *reader) readFreeLists() {
	numberedOrganizers, numberedSpeakers := len(r.Organizers) > 0, len(r.Speakers) > 0
	headedOrganizers, headedSpeakers := false, false
	for i := range r.blocks {
		headedOrganizers = headedOrganizers || r.blocks[i].sec == secOrganizers
		headedSpeakers = headedSpeakers || r.blocks[i].sec == secSpeakers
	}
	var lost [][2][]found // people and organisations of every group whose heading was lost
	for i := range r.blocks {
		b := &r.blocks[i]
		if b.sec == secFormat || b.sec == secQuestions || b.sec == secOther {
			continue
		}
		people, orgs := r.group(b)
		switch {
		case b.sec == secCoalition:
			for _, l := range b.all() {
				if !prose(l.s) {
					r.addOrganizer(entry{org: l.s, doubts: map[string]Code{"org": ByPosition}}, l)
					r.used[l.n] = true
				}
			}
			r.coalitionAt(b.head)
		case b.sec == secOrganizers && !numberedOrganizers:
			r.addOrganizers(people, orgs)
		case b.sec == secSpeakers && !numberedSpeakers:
			r.addSpeakers(people)
		case (b.sec == secHead || b.sec == secThemes || b.sec == secLost && !roleBefore(b.after)) && !numberedOrganizers && !numberedSpeakers && len(people)+len(orgs) > 0:
			lost = append(lost, [2][]found{people, orgs})
		}
	}
	groups := 0
	for _, g := range lost {
		if len(g[0]) > 0 {
			groups++
		}
	}
	named := func() bool { return slices.ContainsFunc(r.Organizers, func(o Organizer) bool { return o.Name != "" }) }
	for _, g := range lost {
		people, orgs := g[0], g[1]
		switch {
		case len(people) == 0 && len(r.Organizers) == 0 && !headedOrganizers:
			r.addOrganizers(nil, orgs)
		case len(people) == 0:
		case !headedOrganizers && !named() && (groups > 1 || len(r.Organizers) == 0 || headedSpeakers):
			r.addOrganizers(people, orgs)
		case len(r.Speakers) == 0 && !headedSpeakers:
			r.addSpeakers(people)
		}
	}
	for field, n := range map[string]int{"organizers": len(r.Organizers), "speakers": len(r.Speakers)} {
		if n > 0 && !numberedOrganizers && !numberedSpeakers {
			r.doubt(field, FreeLine)
		}
	}
}

// coalitionAt notes that a dynamic coalition holds the session.
func (r *reader) coalitionAt(l line) {
	if r.Kind == "" {
		r.Kind = "DC"
		r.Sources["kind"] = l.source()
		r.doubt("kind", FromShape)
	}
}

func roleBefore(sec section) bool {
	return sec == secOnsite || sec == secOnline || sec == secRapporteur || sec == secSDGs || sec == secTargets
}

type found struct {
	e entry
	l line
}

// group divides the unused lines of a block into people and organisations; nothing when the block is running text.
func (r *reader) group(b *block) (people, orgs []found) {
	if b.sec == secTimes || b.sec == secOrganizerN || b.sec == secSpeakerN || b.sec == secFormatLine {
		return nil, nil
	}
	for _, l := range unwrap(b.all()) {
		if r.used[l.n] {
			continue
		}
		if m := mark().FindStringIndex(head(l.s, 8)); m != nil && m[0] == 0 { // "1. Ann One Director of Two"
			rest := strings.TrimSpace(l.s[m[1]:])
			if e, ok := named(rest); ok {
				people = append(people, found{e, l})
				continue
			}
			if person(rest) {
				l.s = rest
			}
		}
		parts := byMail(l.s)
		s := withoutMail(l.s)
		if strings.HasSuffix(s, ":") || strings.Contains(head(s, 24), "oderator:") || s == "" {
			continue
		}
		if len(parts) < 2 {
			parts = entries(s)
		}
		switch {
		case len(parts) > 1:
			for _, part := range parts {
				e := free(part)
				e.doubt("name", FreeLine)
				people = append(people, found{e, l})
			}
		case len(s) <= 260 && (person(s) || (l.bullet || b.sec == secSpeakers) && nameLike(free(s).name) && words(free(s).name) >= 2):
			if e, ok := full(s); ok && e.name != "" && len(commas(s)) > 3 { // Name, Org, Group, Region
				people = append(people, found{withOrg(e), l})
			} else {
				people = append(people, found{free(s), l})
			}
		case prose(s) && (ended(s) || len(s) > 260):
			if b.sec == secSpeakers || b.sec == secOrganizers {
				continue
			}
			if len(people) == 0 {
				return nil, nil
			}
			return people, orgs
		case len(s) <= 260 && !formats[labelKey(s)]:
			orgs = append(orgs, found{entry{org: s, doubts: map[string]Code{"org": FreeLine}}, l})
		}
	}
	return people, orgs
}

// addOrganizers adds a group; organisations count as organizers only where no person is named, else as partners.
func (r *reader) addOrganizers(people, orgs []found) {
	seen := map[string]bool{}
	for _, f := range people {
		if key := f.e.name + "|" + f.e.org; !seen[key] {
			seen[key] = true
			r.addOrganizer(f.e, f.l)
		}
		r.used[f.l.n] = true
	}
	for _, f := range orgs {
		r.used[f.l.n] = true
		if len(people) == 0 {
			r.addOrganizer(f.e, f.l)
			continue
		}
		field := element("partners", len(r.Partners))
		r.Partners = append(r.Partners, f.e.org)
		r.Sources[field] = f.l.source()
		r.doubt(field, ByPosition)
	}
}

func (r *reader) addSpeakers(people []found) {
	for _, f := range people {
		r.used[f.l.n] = true
		r.addPerson("speakers", &r.Speakers, f.e, f.l)
	}
}

// readAdditional reads the speakers a proposal added in its own words: the name is what stands before the first comma.
func (r *reader) readAdditional() {
	for i := range r.blocks {
		b := &r.blocks[i]
		if b.sec != secAdditional {
			continue
		}
		for _, l := range b.all() {
			s := withoutMail(l.s)
			name := strings.TrimRight(commas(s)[0], ".;:")
			if r.used[l.n] || name == "" || strings.HasSuffix(s, ":") {
				continue
			}
			if cut := strings.Index(name, " - "); cut > 0 {
				name = name[:cut]
			}
			if cut := strings.Index(name, " – "); cut > 0 {
				name = name[:cut]
			}
			plain := name
			if open := strings.IndexByte(plain, '('); open > 0 {
				plain = strings.TrimSpace(plain[:open])
			}
			if prose(name) {
				continue
			}
			field := element("additional_speakers", len(r.AdditionalSpeakers))
			r.AdditionalSpeakers = append(r.AdditionalSpeakers, name)
			r.Sources[field] = l.source()
			if !nameLike(strings.TrimSpace(honorific().ReplaceAllString(plain, ""))) || len(s) > 200 {
				r.doubt(field, FreeLine)
			}
			r.used[l.n] = true
		}
	}
}
