package site_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/internal/cable"
	"openmic/internal/link"
	"openmic/internal/site"
	"openmic/internal/web/hall"
	"openmic/record"
)

// newPairBehind is a pair with something before the hub, as a proxy is, that sees what the venue asks.
func newPairBehind(t *testing.T, before func(hub http.Handler) http.Handler) *pair {
	t.Helper()
	p := &pair{t: t, dirs: [2]string{t.TempDir(), t.TempDir()}}
	ctx := context.Background()
	p.hub = open(t, site.Settings{Data: p.dirs[0], Listen: "127.0.0.1:0"})
	var err error
	if p.id, _, err = p.hub.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "Two halls", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}}); err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: p.at(p.hub)})
	proxy.FlushInterval = -1
	front := httptest.NewServer(before(proxy))
	t.Cleanup(func() { front.CloseClientConnections(); front.Close() })
	if p.cable, err = cable.Lay("127.0.0.1:0", front.Listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.cable.Close)
	p.venue = open(t, site.Settings{Data: p.dirs[1], Listen: "127.0.0.1:0"})
	if _, err := p.venue.Join(ctx, p.link(p.hub, "")); err != nil {
		t.Fatal(err)
	}
	return p
}

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

// A request to join that comes twice, the second time late, as a proxy sends it again or whoever saw it does, is answered
// as the first one was, and nobody is put out.
func TestAJoinIsAskedTwice(t *testing.T) {
	var asked atomic.Pointer[[]byte]
	var told atomic.Pointer[string]
	p := newPairBehind(t, func(hub http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/join") {
				hub.ServeHTTP(w, r)
				return
			}
			b, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(b))
			answer := httptest.NewRecorder()
			hub.ServeHTTP(answer, r)
			first := answer.Body.String()
			asked.Store(&b)
			told.Store(&first)
			w.WriteHeader(answer.Code)
			_, _ = io.WriteString(w, first)
		})
	})
	p.until("one story", p.same)
	for range 3 {
		if status, answer := ask(t, http.MethodPost, "http://"+p.at(p.hub)+"/link/"+p.id+"/join", *asked.Load()); status != http.StatusOK || answer != *told.Load() {
			t.Errorf("answered %d %s, the first time %s", status, answer, *told.Load())
		}
	}
	p.must(p.venue, organiser, &floor.Open{})
	p.until("the hub hears of what is done now", p.same)
	if v := p.session(p.hub).View(); v.Opened < 0 || len(v.Cuts) > 0 || p.trouble(p.venue) != "" {
		t.Errorf("%d cuts, %q", len(v.Cuts), p.trouble(p.venue))
	}
}

// The same holds for a machine that goes on for a lost venue, with the text it signed first and with a new one. The key of
// the lost venue lets in no name and no key that another machine's record could not hold.
func TestAReplacementIsAskedTwice(t *testing.T) {
	p := newPair(t)
	p.until("one story", p.same)
	old := p.session(p.hub).View().Sites[1]
	b, err := os.ReadFile(filepath.Join(p.dirs[1], "key"))
	if err != nil {
		t.Fatal(err)
	}
	secret, _, _ := strings.Cut(string(b), "\n")
	lost := &caller{t, signer(t, secret), old.Key}
	if err := p.venue.Close(); err != nil {
		t.Fatal(err)
	}
	at := "http://" + p.at(p.hub) + "/link/" + p.id + "/replace"
	asks := func(x *caller, name string) map[string]any {
		status, text := ask(t, http.MethodGet, at, nil)
		if status != http.StatusOK {
			t.Fatal(status, text)
		}
		c := &floor.Succeed{Journal: old.Journal, Was: old.Key, Key: x.verify}
		c.Proof = base64.RawURLEncoding.EncodeToString(lost.proof(record.SuccessionText(name, c)))
		return map[string]any{"machines": []any{map[string]any{"journal": name, "after": c}}, "ask": text, "proof": x.proof("openmic replace\n" + text + "\n" + name + "\n")}
	}
	x, other := newCaller(t, "openmic-spare"), newCaller(t, "other-spare")
	hub := floor.Tag(string(p.session(p.hub).Name()))
	p.until("the hub hears the lost venue no more", func() bool {
		_, answer := x.post(at, asks(x, p.id+"/venue-"+hub))
		return strings.TrimSpace(answer) != "there"
	})
	for _, name := range []string{"venue-/../../../../elsewhere/x-q", "venue-", "venue-A", "venue-" + hub, "venue-" + hub + "1"} {
		if status, answer := x.post(at, asks(x, p.id+"/"+name)); status != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	if status, answer := other.post(at, asks(other, p.id+"/venue-spare")); status != http.StatusForbidden {
		t.Errorf("another program's key: %d %s", status, answer)
	}
	body := asks(x, p.id+"/venue-spare")
	status, first := x.post(at, body)
	if status != http.StatusOK {
		t.Fatal(status, first)
	}
	for what, body := range map[string]any{"the same": body, "with a new text": asks(x, p.id+"/venue-spare")} {
		if status, answer := x.post(at, body); status != http.StatusOK || answer != first {
			t.Errorf("%s: %d %s, the first time %s", what, status, answer, first)
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

// A spare laptop of another release is told so, on its screens too, where it asks to be let in.
func TestASpareOfAnotherRelease(t *testing.T) {
	var other atomic.Bool
	p := newPairBehind(t, func(hub http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if other.Load() {
				r.Header.Set("Openmic-Link", "0")
			}
			hub.ServeHTTP(w, r)
		})
	})
	p.until("one story", p.same)
	file := backup(t, p.venue)
	if err := p.venue.Close(); err != nil {
		t.Fatal(err)
	}
	other.Store(true)
	spare, _ := p.restored(file, filepath.Join(p.dirs[1], "key"))
	p.until("it says that the hub is of another release", func() bool { return p.trouble(spare) == link.Release })
}
