package record

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"openmic/floor"
)

// A wing is one of two sites that play a session together: it decides on what it has seen and keeps what it writes.
type wing struct {
	name    string
	sign    string
	verify  string
	fold    *floor.Fold
	own     []*floor.Entry
	rows    [][]byte
	addenda []floor.Addendum
	got     int // entries of the other that are here
	at      int64
	nonces  uint64
	press   string           // of the next command; empty for a new one
	heard   map[floor.ID]int // how often the groups of those who wait were heard
}

func newWing(tb testing.TB, name string, seed byte) *wing {
	w := &wing{name: name, fold: floor.NewFold()}
	w.sign, w.verify = siteKeys(tb, seed)
	return w
}

// write seals and chains events, as a running site does.
func (w *wing) write(by floor.ID, evs ...floor.Event) {
	last := w.fold.Last()
	s := w.fold.State().Clone()
	from := len(w.own)
	for i, ev := range evs {
		stamp := floor.Stamp{At: max(w.at, last.At), Site: floor.Tag(w.name)}
		if stamp.At == last.At {
			stamp.Count = last.Count + 1
		}
		last = stamp
		e := &floor.Entry{Journal: w.name, N: int64(len(w.own)) + 1, Stamp: stamp, View: s.View(w.name), Wall: 1_700_000_000_000 + stamp.At,
			Command: cmp.Or(w.press, fmt.Sprint(floor.Tag(w.name), "-", from+1)), More: i < len(evs)-1, By: by, Event: ev}
		if len(w.rows) > 0 {
			e.Prev = floor.HashBytes(w.rows[len(w.rows)-1])
		}
		w.addenda = append(w.addenda, floor.Seal(e, func() []byte {
			w.nonces++
			return binary.BigEndian.AppendUint64([]byte(fmt.Sprintf("%-8.8s", w.name[6:])), w.nonces)
		})...)
		s.Apply(e)
		w.own, w.rows = append(w.own, e), append(w.rows, e.Bytes())
	}
	w.fold.Extend(w.own[from:], s)
}

func (w *wing) do(by floor.Actor, c floor.Command) error {
	s := w.fold.State()
	at := max(w.at, s.At)
	evs, err := floor.Decide(s, floor.Moment{At: at, Wall: 1_700_000_000_000 + at, Tag: floor.Tag(w.name), N: int64(len(w.own)) + 1, Heard: w.heard}, by, c)
	if err != nil {
		return err
	}
	w.write(by.Person, evs...)
	return nil
}

func (w *wing) must(tb testing.TB, by floor.Actor, c floor.Command) {
	tb.Helper()
	if err := w.do(by, c); err != nil {
		tb.Fatalf("%s: %s: %v", w.name, floor.CommandName(c), err)
	}
}

func (w *wing) site() floor.Actor {
	return floor.Actor{Person: floor.ID(floor.Tag(w.name) + "0"), Roles: floor.Site}
}

// checkpoint signs the first n entries of a journal.
func checkpoint(tb testing.TB, rows [][]byte, name string, n int, at int64, key string) []byte {
	var t Tree
	for _, r := range rows[:n] {
		t.Add(r)
	}
	b, err := Sign(Checkpoint{Journal: name, Size: int64(n), Root: t.Root(int64(n)), At: at}, key)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

type pair struct {
	hub, venue *wing
	old        []*wing // whom the hub or the venue of today succeeded
}

func (p *pair) meet() {
	for _, x := range [][2]*wing{{p.hub, p.venue}, {p.venue, p.hub}} {
		x[1].fold.Add(x[0].own[x[1].got:]...)
		x[1].got = len(x[0].own)
		x[1].at = max(x[1].at, x[0].at)
	}
}

// playPair plays a session on two sites that are cut and heal; it ends healed, or in a cut when cut is set.
func playPair(tb testing.TB, seed uint64, cut bool) *pair {
	chair := floor.Actor{Person: "chair", Roles: floor.Chair | floor.Organiser | floor.Desk | floor.Venue | floor.Rapporteur}
	r := rand.New(rand.NewPCG(seed, 9))
	p := &pair{hub: newWing(tb, "story/hub-h", 7), venue: newWing(tb, "story/venue-v", 8)}
	p.hub.must(tb, p.hub.site(), &floor.Create{Session: "story"})
	p.hub.must(tb, chair, &floor.Plan{Title: "Two halves", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}})
	p.hub.must(tb, chair, &floor.Open{})
	people := []floor.ID{"ana", "ben", "sita", "tomo", "ika", "lua"}
	for i, id := range people {
		p.hub.must(tb, floor.Actor{Person: id, Roles: floor.Participant}, &floor.Join{Side: floor.Side(i / 3), Description: floor.Description{Preset: "name", Name: new(string(id))}})
	}
	p.hub.must(tb, p.hub.site(), &floor.Link{Journal: p.venue.name, Key: p.venue.verify})
	p.meet()
	severed := false
	both := func(c func(far string) floor.Command) {
		p.hub.must(tb, p.hub.site(), c(p.venue.name))
		p.venue.must(tb, p.venue.site(), c(p.hub.name))
	}
	for i := range 240 {
		w := []*wing{p.hub, p.venue}[r.IntN(2)]
		w.at += r.Int64N(9000)
		s := w.fold.State()
		self := floor.Actor{Person: people[r.IntN(len(people))], Roles: floor.Participant}
		var t floor.ID
		if len(s.Tickets) > 0 {
			t = s.Tickets[r.IntN(len(s.Tickets))].ID
		}
		_ = w.do([]floor.Actor{self, chair}[r.IntN(2)], []floor.Command{&floor.Ask{}, &floor.Ask{}, &floor.Write{Text: "a few words"}, &floor.Withdraw{Ticket: t}, &floor.Call{}, &floor.Call{},
			&floor.Start{}, &floor.Start{}, &floor.End{}, &floor.Approve{Ticket: t}, &floor.Hide{Ticket: t}, &floor.Hide{Ticket: t, Show: true}, &floor.Defer{Ticket: t},
			&floor.Override{Ticket: t, Class: "time"}, &floor.Move{Side: floor.Side(r.IntN(2))}, &floor.Forgive{Class: "other"}, &floor.OpenSide{}, &floor.GiveSide{Person: self.Person},
			&floor.TakeOver{Class: "access"}, &floor.Pass{To: p.venue.name}, &floor.Pass{To: p.hub.name}, &floor.Erase{}, &floor.Edit{Ticket: t, Text: new("other words")},
			&floor.Merge{Ticket: t, Into: "h20"}, &floor.Unmuted{Ticket: t}}[r.IntN(25)])
		switch {
		case !severed && (i > 225 && !cut || r.IntN(8) > 0):
			p.meet()
		case !severed:
			severed = true
			both(func(far string) floor.Command { return &floor.NoteCut{Far: far} })
		case r.IntN(10) == 0 || i > 225 && !cut:
			severed = false
			p.meet()
			both(func(far string) floor.Command { return &floor.NoteHeal{Far: far} })
			p.meet()
		}
	}
	if cut && !severed {
		both(func(far string) floor.Command { return &floor.NoteCut{Far: far} })
	}
	return p
}

// sources are what the hub has: its own journal, signed, and as much of the venue's as it has seen, signed by whoever is
// asked to.
func (p *pair) sources(tb testing.TB, venueSigns bool) []Source {
	n := p.hub.got
	at := max(p.hub.fold.Last().At, p.hub.at)
	drop := func(as []floor.Addendum, n int) []floor.Addendum {
		return slices.DeleteFunc(slices.Clone(as), func(a floor.Addendum) bool { return a.N > int64(n) })
	}
	own := Source{Name: p.hub.name, Key: p.hub.verify, Entries: p.hub.rows, Addenda: p.hub.addenda,
		Checkpoints: [][]byte{checkpoint(tb, p.hub.rows, p.hub.name, len(p.hub.rows), at, p.hub.sign)}}
	if n == 0 {
		return []Source{own}
	}
	far := Source{Name: p.venue.name, Key: p.venue.verify, Entries: p.venue.rows[:n], Addenda: drop(p.venue.addenda, n)}
	if venueSigns {
		far.Checkpoints = [][]byte{checkpoint(tb, p.venue.rows, p.venue.name, n, at, p.venue.sign)}
	} else {
		far.Seen = []Seen{{By: p.hub.name, Key: p.hub.verify, Note: checkpoint(tb, p.venue.rows, p.venue.name, n, at, p.hub.sign)}}
	}
	out := []Source{far, own}
	for _, w := range p.old {
		s := Source{Name: w.name, Key: w.verify, Entries: w.rows, Addenda: w.addenda}
		if venueSigns {
			s.Checkpoints = [][]byte{checkpoint(tb, w.rows, w.name, len(w.rows), at, w.sign)}
		} else {
			s.Seen = []Seen{{By: p.hub.name, Key: p.hub.verify, Note: checkpoint(tb, w.rows, w.name, len(w.rows), at, p.hub.sign)}}
		}
		out = append(out, s)
	}
	return out
}

func written(tb testing.TB, kind string, sources ...Source) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := Write(&b, "story", kind, sources...); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// Records of sessions on two sites hold: healed, in a cut, signed by both or by one.
func TestRecordsOfTwoSites(t *testing.T) {
	cuts, taken, aside := 0, 0, 0
	for seed := range uint64(40) {
		p := playPair(t, seed, seed%4 == 3)
		for _, kind := range []string{Public, Archive} {
			b := written(t, kind, p.sources(t, seed%2 == 0)...)
			v := Verify(b)
			if v.Exit != 0 {
				t.Fatalf("seed %d, %s: %s: %s", seed, kind, v.Where, v.Fault)
			}
			if kind == Public {
				cuts, taken, aside = cuts+v.Cuts, taken+v.TakeOvers, aside+v.SideTurns
			}
			if v.Journals == 2 && (len(v.Unsigned) > 0) != (seed%2 == 1) {
				t.Errorf("seed %d: unsigned are %v", seed, v.Unsigned)
			}
		}
	}
	t.Logf("40 sessions, %d cuts noted, %d take-overs, %d turns on a side floor", cuts, taken, aside)
	if cuts == 0 || taken == 0 || aside == 0 {
		t.Error("the sessions do not show what two sites can do")
	}
}

// A broken pair is a record of two sites that somebody broke.
type brokenPair struct {
	exit    int
	says    string
	sources func() []Source
}

// brokenPairs are the ways to break a record of two sites, by what was done.
func brokenPairs(t *testing.T) map[string]brokenPair {
	// rewritten writes the venue's journal anew from entry n on, after somebody changed one entry, and signs it.
	rewritten := func(p *pair, change func(es []*floor.Entry)) []Source {
		n := p.hub.got
		es := make([]*floor.Entry, n)
		for i, e := range p.venue.own[:n] {
			c := *e
			c.View = slices.Clone(e.View)
			es[i] = &c
		}
		change(es)
		rows := make([][]byte, n)
		prev := ""
		for i, e := range es {
			e.Prev = prev
			rows[i] = e.Bytes()
			prev = floor.HashBytes(rows[i])
		}
		q := &pair{hub: p.hub, venue: &wing{name: p.venue.name, sign: p.venue.sign, verify: p.venue.verify, rows: rows, addenda: p.venue.addenda}}
		return q.sources(t, true)
	}
	find := func(es []*floor.Entry, is func(e *floor.Entry) bool) *floor.Entry {
		for _, e := range es {
			if is(e) {
				return e
			}
		}
		t.Fatal("this session has no such entry")
		return nil
	}
	p := playPair(t, 4, false)
	return map[string]brokenPair{
		"it names an entry that is not there": {1, "had seen entry", func() []Source {
			return rewritten(p, func(es []*floor.Entry) { es[len(es)-1].View[0].N += 500 })
		}},
		"it has seen less than before": {1, "less than before", func() []Source {
			return rewritten(p, func(es []*floor.Entry) { es[len(es)-1].View[0].N = 1 })
		}},
		"it forgets a journal": {1, "less than before", func() []Source {
			return rewritten(p, func(es []*floor.Entry) { es[len(es)-1].View = nil })
		}},
		"it names itself": {1, "not in the record", func() []Source {
			return rewritten(p, func(es []*floor.Entry) { es[3].View = []floor.Seen{{Journal: p.venue.name, N: 1}} })
		}},
		"a call with another reason": {2, "the reason is", func() []Source {
			return rewritten(p, func(es []*floor.Entry) {
				e := find(es, func(e *floor.Entry) bool { ev, ok := e.Event.(*floor.CalledOut); return ok && ev.Override == "" })
				ev := *e.Event.(*floor.CalledOut)
				ev.Why.Ms += 1
				e.Event = &ev
			})
		}},
		"the gavel is taken over without a class": {2, "taken over", func() []Source {
			q := playPair(t, 4, false)
			for seed := uint64(5); q.hub.fold.State().TakeOvers == 0; seed++ {
				q = playPair(t, seed, false)
			}
			for i, e := range q.hub.own {
				if ev, ok := e.Event.(*floor.TookOver); ok {
					x := *ev
					x.Class = ""
					c := *e
					c.Event = &x
					q.hub.own[i] = &c
				}
			}
			rows, prev := [][]byte{}, ""
			for _, e := range q.hub.own {
				c := *e
				c.Prev = prev
				b := c.Bytes()
				rows, prev = append(rows, b), floor.HashBytes(b)
			}
			q.hub.rows = rows
			return q.sources(t, true)
		}},
		"the hub calls without the gavel": {1, "without the gavel", func() []Source {
			q := playPair(t, 2, false)
			for q.hub.fold.State().Holds("h") {
				q.hub.must(t, floor.Actor{Person: "chair", Roles: floor.Chair}, &floor.Pass{To: q.venue.name})
			}
			q.hub.write("chair", &floor.Closed{Closed: true})
			return q.sources(t, true)
		}},
		"the venue was never let in": {1, "let in", func() []Source {
			s := p.sources(t, true)
			_, s[0].Key = siteKeys(t, 99)
			s[0].Checkpoints = nil
			other, _ := siteKeys(t, 99)
			s[0].Checkpoints = [][]byte{checkpoint(t, p.venue.rows, p.venue.name, p.hub.got, p.hub.at+1, other)}
			return s
		}},
		"half of it is missing": {1, "not in the record", func() []Source { return p.sources(t, true)[1:] }},
		"the end is signed by nobody": {1, "signed by none", func() []Source {
			s := p.sources(t, true)
			s[0].Checkpoints = [][]byte{checkpoint(t, p.venue.rows, p.venue.name, p.hub.got-1, p.hub.at+1<<20, p.venue.sign)}
			return s
		}},
		"what was seen is another story": {1, "not those that were signed", func() []Source {
			s := p.sources(t, false)
			rows := slices.Clone(p.venue.rows)
			rows[0] = rows[1]
			s[0].Seen[0].Note = checkpoint(t, rows, p.venue.name, p.hub.got, p.hub.at+1<<20, p.hub.sign)
			return s
		}},
	}
}

// Each way to break a record of two sites is noticed, at a place that is named.
func TestBrokenRecordsOfTwoSites(t *testing.T) {
	for name, c := range brokenPairs(t) {
		t.Run(name, func(t *testing.T) {
			v := Verify(written(t, Archive, c.sources()...))
			if v.Exit != c.exit || !strings.Contains(v.Fault, c.says) {
				t.Errorf("exit %d, %s: %s; want exit %d and %q", v.Exit, v.Where, v.Fault, c.exit, c.says)
			}
		})
	}
}
