package live

import (
	"context"
	"errors"
	"testing"

	"openmic/floor"
)

// A press that went to the site with the gavel and was not answered may have happened there. As long as that site cannot
// be asked, the same press is not told that it was refused, which would mean that nothing has changed; a press that was
// never sent is.
func TestSentAndNotAnswered(t *testing.T) {
	h := enter(t)
	h.begin()
	h.must(h.Site(), &floor.Link{Journal: "s/venue-v", Key: aKey})
	ctx := context.Background()
	call := Command{"call-1", chair, &floor.Call{}}
	refused := func(c Command) bool {
		_, err := h.Do(ctx, c)
		var no *floor.Refusal
		return errors.As(err, &no)
	}

	h.Reach(far(func(Command) (Answer, floor.Seen, error) { return Answer{}, floor.Seen{}, ErrUnknown }))
	if _, err := h.Do(ctx, call); !errors.Is(err, ErrUnknown) {
		t.Errorf("not answered: %v", err)
	}
	h.Reach(nil)
	for range 2 {
		if _, err := h.Do(ctx, call); !errors.Is(err, ErrUnknown) {
			t.Errorf("again while there is no link: %v", err)
		}
	}
	if !refused(Command{"call-2", chair, &floor.Call{}}) || !refused(Command{"call-1", desk, &floor.Call{}}) {
		t.Error("what was never sent is not refused")
	}

	h.Reach(far(func(c Command) (Answer, floor.Seen, error) {
		return Answer{}, floor.Seen{}, &floor.Refusal{Kind: "nobody"}
	}))
	if !refused(call) {
		t.Error("the other site says no, and the press is not told")
	}
	h.Reach(nil)
	if !refused(call) {
		t.Error("what the other site refused is still in doubt")
	}
	// The oldest doubts give way.
	for i := range mostDoubts + 1 {
		c := call
		c.ID += string(rune('a' + i))
		h.doubts.settle(c, ErrUnknown)
	}
	first, last := call, call
	first.ID, last.ID = "call-1a", "call-1"+string(rune('a'+mostDoubts))
	if err := h.doubts.about(first, &floor.Refusal{}); errors.Is(err, ErrUnknown) {
		t.Error("every doubt is kept for ever")
	}
	if err := h.doubts.about(last, &floor.Refusal{}); !errors.Is(err, ErrUnknown) {
		t.Error("the newest doubt is forgotten")
	}
}

// far is another site that answers so.
type far func(Command) (Answer, floor.Seen, error)

func (f far) Do(_ context.Context, c Command) (Answer, floor.Seen, error) { return f(c) }
