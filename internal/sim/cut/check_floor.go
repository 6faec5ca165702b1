package cut

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"openmic/floor"
)

// repeats lists the entries of presses that another site took before.
func repeats(es []*floor.Entry) map[*floor.Entry]bool {
	first := map[[2]string]string{}
	out := map[*floor.Entry]bool{}
	for _, e := range es {
		k := [2]string{string(e.By), e.Command}
		if j, ok := first[k]; !ok {
			first[k] = e.Journal
		} else if j != e.Journal && e.By != "" {
			out[e] = true
		}
	}
	return out
}

// meant gives the ask that is meant by each ID: of a press that was taken twice, the one that was taken first.
func meant(es []*floor.Entry) func(floor.ID) floor.ID {
	again := repeats(es)
	first, n, to := map[[2]string][]floor.ID{}, map[[3]string]int{}, map[floor.ID]floor.ID{}
	for _, e := range es {
		ev, ok := e.Event.(*floor.Asked)
		if !ok {
			continue
		}
		k, here := [2]string{string(e.By), e.Command}, [3]string{string(e.By), e.Command, e.Journal}
		if !again[e] {
			first[k] = append(first[k], ev.Ticket)
		} else if n[here] < len(first[k]) { // the second of one is the second of the other
			to[ev.Ticket] = first[k][n[here]]
		}
		n[here]++
	}
	return func(id floor.ID) floor.ID {
		if o, ok := to[id]; ok {
			return o
		}
		return id
	}
}

// places: journal order is line order, and who waited before the cut keeps the order (I4).
func (w *world) places(es []*floor.Entry, st *floor.State) string {
	type home struct {
		side floor.Side
		tag  string
	}
	last := map[home]*floor.Entry{}
	for _, id := range st.Line {
		t, e := st.Ticket(id), w.all[id]
		if t == nil || e == nil || t.Place != e.Stamp {
			if t != nil && e != nil && t.Place.Before(e.Stamp) {
				return fmt.Sprintf("I4: %s has a place from before it was asked", id)
			}
			continue // it took its place later
		}
		h := home{t.Side, e.Tag()}
		if o := last[h]; o != nil && o.N > e.N {
			return fmt.Sprintf("I4: %s stands behind %s, which was written later at the same site", id, o.ID())
		}
		last[h] = e
	}
	moved := map[floor.ID]bool{}
	for _, e := range es {
		if ev, ok := e.Event.(*floor.Moved); ok {
			moved[ev.Person] = true
		}
	}
	then := w.then(es)
	var before, now []floor.ID
	for _, id := range w.last.Line {
		was := then.Ticket(id)
		if was != nil && was.Place == w.last.Ticket(id).Place && slices.Contains(then.Line, id) && slices.Contains(st.Line, id) && !moved[st.Ticket(id).Person] {
			before = append(before, id)
		}
	}
	for _, id := range st.Line {
		if slices.Contains(before, id) {
			now = append(now, id)
		}
	}
	if !slices.Equal(before, now) {
		return fmt.Sprintf("I4: those who waited before stood as %v, and now as %v", before, now)
	}
	return ""
}

// then is the story that was told when both sites last agreed, up to the first entry that came to be known since. That is
// all of it, unless the machine of a site was lost: the next one knows only of what was backed up, and may say more about
// those who waited then.
func (w *world) then(es []*floor.Entry) *floor.State {
	n := 0
	for n < min(len(w.agreed), len(es)) && es[n] == w.agreed[n] {
		n++
	}
	if n == len(w.agreed) {
		return w.last
	}
	f := floor.NewFold()
	f.Add(w.agreed[:n]...)
	return f.State()
}

// turns: a call is at most one turn, what was written is there once (I5), and main turns never overlap (I6).
func (w *world) turns(es []*floor.Entry, st *floor.State) string {
	called, there := map[floor.ID]bool{}, map[floor.ID]*floor.Turn{}
	var main []*floor.Turn
	for i := range st.Turns {
		t := &st.Turns[i]
		if t.Call != "" && called[t.Call] {
			return fmt.Sprintf("I5: call %s became two turns", t.Call)
		}
		called[t.Call], there[t.ID] = true, t
		if t.Kind != floor.SideTurn {
			main = append(main, t)
		} else if t.Ended < 0 && t.ID != st.SideFloor.Now {
			return fmt.Sprintf("I5: turn %s runs for ever on a side floor where nobody can end it", t.ID)
		}
	}
	written := 0
	again, gavels := repeats(es), w.gavels(es)
	for _, e := range es {
		var id floor.ID
		aside := false
		switch ev := e.Event.(type) {
		case *floor.Started:
			id = ev.Turn
			aside = !gavels.has[e]
		case *floor.SideStarted:
			id = ev.Turn
		case *floor.Corrected:
			if !ev.Added {
				continue
			}
			id = ev.Turn
		default:
			continue
		}
		if again[e] {
			continue
		}
		written++
		t := there[id]
		if t == nil {
			return fmt.Sprintf("I5: the turn of entry %s is not there", e.ID())
		}
		if aside != (t.Kind == floor.SideTurn) && floor.Kind(e.Event) == "started" {
			return fmt.Sprintf("I6: turn %s is of kind %s; that the gavel was elsewhere by then is %t", id, t.Kind, aside)
		}
	}
	if written != len(st.Turns) {
		return fmt.Sprintf("I5: %d turns were written, and %d are there", written, len(st.Turns))
	}
	slices.SortStableFunc(main, func(a, b *floor.Turn) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(uint64(a.Ended), uint64(b.Ended)))
	})
	for i := 1; i < len(main); i++ {
		if p := main[i-1]; p.Ended < 0 || p.Start+p.Length(st.At) > main[i].Start {
			return fmt.Sprintf("I6: turns %s and %s overlap", p.ID, main[i].ID)
		}
	}
	return ""
}

// sane: a person has at most one live ticket, and the line holds those who wait, once, in the order of their places (I6).
func sane(_ []*floor.Entry, st *floor.State) string {
	seen := map[floor.ID]bool{}
	for i, id := range st.Line {
		t := st.Ticket(id)
		switch {
		case t == nil:
			return fmt.Sprintf("I6: the line names %s, which is nobody's", id)
		case seen[t.Person]:
			return fmt.Sprintf("I6: %s stands in the line twice", t.Person)
		case t.Status != floor.Waiting || !t.Placed:
			return fmt.Sprintf("I6: %s stands in the line and is %s", id, t.Status)
		case i > 0 && t.Place.Before(st.Ticket(st.Line[i-1]).Place):
			return fmt.Sprintf("I6: %s stands behind %s and has the earlier place", id, st.Line[i-1])
		}
		seen[t.Person] = true
	}
	live := map[floor.ID]floor.ID{}
	for i := range st.Tickets {
		t := &st.Tickets[i]
		if t.Live() != (t.End == "") || t.Live() != (t.Ended < 0) {
			return fmt.Sprintf("I6: %s is %s and ended with %q", t.ID, t.Status, t.End)
		}
		if !t.Live() || !t.Placed {
			continue
		}
		if o, ok := live[t.Person]; ok {
			return fmt.Sprintf("I6: %s has two live tickets, %s and %s", t.Person, o, t.ID)
		}
		live[t.Person] = t.ID
		if t.Status == floor.Waiting && !slices.Contains(st.Line, t.ID) {
			return fmt.Sprintf("I6: %s waits outside the line", t.ID)
		}
		if r := st.Current(); t.Status == floor.Spoke && (r == nil || r.Ticket != t.ID) {
			return fmt.Sprintf("I6: %s speaks without a turn", t.ID)
		}
		if c := st.Call(); t.Status == floor.CalledUp && (c == nil || c.Ticket != t.ID) {
			return fmt.Sprintf("I6: %s is called without a call", t.ID)
		}
	}
	return ""
}

// hidden until an unhide that saw it (I8).
func hidden(es []*floor.Entry, st *floor.State) string {
	again, real := repeats(es), meant(es)
	by := map[floor.ID][]*floor.Entry{}
	for _, e := range es {
		ev, ok := e.Event.(*floor.Hid)
		switch {
		case !ok || again[e]:
		case ev.Hidden:
			by[real(ev.Ticket)] = append(by[real(ev.Ticket)], e)
		default:
			by[real(ev.Ticket)] = slices.DeleteFunc(by[real(ev.Ticket)], func(h *floor.Entry) bool { return saw(e, h) })
		}
	}
	for i := range st.Tickets {
		t := &st.Tickets[i]
		if hides := by[t.ID]; t.Hidden != (len(hides) > 0) {
			if len(hides) > 0 {
				return fmt.Sprintf("I8: %s is shown, hidden by entry %s that nobody who showed it had seen", t.ID, hides[0].ID())
			}
			return fmt.Sprintf("I8: %s is hidden, and whoever showed it had seen that", t.ID)
		}
	}
	return ""
}

// approved: nobody reads out words, or against a doubt, that no approval had seen (I8).
func approved(es []*floor.Entry, st *floor.State) string {
	again, real := repeats(es), meant(es)
	yes, doubts := map[floor.ID][]*floor.Entry{}, map[floor.ID][]*floor.Entry{}
	by, same := map[floor.ID]*floor.Entry{}, map[[2]string][]*floor.Entry{} // of one press: the same words, at whichever site
	for _, e := range es {
		by[e.ID()] = e
		same[[2]string{string(e.By), e.Command}] = append(same[[2]string{string(e.By), e.Command}], e)
		if again[e] {
			continue
		}
		switch ev := e.Event.(type) {
		case *floor.Approved:
			yes[real(ev.Ticket)] = append(yes[real(ev.Ticket)], e)
		case *floor.Asked:
			if ev.Approved {
				yes[real(ev.Ticket)] = append(yes[real(ev.Ticket)], e)
			}
		case *floor.Edited:
			if ev.Approved {
				yes[real(ev.Ticket)] = append(yes[real(ev.Ticket)], e)
			}
		case *floor.Swapped:
			yes[real(ev.Ticket)] = append(yes[real(ev.Ticket)], e)
		case *floor.Held:
			doubts[real(ev.Ticket)] = append(doubts[real(ev.Ticket)], e)
		}
	}
	knew := func(t floor.ID, e *floor.Entry) bool {
		return e == nil || slices.ContainsFunc(yes[t], func(a *floor.Entry) bool {
			return a == e || slices.ContainsFunc(same[[2]string{string(e.By), e.Command}], func(o *floor.Entry) bool { return a == o || saw(a, o) })
		})
	}
	for i := range st.Tickets {
		t := &st.Tickets[i]
		if t.Form != floor.Card || !t.Approved || !t.Live() || t.Channel != "read" || t.Held {
			continue
		}
		for _, words := range []floor.Text{t.Text, t.About} {
			id, _, _ := strings.Cut(string(words), "/")
			if !knew(t.ID, by[floor.ID(id)]) {
				return fmt.Sprintf("I8: card %s may be read out, and nobody who approved it had seen its words of entry %s", t.ID, id)
			}
		}
		for _, h := range doubts[t.ID] {
			if !knew(t.ID, h) {
				return fmt.Sprintf("I8: card %s may be read out, and nobody who approved it had seen the doubt of entry %s", t.ID, h.ID())
			}
		}
	}
	return ""
}

// consents: what may be used of a person is at most what each consent allows that no later one had seen.
func consents(es []*floor.Entry, st *floor.State) string {
	again := repeats(es)
	type consent struct {
		e *floor.Entry
		c floor.Consent
	}
	by := map[floor.ID][]consent{}
	for _, e := range es {
		switch ev := e.Event.(type) {
		case *floor.Joined:
			by[ev.Person] = append(by[ev.Person], consent{e, ev.Consent})
		case *floor.Described:
			by[ev.Person] = append(by[ev.Person], consent{e, ev.Consent})
		case *floor.Erased:
			by[ev.Person] = append(by[ev.Person], consent{e, floor.Consent{}})
		}
	}
	for i := range st.People {
		p := &st.People[i]
		for _, c := range by[p.ID] {
			later := func(o consent) bool { return o.e != c.e && saw(o.e, c.e) && !again[o.e] }
			if again[c.e] || slices.ContainsFunc(by[p.ID], later) {
				continue
			}
			if beyond := p.Consent.Aloud&^c.c.Aloud | p.Consent.Screen&^c.c.Screen | p.Consent.Report&^c.c.Report | p.Consent.Officials&^c.c.Officials; beyond != 0 {
				return fmt.Sprintf("I8: more may be used of %s than entry %s allows", p.ID, c.e.ID())
			}
		}
	}
	return ""
}

// settings: of what both sites set without knowing of each other, that of the site with the gavel holds; else the later.
func (w *world) settings(es []*floor.Entry, st *floor.State) string {
	again, gavels := repeats(es), w.gavels(es)
	var by *floor.Entry
	want := floor.DefaultSettings
	for _, e := range es {
		if again[e] {
			continue
		}
		if ev, ok := e.Event.(*floor.Set); ok {
			gavel := gavels.before[e]
			if by == nil || saw(e, by) || e.Journal == gavel || by.Journal != gavel {
				by, want = e, ev.Settings
			}
		}
	}
	if st.Settings != want {
		return fmt.Sprintf("I1: the settings are %+v, and should be %+v", st.Settings, want)
	}
	return ""
}

// voices: of two asks by voice of one person the earlier lives (I6).
func voices(_ []*floor.Entry, st *floor.State) string {
	live := map[floor.ID]*floor.Ticket{}
	for i := range st.Tickets {
		t := &st.Tickets[i]
		if !t.Live() || t.Form != floor.Voice || t.Status == floor.Spoke {
			continue
		}
		if o := live[t.Person]; o != nil && o.Placed {
			return fmt.Sprintf("I6: %s asks by voice twice, with %s and %s", t.Person, o.ID, t.ID)
		}
		live[t.Person] = t
	}
	return ""
}

// lead adds it up a second time (I9).
func (w *world) lead(es []*floor.Entry, st *floor.State) string {
	var lead int64
	entered := map[floor.ID]int{}
	cutAt := map[floor.ID]bool{}
	for i, e := range es {
		if _, ok := e.Event.(*floor.Started); ok {
			cutAt[e.ID()] = openCuts(es[:i]) > 0
		}
	}
	b := st.Rule.B
	for _, l := range st.Ledger {
		if l.Clamp != nil || l.Forgiven {
			lead = min(max(lead, -b), b)
			continue
		}
		entered[l.Turn]++
		t := st.Turn(l.Turn)
		if t == nil || !t.Charged() {
			continue
		}
		waited, length := st.Waited(t, st.At)
		across := st.Waits[t.Side.Other()]
		open, edge := false, false
		for _, s := range across {
			edge = edge || s.From == t.Start || s.To == t.Start
			open = open || s.From <= t.Start && (s.To < 0 || s.To > t.Start)
		}
		if t.Cut != cutAt[t.ID] && !t.Added {
			return fmt.Sprintf("I9: turn %s began in a cut: %t; by the entries: %t", t.ID, t.Cut, cutAt[t.ID])
		}
		plain := t.Factor == 100 && len(t.Lost) == 0
		if t.Cut && !edge && plain {
			want := int64(0)
			if open {
				want = length
			}
			if waited != want {
				return fmt.Sprintf("I9: of turn %s, begun in a cut, %d ms are charged; it lasted %d and the other side waited: %t", t.ID, waited, length, open)
			}
		}
		charge := int64(0)
		if waited > 0 {
			charge = waited + max(0, st.Rule.Q-length)
		}
		charge /= int64(max(1, t.W[t.Side]))
		if t.Side == floor.Online {
			charge = -charge
		}
		lead += charge
		end := t.Ended
		if t.Doubtful(st.At) { // it counts until its cap, or until the crew last said that it ran
			if len(t.Lost) > 0 {
				return ""
			}
			end = t.Start + length
		}
		alone := !slices.ContainsFunc(across, func(s floor.Span) bool { return s.From <= end && (s.To < 0 || s.To > end) })
		if alone {
			lead = min(max(lead, -b), b)
		}
	}
	for i := range st.Turns {
		if t := &st.Turns[i]; t.Charged() && t.Ended >= 0 && entered[t.ID] != 1 {
			return fmt.Sprintf("I9: turn %s is charged %d times", t.ID, entered[t.ID])
		}
	}
	if got := st.Balance(st.At).Lead; got != lead {
		return fmt.Sprintf("I9: the lead is %d, added up again it is %d", got, lead)
	}
	return ""
}
