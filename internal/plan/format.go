package plan

import (
	"strconv"
	"strings"
)

var (
	formatLine  = pattern(`^(.{3,80}?)(?: [-–—] (.{2,60}?))? [-–—] (\d{1,3}) ?(?i:min(?:ute)?s?)\.?$`)
	minutesOnly = pattern(`(?i)^\(?(?:duration)?\s*(?:\(minutes\))?:? ?(\d{1,3}) ?(?:min(?:ute)?s?)?\.?\)?$`)
	minutesTail = pattern(`(?i)^(.{3,80}?) ?\((\d{1,3}) ?min(?:ute)?s?\.?\)$`)
)

// formats are the session formats the forms offer, folded; others are read where a heading or the minutes show them.
var formats = map[string]bool{
	"roundtable": true, "round table": true, "panel": true, "panel discussion": true, "debate": true, "birds of a feather": true, "tutorial": true,
	"break-out group discussions": true, "breakout group discussions": true, "flash session": true, "theater": true, "theatre": true, "classroom": true,
	"auditorium": true, "presentation": true, "lightning talk": true, "town hall": true, "townhall": true, "workshop": true, "other": true,
	"open mic townhall": true, "fireside chat": true, "showcase": true, "interview": true, "networking": true, "networking session": true, "open forum": true,
}

// readFormatLine reads "Round Table - U-shape - 90 Min".
func readFormatLine(s string) (format, seating string, minutes int, ok bool) {
	if len(s) > 170 {
		return "", "", 0, false
	}
	m := formatLine().FindStringSubmatch(s)
	if m == nil {
		return "", "", 0, false
	}
	minutes, _ = strconv.Atoi(m[3])
	return strings.TrimSpace(m[1]), strings.TrimSpace(m[2]), minutes, true
}

// readMinutes reads a value that is nothing but a duration.
func readMinutes(s string) (int, bool) {
	m := minutesOnly().FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	n, _ := strconv.Atoi(m[1])
	return n, n > 0
}
