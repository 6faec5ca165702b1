package floor

import "slices"

// What a ticket is for, how it is spoken, and where it stands.
const (
	Voice = "voice"
	Card  = "card"

	Waiting  = "waiting"
	CalledUp = "called"
	Spoke    = "speaking"
	Done     = "done"
)

// ContributionKinds are what a ticket or card may be, from the first day.
var ContributionKinds = []string{"question", "comment", "practice", "offer", "need", "material"}

// How an ask ended; every ask ends with one of them.
const (
	BySpeaking    = "spoken"
	ByReading     = "read"
	ByAnswer      = "answered" // in writing
	ByMerging     = "merged"   // into another; every author is kept
	ByWithdrawing = "withdrawn"
	NotReached    = "not-reached"
)

// Dispositions lists them in the order of a report.
var Dispositions = []string{BySpeaking, ByReading, ByAnswer, ByMerging, ByWithdrawing, NotReached}

// A Ticket is one place in the line, owned by a person, not by a connection; or a card of theirs that waits for it.
type Ticket struct {
	ID        ID     `json:"id"`
	Person    ID     `json:"person"`
	Side      Side   `json:"side"`
	Form      string `json:"form"` // voice or card
	Kind      string `json:"kind"`
	Mic       int    `json:"mic"`
	Channel   string `json:"channel"`  // voice, mic, read, relayed
	Question  int    `json:"question"` // number of the policy question, 0 when none
	To        ID     `json:"to"`       // a speaker it is directed to
	Place     Stamp  `json:"place"`    // set at creation; never changes
	Placed    bool   `json:"placed"`   // false: waits in the person's own order until their ticket ends
	Status    string `json:"status"`
	Approved  bool   `json:"approved"`
	Held      bool   `json:"held"`
	Hidden    bool   `json:"hidden"`
	AskedBack bool   `json:"askedBack"` // the desk asked the author something
	Parked    bool   `json:"parked"`
	Deferred  bool   `json:"deferred"` // skips one call of its side
	Missing   bool   `json:"missing"`  // called past; callable after one other turn
	Misses    int    `json:"misses"`
	Still     bool   `json:"still"`    // answered "still there?" with yes
	Unmute    int64  `json:"unmute"`   // when the crew tapped "I asked them to unmute", ms
	Bypassed  int    `json:"bypassed"` // how often the rule passed it; begins anew when its person changes sides
	Most      int    `json:"most"`     // the largest Bypassed it has had
	Asked     int64  `json:"asked"`    // ms
	Ended     int64  `json:"ended"`    // ms, -1 while live
	End       string `json:"end"`      // disposition
	Late      bool   `json:"late"`     // written after the session
	Into      ID     `json:"into"`     // the ticket it was merged into, or the turn that made the point
	Turn      ID     `json:"turn"`
	Ago       int64  `json:"ago,omitempty"` // how long before Asked it was pressed, ms, by the phone's own clock; orders nothing
	Backers   []ID   `json:"backers"`       // "my point was made": people
	About     Text   `json:"about"`
	Text      Text   `json:"text"`
	Link      Text   `json:"link"`
	Lang      Text   `json:"lang"`
	Mark      Text   `json:"mark"`
	Ask       Text   `json:"ask"` // what the desk asked back
	Answers   []Text `json:"answers"`
	Hides     []Ref  `json:"hides"` // entries that hid it, and that nobody who showed it had seen
	Holds     []Ref  `json:"holds"` // entries that held it, and that no approval saw all of
	Edits     []Ref  `json:"edits"` // the same of entries that changed its words
}

// Live: the ask has not ended.
func (t *Ticket) Live() bool { return t.Status != Done }

// readable: the ask may be given the floor; a card only once it is approved and while nobody holds or hides it.
func (t *Ticket) readable() bool { return t.Form != Card || t.Approved && !t.Held && !t.Hidden }

// always: cards and walk-ups are always present.
func (t *Ticket) always() bool { return t.Form == Card || t.Mic > 0 }

// AskFields is what an ask may say beside who asks.
type AskFields struct {
	About    string `json:"about,omitempty"` // one line
	Kind     string `json:"kind,omitempty"`  // question when empty
	Question int    `json:"question,omitempty"`
	To       ID     `json:"to,omitempty"`
	Link     string `json:"link,omitempty"` // for material
	Lang     string `json:"lang,omitempty"` // BCP 47 tag of the words
	Ago      int64  `json:"ago,omitempty"`  // how long ago it was pressed, ms, by the phone's own clock; noted from LateArrival to Oldest
}

// An ask that was pressed at least LateArrival before it arrived came from a phone without network, and says so. A phone
// that tells more than Oldest has a clock that leapt; its word is not noted, and its ask is taken all the same. Both in ms.
const (
	LateArrival = 10_000
	Oldest      = day
)

// Ask asks for the floor with one's own voice (seed S14).
type Ask struct {
	Person ID `json:"person,omitempty"` // of a hub; empty: the actor
	AskFields
}

var _ = command("ask", &Ask{})

func (*Ask) may() Roles { return Anybody }

func (c *Ask) decide(s *State, m Moment, by Actor) ([]Event, error) {
	id, err := s.onBehalf(by, c.Person)
	if err != nil {
		return nil, err
	}
	ev, err := s.ask(m.id(0), id, Voice, c.AskFields, "")
	if err != nil {
		return nil, err
	}
	return s.guardFlood(m, id, []Event{ev}), nil
}

// onBehalf is the person an actor asks for: themselves, or somebody of their hub, or, for the crew, anybody.
func (s *State) onBehalf(by Actor, person ID) (ID, error) {
	if person == "" {
		person = by.Person
	}
	if s.Person(person) == nil {
		return "", refuse("nobody")
	}
	if !s.actsFor(by, person) {
		return "", ErrNotAllowed
	}
	return person, nil
}

// ask checks an ask and gives its event. With no person the caller fills in one who is new.
func (s *State) ask(id, person ID, form string, f AskFields, words string) (*Asked, error) {
	ev := &Asked{Ticket: id, Person: person, Form: form, Kind: f.Kind, Question: f.Question, To: f.To}
	if p := s.Person(person); p != nil {
		ev.Side = p.Side
		if form == Voice && s.Live(person) != nil {
			return nil, refuse("inline")
		}
		if n := s.openOf(person); n >= s.Settings.OpenCards {
			return nil, refuse("cards", int64(s.Settings.OpenCards))
		}
	}
	if s.Closed && s.More <= 0 && form == Voice {
		return nil, refuse("closed")
	}
	if ev.Kind == "" {
		ev.Kind = "question"
	}
	if !slices.Contains(ContributionKinds, ev.Kind) {
		return nil, &BadInput{"kind", "choice", 0}
	}
	if f.Question < 0 || f.Question > len(s.Questions) {
		return nil, &BadInput{"question", "choice", 0}
	}
	if f.To != "" {
		if p := s.Person(f.To); p == nil || !p.Roles.Has(Speaker) {
			return nil, &BadInput{"to", "choice", 0}
		}
	}
	about, err := line("about", f.About, LongLine)
	if err != nil {
		return nil, err
	}
	body, err := text("text", words, LongCard)
	if err != nil {
		return nil, err
	}
	link, err := line("link", f.Link, LongLine)
	if err != nil {
		return nil, err
	}
	lang, err := line("lang", f.Lang, 35)
	if err != nil {
		return nil, err
	}
	if form == Card && body == "" {
		return nil, &BadInput{"text", "empty", 0}
	}
	if f.Ago >= LateArrival && f.Ago <= Oldest {
		ev.Ago = f.Ago
	}
	ev.Said.put("about", about)
	ev.Said.put("text", body)
	ev.Said.put("link", link)
	ev.Said.put("lang", lang)
	return ev, nil
}

// openOf counts the person's asks that have not ended.
func (s *State) openOf(person ID) int {
	n := 0
	for i := range s.Tickets {
		if t := &s.Tickets[i]; t.Person == person && t.Live() {
			n++
		}
	}
	return n
}

// guardFlood switches approval on when many new people of one link ask within a minute, and says so.
func (s *State) guardFlood(m Moment, person ID, out []Event) []Event {
	p := s.Person(person)
	since := m.At - 60_000
	if p == nil || p.Link == "" || p.Joined <= since || s.Settings.ApprovePeople {
		return out
	}
	most := s.Settings.LinkAsks * devicesOf(p.Link)
	if len(s.Tickets) < most { // not even if all of them were theirs
		return out
	}
	n := 1
	for i := range s.Tickets {
		t := &s.Tickets[i]
		if t.Asked <= since || t.Person == person {
			continue
		}
		if q := s.Person(t.Person); q != nil && q.Link == p.Link && q.Joined > since {
			n++
		}
	}
	if n > most {
		set := s.Settings
		set.ApprovePeople = true
		out = append(out, &Set{Settings: set, Why: "asks"})
	}
	return out
}

// Asked: a ticket or card exists from now on.
type Asked struct {
	spoken
	Ticket   ID     `json:"ticket"`
	Person   ID     `json:"person"`
	Side     Side   `json:"side"`
	Form     string `json:"form"`
	Kind     string `json:"kind"`
	Mic      int    `json:"mic,omitempty"`
	Question int    `json:"question,omitempty"`
	To       ID     `json:"to,omitempty"`
	Approved bool   `json:"approved"`
	Late     bool   `json:"late,omitempty"`
	Ago      int64  `json:"ago,omitempty"` // how long before its arrival it was pressed, ms, as the phone says; decides nothing
}

var _ = event("asked", &Asked{})

func (ev *Asked) apply(s *State, e *Entry) {
	p := s.Person(ev.Person)
	if p == nil || s.Ticket(ev.Ticket) != nil {
		s.friction(e)
		return
	}
	t := Ticket{ID: ev.Ticket, Person: ev.Person, Side: ev.Side, Form: ev.Form, Kind: ev.Kind, Mic: ev.Mic, Question: ev.Question, To: ev.To,
		Approved: ev.Approved || ev.Form == Voice, Status: Waiting, Asked: e.Stamp.At, Ago: ev.Ago, Ended: -1, Late: ev.Late, About: e.text("about"),
		Text: e.text("text"), Link: e.text("link"), Lang: e.text("lang"), Mark: e.text("mark")}
	switch {
	case t.Form == Card:
		t.Channel = "read"
	case t.Mic > 0:
		t.Channel = "mic"
	default:
		t.Channel = "voice"
	}
	p.Asked++
	live := s.Live(p.ID)
	free := live == nil
	if !free && t.Form == Voice { // asked on both sides of a cut: the earlier lives
		t.Status, t.End, t.Ended, t.Into = Done, ByMerging, e.Stamp.At, live.ID
	}
	s.ticket[t.ID] = len(s.Tickets)
	own := s.own[t.Person]
	s.own[t.Person] = append(own[:len(own):len(own)], len(s.Tickets)) // clones share what was there
	s.Tickets = append(s.Tickets, t)
	if s.Closed && s.More > 0 && ev.Form == Voice {
		s.More--
	}
	if free && !ev.Late {
		n := s.Ticket(t.ID)
		n.Placed, n.Place = true, e.Stamp
		s.queue(n)
	}
}

// queue inserts a ticket into the line by its place.
func (s *State) queue(t *Ticket) {
	i, _ := slices.BinarySearchFunc(s.Line, t, func(id ID, t *Ticket) int {
		o := s.Ticket(id)
		if o.Place.Before(t.Place) || o.Place == t.Place && o.ID < t.ID {
			return -1
		}
		return 1
	})
	s.Line = slices.Insert(s.Line, i, t.ID)
	s.row = slices.Insert(s.row, i, s.ticket[t.ID])
}

// leave takes a ticket out of the line.
func (s *State) leave(id ID) {
	if i := slices.Index(s.Line, id); i >= 0 {
		s.Line = slices.Delete(s.Line, i, i+1)
		s.row = slices.Delete(s.row, i, i+1)
	}
}

// end ends an ask; the next card of the same person takes a new place.
func (s *State) end(t *Ticket, how string, e *Entry) {
	if !t.Live() {
		return
	}
	t.Status, t.End, t.Ended = Done, how, e.Stamp.At
	s.leave(t.ID)
	s.placeNext(t.Person, e)
}

// placeNext gives the person's next card a place when none of their asks has one.
func (s *State) placeNext(person ID, e *Entry) {
	if s.Adjourned >= 0 || s.Live(person) != nil {
		return
	}
	if n := s.nextOf(person); n != nil {
		n.Placed = true
		if n.Place == (Stamp{}) { // else it had one, which nobody else was given
			n.Place = e.Stamp
		}
		s.queue(n)
	}
}

// nextOf is the person's first ask that waits outside the line, or nil; one that had to leave its place goes first.
func (s *State) nextOf(person ID) *Ticket {
	var first *Ticket
	for _, i := range s.own[person] {
		n := &s.Tickets[i]
		switch {
		case n.Status != Waiting || n.Placed || n.Late:
		case n.Place != Stamp{}:
			return n
		case first == nil:
			first = n
		}
	}
	return first
}

// Edit changes the words of an ask that has not been read or spoken.
type Edit struct {
	Ticket   ID      `json:"ticket"`
	About    *string `json:"about,omitempty"`
	Text     *string `json:"text,omitempty"`
	Kind     string  `json:"kind,omitempty"`
	Question *int    `json:"question,omitempty"`
}

var _ = command("edit", &Edit{})

func (*Edit) may() Roles  { return Anybody }
func (*Edit) afterwards() {}

func (c *Edit) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t, err := s.mine(m, by, c.Ticket)
	if err != nil {
		return nil, err
	}
	if t.Status == Spoke {
		return nil, refuse("reading")
	}
	own := s.owns(by, t.Person)
	// What an author changes after approval is looked at again.
	ev := &Edited{Ticket: t.ID, Kind: t.Kind, Question: t.Question, Approved: t.Approved && (!own || t.Form == Voice || !s.Settings.ApproveCards)}
	if c.Kind != "" {
		if !slices.Contains(ContributionKinds, c.Kind) {
			return nil, &BadInput{"kind", "choice", 0}
		}
		ev.Kind = c.Kind
	}
	if c.Question != nil {
		if *c.Question < 0 || *c.Question > len(s.Questions) {
			return nil, &BadInput{"question", "choice", 0}
		}
		ev.Question = *c.Question
	}
	if c.About != nil {
		v, err := line("about", *c.About, LongLine)
		if err != nil {
			return nil, err
		}
		ev.Said.keep("about", v)
	}
	if c.Text != nil {
		v, err := text("text", *c.Text, LongCard)
		if err != nil {
			return nil, err
		}
		if v == "" && t.Form == Card {
			return nil, &BadInput{"text", "empty", 0}
		}
		ev.Said.keep("text", v)
	}
	if c.Text == nil && c.About == nil {
		ev.Approved = t.Approved
	}
	return []Event{ev}, nil
}

// mine finds an ask that is still open and that the actor may change.
func (s *State) mine(m Moment, by Actor, id ID) (*Ticket, error) {
	t := s.Ticket(id)
	if t == nil {
		return nil, refuse("noticket")
	}
	if !s.actsFor(by, t.Person) {
		return nil, ErrNotAllowed
	}
	if s.Disposition(t, m.Wall) != "" {
		return nil, refuse("over")
	}
	return t, nil
}

// Edited: the newest words of an ask are in this entry.
type Edited struct {
	spoken
	Ticket   ID     `json:"ticket"`
	Kind     string `json:"kind"`
	Question int    `json:"question"`
	Approved bool   `json:"approved"`
}

var _ = event("edited", &Edited{})

func (ev *Edited) apply(s *State, e *Entry) {
	t := s.Ticket(ev.Ticket)
	if t == nil || t.Status == Spoke || !t.Live() {
		s.friction(e)
		return
	}
	t.Kind, t.Question, t.AskedBack = ev.Kind, ev.Question, false
	switch {
	case !ev.Approved:
		t.Approved, t.Edits = false, more(t.Edits, e)
	case e.SawAll(t.Edits): // who edits with approval approves what they have seen
		t.Approved, t.Edits = true, nil
	}
	if x := e.text("about"); x != "" {
		t.About = x
	}
	if x := e.text("text"); x != "" {
		t.Text = x
	}
}

// Withdraw takes an ask back. For the crew it is also how an unnamed walk-up is undone.
type Withdraw struct {
	Ticket ID `json:"ticket"`
}

var _ = command("withdraw", &Withdraw{})

func (*Withdraw) may() Roles  { return Anybody }
func (*Withdraw) afterwards() {}

func (c *Withdraw) decide(s *State, m Moment, by Actor) ([]Event, error) {
	t, err := s.mine(m, by, c.Ticket)
	if err != nil {
		return nil, err
	}
	if t.Status == Spoke {
		return nil, refuse("speaking")
	}
	return []Event{&Withdrew{t.ID}}, nil
}

// Withdrew: the ask ended by its person's will.
type Withdrew struct {
	Ticket ID `json:"ticket"`
}

var _ = event("withdrew", &Withdrew{})

func (ev *Withdrew) apply(s *State, e *Entry) {
	t := s.Ticket(ev.Ticket)
	if t == nil || !t.Live() || t.Status == Spoke {
		s.friction(e)
		return
	}
	s.uncall(t)
	s.end(t, ByWithdrawing, e)
}

// uncall closes the open call when it is this ticket's.
func (s *State) uncall(t *Ticket) {
	if c := s.Call(); c != nil && c.Ticket == t.ID {
		s.Calling = false
		s.Beat++
	}
}
