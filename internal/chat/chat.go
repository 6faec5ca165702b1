package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"
)

// Marks that an author puts around words to be read out.
const (
	Question = "question"
	Comment  = "comment"
)

// A Line is one message of the chat, or the part of it that stands between marks.
type Line struct {
	Key     string // the same whenever the same chat is pasted
	At      string // the time of day as the chat shows it, empty when it shows none
	Name    string // as the chat shows it, empty when it shows none
	Text    string
	Private bool   // it was not for everybody; nothing else of it is kept
	Marked  string // Question, Comment or nothing

	stamp string // date and time, for the key
}

// Parse reads a chat. Private lines stand in the result, empty, so that one can say how many there were.
func Parse(text string) []Line {
	lines := marked(read(strings.Split(tidy(text), "\n")))
	seen := make(map[string]int, len(lines))
	for i := range lines {
		l := &lines[i]
		what := strings.Join([]string{l.Name, l.stamp, strings.Join(strings.Fields(l.Text), " ")}, "\x00")
		seen[what]++
		sum := sha256.Sum256([]byte(what + "\x00" + strconv.Itoa(seen[what])))
		l.Key = hex.EncodeToString(sum[:10])
	}
	return lines
}

// New gives the lines that are not private and whose keys are not in old.
func New(old map[string]bool, lines []Line) []Line {
	var out []Line
	for _, l := range lines {
		if !l.Private && !old[l.Key] {
			out = append(out, l)
		}
	}
	return out
}

// message is one message before its marks are looked at.
type message struct {
	Line
	more  []string // lines below, of a whole message
	to    string   // whom it went to, when the chat says so
	whole bool     // lines below belong to it; otherwise each is a message of its own under the same name
	none  bool     // a note of the chat itself: somebody joined
}

// read cuts lines into messages.
func read(lines []string) []Line {
	messages := logged(lines)
	if messages == nil {
		messages = blocks(lines)
	}
	if messages == nil {
		messages = spoken(lines)
	}
	for i := range messages {
		m := &messages[i]
		m.Text = words(strings.Join(append([]string{m.Text}, m.more...), "\n"))
	}
	judge(messages)
	out := make([]Line, 0, len(messages))
	for _, m := range messages {
		switch {
		case m.none:
		case m.Private:
			out = append(out, Line{Private: true})
		case m.Text != "":
			m.Name = strings.Join(strings.Fields(m.Name), " ")
			out = append(out, m.Line)
		}
	}
	return out
}

// below adds a line under a header to the messages; the newest is the header or what followed it.
func below(messages []message, line string) []message {
	last := &messages[len(messages)-1]
	line = strings.TrimSpace(line)
	switch {
	case last.whole:
		last.more = append(last.more, line)
	case line == "":
	case last.Text == "":
		last.Text = line
	default:
		next := *last
		next.Text = line
		messages = append(messages, next)
	}
	return messages
}

// words is a message without what the chat itself adds: the quotation a reply begins with, and reactions.
func words(text string) string {
	text = strings.TrimSpace(text)
	for {
		first, rest, more := strings.Cut(text, "\n")
		switch {
		case replies().MatchString(first):
			text = strings.TrimSpace(rest)
			if more {
				continue
			}
		case reacts().MatchString(first):
			return ""
		}
		return text
	}
}

// tidy makes one sort of text out of all: UTF-8, lines that end with \n, plain blanks, nothing that turns direction.
func tidy(text string) string {
	text = strings.ToValidUTF8(decode(text), "\uFFFD")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\v", "\n", "\f", "\n").Replace(text)
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == zeroBlank:
			return r
		case unicode.Is(unicode.Zs, r):
			return ' '
		case r == '\u200e' || r == '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\ufeff':
			return -1
		case r < ' ' || r >= 0x7f && r < 0xa0:
			return -1
		}
		return r
	}, text)
}

// decode turns the UTF-16 that some systems save into UTF-8. It is known by its mark at the beginning.
func decode(text string) string {
	if len(text) < 2 {
		return text
	}
	high, low := 0, 1
	switch text[:2] {
	case "\xfe\xff":
	case "\xff\xfe":
		high, low = 1, 0
	default:
		return text
	}
	var b strings.Builder
	var lead rune // of a pair
	for i := 2; i+1 < len(text); i += 2 {
		r := rune(text[i+high])<<8 | rune(text[i+low])
		switch {
		case r >= 0xd800 && r < 0xdc00:
			lead = r
			continue
		case r >= 0xdc00 && r < 0xe000:
			r = (lead-0xd800)<<10 | (r - 0xdc00) + 0x10000
			if lead == 0 {
				r = unicode.ReplacementChar
			}
		}
		lead = 0
		b.WriteRune(r)
	}
	return b.String()
}
