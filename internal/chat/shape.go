package chat

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// zeroBlank stands between name and words where they were only apart on the screen.
const zeroBlank = '\u200b'

// longName is how long a name may be, in letters; whatever is longer is no name.
const longName = 80

// A stamp is a time of day, perhaps with a date before it.
const (
	day   = `(?:\d{4}-\d{1,2}-\d{1,2}[T, ]+|\d{1,4}[./-]\d{1,2}(?:[./-]\d{0,4})?,?\s+|(?:Today|Yesterday)(?:\s+at)?,?\s+|\p{L}{3,9}\.?\s\d{1,2}(?:,\s\d{4})?,?\s+)?`
	clock = `\d{1,2}[:h]\d{2}(?::\d{2}(?:[.,]\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?(?:\s?[AaPp]\.?\s?[Mm]\.?)?`
	stamp = day + clock
)

// ways are the words that stand before the sender and the receiver in saved chats. They belong together: "a" parts a
// sender from a receiver after "De", and is part of a name after "From".
var ways = []struct{ from, to string }{
	{`[Ff]rom`, `[Tt]o`}, {`[Vv]on`, `[Aa]n`}, {`[Dd]e(?:\s+la\s+part\s+de)?`, `(?:[Àà]|[Aa]|[Pp]ara)`}, {`[Dd]a`, `[Aa]`}, {`[Vv]an`, `[Aa]an`},
	{`[Ff]rån`, `[Tt]ill`}, {`[Ff]ra`, `[Tt]il`}, {`[Oo]d`, `[Dd]o`}, {`[Оо]т`, `(?:[Дд]ля|[Кк]ому)`}, {`(?:開始|差出人)`, `(?:宛先|終了|から)`},
	{`(?:从|從|來自|来自)`, `(?:到|至|收件人)`}, {`(?:발신자|보낸\s?사람)`, `(?:수신자|받는\s?사람)`}, {`من`, `إلى`},
}

// way is one of ways, ready to recognise.
type way struct {
	saved  *regexp.Regexp // 14:02:11 From Sita to Everyone: words
	both   *regexp.Regexp // Sita to Everyone
	bare   *regexp.Regexp // From Sita to Everyone: words
	window *regexp.Regexp // From Sita to Everyone: 2:02 PM, with the words below
	begins *regexp.Regexp
}

// known is made when the first chat is read: it is sixty patterns.
var known = sync.OnceValue(func() (all []way) {
	for _, w := range ways {
		all = append(all, way{
			saved:  regexp.MustCompile(`^\s*\[?(` + stamp + `)\]?\s+` + w.from + `:?\s+(.+)$`),
			both:   regexp.MustCompile(`^(.+?)\s+` + w.to + `\s+(.+)$`),
			bare:   regexp.MustCompile(`^\s*` + w.from + `:?\s+(.{1,120}?)\s+` + w.to + `\s+(.+)$`),
			window: regexp.MustCompile(`^\s*(?:` + w.from + `:?\s+)?(.{1,120}?)\s+` + w.to + `\s+(.{1,120}?)\s*:?\s*(\([\pL ]+\))?\s*:?\s*\(?(` + stamp + `)\)?\s*:?\s*$`),
			begins: regexp.MustCompile(`^\s*` + w.from + `:?\s`),
		})
	}
	return all
})

var (
	colon = pattern(`\s*[:：](?:\s+|$)`)
	// [14:02] <sita> words; <sita> words where nothing has a time
	angle = pattern(`^\s*(?:\[?(` + stamp + `)\]?\s+)?<\s?[@+%&~!]?([^<>/\\\s][^<>]{0,79}?)>\s(.*)$`)
	// 14:02 * sita waves; 14:02 *** sita has joined
	acts = pattern(`^\s*\[?(` + stamp + `)\]?\s+\*\s([^\s*]{1,64})\s(.*)$`)
	note = pattern(`^\s*\[?` + stamp + `\]?\s+(?:\*\*\*|-!-|-->|<--|===?|⇐|⇒|→|←)\s`)
	// 00:12:33 <tab> Sita: <tab> words
	tabbed = pattern(`^\s*\[?(` + stamp + `)\]?\t+\s*([^\t]{1,120}?)\s*:?\s*\t+(.*)$`)
	// 14:02 Sita (zero blank) words
	glued = pattern(`^\s*(` + stamp + `)\s*(.{1,120}?)\s*\x{200b}+\s*(.+)$`)
	// [14:02] Sita : words; 14:02 - Sita: words; 14:02 Sita: words
	timed  = pattern(`^\s*[\[(]?(` + stamp + `)[\])]?\s*(?:[-–—|]\s*)?(?:\((?:Owner|Moderator|Member|Verified|Host)[^)]*\)\s*)?(\S.*)$`)
	boxed  = pattern(`^\s*\[(` + stamp + `)\]\s*(\S.{0,119})$`)
	behind = pattern(`^\s*(\S.{0,79}?)\s*(?:[—–|·•,]\s*|\s-\s+|\s+)[\[(]?(` + stamp + `)[\])]?\s*$`)
	quoted = pattern(`^\s*(\S.{0,79}?),\s+\[(` + stamp + `)\]\s*$`)
	alone  = pattern(`^\s*[\[(]?(` + stamp + `)[\])]?(?:\s*(?:,|-->)\s*` + clock + `)?\s*$`)
	tod    = pattern(`(\d{1,2}[:h]\d{2}(?::\d{2})?)(?:[.,]\d{1,6})?(?:Z|[+-]\d{2}:?\d{2})?(\s?[AaPp]\.?\s?[Mm]\.?)?$`)

	replies = pattern(`^(?:Replying to|In reply to|En réponse à|Antwort auf|Respondiendo a)\s+["“„«'].*["”“»'…]\s*:?$`)
	reacts  = pattern(`^(?:Reacted to\s+["“„«'].*|Removed an? .* reaction from\s+["“„«'].*)$`)
)

// logged reads chats in which every message begins with a line of its own shape; nil when no line has one.
func logged(lines []string) []message {
	var out []message
	for _, line := range lines {
		if m, ok := header(line); ok {
			out = append(out, m)
		} else if len(out) > 0 {
			out = below(out, line)
		} else if s := strings.TrimSpace(line); s != "" {
			// What stands before the first header may be the end of a message whose header was not copied.
			out = append(out, message{Line: Line{Text: s}, none: true})
		}
	}
	for _, m := range out {
		if !m.none {
			return out
		}
	}
	return nil
}

// header recognises a line that begins a message.
func header(line string) (m message, ok bool) {
	if len(line) > 1<<13 {
		// Headers are short; long lines are looked at only as far as a header may reach.
		cut := 1 << 12
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		m, ok = header(line[:cut])
		m.Text += line[cut:]
		return m, ok
	}
	if note().MatchString(line) {
		return message{none: true}, true
	}
	begins, ends := first().MatchString(line), endsInTime(line)
	for _, w := range known() {
		if m, ok := w.header(line, begins, ends); ok {
			return m, true
		}
	}
	if !begins {
		x := quoted().FindStringSubmatch(line)
		if x == nil {
			return message{}, false
		}
		return made(x[2], x[1], "", "", false), true
	}
	if x := angle().FindStringSubmatch(line); x != nil && x[1] != "" && !tag().MatchString("<"+x[2]+">") {
		return made(x[1], x[2], "", x[3], true), true
	}
	if x := acts().FindStringSubmatch(line); x != nil {
		if strings.HasPrefix(x[3], "has ") || strings.HasPrefix(x[3], "(") {
			return message{none: true}, true
		}
		return made(x[1], x[2], "", x[3], true), true
	}
	if x := tabbed().FindStringSubmatch(line); x != nil {
		return made(x[1], x[2], "", x[3], true), true
	}
	if x := glued().FindStringSubmatch(line); x != nil {
		return made(x[1], x[2], "", x[3], true), true
	}
	if x := timed().FindStringSubmatch(line); x != nil {
		if name, words, ok := apart(x[2]); ok && short(name) {
			return made(x[1], name, "", words, true), true
		}
	}
	if x := boxed().FindStringSubmatch(line); x != nil && short(x[2]) {
		return made(x[1], x[2], "", "", false), true
	}
	return message{}, false
}

// first recognises a line that begins with a time.
var first = pattern(`^\s*[\[(]?` + stamp)

// endsInTime: there is something like a time at the end of the line.
func endsInTime(line string) bool {
	line = strings.TrimRight(line, ": )\t")
	end := line[max(0, len(line)-20):]
	i := strings.LastIndexAny(end, ":h")
	return i > 0 && i+1 < len(end) && end[i-1] >= '0' && end[i-1] <= '9' && end[i+1] >= '0' && end[i+1] <= '9'
}

// header recognises a line that says who sent the words to whom.
func (w way) header(line string, timeFirst, timeLast bool) (message, bool) {
	if timeFirst {
		if x := w.saved.FindStringSubmatch(line); x != nil {
			if who, words, ok := apart(x[2]); ok {
				name, to := who, ""
				if y := w.both.FindStringSubmatch(who); y != nil {
					name, to = y[1], y[2]
				}
				return made(x[1], name, to, words, true), true
			}
		}
	}
	begins := w.begins.MatchString(line)
	if timeLast {
		if x := w.window.FindStringSubmatch(line); x != nil && (begins || everybody(x[2]) || secret(x[2]+" "+x[3])) {
			return made(x[4], x[1], strings.TrimSpace(x[2]+" "+x[3]), "", false), true
		}
	}
	if begins {
		if x := w.bare.FindStringSubmatch(line); x != nil {
			if to, words, ok := apart(x[2]); ok && (everybody(to) || secret(to)) {
				return made("", x[1], to, words, words != ""), true
			}
		}
	}
	return message{}, false
}

// apart cuts at the first colon that ends a word: what stands before it and after it.
func apart(s string) (before, after string, ok bool) {
	at := colon().FindStringIndex(s)
	if at == nil || strings.TrimSpace(s[:at[0]]) == "" {
		return "", "", false
	}
	return strings.TrimSpace(s[:at[0]]), s[at[1]:], true
}

// short: it may be a name.
func short(s string) bool { return utf8.RuneCountInString(s) <= longName }

func made(at, name, to, words string, whole bool) message {
	at = strings.TrimSpace(at)
	short := ""
	if x := tod().FindStringSubmatch(at); x != nil {
		short = x[1] + x[2]
	}
	return message{Line: Line{At: short, Name: strings.TrimSpace(name), Text: words, stamp: at}, to: strings.TrimSpace(to), whole: whole}
}

// blocks reads what was copied from a window, where name, time and words stand on lines of their own; nil when it is
// not so.
func blocks(lines []string) []message {
	var full []string
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" {
			full = append(full, l)
		}
	}
	if len(full) < 2 {
		return nil
	}
	if nameAndTime(full[0]) != nil && alone().FindString(full[0]) == "" {
		return sideBySide(full)
	}
	var times []int
	for i, l := range full {
		if alone().MatchString(l) {
			times = append(times, i)
		}
	}
	switch {
	case len(times) == 0:
		return nil
	case times[0] == 0:
		return timeFirst(full, times)
	case times[0] == 1:
		return nameFirst(full, times)
	}
	return timeLast(full, times)
}

// dates end in these words before a time: "until 14:02" is no name.
var dates = pattern(`(?i)(?:^|\s)(?:at|by|is|until|till|from|since|to|and|the|um|bis|ab|ist|à|vers|avant|las|est)$`)

// nameAndTime recognises "Sita 2:02 PM" and the like.
func nameAndTime(line string) *message {
	x := behind().FindStringSubmatch(line)
	if x == nil || len(strings.Fields(x[1])) > 6 || dates().MatchString(x[1]) || strings.ContainsAny(x[1], ".?!:;") && !strings.HasSuffix(x[1], ".") {
		return nil
	}
	m := made(x[2], x[1], "", "", false)
	return &m
}

// sideBySide: the name with the time beside it stands above the words.
func sideBySide(full []string) []message {
	var out []message
	for _, l := range full {
		if m := nameAndTime(l); m != nil {
			out = append(out, *m)
		} else {
			out = below(out, l)
		}
	}
	return out
}

func timeOf(line string) string { return alone().FindStringSubmatch(line)[1] }

// timeFirst: time, name, words.
func timeFirst(full []string, times []int) []message {
	var out []message
	for k, i := range times {
		end := len(full)
		if k+1 < len(times) {
			end = times[k+1]
		}
		if i+1 >= end {
			continue
		}
		at := timeOf(full[i])
		if name, words, ok := apart(full[i+1]); ok && mayBeName(name) {
			out = append(out, made(at, name, "", words, true))
		} else if end == i+2 {
			out = append(out, made(at, "", "", full[i+1], true))
		} else {
			out = append(out, made(at, full[i+1], "", "", false))
		}
		for _, l := range full[min(i+2, end):end] {
			out = below(out, l)
		}
	}
	return out
}

// nameFirst: name, time, words.
func nameFirst(full []string, times []int) []message {
	var out []message
	for k, i := range times {
		end := len(full)
		if k+1 < len(times) {
			end = max(i+1, times[k+1]-1)
		}
		out = append(out, made(timeOf(full[i]), full[i-1], "", "", false))
		for _, l := range full[i+1 : end] {
			out = below(out, l)
		}
	}
	return out
}

// timeLast: name, words, and below the last of them the time. When more is said the time moves on, so it is no part of
// the key.
func timeLast(full []string, times []int) []message {
	var out []message
	begin := 0
	for _, i := range times {
		if i > begin {
			m := made(timeOf(full[i]), full[begin], "", "", false)
			m.stamp = ""
			out = append(out, m)
			for _, l := range full[begin+1 : i] {
				out = below(out, l)
			}
		}
		begin = i + 1
	}
	for _, l := range full[begin:] {
		out = append(out, message{Line: Line{Text: l}})
	}
	return out
}

// spoken reads what has no times: "Sita: words" where at least half of the lines are like that, else lines without a
// name.
func spoken(lines []string) []message {
	named, all := 0, 0
	for _, l := range lines {
		if strings.TrimSpace(l) == "" {
			continue
		}
		all++
		if _, _, ok := nameThenWords(l); ok {
			named++
		}
	}
	var out []message
	for _, l := range lines {
		name, words, ok := nameThenWords(l)
		switch {
		case strings.TrimSpace(l) == "":
		case ok && 2*named >= all:
			out = append(out, made("", name, "", words, true))
		case 2*named >= all && len(out) > 0:
			out = below(out, l)
		default:
			out = append(out, message{Line: Line{Text: strings.TrimSpace(l)}})
		}
	}
	return out
}

// nameThenWords recognises "Sita: words" and "<sita> words".
func nameThenWords(line string) (name, words string, ok bool) {
	if len(line) > 1<<13 {
		return "", "", false
	}
	if x := angle().FindStringSubmatch(line); x != nil && !tag().MatchString("<"+x[2]+">") {
		return x[2], x[3], true
	}
	name, words, ok = apart(line)
	return name, words, ok && mayBeName(name)
}

// labels stand before a colon and are no names.
var labels = map[string]bool{"q": true, "question": true, "questions": true, "comment": true, "comments": true, "answer": true, "note": true,
	"ps": true, "p.s.": true, "re": true, "link": true, "agenda": true, "topic": true, "minutes": true, "frage": true, "kommentar": true,
	"commentaire": true, "pregunta": true, "comentario": true, "pergunta": true, "質問": true, "コメント": true, "سؤال": true, "تعليق": true}

// mayBeName: a few words that begin like a name and end like no sentence.
func mayBeName(s string) bool {
	s = strings.TrimSpace(s)
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, "@~+"))
	return short(s) && len(strings.Fields(s)) <= 5 && (unicode.IsLetter(first) || unicode.IsDigit(first)) &&
		!labels[strings.ToLower(s)] && !strings.ContainsAny(s, "?!;<>\"“”") && !strings.HasSuffix(s, ",")
}
