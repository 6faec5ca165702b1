package plan

import (
	"slices"
	"strings"
	"unicode"
)

// entry is a person as one line names them.
type entry struct {
	name, org, stakeholder, region string
	locked                         bool
	doubts                         map[string]Code // by the field: "name", "org", "stakeholder", "region"
}

func (e *entry) doubt(field string, code Code) {
	if e.doubts == nil {
		e.doubts = map[string]Code{}
	}
	if _, there := e.doubts[field]; !there {
		e.doubts[field] = code
	}
}

// commas divides at the commas that stand outside brackets.
func commas(s string) []string {
	var parts []string
	depth, from := 0, 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth = max(0, depth-1)
		case ',':
			if depth == 0 {
				parts = append(parts, strings.TrimSpace(s[from:i]))
				from = i + 1
			}
		}
	}
	return append(parts, strings.TrimSpace(s[from:]))
}

// dashes divides at dashes with space around them.
var dashes = pattern(` [-–—] ?|[–—] `)

// full reads "Name, Stakeholder group, Regional group": the line the site makes for every person of a workshop. A name
// may hold commas.
func full(s string) (entry, bool) {
	if len(s) > 400 {
		return entry{}, false
	}
	parts := commas(strings.TrimRight(s, " ,;"))
	n := len(parts)
	if n < 2 || region(parts[n-1]) == "" || stakeholder(parts[n-2]) == "" {
		return entry{}, false
	}
	e := entry{stakeholder: parts[n-2], region: parts[n-1], name: strings.Join(parts[:n-2], ", ")}
	if n > 3 {
		e.doubt("name", ExtraComma)
	}
	for field, said := range map[string]string{"stakeholder": e.stakeholder, "region": e.region} {
		if !official[said] && said != "Western European and Others Group" && said != "Latin American and Caribbean Group" {
			e.doubt(field, UnknownGroup)
		}
	}
	switch {
	case e.name == "":
		e.doubt("name", NameHidden)
	case undecided(commas(e.name)[0]):
		e.name = ""
		e.doubt("name", ToBeDecided)
	}
	return e, true
}

// withOrg divides a name with commas: pages that ask for the organisation put it after the name.
func withOrg(e entry) entry {
	if parts := commas(e.name); len(parts) > 1 {
		e.name, e.org = parts[0], strings.Join(parts[1:], ", ")
		delete(e.doubts, "name")
		e.doubt("org", FreeLine)
	}
	return e
}

// groupInBrackets matches "Academia (GRULAC)".
var groupInBrackets = pattern(`^(.{3,40}?) ?\(([^()]{2,60})\)$`)

// free reads a line that a person typed: name first, organisation and groups in any order, with commas, dashes or
// brackets between. All of it is doubtful but the name of a line that has name and groups.
func free(s string) entry {
	s = strings.TrimRight(s, " ,;.")
	var e entry
	bracket := ""
	if open := strings.IndexByte(s, '('); open > 0 {
		if end := strings.IndexByte(s[open:], ')'); end > 0 && region(s[:open]) == "" {
			inside := strings.TrimSpace(s[open+1 : open+end])
			if region(inside) == "" || stakeholder(inside) == "" {
				first := commas(s)[0]
				if strings.Contains(first, "("+inside) || len(commas(s)) == 1 {
					bracket = inside
					s = strings.TrimSpace(s[:open]) + " " + strings.TrimSpace(s[open+end+1:])
					s = strings.TrimSpace(strings.ReplaceAll(s, " ,", ","))
				}
			}
		}
	}
	var parts []string
	for _, p := range commas(s) {
		parts = append(parts, dashes().Split(p, -1)...)
	}
	var rest []string
	for i, p := range parts {
		if p = strings.Trim(p, " -–—;"); strings.HasPrefix(p, "(") {
			p = strings.Trim(p, "()")
		}
		switch {
		case p == "":
		case i == 0:
			e.name = p
		case e.stakeholder == "" && e.region == "" && bothGroups(p):
			m := groupInBrackets().FindStringSubmatch(p)
			e.stakeholder, e.region = m[1], m[2]
		case e.stakeholder == "" && stakeholder(p) != "" && !(e.region == "" && i == len(parts)-1 && region(p) != "" && stakeholder(p) == ""):
			e.stakeholder = p
		case e.region == "" && region(p) != "":
			e.region = p
		default:
			rest = append(rest, p)
		}
	}
	if bracket != "" {
		switch {
		case e.region == "" && region(bracket) != "":
			e.region = bracket
		case e.stakeholder == "" && stakeholder(bracket) != "":
			e.stakeholder = bracket
		default:
			rest = append([]string{bracket}, rest...)
		}
	}
	e.org = strings.Join(rest, ", ")
	if undecided(e.name) {
		e.name = ""
		e.doubt("name", ToBeDecided)
	} else if e.stakeholder == "" || e.region == "" || bracket != "" || !nameLike(e.name) {
		e.doubt("name", FreeLine)
	}
	e.doubt("org", FreeLine)
	e.doubt("stakeholder", FreeLine)
	e.doubt("region", FreeLine)
	return e
}

// bothGroups says whether a text is a stakeholder group with a region in brackets.
func bothGroups(s string) bool {
	m := groupInBrackets().FindStringSubmatch(head(s, 120))
	return m != nil && stakeholder(m[1]) != "" && region(m[2]) != ""
}

// named divides a name and the job that follows it without a comma: "Ann One Deputy Director of Two".
func named(s string) (entry, bool) {
	if len(s) > 300 || strings.ContainsAny(head(s, 24), ",;:") {
		return entry{}, false
	}
	fields := strings.Fields(s)
	for i, w := range fields[:min(len(fields), 6)] {
		if !titles[strings.ToLower(strings.Trim(w, ".,"))] {
			continue
		}
		if name := strings.Join(fields[:i], " "); i >= 2 && nameLike(name) {
			e := entry{name: name, org: strings.Join(fields[i:], " ")}
			e.doubt("name", FreeLine)
			e.doubt("org", FreeLine)
			return e, true
		}
		break
	}
	return entry{}, false
}

// undecided recognises what people write when they have no name yet.
func undecided(s string) bool {
	switch strings.ToLower(strings.Trim(s, " ()[].-–/*")) {
	case "tbd", "tba", "tbc", "to be decided", "to be announced", "to be confirmed", "to be determined", "n/a", "na", "none", "not applicable", "n.a", "":
		return true
	}
	return false
}

// titles are the words that a job or an organisation has and a name has not.
var titles = map[string]bool{
	"director": true, "head": true, "member": true, "manager": true, "officer": true, "professor": true, "coordinator": true, "president": true,
	"chair": true, "ceo": true, "cto": true, "advisor": true, "adviser": true, "analyst": true, "consultant": true, "specialist": true, "researcher": true,
	"school": true, "university": true, "institute": true, "organization": true, "organisation": true, "foundation": true, "association": true,
	"council": true, "coalition": true, "ministry": true, "society": true, "center": true, "centre": true, "internet": true, "forum": true,
	"group": true, "network": true, "initiative": true, "programme": true, "program": true, "project": true, "department": true, "academy": true,
	"national": true, "international": true, "global": true, "governance": true, "digital": true, "the": true, "online": true, "session": true,
	"secretary": true, "secretariat": true, "founder": true, "lead": true, "expert": true, "fellow": true, "ambassador": true, "youth": true, "igf": true,
	"deputy": true, "chief": true, "senior": true, "vice": true, "executive": true, "minister": true, "representative": true, "counsel": true,
	"community": true, "commission": true, "committee": true, "agency": true, "authority": true, "company": true, "room": true, "discussion": true,
}

// particles may stand in a name in small letters.
var particles = map[string]bool{
	"de": true, "da": true, "do": true, "dos": true, "das": true, "del": true, "della": true, "der": true, "den": true, "van": true, "von": true, "la": true,
	"le": true, "el": true, "al": true, "bin": true, "binti": true, "ibn": true, "y": true, "e": true, "ter": true, "ten": true, "zu": true, "di": true, "ho": true,
}

// nameLike says whether a text may be the name of a person: one to six words, none of a job or an organisation, written
// as names are.
func nameLike(s string) bool {
	if s == "" || len(s) > 80 || strings.ContainsAny(s, "?!:;@&/|0123456789\"") {
		return false
	}
	fields := strings.Fields(s)
	if len(fields) > 6 {
		return false
	}
	if s == strings.ToUpper(s) && s != strings.ToLower(s) && !slices.ContainsFunc(fields, func(w string) bool { return len(w) > 4 }) {
		return false // an acronym
	}
	for i, w := range fields {
		low := strings.ToLower(strings.Trim(w, ".,()'’"))
		if titles[low] && len(fields) > 1 || titles[low] && i == 0 {
			return false
		}
		first := []rune(strings.TrimLeft(w, "('’\"-"))
		if len(first) == 0 || !unicode.IsLetter(first[0]) {
			return false
		}
		if unicode.IsLower(first[0]) && !particles[low] && i > 0 && len(fields) > 3 {
			return false
		}
		if unicode.IsLower(first[0]) && i == 0 && len(fields) > 1 && !particles[low] {
			return false
		}
	}
	return true
}

// honorific begins the name in a form.
var honorific = pattern(`^(?i:mr|ms|mrs|miss|mx|dr|prof|professor|sir|madam|h\.e)\.? +`)

// locks are the signs the site shows where an organisation is hidden, whole and damaged. The damaged ones that are also
// letters count only when nothing or a capital letter follows at once.
var (
	locks       = []string{"\U0001F512", "\U0001F510", "\U0001F50F", "\U0001F511", "馃敀"}
	brokenLocks = []string{"π", "ð", "đ", "р", "\uFFFD", "□", "�", "????", "??"}
)

// unlock takes the lock off an organisation.
func unlock(org string) (rest string, locked, damaged bool) {
	for _, l := range locks {
		if strings.Contains(org, l) {
			return strings.Trim(strings.ReplaceAll(strings.ReplaceAll(org, l, ""), "\uFE0F", ""), " ,"), true, false
		}
	}
	for _, l := range brokenLocks {
		if rest, ok := strings.CutPrefix(org, l); ok {
			rest = strings.TrimLeft(rest, "\uFFFD?Ÿ”’ź ")
			r := []rune(rest)
			if rest == "" || unicode.IsUpper(r[0]) || unicode.IsDigit(r[0]) || l == "\uFFFD" || strings.HasPrefix(l, "??") {
				return rest, true, true
			}
		}
	}
	return org, false, false
}

// organizer reads what stands behind "Organizer 3:": name and organisation, or only the groups where the site hides people.
func organizer(s string) entry {
	s = strings.TrimRight(s, " ,;")
	if e, ok := full(s); ok {
		return e
	}
	name, org, found := strings.Cut(s, ",")
	if !found {
		for _, l := range locks {
			if at := strings.Index(s, l); at >= 0 {
				name, org, found = s[:at], s[at:], true
				break
			}
		}
	}
	e := entry{name: strings.TrimSpace(name)}
	var damaged bool
	e.org, e.locked, damaged = unlock(strings.TrimSpace(org))
	if damaged {
		e.doubt("org_locked", LockDamaged)
		e.doubt("org", LockDamaged)
	}
	switch {
	case undecided(e.name):
		e.name = ""
		e.doubt("name", ToBeDecided)
	case !found && !nameLike(e.name) || stakeholder(e.name) != "":
		e.doubt("name", FreeLine)
		e.doubt("org", FreeLine)
	case len(commas(s)) > 2:
		e.doubt("name", ExtraComma)
		e.doubt("org", ExtraComma)
	}
	return e
}
