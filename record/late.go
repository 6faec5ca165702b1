package record

import (
	"fmt"

	"openmic/floor"
)

// Late are the cards written after the session, which are in no other number. They are taken and answered until a moment
// of the site's wall clock; one that nobody has answered by then has not been reached (floor.State.Disposition), which no
// entry says. A record knows no clock, so it tells how many are open and until when.
type Late struct {
	Cards int   `json:"late"`
	Open  int   `json:"lateOpen"`
	Until int64 `json:"lateUntil"` // Unix ms, 0 while the session goes on

	days int64
}

func lateOf(s *floor.State) Late {
	l := Late{Until: s.TakenUntil(), days: s.Settings.LateDays}
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
	return fmt.Sprintf("Cards written after the session %d, of them open %d: these are not reached %d times 24 h after its end, by the site's clock.", l.Cards, l.Open, l.days)
}
