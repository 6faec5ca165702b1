package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/site"
	"openmic/internal/web/hall"
	"openmic/record"
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
	h, ok := s.Hall(id)
	if !ok {
		t.Fatal("the session does not open")
	}
	receipt, note, err := h.Receipt(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(t.TempDir(), "receipt.txt")
	if err := os.WriteFile(kept, note, 0o600); err != nil {
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
	exits(0, "verify", file, "-receipt", kept)
	exits(0, "verify", "-json", "-receipt", receipt.Line(), file)
	exits(1, "verify", "-receipt", receipt.Line()+"x", file)
	exits(1, "verify", "-receipt", kept+"2", file)
	exits(1, "verify", "-receipt", file, file)
	head := ""
	if b, err := os.ReadFile(file); err == nil {
		rows := bytes.Split(b[bytes.Index(b, []byte(`{"v":1`)):], []byte("\n"))
		for i := 0; bytes.HasPrefix(rows[i], []byte(`{"v":1`)); i++ {
			head = record.CodeOf(receipt.Journal, int64(i)+1, floor.HashBytes(rows[i]))
		}
	}
	exits(0, "verify", "-code", head, file)
	exits(0, "verify", "-json", "-receipt", kept, "-code", strings.ReplaceAll(head, " ", "-"), file)
	exits(1, "verify", "-code", "acorn acorn acorn acorn", file)
	exits(1, "verify", "-code", "four words on a wall", file)
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
