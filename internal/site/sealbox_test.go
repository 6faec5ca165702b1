package site

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/live"
	"openmic/internal/web/hall"
	"openmic/record"
)

// told is a site with a session of which it has the journal of a venue, and of that one checkpoint for each entry.
type told struct {
	s     *Site
	e     *entered
	data  string
	id    string
	venue string
	box   *sealbox
	notes []string // the smallest first
}

func newTold(t testing.TB, many int, now func() time.Time) *told {
	t.Helper()
	ctx := t.Context()
	x := &told{data: t.TempDir()}
	var err error
	if x.s, err = Open(ctx, Settings{Data: x.data, Listen: "127.0.0.1:0", Now: now}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.s.Close() })
	if x.id, _, err = x.s.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "Two halls", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}}); err != nil {
		t.Fatal(err)
	}
	x.e, x.venue = x.s.opened(x.id), x.id+"/venue-zz"
	sign, verify, err := note.GenerateKey(rand.Reader, "openmic-venue")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.e.session.Do(ctx, live.Command{ID: "link", Actor: x.e.session.Site(), Do: &floor.Link{Journal: x.venue, Key: verify}}); err != nil {
		t.Fatal(err)
	}
	x.box = &sealbox{s: x.s, id: x.id, session: x.e.session, odd: func(string) {}}
	var tree record.Tree
	b, prev := journal.Batch{}, ""
	for n := range int64(many) {
		y := &floor.Entry{Journal: x.venue, N: n + 1, Stamp: floor.Stamp{At: 1000 + n, Site: "zz"}, Wall: 1, Command: fmt.Sprint("c", n), By: "p", Event: &floor.Told{}, Prev: prev}
		tree.Add(y.Bytes())
		prev = floor.HashBytes(y.Bytes())
		b.Entries = append(b.Entries, journal.NewEntry(n+1, y.Bytes()))
		c, err := record.Sign(record.Checkpoint{Journal: x.venue, Size: n + 1, Root: tree.Root(n + 1), At: 10_000 + n}, sign)
		if err != nil {
			t.Fatal(err)
		}
		x.notes = append(x.notes, string(c))
	}
	if err := x.e.session.Receive(ctx, false, live.Foreign{Name: journal.Name(x.venue), Batch: b}); err != nil {
		t.Fatal(err)
	}
	return x
}

// kept is how many of the venue's checkpoints the box gives, which must be the smallest first.
func (x *told) kept(t testing.TB) (n int) {
	t.Helper()
	all, err := x.box.Kept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	last := int64(0)
	for _, k := range all {
		if k.By == x.venue {
			if n++; k.Size <= last {
				t.Errorf("a checkpoint of %d entries after one of %d", k.Size, last)
			}
			last = k.Size
		}
	}
	return n
}

func (x *told) take(t testing.TB, notes []string) {
	t.Helper()
	if err := x.box.Take(t.Context(), notes); err != nil {
		t.Fatal(err)
	}
}

// A checkpoint that was looked at is not read again, however many come after it: files that are damaged later are still
// known as what they were. What others put beside them is found.
func TestCheckpointsAreReadOnce(t *testing.T) {
	var later atomic.Int64 // ns
	x := newTold(t, 70, func() time.Time { return time.Now().Add(time.Duration(later.Load())) })
	before := 0
	damage := func() { // and count
		t.Helper()
		files, err := filepath.Glob(filepath.Join(x.data, "checkpoints", x.id, "venue-zz-*.note"))
		if err != nil || len(files) <= before {
			t.Fatalf("%d files, and before %d: %v", len(files), before, err)
		}
		before = len(files)
		for _, f := range files {
			if err := os.WriteFile(f, []byte("whoever reads this reads a file again"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := func(what string, n int) {
		t.Helper()
		if got := x.kept(t); got != n {
			t.Errorf("%s: %d are kept, and should be %d", what, got, n)
		}
	}
	x.take(t, x.notes[:20])
	damage()
	want("taken", 20)
	x.take(t, x.notes[20:40])
	want("taken after those", 40)
	x.take(t, x.notes[:40])
	want("the same again", 40)
	damage()
	n, err := x.s.notesOf(journal.Name(x.venue), x.e.session.Name())
	if err != nil {
		t.Fatal(err)
	}
	if err := n.sign(t.Context(), 40, 20_000); err != nil {
		t.Fatal(err)
	}
	want("this site signed meanwhile", 40)
	damage()
	if err := os.WriteFile(filepath.Join(n.folder, "venue-zz-000000050-copy.note"), []byte(x.notes[49]), 0o600); err != nil {
		t.Fatal(err)
	}
	later.Store(int64(11 * time.Second))
	want("another program put one there", 41)
	x.take(t, x.notes[40:60])
	want("taken beyond that one", 51)
	// A box that begins anew reads what is there now.
	x.box = &sealbox{s: x.s, id: x.id, session: x.e.session, odd: func(string) {}}
	want("begun anew", 11)
}

// What a hundred more checkpoints cost where many are kept.
func BenchmarkCheckpointsFromTheOtherSite(b *testing.B) {
	for _, many := range []int{0, 1000, 3500} {
		b.Run(fmt.Sprintf("kept=%d", many), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				x := newTold(b, many+100, nil)
				n, err := x.s.notesOf(journal.Name(x.venue), x.e.session.Name())
				if err != nil {
					b.Fatal(err)
				}
				for i, c := range x.notes[:many] {
					if err := os.WriteFile(filepath.Join(n.folder, fmt.Sprintf("venue-zz-%09d.note", i+1)), []byte(c), 0o600); err != nil {
						b.Fatal(err)
					}
				}
				x.kept(b)
				b.StartTimer()
				x.take(b, x.notes[many:])
				b.StopTimer()
				if got := x.kept(b); got != many+100 {
					b.Errorf("%d are kept of %d", got, many+100)
				}
			}
		})
	}
}

// A venue joins a session that has run for fifteen hours, with a checkpoint each minute: it gets all of them, and neither
// site notes a cut.
func TestJoiningLate(t *testing.T) {
	ctx := t.Context()
	sites := [2]*Site{}
	for i := range sites {
		s, err := Open(ctx, Settings{Data: t.TempDir(), Listen: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.Serve(ctx); err != nil {
			t.Fatal(err)
		}
		sites[i] = s
	}
	hub, venue := sites[0], sites[1]
	id, _, err := hub.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "Two halls", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}})
	if err != nil {
		t.Fatal(err)
	}
	session := hub.opened(id).session
	const many = 900
	var wait sync.WaitGroup
	for i := range many {
		wait.Go(func() {
			if _, err := session.Do(ctx, live.Command{ID: fmt.Sprint("c", i), Actor: session.Site(), Do: &floor.Revoke{Person: floor.ID(fmt.Sprint("p", i))}}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	n, err := hub.notesOf(session.Name(), session.Name())
	if err != nil {
		t.Fatal(err)
	}
	head := session.View().Head().N
	if err := n.sign(ctx, head, 1<<40); err != nil {
		t.Fatal(err)
	}
	for size := range head - 1 {
		root, at, err := n.root(ctx, size+1)
		if err != nil {
			t.Fatal(err)
		}
		c, err := record.Sign(record.Checkpoint{Journal: string(n.name), Size: size + 1, Root: root, At: at}, hub.key.sign)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(n.folder, path.Base(string(n.name))+fmt.Sprintf("-%09d.note", size+1)), c, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := hub.InviteVenue(ctx, id, "")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(l, "/link/")
	if _, err := venue.Join(ctx, strings.Replace(hub.Local(), "localhost", "127.0.0.1", 1)+"/link/"+rest); err != nil {
		t.Fatal(err)
	}
	there := venue.opened(id).session
	box := &sealbox{s: venue, id: id, session: there, odd: func(string) {}}
	for began, got := time.Now(), 0; got < many; time.Sleep(50 * time.Millisecond) {
		all, err := box.Kept(ctx)
		if err != nil {
			t.Fatal(err)
		}
		got = 0
		for _, k := range all {
			if k.Journal == string(n.name) && k.By == k.Journal {
				got++
			}
		}
		if time.Since(began) > 2*time.Minute {
			t.Fatalf("%d checkpoints of %d are at the venue", got, many)
		}
	}
	if a, b := session.View().Cuts, there.View().Cuts; len(a) > 0 || len(b) > 0 {
		t.Errorf("the hub has %d cuts, the venue %d, and no cable was cut", len(a), len(b))
	}
}

// What comes as a checkpoint of the other site is held against the entries that are here: what fits is kept, what tells
// another story is said and kept as evidence, and the rest changes nothing.
func TestCheckpointsFromTheOtherSite(t *testing.T) {
	ctx := t.Context()
	data := t.TempDir()
	s, err := Open(ctx, Settings{Data: data, Listen: "127.0.0.1:0"}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id, _, err := s.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "Two halls", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}})
	if err != nil {
		t.Fatal(err)
	}
	e := s.opened(id)
	sign, verify, err := note.GenerateKey(rand.Reader, "openmic-venue")
	if err != nil {
		t.Fatal(err)
	}
	stranger, _, err := note.GenerateKey(rand.Reader, "openmic-stranger")
	if err != nil {
		t.Fatal(err)
	}
	venue, hub := id+"/venue-zz", string(e.session.Name())
	if _, err := e.session.Do(ctx, live.Command{ID: "link", Actor: e.session.Site(), Do: &floor.Link{Journal: venue, Key: verify}}); err != nil {
		t.Fatal(err)
	}
	box := &sealbox{s: s, id: id, session: e.session, odd: func(kind string) { e.odd.Store(&kind) }}
	var tree, other record.Tree
	prev := ""
	for n := range int64(5) {
		x := &floor.Entry{Journal: venue, N: n + 1, Stamp: floor.Stamp{At: 1000 + n, Site: "zz"}, Wall: 1, Command: fmt.Sprint("c", n), By: "p", Event: &floor.Told{}, Prev: prev}
		tree.Add(x.Bytes())
		other.Add([]byte("another story"))
		prev = floor.HashBytes(x.Bytes())
		b := journal.Batch{Entries: []journal.Entry{{N: n + 1, Bytes: x.Bytes(), Hash: sha256.Sum256(x.Bytes())}}}
		if n == 4 {
			continue // is still on its way
		}
		if err := e.session.Receive(ctx, false, live.Foreign{Name: journal.Name(venue), Batch: b}); err != nil {
			t.Fatal(err)
		}
	}
	seal := func(key, of string, size int64, root string, at int64) string {
		b, err := record.Sign(record.Checkpoint{Journal: of, Size: size, Root: root, At: at}, key)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	kept := func() (out []string) {
		all, err := box.Kept(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range all {
			if k.By == venue {
				out = append(out, fmt.Sprint(strings.TrimPrefix(k.Journal, id+"/")[:3], k.Size))
			}
		}
		return out
	}
	ours, err := s.notesOf(journal.Name(hub), journal.Name(hub))
	if err != nil {
		t.Fatal(err)
	}
	head := e.session.View().Head().N
	ours.mu.Lock()
	root, _, err := ours.root(ctx, head)
	ours.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	take := func(what, note, trouble string, want ...string) {
		t.Helper()
		e.odd.Store(nil)
		if err := box.Take(ctx, []string{note}); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		got := ""
		if k := e.odd.Load(); k != nil {
			got = *k
		}
		if now := kept(); !slices.Equal(now, want) || got != trouble {
			t.Errorf("%s: kept %v, trouble %q; wanted %v, %q", what, now, got, want, trouble)
		}
	}
	at := int64(10 * 3600 * 1000)
	take("no note", "nonsense", "")
	take("a stranger's", seal(stranger, venue, 2, tree.Root(2), at), "")
	take("of another session", seal(sign, "zzzzzz/venue-zz", 2, tree.Root(2), at), "")
	take("too long", seal(sign, venue, 2, tree.Root(2), at)+strings.Repeat(" ", 1000), "")
	take("before what it signs", seal(sign, venue, 2, tree.Root(2), 1000), "")
	take("its own", seal(sign, venue, 2, tree.Root(2), at), "", "ven2")
	take("the same again", seal(sign, venue, 2, tree.Root(2), at), "", "ven2")
	take("one before it", seal(sign, venue, 1, tree.Root(1), at), "", "ven2")
	take("a later one of an earlier time", seal(sign, venue, 3, tree.Root(3), at-1), "", "ven2")
	take("of what is still to come", seal(sign, venue, 5, tree.Root(5), at), "", "ven2")
	take("ours, as seen there", seal(sign, hub, head, root, at), "", "hub"+fmt.Sprint(head), "ven2")
	take("another story of its own", seal(sign, venue, 4, other.Root(4), at), "seal", "hub"+fmt.Sprint(head), "ven2")
	take("more of ours than is here", seal(sign, hub, head+1, root, at), "lost-here", "hub"+fmt.Sprint(head), "ven2")
	take("all of it", seal(sign, venue, 4, tree.Root(4), at), "", "hub"+fmt.Sprint(head), "ven2", "ven4")
	forks, err := filepath.Glob(filepath.Join(data, "checkpoints", id, "*.fork"))
	if err != nil || len(forks) != 2 {
		t.Errorf("evidence is %v %v", forks, err)
	}
	for _, f := range forks {
		if b, err := os.ReadFile(f); err != nil || !strings.HasPrefix(string(b), "openmic/"+id) {
			t.Errorf("%s: %q %v", f, b, err)
		}
	}
	var zip strings.Builder
	if err := s.Record(context.WithoutCancel(ctx), id, false, &zip); err != nil {
		t.Fatal(err)
	}
	if v := record.Verify([]byte(zip.String())); v.Exit != 0 || v.Journals != 2 || len(v.Unsigned) != 0 {
		t.Errorf("the record: %d %s %s, unsigned %v", v.Exit, v.Where, v.Fault, v.Unsigned)
	}
}
