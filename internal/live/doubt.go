package live

import (
	"errors"
	"slices"
	"sync"

	"openmic/floor"
)

// mostDoubts is how many presses are remembered of which nobody can say whether the other site took them. Only the crew
// gives such commands, and only while a link breaks.
const mostDoubts = 256

// doubts are the presses that were sent to the site with the gavel and not answered. Until that site is heard again, a
// second try must not be told that nothing has changed.
type doubts struct {
	mu  sync.Mutex // guards the rest
	all []string   // the oldest first
}

func press(c Command) string { return string(c.Actor.Person) + " " + c.ID }

// settle remembers or forgets a press by what the other site said.
func (d *doubts) settle(c Command, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = slices.DeleteFunc(d.all, func(p string) bool { return p == press(c) })
	if errors.Is(err, ErrUnknown) {
		d.all = append(d.all[max(0, len(d.all)+1-mostDoubts):], press(c))
	}
}

// about is what to say of a press when this site alone has said err: it refuses for want of the gavel what may have
// happened where the gavel is.
func (d *doubts) about(c Command, err error) error {
	var no *floor.Refusal
	d.mu.Lock()
	defer d.mu.Unlock()
	if errors.As(err, &no) && slices.Contains(d.all, press(c)) {
		return ErrUnknown
	}
	return err
}
