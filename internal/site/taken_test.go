package site_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/live"
	"openmic/internal/site"
)

// A program was killed, and its disk does not give all of the log back. Whatever people were told is taken is there, or
// the session is named and only read; a restore goes on with what is left. Nothing is lost without a word.
func TestKilledAndTheLogIsCut(t *testing.T) {
	ctx := context.Background()
	st := newStage(t)
	st.discuss()
	id, entries := st.hall.ID, st.hall.Session.View().Entries
	wal, err := os.ReadFile(filepath.Join(st.data, "openmic.db-wal"))
	if err != nil || len(wal) < 1<<16 {
		t.Fatal(len(wal), err)
	}
	counts := map[string]int{}
	for part := range 12 {
		data := t.TempDir() // what a kill -9 leaves, with a shorter log
		for _, name := range []string{"key", "machine", "taken", "openmic.db"} {
			b, err := os.ReadFile(filepath.Join(st.data, name))
			if err == nil {
				err = os.WriteFile(filepath.Join(data, name), b, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		bad := bytes.Clone(wal[:len(wal)*(part+1)/12])
		if part%2 == 0 && part > 0 {
			bad = bytes.Clone(wal)
			bad[len(wal)*part/12] ^= 1
		}
		if err := os.WriteFile(filepath.Join(data, "openmic.db-wal"), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		what := fmt.Sprintf("part %d", part)
		var log bytes.Buffer
		s, err := site.Open(ctx, site.Settings{Data: data, Listen: "127.0.0.1:0", Now: st.clock}, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			counts["refused"]++
			continue
		}
		h, ok := s.Hall(id)
		if !ok {
			// The end took the list of sessions or the whole session along: the log of the program names it.
			if !strings.Contains(log.String(), "people were told are taken") {
				t.Errorf("%s: the session is gone, and the log says %s", what, log.String())
			}
			counts["gone, and said"]++
			s.Close()
			continue
		}
		v := h.Session.View()
		_, err = h.Session.Do(ctx, live.Command{ID: "after", Actor: myself("guest1"), Do: &floor.Join{Side: floor.Online}})
		var no *floor.Refusal
		shut := errors.As(err, &no) && no.Kind == "shut"
		switch {
		case v.Entries >= entries && !shut && err == nil:
			counts["whole"]++
		case v.Entries < entries && shut && strings.Contains(log.String(), "people were told are taken"):
			counts["named"]++
			var text bytes.Buffer
			if err := s.Export(ctx, id, &text); !site.Damaged(err) || !strings.Contains(err.Error(), "had been taken") {
				t.Errorf("%s: exported with %v", what, err)
			}
		default:
			t.Errorf("%s: %d of %d entries are here, a command is answered %v, the log says %s", what, v.Entries, entries, err, log.String())
		}
		s.Close()
		if !shut {
			continue
		}
		there := filepath.Join(t.TempDir(), "new")
		if _, err := (site.Restore{From: data, Data: there}).Run(ctx, quiet()); err != nil {
			t.Errorf("%s: it cannot be restored: %v", what, err)
			continue
		}
		again := open(t, site.Settings{Data: there, Listen: "127.0.0.1:0", Now: st.clock})
		h, ok = again.Hall(id)
		if !ok {
			t.Fatalf("%s: what was restored does not open", what)
		}
		// The first entries are those of a session that was being made: of those nobody has a link yet.
		if _, err := h.Session.Do(ctx, live.Command{ID: "after", Actor: myself("guest1"), Do: &floor.Join{Side: floor.Online}}); err != nil && v.Entries > 5 || h.Session.View().Entries < v.Entries {
			t.Errorf("%s: after the restore: %d entries, %v", what, h.Session.View().Entries, err)
		}
	}
	t.Logf("%v", counts)
	if counts["named"] < 3 {
		t.Error("this was no test")
	}
}
