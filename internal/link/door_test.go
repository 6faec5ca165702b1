package link

import (
	"context"
	"fmt"
	"testing"
)

// Of two codes the newest counts at both sites; of two of one moment both sites choose the same. What cannot be a code, or
// was made in time to come, changes nothing.
func TestNewestDoor(t *testing.T) {
	h, _ := open(t, "abc/hub-h", "hub", false)
	ctx := context.Background()
	now := h.Session.View().At(h.Now())
	for _, x := range []struct {
		mine, theirs Door
		taken        bool
	}{
		{Door{"AAAA", 0}, Door{"BBBB", now}, true},
		{Door{"AAAA", now + 1}, Door{"BBBB", now}, false},
		{Door{"AAAA", 0}, Door{"BBBB", 0}, true},
		{Door{"BBBB", 0}, Door{"AAAA", 0}, false},
		{Door{"AAAA", 0}, Door{"BBBB", now + 3_600_000}, false},
		{Door{"AAAA", 0}, Door{"BBBB", -1}, false},
		{Door{"AAAA", 0}, Door{"", now}, false},
		{Door{"AAAA", 0}, Door{"<b>", now}, false},
		{Door{"AAAA", 0}, Door{fmt.Sprintf("%04000d", 1), now}, false},
	} {
		h.book.door = x.mine
		h.heedDoor(ctx, &x.theirs)
		h.heedDoor(ctx, nil)
		if got := h.book.door; (got == x.theirs) != x.taken || !x.taken && got != x.mine {
			t.Errorf("%v meets %.20v: %v", x.mine, x.theirs, got)
		}
	}
}
