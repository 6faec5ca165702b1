package live

import (
	"context"
	"sync"
	"time"

	"openmic/internal/journal"
)

// clock is the session's own time: milliseconds that this site advances with its monotonic clock. Wall time is only
// its label.
type clock struct {
	mu   sync.Mutex
	base int64     // session time at then, ms
	then time.Time // carries the monotonic reading
	lent int64     // how far other sites may still move it on, ms; below 0: as far as they say
}

func (c *clock) at(now time.Time) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base + max(0, now.Sub(c.then).Milliseconds())
}

// raise moves the clock on to a time that another site has reached. It never goes back.
func (c *clock) raise(now time.Time, at int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at > c.base+max(0, now.Sub(c.then).Milliseconds()) {
		c.base, c.then = at, now
	}
}

// heed moves the clock on to what another site says, as far as it believes others.
func (c *clock) heed(now time.Time, at int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	here := c.base + max(0, now.Sub(c.then).Milliseconds())
	step := at - here
	if step <= 0 {
		return
	}
	if c.lent >= 0 {
		step = min(step, c.lent)
		c.lent -= step
	}
	c.base, c.then = here+step, now
}

// believes says whether another site may have reached this time by now.
func (c *clock) believes(now time.Time, at int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lent < 0 || at-(c.base+max(0, now.Sub(c.then).Milliseconds())) <= c.lent
}

func (c *clock) wall(at int64) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.then.Add(time.Duration(at-c.base) * time.Millisecond)
}

// longestDown bounds what a wall clock may add to session time over a restart.
const longestDown = 24 * time.Hour

// Other sites may leap like that, and again and again: a small machine without a clock of its own wakes up in 1970, learns
// the time, and is started anew. That is no reason to shut it out, since time that leaps orders nothing anew; so until its
// next start the site where the session was made follows them through mostLeaps such leaps. Whoever was off itself for
// longer than a day follows them through the rest of that besides. But never through more than half of the time that is
// left until lastTime: a clock that lies never gets there, however often this site is started.
const (
	mostLeaps = 100
	lastTime  = 1_000_000_000_000 // ms; no record goes beyond (docs/wire.md, 5 C)
)

// lend is how far other sites may move this one's clock on until its next start, ms, when it stands at a time and the
// wall clock says that the site was off for so long.
func lend(at, away int64) int64 {
	day := longestDown.Milliseconds()
	return min(mostLeaps*day+max(0, away-day), max(0, lastTime-at)/2)
}

// mark keeps the newest durable point of the session's clock while somebody may be speaking.
func (s *Session) mark() {
	defer s.done.Done()
	t := time.NewTicker(marking)
	defer t.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-t.C:
			s.keepMark()
		}
	}
}

func (s *Session) keepMark() {
	v := s.View()
	if v.Opened < 0 || v.Adjourned >= 0 || s.world.Shut {
		return
	}
	now := s.world.Now()
	ctx, cancel := context.WithTimeout(context.Background(), marking)
	defer cancel()
	if s.keptByOther(ctx, now) {
		return
	}
	if err := s.store.Mark(ctx, s.name, journal.Mark{Session: v.At(now), Wall: s.world.wall(now)}); err != nil {
		s.world.Log.Warn("mark of the clock not kept", "journal", s.name, "error", err)
	}
}
