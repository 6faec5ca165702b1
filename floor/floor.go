package floor

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// An ID names a person, ticket, turn, segment or note. It is the tag of the journal that created it and the number of
// the entry, so two sites never create the same one. A person's ID comes from their pass.
type ID string

// A Side is where a person takes part.
type Side uint8

// The two sides of one line.
const (
	Room Side = iota
	Online
)

// Other is the side across.
func (s Side) Other() Side { return 1 - s&1 }

func (s Side) String() string { return [...]string{"room", "online"}[s&1] }

// MarshalText writes "room" or "online".
func (s Side) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads "room" or "online"; anything else is an error.
func (s *Side) UnmarshalText(b []byte) error {
	switch string(b) {
	case "room":
		*s = Room
	case "online":
		*s = Online
	default:
		return fmt.Errorf("side is %q, not room or online", b)
	}
	return nil
}

// A Text says where words are kept: the entry's ID, a slash, the field. Empty when there are none.
type Text string

// A Rule holds the dials of the zipper. They are printed in the record; changing one live is an override.
type Rule struct {
	L     int64 `json:"L"`     // turn cap, ms
	Q     int64 `json:"Q"`     // shortest charge, ms
	B     int64 `json:"B"`     // allowed lead, ms
	R     int   `json:"R"`     // at most R turns of one side for one of the other
	K     int   `json:"K"`     // bypass budget
	Reply int64 `json:"reply"` // reply cap, ms
}

// TheRule is the rule as published.
var TheRule = Rule{L: 120_000, Q: 30_000, B: 120_000, R: 2, K: 3, Reply: 90_000}

// M bounds a run: a side that is owed time goes on for at most M·L.
func (r Rule) M() int64 { return int64(r.R) + 1 }

// A Span is a stretch of session time, ms, from inclusive to exclusive. To is -1 while it lasts.
type Span struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// within is how many ms of the span lie between from and to.
func (s Span) within(from, to int64) int64 {
	end := s.To
	if end < 0 {
		end = to
	}
	return max(0, min(end, to)-max(s.From, from))
}

// A State is everything one session knows, without its words. Read it freely; only Apply changes it.
type State struct {
	Session  string   `json:"session"`
	Rule     Rule     `json:"rule"`
	Settings Settings `json:"settings"`
	At       int64    `json:"at"`      // stamp of the newest entry, ms
	Wall     int64    `json:"wall"`    // wall clock of that entry, Unix ms; a label
	Entries  int64    `json:"entries"` // how many were applied

	Title       Text         `json:"title"`
	Facts       []Text       `json:"facts"`     // what the plan says beside the title: theme, description and the like
	Questions   []Text       `json:"questions"` // policy questions, numbered from 1 (seed S4)
	Materials   []Text       `json:"materials"` // title, link, licence, language on lines of their own (seed S23)
	Segments    []Segment    `json:"segments"`
	Start       int64        `json:"start"`     // planned start, Unix ms, 0 when unknown
	End         int64        `json:"end"`       // planned end, Unix ms, 0 when unknown
	Opened      int64        `json:"opened"`    // session time at which the session began, -1 before
	OpenWall    int64        `json:"openWall"`  // the wall clock then
	Adjourned   int64        `json:"adjourned"` // session time at which it ended, -1 before
	AdjournWall int64        `json:"adjournWall"`
	Frozen      int64        `json:"frozen"`          // Unix ms at which version 1 of the report was frozen, 0 before
	First       *State       `json:"first,omitempty"` // as it stood then; nil before. Never changed, so clones share it
	Closed      bool         `json:"closed"`          // the line takes no more asks
	More        int          `json:"more"`            // asks still taken although the line is closed
	Round       Round        `json:"round"`
	Tour        []ID         `json:"tour"` // who of a tour de table has not had a turn
	TourCap     int64        `json:"tourCap"`
	People      []Person     `json:"people"`
	Tickets     []Ticket     `json:"tickets"`
	Line        []ID         `json:"line"` // live tickets that have a place, in place order, both sides
	Calls       []Called     `json:"calls"`
	Calling     bool         `json:"calling"` // the newest call waits for its turn to start
	Turns       []Turn       `json:"turns"`
	Speaking    bool         `json:"speaking"` // the newest begun turn runs
	Now         ID           `json:"now"`      // that turn
	Beat        int64        `json:"beat"`     // counts changes of who has the floor; a button shows the beat it was drawn at
	Waits       [2][]Span    `json:"waits"`    // when waits(side) was not empty
	Ledger      []LedgerLine `json:"ledger"`   // what moved the lead, in order
	Wishes      []Wish       `json:"wishes"`
	Notes       []Note       `json:"notes"`
	Messages    []Message    `json:"messages"`
	Nudges      []NudgeAt    `json:"nudges"`
	Resumes     []Resumed    `json:"resumes"`
	Redials     []int64      `json:"redials"`   // when dials changed after the first call, ms; each is an override
	Frictions   int          `json:"frictions"` // events that found nothing to change; more than 0 needs an explanation

	Heads     []Seen     `json:"heads"`     // the last entry of each journal, by name
	Sites     []SiteInfo `json:"sites"`     // empty while there is one
	Gavel     Gavel      `json:"gavel"`     //
	TakeOvers int        `json:"takeOvers"` // how often a site took the gavel without being given it
	Cuts      []Cut      `json:"cuts"`      //
	SideFloor SideFloor  `json:"sideFloor"` //
	Overtaken int        `json:"overtaken"` // events that found nothing to change because of what the other site wrote
	Repeats   int        `json:"repeats"`   // entries of a press that the other site had taken before
	Meanwhile []ID       `json:"meanwhile"` // entries by somebody whose pass had been revoked at the other site
	Conflicts []ID       `json:"conflicts"` // entries about the main floor by a site without the gavel: a red line

	person map[ID]int
	ticket map[ID]int
	turn   map[ID]int
	// What could be found by looking at everything, kept so that an entry costs the same late in a long session; tests
	// compare it with the whole after every entry.
	own     map[ID][]int // tickets of each person, in order
	row     []int        // index of each ticket in Line
	sum     sum
	waited  [2][]int64          // ms of Waits before each span
	setBy   map[string]Ref      // who set what is set as a whole
	lone    []SiteInfo          // machines on which the only site went on, before another was let in
	moved   Ref                 // the entry with which the gavel came to where it is
	took    Takeover            // the newest one
	forgave Forgave             // the newest
	walls   []int64             // of each of Heads, the wall clock at that entry less its session time, ms
	also    map[ID]ID           // other names of people
	again   map[string]repeated // of each journal, the newest repeat in it
	drifts  []adrift            // turns begun aside whose end nobody wrote who did not know
	bent    []Ref               // entries that count only aside, the first of each journal
	ahead   *ahead              // what a Fold knows of later entries; nil without one
}

// New is a session before its first entry.
func New() *State {
	return &State{Rule: TheRule, Opened: -1, Adjourned: -1, Settings: DefaultSettings,
		person: map[ID]int{}, ticket: map[ID]int{}, turn: map[ID]int{}, own: map[ID][]int{}, setBy: map[string]Ref{}, also: map[ID]ID{}, again: map[string]repeated{}}
}

// Clone copies a State so that neither sees the other's changes.
func (s *State) Clone() *State {
	c := *s
	c.Facts = slices.Clone(s.Facts)
	c.Questions = slices.Clone(s.Questions)
	c.Materials = slices.Clone(s.Materials)
	c.Segments = slices.Clone(s.Segments)
	c.Tour = slices.Clone(s.Tour)
	c.People = withRoom(s.People)
	c.Tickets = withRoom(s.Tickets)
	c.Line = slices.Clone(s.Line)
	c.Calls = slices.Clone(s.Calls)
	c.Turns = slices.Clone(s.Turns)
	c.Waits = [2][]Span{slices.Clone(s.Waits[0]), slices.Clone(s.Waits[1])}
	c.Ledger = slices.Clone(s.Ledger)
	c.Wishes = slices.Clone(s.Wishes)
	c.Notes = slices.Clone(s.Notes)
	c.Messages = slices.Clone(s.Messages)
	c.Nudges = slices.Clone(s.Nudges)
	c.Resumes = slices.Clone(s.Resumes)
	c.Redials = slices.Clone(s.Redials)
	c.Heads, c.walls = slices.Clone(s.Heads), slices.Clone(s.walls)
	c.Cuts = slices.Clone(s.Cuts)
	c.setBy, c.also = maps.Clone(s.setBy), maps.Clone(s.also)
	c.again = maps.Clone(s.again)
	c.person, c.ticket, c.turn = maps.Clone(s.person), maps.Clone(s.ticket), maps.Clone(s.turn)
	c.own, c.row = maps.Clone(s.own), slices.Clone(s.row)
	c.waited = [2][]int64{slices.Clone(s.waited[0]), slices.Clone(s.waited[1])}
	return &c
}

// withRoom copies a list that most likely grows next, so that it is not copied again for its first new row.
func withRoom[T any](list []T) []T {
	if list == nil {
		return nil // which is not the same in the hash
	}
	return append(make([]T, 0, len(list)+len(list)/16+4), list...)
}

// Hash is the SHA-256 of the whole State. Two sites with the same entries have the same hash (I1).
func (s *State) Hash() [32]byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a State holds only numbers, strings and lists of them
	}
	return sha256.Sum256(b)
}

// Person finds a person; nil when nobody has this ID. What it points to must not be changed.
func (s *State) Person(id ID) *Person {
	if i, ok := s.person[id]; ok {
		return &s.People[i]
	}
	return nil
}

// Ticket finds a ticket; nil when there is none. What it points to must not be changed.
func (s *State) Ticket(id ID) *Ticket {
	if i, ok := s.ticket[id]; ok {
		return &s.Tickets[i]
	}
	return nil
}

// Turn finds a turn; nil when there is none. What it points to must not be changed.
func (s *State) Turn(id ID) *Turn {
	if i, ok := s.turn[id]; ok {
		return &s.Turns[i]
	}
	return nil
}

// Current is the turn that runs on the main floor, or nil.
func (s *State) Current() *Turn {
	if !s.Speaking {
		return nil
	}
	return s.Turn(s.Now)
}

// Call is the call that waits for its turn to start, or nil.
func (s *State) Call() *Called {
	if !s.Calling {
		return nil
	}
	return &s.Calls[len(s.Calls)-1]
}

// Live is the person's ticket that has a place or the floor, or nil.
func (s *State) Live(person ID) *Ticket {
	if real, other := s.also[person]; other {
		person = real
	}
	for _, i := range s.own[person] {
		if t := &s.Tickets[i]; t.Live() && t.Placed {
			return t
		}
	}
	return nil
}

// Waiting lists the side's tickets that wait, in place order: present, admitted, not hidden, cards approved.
func (s *State) Waiting(side Side) []*Ticket {
	var out []*Ticket
	for _, id := range s.Line {
		if t := s.Ticket(id); t != nil && t.Side == side && s.waits(t) {
			out = append(out, t)
		}
	}
	return out
}

// waits: the ticket counts as someone who waits.
func (s *State) waits(t *Ticket) bool { return t.Placed && s.ready(t) }

// ready: the ticket waits as soon as it has a place.
func (s *State) ready(t *Ticket) bool {
	if t.Status != Waiting || t.Parked || t.Hidden || t.Held || (t.Form == Card && !t.Approved) {
		return false
	}
	p := s.Person(t.Person)
	return p != nil && p.Admitted && (!p.Away || t.always())
}

// callable: the ticket waits and may be called now.
func (s *State) callable(t *Ticket) bool { return s.waits(t) && !t.Missing && !t.Deferred }
