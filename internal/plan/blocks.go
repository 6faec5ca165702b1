package plan

import (
	"strings"
)

// block is a stretch of lines under one heading, or after a place where a heading was lost.
type block struct {
	sec   section
	head  line   // the heading, or the line itself for blocks that are one line
	rest  string // what stands behind the heading on its line
	lines []line
	after section // for secLost: the section before it
}

// all gives the lines of a block, beginning with what stands on the line of its heading.
func (b *block) all() []line {
	if b.rest == "" {
		return b.lines
	}
	first := b.head
	first.s = b.rest
	first.off += first.length - len(b.rest)
	first.length = len(b.rest)
	if first.off < b.head.off {
		first.off, first.length = b.head.off, b.head.length
	}
	return append([]line{first}, b.lines...)
}

// numberedLine matches "Organizer 2: …" and "Speaker 2: …".
var numberedLine = pattern(`(?i)^(organi[sz]er|proposer|speaker|panell?ist) ?#?(\d{1,2}) ?[:.] ?(.*)$`)

// banner lines belong to the site and not to the proposal.
func banner(s string) bool {
	switch strings.ToLower(strings.Trim(s, " .:»>")) {
	case "check-in and access this session from the igf schedule", "session", "proposal", "skip to main content", "home", "print", "back to top",
		"you are here", "add to calendar", "read more", "view", "edit", "published":
		return true
	}
	return hasPrefixFold(s, "Check-in and access this session")
}

// divide makes blocks of lines. Every line goes into exactly one block; the walk looks at each line once.
func divide(lines []line) []block {
	blocks := []block{{sec: secHead}}
	open := func(sec section, head line, rest string) {
		blocks = append(blocks, block{sec: sec, head: head, rest: rest})
	}
	for _, l := range lines {
		cur := &blocks[len(blocks)-1]
		if banner(l.s) {
			continue
		}
		if _, _, _, ok := times(l.s); ok {
			open(secTimes, l, l.s)
			continue
		}
		if m := numberedLine().FindStringSubmatch(head(l.s, 420)); m != nil && len(l.s) <= 420 {
			sec := secSpeakerN
			if c := m[1][0] | 0x20; c == 'o' || strings.EqualFold(m[1], "proposer") {
				sec = secOrganizerN
			}
			open(sec, l, m[3])
			continue
		}
		if format, _, _, ok := readFormatLine(l.s); ok && !l.bullet && cur.mayHoldFormat(format) && mark().FindStringIndex(head(l.s, 6)) == nil {
			open(secFormatLine, l, l.s)
			continue
		}
		if isGoal(l.s) {
			if cur.sec != secSDGs {
				open(secSDGs, l, l.s)
			}
			continue
		}
		if sec, rest, ok := heading(l); ok {
			open(sec, l, rest)
			continue
		}
		if coalition().MatchString(l.s) && len(l.s) <= 120 && !prose(l.s) && !l.bullet {
			switch cur.sec {
			case secHead, secLost, secTimes, secRoom, secTime, secText:
				open(secCoalition, l, l.s)
				continue
			}
		}
		single := cur.sec == secTimes || cur.sec == secOrganizerN || cur.sec == secSpeakerN || cur.sec == secFormatLine || cur.sec == secSDGs
		started := len(cur.lines) > 0 || cur.rest != ""
		switch {
		case cur.sec == secTimes && l.gap == 0 && len(cur.lines) == 0: // the room
			cur.lines = append(cur.lines, l)
		case single, l.gap >= 2 && started:
			blocks = append(blocks, block{sec: secLost, after: cur.before(), lines: []line{l}})
		default:
			cur.lines = append(cur.lines, l)
		}
	}
	return blocks
}

// mayHoldFormat says whether a line with minutes at its end is the format of the session: anywhere for the formats of the
// forms, else only where the form has it. In an agenda it is a part.
func (b *block) mayHoldFormat(format string) bool {
	switch b.sec {
	case secAgenda, secFormatText:
		return false
	case secFormat, secHead, secTimes, secRoom, secThemes, secOrganizerN, secSpeakerN, secAdditional, secCoalition, secOnsite, secOnline, secRapporteur:
		return true
	case secLost:
		return formats[labelKey(format)] || b.after != secFormatLine && b.after != secQuestions
	}
	return formats[labelKey(format)]
}

func (b *block) before() section {
	if b.sec == secLost {
		return b.after
	}
	return b.sec
}

// head is the beginning of s, at most n bytes; patterns are not tried on more.
func head(s string, n int) string { return s[:min(len(s), n)] }
