package words

import (
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// format says a value as a placeholder asks for it; false if the value is not of that sort.
func (l *Language) format(format string, value any) (string, bool) {
	if format == "" {
		return l.plain(value)
	}
	n, ok := whole(value)
	if !ok {
		return "", false
	}
	switch format {
	case "ordinal":
		return l.Say("unit.ordinal", "n", n), true
	case "clock":
		return clock(n), true
	case "minutes":
		return l.Say("unit.minutes", "n", up(n, 60_000)), true
	case "seconds":
		return l.Say("unit.seconds", "n", up(n, 1000)), true
	}
	return "", false
}

// plain says a number, or a person's text without letting it turn the sentence around.
func (l *Language) plain(value any) (string, bool) {
	if _, duration := value.(time.Duration); duration {
		return "", false // it would come out as 2m5s
	}
	if n, ok := whole(value); ok {
		return strconv.FormatInt(n, 10), true
	}
	if s, ok := value.(fmt.Stringer); ok {
		return isolate(s.String(), l.Dir() == "rtl"), true
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.String {
		return isolate(v.String(), l.Dir() == "rtl"), true
	}
	return "", false
}

// whole reads any whole number; a time.Duration counts in milliseconds.
func whole(value any) (int64, bool) {
	if d, ok := value.(time.Duration); ok {
		return d.Milliseconds(), true
	}
	v := reflect.ValueOf(value)
	switch {
	case v.CanInt():
		return v.Int(), true
	case v.CanUint():
		return int64(v.Uint()), true
	}
	return 0, false
}

// clock writes milliseconds as 2:05 or 1:02:05, rounded down towards zero.
func clock(ms int64) string {
	if ms <= -1000 {
		// A minus has no direction of its own: unprotected it would move to the other end in Arabic.
		return firstStrongIsolate + "-" + clock(-ms) + popIsolate
	}
	s := max(ms, 0) / 1000
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// up divides and rounds up, so that nobody is promised less than there is; below zero counts as zero.
func up(ms, unit int64) int64 {
	return (max(ms, 0) + unit - 1) / unit
}
