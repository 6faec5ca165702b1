package site

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/live"
	"openmic/internal/web/hall"
	"openmic/record"
)

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
