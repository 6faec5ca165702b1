package plan

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

var (
	// "Quick Panel + Open Discussion (90mins)"
	sumOfParts = pattern(`(?i)([\pL][\pL&/' -]{2,40}(?: ?\+ ?[\pL][\pL&/' -]{2,40}){1,4}) ?\(?(\d{1,3}) ?min(?:ute)?s?`)
	// "each speaker can have up to 10 minutes"
	eachSpeaker = pattern(`(?i)\b(?:each|every|per)(?: of the)?(?: \pL+)? (speaker|panell?ist|presenter|discussant)s?\b[^.;]{0,40}?\b(up to )?(\d{1,2})[ -]?min(?:ute)?s?\b`)
	// "20 minutes of open mic", "40 mins as open discussion", "15 minutes online Q&A"
	minutesOf = pattern(`(?i)\b(\d{1,3})[ -]?min(?:ute)?s?\b(?: \(?(?:long|each)\)?)?(?: (?:of|for|as|to|on))?(?: (?:an?|the|our|its))? ([\pL&][\pL&/' -]{1,60})`)
	// "1. Welcome and introduction (5 min)", "Open discussion – 30 minutes", "[10 min] Opening"
	partThenMinutes = pattern(`(?i)^(?:\(?\d{1,2}[.)]|[ivx]+[.)]|[a-h][.)])? ?([\pL][^()\[\]:]{2,90}?) ?(?:[-–—:]|\(|\[)+ ?~?(\d{1,3}) ?['’]?(?:min(?:ute)?s?)\.?[\])]?\.?$`)
	minutesThenPart = pattern(`(?i)^[\[(]?~?(\d{1,3}) ?min(?:ute)?s?\.?[\])]? ?[-–—:.]? ?([\pL].{2,90}?)\.?$`)
)

// stops end the name of a part inside a sentence.
var stops = map[string]bool{
	"for": true, "with": true, "in": true, "from": true, "including": true, "that": true, "which": true, "and": true, "to": true, "by": true, "where": true,
	"during": true, "at": true, "is": true, "are": true, "will": true, "through": true, "so": true, "among": true, "between": true, "then": true, "on": true,
	"followed": true, "after": true, "before": true, "each": true, "per": true, "of": true, "session": true, "slot": true, "time": true, "as": true, "enough": true, "long": true,
}

// partWords say that a phrase names a part of a session and not something else that takes minutes.
var partWords = []string{
	"discuss", "debate", "q&a", "question", "mic", "panel", "present", "introduc", "opening", "welcome", "closing", "conclusion", "wrap", "keynote", "remarks",
	"break", "audience", "interven", "tour", "exercise", "summary", "roundtable", "dialogue", "statements", "talk", "demo", "group work", "interact", "feedback",
}

// readTimePlan reads the timed parts: from lines of an agenda, else from the sentences about the format. Whatever comes
// from a sentence is doubtful.
func (r *reader) readTimePlan() {
	for i := range r.blocks {
		b := &r.blocks[i]
		if b.sec == secAgenda || b.sec == secFormatText || b.sec == secText || b.sec == secLost {
			if r.agenda(b.all()) {
				break
			}
		}
	}
	for i := range r.blocks {
		if b := &r.blocks[i]; b.sec == secFormatText && len(r.TimePlan) == 0 {
			r.planFromProse(b.all())
		}
	}
	if len(r.TimePlan) == 0 { // a description counts only when its parts fill the session exactly
		for i := range r.blocks {
			b := &r.blocks[i]
			if b.sec == secText || b.sec == secOther || b.sec == secHybrid {
				trial := Proposal{DurationMin: r.DurationMin, Start: r.Start, End: r.End, Speakers: r.Speakers, Sources: map[string]Source{}, Doubts: map[string]Doubt{}}
				trial.planFromProse(b.all())
				if len(trial.TimePlan) >= 2 && trial.planned() == r.sessionMinutes() {
					r.planFromProse(b.all())
					break
				}
			}
		}
	}
	if len(r.TimePlan) > 0 && r.sessionMinutes() > 0 && r.planned() != r.sessionMinutes() {
		r.doubt("time_plan", SumDisagrees)
	}
}

func (p *Proposal) planned() int {
	sum := 0
	for _, part := range p.TimePlan {
		sum += part.Minutes
	}
	return sum
}

// sessionMinutes is what is known of the length before timeChecks has run.
func (p *Proposal) sessionMinutes() int {
	if p.DurationMin > 0 {
		return int(p.DurationMin)
	}
	return minutesBetween(p.Start, p.End)
}

func (p *Proposal) addPart(name string, minutes int, derived bool, l line, code Code) {
	field := element("time_plan", len(p.TimePlan))
	p.TimePlan = append(p.TimePlan, Part{Part: name, Minutes: minutes, Derived: derived})
	p.Sources[field] = l.source()
	if code != "" {
		p.doubt(field, code)
	}
}

// agenda reads lines that are a part with its minutes; two are needed to make it an agenda.
func (p *Proposal) agenda(lines []line) bool {
	var parts []Part
	var at []line
	for _, l := range lines {
		if len(l.s) > 140 {
			continue
		}
		if m := partThenMinutes().FindStringSubmatch(l.s); m != nil {
			n, _ := strconv.Atoi(m[2])
			if n == 0 {
				continue
			}
			parts, at = append(parts, Part{Part: strings.TrimRight(m[1], " -–—:"), Minutes: n}), append(at, l)
		} else if m := minutesThenPart().FindStringSubmatch(l.s); m != nil {
			n, _ := strconv.Atoi(m[1])
			if n == 0 {
				continue
			}
			parts, at = append(parts, Part{Part: m[2], Minutes: n}), append(at, l)
		}
	}
	if len(parts) < 2 {
		return false
	}
	for i, part := range parts {
		p.addPart(part.Part, part.Minutes, false, at[i], "")
	}
	return true
}

// planFromProse reads the parts a text names in its sentences.
func (p *Proposal) planFromProse(lines []line) {
	total := p.sessionMinutes()
	type said struct {
		name    string
		minutes int
		derived bool
		l       line
		at      int
	}
	var parts []said
	var named []string // parts of a sum, without minutes of their own
	var sumLine line
	for _, l := range lines {
		if len(l.s) > 20000 {
			continue
		}
		if m := sumOfParts().FindStringSubmatch(l.s); m != nil && len(named) == 0 {
			if n, _ := strconv.Atoi(m[2]); n == total || total == 0 {
				for _, name := range strings.Split(m[1], "+") {
					named = append(named, strings.TrimSpace(name))
				}
				sumLine = l
				if total == 0 {
					total = n
				}
			}
		}
		for _, m := range eachSpeaker().FindAllStringSubmatchIndex(l.s, 4) {
			n, _ := strconv.Atoi(l.s[m[6]:m[7]])
			upTo := ""
			if m[4] >= 0 {
				upTo = "up to "
			}
			if len(p.Speakers) > 0 && n > 0 {
				parts = append(parts, said{fmt.Sprintf("speakers, %s%d each", upTo, n), n * len(p.Speakers), true, l, m[0]})
			}
		}
		for _, m := range minutesOf().FindAllStringSubmatchIndex(l.s, 40) {
			n, _ := strconv.Atoi(l.s[m[2]:m[3]])
			name := phrase(l.s[m[4]:m[5]])
			if n == 0 || n == total || name == "" {
				continue
			}
			parts = append(parts, said{name, n, false, l, m[0]})
		}
	}
	// Parts of the sum get the minutes said elsewhere; when all but one have them, the last one is what is left.
	if len(named) > 0 {
		left, open := total, -1
		minutes := make([]int, len(named))
		for i, name := range named {
			for _, part := range parts {
				if strings.EqualFold(part.name, name) || strings.Contains(strings.ToLower(name), strings.ToLower(part.name)) {
					minutes[i] = part.minutes
					break
				}
			}
			if minutes[i] == 0 {
				if open >= 0 {
					return
				}
				open = i
			}
			left -= minutes[i]
		}
		if open >= 0 && left <= 0 {
			return
		}
		for i, name := range named {
			if i == open {
				p.addPart(name, left, true, sumLine, Derived)
			} else {
				p.addPart(name, minutes[i], false, sumLine, FromProse)
			}
		}
		p.doubt("time_plan", FromProse)
		return
	}
	sum := 0
	for _, part := range parts {
		sum += part.minutes
	}
	if len(parts) == 0 || total > 0 && sum > total {
		return
	}
	for _, part := range parts {
		code := FromProse
		if part.derived {
			code = Derived
		}
		p.addPart(part.name, part.minutes, part.derived, part.l, code)
	}
	p.doubt("time_plan", FromProse)
}

// phrase is the name of a part at the beginning of s; "" when it is something else.
func phrase(s string) string {
	var kept []string
	for _, w := range strings.Fields(s) {
		if stops[strings.ToLower(w)] || len(kept) == 4 {
			break
		}
		kept = append(kept, w)
	}
	name := strings.Trim(strings.Join(kept, " "), " -/'")
	low := strings.ToLower(name)
	for _, w := range partWords {
		if strings.Contains(low, w) && strings.IndexFunc(name, unicode.IsLetter) == 0 {
			return name
		}
	}
	return ""
}
