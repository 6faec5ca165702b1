package floor

import "slices"

// missAfter is how long a call waits for an answer, ms.
const missAfter = 20_000

// A Called is one call: who was given the floor, by which rule or why otherwise.
type Called struct {
	ID       ID     `json:"id"`
	At       int64  `json:"at"`
	Ticket   ID     `json:"ticket"` // empty when the chair called a person without one
	Person   ID     `json:"person"`
	Side     Side   `json:"side"`
	W        [2]int `json:"w"`        // weight of each side at the call
	Why      Reason `json:"why"`      // what the rule said; kind "override" when it was one
	Override string `json:"override"` // class, empty for a call by the rule
	Note     Text   `json:"note"`     // the override's text
	Passed   []ID   `json:"passed"`   // tickets in front that were callable: bypassed += 1
	Heard    []int  `json:"heard"`    // how often the groups of the candidates were heard, when the session uses it
	Tour     bool   `json:"tour"`
	Turn     ID     `json:"turn"` // the turn it became
	Missed   bool   `json:"missed"`
	Aside    bool   `json:"aside"` // the floor went elsewhere before 20 s had passed
	By       ID     `json:"by"`
	Lead     int64  `json:"lead"`   // lead at the call, ms
	Across   bool   `json:"across"` // called because only this side could be, while somebody of the other side waited
}

// Overdue: the call has waited 20 s for its person; for an online voice since the crew asked them to unmute.
func (s *State) Overdue(now int64) bool { return s.Call() != nil && s.waitFor(now) == nil }

// waitFor is why an open call cannot be a miss yet; nil when its 20 s are over.
func (s *State) waitFor(now int64) error {
	c := s.Call()
	from := c.At
	if t := s.Ticket(c.Ticket); t != nil && t.Channel == "voice" && c.Side == Online {
		if t.Unmute == 0 {
			return refuse("unmutefirst")
		}
		from = max(from, t.Unmute)
	}
	if left := from + missAfter - now; left > 0 {
		return refuse("calling", (left+999)/1000)
	}
	return nil
}

// setAside gives what ends an open call because the floor goes elsewhere: a miss once its 20 s are over.
func (s *State) setAside(now int64) *Missed {
	c := s.Call()
	return &Missed{Call: c.ID, Aside: !s.Overdue(now)}
}

// Classes of an override, as they stand in the entry.
var Classes = []string{"direct-reply", "balance", "access", "time", "order", "unplanned", "other"}

// Call gives the floor to whom the rule names: the chair's Next. It ends the turn that runs. Two operators who press
// at once move one turn, because the button carries the beat it was drawn at.
type Call struct {
	Seen *int64 `json:"seen,omitempty"` // State.Beat of the screen; without it the press is taken as fresh
}

var _ = command("call", &Call{})

func (*Call) may() Roles { return Operators }

func (c *Call) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if s.Call() != nil && (c.Seen == nil || *c.Seen == s.Beat) {
		if err := s.waitFor(m.At); err != nil {
			return nil, err
		}
	}
	out, err := s.clearFloor(m, c.Seen)
	if err != nil {
		return nil, err
	}
	if len(s.Tour) > 0 {
		p := s.Person(s.Tour[0])
		if p == nil {
			return nil, refuse("nobody")
		}
		cl := &CalledOut{Call: m.id(len(out)), Person: p.ID, Side: p.Side, Tour: true, Why: Reason{Kind: "tour"}, W: [2]int{1, 1}}
		return s.andStart(m, append(out, cl), cl), nil
	}
	after := s.after(m, out)
	ch, ok := after.next(m.At, m.Heard)
	if !ok {
		if len(out) > 0 {
			return out, nil // Next with nobody waiting ends the turn, or the call that nobody answered
		}
		return nil, refuse("nobodywaits")
	}
	t := s.Ticket(ch.Ticket)
	cl := &CalledOut{Call: m.id(len(out)), Ticket: t.ID, Person: t.Person, Side: t.Side, W: ch.W, Why: ch.Why, Passed: ch.Passed, Heard: ch.Heard}
	return s.andStart(m, append(out, cl), cl), nil
}

// clearFloor refuses a stale button and gives what ends before somebody new has the floor.
func (s *State) clearFloor(m Moment, seen *int64) ([]Event, error) {
	if s.Opened < 0 {
		return nil, refuse("notopen")
	}
	if seen != nil && *seen != s.Beat {
		return nil, refuse("stale")
	}
	if s.Call() != nil {
		return []Event{s.setAside(m.At)}, nil
	}
	if t := s.Current(); t != nil {
		return []Event{&Ended{Turn: t.ID}}, nil
	}
	return nil, nil
}

// newest is a counter behind every stamp of the same moment: what is about to be written comes last.
const newest = 1 << 48

// after is the State once the events have been applied at this moment.
func (s *State) after(m Moment, evs []Event) *State {
	if len(evs) == 0 {
		return s
	}
	c := s.Clone()
	for i, ev := range evs {
		journal := c.journalOf(m.Tag)
		c.Apply(&Entry{Journal: journal, View: c.View(journal), N: m.N + int64(i), Stamp: Stamp{At: m.At, Count: newest + int64(i), Site: m.Tag}, Event: ev})
	}
	return c
}

// andStart begins the turn with the call where nobody has to unmute or walk: a walk-up stands at the microphone, a
// card is read by the moderator, a tour goes round the table.
func (s *State) andStart(m Moment, out []Event, cl *CalledOut) []Event {
	t := s.Ticket(cl.Ticket)
	if cl.Tour || t != nil && t.always() {
		out = append(out, s.startOf(m.id(len(out)), cl, t))
	}
	return out
}

// CalledOut: somebody was given the floor.
type CalledOut struct {
	spoken
	Call     ID     `json:"call"`
	Ticket   ID     `json:"ticket,omitempty"`
	Person   ID     `json:"person"`
	Side     Side   `json:"side"`
	W        [2]int `json:"w"`
	Why      Reason `json:"why"`
	Override string `json:"override,omitempty"`
	Passed   []ID   `json:"passed,omitempty"`
	Heard    []int  `json:"heard,omitempty"`
	Tour     bool   `json:"tour,omitempty"`
}

var _ = event("called", &CalledOut{})

func (ev *CalledOut) apply(s *State, e *Entry) {
	t := s.Ticket(ev.Ticket)
	over := t != nil && (!t.Live() || t.Status == Spoke)
	if t == nil && (ev.Ticket != "" || s.Person(ev.Person) == nil) || over && !s.blind(e) {
		s.friction(e)
		return
	}
	if c := s.Call(); c != nil { // one call at a time
		(&Missed{Call: c.ID, Aside: true}).apply(s, e)
	}
	var passed []ID
	for _, id := range ev.Passed {
		passed = append(passed, s.real(id))
	}
	s.letPass(ev)
	switch {
	case over: // it had ended across a cut; if nobody speaks, that is all
		s.friction(e)
	case t != nil:
		t.Status, t.Missing, t.Still, t.Unmute = CalledUp, false, false, 0
		s.leave(t.ID)
	}
	for _, id := range ev.Passed {
		if t := s.Ticket(id); t != nil {
			t.Bypassed++
			t.Most = max(t.Most, t.Bypassed)
		}
	}
	if i := slices.Index(s.Tour, ev.Person); i >= 0 && ev.Tour {
		s.Tour = slices.Delete(slices.Clone(s.Tour), i, i+1)
	}
	s.Calls = append(s.Calls, Called{ID: ev.Call, At: e.Stamp.At, Ticket: s.real(ev.Ticket), Person: ev.Person, Side: ev.Side, W: ev.W, Why: ev.Why,
		Override: ev.Override, Note: e.text("note"), Passed: passed, Heard: ev.Heard, Tour: ev.Tour, By: e.By, Lead: s.Balance(e.Stamp.At).Lead,
		Across: ev.Override == "" && ev.Why.Kind == WhyOnly && len(s.Waiting(ev.Side.Other())) > 0})
	s.Calling = !over
	s.Beat++
}

// letPass ends deferrals. A ticket that deferred lets one call of its side pass; where it is alone on its side, that is
// the call which the other side has instead.
func (s *State) letPass(ev *CalledOut) {
	if ev.Override != "" || ev.Tour {
		return
	}
	var others [2]bool
	for _, id := range s.Line {
		if t := s.Ticket(id); t != nil && s.callable(t) {
			others[t.Side] = true
		}
	}
	for i := range s.Tickets {
		if t := &s.Tickets[i]; t.Deferred && t.Live() && (t.Side == ev.Side || !others[t.Side]) {
			t.Deferred = false
		}
	}
}

// Override gives the floor to somebody whom the rule does not name. It is always possible, carries a reason class,
// and is charged like any turn.
type Override struct {
	Seen   *int64 `json:"seen,omitempty"`
	Ticket ID     `json:"ticket,omitempty"`
	Person ID     `json:"person,omitempty"`
	Class  string `json:"class"`
	Note   string `json:"note,omitempty"`
}

var _ = command("override", &Override{})

func (*Override) may() Roles { return Operators }

func (c *Override) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if !slices.Contains(Classes, c.Class) {
		return nil, &BadInput{"class", "choice", 0}
	}
	note, err := line("note", c.Note, LongLine)
	if err != nil {
		return nil, err
	}
	t := s.Ticket(c.Ticket)
	if t == nil && c.Ticket != "" {
		return nil, refuse("noticket")
	}
	if t == nil {
		// A person is called with their ask; one whose card cannot be read yet is called to speak.
		if t = s.Live(c.Person); t != nil && !t.readable() {
			t = nil
		}
	}
	cl := &CalledOut{Override: c.Class, Why: Reason{Kind: "override"}}
	switch {
	case t != nil && !t.Live():
		return nil, refuse("over")
	case t != nil && (t.Status == Spoke || t.Status == CalledUp):
		return nil, refuse("already")
	case t != nil && !t.readable():
		return nil, refuse("unapproved")
	case t != nil:
		cl.Ticket, cl.Person, cl.Side = t.ID, t.Person, t.Side
	default:
		p := s.Person(c.Person)
		if p == nil {
			return nil, refuse("nobody")
		}
		cl.Person, cl.Side = p.ID, p.Side
	}
	out, err := s.clearFloor(m, c.Seen)
	if err != nil {
		return nil, err
	}
	cl.Call = m.id(len(out))
	cl.W = s.after(m, out).table(m.At, nil).weights()
	cl.Said.put("note", note)
	return s.andStart(m, append(out, cl), cl), nil
}

// Unmuted notes that the crew asked an online voice to unmute; their 20 s start now.
type Unmuted struct {
	Ticket ID `json:"ticket"`
}

var _ = command("unmuted", &Unmuted{})

func (*Unmuted) may() Roles { return Operators }

func (c *Unmuted) decide(s *State, m Moment, by Actor) ([]Event, error) {
	cl := s.Call()
	t := s.Ticket(c.Ticket)
	if cl == nil || t == nil || cl.Ticket != t.ID {
		return nil, refuse("notcalled")
	}
	if t.Unmute > 0 {
		return nil, refuse("already")
	}
	return []Event{&AskedToUnmute{t.ID}}, nil
}

// AskedToUnmute: the crew asked the called person to unmute.
type AskedToUnmute struct {
	Ticket ID `json:"ticket"`
}

var _ = event("asked-to-unmute", &AskedToUnmute{})

func (ev *AskedToUnmute) apply(s *State, e *Entry) {
	s.onTicket(e, ev.Ticket, func(t *Ticket) { t.Unmute = e.Stamp.At })
}

// Miss says that the called person did not answer. The ticket stays, is shown as called past, and is callable again
// after one other turn; after three misses it is parked.
type Miss struct {
	Call ID `json:"call"`
}

var _ = command("miss", &Miss{})

func (*Miss) may() Roles { return Operators }

func (c *Miss) decide(s *State, m Moment, by Actor) ([]Event, error) {
	cl := s.Call()
	if cl == nil || cl.ID != c.Call {
		return nil, refuse("notcalled")
	}
	if err := s.waitFor(m.At); err != nil {
		return nil, err
	}
	return []Event{&Missed{Call: cl.ID}}, nil
}

// Missed: nobody answered this call; or, set aside, the floor went elsewhere before they had their 20 s, which counts
// as no miss.
type Missed struct {
	Call  ID   `json:"call"`
	Aside bool `json:"aside,omitempty"`
}

var _ = event("missed", &Missed{})

func (ev *Missed) apply(s *State, e *Entry) {
	c := s.Call()
	if c == nil || c.ID != ev.Call {
		s.friction(e)
		return
	}
	c.Missed, c.Aside = !ev.Aside, ev.Aside
	s.Calling = false
	s.Beat++
	t := s.Ticket(c.Ticket)
	if t == nil || t.Status != CalledUp {
		return
	}
	if !ev.Aside {
		t.Missing = true
		t.Misses++
		t.Parked = t.Parked || t.Misses >= 3
	}
	s.comeBack(t, e)
}

// comeBack puts a ticket that was called back to where it waited.
func (s *State) comeBack(t *Ticket, e *Entry) {
	t.Status = Waiting
	if t.Placed {
		s.queue(t)
		return
	}
	s.placeNext(t.Person, e)
}

// busy refuses what has to wait until the call or the turn of this ask is over, in the words of whoever pressed.
func busy(by Actor, t *Ticket) error {
	own := by.Person != "" && by.Person == t.Person
	switch {
	case own && t.Status == Spoke:
		return refuse("youspeak")
	case own:
		return refuse("youcalled")
	case t.Status == Spoke:
		return refuse("hasfloor")
	}
	return refuse("called")
}
