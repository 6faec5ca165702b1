package sim

import (
	"cmp"
	"fmt"
	"slices"

	"openmic/floor"
)

var (
	chair = floor.Actor{Person: "chair", Roles: floor.Chair}
	site  = floor.Actor{Person: "s0", Roles: floor.Site}
	// tag names the only journal of a simulated session.
	tag = "s"
)

// A session is one floor with its people, under one rule.
type session struct {
	model  *Model
	seen   *Measured
	c      *Case
	people []*person
	rule   rule // nil: the zipper
	s      *floor.State
	now    int64 // ms
	end    int64 // ms
	n      int64 // entries written
	given  int64 // commands
	goesOn bool  // the newest command goes on in the next entry
	agenda []event
	free   int64 // nobody is called before, ms
	asks   []*ask
	ask    map[floor.ID]*ask
	row    int // turns of one side in a row while the other waited
	most   int
	last   floor.Side
	spoken [2]int64 // ms
	tell   func(at int64, format string, a ...any)
	keep   func(*floor.Entry) // takes every entry before it is applied; nil when nobody does
}

// An ask is one wish that stands in the line.
type ask struct {
	wish
	p      *person
	ticket floor.ID
	at     int64 // ms
	began  int64 // ms, -1 before
	gone   int64 // given up, ms, -1 when not
}

// An event is something that will happen to the session.
type event struct {
	at int64
	do func()
}

// play lets one session happen. tell hears each step; nil when nobody listens.
func play(m *Model, seen *Measured, c *Case, name string, dials floor.Rule, seed uint64, tell func(at int64, format string, a ...any)) *session {
	w := open(m, seen, c, name, seed)
	if tell != nil {
		w.tell = tell
	}
	w.run(dials)
	return w
}

// open is a session before anything happened in it.
func open(m *Model, seen *Measured, c *Case, name string, seed uint64) *session {
	return &session{model: m, seen: seen, c: c, people: m.crowd(c, seen, seed), rule: newRule(name), s: floor.New(), end: ms(m.Floor),
		free: ms(m.FirstCall), ask: map[floor.ID]*ask{}, tell: func(int64, string, ...any) {}}
}

func (w *session) run(dials floor.Rule) {
	w.write("", false, &floor.Created{Session: "sim", Rule: dials, Settings: floor.DefaultSettings})
	w.do(chair, &floor.Open{})
	for _, p := range w.people {
		w.do(floor.Actor{Person: p.id, Roles: floor.Participant}, &floor.Join{Side: p.side})
		w.later(p.first, func() { w.stepsUp(p) })
	}
	w.later(w.free, func() {})
	if c := w.c; c.Cut != nil {
		// The session stands at a hub, and the venue that is played here leads it.
		for i, ev := range []floor.Event{&floor.Linked{Journal: journal}, &floor.Passed{To: journal, Epoch: 3}} {
			w.s.Apply(&floor.Entry{Journal: hub, N: int64(i) + 1, Stamp: floor.Stamp{At: w.now, Count: w.n, Site: floor.Tag(hub)}, View: w.s.View(hub), Command: "link", More: i == 0, Event: ev})
		}
		w.later(ms(c.Cut[0]), func() {
			w.do(site, &floor.NoteCut{Far: hub, Since: w.now})
			w.tell(w.now, "The link is cut. Online waits and cannot be called.")
		})
		w.later(ms(c.Cut[1]), func() {
			w.do(site, &floor.NoteHeal{Far: hub})
			w.tell(w.now, "The link is back. Online waited %s longer than the room.", clock(w.s.Balance(w.now).Lead))
		})
	}
	for len(w.agenda) > 0 && w.agenda[0].at < w.end {
		e := w.agenda[0]
		w.agenda = w.agenda[1:]
		w.now = e.at
		e.do()
		w.call()
	}
	w.now = w.end
	if w.s.Current() != nil {
		w.over()
	}
	w.tell(w.now, "The floor closes.")
}

// later puts something on the agenda; what was put first happens first.
func (w *session) later(at int64, do func()) {
	i, _ := slices.BinarySearchFunc(w.agenda, at, func(e event, at int64) int { return cmp.Or(cmp.Compare(e.at, at), -1) })
	w.agenda = slices.Insert(w.agenda, i, event{at, do})
}

func (w *session) do(by floor.Actor, c floor.Command) []floor.Event {
	evs, err := floor.Decide(w.s, floor.Moment{At: w.now, Tag: tag, N: w.n + 1}, by, c)
	if err != nil {
		panic(fmt.Sprintf("%T at %d: %v", c, w.now, err)) // nobody here asks for what the floor refuses
	}
	for i, ev := range evs {
		w.write(by.Person, i < len(evs)-1, ev)
	}
	return evs
}

func (w *session) write(by floor.ID, more bool, ev floor.Event) {
	w.n++
	if !w.goesOn {
		w.given++
	}
	w.goesOn = more
	e := &floor.Entry{Journal: journal, N: w.n, Stamp: floor.Stamp{At: w.now, Count: w.n, Site: tag}, View: w.s.View(journal), Wall: began + w.now, Command: fmt.Sprint("c", w.given), More: more, By: by, Event: ev}
	if w.keep != nil {
		w.keep(e)
	}
	w.s.Apply(e)
}

// stepsUp: a person wants the floor, or writes a card.
func (w *session) stepsUp(p *person) {
	a := &ask{wish: w.model.wish(w.c, w.seen, p), p: p, at: w.now, began: -1, gone: -1}
	by := floor.Actor{Person: p.id, Roles: floor.Participant}
	var cmd floor.Command = &floor.Ask{}
	if a.card {
		cmd = &floor.Write{Text: "a card"}
	}
	if a.idle > 0 && w.s.Current() == nil && w.now >= w.free && len(w.s.Waiting(floor.Room))+len(w.s.Waiting(floor.Online)) == 0 {
		w.free = w.now + a.idle
		w.later(w.free, func() {})
	}
	alone := w.alone(p.side)
	for _, ev := range w.do(by, cmd) {
		if ev, ok := ev.(*floor.Asked); ok {
			a.ticket = ev.Ticket
		}
	}
	w.asks, w.ask[a.ticket] = append(w.asks, a), a
	p.asked++
	if a.card {
		w.tell(w.now, "%s (%s) writes a card.", p.id, p.side)
		w.later(w.now+a.approve, func() {
			if w.s.Ticket(a.ticket).Live() {
				alone := w.alone(p.side)
				w.do(chair, &floor.Approve{Ticket: a.ticket})
				w.arrived(p.side, alone)
			}
		})
	} else {
		w.tell(w.now, "%s (%s) asks for the floor.", p.id, p.side)
		w.arrived(p.side, alone)
	}
	if a.patience >= 0 {
		w.later(w.now+a.patience, func() {
			if t := w.s.Ticket(a.ticket); t.Status == floor.Waiting {
				w.do(by, &floor.Withdraw{Ticket: a.ticket})
				a.gone = w.now
				p.quit++
				w.tell(w.now, "%s gives up after %s.", p.id, clock(w.now-a.at))
			}
		})
	}
}

func (w *session) arrived(side floor.Side, alone bool) {
	if w.rule != nil {
		w.rule.arrived(side, alone)
	}
}

// alone: nobody of the side waits or speaks.
func (w *session) alone(side floor.Side) bool {
	t := w.s.Current()
	return (t == nil || t.Side != side) && len(w.s.Waiting(side)) == 0
}

// reach says which sides can be called now.
func (w *session) reach() [2]bool {
	return [2]bool{floor.Room: true, floor.Online: w.s.Severed() == nil}
}

// call gives the floor to whom the rule names, when it is free.
func (w *session) call() {
	if w.now < w.free || w.s.Current() != nil {
		return
	}
	reach := w.reach()
	var first [2]*floor.Ticket
	var waits [2]bool
	for _, side := range []floor.Side{floor.Room, floor.Online} {
		if line := w.s.Waiting(side); len(line) > 0 {
			waits[side] = true
			if reach[side] {
				first[side] = line[0]
			}
		}
	}
	if first[0] == nil && first[1] == nil {
		return
	}
	if w.rule != nil {
		w.do(chair, &floor.Override{Ticket: first[w.rule.next(first)].ID, Class: "order"})
	} else {
		w.do(chair, &floor.Call{})
	}
	if w.s.Call() != nil {
		w.do(chair, &floor.Start{})
	}
	w.begin(waits)
}

// begin keeps the books of a turn that has just begun.
func (w *session) begin(waits [2]bool) {
	t := w.s.Current()
	a := w.ask[t.Ticket]
	a.began = w.now
	switch {
	case !waits[t.Side.Other()]:
		w.row = 0
	case w.row > 0 && w.last == t.Side:
		w.row++
	default:
		w.row = 1
	}
	w.last, w.most = t.Side, max(w.most, w.row)
	w.tell(w.now, "%s (%s) %s after %s; %s.", a.p.id, t.Side, map[bool]string{true: "is read out", false: "speaks"}[a.card],
		clock(w.now-a.at), w.because())
	w.later(w.now+a.length, func() {
		if r := w.s.Current(); r != nil && r.ID == t.ID {
			w.over()
		}
	})
}

// over ends the turn that runs.
func (w *session) over() {
	t := w.s.Current()
	a := w.ask[t.Ticket]
	w.do(chair, &floor.End{})
	length := w.now - a.began
	a.p.heard += length
	a.p.turns++
	w.spoken[a.p.side] += length
	idle := len(w.s.Waiting(floor.Room))+len(w.s.Waiting(floor.Online)) == 0
	if w.rule != nil {
		w.rule.ended(a.p.side, length, idle)
	}
	w.free = w.now + a.handover
	w.later(w.free, func() {})
	if a.pause >= 0 {
		w.later(w.now+a.pause, func() { w.stepsUp(a.p) })
	}
	w.tell(w.now, "%s ends after %s. %s", a.p.id, clock(length), lead(w.s.Balance(w.now).Lead))
}
