package record

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Limits is what no record can prove, whoever checks it.
const Limits = `What this cannot prove: that a hand was entered when it went up; that an ask refused at the door existed; what was
said; that no other record of the same session was signed with the same key. Who signed is known only if you have the
site's key from somewhere else (-key). Against the rest help people: a receipt for one's own ask, and photos of the wall.
A public record is pseudonymous, not anonymous: who was there can tell who is who.`

// Tell writes the verdict for people.
func (v *Verdict) Tell(w io.Writer) error {
	var b strings.Builder
	p := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	switch v.Exit {
	case 0:
		p("The record holds: %d entries, %d checkpoints, every call by the rule or with its reason class.", v.Entries, v.Checkpoints)
	case 1:
		p("The record is broken. %s: %s.", v.Where, v.Fault)
	default:
		p("A call broke the rule without a reason class. %s: %s. %d such in all.", v.Where, v.Fault, v.Wrong)
	}
	if v.Entries > 0 && v.Exit != 1 {
		v.numbers(p)
	}
	p("")
	p("%s", Limits)
	_, err := io.WriteString(w, b.String())
	return err
}

func (v *Verdict) numbers(p func(format string, a ...any)) {
	state := "adjourned"
	if !v.Ended {
		state = "not ended; this is its beginning"
	}
	p("Session %s, %s record, signed up to %s of session time, %s.", v.Session, v.Kind, clock(v.SignedAt), state)
	p("")
	p("%-22s %10s %10s", "", "room", "online")
	row := func(name string, a, b any) { p("%-22s %10v %10v", name, a, b) }
	r, o := v.Room, v.Online
	row("turns from the line", r.Turns, o.Turns)
	row("time they took", clock(r.Ms), clock(o.Ms))
	row("asks", r.Asks, o.Asks)
	row("heard", r.Heard, o.Heard)
	row("not reached", r.NotReached, o.NotReached)
	row("mean wait", clock(r.MeanWait), clock(o.MeanWait))
	row("median wait", clock(r.MedianWait), clock(o.MedianWait))
	row("nine of ten within", clock(r.Wait90), clock(o.Wait90))
	row("longest wait", clock(r.Most), clock(o.Most))
	p("")
	p("Largest lead %s, bound %s and an excess of %s. At the end %s.", clock(v.MostLead), clock(v.LeadBound), clock(v.Excess), lead(v.Lead))
	p("Longest run of one side while the other waited %s, bound %s and the excess.", clock(v.LongestRun), clock(v.RunBound))
	p("Most often passed by the rule: one ticket %d times, bound %d.", v.MostPassed, v.PassedBound)
	var classes []string
	n := 0
	for _, c := range slices.Sorted(maps.Keys(v.Overrides)) {
		classes = append(classes, fmt.Sprintf("%s %d", c, v.Overrides[c]))
		n += v.Overrides[c]
	}
	if n == 0 {
		classes = []string{"none"}
	}
	p("Calls by the rule %d, overrides %d (%s), corrections %d, crashes while somebody spoke %d.", v.Calls, n, strings.Join(classes, ", "), v.Corrections, v.Resumes)
	if v.Delayed > 0 {
		p("Asks of phones without network %d: each has its place from when it arrived; when it was pressed is the phone's own word.", v.Delayed)
	}
	if v.Ended {
		p("%s", v.Late.tell())
	}
	if s := v.Sites.tell(); s != "" {
		p("%s", s)
	}
	p("Erased items %d, words this record leaves out %d, calls resting on absent words: unverifiable, %d.", v.Erased, v.Withheld, v.Unverifiable)
}

// clock writes ms as minutes and seconds.
func clock(ms int64) string {
	sign := ""
	if ms < 0 {
		sign, ms = "-", -ms
	}
	return fmt.Sprintf("%s%d:%02d", sign, ms/60_000, ms/1000%60)
}

func lead(ms int64) string {
	switch {
	case ms > 0:
		return "online had waited " + clock(ms) + " longer"
	case ms < 0:
		return "the room had waited " + clock(-ms) + " longer"
	}
	return "neither side had waited longer"
}
