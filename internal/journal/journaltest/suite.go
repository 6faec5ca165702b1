// Package journaltest is what every store has to pass before it may keep a session: the
// promise of package journal, sentence by sentence. It also brings stores that break on command, for
// tests of those who write to one.
package journaltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"openmic/internal/journal"
)

// A Place is where a store keeps its things, empty at first.
type Place struct {
	// Open opens the store there; after Close it opens the same things again.
	Open func() (journal.Store, error)
	// Folder holds every file of the store, "" if nobody can look into them; then only what is read is looked at.
	Folder string
}

// Run checks the promise. Each story gets a place of its own.
func Run(t *testing.T, place func(t *testing.T) Place) {
	for _, story := range []struct {
		name string
		tell func(*testing.T, Place)
	}{
		{"entries come back as they were appended", order},
		{"a wrong batch changes nothing", wrongBatches},
		{"two who append at the same n", compareAndSet},
		{"many append at once", concurrent},
		{"a journal is created once", create},
		{"what was acknowledged is there after opening again", reopen},
		{"watchers are woken", watch},
		{"nobody waits for ever", cancelled},
		{"the mark is replaced and never goes back", marks},
		{"a foreign journal grows without gaps and without forks", foreign},
		{"erased words are in no file", erase},
		{"erased before it came", eraseFirst},
		{"writes break in every way and the protocol ends right", faults},
	} {
		t.Run(strings.ReplaceAll(story.name, " ", "_"), func(t *testing.T) {
			story.tell(t, place(t))
		})
	}
}

const live = journal.Name("s1/venue-a")

func open(t *testing.T, p Place, names ...journal.Name) journal.Store {
	t.Helper()
	s, err := p.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for _, name := range names {
		if err := s.Create(t.Context(), info(name)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func info(name journal.Name) journal.Info {
	session, site, _ := strings.Cut(string(name), "/")
	return journal.Info{Name: name, Session: session, Site: site, Born: 1_700_000_000_000, Key: []byte{1, 2, 3}}
}

// Batch makes k entries after n, told apart by what, each with one addendum.
func Batch(what string, n int64, k int) journal.Batch {
	var b journal.Batch
	for i := range int64(k) {
		at := n + 1 + i
		b.Entries = append(b.Entries, journal.NewEntry(at, fmt.Appendf(nil, "%s %d\x00\xff", what, at)))
		b.Addenda = append(b.Addenda, journal.Addendum{N: at, Field: "text", Nonce: fmt.Appendf(nil, "nonce of %s %d", what, at), Text: fmt.Sprintf("words of %s %d", what, at)})
	}
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("got %v, want %v", err, target)
	}
}

// holds compares a whole journal with what it should be, in pages of a few entries.
func holds(t *testing.T, s journal.Store, name journal.Name, b journal.Batch) {
	t.Helper()
	var got journal.Batch
	for {
		entries, addenda, err := s.Read(t.Context(), name, int64(len(got.Entries))+1, 7)
		must(t, err)
		if len(entries) == 0 {
			break
		}
		got.Entries = append(got.Entries, entries...)
		got.Addenda = append(got.Addenda, addenda...)
	}
	sameEntry := func(a, b journal.Entry) bool {
		return a.N == b.N && a.Hash == b.Hash && bytes.Equal(a.Bytes, b.Bytes)
	}
	sameAddendum := func(a, b journal.Addendum) bool {
		return a.N == b.N && a.Field == b.Field && a.Text == b.Text && bytes.Equal(a.Nonce, b.Nonce)
	}
	if !slices.EqualFunc(got.Entries, b.Entries, sameEntry) {
		t.Fatalf("%s holds %d entries, not the %d expected", name, len(got.Entries), len(b.Entries))
	}
	if !slices.EqualFunc(got.Addenda, b.Addenda, sameAddendum) {
		t.Fatalf("%s holds %d addenda, not the %d expected", name, len(got.Addenda), len(b.Addenda))
	}
	n, hash, err := s.Head(t.Context(), name)
	must(t, err)
	var last journal.Entry
	if len(b.Entries) > 0 {
		last = b.Entries[len(b.Entries)-1]
	}
	if n != last.N || hash != last.Hash {
		t.Fatalf("head of %s is n=%d, want n=%d", name, n, last.N)
	}
}

func join(batches ...journal.Batch) (all journal.Batch) {
	for _, b := range batches {
		all.Entries = append(all.Entries, b.Entries...)
		all.Addenda = append(all.Addenda, b.Addenda...)
	}
	return all
}

func order(t *testing.T, p Place) {
	s := open(t, p, live, "s1/hub-b")
	holds(t, s, live, journal.Batch{})
	a, b := Batch("a", 0, 3), Batch("a", 3, 20)
	// Several addenda of an entry keep the order in which they came; odd texts stay odd.
	b.Addenda = append(b.Addenda, journal.Addendum{N: 23, Field: "about", Nonce: []byte{}, Text: "नमस्ते \x00 ملاحظة"})
	must(t, s.Append(t.Context(), live, 0, a))
	must(t, s.Append(t.Context(), live, 3, b))
	must(t, s.Append(t.Context(), "s1/hub-b", 0, Batch("other", 0, 2)))
	holds(t, s, live, join(a, b))
	holds(t, s, "s1/hub-b", Batch("other", 0, 2))
	entries, addenda, err := s.Read(t.Context(), live, 5, 2)
	must(t, err)
	if len(entries) != 2 || entries[0].N != 5 || len(addenda) != 2 || addenda[1].N != 6 {
		t.Fatalf("a page from 5: %v %v", entries, addenda)
	}
	entries, _, err = s.Read(t.Context(), live, 24, 10)
	if err != nil || len(entries) != 0 {
		t.Fatalf("past the end: %v %v", entries, err)
	}
}

func wrongBatches(t *testing.T, p Place) {
	s := open(t, p, live)
	must(t, s.Append(t.Context(), live, 0, Batch("a", 0, 2)))
	good := func() journal.Batch { return Batch("b", 2, 3) }
	for what, spoil := range map[string]func(*journal.Batch){
		"empty":            func(b *journal.Batch) { *b = journal.Batch{} },
		"gap inside":       func(b *journal.Batch) { b.Entries[2].N = 9 },
		"starts elsewhere": func(b *journal.Batch) { *b = Batch("b", 5, 1) },
		"hash":             func(b *journal.Batch) { b.Entries[1].Hash[0] ^= 1 },
		"no bytes":         func(b *journal.Batch) { b.Entries[1] = journal.NewEntry(4, nil) },
		"addendum outside": func(b *journal.Batch) { b.Addenda[0].N = 2 },
		"addendum twice":   func(b *journal.Batch) { b.Addenda = append(b.Addenda, b.Addenda[0]) },
		"too large":        func(b *journal.Batch) { b.Entries[0] = journal.NewEntry(3, make([]byte, journal.MaxBytes+1)) },
	} {
		b := good()
		spoil(&b)
		if err := s.Append(t.Context(), live, 2, b); !errors.Is(err, journal.ErrBad) {
			t.Errorf("%s: %v", what, err)
		}
	}
	want(t, s.Append(t.Context(), "s9/nobody-x", 0, Batch("a", 0, 1)), journal.ErrNoJournal)
	holds(t, s, live, Batch("a", 0, 2))
}

func compareAndSet(t *testing.T, p Place) {
	s := open(t, p, live)
	must(t, s.Append(t.Context(), live, 0, Batch("first", 0, 2)))
	want(t, s.Append(t.Context(), live, 0, Batch("second", 0, 5)), journal.ErrHead)
	want(t, s.Append(t.Context(), live, 1, Batch("second", 1, 1)), journal.ErrHead)
	want(t, s.Append(t.Context(), live, 3, Batch("second", 3, 1)), journal.ErrHead)
	holds(t, s, live, Batch("first", 0, 2))
	must(t, s.Append(t.Context(), live, 2, Batch("second", 2, 1)))
}

// concurrent: forty people append to two journals; whoever loses looks again. Each batch is
// there exactly once and unbroken.
func concurrent(t *testing.T, p Place) {
	names := []journal.Name{live, "s1/hub-b"}
	s := open(t, p, names...)
	var all sync.WaitGroup
	for who := range 40 {
		all.Go(func() {
			name := names[who%2]
			for round := range 5 {
				for {
					n, _, err := s.Head(t.Context(), name)
					if err != nil {
						t.Error(err)
						return
					}
					err = s.Append(t.Context(), name, n, Batch(fmt.Sprintf("p%d.%d", who, round), n, 1+round%3))
					if err == nil {
						break
					}
					if !errors.Is(err, journal.ErrHead) {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	all.Wait()
	for side, name := range names {
		entries, addenda, err := s.Read(t.Context(), name, 1, 10_000)
		must(t, err)
		if len(entries) != 20*9 || len(addenda) != 20*9 { // 1+2+3+1+2 a person
			t.Fatalf("%s: %d entries, %d addenda", name, len(entries), len(addenda))
		}
		seen := map[string]int{}
		for i, e := range entries {
			who, _, _ := strings.Cut(string(e.Bytes), " ")
			before := ""
			if i > 0 {
				before, _, _ = strings.Cut(string(entries[i-1].Bytes), " ")
			}
			if seen[who] > 0 && before != who {
				t.Fatalf("%s: the batch of %s is torn at n=%d", name, who, e.N)
			}
			seen[who]++
		}
		if len(seen) != 100 {
			t.Fatalf("side %d: %d batches, want 100", side, len(seen))
		}
	}
}

func create(t *testing.T, p Place) {
	s := open(t, p, live)
	must(t, s.Create(t.Context(), info(live)))
	other := info(live)
	other.Key = []byte{9}
	want(t, s.Create(t.Context(), other), journal.ErrExists)
	must(t, s.Create(t.Context(), info("s1/hub-b")))
	infos, err := s.List(t.Context())
	must(t, err)
	if len(infos) != 2 || infos[0].Name != "s1/hub-b" || infos[1].Site != "venue-a" || !bytes.Equal(infos[1].Key, []byte{1, 2, 3}) {
		t.Fatalf("list: %+v", infos)
	}
	_, _, err = s.Read(t.Context(), "s9/nobody-x", 1, 1)
	want(t, err, journal.ErrNoJournal)
	_, _, err = s.Head(t.Context(), "s9/nobody-x")
	want(t, err, journal.ErrNoJournal)
}

func reopen(t *testing.T, p Place) {
	s := open(t, p, live)
	must(t, s.Append(t.Context(), live, 0, Batch("a", 0, 30)))
	must(t, s.Mark(t.Context(), live, journal.Mark{Session: 5, Wall: 6}))
	must(t, s.Close())
	want(t, s.Append(t.Context(), live, 30, Batch("b", 30, 1)), journal.ErrNotStored)
	must(t, s.Close())
	s = open(t, p)
	holds(t, s, live, Batch("a", 0, 30))
	m, ok, err := s.LastMark(t.Context(), live)
	if err != nil || !ok || m != (journal.Mark{Session: 5, Wall: 6}) {
		t.Fatalf("mark: %v %v %v", m, ok, err)
	}
	must(t, s.Append(t.Context(), live, 30, Batch("b", 30, 1)))
}

func watch(t *testing.T, p Place) {
	s := open(t, p, live, "s1/hub-b")
	ctx, stop := context.WithCancel(t.Context())
	first, second := s.Watch(ctx, live), s.Watch(t.Context(), live)
	elsewhere := s.Watch(t.Context(), "s1/hub-b")
	for n := range int64(3) { // a slow watcher holds nobody up
		must(t, s.Append(t.Context(), live, n, Batch("a", n, 1)))
	}
	<-first
	<-second
	must(t, s.AppendForeign(t.Context(), live, Batch("a", 3, 1)))
	<-second
	stop()
	for range first { // drains what waited, ends when it is closed
	}
	if _, shared := s.(journal.Shared); !shared { // which wakes once too often rather than once too little
		select {
		case <-elsewhere:
			t.Fatal("woken by another journal")
		default:
		}
	}
	must(t, s.Close())
	for range elsewhere {
	}
	for range s.Watch(t.Context(), live) {
	}
}

func cancelled(t *testing.T, p Place) {
	s := open(t, p, live)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	err := s.Append(ctx, live, 0, Batch("a", 0, 1))
	want(t, err, journal.ErrNotStored)
	want(t, err, context.Canceled)
	holds(t, s, live, journal.Batch{})
}

func marks(t *testing.T, p Place) {
	s := open(t, p, live)
	_, ok, err := s.LastMark(t.Context(), live)
	if ok || err != nil {
		t.Fatalf("a mark before the first: %v %v", ok, err)
	}
	want(t, s.Mark(t.Context(), "s9/nobody-x", journal.Mark{}), journal.ErrNoJournal)
	for _, m := range []journal.Mark{{Session: 10, Wall: 100}, {Session: 20, Wall: 50}, {Session: 15, Wall: 200}} {
		must(t, s.Mark(t.Context(), live, m))
	}
	m, ok, err := s.LastMark(t.Context(), live)
	if err != nil || !ok || m != (journal.Mark{Session: 20, Wall: 50}) {
		t.Fatalf("mark: %v %v %v", m, ok, err)
	}
	holds(t, s, live, journal.Batch{})
}

func foreign(t *testing.T, p Place) {
	s := open(t, p, live)
	whole := Batch("a", 0, 10)
	part := func(from, to int64) journal.Batch {
		return journal.Batch{Entries: whole.Entries[from-1 : to], Addenda: whole.Addenda[from-1 : to]}
	}
	want(t, s.AppendForeign(t.Context(), live, part(2, 3)), journal.ErrGap)
	must(t, s.AppendForeign(t.Context(), live, part(1, 4)))
	must(t, s.AppendForeign(t.Context(), live, part(2, 3)))
	want(t, s.AppendForeign(t.Context(), live, part(6, 7)), journal.ErrGap)
	must(t, s.AppendForeign(t.Context(), live, part(3, 6)))
	holds(t, s, live, part(1, 6))

	forked := journal.Batch{Entries: slices.Clone(whole.Entries)}
	forked.Entries[4] = journal.NewEntry(5, []byte("another story"))
	err := s.AppendForeign(t.Context(), live, forked)
	want(t, err, journal.ErrFork)
	if !strings.Contains(err.Error(), "n=5") {
		t.Fatalf("the fork does not say where: %v", err)
	}
	holds(t, s, live, part(1, 6))
	must(t, s.AppendForeign(t.Context(), live, part(7, 10)))
	holds(t, s, live, whole)
}

// erase fills three journals, interleaved, with words from a few bytes to several pages, erases
// some, and looks for every one of them in every file while the store is open.
func erase(t *testing.T, p Place) {
	names := []journal.Name{"s1/venue-a", "s1/hub-b", "s2/venue-a"}
	s := open(t, p, names...)
	chance := rand.New(rand.NewPCG(1, 1))
	token := func(k int) string {
		var b strings.Builder
		for b.Len() < k {
			fmt.Fprintf(&b, "%016x", chance.Uint64())
		}
		return b.String()[:k]
	}
	kept := map[journal.Name]journal.Batch{}
	gone := map[journal.Name][]journal.Where{}
	var lost []string
	heads := map[journal.Name]int64{}
	fill := func(rounds int) {
		for range rounds {
			name := names[chance.IntN(len(names))]
			b := Batch("e", heads[name], 1+chance.IntN(3))
			for i := range b.Addenda {
				length := 24 + chance.IntN(200)
				if chance.IntN(10) == 0 {
					length += chance.IntN(12_000)
				}
				b.Addenda[i].Text, b.Addenda[i].Nonce = token(length), []byte(token(16))
			}
			must(t, s.Append(t.Context(), name, heads[name], b))
			heads[name] += int64(len(b.Entries))
			left := journal.Batch{Entries: b.Entries}
			for _, a := range b.Addenda {
				if chance.IntN(3) > 0 {
					left.Addenda = append(left.Addenda, a)
					continue
				}
				gone[name] = append(gone[name], journal.Where{N: a.N, Field: a.Field})
				lost = append(lost, string(a.Nonce))
				for at := 0; at+24 <= len(a.Text); at += 200 { // pieces too
					lost = append(lost, a.Text[at:at+24])
				}
			}
			kept[name] = join(kept[name], left)
		}
	}
	forget := func() {
		for _, name := range names {
			must(t, s.Erase(t.Context(), name, gone[name]))
			must(t, s.Erase(t.Context(), name, gone[name])) // again: nothing more happens
		}
		if n := found(t, p.Folder, lost); n != 0 {
			t.Fatalf("%d of %d erased pieces are still in the files", n, len(lost))
		}
		for _, name := range names {
			holds(t, s, name, kept[name])
		}
	}
	fill(150)
	if p.Folder == "" {
		t.Log("nobody can look into this store's files")
		forget()
		return
	}
	// A long text goes on in another page, so a piece may be cut in two.
	if n := found(t, p.Folder, lost); n < len(lost)*9/10 {
		t.Fatalf("only %d of %d pieces are in the files before erasing: this test looks in the wrong place", n, len(lost))
	}
	forget()
	fill(100)
	forget()
	must(t, s.Close())
	if n := found(t, p.Folder, lost); n != 0 {
		t.Fatalf("%d erased pieces came back when the store closed", n)
	}
	s = open(t, p)
	for _, name := range names {
		holds(t, s, name, kept[name])
	}
}

// found counts the pieces that occur in any file below folder.
func found(t *testing.T, folder string, pieces []string) (n int) {
	t.Helper()
	if folder == "" {
		return 0
	}
	var all []byte
	must(t, filepath.Walk(folder, func(path string, f os.FileInfo, err error) error {
		if err != nil || f.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all = append(all, b...)
		return err
	}))
	for _, piece := range pieces {
		if bytes.Contains(all, []byte(piece)) {
			n++
		}
	}
	return n
}

func eraseFirst(t *testing.T, p Place) {
	s := open(t, p, live)
	want(t, s.Erase(t.Context(), "s9/nobody-x", nil), journal.ErrNoJournal)
	must(t, s.Erase(t.Context(), live, []journal.Where{{N: 2, Field: "text"}}))
	b := Batch("a", 0, 3)
	must(t, s.AppendForeign(t.Context(), live, b))
	b.Addenda = slices.Delete(b.Addenda, 1, 2)
	holds(t, s, live, b)
}

// faults: for each way a write can break and each way Head can fail meanwhile, a caller who
// follows the protocol ends with every batch stored exactly once, in order.
func faults(t *testing.T, p Place) {
	s := open(t, p, live)
	chance := rand.New(rand.NewPCG(7, 7))
	broke := map[Fault]int{}
	calm := false
	f := NewFaulty(s, func(call string) Fault {
		fault := Fault(chance.IntN(int(Stored) + 1))
		if calm || fault == None {
			return None
		}
		broke[fault]++
		return fault
	})
	var all journal.Batch
	for i := range 60 {
		n := int64(len(all.Entries))
		b := Batch(fmt.Sprintf("b%d", i), n, 1+i%3)
		must(t, Surely(t.Context(), f, live, n, b))
		all = join(all, b)
	}
	// Somebody else wrote: the protocol says so however the write broke.
	for range 10 {
		want(t, Surely(t.Context(), f, live, 3, Batch("stranger", 3, 1)), journal.ErrHead)
	}
	calm = true
	holds(t, f, live, all)
	for fault := Refused; fault <= Stored; fault++ {
		if broke[fault] == 0 {
			t.Errorf("fault %d never happened", fault)
		}
	}
}

// Surely is the protocol of whoever appends: it ends when the batch is stored, or when it can
// never be stored there.
func Surely(ctx context.Context, s journal.Store, name journal.Name, n int64, b journal.Batch) error {
	for ctx.Err() == nil {
		err := s.Append(ctx, name, n, b)
		for errors.Is(err, journal.ErrUnknown) && ctx.Err() == nil {
			err = journal.Settle(ctx, s, name, n, b)
		}
		if !errors.Is(err, journal.ErrNotStored) {
			return err
		}
	}
	return ctx.Err()
}
