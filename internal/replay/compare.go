package replay

import (
	"context"
	"fmt"
	"io"

	"openmic/record"
)

// A Session is a record to be replayed.
type Session struct{ Title, Path string }

// Compare asks both rules about the records and writes a line for each call in which they differ, then how many did. It
// gives that number; a record that only one of them reads counts as one.
func Compare(ctx context.Context, w io.Writer, old, new Rule, sessions []Session) (differ int, err error) {
	records := make([]string, len(sessions))
	for i, s := range sessions {
		records[i] = s.Path
	}
	was, err := old.Answer(ctx, records)
	if err != nil {
		return 0, err
	}
	is, err := new.Answer(ctx, records)
	if err != nil {
		return 0, err
	}
	calls, others := 0, 0
	for i, s := range sessions {
		lines, n, o := differences(old, new, was[i], is[i])
		for _, l := range lines {
			if _, err := fmt.Fprintf(w, "%s, %s\n", s.Title, l); err != nil {
				return 0, err
			}
		}
		differ += len(lines)
		calls, others = calls+n, others+o
	}
	_, err = fmt.Fprintf(w, "%d sessions, %d calls: %s and %s differ in %d, and name somebody else in %d.\n", len(sessions), calls, old.Name, new.Name, differ, others)
	return differ, err
}

// differences are the lines about one record, how many calls were compared, and in how many somebody else is named.
func differences(old, new Rule, was, is Answer) (lines []string, calls, others int) {
	switch {
	case was.Fault != "" && is.Fault != "":
		return []string{fmt.Sprintf("neither reads it: %s", is.Fault)}, 0, 0
	case was.Fault != "":
		return []string{fmt.Sprintf("%s does not read it: %s", old.Name, was.Fault)}, 0, 0
	case is.Fault != "":
		return []string{fmt.Sprintf("%s does not read it: %s", new.Name, is.Fault)}, 0, 0
	case len(was.Calls) != len(is.Calls):
		return []string{fmt.Sprintf("%s finds %d calls in it, %s %d", old.Name, len(was.Calls), new.Name, len(is.Calls))}, 0, 0
	}
	for i, a := range was.Calls {
		b := is.Calls[i]
		if a.N != b.N {
			return append(lines, fmt.Sprintf("%s finds a call at entry %d, %s at %d", old.Name, a.N, new.Name, b.N)), calls, others
		}
		if a.Override != "" && (old.recorded || new.recorded) {
			continue
		}
		calls++
		if a.Rule.Same(b.Rule) {
			continue
		}
		if a.Rule.Ticket != b.Rule.Ticket {
			others++
		}
		place := fmt.Sprintf("%d:%02d, entry %d", a.At/60_000, a.At/1000%60, a.N)
		if a.Override != "" {
			place += ", where the chair called " + who(a.Called, a.Override)
		}
		lines = append(lines, fmt.Sprintf("%s: %s calls %s, %s calls %s", place, old.Name, who(a.Rule, ""), new.Name, who(b.Rule, "")))
	}
	return lines, calls, others
}

// who says in one breath whom a call names and why.
func who(n record.Named, override string) string {
	if n.Ticket == "" && n.Person == "" {
		return "nobody"
	}
	why := n.Why.Kind
	if override != "" {
		why = "override: " + override
	}
	if n.Why.Then != "" {
		why += ", " + n.Why.Then
	}
	if n.W != [2]int{1, 1} {
		why += fmt.Sprintf(", weights %d and %d", n.W[0], n.W[1])
	}
	if len(n.Passed) > 0 {
		why += fmt.Sprintf(", passing %d", len(n.Passed))
	}
	return fmt.Sprintf("%s (%s, ticket %s; %s)", n.Person, n.Side, n.Ticket, why)
}
