package cut

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/live"
)

// sessionName is the session that everybody takes part in.
const sessionName = "story"

// began is the wall clock at the beginning of the world, Unix ms: a label.
const began = int64(1_700_000_000_000)

// A site is one end: a process over a disk, which comes and goes, and a wall clock that may be wrong.
type site struct {
	w       *world
	name    string
	journal journal.Name
	disk    *disk
	s       *live.Played // nil while the process is down
	wrong   int64        // how far the wall clock is off, ms
	seen    int          // entries of its own journal that were looked at
	wire    end
	opens   int
	reader  *reader
	before  []journal.Name // of machines that were lost, in order; this one goes on for the last
	after   *floor.Succeed // what it says first; nil while none was lost
}

func newSite(w *world, name, tag string) *site {
	s := &site{w: w, name: name, journal: journal.Name(sessionName + "/" + name + "-" + tag), disk: &disk{w: w, files: map[journal.Name]*file{}}}
	s.disk.files[s.journal] = &file{info: s.info(), erased: map[journal.Where]bool{}}
	return s
}

func (s *site) info() journal.Info {
	return journal.Info{Name: s.journal, Session: sessionName, Site: s.name, Key: []byte{}}
}

func (s *site) tag() string { return floor.Tag(string(s.journal)) }

// other is the site across.
func (s *site) other() *site {
	if s == s.w.hub {
		return s.w.venue
	}
	return s.w.hub
}

// up: the process runs and shows a session.
func (s *site) up() bool { return s.s != nil }

// state is what the site shows; nil while it shows nothing.
func (s *site) state() *floor.State {
	if s.s == nil {
		return nil
	}
	return s.s.View().State
}

// holds: the site may give the main floor, as far as it knows.
func (s *site) holds() bool { return s.up() && s.state().Holds(s.tag()) }

// act lets the process do something. It may die of it.
func (s *site) act(do func()) {
	defer func() {
		switch p := recover(); p.(type) {
		case nil:
		case dead:
			s.crash("dies in the middle of a write")
		default:
			panic(p)
		}
	}()
	do()
	s.look()
}

// crash ends the process, or the whole machine.
func (s *site) crash(how string) {
	s.w.crashes++
	s.w.tell(s, "%s", how)
	s.s = nil
	s.disk.crash()
	s.seen = min(s.seen, len(s.disk.files[s.journal].entries))
	s.wire = end{lasts: s.wire.lasts}
	down := int64(500 + s.w.dice.IntN(20_000))
	if s.w.dice.IntN(8) == 0 {
		down += int64(s.w.dice.IntN(120_000))
	}
	s.w.later(down, s.open)
}

// open starts the process.
func (s *site) open() {
	if s.up() {
		return
	}
	s.opens++
	opened := 0
	if f := s.disk.files[s.journal]; f != nil {
		opened = len(f.entries)
	}
	world := live.World{Now: s.w.clock, Wall: func() int64 { return began + s.w.now + s.wrong }, Nonce: s.w.nonce, Log: slog.New(ears{s.w, s}), Joins: s == s.w.venue, After: s.after}
	s.act(func() {
		if s.w.fault == "a site begins its journal anew" && s.opens > 1 {
			f := s.disk.files[s.journal]
			f.entries, f.addenda = nil, nil
		}
		p, err := live.Play(context.Background(), s.disk, s.info(), world)
		if err != nil {
			if !s.disk.full && !s.disk.broken {
				s.w.wrong("%s cannot open its journals: %v", s.name, err)
			}
			s.disk.crash()
			s.w.later(2000, s.open)
			return
		}
		s.s = p
		s.wire.began = s.w.now
		s.wire.at = p.At()
		if s.opens > 1 {
			s.w.tell(s, "is back, with %d entries of its own", opened)
		}
		if f := s.disk.files[s.journal]; f.marked && p.At() < f.mark.Session {
			s.w.wrong("I0: the clock of %s goes back to %d, its mark says %d", s.name, p.At(), f.mark.Session)
		}
		s.clockGoesOn()
		if s.w.fault == "the site without the gavel resumes" && s.opens > 1 && s.state().Speaking && !s.holds() {
			s.forge(&floor.Resumed{Mark: s.state().At, Down: 1000})
		}
	})
}

// clockGoesOn: the session's clock continues from the last that the site itself knows of it, by its own wall clock alone,
// or from the newest entry.
func (s *site) clockGoesOn() {
	const day = 24 * 60 * 60 * 1000
	f := s.disk.files[s.journal]
	wall := began + s.w.now + s.wrong
	most := s.state().At
	known := []journal.Mark{}
	if f.marked {
		known = append(known, f.mark)
	}
	if n := len(f.entries); n > 0 {
		if e, err := floor.ParseEntry(f.entries[n-1].Bytes); err == nil {
			known = append(known, journal.Mark{Session: e.Stamp.At, Wall: e.Wall})
		}
	}
	for _, m := range known {
		most = max(most, m.Session+min(day, max(0, wall-m.Wall)))
	}
	if at := s.s.At(); len(known) > 0 && at > most+1000 {
		s.w.wrong("I0: the clock of %s stands at %d after its start, by its own wall clock at most at %d", s.name, at, most)
	}
}

// do gives a command to the process.
func (s *site) do(c live.Command) (a live.Answer, err error) {
	err = live.ErrUnknown
	s.act(func() { a, err = s.s.Do(c) })
	if !s.up() {
		return live.Answer{}, live.ErrUnknown
	}
	return a, err
}

// itself is a command of the program.
func (s *site) itself(id string, c floor.Command) error {
	_, err := s.do(live.Command{ID: id, Actor: s.s.Site(), Do: c})
	return err
}

// look keeps what the site has just written, and holds it against what it had seen.
func (s *site) look() {
	f := s.disk.files[s.journal]
	sure := len(f.entries)
	for _, l := range s.disk.loose {
		if l.f == f && s.disk.broken {
			sure = min(sure, l.n)
		}
	}
	for s.seen < sure && s.up() {
		e, err := floor.ParseEntry(f.entries[s.seen].Bytes)
		s.seen++
		if err != nil {
			s.w.wrong("I3: what %s writes cannot be read: %v", s.name, err)
			return
		}
		s.w.written(s, e)
	}
}

// forge writes an entry that no rule allowed, as a planted mistake.
func (s *site) forge(ev floor.Event) {
	f := s.disk.files[s.journal]
	n := len(f.entries)
	if n == 0 || !s.up() {
		return
	}
	st := s.state()
	at := max(s.s.At(), st.At+1)
	e := &floor.Entry{Journal: string(s.journal), N: int64(n) + 1, Stamp: floor.Stamp{At: at, Site: s.tag()}, View: st.View(string(s.journal)),
		Wall: began + at, Command: fmt.Sprint("forged-", n), By: s.s.Site().Person, Event: ev, Prev: floor.HashBytes(f.entries[n-1].Bytes)}
	f.entries = append(f.entries, journal.NewEntry(e.N, e.Bytes()))
	_ = s.s.Receive(false) // it finds what is there
	s.look()
}

// ears hear what a process logs: a rule that fails must not be.
type ears struct {
	w *world
	s *site
}

func (e ears) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }
func (e ears) WithAttrs([]slog.Attr) slog.Handler           { return e }
func (e ears) WithGroup(string) slog.Handler                { return e }

func (e ears) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "a rule failed" {
		var what string
		r.Attrs(func(a slog.Attr) bool {
			if a.Key != "stack" {
				what += " " + a.String()
			}
			return true
		})
		e.w.wrong("a rule fails at %s:%s", e.s.name, what)
	}
	return nil
}

// clock is the monotonic clock of every machine.
func (w *world) clock() time.Time { return time.UnixMilli(began + w.now) }
