package plan

import "strings"

// bare is a line with a person but without a heading.
type bare struct {
	e   entry
	l   line
	pos int // index of the block
}

// readRoles finds the moderators and the rapporteur. Where their headings are kept they are sure. The site loses
// headings, most often those of the on-site moderator and the rapporteur: then a person's line before the online
// moderator is the on-site moderator and one after is the rapporteur. Without any heading the order of the form decides.
func (r *reader) readRoles() {
	headed := map[section]int{}
	for i := range r.blocks {
		switch b := &r.blocks[i]; b.sec {
		case secOnsite, secOnline, secRapporteur:
			if _, there := headed[b.sec]; !there || len(r.blocks[headed[b.sec]].all()) == 0 {
				headed[b.sec] = i
			}
		}
	}
	for _, i := range headed {
		r.readHeadedRole(&r.blocks[i], len(headed) == 3)
	}
	online, hasOnline := headed[secOnline]
	_, hasOnsite := headed[secOnsite]
	_, hasRapporteur := headed[secRapporteur]
	people := r.bares(online, hasOnline)
	give := func(list string, to *[]Speaker, b bare) {
		b.e.doubt("name", ByPosition)
		r.addPerson(list, to, b.e, b.l)
		r.doubt(list, ByPosition)
	}
	if !hasOnline && hasOnsite { // pages that keep one heading keep that of the online moderator; what is left is the rapporteur
		hasOnline, online = true, headed[secOnsite]
		people = r.bares(online, true)
	}
	if hasOnline {
		for _, b := range people {
			switch {
			case b.pos < online && !hasOnsite && len(r.ModeratorOnsite) == 0:
				give("moderator_onsite", &r.ModeratorOnsite, b)
			case b.pos >= online && !hasRapporteur && len(r.Rapporteur) == 0:
				give("rapporteur", &r.Rapporteur, b)
			}
		}
		return
	}
	var free []func(bare)
	if !hasOnsite {
		free = append(free, func(b bare) { give("moderator_onsite", &r.ModeratorOnsite, b) })
	}
	free = append(free, func(b bare) { give("moderator_online", &r.ModeratorOnline, b) })
	if !hasRapporteur {
		free = append(free, func(b bare) { give("rapporteur", &r.Rapporteur, b) })
	}
	for i, b := range people {
		if i < len(free) {
			free[i](b)
		}
	}
}

func (r *reader) role(sec section) []Speaker {
	switch sec {
	case secOnsite:
		return r.ModeratorOnsite
	case secOnline:
		return r.ModeratorOnline
	}
	return r.Rapporteur
}

// readHeadedRole reads the people under a heading of a role: full lines, or the one name that Day 0 forms ask for. Only
// where the page kept the headings of all three roles may several people stand under one of them.
func (r *reader) readHeadedRole(b *block, several bool) {
	list, to := "rapporteur", &r.Rapporteur
	switch b.sec {
	case secOnsite:
		list, to = "moderator_onsite", &r.ModeratorOnsite
	case secOnline:
		list, to = "moderator_online", &r.ModeratorOnline
	}
	for i, l := range b.all() {
		s := withoutMail(l.s)
		if e, ok := full(s); ok && len(e.name) <= 200 {
			if i > 0 && !several {
				break
			}
			if i > 0 || l.gap >= 2 {
				e.doubt("name", ByPosition)
			}
			if len(r.Speakers) == 0 { // not a workshop: there the lines name the organisation too
				e = withOrg(e)
			}
			r.addPerson(list, to, e, l)
			continue
		}
		if prose(s) || formats[labelKey(s)] {
			break
		}
		if i > 0 || undecided(s) { // further lines are jobs, or a person whose heading was lost
			break
		}
		e := free(s)
		if e.name == "" || !nameLike(e.name) && e.org == "" && e.stakeholder == "" {
			break
		}
		if s == e.name && nameLike(e.name) { // nothing but a name, under the heading of the role
			e.doubts = nil
			if l.gap >= 2 {
				e.doubt("name", ByPosition)
			}
		}
		if strings.Contains(s, " and ") || strings.Contains(s, " & ") || strings.Contains(s, "/") {
			e.doubt("name", FreeLine)
		}
		r.addPerson(list, to, e, l)
	}
}

// bares lists the persons' lines without a heading that stand where the form has its roles: after the speakers, before
// the format and the texts.
func (r *reader) bares(online int, hasOnline bool) []bare {
	var found []bare
	workshop := false
	for i := range r.blocks {
		b := &r.blocks[i]
		if b.sec == secSpeakerN || b.sec == secOrganizerN {
			workshop = true
		}
		if b.sec == secFormatLine || b.sec == secQuestions || b.sec == secText {
			if len(found) > 0 || workshop {
				break
			}
		}
		switch {
		case b.sec == secLost && (b.after == secSpeakerN || b.after == secAdditional || b.after == secSpeakers || b.after == secOrganizerN):
			for _, l := range b.lines {
				if e, ok := full(withoutMail(l.s)); ok && e.name != "" {
					found = append(found, bare{e, l, i})
				}
			}
		case hasOnline && i > online && b.sec == secLost && (b.after == secOnline || b.after == secOnsite), hasOnline && i == online:
			lines := b.all()
			if i == online {
				if len(r.role(b.sec)) == 0 || len(lines) < 2 {
					continue
				}
				lines = lines[1:]
			}
			for _, l := range lines {
				s := withoutMail(l.s)
				if e, ok := full(s); ok {
					if !workshop {
						e = withOrg(e)
					}
					found = append(found, bare{e, l, i})
					continue
				}
				e := free(s)
				if len(s) <= 100 && !prose(s) && nameLike(e.name) && !formats[labelKey(s)] && words(e.name) >= 2 {
					found = append(found, bare{e, l, i})
				}
				break
			}
		}
	}
	return found
}
