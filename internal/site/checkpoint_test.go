package site

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/live"
	"openmic/record"
)

// A running session is signed while it grows, when it is adjourned and when it closes; a restart goes on after the
// newest checkpoint, and all of them fit one tree.
func TestCheckpoints(t *testing.T) {
	folder := t.TempDir()
	ctx := context.Background()
	log := slog.New(slog.DiscardHandler)
	s, err := Open(ctx, Settings{Data: folder, Listen: "127.0.0.1:0"}, log)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	info := journal.Info{Name: "abc/hub-defgh", Session: "abc", Site: "hub", Key: []byte{}}
	if err := s.db.Create(ctx, info); err != nil {
		t.Fatal(err)
	}
	session, err := live.Open(ctx, s.db, info, s.world())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	n, err := s.notesOf(info.Name, info.Name)
	if err != nil {
		t.Fatal(err)
	}
	do := func(id string, c floor.Command) {
		t.Helper()
		if _, err := session.Do(ctx, live.Command{ID: id, Actor: floor.Actor{Person: "chair", Roles: floor.Chair | floor.Organiser}, Do: c}); err != nil {
			t.Fatal(err)
		}
	}
	until := func(size int64) {
		t.Helper()
		for range 2000 {
			b, err := n.read()
			if all := n.of(b, s.key.verify); err == nil && len(all) > 0 && all[len(all)-1].is.Size == size {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Fatalf("nothing was signed at %d entries", size)
	}
	often := newCheckpointer(session, n, nil, time.Now, time.Millisecond, log)
	until(1)
	do("1", &floor.Plan{Title: "A story", Segments: []floor.SegmentPlan{{Kind: "panel", Minutes: 3}}})
	until(2)
	often.Close()
	// A start anew, with a minute that is longer than the test.
	again, err := openNotes(folder, s.db, info.Name, info.Name, s.key, &s.signs)
	if err != nil {
		t.Fatal(err)
	}
	rarely := newCheckpointer(session, again, nil, time.Now, time.Hour, log)
	do("2", &floor.Open{})
	do("3", &floor.Adjourn{})
	until(session.View().Version)
	do("4", &floor.Tell{Text: "thank you"})
	rarely.Close()
	until(session.View().Version)

	b, err := n.read()
	if err != nil {
		t.Fatal(err)
	}
	all := n.of(b, s.key.verify)
	entries, _, err := s.db.Read(ctx, info.Name, 1, 100)
	if err != nil {
		t.Fatal(err)
	}
	var tree record.Tree
	for _, e := range entries {
		tree.Add(e.Bytes)
	}
	for i, c := range all {
		if c.is.Root != tree.Root(c.is.Size) || i > 0 && (c.is.Size <= all[i-1].is.Size || c.is.At < all[i-1].is.At) {
			t.Errorf("checkpoint %d is %+v", i, c.is)
		}
	}
	if st, err := os.Stat(filepath.Join(folder, "checkpoints", "abc")); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("the checkpoints: %v %v", st, err)
	}
}

// Files are called by the names of journals and of those who sign. Whatever such a name says, and wherever it came from,
// nothing is written outside the folder of the checkpoints.
func TestNoNameLeavesTheFolder(t *testing.T) {
	ctx := t.Context()
	around := t.TempDir()
	folder := filepath.Join(around, "data")
	for _, dir := range []string{folder, filepath.Join(around, "elsewhere")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(ctx, Settings{Data: folder, Listen: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	good, way := journal.Name("abc/venue-defgh"), journal.Name("abc/venue-/../../../../elsewhere/x-q")
	if err := os.MkdirAll(filepath.Join(folder, "checkpoints", "abc"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, x := range [][2]journal.Name{{way, good}, {good, way}, {way, way}, {"../venue-x", good}, {"abc", good}, {good, ""}, {"abc/../../elsewhere-y", good}} {
		n, err := openNotes(folder, s.db, x[0], x[1], s.key, &s.signs)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.keep(ctx, 1, x[1], []byte("a note")); err == nil {
			t.Errorf("%q, signed by %q: kept", x[0], x[1])
		}
		if err := n.evidence([]byte("a note"), string(x[1])); err == nil {
			t.Errorf("%q, signed by %q: kept as evidence", x[0], x[1])
		}
	}
	for _, dir := range []string{filepath.Join(around, "elsewhere"), filepath.Join(folder, "checkpoints", "abc")} {
		if err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				t.Errorf("%s is there", p)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}
