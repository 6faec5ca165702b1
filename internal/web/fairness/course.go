package fairness

import (
	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/record"
)

// shown is how many events a running session lists; the whole table comes with the end.
const shown = 40

// An Event is one row of the table of the lead: a turn that counts, or the moment at which what a side was owed was cut.
type Event struct {
	Key     string
	At      string
	Side    string // room or online; empty for what is no turn
	Label   string
	Length  string
	After   string
	Remarks []string
}

// course is the lead over time: its sentence, its table, its picture.
func (d *view) course(l *hall.Look, now int64) {
	say := l.Lang.Say
	leads := l.Leads(now)
	standing := l.Standing(now).Lead
	d.Standing = say("panels.lead-even")
	switch { // as everywhere, less than a second is no difference
	case standing >= 1000:
		d.Standing = say("panels.lead-online", "d", standing)
	case standing <= -1000:
		d.Standing = say("panels.lead-room", "d", -standing)
	}
	classes := map[floor.ID]string{}
	for _, o := range record.Overrides(l.State) {
		if o.Turn != "" {
			classes[o.Turn] = o.Class
		}
	}
	before := int64(0)
	var events []Event
	for _, at := range leads {
		if t := l.Turn(at.Turn); t != nil {
			events = append(events, d.event(l, t, at.Lead, classes[t.ID], now))
		} else if at.Lead != before && at.Forgiven {
			events = append(events, Event{At: l.Clock(at.At), After: owed(l, at.Lead), Remarks: []string{say("fairness.forgiven", "d", l.Rule.B)}})
		} else if at.Lead != before {
			events = append(events, Event{At: l.Clock(at.At), Side: at.Clamp.String(), Label: say("side." + at.Clamp.String()), After: owed(l, at.Lead),
				Remarks: []string{say("fairness.forgotten", "d", l.Rule.B)}})
		}
		before = at.Lead
	}
	if t := l.Current(); t != nil && t.Charged() {
		e := d.event(l, t, standing, classes[t.ID], now)
		e.Remarks = append([]string{say("fairness.now")}, e.Remarks...)
		events = append(events, e)
	}
	if d.Phase != "ended" && len(events) > shown {
		d.Earlier = len(events) - shown
		events = events[d.Earlier:]
	}
	d.Events = events
	d.Apart = apart(l)
	d.Picture = draw(l, leads, standing, now)
}

func (d *view) event(l *hall.Look, t *floor.Turn, lead int64, class string, now int64) Event {
	say := l.Lang.Say
	e := Event{Key: string(t.ID), At: l.Clock(t.Start), Side: t.Side.String(), Label: say("side." + t.Side.String()), Length: say("fairness.clock", "d", t.Length(now)), After: owed(l, lead)}
	if w := t.W[t.Side]; w > 1 {
		d.Weighed++
		e.Remarks = append(e.Remarks, say("fairness.weighs", "w", w))
	}
	if class != "" {
		e.Remarks = append(e.Remarks, say("fairness.overridden", "class", say("class."+class)))
	}
	if t.Cut {
		e.Remarks = append(e.Remarks, say("fairness.in-cut"))
	}
	switch {
	case t.Added:
		e.Remarks = append(e.Remarks, say("fairness.added"))
	case t.Corrected:
		e.Remarks = append(e.Remarks, say("fairness.corrected"))
	}
	return e
}

// apart says when two sites did not hear each other, and what was on a side floor meanwhile.
func apart(l *hall.Look) []string {
	var out []string
	for _, c := range l.Apart() {
		if c.To < 0 {
			out = append(out, l.Lang.Say("fairness.apart-now", "from", l.Clock(c.From)))
			continue
		}
		s := l.Lang.Say("fairness.apart", "from", l.Clock(c.From), "to", l.Clock(c.To))
		n := 0
		for i := range l.Turns {
			if t := &l.Turns[i]; t.Kind == floor.SideTurn && t.Start >= c.From && t.Start < c.To {
				n++
			}
		}
		if n > 0 {
			s += " " + l.Lang.Say("fairness.aside", "n", n)
		}
		out = append(out, s)
	}
	return out
}

// owed says which side has waited longer, and by how much.
func owed(l *hall.Look, lead int64) string {
	switch {
	case lead >= 1000:
		return l.Lang.Say("fairness.owed-online", "d", lead)
	case lead <= -1000:
		return l.Lang.Say("fairness.owed-room", "d", -lead)
	}
	return l.Lang.Say("fairness.owed-even")
}
