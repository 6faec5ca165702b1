package cut

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/live"
)

// In two of five seeds a machine is lost for good, with its disk, and another goes on from a backup: for the hub whenever
// it happens, for the venue in a cut.

// machines puts that on the agenda.
func (w *world) machines() {
	d := rand.New(rand.NewPCG(w.seed, 12))
	s := map[uint64]*site{1: w.hub, 3: w.venue}[w.seed%5]
	if s == nil {
		return
	}
	at := int64(20_000 + d.IntN(100_000))
	long, down := int64(1000+d.IntN(90_000)), int64(500+d.IntN(20_000))
	cut := down + int64(5_000+d.IntN(60_000))
	var files map[journal.Name]*file
	var backup func()
	backup = func() {
		if !s.up() { // it can only be asked while it runs
			w.later(500, backup)
			return
		}
		files = s.disk.backup()
		w.tell(s, "is backed up, with %d entries of its own", len(files[s.journal].entries))
	}
	w.later(at, backup)
	// The gavel moves after the backup: away from this site, or to it.
	if first, then := s, s.other(); d.IntN(3) > 0 {
		if d.IntN(2) == 0 {
			first, then = then, first
		}
		w.later(at-4000, func() { w.passTo(first) })
		w.later(at+min(long/2, int64(2000+d.IntN(20_000))), func() { w.passTo(then) })
	}
	behind := d.IntN(2) == 0
	w.later(at+long, func() {
		if w.calm || !knows(files, w.venue) {
			return
		}
		if s == w.venue {
			w.cuts++
			w.cable.down = [2]bool{true, true}
			w.later(cut, func() { w.cable.down = [2]bool{} })
		}
		if behind { // the clock of the new machine says that no time has passed
			s.wrong -= w.now
		}
		s.replace(files, down)
	})
}

// passTo lets whoever has the gavel pass it to a site, if that is possible now.
func (w *world) passTo(to *site) {
	for _, s := range w.sites() {
		if s != to && s.holds() && s.wire.met && !w.calm {
			w.passes++
			_, _ = s.do(live.Command{ID: fmt.Sprint("pass-", w.passes), Actor: floor.Actor{Person: "org", Roles: floor.Chair}, Do: &floor.Pass{To: string(to.journal)}})
		}
	}
}

// knows: the venue had been let in when these were backed up.
func knows(files map[journal.Name]*file, venue *site) bool {
	for _, f := range files {
		for _, je := range f.entries {
			if e, err := floor.ParseEntry(je.Bytes); err == nil {
				if ev, ok := e.Event.(*floor.Linked); ok && ev.Journal == string(venue.journal) {
					return true
				}
			}
		}
	}
	return false
}

// backup is a copy of what is surely on the disk.
func (d *disk) backup() map[journal.Name]*file {
	out := map[journal.Name]*file{}
	for name, f := range d.files {
		n, a := d.sure(f)
		out[name] = &file{info: f.info, entries: slices.Clone(f.entries[:n]), addenda: slices.Clone(f.addenda[:a]), erased: maps.Clone(f.erased), mark: f.mark, marked: f.marked}
	}
	return out
}

// sure is how many entries and addenda of a file no power cut takes.
func (d *disk) sure(f *file) (n, a int) {
	n, a = len(f.entries), len(f.addenda)
	for _, l := range d.loose {
		if l.f == f {
			n, a = min(n, l.n), min(a, l.a)
		}
	}
	return n, a
}

// replace ends a machine for good. Another goes on from a backup of it after a while, in a journal of its own.
func (s *site) replace(files map[journal.Name]*file, down int64) {
	w := s.w
	w.crashes++
	old, n, there := s.journal, len(files[s.journal].entries), 0
	if f := s.other().disk.files[old]; f != nil {
		there, _ = s.other().disk.sure(f)
	}
	for i := max(n, there); i < len(s.disk.files[old].entries); i++ {
		if e := w.at(string(old), int64(i)+1); e != nil {
			w.gone[[2]string{string(e.By), e.Command}] = true
			if ev, ok := e.Event.(*floor.Erased); ok {
				w.unerased = append(w.unerased, ev.Person)
			}
		}
	}
	w.tell(s, "is lost for good; another goes on after %d of its %d entries, of which the %s has %d", n, len(s.disk.files[old].entries), s.other().name, there)
	c := &floor.Succeed{Journal: string(old), Was: aKey, N: int64(n), Key: otherKey, Proof: "p"}
	if n > 0 {
		c.Hash = floor.HashBytes(files[old].entries[n-1].Bytes)
	}
	s.s, s.reader = nil, nil
	s.disk.files, s.disk.loose, s.disk.broken, s.disk.lies, s.disk.sick, s.disk.dies = files, nil, false, false, false, 0
	s.wire = end{lasts: s.wire.lasts}
	if w.fault != "a restored machine goes on in its old journal" {
		s.before, s.after, s.seen = append(s.before, old), c, 0
		s.journal += "r"
		s.disk.files[s.journal] = &file{info: s.info(), erased: map[journal.Where]bool{}}
	} else {
		s.seen = n
	}
	w.later(down, s.open)
}

// sends: this site tells the other one of a journal.
func (s *site) sends(name string) bool {
	w := s.w
	n := journal.Name(name)
	switch {
	case n == s.journal || slices.Contains(s.before, n):
		return true
	case s == w.hub:
		return n != w.venue.journal
	}
	return slices.Contains(w.hub.before, n) && w.fault != "what a lost hub had told is not brought back"
}

// missed: what is refused is of a new machine whose first words were lost on the way, or has seen what an earlier parcel
// brings that was lost, is late, or came too early itself. Both come again, or the sites never come together.
func (s *site) missed(p *parcel, err error) bool {
	if errors.Is(err, live.ErrForeign) {
		missing := false
		for n := range p.n {
			missing = missing || n > 0 && !s.wire.took[n]
		}
		return missing && strings.Contains(err.Error(), "has seen what is not here")
	}
	return errors.Is(err, live.ErrStranger) && slices.ContainsFunc(p.batches, func(b live.Foreign) bool {
		f := s.disk.files[b.Name]
		return b.Name == s.other().journal && b.Entries[0].N > 1 && (f == nil || len(f.entries) == 0)
	})
}

// far is the journal of the other site, as far as it is known here.
func (s *site) far() string {
	for _, name := range slices.Backward(append(slices.Clone(s.other().before), s.other().journal)) {
		if slices.ContainsFunc(s.state().Sites, func(i floor.SiteInfo) bool { return i.Journal == string(name) }) {
			return string(name)
		}
	}
	return string(s.other().journal)
}

// journals are all that were ever written, and whose.
func (w *world) journals() (names []journal.Name, of []*site) {
	for _, s := range w.sites() {
		for _, n := range append(slices.Clone(s.before), s.journal) {
			names, of = append(names, n), append(of, s)
		}
	}
	return names, of
}

// A chain is which journal goes on for which, by what the entries say.
type chain map[string]string

func chainOf(es []*floor.Entry) chain {
	out := chain{}
	for _, e := range es {
		if ev, ok := e.Event.(*floor.Succeeded); ok {
			out[e.Journal] = ev.Journal
		}
	}
	return out
}

// root is the first journal of a site.
func (c chain) root(j string) string {
	for c[j] != "" {
		j = c[j]
	}
	return j
}

// newest is the journal in which a site goes on.
func (c chain) newest(j string) string {
	for next := true; next; {
		next = false
		for n, old := range c {
			if old == j {
				j, next = n, true
				break
			}
		}
	}
	return j
}

// lostWith: a machine before the writer's had this entry or had seen it, and the writer had not.
func (c chain) lostWith(es []*floor.Entry, e, x *floor.Entry) bool {
	if saw(e, x) {
		return false
	}
	for j := c[e.Journal]; j != ""; j = c[j] {
		if x.Journal == j || slices.ContainsFunc(es, func(o *floor.Entry) bool { return o.Journal == j && saw(o, x) }) {
			return true
		}
	}
	return false
}

// gavels are where the gavel was at each entry.
type gavels struct {
	has    map[*floor.Entry]bool   // its site had it, if it is about the main floor
	before map[*floor.Entry]string // in which journal it was
}

// gavels says of each entry about the main floor whether its site had the gavel, by a second reading of the rules.
func (w *world) gavels(es []*floor.Entry) gavels {
	out := gavels{map[*floor.Entry]bool{}, map[*floor.Entry]string{}}
	again, whole, sofar := repeats(es), chainOf(es), chain{}
	at, epoch := "", int64(0)
	var moved *floor.Entry
	move := func(to string, n int64, e *floor.Entry) { at, epoch, moved = to, n, e }
	for _, e := range es {
		if again[e] {
			continue
		}
		has := sofar.newest(e.Journal) == at && !w.late(es, whole, e)
		out.has[e], out.before[e] = has, at
		knew := moved == nil || e == moved || saw(e, moved)
		switch ev := e.Event.(type) {
		case *floor.Linked:
			if at == "" {
				move(e.Journal, 1, e)
			}
		case *floor.Succeeded:
			sofar[e.Journal] = ev.Journal
			if at == ev.Journal {
				move(e.Journal, epoch+1, e)
			}
		case *floor.Passed:
			if has && (ev.Epoch > epoch || !knew) {
				move(sofar.newest(ev.To), ev.Epoch, e)
			}
		case *floor.TookOver:
			if ev.Epoch > epoch || !knew && sofar.newest(e.Journal) != at {
				move(sofar.newest(e.Journal), ev.Epoch, e)
			}
		}
	}
	return out
}

// late: an entry about the main floor was written when another site had taken the gavel over, unknown to its writer; or by
// a machine that had lost with the one before that the gavel had gone.
func (w *world) late(es []*floor.Entry, c chain, e *floor.Entry) bool {
	var last *floor.Entry
	lastEpoch, own := int64(0), false
	to := ""
	for _, t := range es {
		epoch, goes := int64(0), ""
		switch ev := t.Event.(type) {
		case *floor.TookOver:
			epoch, goes = ev.Epoch, t.Journal
			if t.Journal != e.Journal && c.root(t.Journal) != c.root(e.Journal) && !saw(t, e) && !saw(e, t) && !c.lostWith(es, e, t) && !c.lostWith(es, t, e) {
				return true
			}
			own = own || t.Journal == e.Journal && t.N < e.N
		case *floor.Passed:
			epoch, goes = ev.Epoch, ev.To
		default:
			continue
		}
		if c.lostWith(es, e, t) && (last == nil || epoch >= lastEpoch) {
			last, lastEpoch, to = t, epoch, goes
		}
	}
	return last != nil && !own && c.root(to) != c.root(e.Journal)
}
