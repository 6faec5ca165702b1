package cut

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/link"
	"openmic/internal/live"
)

const (
	beat    = int64(link.Beat / 1e6)    // ms
	silence = int64(link.Silence / 1e6) // ms
)

// An end is what one site knows of the connection: what internal/link keeps on either side of it.
type end struct {
	lasts  int   // number of the newest connection that was tried
	conn   int   // the one that stands; 0 when none does
	began  int64 // when the process came up
	heard  int64 // ms of the world; 0 never
	at     int64 // session time then, ms
	since  map[string]int64
	theirs map[string]int64
	has    map[string]int64 // what the other side has, as it said
	sent   map[string]int64 // what is on its way
	sentAt int64
	met    bool
	owes   int64 // entries that the other site had when they found each other again
	woken  bool
	told   int          // parcels that were sent on this connection
	took   map[int]bool // which of the other site's were taken
}

// A parcel is one message on its way.
type parcel struct {
	conn    int
	n       int  // of those of its site on this connection, from 1
	hello   bool // a venue dials, or a hub answers that
	at      int64
	have    map[string]int64
	more    bool
	batches []live.Foreign
	wish    *live.Command
	done    *answer
}

// An answer to a wish.
type answer struct {
	id     string
	by     floor.ID
	answer live.Answer
	err    error
}

// longestLate is how late a message may be, ms.
const longestLate = 2500

// A cable is what lies between: it may be cut one way or both, it delays, doubles and mixes up what it carries.
type cable struct {
	down  [2]bool // from the hub, from the venue
	slow  int64   // ms, at most
	messy bool
}

func (w *world) way(from *site) int {
	if from == w.hub {
		return 0
	}
	return 1
}

// send puts a parcel on the cable.
func (w *world) send(from *site, p *parcel) {
	way := w.way(from)
	if w.cable.down[way] || p.hello && w.cable.down[1-way] {
		return // a connection needs both ways
	}
	if w.cable.messy && w.dice.IntN(60) == 0 {
		w.breaks("message lost")
		return
	}
	to := from.other()
	times := 1
	if w.cable.messy && w.dice.IntN(12) == 0 {
		times = 2
		w.breaks("message twice")
	}
	for range times {
		delay := int64(5 + w.dice.IntN(40))
		if w.cable.messy && w.dice.IntN(6) == 0 {
			delay += w.dice.Int64N(w.cable.slow + 1)
			w.breaks("message late")
		}
		if w.now+delay < w.arrives[way] {
			w.breaks("message before an earlier one")
		}
		w.arrives[way] = max(w.arrives[way], w.now+delay)
		w.later(delay, func() {
			if !w.cable.down[way] && to.up() {
				to.act(func() { to.take(p) })
			}
		})
	}
}

// beats is what a site does about the link by itself, twice a second.
func (s *site) beats(n int) {
	if !s.up() {
		return
	}
	w := s.w
	e := &s.wire
	if e.conn > 0 && w.now-e.heard >= silence {
		e.conn, e.met = 0, false
	}
	switch {
	case e.conn > 0:
		if n%2 == 0 {
			s.act(func() { s.tell(nil) })
		}
	case s == w.venue:
		e.lasts++
		e.since = link.Heights(s.s.View())
		w.send(s, &parcel{conn: e.lasts, hello: true, at: s.s.At(), have: maps.Clone(e.since)})
	}
	if quiet := w.now - max(e.heard, e.began); quiet >= silence && w.fault != "silence is not noticed" {
		s.notesCut()
	}
}

// notesCut writes the cut into the journal, once, as link does.
func (s *site) notesCut() {
	st := s.state()
	if len(st.Sites) < 2 || st.Adjourned >= 0 || st.CutOff(string(s.journal)) {
		return
	}
	_ = s.itself(fmt.Sprintf("cut-%d", s.s.View().Head().N), &floor.NoteCut{Far: s.far(), Since: s.wire.at})
}

// tell sends what the other side lacks, or just that this one is there.
func (s *site) tell(with func(*parcel)) {
	e := &s.wire
	w := s.w
	if e.conn == 0 {
		return
	}
	if w.now-e.sentAt > 1500 && w.fault != "what was lost is not sent again" {
		e.sent = map[string]int64{}
	}
	v := s.s.View()
	lacks := func(j string) (int64, bool) {
		return max(e.has[j], e.sent[j]) + 1, s.sends(j)
	}
	bs, more, err := link.Pack(context.Background(), s.disk, v.Heads, lacks, 64<<10, 12)
	if err != nil {
		return
	}
	e.told++
	p := &parcel{conn: e.conn, n: e.told, at: s.s.At(), have: link.Heights(v), more: more}
	for i := range bs {
		p.batches = append(p.batches, bs[i].Foreign())
		e.sent[bs[i].Journal] = bs[i].From + int64(len(bs[i].Entries)) - 1
		e.sentAt = w.now
	}
	if with != nil {
		with(p)
	}
	w.send(s, p)
	if more {
		s.wake()
	}
}

// wake sends soon.
func (s *site) wake() {
	if s.wire.woken || s.wire.conn == 0 {
		return
	}
	s.wire.woken = true
	s.w.later(10, func() {
		s.wire.woken = false
		if s.up() {
			s.act(func() { s.tell(nil) })
		}
	})
}

// take is what a parcel brings.
func (s *site) take(p *parcel) {
	e := &s.wire
	switch {
	case p.hello && s == s.w.hub: // somebody dials
		if p.conn < e.lasts || p.conn == e.conn {
			return
		}
		*e = end{lasts: p.conn, conn: p.conn, began: e.began, since: link.Heights(s.s.View()), has: maps.Clone(p.have), sent: map[string]int64{}, owes: p.have[string(s.w.venue.journal)], took: map[int]bool{}}
		s.hears(p)
		s.w.send(s, &parcel{conn: p.conn, hello: true, at: s.s.At(), have: maps.Clone(e.since)})
		return
	case p.hello:
		if p.conn != e.lasts || e.conn == p.conn {
			return
		}
		e.conn, e.theirs, e.has, e.sent, e.met = p.conn, maps.Clone(p.have), maps.Clone(p.have), map[string]int64{}, false
		e.owes, e.told, e.took = p.have[string(s.w.hub.journal)], 0, map[int]bool{}
		s.hears(p)
		s.tell(nil)
		return
	case p.conn != e.conn || e.conn == 0:
		return
	}
	s.hears(p)
	for j, n := range p.have {
		e.has[j] = max(e.has[j], n)
	}
	if len(p.batches) > 0 {
		if err := s.s.Receive(p.more, p.batches...); err != nil {
			if !errors.Is(err, journal.ErrGap) && !errors.Is(err, live.ErrNotNow) && !errors.Is(err, live.ErrUnknown) && !s.missed(p, err) {
				s.w.wrong("I3: %s refuses what %s sends: %v", s.name, s.other().name, err)
			}
			return
		}
		s.look()
		if !p.more {
			s.wake()
		}
	}
	e.took[p.n] = true
	s.meets()
	if p.done != nil {
		s.w.answered(p.done)
	}
	if p.wish != nil {
		a, err := s.s.Do(*p.wish)
		s.look()
		s.tell(func(q *parcel) { q.done = &answer{p.wish.ID, p.wish.Actor.Person, a, err} })
	}
}

func (s *site) hears(p *parcel) {
	if s.w.fault != "the clock is not raised at contact" {
		s.s.Raise(p.at)
	}
	s.wire.heard, s.wire.at = s.w.now, s.s.At()
}

// meets notes the heal once both sites have what the other had when they found each other again.
func (s *site) meets() {
	e := &s.wire
	mine := link.Heights(s.s.View())
	met := link.Covers(mine, e.theirs) && e.has[string(s.journal)] >= e.since[string(s.journal)]
	if s == s.w.hub {
		met = link.Covers(e.has, e.since) && link.Covers(mine, e.has)
	}
	if s.w.fault == "the heal is noted at the first word" {
		met = true
	}
	if e.met || !met {
		return
	}
	e.met = true
	err := s.itselfNow(fmt.Sprintf("heal-%d", s.s.View().Head().N), &floor.NoteHeal{Far: string(s.other().journal)})
	var no *floor.Refusal
	if err != nil && !errors.As(err, &no) {
		e.met = false
	}
}

// itselfNow is a command of the program in the middle of something else it does.
func (s *site) itselfNow(id string, c floor.Command) error {
	_, err := s.s.Do(live.Command{ID: id, Actor: s.s.Site(), Do: c})
	s.look()
	return err
}
