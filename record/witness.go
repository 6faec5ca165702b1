package record

import (
	"fmt"
	"io"

	"openmic/floor"
)

// Tell writes for people when a code was current.
func (c *Current) Tell(w io.Writer) error {
	if c.Exit != 0 {
		_, err := fmt.Fprintf(w, "The code: %s.\n", c.Fault)
		return err
	}
	until, shown := "the end of this record", "to its end"
	if c.Until >= 0 {
		until = fmt.Sprintf("%s (%s)", clock(c.Until), utc(c.UntilWall))
		shown = "to " + clock(c.Hidden)
		if c.Hidden == c.Shown {
			shown = "on for a moment, while the next entry was on its way to the disk"
		}
	}
	_, err := fmt.Fprintf(w, "The code %q was current: it is that of entry %d of %s, the newest from %s of session time (%s) to %s.\nThe wall showed it from %s %s. The clock of day is the site's own, a label.\n",
		c.Words, c.N, c.Journal, clock(c.From), utc(c.FromWall), until, clock(c.Shown), shown)
	return err
}

// Tell writes for people what a record says of a receipt.
func (k *Kept) Tell(w io.Writer) error {
	var err error
	switch {
	case k.Against:
		_, err = fmt.Fprintf(w, "The receipt: %s. Keep both: with the site's signature they are evidence.\n", k.Fault)
	case k.Exit != 0:
		_, err = fmt.Fprintf(w, "The receipt: %s.\n", k.Fault)
	case k.Ticket == "":
		_, err = fmt.Fprintf(w, "The receipt holds: entry %d of this record is the one that was signed, of kind %s, at %s of session time (%s).\n", k.N, k.Kind, clock(k.At), utc(k.Wall))
	default:
		_, err = fmt.Fprintf(w, "The receipt holds: entry %d of this record is the one that was signed, a %s from %s, at %s of session time (%s).\nWhat became of it: %s.\n",
			k.N, forms[k.Form], places[k.Side], clock(k.At), utc(k.Wall), k.became())
	}
	return err
}

var (
	forms  = map[string]string{floor.Voice: "place in line", floor.Card: "card"}
	places = map[string]string{floor.Room.String(): "the room", floor.Online.String(): "online"}
	ends   = map[string]string{floor.BySpeaking: "it had the floor", floor.ByReading: "it was read out", floor.ByAnswer: "it was answered in writing", floor.ByMerging: "it was merged into another",
		floor.ByWithdrawing: "it was withdrawn", floor.NotReached: "it was not reached"}
)

func (k *Kept) became() string {
	if k.Ended < 0 {
		return fmt.Sprintf("it is still %s where this record ends", k.Became)
	}
	return fmt.Sprintf("%s; it ended at %s", ends[k.Became], clock(k.Ended))
}

// utc writes Unix ms as day and time, the same on any machine.
func utc(ms int64) string {
	day, rest := ms/86_400_000, ms%86_400_000
	if ms < 0 || day > 2_932_896 { // beyond the year 9999
		return "no day"
	}
	// Days are counted from 1 March of the year 0, so that a leap day is the last of its year.
	day += 719_468
	era := day / 146_097
	of := day % 146_097
	year := (of - of/1460 + of/36_524 - of/146_096) / 365
	of -= 365*year + year/4 - year/100
	m := (5*of + 2) / 153
	d := of - (153*m+2)/5 + 1
	year += era * 400
	if m += 3; m > 12 {
		m, year = m-12, year+1
	}
	return fmt.Sprintf("%04d-%02d-%02d %02d:%02d:%02d UTC", year, m, d, rest/3_600_000, rest/60_000%60, rest/1000%60)
}
