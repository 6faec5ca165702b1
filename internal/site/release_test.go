package site_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openmic/internal/site"
)

// Each release leaves a data folder behind, testdata/VERSION.zip: its database and machine file, as a closed program left
// them, and the last line of its export, which holds the hash of the state. It is made with
//
//	OPENMIC_KEEP=0.1.0 go test ./internal/site -run TestFoldersOfReleases
//
// and is never made anew: a changed schema brings its migration, not another file.
func TestFoldersOfReleases(t *testing.T) {
	if version := os.Getenv("OPENMIC_KEEP"); version != "" {
		keepFolder(t, filepath.Join("testdata", version+".zip"))
	}
	all, err := filepath.Glob("testdata/*.*.*.zip")
	if err != nil || len(all) == 0 {
		t.Fatal("no release left a folder", err)
	}
	for _, name := range all {
		ctx := context.Background()
		z, err := zip.OpenReader(name)
		if err != nil {
			t.Fatal(err)
		}
		data, files := t.TempDir(), map[string]string{}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err == nil && f.Name != "end" {
				err = os.WriteFile(filepath.Join(data, f.Name), b, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			files[f.Name] = string(b)
		}
		s := open(t, site.Settings{Data: data, Listen: "127.0.0.1:0"})
		list, err := s.Sessions(ctx)
		if err != nil || len(list) != 1 || list[0].Title != "Islands on one Internet" {
			t.Fatalf("%s: %+v %v", name, list, err)
		}
		var text bytes.Buffer
		if err := s.Export(ctx, list[0].ID, &text); err != nil || tail(text.String()) != files["end"] {
			t.Fatalf("%s: another state: %s, it was %s (%v)", name, tail(text.String()), files["end"], err)
		}
		h, ok := s.Hall(list[0].ID)
		if !ok {
			t.Fatalf("%s does not open", name)
		}
		if v := h.Session.View(); v.Say(v.Title) != list[0].Title || v.Frictions > 0 || len(v.Turns) == 0 {
			t.Errorf("%s: %d turns, %d frictions", name, len(v.Turns), v.Frictions)
		}
		judge(t, s, list[0].ID, false)
		if back := restore(t, site.Restore{From: backup(t, s), Data: filepath.Join(t.TempDir(), "new")}); !strings.Contains(files["end"], back[0].State) {
			t.Errorf("%s restored is another state", name)
		}
	}
}

// keepFolder writes what the next releases must open.
func keepFolder(t *testing.T, name string) {
	t.Helper()
	st := newStage(t)
	st.discuss()
	st.conclude()
	var text, file bytes.Buffer
	if err := st.site.Export(context.Background(), st.hall.ID, &text); err != nil {
		t.Fatal(err)
	}
	if err := st.site.Close(); err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(&file)
	add := func(name string, b []byte) {
		t.Helper()
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(b)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, part := range []string{"openmic.db", "machine"} {
		b, err := os.ReadFile(filepath.Join(st.data, part))
		if err != nil {
			t.Fatal(err)
		}
		add(part, b)
	}
	add("end", []byte(tail(text.String())))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(file.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
