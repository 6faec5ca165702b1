package plan

import (
	"strings"
	"unicode"
)

// line is one line of the text that holds something.
type line struct {
	s      string // without the space around it, runs of space folded
	n      int    // counted from 1
	off    int    // of its first byte in the text, the space around it left out
	length int    // bytes in the text
	gap    int    // empty lines before it
	bullet bool   // began with a bullet, which s no longer has
}

func (l line) source() Source { return Source{Line: l.n, Offset: l.off, Length: l.length} }

// bullets begin an entry of a list.
const bullets = "•·▪◦‣●○–*-"

// linesOf divides a text into lines. In a text that came from markup empty lines mean nothing.
func linesOf(d decoded) []line {
	var lines []line
	gap, off := 0, 0
	for n := 1; off <= len(d.text); n++ {
		end := strings.IndexByte(d.text[off:], '\n')
		if end < 0 {
			end = len(d.text) - off
		}
		raw := d.text[off : off+end]
		start := off + len(raw) - len(strings.TrimLeftFunc(raw, unicode.IsSpace))
		off += end + 1
		raw = strings.TrimSpace(raw)
		if raw == "" {
			gap++
			continue
		}
		l := line{s: fold(raw), n: n, off: start, length: len(raw), gap: gap}
		if d.markup {
			l.gap = min(gap, 1)
		}
		if first, rest, ok := strings.Cut(l.s, " "); ok && len(first) <= 3 && strings.ContainsAny(first, bullets) && len([]rune(first)) == 1 {
			l.s, l.bullet = rest, true
		}
		if l.s != "" {
			lines = append(lines, l)
			gap = 0
		}
	}
	singleSpace(lines)
	return lines
}

// singleSpace undoes double spacing: where every line is followed by an odd number of empty lines, one of them means
// nothing.
func singleSpace(lines []line) {
	wide := false
	for i := 1; i < len(lines); i++ {
		if lines[i].gap%2 == 0 {
			return
		}
		wide = wide || lines[i].gap >= 3
	}
	for i := 1; wide && len(lines) > 8 && i < len(lines); i++ {
		lines[i].gap = (lines[i].gap - 1) / 2
	}
}

// fold makes every run of space one space.
func fold(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 || s[i] == '\t' || s[i] == ' ' && i+1 < len(s) && s[i+1] == ' ' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " ")
}

// mail matches an address, the place a site leaves where it hid one, and the brackets and comma that go with it.
var mail = pattern(`(?i)[\s,;(<\[]*(?:mailto:)?(?:[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}|\[\s?email\s+protected\s?\])[)>\]]*`)

// withoutMail removes e-mail addresses: they are not for publication.
func withoutMail(s string) string {
	if !strings.ContainsAny(s, "@[") {
		return s
	}
	return strings.TrimSpace(mail().ReplaceAllString(s, ""))
}

// hideMail is withoutMail for running text: it shows that something was left out.
func hideMail(s string) string {
	if !strings.ContainsAny(s, "@[") {
		return s
	}
	return strings.TrimSpace(mail().ReplaceAllString(s, " […]"))
}

// hasPrefixFold is strings.HasPrefix without regard to case, for plain prefixes.
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// words counts the words of a line.
func words(s string) int { return strings.Count(s, " ") + 1 }

// prose says whether a line is running text and not an entry of a list or a value of a field.
func prose(s string) bool {
	return len(s) > 160 || words(s) >= 14 || words(s) >= 9 && strings.HasSuffix(s, ".")
}

// ended says whether a text ends as sentences do.
func ended(s string) bool {
	s = strings.TrimRight(s, " \"'”’»)]")
	return s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") ||
		strings.HasSuffix(s, "…") || strings.HasSuffix(s, "。") || strings.HasSuffix(s, ":") || strings.HasSuffix(s, ";")
}
