package panels

import (
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// Deck is what an operator looks at and presses all the time: who has the floor, who is next and why, and the buttons
// for it, which stay under the thumb on a phone.
type Deck struct {
	page.Speaker
	Now  Now
	Next Next
	Time Time
	Far  Far
	Out  bool // the session goes on elsewhere, and what is pressed here counts nowhere
}

// DeckOf is the deck now.
func DeckOf(l *hall.Look) Deck {
	return Deck{l.Lang, NowOf(l), NextOf(l), TimeOf(l), farOf(l), l.GoesOn() != ""}
}
