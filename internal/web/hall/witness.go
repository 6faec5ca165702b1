package hall

import (
	"sync"

	"openmic/record"
)

// wordCode remembers the newest code: working one out takes a millisecond, and a minute has one.
type wordCode struct {
	mu    sync.Mutex
	n     int64 // entry
	words string
}

// Code is the four words of the journal's newest entry before this full minute (docs/wire.md, section 7), so that any
// photo of a screen with it is a witness. Empty in the first minute.
func (l *Look) Code() string {
	head := l.MinuteHead(l.At)
	if head.N == 0 {
		return ""
	}
	c := &l.Hall.wordCode
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n != head.N {
		c.n, c.words = head.N, record.CodeOf(string(l.Hall.Session.Name()), head.N, head.Hash)
	}
	return c.words
}
