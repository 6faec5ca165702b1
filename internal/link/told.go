package link

import (
	"context"
	"fmt"
	"time"
)

// mostPasses is how many passes one message takes.
const mostPasses = 500

// tellings remember which passes were told on one connection, and as what. It is used by one goroutine at a time.
type tellings struct {
	turn int64     // of the book, when all of it was told; 0: not yet
	at   time.Time // when it was
	told map[string]string
}

// changed gives passes that are not as they were told last; more says that there are others. While a crowd comes in it
// looks four times a second only.
func (t *tellings) changed(ctx context.Context, book Book, now time.Time) (out []Pass, more bool, err error) {
	turn := book.Turn()
	if t.turn != 0 && (t.turn == turn || now.Sub(t.at) < Beat/4) {
		return nil, false, nil
	}
	all, err := book.Passes(ctx)
	if err != nil {
		return nil, false, err
	}
	if t.told == nil {
		t.told = map[string]string{}
	}
	for _, p := range all {
		state := fmt.Sprintf("%x %t %s", p.Hash, p.Revoked, p.Label)
		if t.told[p.ID] == state {
			continue
		}
		if len(out) == mostPasses {
			t.turn = 0
			return out, true, nil
		}
		t.told[p.ID] = state
		out = append(out, p)
	}
	t.turn, t.at = turn, now
	return out, false, nil
}
