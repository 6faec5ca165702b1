package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
)

// A stage plays a session as a running site does: decides, seals, chains, and signs every minute.
type stage struct {
	tb      testing.TB
	r       *rand.Rand
	s       *floor.State
	at      int64
	wall    int64
	prev    string
	last    floor.Stamp
	entries []*floor.Entry
	rows    [][]byte
	addenda []floor.Addendum
	notes   [][]byte
	tree    Tree
	signed  int64
	key     string // signer
	verify  string // verifier
	presses int
	groups  bool  // the session looks at groups
	pair    *pair // with wing, the session is played on two sites, and this one does
	wing    *wing
}

const theJournal = "story/hub-abcde"

func siteKeys(tb testing.TB, seed byte) (skey, vkey string) {
	tb.Helper()
	skey, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 64)), "openmic-test")
	if err != nil {
		tb.Fatal(err)
	}
	return skey, vkey
}

func newStage(tb testing.TB, seed uint64) *stage {
	st := &stage{tb: tb, r: rand.New(rand.NewPCG(seed, 11)), s: floor.New(), wall: 1_700_000_000_000}
	st.key, st.verify = siteKeys(tb, 7)
	st.must(floor.Actor{Person: "abcde0", Roles: floor.Site}, &floor.Create{Session: "story"})
	return st
}

func (st *stage) do(by floor.Actor, c floor.Command) error {
	if st.wing != nil {
		return st.doOnWing(by, c)
	}
	m := floor.Moment{At: st.at, Wall: st.wall + st.at, Tag: "abcde", N: int64(len(st.entries)) + 1}
	if st.s.Settings.Ties {
		m.Heard = st.heard()
	}
	evs, err := floor.Decide(st.s, m, by, c)
	if err != nil {
		return err
	}
	st.presses++
	for i, ev := range evs {
		st.write(by.Person, fmt.Sprint("press-", st.presses), ev, i < len(evs)-1)
	}
	return nil
}

// heard is what a running session counts.
func (st *stage) heard() map[floor.ID]int {
	turns, out := map[string]int{}, map[floor.ID]int{}
	group := func(id floor.ID) string {
		if p := st.s.Person(id); p != nil {
			return st.words(p.Group)
		}
		return ""
	}
	for i := range st.s.Turns {
		if t := &st.s.Turns[i]; t.Charged() && st.s.Person(t.Person) != nil {
			turns[group(t.Person)]++
		}
	}
	for _, id := range st.s.Line {
		out[id] = turns[group(st.s.Ticket(id).Person)]
	}
	return out
}

func (st *stage) words(t floor.Text) string {
	if st.wing != nil {
		return st.pair.words(t)
	}
	for _, a := range st.addenda {
		if floor.Text(fmt.Sprintf("abcde%d/%s", a.N, a.Field)) == t {
			return a.Text
		}
	}
	return ""
}

func (st *stage) must(by floor.Actor, c floor.Command) {
	st.tb.Helper()
	if err := st.do(by, c); err != nil {
		st.tb.Fatalf("%s: %v", floor.CommandName(c), err)
	}
}

// try gives a command that may be refused.
func (st *stage) try(by floor.Actor, c floor.Command) bool {
	err := st.do(by, c)
	var r *floor.Refusal
	var b *floor.BadInput
	if err != nil && !errors.As(err, &r) && !errors.As(err, &b) && !errors.Is(err, floor.ErrNotAllowed) {
		st.tb.Fatalf("%s: %v", floor.CommandName(c), err)
	}
	return err == nil
}

func (st *stage) write(by floor.ID, command string, ev floor.Event, more bool) {
	stamp := floor.Stamp{At: st.at, Site: "abcde"}
	if st.last.At == st.at && len(st.entries) > 0 {
		stamp.Count = st.last.Count + 1
	}
	e := &floor.Entry{Journal: theJournal, N: int64(len(st.entries)) + 1, Stamp: stamp, Wall: st.wall + st.at, Command: command, More: more, By: by, Event: ev, Prev: st.prev}
	st.addenda = append(st.addenda, floor.Seal(e, func() []byte {
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, st.r.Uint64()), st.r.Uint64())
	})...)
	b := e.Bytes()
	st.s.Apply(e)
	st.entries, st.rows = append(st.entries, e), append(st.rows, b)
	st.prev, st.last = floor.HashBytes(b), stamp
	st.tree.Add(b)
	if !more && st.at-st.signed >= 60_000 {
		st.sign()
	}
}

// sign makes a checkpoint of everything so far.
func (st *stage) sign() {
	if n := len(st.notes); n > 0 {
		if c, err := ReadCheckpoint(st.notes[n-1], st.verify); err != nil || c.Size == st.tree.Size() {
			return
		}
	}
	b, err := Sign(Checkpoint{theJournal, st.tree.Size(), st.tree.Root(st.tree.Size()), st.at}, st.key)
	if err != nil {
		st.tb.Fatal(err)
	}
	st.notes, st.signed = append(st.notes, b), st.at
}

// source is the journal as a site would hand it over.
func (st *stage) source() Source {
	st.sign()
	return Source{Name: theJournal, Key: st.verify, Entries: st.rows, Addenda: st.addenda, Checkpoints: st.notes}
}

func (st *stage) record(kind string) []byte {
	st.tb.Helper()
	var b bytes.Buffer
	if err := Write(&b, "story", kind, st.source()); err != nil {
		st.tb.Fatal(err)
	}
	return b.Bytes()
}

var (
	theChair = floor.Actor{Person: "chair", Roles: floor.Chair | floor.Desk | floor.Venue | floor.Rapporteur | floor.Organiser}
	names    = []string{"Ana", "Björn", "清水", "سارة", "Zoë 🎤", "\"quoted\" \\ <b>", "two\nlines"}
)

func person(id floor.ID) floor.Actor { return floor.Actor{Person: id, Roles: floor.Participant} }

// open plans and opens a session with n people, of whom some ask at once.
func (st *stage) open(n int) {
	st.must(theChair, &floor.Plan{Title: "A story", Facts: map[string]string{"theme": "islands", "video": "https://meet.example.org/x"}, Questions: []string{"Who?", "How?"},
		Segments: []floor.SegmentPlan{{Kind: "panel", Minutes: 20}, {Kind: "discussion", Minutes: 60, Protected: true}}})
	st.must(theChair, &floor.Join{Description: floor.Description{Name: new("The chair"), Preset: "group"}})
	if st.groups {
		on := true
		st.must(theChair, &floor.Change{Ties: &on})
	}
	st.must(theChair, &floor.Open{})
	for range n {
		st.arrive()
	}
}

func (st *stage) arrive() {
	id := floor.ID(fmt.Sprint("p", len(st.s.People)))
	st.try(person(id), &floor.Join{Side: floor.Side(st.r.IntN(2)), Description: floor.Description{Name: new(names[st.r.IntN(len(names))] + " " + string(id)),
		Group: new(floor.Groups[st.r.IntN(5)]), Country: new("Nowhere"), Preset: []string{"group", "name", "none"}[st.r.IntN(3)]}})
	if st.r.IntN(3) > 0 {
		st.try(person(id), &floor.Ask{AskFields: floor.AskFields{About: "about " + string(id)}})
	}
}

func (st *stage) anybody() floor.ID { return st.s.People[st.r.IntN(len(st.s.People))].ID }

func (st *stage) anyTicket() floor.ID {
	if n := len(st.s.Line); n > 0 && st.r.IntN(5) > 0 {
		return st.s.Line[st.r.IntN(n)]
	}
	if n := len(st.s.Tickets); n > 0 {
		return st.s.Tickets[st.r.IntN(n)].ID
	}
	return "none"
}

// step is one thing that happens; with wild, also what happens on a bad day.
func (st *stage) step(wild bool) {
	st.at += int64(st.r.IntN(9000))
	s := st.s
	if c := s.Call(); c != nil && st.r.IntN(5) > 0 {
		if st.r.IntN(8) == 0 {
			st.try(theChair, &floor.Unmuted{Ticket: c.Ticket})
			st.at += 21_000
			st.try(theChair, &floor.Miss{Call: c.ID})
			return
		}
		st.try(theChair, &floor.Start{})
		return
	}
	if s.Current() != nil && st.r.IntN(3) > 0 {
		st.at += int64(st.r.IntN(100_000))
		st.try(theChair, &floor.End{})
		return
	}
	who := person(st.anybody())
	switch n := st.r.IntN(100); {
	case n < 35:
		st.try(theChair, &floor.Call{})
	case n < 45:
		st.arrive()
	case n < 58:
		st.try(who, &floor.Ask{AskFields: floor.AskFields{About: "again", Ago: st.at % 700_000}})
	case n < 66:
		st.try(who, &floor.Write{Text: "a card with <words> & sïgns", AskFields: floor.AskFields{Lang: "en", Link: "https://example.org", Ago: st.at % 50_000}})
	case n < 72:
		st.try(theChair, &floor.Approve{Ticket: st.anyTicket()})
	case n < 75:
		st.try(theChair, &floor.Enter{Side: floor.Side(st.r.IntN(2)), Name: "hand, left", Mark: "red hat", Mic: st.r.IntN(2), Count: 1 + st.r.IntN(2), Agreed: st.r.IntN(2) == 0})
	case n < 77:
		st.try(who, &floor.Defer{Ticket: st.anyTicket()})
	case n < 79:
		st.try(theChair, &floor.Withdraw{Ticket: st.anyTicket()})
	case n < 81:
		st.try(who, &floor.Move{Side: floor.Side(st.r.IntN(2))})
	case n < 83:
		st.try(theChair, &floor.Tell{Text: "a secret of the crew"})
	case n < 86:
		st.try(theChair, &floor.Jot{Kind: floor.NoteKinds[st.r.IntN(5)], Text: "a note", Owner: "Somebody"})
	case n < 88 && len(s.Turns) > 0:
		st.try(theChair, &floor.Confirm{Turn: s.Turns[st.r.IntN(len(s.Turns))].ID, Text: "what it was about"})
	case n < 90:
		st.try(theChair, &floor.Give{Kind: floor.Panel, Person: st.anybody()})
	case n < 92:
		st.try(who, &floor.Describe{Description: floor.Description{Name: new("another name"), Preset: "none"}})
	case n < 93:
		st.try(theChair, &floor.Answer{Ticket: st.anyTicket(), Text: "an answer"})
	case wild:
		st.badDay()
	}
}

func (st *stage) badDay() {
	s := st.s
	switch st.r.IntN(11) {
	case 0, 1:
		st.try(theChair, &floor.Override{Ticket: st.anyTicket(), Class: floor.Classes[st.r.IntN(len(floor.Classes))], Note: "because of Ana"})
	case 2:
		st.try(theChair, &floor.Override{Person: st.anybody(), Class: "access"})
	case 3:
		st.try(theChair, &floor.Give{Kind: floor.Unplanned, Person: st.anybody(), Note: "shouted"})
	case 4:
		if n := len(s.Turns); n > 0 {
			st.try(theChair, &floor.Correct{Turn: s.Turns[st.r.IntN(n)].ID, Length: new(int64(st.r.IntN(90_000) + 1))})
		}
	case 5:
		st.try(theChair, &floor.Correct{Length: new(int64(st.r.IntN(20_000) + 1)), Note: "nobody wrote it down"})
	case 6:
		if s.Current() != nil {
			st.at += 200_000
		}
		st.try(theChair, &floor.Extend{})
	case 7:
		st.try(theChair, &floor.Change{L: new(int64(60_000 + st.r.IntN(3)*30_000))})
	case 8:
		if s.Speaking {
			st.at += 30_000
			st.try(floor.Actor{Person: "abcde0", Roles: floor.Site}, &floor.Resume{Mark: s.At, Down: 20_000})
		}
	case 9:
		st.try(theChair, &floor.Tour{People: []floor.ID{st.anybody()}})
	case 10:
		st.try(theChair, &floor.Erase{Person: st.anybody()})
		st.forget()
	}
}

// forget takes the words of the erased out of the site's keeping, as a running session does.
func (st *stage) forget() {
	if st.wing != nil {
		return // Write leaves them out
	}
	shelf := newShelf(st.s, Archive)
	kept := st.addenda[:0:0]
	for _, a := range st.addenda {
		if !shelf.gone(st.entries[a.N-1]) {
			kept = append(kept, a)
		}
	}
	st.addenda = kept
}

// played is a session of n steps.
func played(tb testing.TB, seed uint64, n int, wild, groups bool) *stage {
	st := newStage(tb, seed)
	st.groups = groups
	st.open(4 + int(seed%7))
	for range n {
		st.step(wild)
	}
	return st
}
