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

func (c *clock) wall(at int64) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.then.Add(time.Duration(at-c.base) * time.Millisecond)
}

// longestDown bounds what a wall clock may add to session time over a restart.
const longestDown = 24 * time.Hour
