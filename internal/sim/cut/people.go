package cut

import (
	"errors"
	"fmt"
	"slices"

	"openmic/floor"
	"openmic/internal/live"
)

// A person has a phone, which may change the site, and presses again with the same id until somebody answers.
type person struct {
	floor.Actor
	side  floor.Side
	at    *site
	hangs *press // pressed, and nobody answered yet
	n     int
	fixed bool // crew stay where they are
}

// A press is one wish of a person, with what they were told.
type press struct {
	live.Command
	who    *person
	text   string // words that nobody else used
	when   int64  // the world's time when it was pressed, ms
	told   bool
	taken  *live.Answer // what they were told was done
	places int          // sites at which it was tried
	where  *site
}

func (w *world) populate() {
	names := []floor.ID{"ana", "ben", "carla", "dev", "eli", "fay", "gil", "hana"}
	for i, n := range names {
		p := &person{Actor: floor.Actor{Person: n, Roles: floor.Participant}, side: floor.Side(i % 2), at: w.venue}
		if p.side == floor.Online {
			p.at = w.hub
		}
		w.people = append(w.people, p)
		w.later(int64(100+w.dice.IntN(7000)), func() { w.acts(p) })
	}
	for _, c := range []struct {
		id    floor.ID
		roles floor.Roles
		at    *site
	}{{"chair", floor.Chair, w.venue}, {"mona", floor.Venue | floor.Rapporteur, w.venue}, {"desk", floor.Desk, w.hub}, {"cora", floor.Chair | floor.Organiser, w.hub}, {"rapp", floor.Rapporteur, w.hub}} {
		p := &person{Actor: floor.Actor{Person: c.id, Roles: c.roles}, at: c.at, fixed: true}
		w.crew = append(w.crew, p)
		w.later(int64(6000+w.dice.IntN(4000)), func() { w.leads(p) })
	}
}

// acts lets a participant do something, now and again.
func (w *world) acts(p *person) {
	pause := int64(3000 + w.dice.IntN(24_000))
	w.later(pause, func() { w.acts(p) })
	if w.still {
		return
	}
	if w.dice.IntN(14) == 0 { // the phone finds the other site's network
		p.at = p.at.other()
	}
	if p.hangs != nil {
		w.again(p.hangs)
		return
	}
	if st := p.at.state(); st != nil && len(st.Sites) > 0 {
		p.n++
		text := fmt.Sprintf("[%s] words %d", p.Person, p.n)
		if c := w.wishes(p, st, text); c != nil {
			w.presses = append(w.presses, &press{Command: live.Command{ID: fmt.Sprintf("%s-%d", p.Person, p.n), Actor: p.Actor, Do: c}, who: p, text: text, when: w.now})
			w.again(w.presses[len(w.presses)-1])
		}
	}
}

// wishes is what a participant may want.
func (w *world) wishes(p *person, st *floor.State, text string) floor.Command {
	me := st.Person(p.Person)
	if me == nil {
		return &floor.Join{Side: p.side, Description: floor.Description{Name: &text, Preset: "group"}}
	}
	var mine, any *floor.Ticket
	for i := range st.Tickets {
		t := &st.Tickets[i]
		if t.Person == p.Person && t.Live() && (mine == nil || w.dice.IntN(2) == 0) {
			mine = t
		}
		if any == nil || w.dice.IntN(3) == 0 {
			any = t
		}
	}
	if any == nil || mine == nil {
		if w.dice.IntN(3) == 0 {
			return &floor.Write{Text: text}
		}
		return &floor.Ask{AskFields: floor.AskFields{About: text}}
	}
	switch w.dice.IntN(18) {
	case 0, 1, 2:
		return &floor.Write{Text: text}
	case 3, 4:
		return &floor.Ask{AskFields: floor.AskFields{About: text}}
	case 5:
		return &floor.Withdraw{Ticket: mine.ID}
	case 6, 7:
		return &floor.Edit{Ticket: mine.ID, Text: &text}
	case 8:
		return &floor.Edit{Ticket: mine.ID, About: &text}
	case 9:
		return &floor.Defer{Ticket: mine.ID}
	case 10:
		return &floor.Here{}
	case 11:
		return &floor.Park{Ticket: mine.ID}
	case 12:
		return &floor.Back{Ticket: any.ID}
	case 13:
		return &floor.Describe{Description: floor.Description{Name: &text, Preset: []string{"group", "name", "none"}[w.dice.IntN(3)]}}
	case 14:
		if w.dice.IntN(2) == 0 {
			return &floor.Move{Side: me.Side.Other()}
		}
		return &floor.Settle{Ticket: mine.ID}
	case 15:
		if w.dice.IntN(5) == 0 {
			return &floor.Erase{}
		}
		return &floor.Away{}
	case 16:
		return &floor.Yield{}
	default:
		return &floor.Start{}
	}
}

// again presses at the site where the person is now. The way there or back may be lost.
func (w *world) again(p *press) {
	p.who.hangs = p
	s := p.who.at
	if p.where != s {
		p.where = s
		p.places++
	}
	w.pending[[2]string{string(p.Actor.Person), p.ID}] = p
	c := p.Command
	c.Do = p.aged(w.now - p.when)
	if w.fault == "a phone presses anew at the other site" && p.places > 1 {
		c.ID += "-again"
	}
	if !s.up() || w.dice.IntN(25) == 0 {
		return
	}
	lost := w.dice.IntN(8) == 0 // the answer
	if floor.OnMain(c.Do) && !s.holds() && s.wire.met {
		s.act(func() { s.tell(func(q *parcel) { q.wish = &c }) })
		return
	}
	a, err := s.do(c)
	if !lost {
		w.answered(&answer{p.ID, p.Actor.Person, a, err})
	}
}

// aged is what is pressed, of an ask with how long ago that was, ms. Some phones have clocks that leap between two readings,
// and say what is not so or cannot be.
func (p *press) aged(ago int64) floor.Command {
	const hour = 3_600_000
	switch p.who.Person {
	case "dev":
		ago += 5 * hour
	case "gil":
		ago -= 5 * hour
	case "hana":
		ago += 73 * 365 * 24 * hour
	}
	switch c := p.Do.(type) {
	case *floor.Ask:
		again := *c
		again.Ago = ago
		return &again
	case *floor.Write:
		again := *c
		again.Ago = ago
		return &again
	}
	return p.Do
}

// answered is what a person is told.
func (w *world) answered(a *answer) {
	key := [2]string{string(a.by), a.id}
	p := w.pending[key]
	if p == nil {
		return
	}
	if errors.Is(a.err, live.ErrNotNow) || errors.Is(a.err, live.ErrUnknown) {
		return // it is pressed again
	}
	if errors.Is(a.err, live.ErrFailed) {
		w.wrong("the rule fails on %T of %s", p.Do, a.by)
	}
	delete(w.pending, key)
	p.told, p.who.hangs = true, nil
	if a.err == nil {
		p.taken = &a.answer
		if len(a.answer.Made) == 0 {
			w.wrong("I2: %s is told that %T was taken, and of no entry", a.by, p.Do)
		}
	}
}

// leads lets one of the crew do something.
func (w *world) leads(p *person) {
	w.later(int64(2500+w.dice.IntN(9000)), func() { w.leads(p) })
	if w.still {
		return
	}
	if p.hangs != nil {
		if _, ok := p.hangs.Do.(*floor.Enter); ok && w.dice.IntN(2) == 0 { // a moderator on foot, whose phone finds the other network
			p.at = p.at.other()
		}
		w.again(p.hangs)
		return
	}
	st := p.at.state()
	if st == nil || len(st.Sites) == 0 {
		return
	}
	if w.fault == "the hub calls without the gavel" && p.at == w.hub && !w.hub.holds() && st.Current() == nil && st.Call() == nil && w.dice.IntN(4) == 0 {
		if ch, ok := st.Next(p.at.s.At(), nil); ok {
			t := st.Ticket(ch.Ticket)
			p.at.forge(&floor.CalledOut{Call: floor.ID(fmt.Sprint("h", len(p.at.disk.files[p.at.journal].entries)+1)), Ticket: t.ID, Person: t.Person, Side: t.Side, W: ch.W, Why: ch.Why, Passed: ch.Passed})
		}
		return
	}
	p.n++
	text := fmt.Sprintf("%s said %d", p.Person, p.n)
	c := w.orders(p, st, &text)
	if c == nil {
		return
	}
	w.presses = append(w.presses, &press{Command: live.Command{ID: fmt.Sprintf("%s-%d", p.Person, p.n), Actor: p.Actor, Do: c}, who: p, text: text, when: w.now})
	w.again(w.presses[len(w.presses)-1])
}

// orders is what the crew may press.
func (w *world) orders(p *person, st *floor.State, text *string) floor.Command {
	d := w.dice
	if p.Roles == floor.Rapporteur {
		if d.IntN(4) > 0 {
			return nil
		}
		return &floor.Jot{Text: *text}
	}
	var t, card *floor.Ticket
	for i := range st.Tickets {
		if k := &st.Tickets[i]; k.Live() && d.IntN(3) == 0 {
			t = k
			if k.Form == floor.Card {
				card = k
			}
		}
	}
	who := w.people[d.IntN(len(w.people))].Person
	if d.IntN(5) < 2 { // the meeting itself
		if c := w.meetingGoesOn(p, st); c != nil {
			return c
		}
	}
	severed := st.Severed() != nil
	if p.Roles.Has(floor.Venue|floor.Desk) && d.IntN(12) == 0 {
		return &floor.Enter{Side: floor.Side(d.IntN(2)), Mic: 1, Count: 1 + d.IntN(2)}
	}
	if p.at == w.hub && severed && !st.Holds(w.hub.tag()) && d.IntN(3) == 0 {
		switch d.IntN(9) {
		case 0:
			if w.seed%3 == 0 && p.Roles.Has(floor.Chair) {
				return &floor.TakeOver{Class: "access", Note: *text}
			}
			return &floor.OpenSide{}
		case 1, 2, 3:
			return &floor.OpenSide{}
		case 4, 5, 6:
			return &floor.GiveSide{Person: who}
		case 7:
			return &floor.EndSide{}
		}
		return &floor.CloseSide{}
	}
	if t == nil {
		return nil
	}
	about := func() string {
		*text = fmt.Sprintf("[%s] %s", t.Person, *text)
		return *text
	}
	switch d.IntN(21) {
	case 20:
		if o := st.Person(t.Person); o.Origin == "walkup" || o.Origin == "hand" {
			name := about()
			return &floor.Describe{Person: o.ID, Agreed: new(true), Description: floor.Description{Name: &name, Preset: "group"}}
		}
	case 0, 1, 2, 3:
		if card != nil {
			return &floor.Approve{Ticket: card.ID}
		}
	case 4, 5:
		return &floor.Hide{Ticket: t.ID}
	case 6, 7:
		for i := range st.Tickets {
			if st.Tickets[i].Hidden {
				return &floor.Hide{Ticket: st.Tickets[i].ID, Show: true}
			}
		}
	case 8:
		if card != nil {
			if card.Person == t.Person {
				return &floor.Hold{Ticket: card.ID, Ask: about()}
			}
			return &floor.Merge{Ticket: card.ID, Into: t.ID}
		}
	case 9:
		return &floor.Override{Ticket: t.ID, Class: "time", Note: about()}
	case 10:
		if w.seed%2 == 0 && !severed && p.Roles.Has(floor.Chair) {
			to := st.Sites[d.IntN(2)].Journal
			return &floor.Pass{To: to}
		}
	case 11:
		return &floor.Forgive{Class: "time"}
	case 12:
		return &floor.Answer{Ticket: t.ID, Text: *text}
	case 13:
		v := int64(30 + 10*d.IntN(6))
		return &floor.Change{CardSeconds: &v}
	case 14:
		if d.IntN(3) == 0 {
			return &floor.Close{}
		}
		return &floor.Reopen{}
	case 15:
		return &floor.Instead{Ticket: t.ID, Text: about()}
	case 16:
		v := about()
		return &floor.Edit{Ticket: t.ID, Text: &v}
	case 17:
		return &floor.Give{Kind: []string{floor.Panel, floor.Unplanned, floor.Reply}[d.IntN(3)], Person: t.Person, Note: about()}
	case 18:
		if n := len(st.Turns); n > 0 && st.Turns[n-1].Ended >= 0 {
			length := int64(10_000 + d.IntN(60_000))
			return &floor.Correct{Turn: st.Turns[n-1].ID, Length: &length}
		}
	case 19:
		if d.IntN(6) == 0 && p.at.up() {
			v := p.at
			s := v.s.Site()
			id := fmt.Sprintf("revoke-%s-%d", who, p.n)
			_, _ = v.do(live.Command{ID: id, Actor: s, Do: &floor.Revoke{Person: who}})
		}
		return &floor.Admit{}
	}
	return nil
}

// meetingGoesOn is what whoever leads presses next; nil when there is nothing to press.
func (w *world) meetingGoesOn(p *person, st *floor.State) floor.Command {
	if !p.Roles.Has(floor.Operators) || st.Opened < 0 {
		return nil
	}
	seen := st.Beat
	now := p.at.s.At()
	if c := st.Call(); c != nil {
		switch t := st.Ticket(c.Ticket); {
		case w.dice.IntN(4) > 0:
			return &floor.Start{Call: c.ID}
		case t != nil && t.Unmute == 0 && t.Channel == "voice" && t.Side == floor.Online:
			return &floor.Unmuted{Ticket: t.ID}
		default:
			return &floor.Miss{Call: c.ID}
		}
	}
	if t := st.Current(); t != nil {
		if now-t.Start < int64(5000+w.dice.IntN(60_000)) {
			return nil
		}
		if w.dice.IntN(2) == 0 {
			return &floor.End{Turn: t.ID}
		}
	}
	if slices.ContainsFunc(st.Line, func(floor.ID) bool { return true }) || st.Current() != nil {
		return &floor.Call{Seen: &seen}
	}
	return nil
}
