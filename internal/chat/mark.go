package chat

import (
	"strings"
	"unicode"
)

// tag is a mark, as people type it: in any case, with blanks, the wrong stroke, wide signs, or escaped.
var tag = pattern(`(?i)(?:<|＜|&lt;)\s*([/\\／]?)\s*(question|comment)s?\s*:?\s*([/\\／]?)\s*(?:>|＞|&gt;)`)

// farthest is how many messages of the same person may lie between a mark and its end.
const farthest = 20

// piece is a part of a message: between marks, or not.
type piece struct {
	text, mark string
	open       bool // its mark did not end in this message
}

// cut parts a message at its marks. before is what stands before a mark that ends here and began in an earlier
// message; ends says that there is one.
func cut(text string) (before string, ends bool, pieces []piece) {
	at, mark := 0, ""
	for i, x := range tag().FindAllStringSubmatchIndex(text, -1) {
		between := text[at:x[0]]
		at = x[1]
		closes := x[3] > x[2] || x[7] > x[6]
		if i == 0 && closes {
			before, ends = between, true
			continue
		}
		pieces = append(pieces, piece{between, mark, false})
		if mark = ""; !closes {
			mark = strings.ToLower(text[x[4]:x[5]])
		}
	}
	return before, ends, append(pieces, piece{text[at:], mark, mark != ""})
}

// marked parts the lines at their marks. A mark may go on over several messages of the same person; one that never
// ends goes to the end of its message.
func marked(lines []Line) []Line {
	of := map[string][]int{} // the lines of each person
	nth := make([]int, len(lines))
	for i, l := range lines {
		if !l.Private {
			nth[i] = len(of[l.Name])
			of[l.Name] = append(of[l.Name], i)
		}
	}
	used := make([]bool, len(lines))
	ended := make([]bool, len(lines)) // its first part was taken by an earlier mark
	var out []Line
	for i, l := range lines {
		if l.Private {
			out = append(out, l)
			continue
		}
		if used[i] {
			continue
		}
		before, ends, pieces := cut(l.Text)
		if ends && !ended[i] {
			pieces = append([]piece{{before, "", false}}, pieces...)
		}
		for _, p := range pieces {
			if p.open {
				p.text += rest(lines, of[l.Name], nth[i], used, ended)
			}
			if p.text = strings.TrimSpace(p.text); strings.ContainsFunc(p.text, said) {
				part := l
				part.Text, part.Marked = p.text, p.mark
				out = append(out, part)
			}
		}
	}
	return out
}

// rest is what follows an open mark in the next messages of the same person, when one of them ends it.
func rest(lines []Line, own []int, from int, used, ended []bool) string {
	text := ""
	for k := from + 1; k < len(own) && k <= from+farthest; k++ {
		before, ends, pieces := cut(lines[own[k]].Text)
		switch {
		case ends:
			for _, j := range own[from+1 : k] {
				used[j] = true
			}
			ended[own[k]] = true
			return text + "\n" + before
		case len(pieces) > 1: // another mark begins
			return ""
		}
		text += "\n" + lines[own[k]].Text
	}
	return ""
}

// said: the sign is part of something said, not a mere stroke.
func said(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r)
}
