package sim

import (
	"fmt"
	"io"

	"openmic/floor"
)

// Story tells one session step by step.
func Story(out io.Writer, m *Model, seen *Measured, c *Case, name string, dials floor.Rule, seed uint64) error {
	var failed error
	say := func(format string, a ...any) {
		if _, err := fmt.Fprintf(out, format, a...); err != nil && failed == nil {
			failed = err
		}
	}
	say("Case %s, rule %s, seed %d. %s\n\n", c.Name, name, seed, c.About)
	w := play(m, seen, c, name, dials, seed, func(at int64, format string, a ...any) {
		say("%6s  %s\n", clock(at), fmt.Sprintf(format, a...))
	})
	f := w.figures()
	say("\nWaits online to room %s. Heard: room %s, online %s. Online had %s of the time. Jain index %.2f. Largest lead %s, longest run %.0f turns.\n",
		ratio(f[waitOnline], f[waitRoom]), percent(f[heardRoom]), percent(f[heardOnline]), percent(f[shareOnline]), f[jain],
		clock(int64(f[largest]*1000)), f[longest])
	return failed
}

// because says why the rule gave this turn.
func (w *session) because() string {
	if w.rule != nil {
		return "the order of the rule"
	}
	why := w.s.Calls[len(w.s.Calls)-1].Why
	var s string
	switch why.Kind {
	case floor.WhyOnly:
		s = fmt.Sprintf("only %s can be called", why.Side)
	case floor.WhyBalance:
		s = fmt.Sprintf("%s has waited %s longer", why.Side, clock(why.Ms))
	case floor.WhyOpening:
		s = "the first call of a session is online"
	case floor.WhyMany:
		s = fmt.Sprintf("%d for one now, %d wait %s and %d %s", why.W, why.N, why.Side, why.M, why.Side.Other())
	default:
		s = "sides take turns"
	}
	switch why.Then {
	case "new":
		s += "; who has not spoken yet goes first"
	case "bypassed":
		s += "; was passed often enough"
	}
	return s
}

// lead says who has waited longer.
func lead(ms int64) string {
	switch {
	case ms > 0:
		return fmt.Sprintf("Online has waited %s longer.", clock(ms))
	case ms < 0:
		return fmt.Sprintf("The room has waited %s longer.", clock(-ms))
	}
	return "Nobody is owed time."
}

// clock writes milliseconds as minutes and seconds.
func clock(ms int64) string {
	sign := ""
	if ms < 0 {
		sign, ms = "-", -ms
	}
	return fmt.Sprintf("%s%d:%02d", sign, ms/60_000, ms/1000%60)
}

func percent(v float64) string { return fmt.Sprintf("%.0f %%", v*100) }

func ratio(a, b float64) string {
	if b == 0 {
		return "without measure, the room did not wait"
	}
	return fmt.Sprintf("%.2f", a/b)
}
