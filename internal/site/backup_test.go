package site_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"openmic/floor"
	"openmic/internal/site"
	"openmic/record"
)

// backup makes one, and gives its file.
func backup(t *testing.T, s *site.Site) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "backup.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(context.Background(), f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func restore(t *testing.T, r site.Restore) []site.Restored {
	t.Helper()
	if r.Data == "" {
		t.Fatal("where to?")
	}
	out, err := r.Run(context.Background(), quiet())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// While people press, a backup is made. Restored elsewhere it has the state of one moment, another key and another
// journal; people's links open; the record is whole; and neither key nor secrets were in it.
func TestBackupWhileItRuns(t *testing.T) {
	st := newStage(t)
	st.discuss()
	var press sync.WaitGroup
	stop := make(chan struct{})
	press.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				st.do(st.all, "tell", map[string]any{"text": strings.Repeat("x", i%50+1)})
				st.wait(1e9)
			}
		}
	})
	file := backup(t, st.site)
	close(stop)
	press.Wait()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil || bytes.Contains(b, []byte("PRIVATE+KEY")) {
			t.Errorf("%s holds the key (%v)", f.Name, err)
		}
		for _, l := range st.links {
			if _, secret, _ := strings.Cut(l, "#"); bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s holds the secret of a link", f.Name)
			}
		}
	}
	z.Close()

	data := filepath.Join(t.TempDir(), "new")
	back := restore(t, site.Restore{From: file, Data: data})
	if len(back) != 1 || back[0].ID != st.hall.ID || back[0].Journal == "" {
		t.Fatalf("%+v", back)
	}
	if _, err := (site.Restore{From: file, Data: data}).Run(context.Background(), quiet()); err == nil {
		t.Error("restored over something")
	}
	there := open(t, site.Settings{Data: data, Listen: "127.0.0.1:0", Now: st.clock})
	var text bytes.Buffer
	if err := there.Export(context.Background(), st.hall.ID, &text); err != nil || !strings.Contains(tail(text.String()), back[0].State) {
		t.Fatalf("another state: %s %v", tail(text.String()), err)
	}
	record1 := judge(t, there, st.hall.ID, true) // before it was opened: what the old key signed
	if record1.Journals != 1 {
		t.Errorf("%+v", record1)
	}
	h, ok := there.Hall(st.hall.ID)
	if !ok {
		t.Fatal("it does not open")
	}
	if v := h.Session.View(); v.Frictions > 0 || len(v.Heads) != 2 || len(v.Sites) != 0 || int64(v.Entries) <= back[0].Entries {
		t.Errorf("%d frictions, heads %v", v.Frictions, v.Heads)
	}
	_, secret, _ := strings.Cut(st.links["All in one"], "#")
	if _, err := h.Passes.Check(secret); err != nil {
		t.Errorf("a link of before does not open: %v", err)
	}
	if v := judge(t, there, st.hall.ID, false); v.Journals != 2 {
		t.Errorf("%d journals in the record", v.Journals)
	}
}

func judge(t *testing.T, s *site.Site, id string, signed bool) *record.Verdict {
	t.Helper()
	p := &pair{t: t, id: id}
	return p.record(s, signed)
}

// A copy of the data folder on another machine is noticed and says what to do; restored from, its key signs for the new
// one. A changed backup is refused with the place.
func TestCopiesAndTornBackups(t *testing.T) {
	ctx := context.Background()
	folder := t.TempDir()
	id, _ := prepare(t, folder)
	copied := t.TempDir()
	for _, name := range []string{"openmic.db", "key"} {
		b, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copied, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := site.Open(ctx, site.Settings{Data: copied, Listen: "127.0.0.1:0"}, quiet()); err == nil || !strings.Contains(err.Error(), "openmic restore") {
		t.Fatalf("a copy of a folder: %v", err)
	}
	data := filepath.Join(t.TempDir(), "new")
	back := restore(t, site.Restore{From: copied, Data: data})
	there := open(t, site.Settings{Data: data, Listen: "127.0.0.1:0"})
	h, ok := there.Hall(id)
	if !ok || len(back) != 1 {
		t.Fatal("it does not open")
	}
	if v := judge(t, there, id, false); v.Journals != 2 {
		t.Errorf("%+v", v)
	}
	var text bytes.Buffer
	if err := there.Export(ctx, id, &text); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), `"proof":"`) || strings.Contains(text.String(), `"proof":""`) {
		t.Error("the old key was there and did not sign")
	}
	_ = h

	s := open(t, site.Settings{Data: folder, Listen: "127.0.0.1:0"})
	whole, err := os.ReadFile(backup(t, s))
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(whole); at += len(whole)/25 + 1 {
		for what, bad := range map[string][]byte{
			"torn":    whole[:at],
			"flipped": slices.Concat(whole[:at], []byte{whole[at] ^ 1}, whole[at+1:]),
		} {
			name := filepath.Join(t.TempDir(), "bad.zip")
			if err := os.WriteFile(name, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			data := filepath.Join(t.TempDir(), "new")
			again, err := (site.Restore{From: name, Data: data}).Run(ctx, quiet())
			if err == nil { // it was a byte of the zip that says nothing
				if again[0].State != back[0].State || what == "torn" {
					t.Errorf("%s at %d: taken as something else", what, at)
				}
				continue
			}
			if _, err := os.Stat(data); err == nil {
				t.Errorf("%s at %d: something was left", what, at)
			}
			t.Logf("%s at %d of %d: %v", what, at, len(whole), err)
		}
	}
}

// Who was erased after the backup is erased again, from the list of the folder.
func TestErasedAgain(t *testing.T) {
	st := newStage(t)
	st.discuss()
	file := backup(t, st.site)
	bo := st.person("Bo Lindqvist").ID
	st.do(st.guest["Bo Lindqvist"], "erase", map[string]any{"id": "gone"})
	list := filepath.Join(st.data, "erased")
	if b, err := os.ReadFile(list); err != nil || string(b) != st.hall.ID+" "+string(bo)+"\n" {
		t.Fatalf("%q %v", b, err)
	}
	data := filepath.Join(t.TempDir(), "new")
	if files := holding(t, filepath.Dir(file), "Lindqvist"); len(files) > 0 {
		t.Log("the backup is not compressed")
	}
	if back := restore(t, site.Restore{From: file, Data: data, Erased: list}); back[0].Erased != 1 {
		t.Errorf("%+v", back)
	}
	if files := holding(t, data, "Lindqvist"); len(files) > 0 {
		t.Errorf("the name is in %v again", files)
	}
	if files := holding(t, data, "Ana Sosa"); len(files) == 0 {
		t.Error("nothing was looked at")
	}
}

// The laptop of the hall breaks. Another one is made from its backup and joins with a link that replaces it; what the hub
// had of the old one is there, and both tell one story.
func TestAVenueIsReplacedFromItsBackup(t *testing.T) {
	ctx := context.Background()
	p := newPair(t)
	p.must(p.venue, organiser, &floor.Open{})
	p.must(p.venue, myself("ana"), &floor.Join{Side: floor.Room})
	p.until("the hub has ana", p.same)
	file := backup(t, p.venue)
	p.must(p.venue, myself("ana"), &floor.Ask{})
	p.until("the hub has the ask", p.same)
	old := string(p.session(p.venue).Name())
	if err := p.venue.Close(); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "new")
	back := restore(t, site.Restore{From: file, Data: data})
	if len(back) != 1 || back[0].Journal != "" {
		t.Fatalf("%+v", back)
	}
	p.venue = open(t, site.Settings{Data: data, Listen: "127.0.0.1:0"})
	if v := p.session(p.venue).View(); hex.EncodeToString(hashOf(v)) != back[0].State {
		t.Error("another state before it joined")
	}
	if err := p.venue.Close(); err != nil {
		t.Fatal(err)
	}
	p.venue = open(t, site.Settings{Data: data, Listen: "127.0.0.1:0"})
	if _, err := p.venue.Join(ctx, p.link(p.hub, old)); err != nil {
		t.Fatal(err)
	}
	p.until("one story", p.same)
	if v := p.session(p.venue).View(); len(v.Sites) != 3 || v.Gavel.Journal != string(p.session(p.venue).Name()) || len(v.Line) != 1 {
		t.Errorf("%+v %+v %v", v.Sites, v.Gavel, v.Line)
	}
	p.must(p.venue, organiser, &floor.Call{})
	p.until("one story after a call", p.same)
	a, b := p.record(p.hub, false), p.record(p.venue, false)
	if a.Journals != 3 || b.Journals != 3 {
		t.Errorf("%d and %d journals", a.Journals, b.Journals)
	}
}

func hashOf(v interface{ Hash() [32]byte }) []byte { h := v.Hash(); return h[:] }

// Only who holds the organiser's link gets a backup from the running program, however its folder is named.
func TestBackupFromTheStartPage(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, folder := range []string{"hub", "a b", "100% #1?x=y", "フロア", filepath.Join(t.TempDir(), "50% é")} {
		t.Run(folder, func(t *testing.T) { backupFromTheStartPage(t, folder) })
	}
}

func backupFromTheStartPage(t *testing.T, folder string) {
	ctx := context.Background()
	s := open(t, site.Settings{Data: folder, Listen: "127.0.0.1:0"})
	link, _, err := s.FirstLink(ctx, false)
	if err != nil {
		t.Fatal(err)
	}
	jar, _ := cookiejar.New(nil)
	post := func(c *http.Client, path string, form url.Values) (*http.Response, []byte) {
		t.Helper()
		res, err := c.PostForm(s.Local()+path, form)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, b
	}
	if res, b := post(http.DefaultClient, "/backup", nil); res.StatusCode != http.StatusUnauthorized || bytes.HasPrefix(b, []byte("PK")) {
		t.Errorf("a stranger gets %d", res.StatusCode)
	}
	keeper := &http.Client{Jar: jar}
	_, secret, _ := strings.Cut(link, "#")
	post(keeper, "/in", url.Values{"pass": {secret}})
	res, b := post(keeper, "/backup", nil)
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Disposition"), `attachment; filename="openmic-20`) {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	name := filepath.Join(t.TempDir(), "b.zip")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	restore(t, site.Restore{From: name, Data: filepath.Join(t.TempDir(), "new")})
}

// The hub's machine is gone. Another is made from its backup, elsewhere; the venue, which had gone on, joins it with a
// new link, brings what the old hub had written after the backup, and both tell one story.
func TestAHubIsRestored(t *testing.T) {
	ctx := context.Background()
	p := newPair(t)
	p.must(p.venue, organiser, &floor.Open{})
	p.must(p.hub, myself("sita"), &floor.Join{Side: floor.Online})
	p.until("the venue has sita", p.same)
	file := backup(t, p.hub)
	p.must(p.hub, myself("sita"), &floor.Ask{})
	p.must(p.venue, myself("ana"), &floor.Join{Side: floor.Room})
	p.until("the venue has the ask", p.same)
	if err := p.hub.Close(); err != nil {
		t.Fatal(err)
	}
	p.cable.Close()
	p.must(p.venue, myself("ana"), &floor.Ask{})
	data := filepath.Join(t.TempDir(), "new")
	if back := restore(t, site.Restore{From: file, Data: data, Key: filepath.Join(p.dirs[0], "key")}); back[0].Journal == "" {
		t.Fatalf("%+v", back)
	}
	p.hub = open(t, site.Settings{Data: data, Listen: "127.0.0.1:0"})
	l, err := p.hub.InviteVenue(ctx, p.id, string(p.session(p.venue).Name()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.venue.Join(ctx, l); err != nil {
		t.Fatal(err)
	}
	p.until("one story", p.same)
	if v := p.session(p.hub).View(); len(v.Line) != 2 || v.Hub() != string(p.session(p.hub).Name()) || v.Frictions > 0 || len(v.Conflicts) > 0 {
		t.Errorf("%v, hub %s, %d frictions, %v", v.Line, v.Hub(), v.Frictions, v.Conflicts)
	}
	p.must(p.venue, organiser, &floor.Call{})
	p.until("one story after a call", p.same)
	a, b := p.record(p.hub, false), p.record(p.venue, false)
	if a.Journals != 3 || b.Journals != 3 || a.Entries != b.Entries {
		t.Errorf("%d and %d journals", a.Journals, b.Journals)
	}
}
