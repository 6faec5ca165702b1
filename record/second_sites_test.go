package record

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
)

// doOnWing gives a command where this stage plays one of two sites.
func (st *stage) doOnWing(by floor.Actor, c floor.Command) error {
	w := st.wing
	w.at = max(w.at, st.at)
	if st.s = w.fold.State(); st.s.Settings.Ties {
		w.heard = st.heard()
	}
	err := w.do(by, c)
	st.s, st.at = w.fold.State(), w.at
	return err
}

// words are those that lie beside an entry of either site.
func (p *pair) words(t floor.Text) string {
	id, field, _ := strings.Cut(string(t), "/")
	for _, w := range append([]*wing{p.hub, p.venue}, p.old...) {
		n, err := strconv.ParseInt(strings.TrimPrefix(id, floor.Tag(w.name)), 10, 64)
		if err != nil {
			continue // of another site
		}
		for _, a := range w.addenda {
			if a.N == n && a.Field == field {
				return a.Text
			}
		}
	}
	return ""
}

// eventfulPair is a session of n steps on two sites in which all that may happen does: presses that come twice, people
// who join twice, and everything about a cut.
func eventfulPair(tb testing.TB, seed uint64, n int) *pair {
	r := rand.New(rand.NewPCG(seed, 17))
	p := &pair{hub: newWing(tb, "story/hub-h", 7), venue: newWing(tb, "story/venue-v", 8)}
	stages := []*stage{{tb: tb, r: r, pair: p, wing: p.hub, groups: seed%3 == 0}, {tb: tb, r: r, pair: p, wing: p.venue}}
	p.hub.must(tb, p.hub.site(), &floor.Create{Session: "story"})
	stages[0].s = p.hub.fold.State()
	stages[0].open(4)
	stages[0].must(p.hub.site(), &floor.Link{Journal: p.venue.name, Key: p.venue.verify})
	p.meet()
	severed := false
	note := func(c func(far string) floor.Command) {
		stages[0].try(p.hub.site(), c(p.venue.name))
		stages[1].try(p.venue.site(), c(p.hub.name))
	}
	var late []*floor.Entry // of a machine that was replaced, which its site does not know
	alone := false          // the new machine has heard nobody yet
	for i := range n {
		if i == n/2 && seed%5 > 0 {
			switch seed % 5 {
			case 1:
				late, severed = p.replaceVenue(tb), false
			case 2:
				late = p.restore(tb, r, p.hub, p.venue, "story/hub-i")
			case 3:
				late = p.restore(tb, r, p.venue, p.hub, "story/venue-w")
			}
			if alone = seed%5 == 2 || seed%5 == 3; alone {
				severed = true
				note(func(far string) floor.Command { return &floor.NoteCut{Far: far} })
			}
			stages[0].wing, stages[1].wing = p.hub, p.venue
		}
		if i == n*3/4 {
			p.hub.fold.Add(unheard(p.hub, late)...)
			p.venue.fold.Add(unheard(p.venue, late)...)
			if alone {
				alone = false
				p.meet()
			}
		}
		st := stages[r.IntN(2)]
		st.s, st.at = st.wing.fold.State(), max(st.wing.at, st.wing.fold.State().At)
		switch r.IntN(5) {
		case 0:
			st.rarely()
		case 1, 2:
			st.apart(stages)
		default:
			st.step(true)
		}
		switch {
		case alone:
		case !severed && r.IntN(12) > 0:
			p.meet()
		case !severed && r.IntN(2) == 0:
			severed = true
			note(func(far string) floor.Command { return &floor.NoteCut{Far: far} })
		case severed && r.IntN(14) == 0:
			severed = false
			p.meet()
			note(func(far string) floor.Command { return &floor.NoteHeal{Far: far} })
			p.meet()
		}
	}
	if seed%2 == 0 {
		p.meet()
	}
	return p
}

// replaceVenue lets a new machine go on for the venue, and gives what the old one had written and nobody had heard.
func (p *pair) replaceVenue(tb testing.TB) (late []*floor.Entry) {
	old, w := p.venue, newWing(tb, "story/venue-w", 9)
	late = old.own[p.hub.got:]
	p.hub.must(tb, p.hub.site(), &floor.Link{Journal: w.name, Key: w.verify, Succeeds: old.name})
	w.fold.Add(old.own[:p.hub.got]...)
	p.venue, p.old, p.hub.got = w, append(p.old, old), 0
	p.meet()
	return late
}

// unheard are those of these entries that are not here.
func unheard(w *wing, es []*floor.Entry) []*floor.Entry {
	return slices.DeleteFunc(slices.Clone(es), func(e *floor.Entry) bool {
		return slices.ContainsFunc(w.fold.State().Heads, func(h floor.Seen) bool { return h.Journal == e.Journal && h.N >= e.N })
	})
}

// restore lets a site go on in a new journal after its folder was restored from a backup of some entries ago, with a clock
// that may be behind. What the far site heard after that is in the record, too, and is given: the new machine does not
// know it. What nobody heard is gone.
func (p *pair) restore(tb testing.TB, r *rand.Rand, old, far *wing, name string) (late []*floor.Entry) {
	w := newWing(tb, name, 10)
	heard := far.got
	n := max(min(1, heard), heard-r.IntN(1+min(40, heard/3)))
	for n > 0 && n < heard && old.own[n-1].More {
		n++
	}
	back := 0 // how far it had heard the far one then
	if n > 0 {
		for _, v := range old.own[n-1].View {
			back = int(v.N)
		}
	} else if heard > 0 {
		for _, v := range old.own[0].View {
			back = int(v.N)
		}
	} else {
		back = old.got
	}
	w.fold.Add(old.own[:n]...)
	w.fold.Add(far.own[:back]...)
	w.got, far.got, w.at = back, 0, w.fold.Last().At+1+r.Int64N(60_000)
	c := &floor.Succeed{Journal: old.name, Was: old.verify, N: int64(n), Key: w.verify}
	if n > 0 {
		c.Hash = floor.HashBytes(old.rows[n-1])
	}
	if key, err := note.NewSigner(old.sign); err != nil {
		tb.Fatal(err)
	} else if sig, err := key.Sign([]byte(SuccessionText(w.name, c))); err != nil {
		tb.Fatal(err)
	} else {
		c.Proof = base64.RawURLEncoding.EncodeToString(sig)
	}
	w.must(tb, w.site(), c)
	if heard > 0 {
		cut := *old
		cut.own, cut.rows, cut.addenda = old.own[:heard], old.rows[:heard], upTo(old.addenda, heard)
		p.old = append(p.old, &cut)
	}
	if old == p.hub {
		p.hub = w
	} else {
		p.venue = w
	}
	return old.own[n:heard]
}

// apart is what happens only on two sites.
func (st *stage) apart(stages []*stage) {
	who := person(st.anybody())
	other := stages[0]
	if other == st {
		other = stages[1]
	}
	switch st.r.IntN(20) {
	case 0:
		st.try(theChair, &floor.Forgive{Class: floor.Classes[st.r.IntN(len(floor.Classes))], Note: "it is late"})
	case 1, 2:
		st.try(theChair, &floor.OpenSide{})
	case 3, 4:
		st.try(theChair, &floor.GiveSide{Person: who.Person})
	case 5:
		st.try(theChair, &floor.EndSide{})
	case 6:
		st.try(theChair, &floor.CloseSide{})
	case 7:
		st.try(theChair, &floor.TakeOver{Class: "access", Note: "the link"})
	case 8:
		st.try(theChair, &floor.Pass{To: other.wing.name})
	case 9:
		st.try(theChair, &floor.Settle{Ticket: st.anyTicket()})
	case 10:
		st.try(st.wing.site(), &floor.Revoke{Person: who.Person})
	case 11: // the same press at both
		st.presses++
		for _, x := range []*stage{st, other} {
			x.s, x.at = x.wing.fold.State(), max(x.wing.at, x.wing.fold.State().At)
			x.wing.press = fmt.Sprint("phone-", st.wing.name, st.presses)
			x.try(who, []floor.Command{&floor.Ask{}, &floor.Write{Text: "twice"}, &floor.Away{}, &floor.Move{Side: st.s.Person(who.Person).Side.Other()}}[st.presses%4])
			x.wing.press = ""
		}
		if n := len(other.s.Tickets); n > 0 { // and its site goes on with what it made of it
			id := other.s.Tickets[n-1].ID
			other.try(theChair, []floor.Command{&floor.Withdraw{Ticket: id}, &floor.Hide{Ticket: id}, &floor.Approve{Ticket: id}, &floor.Call{}}[st.r.IntN(4)])
		}
	case 12: // somebody joins at both
		for _, x := range []*stage{st, other} {
			x.s, x.at = x.wing.fold.State(), max(x.wing.at, x.wing.fold.State().At)
			x.try(person("both"), &floor.Join{Side: floor.Side(x.r.IntN(2)), Description: floor.Description{Name: new("Both"), Group: new(floor.Groups[0]), Preset: []string{"group", "name", "none"}[x.r.IntN(3)]}})
			x.try(person("both"), &floor.Ask{})
		}
	case 13, 14:
		st.walkUp(other)
	default:
		st.collide(other)
	}
}

// collide does two things about one ticket or person at both sites at once, and at the first of them a third.
func (st *stage) collide(other *stage) {
	other.s, other.at = other.wing.fold.State(), max(other.wing.at, other.wing.fold.State().At)
	id, who := st.anyTicket(), st.anybody()
	if t := st.s.Ticket(id); t != nil {
		who = t.Person
	}
	describe := func(preset string) floor.Command {
		return &floor.Describe{Description: floor.Description{Name: new("a name of " + preset), Preset: preset}}
	}
	edit := &floor.Edit{Ticket: id, Text: new("other words")}
	plan := func(title string) floor.Command {
		return &floor.Plan{Title: title, Segments: []floor.SegmentPlan{{Kind: "panel", Minutes: 20}}}
	}
	change := func() floor.Command {
		return &floor.Change{Ties: new(st.r.IntN(2) == 0), ApproveCards: new(st.r.IntN(2) == 0)}
	}
	all := [][3]floor.Command{
		{edit, &floor.Approve{Ticket: id}, &floor.Call{}}, {&floor.Hold{Ticket: id}, &floor.Approve{Ticket: id}, &floor.Call{}}, {&floor.Hold{Ticket: id}, &floor.Hold{Ticket: id}, &floor.Approve{Ticket: id}},
		{edit, &floor.Edit{Ticket: id, Text: new("words for it")}, &floor.Call{}}, {edit, edit, &floor.Approve{Ticket: id}}, {&floor.Hide{Ticket: id}, &floor.Hide{Ticket: id}, &floor.Hide{Ticket: id, Show: true}},
		{describe("none"), describe("group"), &floor.Call{}}, {describe("group"), describe("name"), describe("none")}, {describe("name"), &floor.Erase{Person: who}, describe("group")},
		{&floor.Erase{}, &floor.Write{Text: "something new"}, &floor.Call{}}, {change(), change(), &floor.Call{}}, {plan("One"), plan("Two"), &floor.Begin{}},
		{&floor.Withdraw{Ticket: id}, &floor.Override{Ticket: id, Class: "time"}, &floor.Ask{}}, {&floor.Merge{Ticket: id, Into: st.anyTicket()}, &floor.Override{Ticket: id, Class: "order"}, &floor.Ask{}},
		{&floor.Settle{Ticket: id}, &floor.Override{Ticket: id, Class: "access"}, &floor.Ask{}},
	}
	three := all[st.r.IntN(len(all))]
	st.at += st.r.Int64N(3000)
	for i, x := range []*stage{st, other, st} {
		by := []floor.Actor{person(who), theChair}
		if i == 1 {
			slices.Reverse(by)
		}
		if !x.try(by[0], three[i]) {
			x.try(by[1], three[i])
		}
	}
	other.try(theChair, &floor.Start{})
}

// stampOf, pressOf and itsView are parts of an entry that alteredPair alters.
var (
	stampOf = regexp.MustCompile(`"stamp":\{"at":(\d+),"count":(\d+)`)
	pressOf = regexp.MustCompile(`"command":"[^"]*","more":(true|false),"by":"[^"]*"`)
	itsView = regexp.MustCompile(`"view":\[[^\]]*\]`)
	viewN   = regexp.MustCompile(`("view":\[\{"journal":"[^"]*","n":)(\d+)`)
)

// alteredPair is a record of two sites in which one of them altered something and chained and signed everything anew, and
// what. Nil when nothing was found to alter.
func alteredPair(t *testing.T, p *pair, r *rand.Rand) (b []byte, name string) {
	t.Helper()
	rows := [2][]string{}
	for k, own := range [][][]byte{p.hub.rows, p.venue.rows[:p.hub.got]} {
		for _, b := range own {
			rows[k] = append(rows[k], string(b))
		}
	}
	if min(len(rows[0]), len(rows[1])) < 2 { // a machine that replaced another has just begun
		return nil, ""
	}
	k := r.IntN(2)
	wings := []*wing{p.hub, p.venue}
	st := &stage{r: r, s: p.hub.fold.State(), at: p.hub.fold.State().At}
	if len(st.s.People) == 0 || len(rows[k]) < 3 {
		return nil, ""
	}
	n := len(rows[k])
	i := 1 + r.IntN(n-1)
	switch r.IntN(8) {
	case 0, 1: // some value
		rows[k][i], name = st.otherValue(rows[k][i], r)
	case 2: // what it had seen
		to := strconv.Itoa(1 + r.IntN(len(rows[1-k])))
		if r.IntN(2) == 0 {
			if m := viewN.FindStringSubmatch(rows[k][i]); m != nil {
				seen, _ := strconv.Atoi(m[2])
				to = strconv.Itoa(max(1, seen-r.IntN(20)+1))
			}
		}
		for j := i; j < min(n, i+1+r.IntN(6)); j++ {
			rows[k][j] = viewN.ReplaceAllString(rows[k][j], "${1}"+to)
		}
		name = "had seen " + to
	case 3: // when
		m := stampOf.FindStringSubmatch(rows[k][i])
		at, _ := strconv.ParseInt(m[1], 10, 64)
		at += []int64{-1, 1, -500, 500, 3000, 40_000}[r.IntN(6)]
		rows[k][i] = stampOf.ReplaceAllString(rows[k][i], fmt.Sprintf(`"stamp":{"at":%d,"count":%s`, at, m[2]))
		name = fmt.Sprintf("at %d", at)
	case 4: // the press of another
		there := rows[1-k][r.IntN(len(rows[1-k]))]
		rows[k][i] = pressOf.ReplaceAllLiteralString(rows[k][i], pressOf.FindString(there))
		name = "with the press of " + pressOf.FindString(there)
	case 5: // the first entries
		n = i
		name = "the first"
	case 6: // entries of before, or of the other site, once more
		last := rows[k][n-1]
		m := stampOf.FindStringSubmatch(last)
		at, _ := strconv.ParseInt(m[1], 10, 64)
		for again := range 1 + r.IntN(4) {
			at += int64(1 + r.IntN(30_000))
			from := r.IntN(2)
			row := rows[from][1+r.IntN(len(rows[from])-1)]
			row = stampOf.ReplaceAllString(row, fmt.Sprintf(`"stamp":{"at":%d,"count":0`, at))
			row = strings.Replace(row, `"site":"`+floor.Tag(wings[1-k].name)+`"`, `"site":"`+floor.Tag(wings[k].name)+`"`, 1)
			row = strings.Replace(row, `{"v":1,"journal":"`+wings[1-k].name, `{"v":1,"journal":"`+wings[k].name, 1)
			row = itsView.ReplaceAllLiteralString(row, itsView.FindString(last))
			row = itsPress.ReplaceAllString(row, fmt.Sprintf(`"command":"again-%d","more":false`, again))
			row = itsWords.ReplaceAllString(row, `"said":{}`)
			what := ""
			if r.IntN(3) == 0 {
				row, what = st.otherValue(row, r)
			}
			rows[k] = append(rows[k], row)
			name += " again " + row[strings.Index(row, `"kind"`):] + what
		}
		n = len(rows[k])
	case 7: // letters
		rows[k][i], name = otherLetters(rows[k][i], r)
	}
	q := &pair{hub: p.hub, venue: p.venue, old: p.old}
	copied := *wings[k]
	copied.rows = nil
	prev := ""
	for j, row := range rows[k][:n] {
		row = itsNumber.ReplaceAllString(row, fmt.Sprintf(`,"n":%d,"stamp"`, j+1))
		row = itsPrev.ReplaceAllLiteralString(row, `"prev":"`+prev+`"}`)
		prev = floor.HashBytes([]byte(row))
		copied.rows = append(copied.rows, []byte(row))
	}
	hub := *p.hub
	if k == 0 {
		copied.addenda = upTo(copied.addenda, n)
		hub = copied
	} else {
		q.venue = &copied
		hub.got = n
	}
	hub.at = 1 << 40 // what is signed is signed later
	q.hub = &hub
	defer func() { // what cannot be assembled is no specimen
		if recover() != nil {
			b = nil
		}
	}()
	var out strings.Builder
	if err := Write(&out, "story", []string{Public, Archive}[r.IntN(2)], q.sources(t, r.IntN(2) == 0)...); err != nil {
		return nil, ""
	}
	return []byte(out.String()), fmt.Sprintf("%s entry %d %s", wings[k].name, i+1, name)
}

func upTo(all []floor.Addendum, n int) []floor.Addendum {
	return slices.DeleteFunc(slices.Clone(all), func(a floor.Addendum) bool { return a.N > int64(n) })
}

// twoSites are records of sessions on two sites, good and altered.
func twoSites(t *testing.T) (out []specimen) {
	n := uint64(24)
	if testing.Short() {
		n = 4
	}
	for seed := range n {
		p := eventfulPair(t, seed, 40+int(seed)*6)
		if seed%5 == 4 {
			p = playPair(t, seed, seed%10 == 9)
		}
		for _, kind := range []string{Public, Archive} {
			out = append(out, specimen{"eventful", fmt.Sprintf("%s, seed %d", kind, seed), 0, written(t, kind, p.sources(t, seed%3 == 0)...)})
		}
		out = append(out, tooManyWords(t, p, seed)...)
		for i := range uint64(20) {
			if b, name := alteredPair(t, p, rand.New(rand.NewPCG(seed, i))); b != nil {
				out = append(out, specimen{"altered", fmt.Sprintf("seed %d, %d: %s", seed, i, name), 0, b})
			}
		}
	}
	return out
}

// tooManyWords are public records of two sites, each with one text that may not stand in it.
func tooManyWords(t *testing.T, p *pair, seed uint64) (out []specimen) {
	state := floor.NewFold()
	sources := p.sources(t, true)
	for _, s := range sources {
		for _, row := range s.Entries {
			e, err := floor.ParseEntry(row)
			if err != nil {
				t.Fatal(err)
			}
			state.Add(e)
		}
	}
	shelf := newShelf(state.State(), Public)
	left := map[string]int{"text": 4, "name": 12}
	for _, e := range state.Entries() {
		switch e.Event.(type) {
		case *floor.Joined, *floor.Described, *floor.Asked, *floor.Edited:
		default:
			continue
		}
		k := slices.IndexFunc(sources, func(s Source) bool { return s.Name == e.Journal })
		for _, a := range sources[k].Addenda {
			if a.N == e.N && left[a.Field] > 0 && !shelf.gone(e) && !shelf.holds(e, a.Field) {
				left[a.Field]--
				out = append(out, specimen{"one text too many", fmt.Sprintf("seed %d, %s of %s", seed, a.Field, e.ID()), 1, withOneMore(t, written(t, Public, sources...), e.Journal, a)})
			}
		}
	}
	return out
}

// withOneMore puts one text more into a record.
func withOneMore(t *testing.T, record []byte, journal string, a floor.Addendum) []byte {
	files, f := unpack(record)
	if f != nil {
		t.Fatal(f)
	}
	m, f := readManifest(files[0].data)
	if f != nil {
		t.Fatal(f)
	}
	for i := range m.Journals {
		if m.Journals[i].Name == journal {
			m.Journals[i].Addenda++
		}
	}
	files[0].data = line(m)
	i := slices.IndexFunc(files, func(x file) bool { return x.name == addendaFile(journal) })
	rows := append(strings.SplitAfter(string(files[i].data), "\n"), string(wordLine(a)))
	key := func(row string) (n int64, field string) {
		var w word
		_ = decode([]byte(strings.TrimSuffix(row, "\n")), &w) // what is behind the last newline is empty, and first
		return w.N, w.Field
	}
	slices.SortFunc(rows, func(a, b string) int {
		n, field := key(a)
		m, other := key(b)
		return cmp.Or(cmp.Compare(n, m), cmp.Compare(field, other))
	})
	files[i].data = []byte(strings.Join(rows, ""))
	var b strings.Builder
	if err := pack(&b, files); err != nil {
		t.Fatal(err)
	}
	return []byte(b.String())
}
