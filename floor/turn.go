package floor

import "slices"

// Kinds of turn. Turns of the line, read cards and unplanned turns are charged to their side; the others to no side.
const (
	LineTurn  = "line"
	ReadTurn  = "read"
	Unplanned = "unplanned"
	Reply     = "reply"
	Right     = "right-of-reply"
	Order     = "order" // point of order
	Panel     = "panel"
	TourTurn  = "tour"
)

// TurnKinds lists every kind of turn.
var TurnKinds = []string{LineTurn, ReadTurn, Unplanned, Reply, Right, Order, Panel, TourTurn}

// A Turn is the fact that someone spoke, from when to when.
type Turn struct {
	ID        ID     `json:"id"`
	Kind      string `json:"kind"`
	Person    ID     `json:"person"` // empty: not known yet
	Ticket    ID     `json:"ticket"`
	Call      ID     `json:"call"`
	Side      Side   `json:"side"`
	Start     int64  `json:"start"`  // ms
	Ended     int64  `json:"ended"`  // ms, -1 while it runs
	Cap       int64  `json:"cap"`    // ms, 0 when none
	Factor    int64  `json:"factor"` // more time, percent of the cap; what lies beyond the cap is charged to nobody
	Extended  bool   `json:"extended"`
	Checked   int64  `json:"checked"` // when the crew last said "still speaking", ms
	Lost      []Span `json:"lost"`    // down time that is not part of the turn
	W         [2]int `json:"w"`
	Override  string `json:"override"`
	Question  int    `json:"question"`
	To        ID     `json:"to"` // the turn it answers
	Segment   ID     `json:"segment"`
	Mic       int    `json:"mic"`
	Corrected bool   `json:"corrected"`
	Added     bool   `json:"added"`            // entered afterwards
	Late      bool   `json:"late"`             // begun as a main turn, without the gavel
	Unsure    bool   `json:"unsure,omitempty"` // late, and Ended is when that became known; see adrift
	Cut       bool   `json:"cut"`              // begun while the link was cut
	Owed      bool   `json:"owed"`             // begun in a cut while somebody of the other side waited
	Line      Text   `json:"line"`             // its one confirmed line of content
	Why       Text   `json:"why"`
	By        ID     `json:"by"`

	ref Ref // the entry with which it was first written
}

// Charged: the turn counts for its side.
func (t *Turn) Charged() bool { return t.Kind == LineTurn || t.Kind == ReadTurn || t.Kind == Unplanned }

// Limit is the cap with more time granted, ms.
func (t *Turn) Limit() int64 { return t.Cap * t.Factor / 100 }

// Doubtful: nobody pressed End by one and a half caps and nobody said "still speaking"; or it had become a turn of a side
// floor before anybody did.
func (t *Turn) Doubtful(now int64) bool {
	if t.Unsure {
		return true
	}
	if t.Cap == 0 || t.Corrected || t.Added {
		return false
	}
	if t.Ended >= 0 {
		now = t.Ended
	}
	deadline := t.Start + t.Limit()*3/2 + t.lost(now)
	if t.Checked > 0 {
		deadline = max(deadline, t.Checked+t.Limit()/2)
	}
	return now > deadline
}

func (t *Turn) lost(now int64) int64 {
	var n int64
	for _, l := range t.Lost {
		n += l.within(t.Start, now)
	}
	return n
}

// end is until when the turn counts: its end; when it is doubtful, the cap or the moment at which the crew last said
// that it ran.
func (t *Turn) end(now int64) int64 {
	end := now
	if t.Ended >= 0 {
		end = t.Ended
	}
	if t.Doubtful(end) {
		end = min(end, max(t.after(t.Cap), t.Checked))
	}
	return max(end, t.Start)
}

// after is the moment at which the turn has been so long, ms; down time does not count.
func (t *Turn) after(length int64) int64 {
	at := t.Start + length
	for _, l := range t.Lost { // in order of time
		if l.From < at {
			at += max(0, l.To-l.From)
		}
	}
	return at
}

// Length is how long the turn has been, ms, without down time.
func (t *Turn) Length(now int64) int64 {
	end := t.end(now)
	return max(0, end-t.Start-t.lost(end))
}

// startOf is the turn that a call becomes.
func (s *State) startOf(id ID, cl *CalledOut, t *Ticket) *Started {
	ev := &Started{Turn: id, Call: cl.Call, Kind: LineTurn, Person: cl.Person, Ticket: cl.Ticket, Side: cl.Side, Cap: s.Rule.L, W: cl.W, Override: cl.Override}
	switch {
	case cl.Tour:
		ev.Kind, ev.Cap = TourTurn, s.TourCap
	case t != nil && t.Form == Card:
		ev.Kind = ReadTurn
	}
	if t != nil {
		ev.Question, ev.Mic = t.Question, t.Mic
	}
	ev.Factor = s.factor(cl.Person)
	return ev
}

func (s *State) factor(person ID) int64 {
	if p := s.Person(person); p != nil && p.Factor > 0 {
		return p.Factor
	}
	return 100
}

// Start says that the called person speaks now: the crew, or the person's own phone.
type Start struct {
	Call ID `json:"call,omitempty"` // empty: the open call
}

var _ = command("start", &Start{})

func (*Start) may() Roles { return Anybody }

func (c *Start) decide(s *State, m Moment, by Actor) ([]Event, error) {
	cl := s.Call()
	if cl == nil || c.Call != "" && c.Call != cl.ID {
		return nil, refuse("notcalled")
	}
	if !s.actsFor(by, cl.Person) {
		return nil, ErrNotAllowed
	}
	out := &CalledOut{Call: cl.ID, Ticket: cl.Ticket, Person: cl.Person, Side: cl.Side, W: cl.W, Override: cl.Override, Tour: cl.Tour}
	return []Event{s.startOf(m.id(0), out, s.Ticket(cl.Ticket))}, nil
}

// Started: somebody speaks from now on.
type Started struct {
	spoken
	Turn     ID     `json:"turn"`
	Call     ID     `json:"call,omitempty"`
	Kind     string `json:"kind"`
	Person   ID     `json:"person,omitempty"`
	Ticket   ID     `json:"ticket,omitempty"`
	Side     Side   `json:"side"`
	Cap      int64  `json:"cap"`
	Factor   int64  `json:"factor"`
	W        [2]int `json:"w"`
	Override string `json:"override,omitempty"`
	Question int    `json:"question,omitempty"`
	To       ID     `json:"to,omitempty"`
	Mic      int    `json:"mic,omitempty"`
}

var _ = event("started", &Started{})

func (ev *Started) apply(s *State, e *Entry) {
	if s.Turn(ev.Turn) != nil {
		s.friction(e)
		return
	}
	if r := s.Current(); r != nil { // the main floor has one turn at a time
		s.stop(r, e)
	}
	// A machine that was lost began it, and so did the one that goes on for it: a call is at most one turn.
	call := ev.Call
	if s.blind(e) && call != "" && slices.ContainsFunc(s.Turns, func(t Turn) bool { return t.Call == call }) {
		call = ""
	}
	if c := s.Call(); c != nil {
		if c.ID == call && c.Ticket == s.real(ev.Ticket) {
			c.Turn, s.Calling = ev.Turn, false
		} else {
			(&Missed{Call: c.ID, Aside: true}).apply(s, e)
		}
	} else if call != "" { // withdrawn across a cut; but the speech is a fact
		for i := len(s.Calls) - 1; i >= 0; i-- {
			if s.Calls[i].ID == call {
				s.Calls[i].Turn = ev.Turn
				break
			}
		}
	}
	if t := s.Ticket(ev.Ticket); t != nil && (t.Live() || s.blind(e)) {
		if !t.Live() {
			s.takePlaces(t)
		}
		t.Status, t.Turn, t.End, t.Ended = Spoke, ev.Turn, "", -1
		s.leave(t.ID)
	}
	t := Turn{ID: ev.Turn, Kind: ev.Kind, Person: ev.Person, Ticket: s.real(ev.Ticket), Call: call, Side: ev.Side, Start: e.Stamp.At, Ended: -1,
		Cap: ev.Cap, Factor: ev.Factor, W: ev.W, Override: ev.Override, Question: ev.Question, To: ev.To, Mic: ev.Mic, Why: e.text("why"), By: e.By, ref: e.Ref()}
	if g := s.Running(); g != nil {
		t.Segment = g.ID
	}
	if s.Severed() != nil {
		w := s.Waits[t.Side.Other()]
		t.Cut, t.Owed = true, len(w) > 0 && w[len(w)-1].To < 0
	}
	s.turn[t.ID] = len(s.Turns)
	s.Turns = append(s.Turns, t)
	s.Speaking, s.Now = true, t.ID
	if t.Call != "" && t.Charged() && s.Round.N > 0 {
		s.Round.Taken++
	}
	if p := s.Person(ev.Person); p != nil {
		p.Cleared = true
	}
	s.Wishes = slices.DeleteFunc(slices.Clone(s.Wishes), func(w Wish) bool { return w.Person == ev.Person && !t.Charged() })
	s.Beat++
}

// takePlaces takes the place from the person's other asks, when one that had ended across a cut is spoken after all: whoever
// speaks has no other ticket (I6). They get it back afterwards.
func (s *State) takePlaces(t *Ticket) {
	for i := range s.Tickets {
		if o := &s.Tickets[i]; o.Person == t.Person && o.ID != t.ID && o.Live() && o.Placed && o.Status == Waiting {
			s.leave(o.ID)
			o.Placed = false
		}
	}
}

// End ends the turn that runs.
type End struct {
	Turn ID `json:"turn,omitempty"` // empty: the one that runs
}

var _ = command("end", &End{})

func (*End) may() Roles { return Operators }

func (c *End) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t, err := s.runs(c.Turn)
	if err != nil {
		return nil, err
	}
	return []Event{&Ended{t.ID}}, nil
}

// runs finds the running turn; with an id it must be that one.
func (s *State) runs(id ID) (*Turn, error) {
	t := s.Current()
	if t == nil {
		return nil, refuse("nobodyspeaks")
	}
	if id != "" && id != t.ID {
		return nil, refuse("stale")
	}
	return t, nil
}

// Yield gives the floor back: one's own turn ends, or one's own call is passed on and the ask withdrawn.
type Yield struct{}

var _ = command("yield", &Yield{})

func (*Yield) may() Roles { return Anybody }

func (c *Yield) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if t := s.Current(); t != nil && t.Person != "" && s.owns(by, t.Person) {
		return []Event{&Ended{t.ID}}, nil
	}
	if cl := s.Call(); cl != nil && s.owns(by, cl.Person) {
		if cl.Ticket == "" {
			return []Event{&Missed{Call: cl.ID, Aside: true}}, nil
		}
		return []Event{&Withdrew{cl.Ticket}}, nil
	}
	return nil, refuse("notcalled")
}

// owns: the actor is this person, or the hub they sit in.
func (s *State) owns(by Actor, person ID) bool {
	p := s.Person(person)
	return by.Person == person || p != nil && by.Person != "" && p.Hub == by.Person
}

// Ended: the turn is over.
type Ended struct {
	Turn ID `json:"turn"`
}

var _ = event("ended", &Ended{})

func (ev *Ended) apply(s *State, e *Entry) {
	t := s.Turn(ev.Turn)
	if t == nil || t.Ended >= 0 || t.Kind == SideTurn {
		s.friction(e)
		return
	}
	s.stop(t, e)
}

// stop ends a turn that runs: its ask has ended, its charge stands in the ledger.
func (s *State) stop(t *Turn, e *Entry) {
	t.Ended = e.Stamp.At
	if s.Now == t.ID {
		s.Speaking = false
	}
	s.Beat++
	if t.Charged() {
		s.enter(t)
		if p := s.Person(t.Person); p != nil {
			p.Spoke++
		}
	}
	for i := range s.Tickets { // whoever was called past before this turn is callable again after it
		if k := &s.Tickets[i]; k.Missing && k.ID != t.Ticket {
			k.Missing = false
		}
	}
	k := s.Ticket(t.Ticket)
	if k == nil || !k.Live() {
		return
	}
	if t.Kind == ReadTurn {
		s.end(k, ByReading, e)
	} else {
		s.end(k, BySpeaking, e)
	}
}

// Extend gives the running turn half its cap again, once. The time is charged like any other.
type Extend struct {
	Turn ID `json:"turn,omitempty"`
}

var _ = command("extend", &Extend{})

func (*Extend) may() Roles { return Operators }

func (c *Extend) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t, err := s.runs(c.Turn)
	if err != nil {
		return nil, err
	}
	if t.Extended {
		return nil, refuse("extended")
	}
	return []Event{&Extended{t.ID}}, nil
}

// Extended: the turn may be half as long again.
type Extended struct {
	Turn ID `json:"turn"`
}

var _ = event("extended", &Extended{})

func (ev *Extended) apply(s *State, e *Entry) {
	t := s.Turn(ev.Turn)
	if t == nil || t.Extended {
		s.friction(e)
		return
	}
	t.Extended = true
	t.Cap += t.Cap / 2
}

// Speaking confirms that whoever has the floor still speaks, asked at the cap.
type Speaking struct {
	Turn ID `json:"turn,omitempty"`
}

var _ = command("speaking", &Speaking{})

func (*Speaking) may() Roles { return Operators }

func (c *Speaking) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t, err := s.runs(c.Turn)
	if err != nil {
		return nil, err
	}
	return []Event{&Checked{t.ID}}, nil
}

// Checked: the crew said that the turn still runs.
type Checked struct {
	Turn ID `json:"turn"`
}

var _ = event("checked", &Checked{})

func (ev *Checked) apply(s *State, e *Entry) {
	if t := s.Turn(ev.Turn); t != nil {
		t.Checked = e.Stamp.At
		return
	}
	s.friction(e)
}

// Grant gives a person more time without a public reason: interpretation, a stammer, a second language.
type Grant struct {
	Person ID    `json:"person"`
	Factor int64 `json:"factor"` // 100, 150 or 200 percent
}

var _ = command("grant", &Grant{})

func (*Grant) may() Roles { return Operators }

func (c *Grant) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if s.Person(c.Person) == nil {
		return nil, refuse("nobody")
	}
	if c.Factor != 100 && c.Factor != 150 && c.Factor != 200 {
		return nil, &BadInput{"factor", "choice", 0}
	}
	return []Event{&Granted{c.Person, c.Factor}}, nil
}

// Granted: this person's turns may be longer; the extra time is charged to nobody.
type Granted struct {
	Person ID    `json:"person"`
	Factor int64 `json:"factor"`
}

var _ = event("granted", &Granted{})

func (ev *Granted) apply(s *State, e *Entry) {
	p := s.Person(ev.Person)
	if p == nil {
		s.friction(e)
		return
	}
	p.Factor = ev.Factor
	if t := s.Current(); t != nil && t.Person == p.ID {
		t.Factor = ev.Factor
	}
}
