package floor

import (
	"encoding/binary"
	"fmt"
	"testing"
)

// book is one journal in memory: it decides, writes and applies as a running session does.
type book struct {
	t       testing.TB
	s       *State
	at      int64 // session time, ms
	n       int64
	count   int64
	entries []*Entry
	addenda []Addendum
	nonce   uint64
	tag     string
	strict  bool // Decide must not change the State: compare hashes
	seen    func(e *Entry)
}

// began is the wall clock at session time 0.
const began = int64(1_700_000_000_000)

func newBook(t testing.TB) *book {
	b := &book{t: t, s: New(), tag: "t"}
	b.must(Actor{Roles: Site}, &Create{Session: "story"})
	return b
}

func (b *book) moment() Moment {
	return Moment{At: b.at, Wall: began + b.at, Tag: b.tag, N: b.n + 1}
}

// do gives a command. It returns the events, or why not.
func (b *book) do(by Actor, c Command) ([]Event, error) {
	var before [32]byte
	if b.strict {
		before = b.s.Hash()
	}
	evs, err := Decide(b.s, b.moment(), by, c)
	if b.strict && b.s.Hash() != before {
		b.t.Fatalf("deciding %T changed the State", c)
	}
	if err != nil {
		return nil, err
	}
	if len(evs) == 0 {
		b.t.Fatalf("%T was taken and no event tells of it", c)
	}
	for i, ev := range evs {
		b.write(by.Person, ev, i < len(evs)-1)
	}
	return evs, nil
}

func (b *book) must(by Actor, c Command) {
	if _, err := b.do(by, c); err != nil {
		b.t.Fatalf("%T: %v", c, err)
	}
}

// write appends an event as an entry and applies it.
func (b *book) write(by ID, ev Event, more bool) {
	b.n++
	b.count++
	e := &Entry{Journal: "story/site-" + b.tag, N: b.n, Stamp: Stamp{b.at, b.count, b.tag}, Wall: began + b.at, Command: fmt.Sprint("c", b.n), More: more, By: by, Event: ev}
	b.addenda = append(b.addenda, Seal(e, func() []byte {
		b.nonce++
		return binary.BigEndian.AppendUint64(make([]byte, 8), b.nonce)
	})...)
	if len(b.entries) > 0 && b.strict {
		e.Prev = HashBytes(b.entries[len(b.entries)-1].Bytes())
	}
	b.entries = append(b.entries, e)
	b.s.Apply(e)
	if err := sane(b.s); err != nil {
		b.t.Fatalf("after entry %d, %s: %v", e.N, e.Bytes(), err)
	}
	if b.seen != nil {
		b.seen(e)
	}
}

// words finds what a Text names.
func (b *book) words(t Text) string {
	for i := range b.addenda {
		a := &b.addenda[i]
		if Text(fmt.Sprintf("%s%d/%s", b.tag, a.N, a.Field)) == t {
			return a.Text
		}
	}
	return ""
}

// sane checks what is always true of a State, whatever was applied to it (I6, and that the line is what it says).
func sane(s *State) error {
	live := map[ID]ID{}
	inLine := map[ID]bool{}
	for i, id := range s.Line {
		t := s.Ticket(id)
		switch {
		case t == nil:
			return fmt.Errorf("the line names %s, which is nobody's", id)
		case inLine[id]:
			return fmt.Errorf("%s stands in the line twice", id)
		case t.Status != Waiting || !t.Placed:
			return fmt.Errorf("%s stands in the line and is %s, placed %t", id, t.Status, t.Placed)
		}
		inLine[id] = true
		if i > 0 {
			if o := s.Ticket(s.Line[i-1]); t.Place.Before(o.Place) {
				return fmt.Errorf("%s stands before %s and asked later", o.ID, t.ID)
			}
		}
	}
	speaking, called := 0, 0
	for i := range s.Tickets {
		t := &s.Tickets[i]
		if t.Live() && t.Placed {
			if o, ok := live[t.Person]; ok {
				return fmt.Errorf("%s has two live tickets, %s and %s", t.Person, o, t.ID)
			}
			live[t.Person] = t.ID
			if t.Status == Waiting && !inLine[t.ID] {
				return fmt.Errorf("%s waits outside the line", t.ID)
			}
		}
		if t.Live() != (t.End == "") || t.Live() != (t.Ended < 0) {
			return fmt.Errorf("%s is %s and ended %d with %q", t.ID, t.Status, t.Ended, t.End)
		}
		switch t.Status {
		case Spoke:
			speaking++
			if r := s.Current(); r == nil || r.Ticket != t.ID {
				return fmt.Errorf("%s speaks without a turn", t.ID)
			}
		case CalledUp:
			called++
			if c := s.Call(); c == nil || c.Ticket != t.ID {
				return fmt.Errorf("%s is called without a call", t.ID)
			}
		}
	}
	if speaking > 1 || called > 1 {
		return fmt.Errorf("%d speak and %d are called", speaking, called)
	}
	open := 0
	for i := range s.Turns {
		if s.Turns[i].Ended < 0 && s.Turns[i].Kind != SideTurn {
			open++
		}
	}
	if open > 1 || (open == 1) != s.Speaking {
		return fmt.Errorf("%d turns run, speaking is %t", open, s.Speaking)
	}
	for i := 1; i < len(s.Ledger); i++ {
		if s.Ledger[i].At < s.Ledger[i-1].At {
			return fmt.Errorf("the ledger goes back in time at line %d", i)
		}
	}
	return kept(s)
}

// kept compares what is kept beside the State with what the whole of it says.
func kept(s *State) error {
	if s.Entries%3 != 0 { // what is wrong stays wrong for a while
		return nil
	}
	whole := *s
	whole.sum = sum{}
	if a, b := s.Balance(s.At), whole.Balance(s.At); a != b {
		return fmt.Errorf("the balance kept is %+v, the ledger adds up to %+v", a, b)
	}
	for side := range s.Waits {
		var before int64
		if len(s.waited[side]) != len(s.Waits[side]) {
			return fmt.Errorf("of %d spans of waiting %d are kept", len(s.Waits[side]), len(s.waited[side]))
		}
		for i, w := range s.Waits[side] {
			if s.waited[side][i] != before {
				return fmt.Errorf("before span %d somebody waited %d, kept is %d", i, before, s.waited[side][i])
			}
			before += w.To - w.From
		}
	}
	for i, id := range s.Line {
		if len(s.row) != len(s.Line) || s.Tickets[s.row[i]].ID != id {
			return fmt.Errorf("place %d of the line is %s, kept is another", i, id)
		}
	}
	n := 0
	for person, own := range s.own {
		for _, i := range own {
			if s.Tickets[i].Person != person {
				return fmt.Errorf("%s is kept for %s", s.Tickets[i].ID, person)
			}
			n++
		}
	}
	if n != len(s.Tickets) {
		return fmt.Errorf("of %d tickets %d are kept", len(s.Tickets), n)
	}
	return nil
}
