package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openmic/internal/journal"
	"openmic/internal/journal/journaltest"
	"openmic/internal/journal/postgres/pgtest"
)

// What one node writes the other hears of, by NOTIFY, and by looking when the word does not come.
func TestHearing(t *testing.T) {
	server := pgtest.Shared(t)
	url := server.Database(t)
	a := node(t, url)
	create(t, a, live)
	// One that never looks hears; one that looks finds what nobody tells.
	hears, err := open(t.Context(), url, quiet(), time.Hour)
	must(t, err)
	defer hears.Close()
	looks := node(t, url)
	n := int64(0)
	awaits := func(s *Store, heard <-chan struct{}, change func()) time.Duration {
		t.Helper()
		select {
		case <-heard: // of before
		default:
		}
		change()
		n++
		began := time.Now()
		for {
			select {
			case <-heard:
			case <-time.After(20 * time.Second):
				t.Fatalf("nobody heard of n=%d", n)
			}
			if h, _, err := s.Head(t.Context(), live); err == nil && h >= n {
				return time.Since(began)
			}
		}
	}
	heard := hears.Watch(t.Context(), live)
	listens := func() {
		t.Helper()
		for range 200 {
			must(t, a.Append(t.Context(), live, n, journaltest.Batch("a", n, 1)))
			n++
			select {
			case <-heard:
				return
			case <-time.After(100 * time.Millisecond): // its connection is not there yet
			}
		}
		t.Fatal("it does not listen")
	}
	listens()
	var took []time.Duration
	for range 100 {
		took = append(took, awaits(hears, heard, func() { must(t, a.Append(t.Context(), live, n, journaltest.Batch("a", n, 1))) }))
	}
	slices.Sort(took)
	t.Logf("by NOTIFY another node had an entry after p50 %v, p99 %v", took[50], took[99])

	silently := func() {
		_, err := a.write(t.Context(), `WITH j AS (UPDATE journal SET n = n + 1 RETURNING id, n) INSERT INTO entry SELECT id, n, 'x', 'y' FROM j`)
		must(t, err)
	}
	found := looks.Watch(t.Context(), live)
	took = nil
	for range 5 {
		took = append(took, awaits(looks, found, silently))
	}
	slices.Sort(took)
	t.Logf("by looking, of what nobody told, after %v at the latest", took[4])

	// The connection that hears is cut, and one more follows it.
	cut, err := server.Try("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+database(url)+"' AND (query LIKE 'LISTEN%' OR query = 'SELECT 1')")
	if err != nil || len(cut) == 0 {
		t.Fatalf("nothing was cut: %v", err)
	}
	for range 3 {
		awaits(looks, found, func() { must(t, a.Append(t.Context(), live, n, journaltest.Batch("a", n, 1))) })
	}
	listens()
	awaits(hears, heard, func() { must(t, a.Append(t.Context(), live, n, journaltest.Batch("a", n, 1))) })
}

func database(url string) string {
	return url[strings.LastIndex(url, "/")+1 : strings.Index(url, "?")]
}

// Passes and settings are the same on every node.
func TestBeside(t *testing.T) {
	url := pgtest.Shared(t).Database(t)
	a, b := node(t, url), node(t, url)
	ctx := t.Context()
	changed := b.WatchSetting(ctx, "room s1")
	must(t, a.Set(ctx, "room s1", "ABC"))
	for {
		<-changed
		if v, ok, err := b.Get(ctx, "room s1"); err == nil && ok && v == "ABC" {
			break
		}
	}
	must(t, a.Change(ctx, "room s1", "ABC", "DEF"))
	must(t, a.Change(ctx, "room s1", "ABC", "DEF")) // sent again: it has happened
	if err := b.Change(ctx, "room s1", "ABC", "GHI"); !errors.Is(err, journal.ErrChanged) {
		t.Errorf("changed twice from the same: %v", err)
	}
	must(t, b.Change(ctx, "new", "", "one"))
	if err := a.Change(ctx, "new", "", "two"); !errors.Is(err, journal.ErrChanged) {
		t.Errorf("made twice: %v", err)
	}
	if err := a.Change(ctx, "nothing", "was", "is"); !errors.Is(err, journal.ErrChanged) {
		t.Errorf("changed what was not there: %v", err)
	}

	p := journal.Pass{Hash: []byte{1}, Session: "s1", ID: "abc", Label: `{"label":"Ana"}`, Created: 5}
	must(t, a.PutPass(ctx, p))
	if got, ok, err := b.PassByID(ctx, "s1", "abc"); err != nil || !ok || got.Label != p.Label || got.Created != 5 || got.Revoked {
		t.Errorf("the other node has %+v %v %v", got, ok, err)
	}
	if err := b.PutPass(ctx, journal.Pass{Hash: []byte{2}, Session: "s1", ID: "abc"}); !errors.Is(err, journal.ErrExists) {
		t.Errorf("two passes of one name: %v", err)
	}
	revoked := b.WatchPasses(ctx, "s1")
	must(t, a.RevokePass(ctx, "s1", "abc"))
	for {
		<-revoked
		if got, _, err := b.PassByID(ctx, "s1", "abc"); err == nil && got.Revoked {
			break
		}
	}
	must(t, b.PutPass(ctx, p))
	must(t, b.ErasePass(ctx, "s1", "abc"))
	list, err := a.Passes(ctx, "s1")
	if err != nil || len(list) != 1 || !list[0].Revoked || list[0].Label != "" {
		t.Errorf("after erasing: %+v %v", list, err)
	}
	for _, f := range []func(context.Context, string, string) error{a.RevokePass, a.ErasePass} {
		if err := f(ctx, "s1", "nobody"); !errors.Is(err, journal.ErrNoPass) {
			t.Errorf("nobody's pass: %v", err)
		}
	}

	// What is good once is spent by one of many who spend it at once.
	must(t, a.PutPass(ctx, journal.Pass{Hash: []byte{3}, Session: "s1", ID: "once", Label: "{}"}))
	var first atomic.Int64
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			ok, err := []*Store{a, b}[i%2].SpendPass(ctx, "s1", "once")
			must(t, err)
			if ok {
				first.Add(1)
			}
		})
	}
	all.Wait()
	if ok, err := b.SpendPass(ctx, "s1", "nobody"); ok || err != nil || first.Load() != 1 {
		t.Errorf("spent %d times; nobody's: %v %v", first.Load(), ok, err)
	}

	must(t, a.PutCheckpoint(ctx, live, 20, []byte("second")))
	must(t, a.PutCheckpoint(ctx, live, 3, []byte("first")))
	must(t, b.PutCheckpoint(ctx, live, 3, []byte("another")))
	notes, err := b.Checkpoints(ctx, live)
	if err != nil || len(notes) != 2 || string(notes[0]) != "first" || string(notes[1]) != "second" {
		t.Errorf("checkpoints: %q %v", notes, err)
	}
	by := func(key, sign string) []byte {
		return []byte("openmic/s1/hub-a\n3\nroot\nat 4\n\n\u2014 " + key + " " + sign + "\n")
	}
	must(t, a.PutCheckpoint(ctx, live, 3, by("openmic-a", "one")))
	must(t, b.PutCheckpoint(ctx, live, 3, by("openmic-b", "two")))
	must(t, b.PutCheckpoint(ctx, live, 3, by("openmic-a", "three")))
	if notes, err = a.Checkpoints(ctx, live); err != nil || len(notes) != 4 || !bytes.Contains(notes[1], []byte(" one")) || !bytes.Contains(notes[2], []byte(" two")) {
		t.Errorf("checkpoints of two who sign: %q %v", notes, err)
	}
	must(t, a.Tell(ctx, "s1", "a", []byte("one")))
	must(t, a.Tell(ctx, "s1", "a", []byte("two")))
	must(t, b.Tell(ctx, "s1", "b", []byte("mine")))
	must(t, a.Tell(ctx, "s2", "a", []byte("another")))
	told, err := b.Told(ctx, "s1", "b")
	if err != nil || len(told) != 1 || string(told[0]) != "two" {
		t.Errorf("told: %q %v", told, err)
	}
	if now, err := a.Clock(ctx); err != nil || time.Since(now).Abs() > time.Minute {
		t.Errorf("the clock of a server on this machine: %v %v", now, err)
	}
}

// What two nodes know together: whoever was faster is known, and letters are taken once.
func TestTogether(t *testing.T) {
	url := pgtest.Shared(t).Database(t)
	a, b := node(t, url), node(t, url)
	ctx := t.Context()
	if value, _, err := b.Known(ctx, "x"); value != nil || err != nil {
		t.Fatalf("of nothing: %q %v", value, err)
	}
	swap := func(s *Store, was, value string, want bool) {
		t.Helper()
		bytes := func(s string) []byte {
			if s == "" {
				return nil
			}
			return []byte(s)
		}
		if ok, err := s.Swap(ctx, "x", bytes(was), bytes(value)); ok != want || err != nil {
			t.Errorf("swap %q for %q: %v %v", was, value, ok, err)
		}
	}
	swap(a, "", "one", true)
	swap(b, "one", "two", true)
	swap(a, "one", "three", false)
	swap(a, "one", "", false)
	if value, ago, err := a.Known(ctx, "x"); string(value) != "two" || ago < 0 || ago > time.Minute || err != nil {
		t.Errorf("known: %q %v %v", value, ago, err)
	}
	swap(b, "two", "", true)
	swap(b, "two", "four", false)
	if value, _, err := a.Known(ctx, "x"); value != nil || err != nil {
		t.Errorf("afterwards: %q %v", value, err)
	}
	var mine atomic.Int64
	var all sync.WaitGroup
	swap(a, "", "begin", true)
	for i := range 10 {
		all.Go(func() {
			if ok, err := []*Store{a, b}[i%2].Swap(ctx, "x", []byte("begin"), fmt.Append(nil, i)); ok && err == nil {
				mine.Add(1)
			}
		})
	}
	all.Wait()
	if mine.Load() != 1 {
		t.Errorf("%d were first", mine.Load())
	}

	box := b.WatchBox(ctx, "box")
	const letters = 50
	for i := range letters {
		must(t, a.Post(ctx, "box", fmt.Append(nil, i)))
		must(t, a.Post(ctx, "other", []byte("x")))
	}
	var got atomic.Int64
	for late := time.After(20 * time.Second); got.Load() < letters; {
		select {
		case <-box:
		case <-late:
			t.Fatalf("%d letters came", got.Load())
		}
		for i := range 4 {
			all.Go(func() {
				some, err := []*Store{a, b}[i%2].Fetch(ctx, "box")
				must(t, err)
				got.Add(int64(len(some)))
			})
		}
		all.Wait()
	}
	if got.Load() != letters {
		t.Errorf("of %d letters %d were taken", letters, got.Load())
	}
}
