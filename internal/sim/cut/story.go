package cut

import (
	"encoding/json"
	"fmt"
	"io"

	"openmic/floor"
)

// Story tells one seed, line by line: when, at which site, what.
func Story(out io.Writer, seed uint64, fault string) (Result, error) {
	var failed error
	say := func(line string) {
		if _, err := fmt.Fprintln(out, line); err != nil && failed == nil {
			failed = err
		}
	}
	with := ""
	if fault != "" {
		with = ", with a planted fault: " + fault
	}
	say(fmt.Sprintf("Seed %d%s. Minutes and seconds, the site, what happens there.\n", seed, with))
	r := Play(seed, fault, say)
	say(fmt.Sprintf("\n%d entries, %d cuts, %d crashes, compared %d times.", r.Entries, r.Cuts, r.Crashes, r.Heals))
	say(fmt.Sprintf("Broken on the way: %s.", r.Broke))
	for _, what := range r.Wrong {
		say("Not as it must be: " + what)
	}
	return r, failed
}

// tellEntry says what was written.
func (w *world) tellEntry(s *site, e *floor.Entry) {
	if w.says == nil {
		return
	}
	who := string(e.By)
	if e.By == s.s.Site().Person {
		who = "the site"
	}
	what := floor.Kind(e.Event)
	switch ev := e.Event.(type) {
	case *floor.CalledOut:
		what = fmt.Sprintf("calls %s (%s), ticket %s: %s", ev.Person, ev.Side, ev.Ticket, ev.Why.Kind)
	case *floor.Started:
		what = fmt.Sprintf("lets %s (%s) begin turn %s", ev.Person, ev.Side, ev.Turn)
	case *floor.Ended:
		what = fmt.Sprintf("ends turn %s", ev.Turn)
	case *floor.Asked:
		what = fmt.Sprintf("asks by %s, ticket %s (%s)", ev.Form, ev.Ticket, ev.Side)
		if ev.Ago > 0 {
			what += fmt.Sprintf(", pressed %d s before, says the phone", ev.Ago/1000)
		}
	case *floor.WasCut:
		what = "does not hear the other site any more"
	case *floor.Healed:
		what = "has heard everything of the other site again"
	case *floor.TookOver:
		what = "takes the gavel over"
	case *floor.Passed:
		what = "passes the gavel to " + ev.To
	case *floor.Joined:
		what = fmt.Sprintf("joins (%s)", ev.Side)
	case *floor.Set:
		what = "changes settings"
	case *floor.Created, *floor.Planned:
	default:
		if body, err := json.Marshal(ev); err == nil && string(body) != "{}" {
			what += " " + string(body)
		}
	}
	w.tell(s, "%d. %s %s", e.N, who, what)
}
