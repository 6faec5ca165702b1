package link

import (
	"context"
	"regexp"
)

// A Door is the code in the room's QR, and the session time, ms, at which it was made; 0 for the first. The newest one counts
// at both sites.
type Door struct {
	Code string `json:"code"`
	At   int64  `json:"at"`
}

var isCode = regexp.MustCompile(`^[A-Z0-9]{4,16}$`)

// Newer says which of two codes counts; of two that were made in one moment both sites choose the same.
func (d Door) Newer(than Door) bool { return d.At > than.At || d.At == than.At && d.Code > than.Code }

// door is what to tell of the room's door.
func (p *Place) door() *Door {
	d := p.Book.Door()
	return &d
}

// heedDoor takes over the code of the other site if it is the newer one. Nobody makes one in time to come.
func (p *Place) heedDoor(ctx context.Context, d *Door) {
	if d == nil || !isCode.MatchString(d.Code) || d.At < 0 || d.At > p.Session.View().At(p.Now()) {
		return
	}
	if !d.Newer(p.Book.Door()) {
		return
	}
	if err := p.Book.SetDoor(ctx, *d); err != nil { // the next beat tries again
		p.Log.Warn("the other site's code for the room does not count here yet", "error", err)
	}
}
