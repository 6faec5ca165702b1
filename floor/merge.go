package floor

import "slices"

// What two sites wrote about the same thing during a cut. Both journals are folded in the order of their stamps; an
// entry whose writer had not seen what stands before it is judged here or, where it concerns one thing only, by the
// event itself. In general a spoken or read fact stands; else the less public state wins; else the later one.

// A Ref names an entry: the tag of its journal and its number. The zero Ref is before everything.
type Ref struct {
	Tag string `json:"tag"`
	N   int64  `json:"n"`
}

// Ref names this entry.
func (e *Entry) Ref() Ref { return Ref{e.Tag(), e.N} }

// Saw says whether the writer of this entry had seen another one.
func (e *Entry) Saw(r Ref) bool {
	if r.N == 0 || r.Tag == e.Tag() {
		return r.N < e.N
	}
	for _, v := range e.View {
		if Tag(v.Journal) == r.Tag {
			return r.N <= v.N
		}
	}
	return false
}

// SawAll says whether the writer of this entry had seen all of these.
func (e *Entry) SawAll(rs []Ref) bool {
	return !slices.ContainsFunc(rs, func(r Ref) bool { return !e.Saw(r) })
}

// unseen is a list of what this entry had not seen, with the entry itself.
func (e *Entry) unseen(rs []Ref) []Ref {
	return append(slices.DeleteFunc(slices.Clone(rs), e.Saw), e.Ref())
}

// more is a list with one entry more. The list is copied, because clones of the State share it.
func more(rs []Ref, e *Entry) []Ref { return append(rs[:len(rs):len(rs)], e.Ref()) }

// seenOf is how far the writer had seen a journal.
func (e *Entry) seenOf(journal string) int64 {
	for _, v := range e.View {
		if v.Journal == journal {
			return v.N
		}
	}
	return 0
}

// View is what the next entry of a journal has seen of the others: the heads of all but its own.
func (s *State) View(journal string) []Seen {
	var out []Seen
	for _, h := range s.Heads {
		if h.Journal != journal {
			out = append(out, h)
		}
	}
	return out
}

// hear counts an entry as read.
func (s *State) hear(e *Entry) {
	i, known := slices.BinarySearchFunc(s.Heads, e.Journal, func(h Seen, j string) int {
		switch {
		case h.Journal < j:
			return -1
		case h.Journal > j:
			return 1
		}
		return 0
	})
	if !known {
		s.Heads = slices.Insert(s.Heads, i, Seen{Journal: e.Journal})
		s.walls = slices.Insert(s.walls, i, 0)
	}
	if e.N > s.Heads[i].N {
		s.Heads[i].N, s.walls[i] = e.N, e.Wall-e.Stamp.At
	}
}

// blind: the writer had not seen everything that stands before this entry.
func (s *State) blind(e *Entry) bool {
	return slices.ContainsFunc(s.Heads, func(h Seen) bool { return h.Journal != e.Journal && h.N > e.seenOf(h.Journal) })
}

// misled: the writer had seen an entry that counts only aside, and took it for what it said.
func (s *State) misled(e *Entry) bool {
	return slices.ContainsFunc(s.bent, e.Saw)
}

// friction notes an event that found nothing to change. Across a cut that is natural: something else came first.
func (s *State) friction(e *Entry) {
	if s.blind(e) || s.misled(e) {
		s.Overtaken++
		return
	}
	s.Frictions++
}

// judged is the entry as it counts here; nil when it changes nothing.
func (s *State) judged(e *Entry) *Entry {
	if s.ahead.repeats(e) {
		s.Repeats++
		s.alsoNamed(e)
		return nil
	}
	e = s.named(e)
	if s.ahead.meanwhile(e) {
		s.Meanwhile = append(s.Meanwhile[:len(s.Meanwhile):len(s.Meanwhile)], e.ID())
	}
	if onMain(e.Event) && s.Gavel.Journal != "" {
		switch late := s.ahead.late(e); {
		case len(late) > 0:
			return s.aside(e, late)
		case !s.has(e):
			if e.Saw(s.moved) { // else it could not know that the gavel had gone elsewhere
				s.Conflicts = append(s.Conflicts[:len(s.Conflicts):len(s.Conflicts)], e.ID())
			}
			return s.aside(e, []Ref{s.moved})
		}
	}
	if what := register(e.Event); what != "" {
		if by, ok := s.setBy[what]; ok && !e.Saw(by) && e.Journal != s.Gavel.Journal && Tag(s.Gavel.Journal) == by.Tag {
			s.Overtaken++ // the gavel's site wins
			return nil
		}
		s.setBy[what] = e.Ref()
	}
	if len(e.Said) > 0 && s.Gone(e) {
		c := *e
		c.Said = nil
		return &c
	}
	return e
}

// onMain: the event is about the main floor, which only the gavel's site gives.
func onMain(ev Event) bool {
	switch ev.(type) {
	case *CalledOut, *AskedToUnmute, *Missed, *Started, *Ended, *Extended, *Checked, *Opened, *Begun, *Stretched, *Adjourned, *Closed, *Rounded,
		*Toured, *Dialled, *Corrected, *Resumed, *Forgiven, *Passed:
		return true
	}
	return false
}

// register names what an event sets as a whole; both sites may.
func register(ev Event) string {
	switch ev.(type) {
	case *Set:
		return "settings"
	case *Planned:
		return "plan"
	}
	return ""
}

// aside is what a main-floor entry is worth without the gavel: who spoke did speak, on a side floor; nothing else counts.
// The gavel had moved with these entries.
func (s *State) aside(e *Entry, moved []Ref) *Entry {
	if !s.misled(e) { // the first of its journal; whoever saw a later one saw it
		s.bent = more(s.bent, e)
	}
	c := *e
	switch ev := e.Event.(type) {
	case *Started:
		s.drift(ev.Turn, e, moved)
		c.Event = &SideStarted{Turn: ev.Turn, Person: ev.Person, Ticket: ev.Ticket, Side: ev.Side, Main: true}
	case *Ended:
		t := s.Turn(ev.Turn)
		switch {
		case t == nil || t.Ended >= 0:
			return nil
		case t.Kind == SideTurn:
			c.Event = &SideEnded{ev.Turn}
		}
	case *Adjourned:
		s.took.Adjourned = e.Stamp.At
		return nil
	default:
		return nil
	}
	return &c
}

// Gone says whether the words of an entry were erased by somebody whose words they are: every erasure covers what was
// written without knowledge of it. The State is the one before the entry or a later one.
func (s *State) Gone(e *Entry) bool {
	for _, id := range s.Whose(e) {
		if p := s.Person(id); p != nil && slices.ContainsFunc(p.Erasures, func(x Ref) bool { return x != e.Ref() && !e.Saw(x) }) {
			return true
		}
	}
	return false
}

// narrower is what both consents allow.
func (c Consent) narrower(d Consent) Consent {
	return Consent{c.Aloud & d.Aloud, c.Screen & d.Screen, c.Report & d.Report, c.Officials & d.Officials}
}
