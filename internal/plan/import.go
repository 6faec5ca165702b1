package plan

import (
	"fmt"
	"slices"
	"strings"
)

// Import reads a proposal. It answers ErrTooLarge, ErrEmpty or ErrNotText for what cannot be one; anything else comes
// back as a proposal, in the worst case one in which nothing was found.
func Import(text []byte) (*Proposal, error) { return ImportNamed("", text) }

// ImportNamed is Import for a file or page whose name or address is known. Series, year, kind, number and title that the
// text does not give are taken from there and are doubtful.
func ImportNamed(name string, text []byte) (*Proposal, error) {
	d, err := decode(text)
	if err != nil {
		return nil, err
	}
	p := &Proposal{
		Themes: []string{}, Organizers: []Organizer{}, Speakers: []Speaker{}, AdditionalSpeakers: []string{}, ModeratorOnsite: []Speaker{},
		ModeratorOnline: []Speaker{}, Rapporteur: []Speaker{}, TimePlan: []Part{}, PolicyQuestions: []string{}, Partners: []string{},
		Sources: map[string]Source{}, Doubts: map[string]Doubt{}, text: d.text,
	}
	if d.guessed {
		p.doubt("text", EncodingGuessed)
	}
	if d.shortened {
		p.doubt("text", TextShortened)
	}
	lines := linesOf(d)
	if !p.importForm(lines) {
		p.importPage(lines)
	}
	p.fromName(name)
	p.timeChecks()
	p.finish()
	return p, nil
}

// reader interprets the blocks of an IGF page, one kind of field after the other.
type reader struct {
	*Proposal
	lines  []line
	blocks []block
	used   map[int]bool // lines, by their number, that some field has taken
}

func (p *Proposal) importPage(lines []line) {
	r := &reader{Proposal: p, used: map[int]bool{}}
	r.lines = r.readTitle(lines)
	r.blocks = divide(r.lines)
	r.readTimes()
	r.readNumbered()
	r.readRoles()
	r.wholeNames()
	r.readHeadOfPage()
	r.readFreeLists()
	r.readAdditional()
	r.readFormat()
	r.readQuestions()
	r.readTexts()
	r.readTimePlan()
	r.readShape()
}

// readTitle finds the line with series, year, kind, number and title, and gives back the lines after it.
func (r *reader) readTitle(lines []line) []line {
	for i, l := range lines[:min(len(lines), 400)] {
		title, ok := r.titleLine(l)
		if !ok {
			continue
		}
		// A page repeats its title in the window's title, in menus and headers; what counts begins after the last.
		rest := lines[i+1:]
		for k, again := range lines[i+1 : min(len(lines), i+400)] {
			if numberedLine().MatchString(head(again.s, 420)) {
				break
			}
			if _, _, _, ok := times(again.s); ok {
				break
			}
			if again.s == l.s || title != "" && len(again.s) < len(l.s) && strings.HasPrefix(l.s, again.s+" | ") {
				l, rest = again, lines[i+k+2:]
			}
		}
		if at := strings.LastIndex(title, " | "); at > 0 {
			title = title[:at]
		}
		if title == "" && len(rest) > 0 && r.mayBeTitle(rest[0]) {
			title, l, rest = rest[0].s, rest[0], rest[1:]
		}
		if title != "" {
			r.Title = Text(title)
			r.Sources["title"] = l.source()
		}
		return rest
	}
	return lines
}

func (r *reader) mayBeTitle(l line) bool {
	if l.gap > 1 || len(l.s) > 300 || banner(l.s) || numberedLine().MatchString(l.s) {
		return false
	}
	_, _, isHeading := heading(l)
	_, _, _, isTimes := times(l.s)
	return !isHeading && !isTimes
}

func (r *reader) readTimes() {
	for i := range r.blocks {
		b := &r.blocks[i]
		switch b.sec {
		case secTimes:
			if r.Start == "" {
				var zone bool
				r.Start, r.End, zone, _ = times(b.rest)
				r.Sources["start"], r.Sources["end"] = b.head.source(), b.head.source()
				if !zone {
					r.doubt("start", Derived)
					r.doubt("end", Derived)
				}
				if r.Year == 0 && r.Start != "" {
					fmt.Sscanf(string(r.Start[:4]), "%d", (*int)(&r.Year))
					r.Sources["year"] = b.head.source()
					r.doubt("year", Derived)
				}
			}
			if len(b.lines) == 1 && r.Room == "" && len(b.lines[0].s) <= 80 && !knownTheme(b.lines[0].s) && !prose(b.lines[0].s) {
				r.Room = Text(b.lines[0].s)
				r.Sources["room"] = b.lines[0].source()
				if !roomLike(b.lines[0].s) {
					r.doubt("room", ByPosition)
				}
			}
		case secRoom:
			if all := b.all(); len(all) > 0 && r.Room == "" && len(all[0].s) <= 80 {
				r.Room = Text(all[0].s)
				r.Sources["room"] = all[0].source()
			}
		}
	}
}

func roomLike(s string) bool {
	low := strings.ToLower(s)
	for _, w := range []string{"room", "hall", "auditorium", "stage", "plenary", "salle", "theatre", "theater", "studio", "raum", "saal", "space"} {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}

// readNumbered reads "Organizer 3: …" and "Speaker 3: …". Pages of 2025 repeat the block from its second entry on.
func (r *reader) readNumbered() {
	seen := map[string]bool{}
	for i := range r.blocks {
		b := &r.blocks[i]
		if b.sec != secOrganizerN && b.sec != secSpeakerN || seen[b.head.s] || strings.TrimSpace(b.rest) == "" {
			continue
		}
		seen[b.head.s] = true
		if b.sec == secOrganizerN {
			r.addOrganizer(organizer(withoutMail(b.rest)), b.head)
			continue
		}
		e, ok := full(withoutMail(b.rest))
		if !ok {
			e = free(withoutMail(b.rest))
		}
		r.addPerson("speakers", &r.Speakers, e, b.head)
	}
}

// wholeNames mends organizers whose name holds a comma: the same name stands before the groups of a speaker or a role.
func (r *reader) wholeNames() {
	for _, list := range [][]Speaker{r.Speakers, r.ModeratorOnsite, r.ModeratorOnline, r.Rapporteur} {
		for _, s := range list {
			if !strings.Contains(string(s.Name), ", ") {
				continue
			}
			for i := range r.Organizers {
				o := &r.Organizers[i]
				if rest, ok := strings.CutPrefix(string(o.Name)+", "+string(o.Org), string(s.Name)); ok && o.Name != s.Name {
					o.Name = s.Name
					o.Org = Text(strings.TrimLeft(rest, ", "))
					r.doubt(element("organizers", i)+".name", ExtraComma)
					r.doubt(element("organizers", i)+".org", ExtraComma)
				}
			}
		}
	}
}

// maxPeople is how many people a list takes; whatever names more is not a proposal.
const maxPeople = 200

func (p *Proposal) addOrganizer(e entry, l line) {
	if len(p.Organizers) >= maxPeople {
		p.doubt("organizers", TextShortened)
		return
	}
	field := element("organizers", len(p.Organizers))
	p.Organizers = append(p.Organizers, Organizer{Name: Text(e.name), Org: Text(e.org), OrgLocked: e.locked, Stakeholder: Text(e.stakeholder), Region: Text(e.region)})
	p.note(field, e, l)
}

// addPerson adds to a list, once: pages of 2025 print some lists twice.
func (p *Proposal) addPerson(list string, people *[]Speaker, e entry, l line) {
	s := Speaker{Name: Text(e.name), Stakeholder: Text(e.stakeholder), Region: Text(e.region), Org: Text(e.org)}
	if s.Name != "" && slices.Contains(*people, s) {
		return
	}
	if len(*people) >= maxPeople {
		p.doubt(list, TextShortened)
		return
	}
	field := element(list, len(*people))
	*people = append(*people, s)
	p.note(field, e, l)
}

func (p *Proposal) note(field string, e entry, l line) {
	p.Sources[field] = l.source()
	for sub, code := range e.doubts {
		p.doubt(field+"."+sub, code)
	}
}

// readFormat reads format, seating and minutes wherever the form of the year puts them.
func (r *reader) readFormat() {
	for i := range r.blocks {
		b := &r.blocks[i]
		switch b.sec {
		case secFormatLine:
			format, seating, minutes, _ := readFormatLine(b.rest)
			r.setFormat(format, b.head, false)
			if r.Seating == "" && seating != "" {
				r.Seating = Text(seating)
				r.Sources["seating"] = b.head.source()
			}
			r.setMinutes(minutes, b.head)
		case secFormat:
			if all := b.all(); len(all) > 0 {
				r.setFormat(all[0].s, all[0], prose(all[0].s))
			}
		case secDuration:
			if all := b.all(); len(all) > 0 {
				if n, ok := readMinutes(all[0].s); ok {
					r.setMinutes(n, all[0])
				}
			}
			// The pages of 2024 have the format on the line before, its heading lost.
			if r.Format == "" && i > 0 {
				if prev := r.blocks[i-1].all(); len(prev) > 0 && r.blocks[i-1].sec != secFormatText {
					if l := prev[len(prev)-1]; formats[labelKey(l.s)] {
						r.setFormat(l.s, l, false)
					} else if len(l.s) <= 40 && !prose(l.s) && !nameLike(l.s) && r.blocks[i-1].sec == secLost {
						r.setFormat(l.s, l, true)
					}
				}
			}
		}
	}
}

func (r *reader) setFormat(s string, l line, doubtful bool) {
	if r.Format != "" {
		return
	}
	if m := minutesTail().FindStringSubmatch(s); m != nil && len(s) <= 120 {
		s = m[1]
		if n, ok := readMinutes(m[2]); ok {
			r.setMinutes(n, l)
		}
	}
	r.Format = Text(s)
	r.Sources["format"] = l.source()
	if doubtful {
		r.doubt("format", ByPosition)
	}
}

func (r *reader) setMinutes(n int, l line) {
	if r.DurationMin != 0 {
		if int(r.DurationMin) != n {
			r.doubt("duration_min", SecondValue)
		}
		return
	}
	r.DurationMin = Count(n)
	r.Sources["duration_min"] = l.source()
}

// timeChecks compares the stated minutes with the times, and computes them where they are not stated.
func (p *Proposal) timeChecks() {
	between := minutesBetween(p.Start, p.End)
	switch {
	case between == 0:
	case p.DurationMin == 0:
		p.DurationMin = Count(between)
		p.Sources["duration_min"] = p.Sources["start"]
		p.doubt("duration_min", Derived)
	case int(p.DurationMin) != between:
		p.doubt("duration_min", TimesDisagree)
	}
}

// readShape concludes the series, and that it is a workshop, from lines that only such pages have.
func (r *reader) readShape() {
	organizers, speakers, known := 0, 0, 0
	for i := range r.blocks {
		switch r.blocks[i].sec {
		case secOrganizerN:
			organizers++
		case secSpeakerN:
			speakers++
		case secHead, secLost:
		default:
			known++
		}
	}
	if r.Series == "" && (organizers+speakers >= 2 || known >= 4) {
		r.Series = "IGF"
		r.doubt("series", FromShape)
	}
	if r.Kind == "" && organizers > 0 && speakers > 0 {
		r.Kind = "WS"
		r.doubt("kind", FromShape)
	}
	if r.Series == "" && known == 0 && organizers+speakers == 0 {
		r.doubt("text", UnknownShape)
	}
}

// finish marks what was not found and carries the doubts of entries up to their lists.
func (p *Proposal) finish() {
	for field, empty := range map[string]bool{
		"series": p.Series == "", "year": p.Year == 0, "kind": p.Kind == "", "number": p.Number == 0, "title": p.Title == "", "themes": len(p.Themes) == 0,
		"start": p.Start == "", "end": p.End == "", "room": p.Room == "", "organizers": len(p.Organizers) == 0, "speakers": len(p.Speakers) == 0,
		"additional_speakers": len(p.AdditionalSpeakers) == 0, "moderator_onsite": len(p.ModeratorOnsite) == 0, "moderator_online": len(p.ModeratorOnline) == 0,
		"rapporteur": len(p.Rapporteur) == 0, "format": p.Format == "", "seating": p.Seating == "", "duration_min": p.DurationMin == 0,
		"time_plan": len(p.TimePlan) == 0, "policy_questions": len(p.PolicyQuestions) == 0, "place": p.Place == "", "lead": p.Lead == nil,
		"partners": len(p.Partners) == 0, "gain": p.Gain == "", "description": p.Description == "", "outcomes": p.Outcomes == "", "hybrid": p.Hybrid == "",
	} {
		if empty {
			delete(p.Sources, field)
			p.doubt(field, NotFound)
		}
	}
	if l := p.Lead; l != nil {
		for field, empty := range map[string]bool{"name": l.Name == "", "org": l.Org == "", "designation": l.Designation == "", "economy": l.Economy == "", "stakeholder": l.Stakeholder == ""} {
			if empty {
				p.doubt("lead."+field, NotFound)
			}
		}
	}
	for i, o := range p.Organizers {
		if o.Name == "" {
			p.doubt(fmt.Sprintf("organizers[%d].name", i), NotFound)
		}
	}
	var lists []string
	for field := range p.Doubts {
		if at := strings.IndexAny(field, "[."); at > 0 {
			lists = append(lists, field[:at])
		}
	}
	for _, field := range lists {
		p.doubt(field, InPart)
	}
	for _, t := range []*Text{&p.Gain, &p.Description, &p.Outcomes, &p.Hybrid, &p.Title, &p.Format, &p.Room} {
		*t = Text(hideMail(string(*t)))
	}
	for i, q := range p.PolicyQuestions {
		p.PolicyQuestions[i] = hideMail(q)
	}
}
