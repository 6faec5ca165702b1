package plan

import "strings"

// readTexts reads the long texts. A description whose heading was lost is the running text before the outcomes.
func (r *reader) readTexts() {
	for i := range r.blocks {
		b := &r.blocks[i]
		switch b.sec {
		case secFullTitle:
			if all := b.all(); len(all) > 0 && r.Title == "" {
				r.Title = Text(all[0].s)
				r.Sources["title"] = all[0].source()
			} else if len(all) > 0 && string(r.Title) != all[0].s {
				r.doubt("title", SecondValue)
			}
		case secGain:
			r.setText("gain", &r.Gain, b)
		case secText:
			r.setText("description", &r.Description, b)
		case secOutcomes:
			r.setText("outcomes", &r.Outcomes, b)
		case secHybrid:
			r.setText("hybrid", &r.Hybrid, b)
		}
	}
	if r.Description == "" {
		r.findDescription()
	}
}

// setText takes the text of a block; the first block of its kind counts.
func (r *reader) setText(field string, to *Text, b *block) {
	all := b.all()
	if *to != "" || len(all) == 0 {
		return
	}
	text := paragraphs(all)
	*to = Text(text)
	r.Sources[field] = span(all)
	if b == &r.blocks[len(r.blocks)-1] && !ended(text) {
		r.doubt(field, CutOff)
	}
}

// paragraphs joins lines to a text: an empty line between paragraphs, none between the entries of a list.
func paragraphs(lines []line) string {
	var out strings.Builder
	for i, l := range unwrap(lines) {
		switch {
		case l.bullet && i > 0:
			out.WriteString("\n- ")
		case l.bullet:
			out.WriteString("- ")
		case i > 0:
			out.WriteString("\n\n")
		}
		out.WriteString(l.s)
	}
	return out.String()
}

// span is the source of several lines.
func span(lines []line) Source {
	first, last := lines[0], lines[len(lines)-1]
	return Source{Line: first.n, Offset: first.off, Length: last.off + last.length - first.off}
}

func (r *reader) findDescription() {
	best := -1
	for i := range r.blocks {
		b := &r.blocks[i]
		if b.sec != secLost && b.sec != secHead || len(b.lines) == 0 || !prose(b.lines[0].s) || r.used[b.lines[0].n] || len(b.lines[0].s) < 120 || mark().MatchString(head(b.lines[0].s, 4)) {
			continue
		}
		before := i+1 < len(r.blocks) && r.blocks[i+1].sec == secOutcomes
		if best < 0 || before {
			best = i
		}
	}
	if best >= 0 {
		b := r.blocks[best]
		// The paragraphs of one text may stand in neighbouring blocks.
		for k := best + 1; k < len(r.blocks) && r.blocks[k].sec == secLost && r.blocks[k].lines[0].gap < 3 && prose(r.blocks[k].lines[0].s); k++ {
			b.lines = append(b.lines[:len(b.lines):len(b.lines)], r.blocks[k].lines...)
		}
		r.setText("description", &r.Description, &b)
		r.doubt("description", ByPosition)
		return
	}
	// The pages of 2024 have no gaps: the description follows the text about the format.
	for i := range r.blocks {
		b := &r.blocks[i]
		if b.sec != secFormatText {
			continue
		}
		var rest []line
		for k, l := range b.all() {
			if k > 0 && len(l.s) >= 120 && !r.used[l.n] && (len(rest) > 0 || !strings.Contains(l.s, "minute")) {
				rest = append(rest, l)
			}
		}
		if len(rest) > 0 {
			lost := block{sec: secLost, lines: rest}
			r.setText("description", &r.Description, &lost)
			r.doubt("description", ByPosition)
		}
		return
	}
}
