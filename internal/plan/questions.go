package plan

import (
	"strings"
)

// mark matches the number or letter before a question: "1." "A)" "(2)" "iii." "Q3:".
var mark = pattern(`(?:^|[\s:;.?!])(\(?(?:[Qq](?:uestion )?)?(?:\d{1,2}|[A-Ha-h]|[ivx]{1,4})[.):]\)?) `)

// question is one policy question with the line it stands on.
type question struct {
	s    string
	l    line
	code Code // "" when it is sure
}

// readQuestions reads the policy questions one by one. Under their heading each line is one; questions in one paragraph
// are separated at their numbers or letters, or at the question marks, which is doubtful.
func (r *reader) readQuestions() {
	var qs []question
	more := false
	for i := range r.blocks {
		b := &r.blocks[i]
		switch b.sec {
		case secQuestions:
			if len(qs) == 0 {
				qs = questionsIn(b.all())
				r.markCut(b, qs)
				if next := i + 1; next < len(r.blocks) && r.blocks[next].sec == secLost && len(r.blocks[next].lines) > 0 && strings.HasSuffix(r.blocks[next].lines[0].s, "?") {
					more = true
				}
				for k, l := range unwrap(b.all()) {
					if !strings.Contains(l.s, "?") && (k > 0 || !strings.HasSuffix(l.s, ":")) {
						r.doubt("policy_questions", NoQuestionMark)
					}
				}
			}
		case secMoreQs:
			more = more || len(b.all()) > 0
		}
	}
	if len(qs) == 0 {
		qs = r.questionsInProse()
	}
	for _, q := range qs {
		field := element("policy_questions", len(r.PolicyQuestions))
		r.PolicyQuestions = append(r.PolicyQuestions, q.s)
		r.Sources[field] = q.l.source()
		if q.code != "" {
			r.doubt(field, q.code)
		}
	}
	if more {
		r.doubt("policy_questions", MoreQuestions)
	}
	for _, q := range qs {
		if q.code == SplitByMark || q.code == FromProse || q.code == CutOff {
			r.doubt("policy_questions", q.code)
		}
	}
}

// markCut marks the last question when the text ends inside it.
func (r *reader) markCut(b *block, qs []question) {
	if n := len(qs); n > 0 && b == &r.blocks[len(r.blocks)-1] && !ended(qs[n-1].s) {
		qs[n-1].code = CutOff
	}
}

func questionsIn(lines []line) []question {
	lines = unwrap(lines)
	if qs := marked(lines); len(qs) > 0 {
		return qs
	}
	var asking []line
	for _, l := range lines {
		if strings.ContainsAny(l.s, "?？") {
			asking = append(asking, l)
		}
	}
	var qs []question
	if len(asking) == 1 && strings.Count(asking[0].s, "?") > 1 {
		rest := asking[0].s
		for {
			at := strings.IndexByte(rest, '?')
			if at < 0 {
				return qs
			}
			end := at + 1
			for end < len(rest) && strings.IndexByte(`?!)"'`, rest[end]) >= 0 {
				end++
			}
			if s := strings.TrimSpace(rest[:end]); len(s) > 3 {
				qs = append(qs, question{s, asking[0], SplitByMark})
			}
			rest = rest[end:]
		}
	}
	for _, l := range asking {
		q := question{s: l.s, l: l}
		if strings.Count(l.s, "?") > 1 {
			q.code = SeveralQuestions
		}
		qs = append(qs, q)
	}
	return qs
}

// marked divides at numbers or letters that count up from the first: in one paragraph or at the beginning of lines.
func marked(lines []line) []question {
	var qs []question
	next := 0
	for _, l := range lines {
		if len(l.s) > 20000 {
			return nil
		}
		from, inside := 0, next > 0
		add := func(to int, fresh bool) {
			s := strings.TrimSpace(l.s[from:to])
			if s == "" || !inside {
				return
			}
			if fresh {
				qs = append(qs, question{s: s, l: l})
			} else if n := len(qs); n > 0 && strings.Contains(s, "?") && !strings.Contains(qs[n-1].s, "?") {
				qs[n-1].s += " " + s // the question under a short title
			}
		}
		fresh := false
		for _, m := range mark().FindAllStringSubmatchIndex(l.s, 60) {
			if ordinal(l.s[m[2]:m[3]]) != next+1 {
				continue
			}
			add(m[2], fresh)
			from, inside, fresh = m[2], true, true
			next++
		}
		add(len(l.s), fresh)
	}
	if next < 2 {
		return nil
	}
	// Numbers in running text are no questions.
	asking := 0
	for i, q := range qs {
		if strings.Contains(q.s, "?") {
			asking++
		} else if i < len(qs)-1 {
			qs[i].code = NoQuestionMark
		}
	}
	if asking == 0 {
		return nil
	}
	if last := &qs[len(qs)-1]; !strings.Contains(last.s, "?") {
		last.code = NoQuestionMark
	}
	return qs
}

// ordinal is the place a mark has: "1." "A." "(a)" and "i." are first.
func ordinal(s string) int {
	s = strings.ToLower(strings.Trim(s, "(). :"))
	s = strings.TrimPrefix(strings.TrimPrefix(s, "question "), "q")
	for n, roman := range []string{"", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"} {
		if n > 0 && s == roman {
			return n
		}
	}
	if len(s) == 1 && s[0] >= 'a' && s[0] <= 'h' {
		return int(s[0]-'a') + 1
	}
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// maxJoined bounds what unwrap joins, so that noise of short lines stays linear.
const maxJoined = 8 << 10

// unwrap joins lines that a mail program broke inside a sentence.
func unwrap(lines []line) []line {
	var out []line
	for _, l := range lines {
		if n := len(out); n > 0 && l.gap == 0 && !l.bullet && len(out[n-1].s) < maxJoined && !ended(out[n-1].s) && l.s != "" && l.s[0] >= 'a' && l.s[0] <= 'z' && mark().FindStringIndex(head(l.s, 12)) == nil {
			out[n-1].s += " " + l.s
			continue
		}
		out = append(out, l)
	}
	return out
}

// questionsInProse finds questions whose heading was lost: a sentence that announces policy questions and ends in a
// colon, and numbered lines after it.
func (r *reader) questionsInProse() []question {
	for i := range r.blocks {
		all := r.blocks[i].all()
		for k, l := range all {
			low := strings.ToLower(l.s)
			if len(l.s) > 2000 || !strings.Contains(low, "question") || !strings.HasSuffix(l.s, ":") || k+1 == len(all) {
				continue
			}
			var list []line
			for _, next := range all[k+1:] {
				if at := mark().FindStringIndex(head(next.s, 14)); (at == nil || at[0] != 0) && !next.bullet {
					break
				}
				list = append(list, next)
			}
			qs := marked(list)
			if len(qs) == 0 && len(list) == 1 {
				qs = []question{{s: list[0].s, l: list[0]}}
			}
			for n := range qs {
				qs[n].code = FromProse
				r.used[qs[n].l.n] = true
			}
			if len(qs) > 0 {
				r.used[l.n] = true
				return qs
			}
		}
	}
	return nil
}

// Questions are the policy questions without the numbers and letters before them, for screens.
func (p *Proposal) Questions() []string {
	var out []string
	for _, q := range p.PolicyQuestions {
		if m := mark().FindStringIndex(head(q, 16)); m != nil && m[0] == 0 {
			q = strings.TrimSpace(q[m[1]:])
		}
		out = append(out, q)
	}
	return out
}
