package live

import (
	"testing"
	"time"
)

// A site whose clock is broken, or that lies, moves the session's clock as far as it was lent and no further, however often
// it tries; a venue follows its hub wherever it is.
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

// TestLeapsAreFollowed: a venue that leaps by a day again and again, as a machine without a clock of its own does, is
// followed; one that lies without end never brings the session to where no record goes, though the hub is started often.
func TestLeapsAreFollowed(t *testing.T) {
	now := time.Now()
	day := longestDown.Milliseconds()
	hub := &clock{base: 5000, then: now, lent: lend(5000, 0)}
	for n := range 50 {
		at := hub.at(now) + 2*day // twice in one cut
		if !hub.believes(now, at) {
			t.Fatalf("leaps %d and %d of a day are not believed", 2*n+1, 2*n+2)
		}
		hub.heed(now, at)
	}
	if hub.believes(now, hub.at(now)+day) {
		t.Error("it follows through more leaps than there are")
	}
	at := hub.at(now)
	for range 1000 {
		c := &clock{base: at, then: now, lent: lend(at, 1<<60)} // its wall clock says that it was off for ages
		if c.lent > 0 && !c.believes(now, at+1) {
			t.Fatal("a good venue is shut out")
		}
		c.heed(now, 1<<53)
		at = c.at(now)
	}
	if at >= lastTime {
		t.Errorf("a clock that lies brings the session to %d", at)
	}
}
