package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"openmic/internal/journal"
)

// A log that is damaged or gone after a crash takes no acknowledged entry away without a word: the folder is refused, or
// all is there, or Lost says how far the journal had come.
func TestLogIsDamaged(t *testing.T) {
	ctx := t.Context()
	folder := t.TempDir()
	s, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	name, quiet := journal.Name("s/hub-a"), journal.Name("s/hub-b")
	var last int64
	add := func(count, size int) {
		t.Helper()
		for range count {
			e := journal.NewEntry(last+1, bytes.Repeat([]byte{'a' + byte(last%26)}, size))
			if err := s.Append(ctx, name, last, journal.Batch{Entries: []journal.Entry{e}}); err != nil {
				t.Fatal(err)
			}
			last++
		}
	}
	for _, n := range []journal.Name{name, quiet} {
		if err := s.Create(ctx, journal.Info{Name: n, Session: "s", Site: "hub"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Append(ctx, quiet, 0, journal.Batch{Entries: []journal.Entry{journal.NewEntry(1, []byte("one"))}}); err != nil {
		t.Fatal(err)
	}
	add(12, 400_000) // so much that the log is moved into the database, and begins anew
	add(20, 300)
	files := map[string][]byte{}
	for _, f := range []string{databaseFile, databaseFile + "-wal", machineFile, takenFile} {
		if files[f], err = os.ReadFile(filepath.Join(folder, f)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wal := files[databaseFile+"-wal"]
	t.Logf("the log has %d bytes", len(wal))
	// opened says what a folder of these files tells.
	opened := func(what string, files map[string][]byte) string {
		t.Helper()
		folder := t.TempDir()
		for f, b := range files {
			if err := os.WriteFile(filepath.Join(folder, f), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Open(folder)
		if err != nil {
			if !errors.Is(err, ErrRestored) && !errors.Is(err, journal.ErrDamaged) {
				t.Errorf("%s: %v", what, err)
			}
			return "refused"
		}
		defer s.Close()
		n, _, err := s.Head(ctx, name)
		if err != nil {
			return "named"
		}
		had, lost, err := s.Lost(ctx, name)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if _, lost, _ := s.Lost(ctx, quiet); lost {
			t.Errorf("%s: a journal that is whole counts as lost", what)
		}
		switch {
		case n == last && !lost:
			return "whole"
		case lost && had == last:
			again(t, s, folder, name, last)
			return "lost, and said"
		}
		return "lost in silence"
	}
	chance := rand.New(rand.NewPCG(7, 1))
	flip := func(b []byte) []byte {
		b = bytes.Clone(b)
		b[chance.IntN(len(b))] ^= 1 << chance.IntN(8)
		return b
	}
	counts, without := map[string]int{}, map[string]int{}
	for i := range 24 {
		bad := maps.Clone(files)
		switch {
		case i == 0:
			delete(bad, databaseFile+"-wal")
		case i == 1:
			bad[databaseFile+"-wal"] = nil
		case i == 2:
			bad[databaseFile+"-wal"] = make([]byte, len(wal))
		case i < 10:
			bad[databaseFile+"-wal"] = wal[:chance.IntN(len(wal))]
		default:
			bad[databaseFile+"-wal"] = flip(wal)
		}
		counts[opened(fmt.Sprintf("log %d", i), bad)]++
		delete(bad, takenFile) // as a power cut may leave it, or a program before this one
		without[opened(fmt.Sprintf("log %d, alone", i), bad)]++
	}
	t.Logf("with the file %v, without %v", counts, without)
	if counts["lost in silence"] > 0 || counts["lost, and said"] < 4 || without["lost in silence"] < 4 {
		t.Error("something was lost in silence, or this was no test")
	}
	// The file itself may be torn or strange, and an older one says less: a journal that is whole is never called lost.
	for i := range 12 {
		odd := maps.Clone(files)
		odd[takenFile] = flip(files[takenFile])
		if i < 6 {
			odd[takenFile] = files[takenFile][:chance.IntN(len(files[takenFile]))]
		}
		if what := opened(fmt.Sprintf("file %d", i), odd); what != "whole" {
			t.Errorf("with a strange file: %s", what)
		}
	}
}

// again: what was lost is told at the next start too, and a foreign journal that came back is lost no more.
func again(t *testing.T, s *Store, folder string, name journal.Name, last int64) {
	t.Helper()
	ctx := context.Background()
	other := journal.Name("s/venue-c")
	if err := s.Create(ctx, journal.Info{Name: other, Session: "s", Site: "venue"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(ctx, other, 0, journal.Batch{Entries: []journal.Entry{journal.NewEntry(1, []byte("one"))}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n, lost, err := s.Lost(ctx, name); n != last || !lost || err != nil {
		t.Errorf("at the next start: %d %v %v", n, lost, err)
	}
	if _, lost, err := s.Lost(ctx, other); lost || err != nil {
		t.Errorf("a journal that is whole: %v %v", lost, err)
	}
	n, _, err := s.Head(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	for ; n < last; n++ {
		size := 300
		if n < 12 {
			size = 400_000
		}
		e := journal.NewEntry(n+1, bytes.Repeat([]byte{'a' + byte(n%26)}, size))
		if err := s.AppendForeign(ctx, name, journal.Batch{Entries: []journal.Entry{e}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, lost, err := s.Lost(ctx, name); lost || err != nil {
		t.Errorf("when it has come back: %v %v", lost, err)
	}
}
