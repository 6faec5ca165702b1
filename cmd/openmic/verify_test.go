package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"openmic/floor"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// The record of a session is written from its folder and judged by exit codes, with flags before or after the names.
func TestRecordAndVerify(t *testing.T) {
	folder := t.TempDir()
	ctx := context.Background()
	s, err := site.Open(ctx, site.Settings{Data: folder, Listen: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(ctx); err != nil {
		t.Fatal(err)
	}
	id, _, err := s.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "A session", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 9}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "record")
	silent(t)
	exits := func(want int, args ...string) {
		t.Helper()
		var said bytes.Buffer
		if got := run(ctx, args, &said); got != want {
			t.Errorf("%v: exit %d, not %d: %s", args, got, want, said.String())
		}
	}
	exits(0, "record", id, file, "-data", folder)
	exits(0, "verify", file)
	exits(0, "record", "-data", folder, "-archive", id, file)
	exits(0, "verify", file, "-json")
	exits(1, "verify", file, "-key", "openmic-other+00000000+AAAA")
	exits(1, "record", "-data", folder, "nothing", file+"2")
	exits(1, "verify", file+"3")
	exits(2, "verify")
	exits(2, "verify", file, "-nonsense")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 4
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	exits(1, "verify", file)
	exits(1, "verify", "-json", file)
}

// silent sends what commands print nowhere while the test runs.
func silent(t *testing.T) {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	out, errs := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = null, null
	t.Cleanup(func() {
		os.Stdout, os.Stderr = out, errs
		null.Close()
	})
}
