package plan

import (
	"net/url"
	"strconv"
	"strings"
)

// kinds are the sessions of the IGF by their names in titles and addresses, folded, and as the site spells them.
var kinds = map[string]string{
	"ws": "WS", "workshop": "WS", "of": "OF", "open forum": "Open Forum", "day 0 event": "Day 0 Event", "day 0": "Day 0 Event", "day0": "Day 0 Event",
	"day zero event": "Day 0 Event", "day zero": "Day 0 Event", "day0 event": "Day 0 Event",
	"pre event": "Pre-Event", "pre-event": "Pre-Event", "lightning talk": "Lightning Talk", "lightning": "Lightning Talk", "lt": "Lightning Talk", "lightning session": "Lightning Session",
	"town hall": "Town Hall", "th": "Town Hall", "townhall": "Town Hall", "launch / award event": "Launch / Award Event", "launch award event": "Launch / Award Event",
	"launch/award event": "Launch / Award Event", "launch": "Launch / Award Event", "award event": "Launch / Award Event", "launch award": "Launch / Award Event",
	"networking session": "Networking Session", "networking": "Networking Session", "ns": "Networking Session", "dc session": "DC", "dc": "DC", "dynamic coalition": "DC",
	"bpf": "BPF", "best practice forum": "BPF", "pn": "PN", "policy network": "PN", "main session": "Main Session", "ms": "Main Session",
	"nri": "NRI", "nris": "NRI", "flash session": "Flash Session", "unconference": "Unconference",
}

var (
	igfTitle  = pattern(`^(?:UN )?(?:IGF|Internet Governance Forum) ?(20[0-3]\d)\b[ :–-]*(.*)$`)
	numbered  = pattern(`^([A-Za-z][A-Za-z0-9 /.&-]{0,38}?) ?(?:#|No\.? ?)\s?(\d{1,4})\b[ :.–-]*(.*)$`)
	acronymed = pattern(`^(DC|BPF|PN)([-–]?[A-Z0-9][A-Za-z0-9-]{0,14})? (.+)$`)
	bareKind  = pattern(`(?i)^(workshop|ws) (\d{1,4})[ :.–-]+(.*)$`)
	coalition = pattern(`(?i)^(?:IGF )?(?:dynamic coalition (?:on|for)|dynamic coaltion|youth coalition on)\b`)
	apForm    = pattern(`^APrIGF (20[0-3]\d) (.{3,40}?)(?: Submission)? Form$`)
)

// titleLine reads "IGF 2023 WS #329 Title". The title may follow on the next line; then it comes back empty.
func (p *Proposal) titleLine(l line) (title string, ok bool) {
	if len(l.s) > 400 {
		return "", false
	}
	s := l.s
	if m := igfTitle().FindStringSubmatch(s); m != nil {
		year, _ := strconv.Atoi(m[1])
		p.Series, p.Year, s = "IGF", Count(year), m[2]
		p.Sources["series"], p.Sources["year"] = l.source(), l.source()
		ok = true
	}
	if m := numbered().FindStringSubmatch(s); m != nil {
		kind, known := kinds[strings.ToLower(m[1])]
		if !ok && !known {
			return "", false
		}
		if kind != "WS" {
			kind = m[1]
		} else if m[1] != kind {
			p.doubt("kind", FromShape)
		}
		p.Kind = Text(kind)
		n, _ := strconv.Atoi(m[2])
		p.Number = Count(n)
		p.Sources["kind"], p.Sources["number"] = l.source(), l.source()
		return m[3], true
	}
	// Without a number, a line in which a sentence ends is text that mentions the forum.
	if !ok || len(s) > 200 || strings.Contains(s, ". ") {
		p.Series, p.Year = "", 0
		delete(p.Sources, "series")
		delete(p.Sources, "year")
		return "", false
	}
	if m := bareKind().FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[2])
		p.Kind, p.Number = "WS", Count(n)
		p.Sources["kind"], p.Sources["number"] = l.source(), l.source()
		return m[3], true
	}
	if m := acronymed().FindStringSubmatch(s); m != nil {
		p.Kind = Text(m[1])
		p.Sources["kind"] = l.source()
		p.doubt("kind", FromShape)
		p.doubt("title", FromShape)
		return m[3], true
	}
	// An acronym of a coalition before the title: "IGF 2021 XYCG A Title".
	if first, rest, found := strings.Cut(s, " "); found && len(first) >= 3 && len(first) <= 8 && first == strings.ToUpper(first) && rest != strings.ToUpper(rest) && strings.IndexFunc(first, func(r rune) bool { return r < 'A' || r > 'Z' }) < 0 {
		p.doubt("title", FromShape)
		return rest, true
	}
	if s != "" {
		p.doubt("title", FromShape)
	}
	return s, true
}

// addressPart matches the beginning of a file name or of the last part of an address.
var addressPart = pattern(`^(aprigf|igf)[-_ ]*(20[0-3]\d)(?:[-_ ]+(.*))?$`)

// kindInAddress matches the kind and the number at the beginning of what follows the year.
var kindInAddress = pattern(`^(ws|workshop|of|open-forum|day-?0(?:-event)?|day-zero(?:-event)?|pre-event|lightning-talk|lightning|lt|town-?hall|th|launch-award(?:-event)?|launch|networking(?:-session)?|ns|dc|bpf|pn|flash-session|main-session)-?(\d{1,4})?(?:-(.*))?$`)

// fromName fills what the text does not say from the name of the file or the address of the page. All of it is doubtful:
// people rename files.
func (p *Proposal) fromName(name string) {
	name = strings.TrimSpace(name)
	if u, err := url.Parse(name); err == nil && u.Path != "" {
		name = u.Path
	}
	name = strings.TrimRight(strings.ReplaceAll(name, "\\", "/"), "/")
	name = strings.ToLower(name[strings.LastIndexByte(name, '/')+1:])
	for _, end := range []string{".txt", ".html", ".htm", ".md", ".text"} {
		name = strings.TrimSuffix(name, end)
	}
	m := addressPart().FindStringSubmatch(strings.TrimRight(name, "-_ "))
	if m == nil || len(name) > 300 {
		return
	}
	fill := func(field string, empty bool, set func()) {
		if empty || p.Doubts[field].Code == FromShape {
			set()
			delete(p.Doubts, field)
			p.Sources[field] = Source{}
			p.doubt(field, FromName)
		}
	}
	series := Text("IGF")
	if m[1] == "aprigf" {
		series = "APrIGF"
	}
	if p.Series != "" && p.Series != series && p.Sure("series") {
		return
	}
	fill("series", p.Series == "", func() { p.Series = series })
	year, _ := strconv.Atoi(m[2])
	fill("year", p.Year == 0, func() { p.Year = Count(year) })
	if series != "IGF" {
		return
	}
	k := kindInAddress().FindStringSubmatch(strings.NewReplacer("_", "-", " ", "-").Replace(m[3]))
	if k == nil {
		return
	}
	if kind := kinds[strings.ReplaceAll(k[1], "-", " ")]; kind != "" {
		fill("kind", p.Kind == "", func() { p.Kind = Text(kind) })
	}
	if n, _ := strconv.Atoi(k[2]); n > 0 && p.Kind != "DC" {
		fill("number", p.Number == 0, func() { p.Number = Count(n) })
	}
	if slug := strings.TrimSpace(strings.ReplaceAll(k[3], "-", " ")); len(slug) >= 12 && strings.Contains(slug, " ") && p.Title == "" {
		fill("title", true, func() { p.Title = Text(strings.ToUpper(slug[:1]) + slug[1:]) })
	}
}
