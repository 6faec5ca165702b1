package floor

import (
	"cmp"
	"slices"
	"sort"
)

// A Fold is the one story of several journals: the same entries give the same State in whatever order they come (F10,
// I1). It remembers older States, so that what arrives late is folded in where it belongs without beginning anew.
type Fold struct {
	entries []*Entry // in the order of their stamps
	state   *State   // of all of them; never changed once it is here
	points  []point
	ahead   *ahead
}

// A point is the State after the first n entries.
type point struct {
	n     int
	state *State
}

// NewFold is a session before its first entry.
func NewFold() *Fold {
	f := &Fold{ahead: &ahead{first: map[[2]string]*Entry{}, made: map[[2]string][]*Entry{}, after: map[string]string{}, saw: map[[2]string]int64{}}, state: New()}
	f.state.ahead = f.ahead
	return f
}

// State is the newest. What it points to must not be changed.
func (f *Fold) State() *State { return f.state }

// Entries are all entries in the order of the fold. The list must not be changed.
func (f *Fold) Entries() []*Entry { return f.entries }

// Last is the largest stamp; what is written next comes after it (I0).
func (f *Fold) Last() Stamp {
	if len(f.entries) == 0 {
		return Stamp{}
	}
	return f.entries[len(f.entries)-1].Stamp
}

// Add folds in entries: of any journal, each journal's in its order.
func (f *Fold) Add(es ...*Entry) {
	if len(es) == 0 {
		return
	}
	es = slices.Clone(es)
	slices.SortStableFunc(es, byStamp)
	from := f.place(es[0])
	at := len(f.entries)
	f.entries = append(f.entries, es...)
	if from < at {
		slices.SortStableFunc(f.entries[from:], byStamp)
	}
	for _, e := range es {
		from = min(from, f.foresee(e))
	}
	f.again(from, at)
}

// Extend takes over a State that somebody has folded from State with these entries, which come after all others.
func (f *Fold) Extend(es []*Entry, s *State) {
	if len(es) == 0 {
		return
	}
	if n := len(f.entries); n > 0 && byStamp(es[0], f.entries[n-1]) < 0 {
		f.Add(es...)
		return
	}
	at := len(f.entries)
	f.entries = append(f.entries, es...)
	from := at
	for _, e := range es {
		from = min(from, f.foresee(e))
	}
	if from < at {
		f.again(from, at)
		return
	}
	f.keep(at)
	s.ahead = f.ahead
	f.state = s
}

// again folds anew from an entry on; the State here is the one after the first at of them, as they were.
func (f *Fold) again(from, at int) {
	s, n := f.state, at
	if from < at {
		for len(f.points) > 0 && f.points[len(f.points)-1].n > from {
			f.points = f.points[:len(f.points)-1]
		}
		s, n = New(), 0
		if len(f.points) > 0 {
			p := f.points[len(f.points)-1]
			s, n = p.state, p.n
		}
	} else {
		f.keep(at)
	}
	s = s.Clone()
	s.ahead = f.ahead
	for ; n < len(f.entries); n++ {
		if n > 0 && n%1024 == 0 && len(s.Heads) > 1 {
			f.state = s.Clone()
			f.keep(n)
		}
		s.Apply(f.entries[n])
	}
	f.state = s
}

// keep remembers the State here as the one after n entries, if the one before is far enough away. Only what several
// journals write can arrive late. The older a point, the farther it is from the next, so that a long story has few of
// them, and going back costs about as much as what came since.
func (f *Fold) keep(n int) {
	if len(f.state.Heads) < 2 || len(f.points) > 0 && n-f.points[len(f.points)-1].n < apart {
		return
	}
	f.points = append(f.points, point{n, f.state})
	for i := len(f.points) - 2; i > 0; i-- {
		if after := f.points[i+1].n; after-f.points[i-1].n <= n-after {
			f.points = slices.Delete(f.points, i, i+1)
		}
	}
}

// apart is how many entries lie between two points at least: a State of many people is large, and folding so many entries
// anew takes about as long as copying it.
const apart = 512

// place is where an entry belongs.
func (f *Fold) place(e *Entry) int {
	return sort.Search(len(f.entries), func(i int) bool { return byStamp(f.entries[i], e) > 0 })
}

func byStamp(a, b *Entry) int {
	switch {
	case a.Stamp.Before(b.Stamp):
		return -1
	case b.Stamp.Before(a.Stamp):
		return 1
	}
	return cmp.Compare(a.N, b.N)
}

// ahead is what an entry cannot know and its place in the story needs: what stands later, and was written without
// knowledge of it.
type ahead struct {
	first map[[2]string]*Entry   // of each person's command, the entry with which it was first taken
	made  map[[2]string][]*Entry // of each person's command, the entries that made a person or an ask, of all sites
	takes []take
	moves []*Entry            // with which the gavel was passed or taken
	after map[string]string   // of the journal of a machine that replaced another of its site, the one it goes on for
	saw   map[[2]string]int64 // how far the first journal had seen the second in the end
	gone  []*Entry            // passes revoked
}

// A take opens an epoch. What others wrote on the main floor without knowledge of it, and beyond what it had seen, is
// late.
type take struct {
	by   *Entry
	only string // one journal, or empty: all other sites
}

// foresee notes an entry that bears on earlier ones, and gives the first it bears on; the number of entries when none.
func (f *Fold) foresee(e *Entry) int {
	key := [2]string{string(e.By), e.Command}
	if o := f.ahead.first[key]; o == nil || byStamp(e, o) < 0 {
		f.ahead.first[key] = e
	}
	for _, v := range e.View {
		if k := [2]string{e.Journal, v.Journal}; f.ahead.saw[k] < v.N {
			f.ahead.saw[k] = v.N
		}
	}
	tail := f.ahead.replaced(e.Journal)
	switch ev := e.Event.(type) {
	case *Asked, *Joined:
		f.ahead.made[key] = append(f.ahead.made[key], e)
		if !tail {
			return len(f.entries)
		}
	case *Passed:
		f.ahead.moves = append(f.ahead.moves, e)
		if !tail {
			return len(f.entries)
		}
	case *TookOver:
		f.ahead.moves = append(f.ahead.moves, e)
		f.ahead.takes = append(f.ahead.takes, take{by: e})
	case *Linked:
		if ev.Succeeds != "" {
			f.ahead.takes = append(f.ahead.takes, take{by: e, only: ev.Succeeds})
		} else if !tail {
			return len(f.entries)
		}
	case *Succeeded:
		f.ahead.after[e.Journal] = ev.Journal
	case *PassRevoked:
		f.ahead.gone = append(f.ahead.gone, e)
	default:
		if !tail {
			return len(f.entries)
		}
	}
	if tail { // what the machine that was lost had known bears on all that was written since without it
		return 0
	}
	for i, o := range f.entries {
		if o.Journal != e.Journal && o.N > e.seenOf(o.Journal) {
			return i
		}
	}
	return len(f.entries)
}

// repeats: the same press was taken at another site before; a phone that changed its site asked again.
func (a *ahead) repeats(e *Entry) bool {
	if a == nil || e.By == "" {
		return false
	}
	o := a.first[[2]string{string(e.By), e.Command}]
	return o != nil && o.Journal != e.Journal
}

// same is what the n-th entry of a kind made, from 1, where this press was taken first: an ask or a person; nil when there
// is none. A press that makes several makes them in the same order at every site.
func (a *ahead) same(press [2]string, kind string, n int) Event {
	for _, o := range a.made[press] {
		if o.Journal == a.first[press].Journal && Kind(o.Event) == kind {
			if n--; n == 0 {
				return o.Event
			}
		}
	}
	return nil
}

// meanwhile: somebody acted whose pass had been revoked at another site.
func (a *ahead) meanwhile(e *Entry) bool {
	return a != nil && e.By != "" && slices.ContainsFunc(a.gone, func(r *Entry) bool {
		return r.Event.(*PassRevoked).Person == e.By && r.Journal != e.Journal && !e.Saw(r.Ref()) && !r.Saw(e.Ref())
	})
}
