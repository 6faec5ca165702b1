package link

import (
	"context"
	"fmt"
)

// mostPasses is how many passes one message takes.
const mostPasses = 500

// tellings remember which passes were told on one connection, and as what. It is used by one goroutine at a time.
type tellings struct {
	turn int64 // of the book, when all of it was told; 0: not yet
	told map[string]string
}

// changed gives passes that are not as they were told last; more says that there are others.
func (t *tellings) changed(ctx context.Context, book Book) (out []Pass, more bool, err error) {
	turn := book.Turn()
	if t.turn == turn && turn != 0 {
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
			return out, true, nil
		}
		t.told[p.ID] = state
		out = append(out, p)
	}
	t.turn = turn
	return out, false, nil
}
