package site_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/site"
	"openmic/record"
)

// A venue is restored without its key, so that it waits for its hub. What both sites signed before the backup is proven
// all the same, also by what is restored of that again; and where a word of it is damaged, what lies before.
func TestRecordOfAVenueWithoutItsKey(t *testing.T) {
	ctx := context.Background()
	p := newPair(t)
	p.must(p.venue, organiser, &floor.Open{})
	p.must(p.hub, myself("sita"), &floor.Join{Side: floor.Online})
	p.until("the venue has sita", p.same)
	backup(t, p.venue) // signs
	p.must(p.venue, organiser, &floor.Tell{Text: "seawater is salt"})
	p.until("the hub has the words", p.same)
	file := backup(t, p.venue)
	entries := int(p.session(p.venue).View().Entries)
	if err := p.venue.Close(); err != nil {
		t.Fatal(err)
	}
	var data string
	for range 2 {
		data = filepath.Join(t.TempDir(), "new")
		if back := restore(t, site.Restore{From: file, Data: data}); back[0].Journal != "" {
			t.Fatalf("%+v", back)
		}
		there := open(t, site.Settings{Data: data, Listen: "127.0.0.1:0"})
		if v := p.record(there, false); v.Journals != 2 || v.Entries != entries {
			t.Errorf("the record has %d journals and %d entries, not 2 and %d", v.Journals, v.Entries, entries)
		}
		file = backup(t, there)
		if err := there.Close(); err != nil {
			t.Fatal(err)
		}
	}
	db := filepath.Join(data, "openmic.db")
	b, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte("seawater"))
	if at < 0 {
		t.Fatal("the words are not in the database")
	}
	b[at] = 'S'
	if err := os.WriteFile(db, b, 0o600); err != nil {
		t.Fatal(err)
	}
	there := open(t, site.Settings{Data: data, Listen: "127.0.0.1:0"})
	var saved bytes.Buffer
	if err := there.Record(ctx, p.id, true, &saved); !site.Damaged(err) || !strings.Contains(err.Error(), "its words") {
		t.Errorf("of damaged words it says %v", err)
	}
	if v := record.Verify(saved.Bytes()); v.Exit != 0 || v.Entries == 0 || v.Entries >= entries {
		t.Errorf("before the fault: exit %d, %d of %d entries %s", v.Exit, v.Entries, entries, v.Fault)
	}
	if err := there.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(data, "checkpoints")); err != nil {
		t.Fatal(err)
	}
	saved.Reset()
	there = open(t, site.Settings{Data: data, Listen: "127.0.0.1:0"})
	if err := there.Record(ctx, p.id, true, &saved); err == nil || site.Damaged(err) || saved.Len() > 0 || !strings.Contains(err.Error(), "before the fault is signed") {
		t.Errorf("where nothing is signed it says %v and writes %d bytes", err, saved.Len())
	}
}
