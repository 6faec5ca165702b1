package sheet

import (
	"embed"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"openmic/floor"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

// Files are the templates and the style of the sheet: a screen names them before its own.
//
//go:embed *.html *.css
var Files embed.FS

// A fact is one text of the plan beside its title.
type fact struct {
	key, label, hint string
	kind             string // of the input
	most             int
}

// facts are those the form asks for. Others, once in the plan, stay there.
var facts = []fact{
	{"event", "sheet.event", "", "", floor.LongLine},
	{"theme", "sheet.theme", "", "", floor.LongLine * 4},
	{"room", "sheet.room", "", "", floor.LongLine},
	{"format", "sheet.format", "", "", floor.LongLine * 2},
	{"partners", "sheet.partners", "", "", floor.LongLine * 4},
	{"video", "sheet.video", "sheet.video.hint", "", 2000},
	{"goesto", "sheet.goesto", "sheet.goesto.hint", "", floor.LongLine * 2},
	{"microphones", "sheet.microphones", "", "number", 2},
	{"description", "sheet.description", "", "area", floor.LongText * 4},
	{"gain", "sheet.gain", "", "area", floor.LongText * 4},
	{"outcomes", "sheet.outcomes", "", "area", floor.LongText * 4},
	{"hybrid", "sheet.hybrid", "", "area", floor.LongText * 4},
	{"primer", "sheet.primer", "sheet.primer.hint", "area", floor.LongText * 4},
}

// A Box is a field, and where its value comes from.
type Box struct {
	page.Field
	Doubtful bool   // its hint says why
	Line     int    // of the proposal, 0 when the value stands in none
	Quote    string // the beginning of what stands there
}

// A Part is the row of a segment.
type Part struct {
	N                               int
	Kind, Title, Minutes, Protected Box
}

// A Person is the row of somebody who gets a link.
type Person struct {
	N                              int
	Name, Org, Group, Region, Side Box
	Roles                          []Role
	RoleName                       string // of the boxes
	Error                          string // of the roles
	About                          string // group, region and side in one line
}

// A Role can be ticked.
type Role struct {
	Key, Label, ID string
	Checked        bool
}

// Sheet is the form as a template shows it.
type Sheet struct {
	page.Speaker
	Title, Date, Time, Zone Box
	Facts, Texts            []Box
	Questions               []Box
	Materials               []Box
	Parts                   []Part
	People                  []Person
	Minutes                 int64    // of all parts
	QuestionNotes           []string // what is doubtful about a section as a whole
	PartNotes, PeopleNotes  []string
	Doubts                  int // fields to look at
}

// spare is how many empty rows a section has.
const spare = 3

// mostRows bounds every list of rows.
const mostRows = 100

// rolesOffered are those a person may have, in this order.
var rolesOffered = []floor.Roles{floor.Organiser, floor.Chair, floor.Venue, floor.Desk, floor.Rapporteur, floor.Speaker, floor.Lane}

// Of shows what is typed, with what is wrong beside each field and, where there is a proposal, with its marks.
func Of(l *words.Language, typed url.Values, wrongs Wrongs, from *Reading, local *time.Location) *Sheet {
	s := &Sheet{Speaker: l}
	box := func(name, label, kind string, most int) Box {
		b := Box{Field: page.Field{Name: name, Label: label, Value: typed.Get(name), Type: kind, Most: most}}
		if w, ok := wrongs[name]; ok {
			b.Error = l.Say("bad."+w.Kind, "n", w.N)
		}
		from.mark(l, &b)
		if b.Doubtful {
			s.Doubts++
		}
		return b
	}
	choose := func(name, label, none, section string, keys []string) Box {
		b := box(name, l.Say(label), "select", 0)
		if none != "" {
			b.Choices = append(b.Choices, page.Choice{Label: l.Say(none)})
		}
		for _, k := range keys {
			b.Choices = append(b.Choices, page.Choice{Value: k, Label: l.Say(section + k)})
		}
		return b
	}
	s.Title = box("title", l.Say("sheet.title"), "", floor.LongLine)
	s.Title.Required = true
	s.Date, s.Time = box("date", l.Say("sheet.date"), "date", 0), box("time", l.Say("sheet.time"), "time", 0)
	s.Zone = box("zone", l.Say("sheet.zone"), "select", 0)
	s.Zone.Choices = zones(l, local)
	for _, f := range facts {
		b := box(f.key, l.Say(f.label), f.kind, f.most)
		if f.hint != "" && b.Hint == "" {
			b.Hint = l.Say(f.hint)
		}
		if f.kind == "area" {
			b.Rows = min(12, max(3, len(b.Value)/70))
			s.Texts = append(s.Texts, b)
		} else {
			s.Facts = append(s.Facts, b)
		}
	}
	for i := range rows(typed, "question", spare) {
		b := box(fmt.Sprintf("question.%d", i), l.Say("common.question-number", "n", i+1), "area", floor.LongText)
		b.Rows = 2
		s.Questions = append(s.Questions, b)
	}
	for i := range rows(typed, "material", 2) {
		b := box(fmt.Sprintf("material.%d", i), l.Say("sheet.material", "n", i+1), "area", floor.LongText)
		b.Rows = 2
		s.Materials = append(s.Materials, b)
	}
	for i := range rows(typed, "segment", spare) {
		at := fmt.Sprintf("segment.%d.", i)
		p := Part{N: i + 1, Kind: choose(at+"kind", "sheet.kind", "", "segment.", floor.SegmentKinds), Title: box(at+"title", l.Say("sheet.segment-title"), "", floor.LongLine),
			Minutes: box(at+"minutes", l.Say("sheet.minutes"), "number", 0), Protected: box(at+"protected", l.Say("sheet.protected"), "checkbox", 0)}
		if p.Kind.Value == "" {
			p.Kind.Value = "other"
		}
		p.Protected.Value, p.Protected.Checked = "yes", p.Protected.Value != ""
		if m, err := strconv.ParseInt(p.Minutes.Value, 10, 64); err == nil && m > 0 && m <= 24*60 {
			s.Minutes += m
		}
		s.Parts = append(s.Parts, p)
	}
	for i := range rows(typed, "person", spare) {
		at := fmt.Sprintf("person.%d.", i)
		p := Person{N: i + 1, Name: box(at+"name", l.Say("common.name"), "", floor.LongName), Org: box(at+"org", l.Say("consent.field.org"), "", floor.LongName),
			Group:  choose(at+"group", "consent.field.group", "group.unsaid", "group.", floor.Groups),
			Region: choose(at+"region", "consent.field.region", "region.unsaid", "region.", floor.Regions),
			Side:   choose(at+"side", "sheet.side", "", "side.", []string{"room", "online"})}
		p.Name.Fill = "off"
		p.RoleName, p.About = at+"role", about(l, typed, at)
		p.Roles = RolesOf(l, at+"role", typed[at+"role"], rolesOffered...)
		if w, ok := wrongs[at+"role"]; ok {
			p.Error = l.Say("bad."+w.Kind, "n", w.N)
		}
		s.People = append(s.People, p)
	}
	from.notes(l, s)
	return s
}

// about says in a line what else is known of a person; their details are folded away.
func about(l *words.Language, typed url.Values, at string) string {
	var out []string
	if v := typed.Get(at + "org"); v != "" {
		out = append(out, v)
	}
	for _, x := range []struct{ name, section string }{{"group", "group."}, {"region", "region."}, {"side", "side."}} {
		if v := typed.Get(at + x.name); l.Has(x.section + v) {
			out = append(out, l.Say(x.section+v))
		}
	}
	if len(out) == 0 {
		return l.Say("sheet.about")
	}
	return strings.Join(out, " · ")
}

// RolesOf are boxes to tick, named name.
func RolesOf(l *words.Language, name string, ticked []string, offered ...floor.Roles) []Role {
	var out []Role
	for _, r := range offered {
		out = append(out, Role{r.String(), l.Say("role." + r.String()), name + "-" + r.String(), slices.Contains(ticked, r.String())})
	}
	return out
}

// rows counts the rows somebody typed into, and adds empty ones.
func rows(typed url.Values, list string, empty int) int {
	n := 0
	for k, v := range typed {
		if i, ok := rowOf(k, list); ok && strings.Join(v, "") != "" {
			n = max(n, i+1)
		}
	}
	if typed.Get("more") == list {
		empty += 2 * spare
	}
	return min(n+empty, mostRows)
}

// rowOf is the number of the row a field stands in, for a list of rows.
func rowOf(name, list string) (int, bool) {
	rest, ok := strings.CutPrefix(name, list+".")
	if !ok {
		return 0, false
	}
	number, part, _ := strings.Cut(rest, ".")
	if part == "kind" || part == "side" { // a select always has a value
		return 0, false
	}
	i, err := strconv.Atoi(number)
	return i, err == nil && i >= 0 && i < mostRows
}

// Label is a moment as people of this language write it down everywhere: date and time of day.
func Label(at time.Time) string { return at.Format("2006-01-02 15:04") }

// zoneName is what a time zone is called, with its offset where the computer knows no name.
func zoneName(local *time.Location) string {
	if name := local.String(); name != "Local" {
		return name
	}
	return "UTC" + time.Now().In(local).Format("-07:00")
}

// zones are the offsets from UTC in use, after the place where the program runs.
func zones(l *words.Language, local *time.Location) []page.Choice {
	out := []page.Choice{{Label: l.Say("sheet.zone-here", "zone", zoneName(local))}, {Value: "+00:00", Label: "UTC"}}
	for _, m := range []int{-720, -660, -600, -570, -540, -480, -420, -360, -300, -240, -210, -180, -120, -60, 60, 120, 180, 210, 240, 270, 300, 330, 345,
		360, 390, 420, 480, 525, 540, 570, 600, 630, 660, 720, 765, 780, 840} {
		sign, a := "+", m
		if m < 0 {
			sign, a = "-", -m
		}
		v := fmt.Sprintf("%s%02d:%02d", sign, a/60, a%60)
		out = append(out, page.Choice{Value: v, Label: "UTC" + v})
	}
	return out
}
