package floor

import (
	"testing"
	"time"
)

// TestDates: a due date is a day of the calendar, as the standard library reads it.
func TestDates(t *testing.T) {
	for _, v := range []string{"2026-11-22", "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-1-2", "26-01-02",
		"2026-11-22 ", " 2026-11-22", "2026-11-2x", "+026-11-22", "tomorrow", "", "9999-12-31", "2026-12-00", "2026-11-222"} {
		_, err := time.Parse(time.DateOnly, v)
		if got := aDate(v); got != (err == nil) {
			t.Errorf("%q is a date: %t, %v", v, got, err)
		}
	}
}
