package live

import (
	"fmt"
	"runtime/debug"
	"strings"

	"openmic/floor"
	"openmic/internal/journal"
)

// draft is a batch in the making: the floor as it would be, and what would be written.
type draft struct {
	s       *Session
	state   *floor.State
	entries []*floor.Entry
	bytes   [][]byte
	addenda []floor.Addendum
	size    int // bytes of entries and words
	told    map[*asked]told
	seen    map[string]bool // commands of this batch, by person and id
	last    floor.Stamp
	head    head
}

func (s *Session) draft() *draft {
	return &draft{s: s, state: s.View().Clone(), told: map[*asked]told{}, seen: map[string]bool{}, last: s.folded.Last(), head: s.own()}
}

// full: the batch is as large as one append should be; a store takes a few times as much.
func (d *draft) full() bool {
	return len(d.entries) >= journal.MaxEntries/10 || d.size >= journal.MaxBytes/8
}

// take decides one command. What was decided before, now or long ago, is not decided again.
func (d *draft) take(a *asked) {
	k := key(a.cmd.Actor.Person, a.cmd.ID)
	if before, ok := d.s.answered[k]; ok {
		d.told[a] = told{answer: before, before: true}
		return
	}
	if d.seen[k] {
		d.told[a] = told{}
		return
	}
	if a.ctx.Err() != nil {
		d.told[a] = told{err: ErrNotNow}
		return
	}
	err := d.decide(a.cmd)
	if err == nil {
		d.seen[k] = true
	}
	d.told[a] = told{err: err}
}

// decide turns a command into entries. If the rule panics, the command is refused and the draft is as before.
func (d *draft) decide(c Command) (err error) {
	n := len(d.entries)
	defer func() {
		if p := recover(); p != nil {
			d.s.world.Log.Error("a rule failed", "command", fmt.Sprintf("%T", c.Do), "panic", p, "stack", string(debug.Stack()))
			d.back(n)
			err = ErrFailed
		}
	}()
	now := d.s.world.Now()
	tag := tagOf(d.s.name)
	m := floor.Moment{At: max(d.s.clock.at(now), d.last.At), Wall: d.s.world.wall(now), Tag: tag, N: d.head.n + 1}
	m.Heard = heard(d.state, d.s.words)
	events, err := d.s.rule(d.state, m, c.Actor, c.Do)
	if err != nil {
		return err
	}
	if len(events) == 0 {
		return ErrFailed
	}
	for i, ev := range events {
		stamp := floor.Stamp{At: m.At, Site: tag}
		if m.At == d.last.At {
			stamp.Count = d.last.Count + 1
		}
		e := &floor.Entry{Journal: string(d.s.name), N: d.head.n + 1, Stamp: stamp, View: d.state.View(string(d.s.name)), Wall: m.Wall, Command: c.ID, More: i < len(events)-1,
			By: c.Actor.Person, Event: ev, Prev: d.head.hash}
		words := floor.Seal(e, d.s.world.Nonce)
		b := e.Bytes()
		d.state.Apply(e)
		d.entries, d.bytes, d.addenda = append(d.entries, e), append(d.bytes, b), append(d.addenda, words...)
		d.head, d.last = head{e.N, floor.HashBytes(b)}, stamp
		d.size += len(b)
		for _, w := range words {
			d.size += len(w.Text)
		}
	}
	return nil
}

// back forgets what a failed command left, by folding the batch anew.
func (d *draft) back(n int) {
	d.state = d.s.View().Clone()
	d.entries, d.bytes = d.entries[:n], d.bytes[:n]
	d.head, d.last = d.s.own(), d.s.folded.Last()
	for i, e := range d.entries {
		d.state.Apply(e)
		d.head, d.last = head{e.N, floor.HashBytes(d.bytes[i])}, e.Stamp
	}
	kept := d.addenda[:0]
	for _, a := range d.addenda {
		if a.N <= d.head.n {
			kept = append(kept, a)
		}
	}
	d.addenda = kept
}

// checkID: every press has an id of its own, of at most 64 plain signs.
func checkID(id string) error {
	switch {
	case id == "":
		return &floor.BadInput{Field: "id", Kind: "empty"}
	case len(id) > 64:
		return &floor.BadInput{Field: "id", Kind: "long", N: 64}
	case strings.ContainsFunc(id, func(c rune) bool { return c <= ' ' || c > '~' || c == '"' || c == '\\' }):
		return &floor.BadInput{Field: "id", Kind: "letters"}
	}
	return nil
}
