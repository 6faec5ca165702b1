package site_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/internal/link"
	"openmic/internal/site"
	"openmic/internal/web/hall"
	"openmic/record"
)

// A caller is whoever speaks to a hub without the program of a venue.
type caller struct {
	t      *testing.T
	key    note.Signer
	verify string
}

func newCaller(t *testing.T, name string) *caller {
	t.Helper()
	sign, verify, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	return &caller{t, signer(t, sign), verify}
}

func signer(t *testing.T, sign string) note.Signer {
	t.Helper()
	key, err := note.NewSigner(strings.TrimSpace(sign))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (x *caller) proof(text string) []byte {
	x.t.Helper()
	sig, err := x.key.Sign([]byte(text))
	if err != nil {
		x.t.Fatal(err)
	}
	return sig
}

// post sends JSON, and gives the status and what is answered.
func (x *caller) post(to string, body any) (int, string) {
	x.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		x.t.Fatal(err)
	}
	return ask(x.t, http.MethodPost, to, b)
}

func ask(t *testing.T, method, to string, body []byte) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, to, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	link.Speak(req)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// joins shows a join link under a name of its own choice.
func (x *caller) joins(link, journal, key string) (int, string) {
	x.t.Helper()
	to, rest, _ := strings.Cut(link, "#")
	secret, _, _ := strings.Cut(rest, ".")
	return x.post(to+"/join", map[string]any{"secret": secret, "journal": journal, "key": key, "proof": x.proof("openmic join\n" + secret + "\n" + journal + "\n")})
}

// filesOf are all files below a folder.
func filesOf(t *testing.T, folder string) (out []string) {
	t.Helper()
	if err := filepath.WalkDir(folder, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, p)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// Whoever holds a join link chooses the name of a journal and a key. Names that lead out of the hub's folder, that are
// another journal's, and keys that no record takes come in by no door, leave nothing behind, and do not spend the link.
func TestAVenueChoosesNoOtherName(t *testing.T) {
	ctx := t.Context()
	around := t.TempDir()
	hub := open(t, site.Settings{Data: filepath.Join(around, "hub"), Listen: "127.0.0.1:0"})
	id, _, err := hub.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "One name", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}})
	if err != nil {
		t.Fatal(err)
	}
	h, _ := hub.Hall(id)
	invite := func(succeeds string) string {
		l, err := hub.InviteVenue(ctx, id, succeeds)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(l, "/link/")
		return hub.Local() + "/link/" + rest
	}
	if err := os.Mkdir(filepath.Join(around, "elsewhere"), 0o700); err != nil {
		t.Fatal(err)
	}
	x, other := newCaller(t, "openmic-venue"), newCaller(t, "other-venue")
	door, tag := invite(""), floor.Tag(string(h.Session.Name()))
	for what, j := range map[string]struct{ name, key string }{
		"a way out of the folder": {id + "/venue-/../../../../elsewhere/x-q", x.verify},
		"a folder of its own":     {id + "/venue-a/b", x.verify},
		"no tag":                  {id + "/venue-", x.verify},
		"capitals":                {id + "/venue-ABC", x.verify},
		"another session":         {"zzzzzz/venue-a", x.verify},
		"the hub's tag":           {id + "/venue-" + tag, x.verify},
		"the hub's IDs":           {id + "/venue-" + tag + "1", x.verify},
		"another program's key":   {id + "/venue-a", other.verify},
	} {
		who := x
		if j.key == other.verify {
			who = other
		}
		if status, answer := who.joins(door, j.name, j.key); status != http.StatusForbidden && status != http.StatusConflict {
			t.Errorf("%s: %d %s", what, status, answer)
		}
	}
	if v := h.Session.View(); len(v.Sites) > 0 {
		t.Errorf("let in: %+v", v.Sites)
	}
	last := ""
	for i := 1; i < floor.MaxJournals; i++ { // the link is good still, and for as many machines as a record can hold
		next := fmt.Sprintf("%s/venue-%c", id, 'a'+i)
		if status, answer := x.joins(door, next, x.verify); status != http.StatusOK {
			t.Fatalf("%s: %d %s", next, status, answer)
		}
		last, door = next, invite(next)
	}
	if status, answer := x.joins(door, id+"/venue-z", x.verify); status != http.StatusConflict || !strings.Contains(answer, "8 machines") {
		t.Errorf("a ninth journal: %d %s", status, answer)
	}
	if status, answer := x.joins(door, last, x.verify); status != http.StatusOK { // as when the hub has moved
		t.Errorf("the newest machine, with a new link: %d %s", status, answer)
	}
	if err := hub.Close(); err != nil {
		t.Fatal(err)
	}
	for _, f := range filesOf(t, around) {
		if rest, _ := filepath.Rel(filepath.Join(around, "hub"), f); !filepath.IsLocal(rest) {
			t.Errorf("the hub wrote %s", f)
		}
	}
}

// A session whose every machine was lost, again and again, goes on as long as a record can hold its journals. After that a
// backup is there to be read, and says why.
func TestRestoredOnceTooOften(t *testing.T) {
	ctx := t.Context()
	s := open(t, site.Settings{Listen: "127.0.0.1:0"})
	id, _, err := s.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "Eight laptops", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}})
	if err != nil {
		t.Fatal(err)
	}
	for n := 2; ; n++ {
		r := site.Restore{From: backup(t, s), Data: filepath.Join(t.TempDir(), "new")}
		back := restore(t, r)[0]
		s = open(t, site.Settings{Data: r.Data, Listen: "127.0.0.1:0"})
		h, ok := s.Hall(id)
		if !ok {
			t.Fatalf("with %d journals the session does not open", n)
		}
		if n > floor.MaxJournals {
			if !back.Full || back.Journal != "" || !strings.Contains(back.Lacks, "8 machines") {
				t.Errorf("a ninth: %+v", back)
			}
			break
		}
		if back.Full || back.Journal == "" || len(h.Session.View().Journals()) != n {
			t.Fatalf("%d journals: %+v", n, back)
		}
	}
	var b bytes.Buffer
	if err := s.Record(ctx, id, true, &b); err != nil {
		t.Fatal(err)
	}
	if v := record.Verify(b.Bytes()); v.Exit != 0 || v.Journals != floor.MaxJournals {
		t.Errorf("its record: %d %s: %s", v.Exit, v.Where, v.Fault)
	}
}
