package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/journal/sqlite"
)

// beside opens another program's session over the same store.
func (h *house) beside() *Session {
	h.t.Helper()
	s, err := Open(context.Background(), h.Store, info, World{Now: time.Now, Nonce: nonce, Log: slog.New(slog.NewTextHandler(h, nil)), Shared: true})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(s.Close)
	return s
}

// until waits until a session shows that something is so.
func until(t *testing.T, s *Session, what string, so func(v *View) bool) {
	t.Helper()
	late := time.After(30 * time.Second)
	for v := s.View(); !so(v); v = s.View() {
		select {
		case <-v.Newer:
		case <-late:
			t.Fatalf("it never shows that %s", what)
		}
	}
}

// Three programs take commands for one session at once. Every acknowledged command is there once, and all show the
// same in the end.
func TestThreeNodes(t *testing.T) {
	h := enter(t)
	h.Session.Close()
	nodes := []*Session{h.beside(), h.beside(), h.beside()}
	h.Session = nodes[0]
	h.begin()
	const people = 30
	var all sync.WaitGroup
	var acknowledged atomic.Int64
	for i := range people {
		all.Go(func() {
			me := self(floor.ID(fmt.Sprint("guest", i)))
			name := fmt.Sprint("Guest ", i)
			give := func(n int, id string, c floor.Command) Answer {
				for {
					a, err := nodes[n%3].Do(context.Background(), Command{id, me, c})
					if err == nil {
						acknowledged.Add(1)
						return a
					}
					if !errors.Is(err, ErrNotNow) && !errors.Is(err, ErrUnknown) {
						t.Errorf("%s: %v", id, err)
						return a
					}
				}
			}
			give(i, "join", &floor.Join{Side: floor.Online, Description: floor.Description{Name: &name, Preset: "name"}})
			// A phone moves to another program with every press, and presses twice.
			first := give(i+1, "ask", &floor.Ask{})
			again := give(i+2, "ask", &floor.Ask{})
			if len(first.Made) == 0 || len(again.Made) == 0 || first.Made[0] != again.Made[0] {
				t.Errorf("guest %d was told %v, and then %v", i, first.Made, again.Made)
			}
		})
	}
	all.Wait()
	on := h.stored()
	for i, s := range nodes {
		until(t, s, "everything is there", func(v *View) bool { return v.Entries == on.Entries })
		if s.View().Hash() != on.Hash() {
			t.Errorf("node %d shows another state", i)
		}
	}
	if got := len(on.Line); got != people+3 {
		t.Errorf("%d wait in line, want %d", got, people+3)
	}
	if acknowledged.Load() != 3*people || on.Frictions > 0 {
		t.Errorf("%d acknowledged, %d entries found nothing to change", acknowledged.Load(), on.Frictions)
	}
}

// What somebody said and took back at one program leaves the memory of the others.
func TestErasedElsewhere(t *testing.T) {
	h := enter(t)
	h.Session.Close()
	a, b := h.beside(), h.beside()
	h.Session = a
	h.begin()
	said := func(s *Session) string { return s.View().Say(s.View().Person("ana").Name) }
	until(t, b, "ana is there", func(v *View) bool { return v.Person("ana") != nil && said(b) == "ana" })
	h.must(self("ana"), &floor.Erase{})
	until(t, b, "ana's name is gone", func(v *View) bool {
		b.Nudge()
		return said(b) == ""
	})
}

// A program that comes while another runs the session writes nothing about an interruption, and its clock agrees.
func TestComesLater(t *testing.T) {
	h := enter(t)
	h.Session.Close()
	a := h.beside()
	h.Session = a
	h.begin()
	h.speak()
	now := time.Now()
	if err := h.Store.Mark(context.Background(), info.Name, journal.Mark{Session: a.View().At(now), Wall: now.UnixMilli()}); err != nil {
		t.Fatal(err)
	}
	before := h.stored().Entries
	b := h.beside()
	if got := h.stored().Entries; got != before {
		t.Errorf("it wrote %d entries", got-before)
	}
	now = time.Now()
	if d := b.View().At(now) - a.View().At(now); d < -5 || d > 5 {
		t.Errorf("the clocks are %d ms apart", d)
	}
	// When nobody kept it for long, somebody says so.
	a.Close()
	b.Close()
	if err := h.Store.Mark(context.Background(), info.Name, journal.Mark{Session: a.View().At(now), Wall: now.Add(-time.Minute).UnixMilli()}); err != nil {
		t.Fatal(err)
	}
	h.beside()
	if got := h.stored().Entries; got != before+1 {
		t.Errorf("after a minute without anybody it wrote %d entries, want 1", got-before)
	}
}

// swapped is a store that is another one from some moment on.
type swapped struct {
	journal.Store
	now atomic.Pointer[journal.Store]
}

func (s *swapped) of() journal.Store { return *s.now.Load() }
func (s *swapped) Head(ctx context.Context, name journal.Name) (int64, [32]byte, error) {
	return s.of().Head(ctx, name)
}
func (s *swapped) Read(ctx context.Context, name journal.Name, from int64, limit int) ([]journal.Entry, []journal.Addendum, error) {
	return s.of().Read(ctx, name, from, limit)
}
func (s *swapped) Append(ctx context.Context, name journal.Name, n int64, b journal.Batch) error {
	return s.of().Append(ctx, name, n, b)
}

// A database that lost acknowledged entries is followed, and the operator is told: the session goes on with what is left.
func TestLostEntries(t *testing.T) {
	h := enter(t)
	h.Session.Close()
	whole := h.Store
	// The standby has the session up to here.
	short, err := sqlite.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { short.Close() })
	ctx := context.Background()
	if err := short.Create(ctx, info); err != nil {
		t.Fatal(err)
	}
	entries, addenda, err := whole.Read(ctx, info.Name, 1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if err := short.Append(ctx, info.Name, 0, journal.Batch{Entries: entries, Addenda: addenda}); err != nil {
		t.Fatal(err)
	}
	both := &swapped{Store: whole}
	both.now.Store(&whole)
	h.Store = both
	h.Session = h.beside()
	h.begin()
	shown := h.View().Entries
	var other journal.Store = short
	both.now.Store(&other)
	h.must(organiser, plan())
	if v := h.View(); v.Entries >= shown || v.Person("ana") != nil || h.stored().Hash() != v.Hash() {
		t.Errorf("it shows %d entries, %d before, and the store holds %d", v.Entries, shown, h.stored().Entries)
	}
	if !strings.Contains(h.said(), "lost entries") {
		t.Errorf("nobody is told: %s", h.said())
	}
}

// What another site wrote arrives at one program, piece by piece also at several; all of them show it, also the first that
// a site ever wrote. What does not join on is stored by none.
func TestForeignAtManyPrograms(t *testing.T) {
	h := enter(t)
	h.Session.Close()
	nodes := []*Session{h.beside(), h.beside(), h.beside()}
	h.Session = nodes[0]
	h.begin()
	name := journal.Name(h.Session.Session() + "/venue-v")
	h.must(nodes[0].Site(), &floor.Link{Journal: string(name), Key: aKey})
	for _, s := range nodes {
		until(t, s, "a site came", func(v *View) bool { return len(v.Sites) == 2 })
	}
	prev := ""
	entry := func(n int64) Foreign {
		e := &floor.Entry{Journal: string(name), N: n, Stamp: floor.Stamp{At: nodes[0].View().At(time.Now()), Count: n, Site: tagOf(name)}, Wall: 1, Command: fmt.Sprint("c", n), By: "p",
			Event: &floor.PassRevoked{Person: "p"}, Prev: prev}
		return Foreign{Name: name, Batch: journal.Batch{Entries: []journal.Entry{journal.NewEntry(n, e.Bytes())}}}
	}
	ctx := context.Background()
	for n := int64(1); n <= 9; n++ {
		f := entry(n)
		if n > 1 {
			prev = "another"
			if err := nodes[n%3].Receive(ctx, false, entry(n)); !errors.Is(err, ErrForeign) {
				t.Errorf("entry %d, which does not join on: %v", n, err)
			}
			if err := nodes[n%3].Receive(ctx, false, entry(n+1)); !errors.Is(err, journal.ErrGap) {
				t.Errorf("entry %d before entry %d: %v", n+1, n, err)
			}
		}
		if err := nodes[n%3].Receive(ctx, n%2 == 0, f); err != nil {
			t.Fatalf("entry %d: %v", n, err)
		}
		prev = floor.HashBytes(f.Entries[0].Bytes)
		for i, s := range nodes {
			late := time.After(30 * time.Second)
			for v := s.View(); !slices.ContainsFunc(v.Heads, func(h floor.Seen) bool { return h.Journal == string(name) && h.N == n }); v = s.View() {
				select {
				case <-v.Newer:
				case <-late:
					t.Fatalf("node %d does not show entry %d", i, n)
				}
			}
		}
	}
}
