package live

import (
	"sync"
	"time"
)

// clock is the session's own time: milliseconds that this site advances with its monotonic clock. Wall time is only
// its label.
type clock struct {
	mu   sync.Mutex
	base int64     // session time at then, ms
	then time.Time // carries the monotonic reading
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

func (c *clock) wall(at int64) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.then.Add(time.Duration(at-c.base) * time.Millisecond)
}

// longestDown bounds what a wall clock may add to session time over a restart.
const longestDown = 24 * time.Hour
