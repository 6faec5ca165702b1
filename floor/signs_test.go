package floor

import (
	"errors"
	"math"
	"testing"
)

// What is typed stands on walls and in reports beside the words of others. It brings no sign that turns, parts or hides
// them, and a name of such signs alone is no name.
func TestWordsBringNoSignsThatNobodySees(t *testing.T) {
	for typed, want := range map[string]string{
		"Mele\u2028\u2029Kata":                     "Mele Kata",
		"\u202eeleM\u202c \u2066Kata\u2069":        "eleM Kata",
		"\u200b\u2060\u2063\ufeff\u180e":           "",
		"Me\u200ble\u0007\u001b\u0085\x7f":         "Mele",
		"\U0001f3f4\U000e0067\U000e0062\U000e007f": "\U0001f3f4",
		"\ufff9a\ufffab\ufffb":                     "ab",
		"نظام\u200cها \u200fקפה":                   "نظام\u200cها \u200fקפה", // some scripts cannot be written without these
		"क्\u200dष":                                "क्\u200dष",
		"👩\u200d🚀":                                 "👩\u200d🚀",
	} {
		if got, err := line("name", typed, LongName); err != nil || got != want {
			t.Errorf("%q is kept as %q, not %q: %v", typed, got, want, err)
		}
	}
}

// A start that no calendar can write is no start.
func TestAPlanBeginsInOurTime(t *testing.T) {
	for _, at := range []int64{-1, math.MinInt64, latestStart + 1, math.MaxInt64} {
		p := &Plan{Title: "Ropes", Segments: []SegmentPlan{{Kind: "panel", Minutes: 10}}, Start: at}
		var bad *BadInput
		if _, err := Decide(New(), Moment{Tag: "a", N: 1}, Actor{Person: "ana", Roles: Organiser}, p); !errors.As(err, &bad) || bad.Field != "start" {
			t.Errorf("a start at %d is answered %v", at, err)
		}
	}
}
