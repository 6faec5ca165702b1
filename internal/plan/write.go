package plan

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Write writes the proposal for a human: a line a field, "?" before what is doubtful, with the reason.
func (p *Proposal) Write(w io.Writer) error {
	var out strings.Builder
	put := func(field, value string) {
		if value == "" {
			return
		}
		sign, why := " ", ""
		if d, ok := p.Doubts[field]; ok {
			sign, why = "?", "   ("+d.Why+")"
		}
		fmt.Fprintf(&out, "%s %-18s %s%s\n", sign, field, strings.ReplaceAll(value, "\n", " "), why)
	}
	number := func(c Count) string {
		if c == 0 {
			return ""
		}
		return fmt.Sprint(int(c))
	}
	put("series", string(p.Series))
	put("year", number(p.Year))
	put("kind", string(p.Kind))
	put("number", number(p.Number))
	put("title", string(p.Title))
	put("start", string(p.Start))
	put("end", string(p.End))
	put("room", string(p.Room))
	put("format", string(p.Format))
	put("duration_min", number(p.DurationMin))
	for i, q := range p.PolicyQuestions {
		put(fmt.Sprintf("policy_questions[%d]", i), q)
	}
	for _, x := range p.People() {
		sign := " "
		if x.Doubtful {
			sign = "?"
		}
		fmt.Fprintf(&out, "%s %-18s %s\n", sign, strings.Join(x.Roles, ", "), strings.Join(slices.DeleteFunc([]string{x.Name, x.Org, x.Stakeholder, x.Region}, func(s string) bool { return s == "" }), " · "))
	}
	for _, g := range p.Segments() {
		sign, secured := " ", ""
		if g.Doubt != "" {
			sign = "?"
		}
		if g.Protected {
			secured = ", secured"
		}
		fmt.Fprintf(&out, "%s %-18s %d min%s %s\n", sign, g.Kind, g.Minutes, secured, g.Title)
	}
	_, err := io.WriteString(w, out.String())
	return err
}
