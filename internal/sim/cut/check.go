package cut

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"openmic/floor"
	"openmic/internal/journal"
)

// saw: the writer of an entry had seen another one; by the views alone.
func saw(e, o *floor.Entry) bool {
	if e.Journal == o.Journal {
		return o.N < e.N
	}
	return seenOf(e, o.Journal) >= o.N
}

func seenOf(e *floor.Entry, journal string) int64 {
	for _, v := range e.View {
		if v.Journal == journal {
			return v.N
		}
	}
	return 0
}

// judge holds an entry, as it is written, against what its site had seen (I0, I11).
func (w *world) judge(s *site, e *floor.Entry) {
	for _, v := range e.View {
		if copied := s.disk.files[journal.Name(v.Journal)]; copied == nil || v.N > int64(len(copied.entries)) {
			w.wrong("I0: entry %s has seen entry %d of %s, which is not there", e.ID(), v.N, v.Journal)
			return
		}
	}
	for _, v := range append(slices.Clone(e.View), floor.Seen{Journal: e.Journal, N: e.N - 1}) {
		o := w.at(v.Journal, v.N)
		if o != nil && !o.Stamp.Before(e.Stamp) {
			w.wrong("I0: entry %s (%v) comes before %s (%v), which its writer had seen", e.ID(), e.Stamp, o.ID(), o.Stamp)
		}
		if o != nil && o.Journal != e.Journal && o.More {
			w.wrong("I3: entry %s was written when half of a command of %s was there", e.ID(), v.Journal)
		}
	}
	r := s.reader
	if r == nil || r.had[e.Journal] != e.N-1 || slices.ContainsFunc(e.View, func(v floor.Seen) bool { return v.N < r.had[v.Journal] }) {
		r = &reader{fold: floor.NewFold(), had: map[string]int64{}} // it had lost what nobody was told of
		s.reader = r
		for n := range e.N - 1 {
			r.fold.Add(w.at(e.Journal, n+1))
		}
	}
	for _, v := range e.View {
		for n := r.had[v.Journal] + 1; n <= v.N; n++ {
			o := w.at(v.Journal, n)
			if o == nil {
				w.wrong("I3: entry %s has seen entry %d of %s, which was never written", e.ID(), n, v.Journal)
				return
			}
			r.fold.Add(o)
		}
		r.had[v.Journal] = v.N
	}
	if why := w.call(s, e, r.fold); why != "" {
		w.wrong("I11: entry %s of %s: %s", e.ID(), s.name, why)
	}
	r.fold.Add(e)
	r.had[e.Journal] = e.N
}

// A reader folds what a site has seen, beside it.
type reader struct {
	fold *floor.Fold
	had  map[string]int64 // of each journal
}

// at is what was written in a journal at a number; nil when nothing.
func (w *world) at(journal string, n int64) *floor.Entry {
	return w.all[floor.ID(floor.Tag(journal)+strconv.FormatInt(n, 10))]
}

// call is what is wrong about a call, for what its writer had seen; "" when nothing is.
func (w *world) call(s *site, e *floor.Entry, f *floor.Fold) string {
	before := f.State()
	switch ev := e.Event.(type) {
	case *floor.Healed:
		if got := s.other().disk.files[s.journal]; seenOf(e, string(s.other().journal)) < s.wire.owes || s == w.venue && (got == nil || int64(len(got.entries)) < s.wire.since[string(s.journal)]) {
			return fmt.Sprintf("the heal is noted when %d entries of the other site are here, which had %d at that time", seenOf(e, string(s.other().journal)), s.wire.owes)
		}
	case *floor.Resumed:
		if len(before.Sites) > 0 && before.Gavel.Journal != e.Journal {
			return "a site without the gavel goes on with the turn"
		}
	case *floor.CalledOut:
		if len(before.Sites) > 0 && before.Gavel.Journal != e.Journal {
			return "somebody is called by the site without the gavel"
		}
		if ev.Override != "" {
			if !slices.Contains(floor.Classes, ev.Override) {
				return "an override without a class"
			}
			return ""
		}
		ch, ok := before.Next(e.Stamp.At, nil)
		switch {
		case !ok:
			return "the rule names nobody"
		case ch.Ticket != ev.Ticket || ch.Side != ev.Side || ch.W != ev.W || ch.Why != ev.Why || !slices.Equal(ch.Passed, ev.Passed):
			return fmt.Sprintf("the rule names %s (%s, %s), called is %s (%s, %s)", ch.Ticket, ch.Side, ch.Why.Kind, ev.Ticket, ev.Side, ev.Why.Kind)
		case openCuts(f.Entries()) > 0 && ev.Side != w.sideOf(s):
			return "somebody across the cut is called"
		}
	}
	return ""
}

func (w *world) sideOf(s *site) floor.Side {
	if s == w.hub {
		return floor.Online
	}
	return floor.Room
}

// openCuts counts the cuts that were noted and have not healed.
func openCuts(es []*floor.Entry) int {
	open, sofar := map[*floor.Entry][2]string{}, chain{} // who does not hear whom, by the entry that says so
	for _, e := range es {
		switch ev := e.Event.(type) {
		case *floor.WasCut:
			open[e] = [2]string{sofar.newest(e.Journal), sofar.newest(ev.Far)}
		case *floor.Healed: // of the cuts that it knows
			maps.DeleteFunc(open, func(c *floor.Entry, who [2]string) bool { return who[0] == sofar.newest(e.Journal) && e.Saw(c.Ref()) })
		case *floor.Succeeded:
			sofar[e.Journal] = ev.Journal
			maps.DeleteFunc(open, func(_ *floor.Entry, who [2]string) bool { return who[0] == ev.Journal || who[1] == ev.Journal })
		}
	}
	return len(open)
}

// openAt: a site has noted a cut and no heal, in what it has written itself.
func openAt(r *reader, journal string) bool {
	if r == nil {
		return false
	}
	var own []*floor.Entry
	for _, e := range r.fold.Entries() {
		if e.Journal == journal {
			own = append(own, e)
		}
	}
	return openCuts(own) > 0
}

// check compares both sites, which have everything of each other.
func (w *world) check() {
	w.heals++
	st := w.hub.state()
	if a, b := st.Hash(), w.venue.state().Hash(); a != b {
		w.wrong("I1: the sites tell different stories: %s", differ(st, w.venue.state()))
		return
	}
	es := w.disks()
	if len(w.result.Wrong) > 0 {
		return
	}
	again := floor.NewFold()
	for rest := es; len(rest) > 0; { // as they might come over a bad line, each journal in its order
		n := min(len(rest), 1+w.dice.IntN(len(rest)))
		again.Add(rest[:n]...)
		rest = rest[n:]
	}
	if a := again.State(); a.Hash() != st.Hash() {
		w.wrong("I1: read anew, the journals tell another story: %s", differ(st, a))
		return
	}
	es = again.Entries()
	if d := w.hub.s.At() - w.venue.s.At(); d > 3000 || d < -3000 {
		w.wrong("I0: after contact the clocks are %d ms apart", d)
	}
	if st.Frictions > 0 || len(st.Conflicts) > 0 {
		w.wrong("I6: %d entries found nothing to change, %d about the main floor were written without the gavel: %v", st.Frictions, len(st.Conflicts), st.Conflicts)
	}
	w.told(es)
	w.erased(es, st)
	for _, check := range []func([]*floor.Entry, *floor.State) string{w.places, w.turns, sane, twice, voices, hidden, approved, consents, w.settings, w.lead} {
		if what := check(es, st); what != "" {
			w.wrong("%s", what)
		}
	}
	w.agreed, w.last = es, st
	w.tell(nil, "Both sites tell the same: %d entries, %d in line, lead %d s.", st.Entries, len(st.Line), st.Balance(st.At).Lead/1000)
}

// disks reads both journals from both disks: dense, chained, alike (I3, I1), and gives them.
func (w *world) disks() (es []*floor.Entry) {
	names, of := w.journals()
	for k, s := range of {
		f, copied := s.disk.files[names[k]], s.other().disk.files[names[k]]
		if f == nil && copied == nil || f != nil && copied == nil && len(f.entries) == 0 && names[k] != s.journal {
			continue // a machine that was lost before anybody heard of it
		}
		if f == nil || copied == nil || len(f.entries) != len(copied.entries) {
			w.wrong("I3: the journal of %s is not whole at the other site", s.name)
			return nil
		}
		prev := ""
		taken := map[[2]string]bool{}
		var last *floor.Entry
		for i, je := range f.entries {
			hash := floor.HashBytes(je.Bytes)
			e := w.at(string(names[k]), int64(i)+1)
			switch {
			case e == nil:
				w.wrong("I3: entry %d of %s was never written", i+1, s.name)
			case e.N != int64(i)+1 || e.Journal != string(names[k]) || e.Prev != prev:
				w.wrong("I3: entry %d of %s does not join on to the one before", i+1, s.name)
			case floor.HashBytes(copied.entries[i].Bytes) != hash:
				w.wrong("I3: entry %d of %s is another one at the other site", i+1, s.name)
			case w.bytes[e.ID()] != hash:
				w.wrong("I3: entry %d of %s is not what was written", i+1, s.name)
			case (last == nil || !last.More) && taken[[2]string{string(e.By), e.Command}]:
				w.wrong("I3: command %s of %s is in the journal of %s twice", e.Command, e.By, s.name)
			case last != nil && last.More && last.Command != e.Command:
				w.wrong("I3: entry %d of %s is in the middle of another command", i+1, s.name)
			}
			if len(w.result.Wrong) > 0 {
				return nil
			}
			taken[[2]string{string(e.By), e.Command}] = true
			prev, last = hash, e
			es = append(es, e)
		}
		if last != nil && last.More {
			w.wrong("I3: the last command of %s is not whole", s.name)
		}
		here, there := w.settled(f.addenda), w.settled(copied.addenda)
		for i := range max(len(here), len(there)) {
			var x, y journal.Addendum
			if i < len(here) {
				x = here[i]
			}
			if i < len(there) {
				y = there[i]
			}
			if x.N != y.N || x.Field != y.Field || x.Text != y.Text {
				w.wrong("I1: the words of the journal of %s are not the same at both sites: there %d %s %q, at the other %d %s %q", s.name, x.N, x.Field, x.Text, y.N, y.Field, y.Text)
				break
			}
		}
	}
	return es
}

// settled leaves out the words of whoever's erasure was lost: the backup has them still, and the other site may have got
// their entries without them.
func (w *world) settled(all []journal.Addendum) []journal.Addendum {
	return slices.DeleteFunc(slices.Clone(all), func(a journal.Addendum) bool {
		return slices.ContainsFunc(w.unerased, func(p floor.ID) bool { return strings.Contains(a.Text, "["+string(p)+"]") })
	})
}

// told: what somebody was told is there and answers as it did (I2), and a press counts once (I3).
func (w *world) told(es []*floor.Entry) {
	there := map[[2]string][]*floor.Entry{}
	for _, e := range es {
		k := [2]string{string(e.By), e.Command}
		there[k] = append(there[k], e)
	}
	for _, p := range w.presses {
		if p.taken == nil {
			continue
		}
		key := [2]string{string(p.Actor.Person), p.ID}
		mine := there[key]
		if w.gone[key] {
			continue // what they were told is gone with the only machine that had it
		}
		for _, m := range p.taken.Made {
			if !slices.ContainsFunc(mine, func(e *floor.Entry) bool {
				return e.ID() == m.ID || m.Kind == "joined" && floor.Kind(e.Event) == m.Kind
			}) {
				w.wrong("I2: %s was told of entry %s (%s, press %s), and it is not there", p.Actor.Person, m.ID, m.Kind, p.ID)
				return
			}
		}
		if w.dice.IntN(12) > 0 {
			continue
		}
		for _, s := range w.sites() {
			n := len(s.disk.files[s.journal].entries)
			a, err := s.do(p.Command)
			if err != nil || len(a.Made) == 0 || len(s.disk.files[s.journal].entries) != n {
				w.wrong("I2: press %s of %s answers otherwise at %s the second time: %v", p.ID, p.Actor.Person, s.name, err)
				return
			}
		}
	}
	w.once()
}

// once: no words of one press are there twice.
func (w *world) once() {
	st := w.hub.state()
	said := map[string]floor.ID{}
	count := func(what string, person floor.ID, text floor.Text, id floor.ID) {
		t := w.hub.s.View().Say(text)
		if t == "" {
			return
		}
		k := what + string(person) + t
		if o, twice := said[k]; twice && o != id {
			w.wrong("I3: one press made two of %s: %s and %s (%q)", what, o, id, t)
		}
		said[k] = id
	}
	for i := range st.Tickets {
		t := &st.Tickets[i]
		if e, ok := w.all[t.ID].Event.(*floor.Asked); ok {
			for _, field := range []string{"text", "about"} {
				count("ask", e.Person, floor.Text(string(t.ID)+"/"+field), t.ID)
			}
		}
		for _, a := range t.Answers {
			count("answer", "", a, t.ID+floor.ID(a))
		}
	}
	for i := range st.Notes {
		count("note", "", st.Notes[i].Text, st.Notes[i].ID)
	}
}

// erased: no word of somebody who was erased is on any disk, unless it was said knowing that (I10).
func (w *world) erased(es []*floor.Entry, st *floor.State) {
	var gone []*floor.Entry
	again := repeats(es)
	for _, e := range es {
		if _, ok := e.Event.(*floor.Erased); ok && !again[e] { // one press is one erasure
			gone = append(gone, e)
		}
	}
	if len(gone) == 0 {
		return
	}
	for _, s := range w.sites() {
		for _, f := range s.disk.files {
			for _, a := range f.addenda {
				e := w.all[floor.ID(floor.Tag(string(f.info.Name))+strconv.FormatInt(a.N, 10))]
				for _, x := range gone {
					if strings.Contains(a.Text, "["+string(x.Event.(*floor.Erased).Person)+"]") && !saw(e, x) {
						w.wrong("I10: %q of entry %s (%s) is still on the disk of %s, erased by entry %s", a.Text, e.ID(), a.Field, s.name, x.ID())
						return
					}
				}
			}
		}
	}
}

// differ names where two States part.
func differ(a, b *floor.State) string {
	x, _ := json.Marshal(a) // only for a person to read
	y, _ := json.Marshal(b)
	i := 0
	for i < min(len(x), len(y)) && x[i] == y[i] {
		i++
	}
	from := max(0, i-120)
	return fmt.Sprintf("…%.200s… and …%.200s…", x[from:], y[from:])
}
