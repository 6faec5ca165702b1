package record

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"openmic/floor"
)

// A judge folds a journal and holds every call against the State before it.
type judge struct {
	v      *Verdict
	name   string
	state  *floor.State
	groups map[floor.Text]string // of whom the record tells the group
	// turns of each group before the command, and the people of whom it is not known; only when the session asks for it
	heard   map[floor.ID]int
	unknown bool
	seen    map[floor.ID]bool // for twice
}

// fold applies the entries and gives the State at the end. A call against the rule is noted in the verdict; what
// cannot be folded is the fault. Each site is judged in the State that it saw.
func (v *Verdict) fold(chapters []*chapter, where *string) (*floor.State, *Fault) {
	groups := map[floor.Text]string{}
	for _, c := range chapters {
		for _, a := range c.addenda {
			if a.Field == "group" {
				groups[floor.Text(string(c.entries[a.N-1].ID())+"/group")] = a.Text
			}
		}
	}
	if len(chapters) == 1 {
		*where = entriesFile(chapters[0].Name)
		j := v.newJudge(*where, floor.New(), groups)
		if f := j.hear(chapters[0].entries, 0); f != nil {
			return nil, f
		}
		return j.state, j.overlap()
	}
	byName := map[string]*chapter{}
	all := floor.NewFold()
	for _, c := range chapters {
		byName[c.Name] = c
		all.Add(c.entries...)
	}
	for _, c := range chapters {
		*where = entriesFile(c.Name)
		if f := v.alone(c, byName, groups); f != nil {
			return nil, f
		}
	}
	*where = "entries"
	j := v.newJudge(*where, all.State(), groups)
	if who := j.twice(); who != "" {
		return nil, broken(*where, "%s has two live tickets", who)
	}
	if len(j.state.Conflicts) > 0 {
		return nil, broken(*where, "entry %.40q gives the main floor, and the gavel is elsewhere", j.state.Conflicts[0])
	}
	if j.state.Frictions > 0 {
		return nil, broken(*where, "%d facts find nothing to change", j.state.Frictions)
	}
	return j.state, j.overlap()
}

func (v *Verdict) newJudge(name string, s *floor.State, groups map[floor.Text]string) *judge {
	return &judge{v: v, name: name, state: s, groups: groups, seen: map[floor.ID]bool{}}
}

// hear judges and applies entries of one journal, from number from on.
func (j *judge) hear(entries []*floor.Entry, from int) *Fault {
	look := 0
	for i, e := range entries {
		at := place(j.name, from+i+1)
		if from+i == 0 || i == 0 || !entries[i-1].More {
			j.listen()
		}
		j.recall(e)
		if why := j.judge(e); why != "" {
			j.v.Wrong++
			j.v.take(&Fault{2, at, why})
		}
		j.state.Apply(e)
		switch {
		case j.state.Frictions > 0:
			return broken(at, "a fact of kind %s that finds nothing to change", floor.Kind(e.Event))
		case len(j.state.Conflicts) > 0:
			return broken(at, "a fact of kind %s without the gavel", floor.Kind(e.Event))
		}
		if i < look && i < len(entries)-1 {
			continue
		}
		look = i + 1 + len(j.state.Line)/64 // a long line is looked through less often, or it would cost its square
		if who := j.twice(); who != "" {
			return broken(at, "%s has two live tickets", who)
		}
	}
	return nil
}

// alone judges one site's journal by what that site had seen when it wrote.
func (v *Verdict) alone(c *chapter, byName map[string]*chapter, groups map[floor.Text]string) *Fault {
	fold := floor.NewFold()
	had := map[string]int64{}
	for i := 0; i < len(c.entries); {
		var news []*floor.Entry
		for _, s := range c.entries[i].View {
			news = append(news, byName[s.Journal].entries[had[s.Journal]:s.N]...)
			had[s.Journal] = s.N
		}
		fold.Add(news...)
		end := i + 1
		for end < len(c.entries) && (c.entries[end-1].More || slices.Equal(c.entries[end].View, c.entries[i].View)) {
			end++
		}
		j := v.newJudge(entriesFile(c.Name), fold.State().Clone(), groups)
		if f := j.hear(c.entries[i:end], i); f != nil {
			return f
		}
		fold.Extend(c.entries[i:end], j.state)
		i = end
	}
	return nil
}

// judge says what is wrong with a call, a turn, a miss or a dial, in the State before it; "" when nothing is.
func (j *judge) judge(e *floor.Entry) string {
	s := j.state
	switch ev := e.Event.(type) {
	case *floor.CalledOut:
		return j.call(e, ev)
	case *floor.Started:
		return j.start(e, ev)
	case *floor.Missed:
		if c := s.Call(); c != nil && c.ID == ev.Call && !ev.Aside && !s.Overdue(e.Stamp.At) {
			return "a miss is noted before the person had 20 s to answer"
		}
	case *floor.Dialled:
		if ev.Override != (len(s.Calls) > 0) {
			return "the dials changed after the first call, and it is not marked as an override"
		}
	case *floor.Passed:
		if s.Severed() != nil || ev.Epoch != s.Gavel.Epoch+1 {
			return "the gavel is passed while the link is cut, or as another epoch than the next"
		}
	case *floor.TookOver:
		if s.Severed() == nil || s.Holds(e.Tag()) || ev.Epoch != s.Gavel.Epoch+1 || s.SideOf(e.Journal) != floor.Online || !slices.Contains(floor.Classes, ev.Class) {
			return "the gavel is taken over without a cut, without a reason class, or by a site that may not"
		}
	case *floor.Forgiven:
		if lead := s.Balance(e.Stamp.At).Lead; !slices.Contains(floor.Classes, ev.Class) || lead <= s.Rule.B && lead >= -s.Rule.B {
			return "a debt is forgiven without a reason class, or where nothing is owed"
		}
	}
	return ""
}

func (j *judge) call(e *floor.Entry, ev *floor.CalledOut) string {
	s := j.state
	switch {
	case s.Current() != nil || s.Call() != nil:
		return "somebody is called while the floor is taken"
	case ev.Call != e.ID():
		return "the call has the name of another entry"
	case ev.Override != "":
		return j.override(ev)
	case ev.Tour:
		if len(s.Tour) == 0 || s.Tour[0] != ev.Person || s.Person(ev.Person) == nil || s.Person(ev.Person).Side != ev.Side || ev.Ticket != "" ||
			ev.W != [2]int{1, 1} || ev.Why != (floor.Reason{Kind: "tour"}) || len(ev.Passed)+len(ev.Heard) > 0 {
			return "the tour de table names somebody else"
		}
		return ""
	case len(s.Tour) > 0:
		return "the tour de table goes on, and the line is called"
	}
	heard, why := j.stored(e, ev)
	if why != "" {
		return why
	}
	c, ok := s.Next(e.Stamp.At, heard)
	if !ok {
		return "the rule names nobody, and somebody is called"
	}
	t := s.Ticket(c.Ticket)
	switch {
	case ev.Ticket != c.Ticket:
		return fmt.Sprintf("the rule names ticket %s (%s), called is %.40q without a reason class", c.Ticket, c.Why.Kind, ev.Ticket)
	case ev.Person != t.Person || ev.Side != t.Side:
		return "the call names another person or side than its ticket"
	case ev.Why != c.Why:
		return fmt.Sprintf("the reason is %s (%s), the rule gives %s (%s)", ev.Why.Kind, ev.Why.Then, c.Why.Kind, c.Why.Then)
	case ev.W != c.W:
		return fmt.Sprintf("the weights are %v, the rule gives %v", ev.W, c.W)
	case !slices.Equal(ev.Passed, c.Passed):
		return fmt.Sprintf("%d tickets are noted as passed, the rule passes %d", len(ev.Passed), len(c.Passed))
	case !slices.Equal(ev.Heard, c.Heard):
		return "the groups heard are not those of the candidates"
	}
	return ""
}

func (j *judge) override(ev *floor.CalledOut) string {
	s := j.state
	switch {
	case !slices.Contains(floor.Classes, ev.Override):
		return fmt.Sprintf("the override has no reason class: %.30q is none", ev.Override)
	case ev.Why != (floor.Reason{Kind: "override"}) || ev.Tour || len(ev.Passed)+len(ev.Heard) > 0:
		return "an override has no other reason and passes nobody"
	case ev.W != weights(s):
		return fmt.Sprintf("the weights are %v, the rule gives %v", ev.W, weights(s))
	}
	if t := s.Ticket(ev.Ticket); t != nil && (t.Person != ev.Person || t.Side != ev.Side) {
		return "the call names another person or side than its ticket"
	} else if p := s.Person(ev.Person); t == nil && p != nil && p.Side != ev.Side {
		return "the call names another side than that of the person"
	}
	return ""
}

// weights are those of the table while nobody has the floor.
func weights(s *floor.State) [2]int {
	w := [2]int{1, 1}
	for _, side := range []floor.Side{floor.Room, floor.Online} {
		n, other := len(s.Waiting(side)), len(s.Waiting(side.Other()))
		if other > 0 && n >= 2*other {
			w[side] = min(s.Rule.R, n/other)
		}
	}
	return w
}

// start: a turn of the line comes from its call, an unplanned one says that it is.
func (j *judge) start(e *floor.Entry, ev *floor.Started) string {
	s := j.state
	switch {
	case ev.Turn != e.ID():
		return "the turn has the name of another entry"
	case ev.Call != "":
		m := floor.Moment{At: e.Stamp.At, Wall: e.Wall, Tag: e.Tag(), N: e.N}
		evs, err := floor.Decide(s, m, floor.Actor{Roles: floor.Chair}, &floor.Start{Call: ev.Call})
		if err != nil {
			return "the turn comes from a call that is not open"
		}
		if want := evs[0].(*floor.Started); !bytes.Equal(line(want), line(ev)) {
			return "the turn is not the one that was called"
		}
	case ev.Kind == floor.Unplanned:
		if ev.Override != "unplanned" {
			return "an unplanned turn is not marked as an override"
		}
		if s.Current() == nil && ev.W != weights(s) {
			return fmt.Sprintf("the weights are %v, the rule gives %v", ev.W, weights(s))
		}
	case ev.Kind == floor.Panel || ev.Kind == floor.Reply || ev.Kind == floor.Right || ev.Kind == floor.Order:
		if ev.Override != "" || ev.Ticket != "" {
			return "a turn outside the line takes somebody's place in it"
		}
	default:
		return "a turn of the line began without a call"
	}
	return ""
}

// listen counts, before a command, the turns of each waiting person's group, where the session lets them decide.
func (j *judge) listen() {
	s := j.state
	j.heard, j.unknown = nil, false
	if !s.Settings.Ties {
		return
	}
	turns := map[string]int{}
	for i := range s.Turns {
		if t := &s.Turns[i]; t.Charged() && s.Person(t.Person) != nil {
			g, known := j.group(t.Person)
			j.unknown = j.unknown || !known
			turns[g]++
		}
	}
	j.heard = map[floor.ID]int{}
	for _, id := range s.Line {
		if t := s.Ticket(id); t != nil && s.Person(t.Person) != nil {
			g, known := j.group(t.Person)
			j.unknown = j.unknown || !known
			j.heard[id] = turns[g]
		}
	}
}

// group is the key of a person's group, empty when they said none; known is false where the record does not tell it.
func (j *judge) group(id floor.ID) (key string, known bool) {
	p := j.state.Person(id)
	if p == nil || p.Group == "" {
		return "", true
	}
	key, known = j.groups[p.Group]
	return key, known
}

// stored is how often each candidate's group was heard, as the call says it. What the groups are is an addendum; where
// it is absent, the counts cannot be checked, only that the choice follows from them.
func (j *judge) stored(e *floor.Entry, ev *floor.CalledOut) (map[floor.ID]int, string) {
	s := j.state
	if !s.Settings.Ties {
		return nil, ""
	}
	// Numbers that are all different show whom the rule looks at, and in which order.
	var all []floor.ID
	marks := map[floor.ID]int{}
	for _, side := range []floor.Side{floor.Room, floor.Online} {
		for _, t := range s.Waiting(side) {
			marks[t.ID] = len(all)
			all = append(all, t.ID)
		}
	}
	c, _ := s.Next(e.Stamp.At, marks)
	if len(c.Heard) != len(ev.Heard) {
		return nil, fmt.Sprintf("%d groups are counted, the rule looks at %d", len(ev.Heard), len(c.Heard))
	}
	heard := map[floor.ID]int{}
	for i, mark := range c.Heard {
		heard[all[mark]] = ev.Heard[i]
	}
	if j.unknown && len(ev.Heard) > 0 {
		j.v.Unverifiable++
		return heard, ""
	}
	for id, n := range heard {
		if j.heard[id] != n {
			return nil, fmt.Sprintf("the group of ticket %s was heard %d times, the call says %d", id, j.heard[id], n)
		}
	}
	return heard, ""
}

// twice finds a person with two live tickets (I6).
func (j *judge) twice() floor.ID {
	clear(j.seen)
	for _, id := range j.state.Line {
		t := j.state.Ticket(id)
		if t == nil || j.seen[t.Person] {
			return id
		}
		j.seen[t.Person] = true
	}
	return ""
}

// overlap: the main floor has one turn at a time (I6), and a call is at most one turn (I5).
func (j *judge) overlap() *Fault {
	s := j.state
	turns := make([]*floor.Turn, 0, len(s.Turns))
	calls := map[floor.ID]bool{}
	for i := range s.Turns {
		t := &s.Turns[i]
		if t.Kind == floor.SideTurn {
			continue
		}
		if t.Call != "" && calls[t.Call] {
			return broken(j.name, "call %.40q became two turns", t.Call)
		}
		calls[t.Call] = true
		turns = append(turns, t)
	}
	slices.SortStableFunc(turns, func(a, b *floor.Turn) int { // the running one, with Ended -1, comes last
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(uint64(a.Ended), uint64(b.Ended)))
	})
	for i := 1; i < len(turns); i++ {
		if p := turns[i-1]; p.Ended < 0 || p.Start+p.Length(s.At) > turns[i].Start {
			return broken(j.name, "turns %.40q and %.40q overlap", p.ID, turns[i].ID)
		}
	}
	return nil
}
