package site_test

import (
	"bytes"
	"context"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"openmic/internal/guest"
	"openmic/internal/site"
	"openmic/record"
)

// Ana joins with a name, asks, writes and leaves nothing unsaid; so does Ben. Then Ana takes her words back, and the
// program is killed. No file of the folder holds a byte of hers, Ben's are there, and the record of what the kill left
// holds and says how much is gone.
func TestErasedAndKilled(t *testing.T) {
	folder := t.TempDir()
	listen := freeAddress(t)
	id, link := prepare(t, folder)
	srv := &server{t: t, data: folder, listen: listen}
	srv.start()
	defer func() { srv.kill() }()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client := &http.Client{Timeout: 10 * time.Second}
	base := "http://" + listen
	chair, err := guest.Come(client, base+link)
	if err != nil {
		t.Fatal(err)
	}
	do := func(g *guest.Guest, fields map[string]any) guest.Answer {
		t.Helper()
		a, err := g.Do(ctx, fields)
		if err != nil || !a.Accepted() {
			t.Fatalf("%v: %d %s %v", fields["do"], a.Status, a.Say, err)
		}
		return a
	}
	do(chair, map[string]any{"do": "open"})
	people := map[string]*guest.Guest{}
	for _, name := range []string{"Quetzalcoatl", "Zarathustra"} {
		g, a, err := guest.Knock(ctx, client, base+"/s/"+id+"/online", map[string]any{"id": guest.ID(), "name": name + " name", "say": name + " said", "org": name + " org", "country": name + " land", "preset": "group"})
		if err != nil || g == nil {
			t.Fatal(a.Say, err)
		}
		people[name] = g
		ask := do(g, map[string]any{"do": "ask", "about": name + " about"}).Of("asked")
		do(g, map[string]any{"do": "edit", "ticket": ask, "about": name + " edited"})
		do(chair, map[string]any{"do": "call"})
		do(chair, map[string]any{"do": "start"})
		do(chair, map[string]any{"do": "end"})
		card := do(g, map[string]any{"do": "write", "text": name + " card", "link": "https://example.org/" + name}).Of("asked")
		do(chair, map[string]any{"do": "hold", "ticket": card, "ask": "what does " + name + " mean?"})
		do(chair, map[string]any{"do": "override", "person": g.Person, "class": "other", "note": "because " + name + " must go"})
		do(chair, map[string]any{"do": "start"})
		do(chair, map[string]any{"do": "end"})
	}
	ana := people["Quetzalcoatl"]
	do(ana, map[string]any{"do": "erase", "id": "take-it-back"})
	if a, err := ana.Do(ctx, map[string]any{"do": "ask"}); err != nil || a.Status != http.StatusUnauthorized {
		t.Errorf("the pass of who was erased answers %d %v", a.Status, err)
	}
	res, err := chair.Get(ctx, "desk")
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if _, err := page.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK || bytes.Contains(page.Bytes(), []byte("Quetzalcoatl")) {
		t.Errorf("the desk answers %d and still shows the words: %v", res.StatusCode, bytes.Contains(page.Bytes(), []byte("Quetzalcoatl")))
	}
	srv.kill()

	if files := holding(t, folder, "Quetzalcoatl"); len(files) > 0 {
		t.Errorf("the words of who was erased are still in %v", files)
	}
	if files := holding(t, folder, "Zarathustra"); len(files) == 0 {
		t.Error("Ben's words are in no file: nothing was looked at")
	}
	s, err := site.Open(ctx, site.Settings{Data: folder, Listen: "127.0.0.1:0"}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, archive := range []bool{false, true} {
		var b bytes.Buffer
		if err := s.Record(ctx, id, archive, &b); err != nil {
			t.Fatal(err)
		}
		v := record.Verify(b.Bytes())
		if v.Exit != 0 || v.Erased < 10 || v.Ended || v.Room.Turns+v.Online.Turns != 4 {
			t.Errorf("the record after the kill, archive %v: %+v", archive, v)
		}
		if bytes.Contains(b.Bytes(), []byte("Quetzalcoatl")) || archive != bytes.Contains(b.Bytes(), []byte("because Zarathustra must go")) || !bytes.Contains(b.Bytes(), []byte("Zarathustra name")) {
			t.Errorf("the record, archive %v, holds words that it must not, or lacks some", archive)
		}
	}
	// Opened again, the session still stands.
	h, ok := s.Hall(id)
	if !ok {
		t.Fatal("the session does not open")
	}
	if n := h.Session.View().Frictions; n > 0 {
		t.Errorf("%d entries found nothing to change", n)
	}
}

// holding lists the files below a folder that hold a text, in whatever case.
func holding(t *testing.T, folder, text string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if bytes.Contains(bytes.ToLower(b), bytes.ToLower([]byte(text))) {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// The key of a folder is made once, belongs to its owner, and whatever is no key is refused in a sentence.
func TestTheKeyStays(t *testing.T) {
	folder := t.TempDir()
	open := func() error {
		s, err := site.Open(context.Background(), site.Settings{Data: folder, Listen: "127.0.0.1:0"}, quiet())
		if err == nil {
			err = s.Close()
		}
		return err
	}
	if err := open(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "key")
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the key may be read by others: %v %v", st.Mode(), err)
	}
	if err := open(); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(first, again) {
		t.Errorf("the second start has another key: %v", err)
	}
	if err := os.WriteFile(path, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(); err == nil {
		t.Error("something that is no key was taken for one")
	}
}
