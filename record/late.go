package record

import (
	"fmt"
	"time"

	"openmic/floor"
)

// Late are the cards written after the session, which are in no other number. They are taken and answered until a moment
// of the site's wall clock; one that nobody has answered by then has not been reached (floor.State.Disposition), which no
// entry says. A record knows no clock, so it tells how many are open and until when.
type Late struct {
	Cards int   `json:"late"`
	Open  int   `json:"lateOpen"`
	Until int64 `json:"lateUntil"` // Unix ms, 0 while the session goes on
}

func lateOf(s *floor.State) Late {
	l := Late{Until: s.TakenUntil()}
	for i := range s.Tickets {
		if t := &s.Tickets[i]; t.Late {
			l.Cards++
			if t.Live() {
				l.Open++
			}
		}
	}
	return l
}

func (l Late) tell() string {
	if l.Cards == 0 {
		return "Cards written after the session: none."
	}
	return fmt.Sprintf("Cards written after the session %d, of them open %d: from %s on, by the site's clock, these are not reached.", l.Cards, l.Open,
		time.UnixMilli(l.Until).UTC().Format("2006-01-02 15:04:05 MST"))
}
