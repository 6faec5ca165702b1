package live

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
)

// A venue that was let in goes on on another machine, whose journal begins with a name and a key of its own choice. What
// could be no file, no part of a record, or would be taken for another journal is not stored.
func TestWhatGoesOnIsCalledAsAJournal(t *testing.T) {
	h := enter(t)
	h.begin()
	h.must(h.Site(), &floor.Link{Journal: "s/venue-v", Key: aKey})
	ctx := context.Background()
	begins := func(name, key string) error {
		e := &floor.Entry{Journal: name, N: 1, Stamp: floor.Stamp{At: h.View().At(time.Now()), Site: floor.Tag(name)}, Wall: 1, Command: "c1", By: "v0",
			Event: &floor.Succeeded{Journal: "s/venue-v", Was: aKey, Key: key}}
		return h.Receive(ctx, false, Foreign{Name: journal.Name(name), Batch: journal.Batch{Entries: []journal.Entry{journal.NewEntry(1, e.Bytes())}}})
	}
	for what, x := range map[string]struct{ name, key string }{
		"a way out of the folder": {"s/venue-/../../x-q", aKey},
		"no tag":                  {"s/venue-", aKey},
		"the hub's tag":           {"s/venue-abc", aKey},
		"the lost machine's tag":  {"s/other-v", aKey},
		"the hub's IDs":           {"s/venue-abc1", aKey},
		"another session":         {"t/venue-w", aKey},
		"no key":                  {"s/venue-w", ""},
		"another program's key":   {"s/venue-w", "k"},
	} {
		if err := begins(x.name, x.key); !errors.Is(err, ErrStranger) {
			t.Errorf("%s: %v", what, err)
		}
	}
	all, err := h.List(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Errorf("stored are %+v", all)
	}
	if err := begins("s/venue-w", aKey); err != nil || !slices.Contains(h.View().Journals(), "s/venue-w") {
		t.Errorf("one as it should be: %v", err)
	}
}
