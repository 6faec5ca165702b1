package floor

import "slices"

// A SiteInfo is a site that takes part, in the order in which they came. The first is the hub; every other is a venue.
type SiteInfo struct {
	Journal  string `json:"journal"`
	Key      string `json:"key"`      // with which it signs, as the record has it
	Succeeds string `json:"succeeds"` // the journal it goes on from, when a machine was replaced
	At       int64  `json:"at"`       // ms

	itself bool  // it said so itself, with its first entry: both machines are one site
	n      int64 // and how many entries of the journal it goes on from were in the backup
}

// The Gavel is the right to give the main floor. One site holds it; a new epoch begins whenever it goes elsewhere.
type Gavel struct {
	Journal string `json:"journal"` // empty while there is one site, which needs no gavel
	Epoch   int64  `json:"epoch"`
}

// A Cut is a stretch of session time in which two sites did not hear each other, as one of them noticed it.
type Cut struct {
	By    string `json:"by"`    // journal of who noticed it
	Far   string `json:"far"`   // journal of who was not heard
	Since int64  `json:"since"` // when the far one was heard last, ms
	Span

	ref Ref // the entry that notes it
}

// Holds says whether the site whose journal has this tag may give the main floor.
func (s *State) Holds(tag string) bool { return s.Gavel.Journal == "" || Tag(s.Gavel.Journal) == tag }

// SideOf is the side that a site reaches by itself: the hub those online, a venue those in the room.
func (s *State) SideOf(journal string) Side {
	if s.atHub(journal) {
		return Online
	}
	return Room
}

// CutOff: this site has noted that it does not hear another one, and not yet that it hears it again.
func (s *State) CutOff(journal string) bool {
	return slices.ContainsFunc(s.Cuts, func(c Cut) bool { return c.By == journal && c.To < 0 })
}

// CutFrom is CutOff for one other site.
func (s *State) CutFrom(journal, far string) bool {
	return slices.ContainsFunc(s.Cuts, func(c Cut) bool { return c.By == journal && c.Far == far && c.To < 0 })
}

// Severed is the newest cut that has not healed, or nil.
func (s *State) Severed() *Cut {
	for i := len(s.Cuts) - 1; i >= 0; i-- {
		if s.Cuts[i].To < 0 {
			return &s.Cuts[i]
		}
	}
	return nil
}

// Apart lists the stretches in which the sites did not hear each other, each once although both sites noticed it, in
// order. From is when the other one was heard last; To is -1 while it lasts.
func (s *State) Apart() []Cut {
	var out []Cut
	for _, c := range s.Cuts {
		c.From = c.Since
		n := len(out)
		if n == 0 || out[n-1].To >= 0 && out[n-1].To < c.From {
			out = append(out, c)
			continue
		}
		o := &out[n-1]
		o.From = min(o.From, c.From)
		if o.To = max(o.To, c.To); c.To < 0 {
			o.To = -1
		}
	}
	return out
}

// reach says which sides the gavel's site can call.
func (s *State) reach() [2]bool {
	if s.Gavel.Journal == "" || s.Severed() == nil {
		return [2]bool{true, true}
	}
	var out [2]bool
	out[s.SideOf(s.Gavel.Journal)] = true
	return out
}

// Debt is what one side owes the other beyond the allowed lead, ms, and to whom; 0 when nothing is owed.
func (s *State) Debt(now int64) (owed Side, ms int64) {
	lead := s.Standing(now).Lead
	switch {
	case lead > s.Rule.B:
		return Online, lead - s.Rule.B
	case lead < -s.Rule.B:
		return Room, -lead - s.Rule.B
	}
	return Room, 0
}

// A mainFloor command is about the main floor: only the gavel's site decides it.
type mainFloor interface{ mainFloor() }

// OnMain says whether only the gavel's site may decide this command.
func OnMain(c Command) bool {
	if _, ok := c.(mainFloor); ok {
		return true
	}
	ch, ok := c.(*Change)
	return ok && (ch.L != nil || ch.Q != nil || ch.B != nil || ch.R != nil || ch.K != nil || ch.Reply != nil)
}

func (*Call) mainFloor()      {}
func (*Override) mainFloor()  {}
func (*Unmuted) mainFloor()   {}
func (*Miss) mainFloor()      {}
func (*Start) mainFloor()     {}
func (*End) mainFloor()       {}
func (*Yield) mainFloor()     {}
func (*Extend) mainFloor()    {}
func (*Speaking) mainFloor()  {}
func (*Give) mainFloor()      {}
func (*Correct) mainFloor()   {}
func (*Open) mainFloor()      {}
func (*Begin) mainFloor()     {}
func (*Stretch) mainFloor()   {}
func (*Adjourn) mainFloor()   {}
func (*Close) mainFloor()     {}
func (*Reopen) mainFloor()    {}
func (*TakeRound) mainFloor() {}
func (*Tour) mainFloor()      {}
func (*Resume) mainFloor()    {}
func (*Forgive) mainFloor()   {}
func (*Pass) mainFloor()      {}

// Link lets another site take part: its journal belongs to the session from now on. The gavel goes to it, because the
// microphone is there. A machine that goes on for another one names the journal of that one.
type Link struct {
	Journal  string `json:"journal"`
	Key      string `json:"key"`
	Succeeds string `json:"succeeds,omitempty"`
}

var _ = command("link", &Link{})

func (*Link) may() Roles  { return Site }
func (*Link) afterwards() {}

func (c *Link) decide(s *State, m Moment, by Actor) ([]Event, error) {
	own := s.journalOf(m.Tag)
	no := s.TakesJournals(c.Journal)
	switch {
	case c.Journal == own || s.takesPart(c.Journal) || letters(c.Journal) == letters(own):
		return nil, refuse("already")
	case no != nil:
		return nil, no
	case !IsSiteKey(c.Key):
		return nil, &BadInput{"key", "letters", 0}
	case len(s.Sites) > 1 && s.Hub() != own:
		return nil, refuse("nothub")
	case c.Succeeds != "" && (!s.takesPart(c.Succeeds) || s.atHub(c.Succeeds) || s.Replaced(c.Succeeds)):
		return nil, refuse("nosite")
	case c.Succeeds == "" && len(s.Sites) > 1:
		return nil, refuse("twosites")
	}
	out := []Event{&Linked{c.Journal, c.Key, c.Succeeds}}
	if c.Succeeds == "" && s.Adjourned < 0 && s.Holds(m.Tag) {
		out = append(out, &Passed{c.Journal, max(1, s.Gavel.Epoch) + 1})
	}
	return out, nil
}

// Replaced: another machine goes on for the site that writes this journal.
func (s *State) Replaced(journal string) bool {
	return slices.ContainsFunc(s.Sites, func(i SiteInfo) bool { return i.Succeeds == journal })
}

// Linked: another site takes part. One that succeeds another takes over its part: what the other still writes on the
// main floor, unknown here, is a side floor.
type Linked struct {
	Journal  string `json:"journal"`
	Key      string `json:"key"`
	Succeeds string `json:"succeeds,omitempty"`
}

var _ = event("linked", &Linked{})

func (ev *Linked) apply(s *State, e *Entry) {
	if s.takesPart(ev.Journal) || ev.Journal == e.Journal {
		s.friction(e)
		return
	}
	if len(s.Sites) == 0 {
		hub := SiteInfo{Journal: e.Journal, At: e.Stamp.At}
		if len(s.lone) > 0 {
			hub.Journal = s.lone[0].Succeeds
		}
		s.Sites = append([]SiteInfo{hub}, s.lone...)
		s.give(Gavel{s.now(e.Journal), 1}, e)
	}
	i := SiteInfo{Journal: ev.Journal, Key: ev.Key, Succeeds: ev.Succeeds, At: e.Stamp.At}
	if ev.Succeeds == "" {
		s.Sites = append(s.Sites[:len(s.Sites):len(s.Sites)], i)
		return
	}
	s.goOn(i, e)
}

// takesPart: the journal is of a site that was let in, or goes on for one.
func (s *State) takesPart(journal string) bool {
	return slices.ContainsFunc(s.Sites, func(i SiteInfo) bool { return i.Journal == journal })
}

// give lets another site, or another machine of the same one, have the gavel.
func (s *State) give(g Gavel, e *Entry) { s.Gavel, s.moved = g, e.Ref() }

// Pass gives the gavel to another site, while both hear each other.
type Pass struct {
	To string `json:"to"` // its journal
}

var _ = command("pass", &Pass{})

func (*Pass) may() Roles { return Chair | Venue | Organiser }

func (c *Pass) decide(s *State, m Moment, by Actor) ([]Event, error) {
	switch {
	case !s.takesPart(c.To) || s.Replaced(c.To):
		return nil, refuse("nosite")
	case c.To == s.Gavel.Journal:
		return nil, refuse("already")
	case s.Severed() != nil:
		return nil, refuse("cut")
	}
	return []Event{&Passed{c.To, s.Gavel.Epoch + 1}}, nil
}

// Passed: another site gives the main floor from now on.
type Passed struct {
	To    string `json:"to"`
	Epoch int64  `json:"epoch"`
}

var _ = event("passed", &Passed{})

func (ev *Passed) apply(s *State, e *Entry) {
	// Who could not know of the last epoch counted from an earlier one.
	if !s.takesPart(ev.To) || ev.Epoch <= s.Gavel.Epoch && e.Saw(s.moved) {
		s.friction(e)
		return
	}
	s.give(Gavel{s.Heir(ev.To), ev.Epoch}, e)
	s.Beat++
}

// TakeOver takes the gavel for the hub while the venue cannot be reached: an override. When the venue comes back, what
// it gave on the main floor meanwhile becomes a side floor.
type TakeOver struct {
	Class string `json:"class"`
	Note  string `json:"note,omitempty"`
}

var _ = command("take-over", &TakeOver{})

func (*TakeOver) may() Roles { return Chair }

func (c *TakeOver) decide(s *State, m Moment, by Actor) ([]Event, error) {
	switch {
	case s.Holds(m.Tag):
		return nil, refuse("already")
	case s.Severed() == nil:
		return nil, refuse("notcut")
	case s.SideOf(s.journalOf(m.Tag)) != Online:
		return nil, refuse("nothub")
	case !slices.Contains(Classes, c.Class):
		return nil, &BadInput{"class", "choice", 0}
	}
	note, err := line("note", c.Note, LongLine)
	if err != nil {
		return nil, err
	}
	ev := &TookOver{Epoch: s.Gavel.Epoch + 1, Class: c.Class}
	ev.Said.put("note", note)
	return append(s.closeSide(), ev), nil
}

// TookOver: the hub gives the main floor from now on, although the site that had the gavel does not know.
type TookOver struct {
	spoken
	Epoch int64  `json:"epoch"`
	Class string `json:"class"`
}

var _ = event("took-over", &TookOver{})

func (ev *TookOver) apply(s *State, e *Entry) {
	if s.Gavel.Journal == "" || ev.Epoch <= s.Gavel.Epoch && (e.Saw(s.moved) || s.has(e)) {
		s.friction(e)
		return
	}
	if c := s.Call(); c != nil {
		(&Missed{Call: c.ID, Aside: true}).apply(s, e)
	}
	if t := s.Current(); t != nil {
		s.stop(t, e)
	}
	s.give(Gavel{s.now(e.Journal), ev.Epoch}, e)
	s.TakeOvers++
	s.took.At = e.Stamp.At
	s.Beat++
}

// NoteCut is given by the program itself when it does not hear another site any more.
type NoteCut struct {
	Far   string `json:"far"`
	Since int64  `json:"since"` // session time at which it was heard last, ms
}

var _ = command("cut", &NoteCut{})

func (*NoteCut) may() Roles  { return Site }
func (*NoteCut) afterwards() {}

func (c *NoteCut) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if !s.takesPart(c.Far) || s.Replaced(c.Far) {
		return nil, refuse("nosite")
	}
	if s.CutFrom(s.journalOf(m.Tag), c.Far) {
		return nil, refuse("already")
	}
	return []Event{&WasCut{c.Far, min(max(0, c.Since), m.At)}}, nil
}

// WasCut: the writer does not hear another site any more.
type WasCut struct {
	Far   string `json:"far"`
	Since int64  `json:"since"`
}

var _ = event("cut", &WasCut{})

func (ev *WasCut) apply(s *State, e *Entry) {
	s.Cuts = append(s.Cuts[:len(s.Cuts):len(s.Cuts)], Cut{s.Heir(e.Journal), s.Heir(ev.Far), ev.Since, Span{e.Stamp.At, -1}, e.Ref()})
}

// NoteHeal is given by the program itself when it has heard everything of the other site again.
type NoteHeal struct {
	Far string `json:"far"`
}

var _ = command("heal", &NoteHeal{})

func (*NoteHeal) may() Roles  { return Site }
func (*NoteHeal) afterwards() {}

func (c *NoteHeal) decide(s *State, m Moment, by Actor) ([]Event, error) {
	own := s.journalOf(m.Tag)
	if !s.CutFrom(own, c.Far) {
		return nil, refuse("already")
	}
	var out []Event
	if s.SideFloor.By == own {
		out = s.closeSide()
	}
	return append(out, &Healed{c.Far}), nil
}

// Healed: the writer has heard everything of the other site. It ends the cuts of its site that it knows: what a machine
// that was lost had written of an earlier one comes back late, and is none of the next machine's.
type Healed struct {
	Far string `json:"far"`
}

var _ = event("healed", &Healed{})

func (ev *Healed) apply(s *State, e *Entry) {
	found := false
	for i := range s.Cuts {
		if c := &s.Cuts[i]; c.By == s.Heir(e.Journal) && c.Far == s.Heir(ev.Far) && c.To < 0 && e.Saw(c.ref) {
			c.To, found = e.Stamp.At, true
		}
	}
	if !found {
		s.friction(e)
	}
}

// Forgive ends a debt: what one side is still owed beyond the allowed lead is not paid.
type Forgive struct {
	Class string `json:"class"`
	Note  string `json:"note,omitempty"`
}

var _ = command("forgive", &Forgive{})

func (*Forgive) may() Roles { return Chair }

func (c *Forgive) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if !slices.Contains(Classes, c.Class) {
		return nil, &BadInput{"class", "choice", 0}
	}
	if !s.Forgivable(m.At) {
		if _, ms := s.Debt(m.At); ms > 0 {
			return nil, refuse("debtruns")
		}
		return nil, refuse("nodebt")
	}
	note, err := line("note", c.Note, LongLine)
	if err != nil {
		return nil, err
	}
	ev := &Forgiven{Class: c.Class}
	ev.Said.put("note", note)
	return []Event{ev}, nil
}

// Forgivable: what is owed stands in the ledger. What the turn that runs adds to the debt is not there before it ends.
func (s *State) Forgivable(now int64) bool {
	lead := s.Balance(now).Lead
	return lead > s.Rule.B || lead < -s.Rule.B
}

// Forgiven: the lead is back at what is allowed; an override with its reason class.
type Forgiven struct {
	spoken
	Class string `json:"class"`
}

var _ = event("forgiven", &Forgiven{})

func (ev *Forgiven) apply(s *State, e *Entry) {
	s.Ledger = append(s.Ledger, LedgerLine{At: e.Stamp.At, Forgiven: true})
	s.forgave = Forgave{e.Stamp.At, ev.Class}
}

// Forgave is when the chair forgave what was owed, session time in ms, and for which class of reason.
type Forgave struct {
	At    int64
	Class string
}

// Forgave is the newest; ok is false when nothing was forgiven since a moment, ms.
func (s *State) Forgave(since int64) (f Forgave, ok bool) {
	return s.forgave, s.forgave.Class != "" && s.forgave.At >= since
}

// Revoke notes that a pass was revoked; the door keeps it out from then on.
type Revoke struct {
	Person ID `json:"person"`
}

var _ = command("revoke", &Revoke{})

func (*Revoke) may() Roles  { return Site }
func (*Revoke) afterwards() {}

func (c *Revoke) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if c.Person == "" {
		return nil, &BadInput{"person", "empty", 0}
	}
	if err := opaque("person", string(c.Person)); err != nil {
		return nil, err
	}
	return []Event{&PassRevoked{c.Person}}, nil
}

// PassRevoked: the pass of this person opens nothing any more. What they did elsewhere meanwhile stands, marked.
type PassRevoked struct {
	Person ID `json:"person"`
}

var _ = event("pass-revoked", &PassRevoked{})

func (ev *PassRevoked) apply(*State, *Entry) {}

// journalOf is the name of the journal with this tag, as far as it is known.
func (s *State) journalOf(tag string) string {
	for _, h := range s.Heads {
		if Tag(h.Journal) == tag {
			return h.Journal
		}
	}
	return "-" + tag
}
