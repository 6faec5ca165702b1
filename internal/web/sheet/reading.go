package sheet

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"openmic/floor"
	"openmic/internal/plan"
	"openmic/internal/words"
)

// A Reading is a proposal as the form has it: what it typed, and where each value comes from.
type Reading struct {
	Typed    url.Values
	proposal *plan.Proposal
	origin   map[string]origin // by field of the form
}

// An origin is where a value was read, and why it is doubtful, empty when it is sure.
type origin struct {
	source plan.Source
	doubt  plan.Code
}

// Lines is the text of the proposal, line by line, as origins count them.
func (r *Reading) Lines() []string {
	if r == nil {
		return nil
	}
	lines := strings.Split(r.proposal.Text(), "\n")
	return lines[:min(len(lines), mostLines)]
}

// mostLines is how much of a proposal is shown beside the form.
const mostLines = 4000

// the groups as the IGF spells them, and our keys.
var (
	groupKeys = map[string]string{"Government": "government", "Civil Society": "civil", "Technical Community": "technical", "Private Sector": "private",
		"Intergovernmental Organization": "intergovernmental"}
	regionKeys = map[string]string{"African Group": "african", "Asia-Pacific Group": "asia-pacific", "Eastern European Group": "eastern-european",
		"Latin American and Caribbean Group (GRULAC)": "grulac", "Western European and Others Group (WEOG)": "weog", "Intergovernmental Organization": "intergovernmental"}
)

// FromProposal fills the form from a proposal. The on-site moderator chairs unless the organiser decides otherwise.
func FromProposal(p *plan.Proposal, local *time.Location) *Reading {
	r := &Reading{Typed: url.Values{}, proposal: p, origin: map[string]origin{}}
	put := func(name, value string, fields ...string) {
		value = cut(strings.TrimSpace(value), most(name))
		if value != "" {
			r.Typed.Set(name, value)
		}
		r.origin[name] = r.of(fields...)
	}
	put("title", string(p.Title), "title")
	var event []string
	for _, v := range []string{string(p.Series), count(p.Year), string(p.Kind)} {
		if v != "" {
			event = append(event, v)
		}
	}
	if p.Number > 0 {
		event = append(event, "#"+count(p.Number))
	}
	put("event", strings.Join(event, " "), "series", "year", "kind", "number")
	put("theme", strings.Join(p.Themes, "; "), elements("themes", len(p.Themes))...)
	put("room", string(p.Room), "room")
	put("format", joinTexts(p.Format, p.Seating, p.Place), "format", "seating", "place")
	put("partners", strings.Join(p.Partners, "; "), elements("partners", len(p.Partners))...)
	put("description", string(p.Description), "description")
	put("gain", string(p.Gain), "gain")
	put("outcomes", string(p.Outcomes), "outcomes")
	put("hybrid", string(p.Hybrid), "hybrid")
	if at, err := time.Parse("2006-01-02T15:04Z", string(p.Start)); err == nil {
		at = at.In(local)
		put("date", at.Format("2006-01-02"), "start")
		put("time", at.Format("15:04"), "start")
	} else {
		r.origin["date"] = r.of("start")
	}
	for i, q := range p.Questions() {
		put(fmt.Sprintf("question.%d", i), q, fmt.Sprintf("policy_questions[%d]", i))
	}
	source := r.of("time_plan").source
	for i, s := range p.Segments() {
		at := fmt.Sprintf("segment.%d.", i)
		put(at+"kind", s.Kind)
		put(at+"title", s.Title)
		put(at+"minutes", strconv.Itoa(s.Minutes))
		r.origin[at+"minutes"] = origin{source, s.Doubt}
		if s.Protected {
			put(at+"protected", "yes")
		}
	}
	for i, x := range p.People() {
		if i == mostRows {
			break
		}
		at := fmt.Sprintf("person.%d.", i)
		put(at+"name", x.Name)
		r.origin[at+"name"] = r.ofPerson(x)
		put(at+"org", x.Org)
		put(at+"group", groupKeys[x.Stakeholder])
		put(at+"region", regionKeys[x.Region])
		put(at+"side", "room")
		if x.Has(plan.RoleOnline) && !x.Has(plan.RoleOnsite) {
			put(at+"side", "online")
		}
		for _, has := range []struct {
			role string
			keys []string
		}{{plan.RoleOrganiser, []string{"organiser"}}, {plan.RoleSpeaker, []string{"speaker"}}, {plan.RoleOnsite, []string{"venue", "chair"}},
			{plan.RoleOnline, []string{"desk"}}, {plan.RoleRapporteur, []string{"notes"}}} {
			if x.Has(has.role) {
				r.Typed[at+"role"] = append(r.Typed[at+"role"], has.keys...)
			}
		}
	}
	return r
}

// most is how many letters a field of the form takes.
func most(name string) int {
	switch {
	case strings.HasPrefix(name, "question."):
		return floor.LongText
	case strings.HasPrefix(name, "person."):
		return floor.LongName
	}
	for _, f := range facts {
		if f.key == name {
			return f.most
		}
	}
	return floor.LongLine
}

// elements names the entries of a list as proposals do, or the list itself when it is empty.
func elements(list string, n int) []string {
	out := []string{}
	for i := range n {
		out = append(out, fmt.Sprintf("%s[%d]", list, i))
	}
	if n == 0 {
		out = append(out, list)
	}
	return out
}

func count(c plan.Count) string {
	if c == 0 {
		return ""
	}
	return strconv.Itoa(int(c))
}

func joinTexts(texts ...plan.Text) string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, string(t))
		}
	}
	return strings.Join(out, " · ")
}

// cut keeps what a field can hold.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// of is the first place and the first doubt among fields of the proposal. A field nobody found beside others that were
// is no doubt about them.
func (r *Reading) of(fields ...string) origin {
	var o origin
	missing := 0
	for _, f := range fields {
		if s, ok := r.proposal.Sources[f]; ok && o.source == (plan.Source{}) {
			o.source = s
		}
		names := []string{f}
		if i := strings.IndexByte(f, '['); i >= 0 {
			names = append(names, f[:i]) // what is doubtful about a list is doubtful about each of it
		}
		for _, name := range names {
			switch d := r.proposal.Doubts[name].Code; {
			case d == plan.NotFound:
				missing++
			case d != "" && o.doubt == "" && (d != plan.InPart || len(names) == 1):
				o.doubt = d
			}
		}
	}
	if o.doubt == "" && missing >= len(fields) && len(fields) > 0 {
		o.doubt = plan.NotFound
	}
	return o
}

// ofPerson looks for the lines a person was named in, the doubtful ones first.
func (r *Reading) ofPerson(x plan.Person) origin {
	var o origin
	look := func(list string, i int, name string) {
		if !strings.EqualFold(name, x.Name) {
			return
		}
		at := fmt.Sprintf("%s[%d]", list, i)
		if list == "lead" {
			at = list
		}
		here := origin{source: r.proposal.Sources[at]}
		for _, f := range []string{at + ".name", at, list} {
			if d := r.proposal.Doubts[f].Code; d != "" && d != plan.InPart && here.doubt == "" {
				here.doubt = d
			}
		}
		if o.source == (plan.Source{}) || o.doubt == "" && here.doubt != "" {
			o = here
		}
	}
	p := r.proposal
	if p.Lead != nil {
		look("lead", 0, string(p.Lead.Name))
	}
	for i, v := range p.Organizers {
		look("organizers", i, string(v.Name))
	}
	for _, l := range []struct {
		name   string
		people []plan.Speaker
	}{{"speakers", p.Speakers}, {"moderator_onsite", p.ModeratorOnsite}, {"moderator_online", p.ModeratorOnline}, {"rapporteur", p.Rapporteur}} {
		for i, v := range l.people {
			look(l.name, i, string(v.Name))
		}
	}
	for i, v := range p.AdditionalSpeakers {
		name, _, _ := strings.Cut(v, " (")
		look("additional_speakers", i, name)
	}
	if x.Doubtful && o.doubt == "" {
		o.doubt = plan.FreeLine
	}
	return o
}

// quoteLength is how much of the proposal stands beside a field, in letters.
const quoteLength = 60

// mark says beside a field where its value comes from, as long as it is the value that was read.
func (r *Reading) mark(l *words.Language, b *Box) {
	if r == nil || b.Value != r.Typed.Get(b.Name) {
		return
	}
	o, ok := r.origin[b.Name]
	if !ok {
		return
	}
	if o.doubt != "" {
		b.Hint = doubtSay(l, o.doubt)
		b.Doubtful = o.doubt != plan.NotFound
	}
	if b.Value == "" || o.source.Line == 0 {
		return
	}
	b.Line = o.source.Line
	text := r.proposal.Text()
	if o.source.Offset >= 0 && o.source.Offset+o.source.Length <= len(text) {
		b.Quote = cut(strings.Join(strings.Fields(text[o.source.Offset:o.source.Offset+o.source.Length]), " "), quoteLength)
	}
}

// notes says what is doubtful about whole sections.
func (r *Reading) notes(l *words.Language, s *Sheet) {
	if r == nil {
		return
	}
	note := func(to *[]string, field, name string) {
		d := r.proposal.Doubts[field].Code
		if d == "" || d == plan.InPart {
			return
		}
		*to = append(*to, l.Say("sheet.note", "name", name, "why", doubtSay(l, d)))
	}
	note(&s.QuestionNotes, "policy_questions", l.Say("sheet.questions"))
	note(&s.PartNotes, "duration_min", l.Say("sheet.duration"))
	note(&s.PartNotes, "time_plan", l.Say("sheet.time-plan"))
	note(&s.PeopleNotes, "organizers", l.Say("role.organiser"))
	note(&s.PeopleNotes, "speakers", l.Say("role.speaker"))
	note(&s.PeopleNotes, "moderator_onsite", l.Say("role.venue"))
	note(&s.PeopleNotes, "moderator_online", l.Say("role.desk"))
	note(&s.PeopleNotes, "rapporteur", l.Say("role.notes"))
}

// Text is the text of the proposal as it was read, empty when there is none.
func (r *Reading) Text() string {
	if r == nil {
		return ""
	}
	return r.proposal.Text()
}

// doubtSay is the sentence of a doubt: doubt.<code>, with the hyphens of the catalogue.
func doubtSay(l *words.Language, c plan.Code) string {
	return l.Say("doubt." + strings.ReplaceAll(string(c), "_", "-"))
}
