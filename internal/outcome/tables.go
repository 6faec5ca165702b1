package outcome

import (
	"strconv"
	"strings"

	"openmic/floor"
)

// The tables of a report: who took part, how long they waited, how the time was kept.

func (t *teller) participation() {
	l := t.l
	t.head(2, "participation", l.Say("outcome.participation"))
	ends := floor.Dispositions
	columns := func(first string) []string {
		out := []string{l.Say(first), l.Say("outcome.askers"), l.Say("outcome.asks")}
		for _, d := range ends {
			out = append(out, l.Say("disposition."+d))
		}
		if t.Total.Waiting > 0 {
			out = append(out, l.Say("outcome.waiting"))
		}
		return out
	}
	row := func(name string, c Count) []string {
		out := []string{name, strconv.Itoa(c.People), strconv.Itoa(c.Asked)}
		for _, d := range ends {
			out = append(out, strconv.Itoa(c.Ended[d]))
		}
		if t.Total.Waiting > 0 {
			out = append(out, strconv.Itoa(c.Waiting))
		}
		return out
	}
	t.table(columns("outcome.side"), [][]string{
		row(l.Say("side.room"), t.Sides[floor.Room]), row(l.Say("side.online"), t.Sides[floor.Online]), row(l.Say("side.both"), t.Total)})
	var rows [][]string
	for _, g := range t.Groups {
		var names []string
		for _, k := range g.Keys {
			names = append(names, l.Say("group."+k))
		}
		rows = append(rows, row(strings.Join(names, " · "), g.Count))
	}
	if len(rows) > 0 {
		t.table(columns("outcome.group"), rows)
		t.small(l.Say("outcome.small-groups"))
	}
	if n := t.After.Asked; n > 0 {
		said := []string{l.Say("outcome.later", "n", n)}
		for _, end := range floor.Dispositions {
			if k := t.After.Ended[end]; k > 0 {
				said = append(said, l.Say("outcome.later-end", "what", l.Say("disposition."+end), "n", k))
			}
		}
		t.small(strings.Join(said, " · "))
	}
}

func (t *teller) waits() {
	l := t.l
	t.head(2, "waits", l.Say("outcome.waits"))
	var rows [][]string
	for _, side := range []floor.Side{floor.Room, floor.Online} {
		w := t.Numbers.Sides()[side]
		rows = append(rows, []string{l.Say("side." + side.String()), strconv.Itoa(w.Asks), strconv.Itoa(w.Heard), t.clock(w.MedianWait), t.clock(w.Wait90), t.clock(w.Most), strconv.Itoa(w.NotReached)})
	}
	t.table([]string{l.Say("outcome.side"), l.Say("outcome.asks"), l.Say("outcome.heard"), l.Say("outcome.median"), l.Say("outcome.p90"), l.Say("outcome.longest"), l.Say("outcome.unreached")}, rows)
	t.small(l.Say("outcome.waits-note"))
}

func (t *teller) clock(ms int64) string { return t.l.Say("outcome.clock", "d", ms) }

func (t *teller) time() {
	l := t.l
	t.head(2, "time", l.Say("outcome.time"))
	var rows [][]string
	var planned, used int64
	over := true
	for _, p := range t.Parts {
		name := p.Title
		if name == "" {
			name = l.Say("segment." + p.Kind)
		}
		if p.Protected {
			name = l.Say("outcome.with-role", "who", name, "role", l.Say("outcome.secured"))
			planned += p.Planned
			used += p.Planned - p.Short()
			over = over && p.Over
		}
		rows = append(rows, []string{name, t.clock(p.Planned), t.clock(p.Used), t.clock(p.Audience), t.clock(p.Replies), t.clock(p.Idle)})
	}
	if planned > 0 && over {
		t.text(l.Say("outcome.kept", "used", used, "planned", planned))
		if t.Panel > 0 {
			t.text(l.Say("outcome.panel", "d", t.Panel))
		}
		if t.Late >= 60_000 {
			t.text(l.Say("outcome.late-start", "d", t.Late))
		}
	}
	if len(rows) > 0 {
		t.table([]string{l.Say("outcome.part"), l.Say("outcome.planned"), l.Say("outcome.used"), l.Say("outcome.audience"), l.Say("outcome.replies"), l.Say("outcome.idle")}, rows)
	}
}

func (t *teller) exceptions() {
	l := t.l
	t.head(2, "rule", l.Say("outcome.exceptions"))
	var items []Item
	for _, o := range t.Overrides {
		key := "outcome.override"
		if o.Dials {
			key = "outcome.dials"
		}
		items = append(items, Item{At: t.at(o.Moment), To: turnID(o.Turn), Text: l.Say(key, "class", l.Say("class."+o.Class))})
	}
	for _, c := range t.Corrections {
		key := "outcome.corrected"
		if c.Added {
			key = "outcome.added"
		}
		items = append(items, Item{At: t.at(c.Moment), To: turnID(c.Turn), Text: l.Say(key)})
	}
	if t.Doubtful > 0 {
		items = append(items, Item{Text: l.Say("outcome.doubtful", "n", t.Doubtful)})
	}
	for _, b := range t.Breaks {
		items = append(items, Item{At: t.at(b.Moment), Text: l.Say("outcome.break", "d", b.Length)})
	}
	for _, a := range t.Apart {
		said := l.Say("outcome.apart-now")
		if a.Length > 0 {
			said = l.Say("outcome.apart", "d", a.Length)
		}
		items = append(items, Item{At: t.at(a.Moment), Text: said})
	}
	if t.TakeOvers > 0 {
		items = append(items, Item{Text: l.Say("outcome.took-over", "n", t.TakeOvers)})
	}
	for _, m := range t.Forgiven {
		items = append(items, Item{At: t.at(m), Text: l.Say("outcome.forgiven")})
	}
	t.items(items)
}
