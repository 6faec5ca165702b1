package live

import (
	"testing"
	"time"
)

// A site whose clock is broken, or that lies, moves the session's clock by a day at most, however often it tries; a
// venue follows its hub wherever it is.
func TestFarClocks(t *testing.T) {
	now := time.Now()
	hour := time.Hour.Milliseconds()
	hub := &clock{base: 1000, then: now, lent: longestDown.Milliseconds()}
	for range 100 {
		at := hub.at(now)
		hub.heed(now, at+10*hour)
	}
	if got := hub.at(now) - 1000; got != 24*hour {
		t.Errorf("a hundred steps of ten hours moved the hub by %d h", got/hour)
	}
	if hub.believes(now, hub.at(now)+1) {
		t.Error("an entry beyond the day is believed")
	}
	later := now.Add(time.Hour)
	if got := hub.at(later) - 1000; got != 25*hour {
		t.Errorf("an hour later it stands at %d h", got/hour)
	}
	hub.heed(later, 1000+25*hour-5)
	if !hub.believes(later, hub.at(later)) || hub.at(later) != 1000+25*hour {
		t.Error("what is not ahead is refused, or moved the clock back")
	}
	venue := &clock{base: 0, then: now, lent: -1}
	venue.heed(now, 1000*hour)
	if venue.at(now) != 1000*hour || !venue.believes(now, 5000*hour) {
		t.Error("a venue does not follow its hub")
	}
}
