package floor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Fields is a set of what a person may tell about themselves.
type Fields uint8

// The fields a person consents to one by one (seed S21).
const (
	Name Fields = 1 << iota
	Group
	Org
	Country
	Region
	Words // what they say and write, without any of the above; asked for only where it goes to officials
)

var fieldNames = []string{"name", "group", "org", "country", "region", "words"}

// Has says whether any of the given fields is in the set.
func (f Fields) Has(any Fields) bool { return f&any != 0 }

// MarshalText writes the names with blanks between.
func (f Fields) MarshalText() ([]byte, error) {
	var out []string
	for i, n := range fieldNames {
		if f&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return []byte(strings.Join(out, " ")), nil
}

// UnmarshalText reads names with blanks between; an unknown one is an error.
func (f *Fields) UnmarshalText(b []byte) error {
	*f = 0
next:
	for _, w := range strings.Fields(string(b)) {
		for i, n := range fieldNames {
			if w == n {
				*f |= 1 << i
				continue next
			}
		}
		return fmt.Errorf("unknown field %q", w)
	}
	return nil
}

// A Consent says for each use which fields may be used. What is not consented to is not said, shown or kept in what
// leaves the session.
type Consent struct {
	Aloud     Fields `json:"aloud"`
	Screen    Fields `json:"screen"`
	Report    Fields `json:"report"`
	Officials Fields `json:"officials"`
}

// Preset is one of the three that are offered: "group" (name and group), "name", "none". Handing words to officials
// is off in each.
func Preset(name string) (Consent, bool) {
	switch name {
	case "group":
		return Consent{Name | Group, Name | Group, Name | Group, 0}, true
	case "name":
		return Consent{Name, Name, Name, 0}, true
	case "none":
		return Consent{}, true
	}
	return Consent{}, false
}

// A Person takes part, under a pass of their own or entered by a moderator.
type Person struct {
	ID       ID      `json:"id"`
	Side     Side    `json:"side"`
	Roles    Roles   `json:"roles"`
	Origin   string  `json:"origin"` // self, walkup, hand, plan
	Hub      ID      `json:"hub"`    // the hub they sit in
	Link     string  `json:"link"`   // the link or device they came by, opaque
	Joined   int64   `json:"joined"` // ms
	Admitted bool    `json:"admitted"`
	Cleared  bool    `json:"cleared"` // the crew has seen the name; it may stand on the wall
	Away     bool    `json:"away"`    // has said "not here"
	Agreed   bool    `json:"agreed"`  // a walk-up's yes to wall and public record
	Consent  Consent `json:"consent"`
	Name     Text    `json:"name"`
	Say      Text    `json:"say"` // say it like …
	Group    Text    `json:"group"`
	Org      Text    `json:"org"`
	Country  Text    `json:"country"`
	Region   Text    `json:"region"`
	First    Text    `json:"first"`
	Youth    Text    `json:"youth"`
	Handle   Text    `json:"handle"` // the name in the video tool
	Spoke    int     `json:"spoke"`  // turns from the line
	Asked    int     `json:"asked"`  // asks made
	Factor   int64   `json:"factor"` // more time: 100 is none, 150 or 200
	Closed   bool    `json:"closed"` // their words were erased

	Erasures  []Ref `json:"erasures"`  // entries that erased; each covers what did not see it
	ConsentBy []Ref `json:"consentBy"` // the entries that said it, as far as no later one had seen them
	NamedBy   Ref   `json:"namedBy"`
}

// Description is what a person tells about themselves and what of it may be used where. Unset means unchanged.
type Description struct {
	Name    *string `json:"name,omitempty"`
	Say     *string `json:"say,omitempty"`
	Group   *string `json:"group,omitempty"` // key of a stakeholder group, or ""
	Org     *string `json:"org,omitempty"`   //
	Country *string `json:"country,omitempty"`
	Region  *string `json:"region,omitempty"` // key of a regional group, or ""
	First   *bool   `json:"first,omitempty"`  // first time here (seed S10)
	Youth   *bool   `json:"youth,omitempty"`
	Preset  string  `json:"preset,omitempty"` // group, name, none: sets the four below
	// Uses, field by field; they count when Detail is set, beyond the preset.
	Detail    bool   `json:"detail,omitempty"`
	Aloud     Fields `json:"aloud,omitempty"`
	Screen    Fields `json:"screen,omitempty"`
	Report    Fields `json:"report,omitempty"`
	Officials Fields `json:"officials,omitempty"`
	Hand      *bool  `json:"hand,omitempty"` // whether one's words may be handed to officials, whatever the rest says
}

// Groups and Regions are the keys a self-description may take, as the IGF forms its groups (seed S8).
var (
	Groups  = []string{"government", "civil", "technical", "private", "intergovernmental"}
	Regions = []string{"african", "asia-pacific", "eastern-european", "grulac", "weog", "intergovernmental"}
)

func (d Description) said(w *Said) error {
	for _, f := range []struct {
		name string
		v    *string
	}{{"name", d.Name}, {"say", d.Say}, {"org", d.Org}, {"country", d.Country}} {
		if f.v != nil {
			t, err := line(f.name, *f.v, LongName)
			if err != nil {
				return err
			}
			w.keep(f.name, t)
		}
	}
	for _, f := range []struct {
		name string
		v    *string
		ok   []string
	}{{"group", d.Group, Groups}, {"region", d.Region, Regions}} {
		if f.v != nil {
			if *f.v != "" && !slices.Contains(f.ok, *f.v) {
				return &BadInput{f.name, "choice", 0}
			}
			w.keep(f.name, *f.v)
		}
	}
	for _, f := range []struct {
		name string
		v    *bool
	}{{"first", d.First}, {"youth", d.Youth}} {
		if f.v != nil {
			w.keep(f.name, map[bool]string{true: "yes"}[*f.v])
		}
	}
	return nil
}

// keep records a text even when it is empty: an emptied field is a fact.
func (w *Said) keep(field, text string) {
	if *w == nil {
		*w = Said{}
	}
	(*w)[field] = text
}

func (d Description) consent(now Consent) (Consent, error) {
	if d.Preset != "" {
		c, ok := Preset(d.Preset)
		if !ok {
			return now, &BadInput{"preset", "choice", 0}
		}
		now = c
	}
	if d.Detail {
		now = Consent{d.Aloud, d.Screen, d.Report, d.Officials}
	}
	if d.Hand != nil {
		now.Officials &^= Words
		if *d.Hand {
			now.Officials |= Words
		}
	}
	return now, nil
}

// Join makes the actor a person of the session (seed S7: no account).
type Join struct {
	Side Side   `json:"side"`
	Link string `json:"link,omitempty"` // set by the door: what they came by
	Description
}

var _ = command("join", &Join{})

func (*Join) may() Roles { return Anybody }

func (c *Join) decide(s *State, m Moment, by Actor) ([]Event, error) {
	if s.Person(by.Person) != nil {
		return nil, refuse("joined")
	}
	seats := s.Settings.People
	if c.Side == Online && !by.Roles.Has(Crew|Speaker|Hub) {
		seats -= seats / 10 // a crowd from afar leaves seats to the room and to those whom the crew brings in
	}
	if len(s.People) >= seats {
		return nil, refuse("full", int64(seats))
	}
	if by.Person == "" {
		return nil, &BadInput{"person", "empty", 0}
	}
	if err := opaque("link", c.Link); err != nil {
		return nil, err
	}
	ev := &Joined{Person: by.Person, Side: c.Side, Roles: by.Roles &^ Site, Origin: "self", Link: c.Link}
	if by.Roles.Has(Crew | Speaker | Hub) {
		ev.Origin = "plan"
	}
	if err := c.said(&ev.Said); err != nil {
		return nil, err
	}
	var err error
	if ev.Consent, err = c.consent(Consent{}); err != nil {
		return nil, err
	}
	var out []Event
	flooded := c.Link != "" && ev.Origin == "self" && s.fromLink(c.Link) >= s.Settings.LinkPeople*devicesOf(c.Link)
	if flooded && !s.Settings.ApprovePeople {
		set := s.Settings
		set.ApprovePeople = true
		out = append(out, &Set{Settings: set, Why: "link"})
	}
	ev.Admitted = ev.Origin == "plan" || !(s.Settings.ApprovePeople || flooded)
	return append(out, ev), nil
}

// NoDevice is the link of everybody who brings no device: programs, and whoever throws it away.
const NoDevice = "-"

// devicesOf is how many devices a link stands for. Those who bring none may be a rehearsal or a community's own tool: together
// they count as a hundred. Whoever makes a new device for each puppet is not held by any count of devices; what bounds
// them is the rule itself, which never lets one side or one crowd keep the other from speaking.
func devicesOf(link string) int {
	if link == NoDevice {
		return 100
	}
	return 1
}

// fromLink counts the people who came by one link or device.
func (s *State) fromLink(link string) int {
	n := 0
	for i := range s.People {
		if s.People[i].Link == link {
			n++
		}
	}
	return n
}

// Joined: somebody takes part from now on.
type Joined struct {
	spoken
	Person   ID      `json:"person"`
	Side     Side    `json:"side"`
	Roles    Roles   `json:"roles"`
	Origin   string  `json:"origin"`
	Hub      ID      `json:"hub,omitempty"`
	Link     string  `json:"link,omitempty"`
	Admitted bool    `json:"admitted"`
	Cleared  bool    `json:"cleared"`
	Agreed   bool    `json:"agreed"`
	Consent  Consent `json:"consent"`
}

var _ = event("joined", &Joined{})

func (ev *Joined) apply(s *State, e *Entry) {
	if p := s.Person(ev.Person); p != nil { // joined on both sides of a cut
		s.friction(e)
		if !e.SawAll(p.ConsentBy) {
			p.Consent, p.ConsentBy = p.Consent.narrower(ev.Consent), e.unseen(p.ConsentBy)
		}
		return
	}
	p := Person{ID: ev.Person, Side: ev.Side, Roles: ev.Roles, Origin: ev.Origin, Hub: ev.Hub, Link: ev.Link, Joined: e.Stamp.At,
		Admitted: ev.Admitted, Cleared: ev.Cleared || ev.Origin == "plan", Agreed: ev.Agreed, Consent: ev.Consent, Factor: 100,
		ConsentBy: []Ref{e.Ref()}, NamedBy: e.Ref()}
	p.describe(e)
	s.person[p.ID] = len(s.People)
	s.People = append(s.People, p)
}

// describe takes over every field that the entry has words for.
func (p *Person) describe(e *Entry) {
	for field, to := range map[string]*Text{"name": &p.Name, "say": &p.Say, "group": &p.Group, "org": &p.Org, "country": &p.Country,
		"region": &p.Region, "first": &p.First, "youth": &p.Youth, "handle": &p.Handle} {
		if t := e.text(field); t != "" {
			*to = t
		}
	}
}

// Describe changes what is known of a person, or what may be used of it: one's own, or by the crew for somebody they
// entered ("agreed" is the walk-up's yes).
type Describe struct {
	Person ID      `json:"person,omitempty"` // empty: the actor
	Handle *string `json:"handle,omitempty"` // name in the video tool
	Agreed *bool   `json:"agreed,omitempty"`
	Description
}

var _ = command("describe", &Describe{})

func (*Describe) may() Roles  { return Anybody }
func (*Describe) afterwards() {}

func (c *Describe) decide(s *State, m Moment, by Actor) ([]Event, error) {
	id := c.Person
	if id == "" {
		id = by.Person
	}
	p := s.Person(id)
	if p == nil {
		return nil, refuse("nobody")
	}
	own := by.Person == id || p.Hub == by.Person && by.Person != ""
	if !own && (!by.Roles.Has(Operators) || p.Origin == "self") {
		return nil, ErrNotAllowed // nobody consents for someone who has a pass of their own
	}
	ev := &Described{Person: id, Agreed: p.Agreed, Cleared: p.Cleared}
	if !own {
		ev.Cleared = true
	} else if c.Name != nil || c.Org != nil {
		ev.Cleared = p.Origin == "plan" // what may stand beside the name is seen again, too
	}
	if err := c.said(&ev.Said); err != nil {
		return nil, err
	}
	if c.Handle != nil {
		h, err := line("handle", *c.Handle, LongName)
		if err != nil {
			return nil, err
		}
		ev.Said.keep("handle", h)
	}
	if c.Agreed != nil {
		ev.Agreed = *c.Agreed
	}
	var err error
	if ev.Consent, err = c.consent(p.Consent); err != nil {
		return nil, err
	}
	return []Event{ev}, nil
}

// Described: a person's words or consents changed. Every later output follows the new consent.
type Described struct {
	spoken
	Person  ID      `json:"person"`
	Agreed  bool    `json:"agreed"`
	Cleared bool    `json:"cleared"`
	Consent Consent `json:"consent"`
}

var _ = event("described", &Described{})

func (ev *Described) apply(s *State, e *Entry) {
	p := s.Person(ev.Person)
	if p == nil {
		s.friction(e)
		return
	}
	seen := e.SawAll(p.ConsentBy) && e.Saw(p.NamedBy)
	if seen {
		p.Agreed, p.Cleared, p.Consent = ev.Agreed, ev.Cleared, ev.Consent
	} else { // what was said on both sides of a cut: the less public
		p.Agreed, p.Cleared, p.Consent = p.Agreed && ev.Agreed, p.Cleared && ev.Cleared, p.Consent.narrower(ev.Consent)
	}
	p.ConsentBy = e.unseen(p.ConsentBy)
	if e.text("name") != "" || e.text("org") != "" {
		p.NamedBy = e.Ref()
	}
	p.describe(e)
}

// Enter puts somebody into the line who has no pass: a walk-up at a microphone, a hand raised in the video tool,
// people of a hub, or a number of unnamed ones ("+5"). Seed S17.
type Enter struct {
	Side   Side   `json:"side"`
	Name   string `json:"name,omitempty"`
	Group  string `json:"group,omitempty"`
	Handle string `json:"handle,omitempty"` // the name in the video tool
	Mark   string `json:"mark,omitempty"`   // how to find them: "hand, left"
	Mic    int    `json:"mic,omitempty"`    // number of the microphone, 0 when none
	Count  int    `json:"count,omitempty"`  // how many unnamed people; 0 and 1 are one
	Agreed bool   `json:"agreed,omitempty"` // yes to wall and public record
	Preset string `json:"preset,omitempty"` // group, name, none: what they said when asked how they may be named; says more than "agreed"
	Hand   *bool  `json:"hand,omitempty"`   // whether their words may be handed to officials
	Person ID     `json:"person,omitempty"` // somebody known who is back at the microphone
	AskFields
	Text string `json:"text,omitempty"` // a card instead of a voice
}

var _ = command("enter", &Enter{})

func (*Enter) may() Roles { return Operators | Hub }

func (c *Enter) decide(s *State, m Moment, by Actor) ([]Event, error) {
	n := max(1, c.Count)
	if n > 20 {
		return nil, &BadInput{"count", "many", 20}
	}
	if c.Mic < 0 || c.Mic > 20 {
		return nil, &BadInput{"mic", "many", 20}
	}
	if len(s.People)+n > s.Settings.People {
		return nil, refuse("full", int64(s.Settings.People))
	}
	form := Voice
	if c.Text != "" {
		form = Card
	}
	if form == Voice && s.Closed && n > s.More {
		return nil, refuse("closed")
	}
	hub := !by.Roles.Has(Operators)
	if c.Person != "" {
		p := s.Person(c.Person)
		if p == nil || hub && p.Hub != by.Person {
			return nil, refuse("nobody")
		}
		ev, err := s.ask(m.id(0), c.Person, form, c.AskFields, c.Text)
		if err != nil {
			return nil, err
		}
		ev.Mic = c.Mic
		ev.Approved = !hub
		return []Event{ev}, nil
	}
	var out []Event
	for range n {
		j := &Joined{Person: m.id(len(out)), Side: c.Side, Roles: Participant, Origin: "walkup", Admitted: true, Cleared: !hub, Agreed: c.Agreed}
		if c.Side == Online {
			j.Origin = "hand"
		}
		if hub {
			j.Side, j.Origin, j.Hub = Online, "hand", by.Person
			j.Admitted = !s.Settings.ApprovePeople
			if s.inHub(by.Person)+n > s.Settings.HubPeople {
				return nil, refuse("hubfull", int64(s.Settings.HubPeople))
			}
		}
		if c.Agreed {
			j.Consent = Consent{Name | Group, Name | Group, Name | Group, 0}
		} else if c.Name != "" {
			j.Consent = Consent{Aloud: Name | Group} // spoken under the notice at the microphone; kept only on a yes
		}
		d := Description{Name: &c.Name, Group: &c.Group, Preset: c.Preset, Hand: c.Hand}
		if err := d.said(&j.Said); err != nil {
			return nil, err
		}
		var err error
		if j.Consent, err = d.consent(j.Consent); err != nil {
			return nil, err
		}
		j.Agreed = c.Agreed || c.Preset != ""
		for _, f := range []struct{ name, v string }{{"handle", c.Handle}, {"mark", c.Mark}} {
			t, err := line(f.name, f.v, LongName)
			if err != nil {
				return nil, err
			}
			j.Said.put(f.name, t)
		}
		a, err := s.ask(m.id(len(out)+1), "", form, c.AskFields, c.Text)
		if err != nil {
			return nil, err
		}
		a.Person, a.Side, a.Mic, a.Approved = j.Person, j.Side, c.Mic, !hub
		a.Said.put("mark", j.Said["mark"])
		delete(j.Said, "mark")
		out = append(out, j, a)
	}
	return out, nil
}

func (s *State) inHub(hub ID) int {
	n := 0
	for i := range s.People {
		if s.People[i].Hub == hub {
			n++
		}
	}
	return n
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
