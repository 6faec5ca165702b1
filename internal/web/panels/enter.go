package panels

import (
	"strconv"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// Enter is how somebody without a phone gets a place: a walk-up at a microphone, a hand in the video tool, or a number of
// people nobody knows by name yet (seed S17).
type Enter struct {
	page.Speaker
	Room   bool // offers the room's microphones
	Online bool // offers hands in the video tool
	Mics   []int
	Closed bool
	Last   []Entered // newest first
	Stand  []page.Choice
}

// Entered is somebody whom the crew put into the line a moment ago; it can be undone.
type Entered struct {
	Ticket floor.ID
	Voice
}

// undoable is how many of the last entries are offered for undoing.
const undoable = 5

// EnterOf offers the sides asked for. The plan's fact "microphones" says how many there are; two when it does not.
func EnterOf(l *hall.Look, room, online bool) Enter {
	e := Enter{Speaker: l.Lang, Room: room, Online: online, Closed: l.Closed && l.State.More == 0}
	n, err := strconv.Atoi(l.Fact("microphones"))
	if err != nil || n < 1 || n > 20 {
		n = 2
	}
	for i := range l.Tickets {
		n = max(n, min(20, l.Tickets[i].Mic))
	}
	for i := range n {
		e.Mics = append(e.Mics, i+1)
	}
	for i := len(l.Tickets) - 1; i >= 0 && len(e.Last) < undoable; i-- {
		t := &l.Tickets[i]
		p := l.Person(t.Person)
		if p == nil || t.Status != floor.Waiting || t.Form != floor.Voice {
			continue
		}
		if p.Origin == "walkup" && room || p.Origin == "hand" && online {
			e.Last = append(e.Last, Entered{t.ID, voiceOf(l, t.Person, t.ID, t.Side)})
		}
	}
	for _, mark := range []string{"panels.mark-left", "panels.mark-right", "panels.mark-front", "panels.mark-back"} {
		say := l.Lang.Say(mark)
		e.Stand = append(e.Stand, page.Choice{Value: say, Label: say})
	}
	return e
}
