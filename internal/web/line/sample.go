package line

import (
	"strings"
	"time"

	"openmic/floor"
	"openmic/internal/web/asking"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// samples hold what the live region says in most sessions, for its stream's phrases. What is missing here is told in
// full, and may be missing: only bytes hang on it.
func samples(l *hall.Look) (all []any) {
	add := func(d *view) {
		d.Page, d.Opened = l.Frame(), len(all) > 0
		all = append(all, d)
	}
	end := []place{{Ticket: page.Hole, Who: page.Hole}}
	add(&view{Points: []asking.Made{{Ticket: page.Hole, Who: page.Hole}}, Next: &next{Who: page.Hole}, Line: end, Waiting: 2, Tables: alone(tablesOf(l))})
	passed := row{Key: page.Hole, Parts: []part{{"", l.Lang.Say("reason.passed", "n", 2)}}}
	add(&view{Waiting: 2, Line: append(lineOf(l), end...), Tables: tablesOf(l), Passed: []row{passed, passed}})
	add(&view{Waiting: 2, Line: end, Rows: rowsOf(l), Tables: tablesOf(l)})
	for _, side := range sides {
		why := page.Hole
		for _, kind := range []string{floor.WhyTurns, floor.WhyBalance} {
			why += l.Lang.Say("reason."+kind+"-"+side.String(), "d", time.Minute) + page.Hole
		}
		for _, kind := range []string{"new", "first"} {
			why += " " + l.Lang.Say("reason."+kind, "who", page.Hole) + page.Hole
		}
		add(&view{Now: &speaking{Who: page.Hole, Side: side, Called: true}, Next: &next{page.Hole, side, why}, Waiting: 2, Line: end,
			Points: []asking.Made{{Ticket: page.Hole, Who: page.Hole}, {Ticket: page.Hole, Who: page.Hole}}})
		add(&view{Now: &speaking{Who: page.Hole, Side: side, Until: time.UnixMilli(1)}, Waiting: 2, Line: end})
	}
	for _, q := range l.Questions {
		add(&view{Now: &speaking{Who: page.Hole, Policy: l.Text(q)}, Waiting: 2, Line: end})
	}
	return all
}

var sides = []floor.Side{floor.Room, floor.Online}

// lineOf holds somebody with a name, somebody without and a card, of each side.
func lineOf(l *hall.Look) (line []place) {
	for _, side := range sides {
		unnamed := l.Lang.Say("consent.who." + side.String())
		line = append(line, place{Ticket: page.Hole, Who: unnamed, Side: side}, place{Ticket: page.Hole, Who: page.Hole, Side: side},
			place{Ticket: page.Hole, Who: page.Hole, Side: side, Card: true})
	}
	return line
}

// tablesOf holds what so many are told at their places.
func tablesOf(l *hall.Look) (tables []table) {
	for _, side := range sides {
		// What is told to the fourth serves the first too, but for "4th".
		nth := strings.Replace(l.Lang.Say("reason.place-"+side.String(), "place", 4), l.Lang.Say("unit.ordinal", "n", 4), page.Hole, 1)
		late := part{nth, l.Lang.Say("reason.latest", "d", 30*time.Minute)}
		tables = append(tables, table{page.Hole, []part{{nth, ""}, late, late, {nth, ""}}})
	}
	// Five minutes and thirty are other words in some languages.
	before := func(n int, d time.Duration) part { return part{"", l.Lang.Say("reason.before", "n", n, "d", d)} }
	return append(tables, table{page.Hole, []part{{"", l.Lang.Say("reason.about", "d", 5*time.Minute)}, before(1, 5*time.Minute), before(4, 5*time.Minute),
		before(4, 30*time.Minute), before(4, 30*time.Minute)}})
}

// alone is the first line of each table.
func alone(tables []table) []table {
	for i := range tables {
		tables[i].Said = tables[i].Said[:1]
	}
	return tables
}

// rowsOf are the moments around a turn.
func rowsOf(l *hall.Look) (rows []row) {
	say := func(key string, args ...any) string { return page.Hole + l.Lang.Say(key, args...) + page.Hole }
	add := func(r row) {
		r.Key, r.Ticket = page.Hole, page.Hole
		rows = append(rows, r)
	}
	add(row{Alert: "next", Text: say("reason.next"), Still: true, Defer: true})
	add(row{Alert: "called", Text: say("line.to-microphone"), Start: page.Hole, Defer: true})
	add(row{Text: say("reason.speaking"), Yield: true})
	add(row{Alert: "called", Text: say("line.unmute"), Start: page.Hole, Defer: true, Video: l.Fact("video")})
	add(row{Alert: "next", Text: say("reason.next"), Defer: true})
	add(row{Alert: "called", Text: say("line.to-microphone-n", "mic", 1)})
	return rows
}
