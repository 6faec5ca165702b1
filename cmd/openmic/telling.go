package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"openmic/floor"
	"openmic/internal/site"
)

// A telling is what was said in the terminal of the link between a hub and a venue.
type telling struct {
	names [2]string // the hub's journal and the venue's
	alone [2]bool   // which of them goes on alone
	apart bool      // a cut was said, and not yet that it healed
	owed  bool      // a debt was said, and not yet that it is repaid
}

// look says what is new in how the hub and the venue stand, when one side is owed time. That both tell one story is said
// once, and only when they do.
func (t *telling) look(hub, venue *floor.State, side floor.Side, owed int64) (say []string) {
	states := [2]*floor.State{hub, venue}
	for i, name := range [2]string{"hub", "venue"} {
		alone := states[i].CutOff(t.names[i])
		if alone && !t.alone[i] {
			say = append(say, "the "+name+" hears nothing any more and goes on alone")
			t.apart, t.owed = true, false
		}
		t.alone[i] = alone
	}
	if t.apart && hub.Severed() == nil && venue.Severed() == nil && hub.Entries == venue.Entries && hub.Hash() == venue.Hash() {
		t.apart = false
		state := hub.Hash()
		seconds := (time.Duration(owed) * time.Millisecond).Round(time.Second)
		debt := "nothing is owed"
		if t.owed = seconds > 0; t.owed {
			debt = fmt.Sprintf("%s is owed %v", side, seconds)
		}
		say = append(say, fmt.Sprintf("both tell one story: %d entries, state %x at the hub and at the venue; %s", hub.Entries, state[:4], debt))
	}
	if t.owed && owed == 0 {
		t.owed = false
		say = append(say, "what was owed is repaid; both sides take turns again")
	}
	return say
}

// tellLink says in the terminal how a session on two sites stands, until its context ends.
func tellLink(ctx context.Context, w io.Writer, hub, venue *site.Site, session string) {
	a, ok := hub.Hall(session)
	b, ok2 := venue.Hall(session)
	if !ok || !ok2 {
		return
	}
	t := telling{names: [2]string{string(a.Session.Name()), string(b.Session.Name())}}
	for {
		here, there := a.Session.View(), b.Session.View()
		now := time.Now()
		side, owed := there.Debt(there.At(now)) // the venue gives the main floor
		for _, line := range t.look(here.State, there.State, side, owed) {
			fmt.Fprintf(w, "%s  %s\n", now.Format("15:04:05"), line)
		}
		select {
		case <-ctx.Done():
			return
		case <-here.Newer:
		case <-there.Newer:
		}
	}
}
