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

// door is what to tell of the room's door; nil when that cannot be read now.
func (p *Place) door(ctx context.Context) *Door {
	d, err := p.Book.Door(ctx)
	if err != nil {
		p.fails(ctx, "the room's code cannot be read", "error", err)
		return nil
	}
	return &d
}

// heedDoor takes over the code of the other site if it is the newer one. Nobody makes one in time to come.
func (p *Place) heedDoor(ctx context.Context, d *Door) {
	if d == nil || !isCode.MatchString(d.Code) || d.At < 0 || d.At > p.Session.View().At(p.Now()) {
		return
	}
	mine, err := p.Book.Door(ctx)
	if err == nil && (d.At > mine.At || d.At == mine.At && d.Code > mine.Code) {
		err = p.Book.SetDoor(ctx, *d)
	}
	if err != nil { // the next beat tries again
		p.Log.Warn("the other site's code for the room does not count here yet", "error", err)
	}
}
