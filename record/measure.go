package record

import (
	"encoding/base64"
	"fmt"

	"openmic/floor"
)

// Numbers that are multiplied or added up stay so small that no program needs more than 53 bits for any sum of a
// record, so none of two verifiers can be led astray where the other is not (docs/wire.md, 5 C). No running site writes
// larger ones.
const (
	mostAt     = 1_000_000_000_000     // session time, ms
	mostWall   = 1_000_000_000_000_000 // Unix ms
	mostDays   = 100_000
	mostTime   = 1_000_000_000 // dials and caps, ms
	mostTurns  = 1_000         // R and K
	mostFactor = 1_000         // percent
)

// immeasurable names the number of an entry that lies outside, or is empty.
func immeasurable(e *floor.Entry) string {
	name := ""
	within := func(what string, least, most int64, numbers ...int64) {
		for _, n := range numbers {
			if n < least || n > most {
				name = fmt.Sprintf("%s is outside of %d to %d", what, least, most)
			}
		}
	}
	rule := func(r *floor.Rule) {
		within("a dial", 0, mostTime, r.L, r.Q, r.B, r.Reply)
		within("a dial", 0, mostTurns, int64(r.R), int64(r.K))
	}
	within("at", 0, mostAt, e.Stamp.At)
	within("wall", 1, mostWall, e.Wall)
	switch ev := e.Event.(type) {
	case *floor.Created:
		rule(&ev.Rule)
		within("lateDays", 0, mostDays, ev.Settings.LateDays)
	case *floor.Set:
		within("lateDays", 0, mostDays, ev.Settings.LateDays)
	case *floor.Dialled:
		rule(&ev.Rule)
	case *floor.Asked:
		within("ago", 0, floor.Oldest, ev.Ago)
	case *floor.Granted:
		within("factor", 100, mostFactor, ev.Factor)
	case *floor.Started:
		within("cap", 0, mostTime, ev.Cap)
		within("factor", 100, mostFactor, ev.Factor)
	case *floor.Toured:
		within("cap", 0, mostTime, ev.Cap)
	case *floor.Resumed:
		within("mark", 0, MaxNumber, ev.Mark)
		within("down", 0, MaxNumber, ev.Down)
	}
	return name
}

// Takes says why no record can hold an entry and its words, although they are well formed: a line that is too long, or
// a number that every verifier refuses. So a site can turn them away before it stores them. row are the entry's bytes.
func Takes(row []byte, e *floor.Entry, words ...floor.Addendum) error {
	if len(row) > MaxLine {
		return fmt.Errorf("the entry is longer than %d bytes", MaxLine)
	}
	if beyond(row) {
		return fmt.Errorf("a number is larger than %d", int64(MaxNumber))
	}
	if number := immeasurable(e); number != "" {
		return fmt.Errorf("%s", number)
	}
	for _, a := range words {
		switch {
		case len(a.Nonce) != 16 || a.Digest() != e.Said[a.Field]:
			return fmt.Errorf("the words %.60q are not those that were written", a.Field)
		case len(line(word{a.N, a.Field, base64.RawURLEncoding.EncodeToString(a.Nonce), a.Text})) > MaxLine:
			return fmt.Errorf("the words %.60q are longer than %d bytes", a.Field, MaxLine)
		}
	}
	return nil
}
