package site_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openmic/internal/site"
)

// Bytes are flipped all over the database file. Whatever is hit, the program says so in one sentence that names a place,
// or everything is as it was: nothing panics, nothing is lost in silence, and what lies before the fault can be taken out.
func TestFlippedBytes(t *testing.T) {
	ctx := context.Background()
	st := newStage(t)
	st.discuss()
	id := st.hall.ID
	var whole bytes.Buffer
	if err := st.site.Export(ctx, id, &whole); err != nil {
		t.Fatal(err)
	}
	if err := st.site.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := os.ReadFile(filepath.Join(st.data, "openmic.db"))
	if err != nil {
		t.Fatal(err)
	}
	chance := rand.New(rand.NewPCG(4, 2))
	counts, rounds := map[string]int{}, 60
	for round := range rounds {
		bad := bytes.Clone(db)
		at := 0
		if round > 5 {
			at = chance.IntN(len(bad))
		} else {
			at = round * 17
		}
		for bad[at] == 0 && round > 5 { // free space says nothing
			at = chance.IntN(len(bad))
		}
		bad[at] ^= byte(1 << chance.IntN(8))
		data := t.TempDir()
		for _, name := range []string{"key", "machine"} {
			b, err := os.ReadFile(filepath.Join(st.data, name))
			if err == nil {
				err = os.WriteFile(filepath.Join(data, name), b, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := os.CopyFS(filepath.Join(data, "checkpoints"), os.DirFS(filepath.Join(st.data, "checkpoints"))); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(data, "openmic.db"), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		counts[st.damaged(data, id, whole.String(), fmt.Sprintf("byte %d", at))]++
	}
	t.Logf("%v", counts)
	if counts["named"] < 15 {
		t.Error("hardly anything was noticed")
	}
}

// damaged opens a folder whose files were changed, and judges what is said of it.
func (st *stage) damaged(data, id, whole, what string) string {
	t := st.t
	ctx := context.Background()
	var log bytes.Buffer
	s, err := site.Open(ctx, site.Settings{Data: data, Listen: "127.0.0.1:0", Now: st.clock}, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		if strings.Count(err.Error(), "\n") > 0 || len(err.Error()) > 600 {
			t.Errorf("%s: no sentence: %v", what, err)
		}
		return "refused"
	}
	defer s.Close()
	var text bytes.Buffer
	err = s.Export(ctx, id, &text)
	switch {
	case err == nil && text.String() == whole:
		if h, ok := s.Hall(id); ok {
			_ = h.Session.View()
		}
		return "whole"
	case err == nil:
		t.Errorf("%s: lost in silence:\n%s", what, tail(text.String()))
		return "lost"
	case !site.Damaged(err):
		return "refused"
	}
	if !strings.Contains(err.Error(), "entry ") && !strings.Contains(err.Error(), "damaged") {
		t.Errorf("%s: no place: %v", what, err)
	}
	// What was written out is a session up to the fault.
	there, err := site.Open(ctx, site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0", Now: st.clock}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	if strings.Contains(text.String(), "entry ") {
		if _, _, err := there.Import(ctx, bytes.NewReader(text.Bytes())); err != nil {
			t.Errorf("%s: what was saved cannot be imported: %v", what, err)
		}
	}
	h, ok := s.Hall(id)
	if !ok {
		return "named, and not shown"
	}
	// What is shown is at least what was saved: wrong words are left out there, and the facts around them shown.
	if shown, saved := int(h.Session.View().Entries), strings.Count(text.String(), "\nentry "); shown < saved {
		t.Errorf("%s: %d entries shown, %d saved", what, shown, saved)
	}
	return "named"
}
