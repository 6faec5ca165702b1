package plan

import (
	"strconv"
	"strings"
	"time"
)

// moment matches "Friday, 2nd December, 2022 (06:30 UTC)"; the day of the week and the commas may be missing.
const moment = `(?:[A-Za-z]+day,? )?(\d{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3,9}),? (\d{4}),? \(?(\d{1,2}):(\d{2})(?: ?(UTC|GMT)(?: ?([+-])0?(\d{1,2})(?::?(\d{2}))?)?)?\)?`

var (
	fromTo  = pattern(`^` + moment + `(?: ?(?:-|–|—|to) ?` + moment + `)?$`)
	sameDay = pattern(`^` + strings.TrimSuffix(moment, `(?: ?(UTC|GMT)(?: ?([+-])0?(\d{1,2})(?::?(\d{2}))?)?)?\)?`) +
		` ?(?:-|–|—|to) ?(\d{1,2}):(\d{2}) ?\(?(UTC|GMT)?\)?$`)
)

// times reads a line with start and end. zone says that the line names the zone; without one UTC is assumed.
func times(s string) (start, end Text, zone, ok bool) {
	if len(s) > 160 || len(s) < 16 {
		return "", "", false, false
	}
	if m := fromTo().FindStringSubmatch(s); m != nil {
		start, zone, ok = instant(m[1:10])
		if ok && m[10] != "" {
			var zoneEnd bool
			end, zoneEnd, ok = instant(m[10:19])
			zone = zone && zoneEnd
		}
		return start, end, zone, ok
	}
	if m := sameDay().FindStringSubmatch(s); m != nil {
		start, _, ok = instant(append(append([]string{}, m[1:6]...), m[8], "", "", ""))
		if !ok {
			return "", "", false, false
		}
		end, zone, ok = instant(append(append([]string{}, m[1:4]...), m[6], m[7], m[8], "", "", ""))
		return start, end, zone, ok
	}
	return "", "", false, false
}

// instant makes UTC of day, month, year, hour, minute, zone, sign, hours, minutes.
func instant(m []string) (at Text, zone, ok bool) {
	num := func(i int) int { n, _ := strconv.Atoi(m[i]); return n }
	month := 0
	for k := time.January; k <= time.December; k++ {
		if hasPrefixFold(k.String(), m[1]) || strings.EqualFold(m[1], "Sept") && k == time.September {
			month = int(k)
			break
		}
	}
	if month == 0 || num(0) < 1 || num(0) > 31 || num(3) > 24 || num(4) > 59 {
		return "", false, false
	}
	t := time.Date(num(2), time.Month(month), num(0), num(3), num(4), 0, 0, time.UTC)
	if t.Day() != num(0) && num(3) < 24 {
		return "", false, false
	}
	shift := time.Duration(num(7))*time.Hour + time.Duration(num(8))*time.Minute
	if m[6] == "+" {
		shift = -shift
	}
	return Text(t.Add(shift).Format("2006-01-02T15:04Z")), m[5] != "", true
}

// minutesBetween is how long a session lasts by its times; 0 when they do not tell.
func minutesBetween(start, end Text) int {
	a, errA := time.Parse("2006-01-02T15:04Z", string(start))
	b, errB := time.Parse("2006-01-02T15:04Z", string(end))
	if errA != nil || errB != nil || !b.After(a) || b.Sub(a) > 24*time.Hour {
		return 0
	}
	return int(b.Sub(a) / time.Minute)
}
