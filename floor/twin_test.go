package floor

import (
	"slices"
	"sort"
)

// The twin is a second version of "who is next" and of lead, written from the text of the rule and from nothing else of
// this package: slow, without memory, folding the whole history anew at each question.
type twin struct {
	rule    Rule
	people  map[ID]*twinPerson
	asks    []*twinAsk // in the order in which they were made
	turns   []*twinTurn
	now     *twinTurn
	call    *twinCall
	calls   int // from the line, in the whole session
	waiting []waitingFrom
	steps   []twinStep
	ties    int // the running number of steps, for equal moments
	ended   bool
	at      int64
}

type twinPerson struct {
	side           Side
	admitted, away bool
	more           int64 // percent
}

type twinAsk struct {
	id, person                                      ID
	who                                             *twinPerson
	side                                            Side
	card, mic                                       bool
	approved, held, hidden, parked, missing, defers bool
	inline, late                                    bool // has a place; was written after the end
	state                                           string
	place                                           Stamp
	misses, passed                                  int
}

type twinTurn struct {
	id, person, ask ID
	kind            string
	side            Side
	from, to        int64 // to -1: runs
	cap, more       int64
	w               [2]int
	checked         int64
	down            []Span
	mended          bool
}

type twinCall struct {
	id, ask ID
}

// waitingFrom says who has somebody waiting from a moment on.
type waitingFrom struct {
	at   int64
	side [2]bool
}

// twinStep is one thing that moves the lead.
type twinStep struct {
	at    int64
	tie   int
	turn  *twinTurn // ended
	empty int       // or this side became empty; -1
}

// fold reads the whole history.
func fold(entries []*Entry) *twin {
	t := &twin{people: map[ID]*twinPerson{}}
	for _, e := range entries {
		t.at = max(t.at, e.Stamp.At)
		t.read(e)
		t.watch(e.Stamp.At)
	}
	return t
}

func (t *twin) ask(id ID) *twinAsk {
	for _, a := range t.asks {
		if a.id == id {
			return a
		}
	}
	return nil
}

func (t *twin) turn(id ID) *twinTurn {
	for _, u := range t.turns {
		if u.id == id {
			return u
		}
	}
	return nil
}

// holds is the ask with which a person has a place or the floor.
func (t *twin) holds(person ID) *twinAsk {
	for _, a := range t.asks {
		if a.person == person && a.inline && a.state != "over" {
			return a
		}
	}
	return nil
}

func (t *twin) read(e *Entry) {
	switch ev := e.Event.(type) {
	case *Created:
		t.rule = ev.Rule
	case *Dialled:
		t.rule = ev.Rule
	case *Joined:
		t.people[ev.Person] = &twinPerson{side: ev.Side, admitted: ev.Admitted, more: 100}
	case *Admitted:
		for _, p := range ev.People {
			t.people[p].admitted = true
		}
	case *Asked:
		a := &twinAsk{id: ev.Ticket, person: ev.Person, who: t.people[ev.Person], side: ev.Side, card: ev.Form == Card, mic: ev.Mic > 0, approved: ev.Approved, state: "waits", late: ev.Late}
		if t.holds(ev.Person) == nil && !ev.Late {
			a.inline, a.place = true, e.Stamp
		}
		t.asks = append(t.asks, a)
	case *Withdrew:
		a := t.ask(ev.Ticket)
		if t.call != nil && t.call.ask == a.id {
			t.call = nil
		}
		t.over(a, e)
	case *Merged:
		t.over(t.ask(ev.Ticket), e)
	case *Answered:
		if a := t.ask(ev.Ticket); a.card && a.state == "waits" {
			t.over(a, e)
		}
	case *Edited:
		if a := t.ask(ev.Ticket); a.card {
			a.approved = ev.Approved
		}
	case *Approved:
		a := t.ask(ev.Ticket)
		a.approved, a.held = true, false
	case *Held:
		t.ask(ev.Ticket).held = true
	case *Hid:
		t.ask(ev.Ticket).hidden = ev.Hidden
	case *Swapped:
		a := t.ask(ev.Ticket)
		a.card, a.approved = true, true
		if o := t.ask(ev.Card); o != nil {
			t.over(o, e)
		}
		if t.now != nil && t.now.ask == a.id {
			t.now.kind = ReadTurn
		}
	case *Present:
		t.people[ev.Person].away = ev.Away
		if a := t.holds(ev.Person); a != nil && !ev.Away {
			if a.parked {
				a.misses = 0
			}
			a.parked, a.missing, a.defers = false, false, false
		}
	case *Parked:
		t.ask(ev.Ticket).parked = true
	case *Deferred:
		a := t.ask(ev.Ticket)
		if a.state == "called" {
			t.call = nil
			a.state = "waits"
		}
		a.defers = true
	case *Moved:
		t.people[ev.Person].side = ev.Side
		for _, a := range t.asks {
			if a.person == ev.Person && a.state == "waits" {
				a.side = ev.Side
				if a.inline {
					a.place, a.passed = e.Stamp, 0
				}
			}
		}
	case *CalledOut:
		if ev.Override == "" && !ev.Tour {
			// Who defers lets one call of the own side pass; alone there, the one the other side has instead.
			for _, a := range t.asks {
				if a.defers && (a.side == ev.Side || !slices.ContainsFunc(t.asks, func(o *twinAsk) bool { return o.side == a.side && t.callable(o) })) {
					defer func() { a.defers = false }()
				}
			}
			// Whoever stood in front and could have been called was passed.
			if a := t.ask(ev.Ticket); a != nil {
				nobody := t.onlyDeferred()
				for _, o := range t.asks {
					if o.side == a.side && o.place.Before(a.place) && (t.callable(o) || nobody && t.waits(o) && !o.missing) {
						o.passed++
					}
				}
			}
		}
		if !ev.Tour {
			t.calls++
		}
		t.call = &twinCall{ev.Call, ev.Ticket}
		if a := t.ask(ev.Ticket); a != nil {
			a.state, a.missing = "called", false
		}
	case *Missed:
		t.missed(ev, e)
	case *Started:
		if t.now != nil {
			t.stop(e)
		}
		if t.call != nil && t.call.id != ev.Call {
			t.missed(&Missed{Call: t.call.id, Aside: true}, e)
		}
		t.call = nil
		if a := t.ask(ev.Ticket); a != nil {
			a.state = "speaks"
		}
		t.now = &twinTurn{id: ev.Turn, person: ev.Person, ask: ev.Ticket, kind: ev.Kind, side: ev.Side, from: e.Stamp.At, to: -1, cap: ev.Cap, more: ev.Factor, w: ev.W}
		t.turns = append(t.turns, t.now)
	case *Ended:
		t.stop(e)
	case *Extended:
		t.now.cap += t.now.cap / 2
	case *Checked:
		t.now.checked = e.Stamp.At
	case *Granted:
		t.people[ev.Person].more = ev.Factor
		if t.now != nil && t.now.person == ev.Person {
			t.now.more = ev.Factor
		}
	case *Resumed:
		if t.now != nil && max(ev.Mark, t.now.from)+ev.Down < e.Stamp.At {
			t.now.down = append(t.now.down, Span{max(ev.Mark, t.now.from) + ev.Down, e.Stamp.At})
		}
	case *Corrected:
		t.mend(ev)
	case *Adjourned:
		if t.now != nil {
			t.stop(e)
		}
		t.call, t.ended = nil, true
		for _, a := range t.asks {
			a.state = "over"
		}
	}
}

func (t *twin) missed(ev *Missed, e *Entry) {
	if t.call == nil {
		return
	}
	a := t.ask(t.call.ask)
	t.call = nil
	if a == nil {
		return
	}
	a.state = "waits"
	if !ev.Aside {
		a.missing = true
		if a.misses++; a.misses >= 3 {
			a.parked = true
		}
	}
	t.nextOf(a.person, e)
}

// over ends an ask; the person's next takes a new place.
func (t *twin) over(a *twinAsk, e *Entry) {
	a.state = "over"
	t.nextOf(a.person, e)
}

func (t *twin) nextOf(person ID, e *Entry) {
	if t.ended || t.holds(person) != nil {
		return
	}
	for _, a := range t.asks {
		if a.person == person && a.state == "waits" && !a.late {
			a.inline, a.place, a.side = true, e.Stamp, t.people[person].side
			return
		}
	}
}

func (t *twin) stop(e *Entry) {
	u := t.now
	u.to, t.now = e.Stamp.At, nil
	t.step(u.to, u, -1)
	for _, a := range t.asks {
		a.missing = false
	}
	if a := t.ask(u.ask); a != nil && a.state == "speaks" {
		t.over(a, e)
	}
}

func (t *twin) step(at int64, u *twinTurn, empty int) {
	t.ties++
	t.steps = append(t.steps, twinStep{at, t.ties, u, empty})
}

func (t *twin) mend(ev *Corrected) {
	u := t.turn(ev.Turn)
	again := u == nil || u.to != ev.End || !counts(u.kind)
	if u == nil {
		u = &twinTurn{id: ev.Turn, cap: t.rule.L, more: 100, w: [2]int{1, 1}}
		t.turns = append(t.turns, u)
	}
	u.person, u.side, u.kind, u.from, u.to, u.mended, u.down = ev.Person, ev.Side, ev.Kind, ev.Start, ev.End, true, nil
	if again {
		t.steps = slices.DeleteFunc(t.steps, func(s twinStep) bool { return s.turn == u })
		t.step(u.to, u, -1)
	}
}

func counts(kind string) bool { return kind == LineTurn || kind == ReadTurn || kind == Unplanned }

func (t *twin) waits(a *twinAsk) bool {
	if a.state != "waits" {
		return false
	}
	p := a.who
	present := !p.away || a.card || a.mic
	return a.inline && present && !a.parked && p.admitted && !a.hidden && !a.held && (!a.card || a.approved)
}

// callable: waits, was not missed just now and lets no call pass.
func (t *twin) callable(a *twinAsk) bool { return t.waits(a) && !a.missing && !a.defers }

// watch notes who waits after an entry, and which side became empty.
func (t *twin) watch(at int64) {
	w := waitingFrom{at: at}
	for _, a := range t.asks {
		if t.waits(a) {
			w.side[a.side] = true
		}
	}
	var was [2]bool
	if n := len(t.waiting); n > 0 {
		was = t.waiting[n-1].side
	}
	for side := range was {
		if was[side] && !w.side[side] {
			t.step(at, nil, side)
		}
	}
	t.waiting = append(t.waiting, w)
}

// waitedFor counts the ms between two moments in which a side had somebody waiting.
func (t *twin) waitedFor(side Side, from, to int64) (ms int64) {
	for i, w := range t.waiting {
		until := to
		if i+1 < len(t.waiting) {
			until = t.waiting[i+1].at
		}
		if w.side[side] {
			ms += max(0, min(until, to)-max(w.at, from))
		}
	}
	return ms
}

// waitedAt: the side had somebody waiting at this moment and did not stop at it.
func (t *twin) waitedAt(side Side, at int64) bool {
	for _, w := range slices.Backward(t.waiting) {
		if w.at <= at {
			return w.side[side]
		}
	}
	return false
}

// parts cuts a turn that ended into pieces of which each is spoken and charged; beside them the whole length, and the
// moment at which the turn stops to count.
func (t *twin) parts(u *twinTurn) (charged []Span, length, until int64) {
	down := func(at int64) (ms int64) { // down time of the turn before a moment
		for _, d := range u.down {
			ms += max(0, min(d.To, at)-max(d.From, u.from))
		}
		return ms
	}
	limit := u.cap * u.more / 100
	to := u.to
	deadline := u.from + limit*3/2 + down(to)
	if u.checked > 0 {
		deadline = max(deadline, u.checked+limit/2)
	}
	if !u.mended && u.cap > 0 && to > deadline { // doubtful: charged at the cap until corrected
		atCap := u.from
		for spoken := int64(0); spoken < u.cap; { // walk to the moment at which the cap was reached
			stepTo := min(to, atCap+u.cap-spoken)
			spoken += stepTo - atCap - (down(stepTo) - down(atCap))
			atCap = stepTo
			if atCap == to {
				break
			}
		}
		to = max(atCap, min(to, u.checked))
	}
	spoken := int64(0)
	at := u.from
	cuts := []int64{u.from, to}
	for _, d := range u.down {
		cuts = append(cuts, min(d.From, to), min(d.To, to))
	}
	slices.Sort(cuts)
	for _, c := range cuts {
		if c <= at {
			continue
		}
		piece := Span{at, c}
		at = c
		if down(piece.To)-down(piece.From) > 0 {
			continue
		}
		n := piece.To - piece.From
		// Of this piece the time between cap and limit is the extra time, which nobody is charged for.
		before, after := piece, piece
		before.To = min(piece.To, piece.From+max(0, u.cap-spoken))
		after.From = max(piece.From, min(piece.To, piece.From+max(0, limit-spoken)))
		if u.more <= 100 {
			before, after = piece, Span{piece.To, piece.To}
		}
		charged = append(charged, before, after)
		spoken += n
	}
	return charged, spoken, to
}

// twinLead is what the history adds up to.
type twinLead struct {
	lead, run int64
	row       int
	last      Side
	any       bool
}

// lead adds up what happened, in order of time.
func (t *twin) lead() twinLead {
	var lead, run int64
	var row int
	var last Side
	var any bool
	steps := slices.Clone(t.steps)
	sort.Slice(steps, func(i, j int) bool {
		if steps[i].at != steps[j].at {
			return steps[i].at < steps[j].at
		}
		return steps[i].tie < steps[j].tie
	})
	for _, s := range steps {
		switch {
		case s.empty >= 0:
			if lead > t.rule.B {
				lead = t.rule.B
			}
			if lead < -t.rule.B {
				lead = -t.rule.B
			}
			run, row = 0, 0
		case counts(s.turn.kind):
			u := s.turn
			charged, d, until := t.parts(u)
			var waited, charge int64
			for _, c := range charged {
				waited += t.waitedFor(1-u.side, c.From, c.To)
			}
			if waited > 0 {
				charge = waited
				if d < t.rule.Q {
					charge += t.rule.Q - d
				}
			}
			if !any || last != u.side {
				run, row = 0, 0
			}
			any, last = true, u.side
			run += charge
			row++
			if u.side == Room {
				lead += charge / int64(u.w[Room])
			} else {
				lead -= charge / int64(u.w[Online])
			}
			// Nobody across waited any more when it ended: forgotten down to the allowed lead.
			if !t.waitedAt(1-u.side, until) {
				lead = max(-t.rule.B, min(t.rule.B, lead))
			}
		}
	}
	return twinLead{lead, run, row, last, any}
}

// onlyDeferred: whoever waits and answers would let a call pass, so there is nobody to let before them.
func (t *twin) onlyDeferred() bool { return !slices.ContainsFunc(t.asks, t.callable) }

// next is the text of the rule. It is asked while nobody speaks.
func (t *twin) next(l twinLead) (ask ID, why string, w [2]int) {
	var n [2]int
	var can [2][]*twinAsk
	nobody := t.onlyDeferred()
	for _, a := range t.asks {
		if t.waits(a) {
			n[a.side]++
			if t.callable(a) || nobody && !a.missing {
				can[a.side] = append(can[a.side], a)
			}
		}
	}
	w = [2]int{1, 1}
	for s := range w {
		if o := n[1-s]; o > 0 && n[s] >= 2*o {
			w[s] = min(t.rule.R, n[s]/o)
		}
	}
	lead, run, row, last, any := l.lead, l.run, l.row, l.last, l.any
	long := int64(t.rule.R+1) * t.rule.L
	side := Online
	switch {
	case len(can[Room])+len(can[Online]) == 0:
		return "", "", w
	case len(can[Online]) == 0:
		side, why = Room, WhyOnly
	case len(can[Room]) == 0:
		side, why = Online, WhyOnly
	case lead > t.rule.B && !(any && last == Online && run >= long):
		side, why = Online, WhyBalance
	case lead < -t.rule.B && !(any && last == Room && run >= long):
		side, why = Room, WhyBalance
	case t.calls == 0:
		side, why = Online, WhyOpening
	case any && w[last] > 1 && row < w[last]:
		side, why = last, WhyMany
	case any:
		side, why = 1-last, WhyTurns
	default:
		why = WhyTurns
	}
	in := can[side]
	sort.Slice(in, func(i, j int) bool { return in[i].place.Before(in[j].place) })
	for _, a := range in {
		if a.passed >= t.rule.K {
			return a.id, why, w
		}
	}
	for _, a := range in {
		if !t.hasSpoken(a.person) {
			return a.id, why, w
		}
	}
	return in[0].id, why, w
}

func (t *twin) hasSpoken(person ID) bool {
	return slices.ContainsFunc(t.turns, func(u *twinTurn) bool { return u.person == person && counts(u.kind) && u.to >= 0 })
}
