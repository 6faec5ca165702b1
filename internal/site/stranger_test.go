package site_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"openmic/internal/guest"
	"openmic/internal/site"
)

// A stranger has nothing but the address of the program, and time.
type stranger struct {
	st   *stage
	http *http.Client
}

func newStranger(t *testing.T) *stranger {
	return &stranger{newStage(t), &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// send gives the status and where the answer leads.
func (s *stranger) send(method, path string, form url.Values, head ...string) (status int, to string) {
	s.st.t.Helper()
	r, err := http.NewRequest(method, s.st.site.Local()+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.st.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	res, err := s.http.Do(r)
	if err != nil {
		s.st.t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode, res.Header.Get("Location")
}

func TestAStrangerWhoTriesSecretsLocksNobodyOut(t *testing.T) {
	s := newStranger(t)
	in := s.st.hall.Base() + "in"
	for range 600 {
		s.send(http.MethodPost, in, url.Values{"pass": {"abcde.wrong"}})
		s.send(http.MethodPost, "/in", url.Values{"pass": {"abcde.wrong"}})
	}
	_, secret, _ := strings.Cut(s.st.links["All in one"], "#")
	if status, _ := s.send(http.MethodPost, in, url.Values{"pass": {secret}}); status != http.StatusSeeOther {
		t.Errorf("the crew at its own door is answered %d", status)
	}
	first, _, err := s.st.site.FirstLink(context.Background(), true)
	if err != nil {
		t.Fatal(err)
	}
	_, secret, _ = strings.Cut(first, "#")
	if status, _ := s.send(http.MethodPost, "/in", url.Values{"pass": {secret}}); status != http.StatusSeeOther {
		t.Errorf("the organiser is answered %d", status)
	}
}

func TestAStrangerWhoTriesCodesLocksNobodyOut(t *testing.T) {
	s := newStranger(t)
	code := s.st.hall.RoomCode()
	if len(code) < 8 {
		t.Errorf("the room's code %s can be guessed while a session lasts", code)
	}
	for range 200 {
		s.send(http.MethodGet, "/find?code=AAAAAAAA", nil)
		s.send(http.MethodGet, s.st.hall.Base()+"room/AAAAAAAA", nil)
	}
	if _, to := s.send(http.MethodGet, "/find?code="+code, nil); to != s.st.hall.Base()+"room/"+code {
		t.Errorf("the right code leads to %q", to)
	}
	if status, _ := s.send(http.MethodGet, s.st.hall.Base()+"room/"+code, nil); status != http.StatusOK {
		t.Errorf("the room's door is answered %d", status)
	}
	for _, odd := range []string{"http://x/s/", "http://x/s//", "http://x/s/a/room/", "\x00", "http://[::1", strings.Repeat("x", 65)} {
		if status, _ := s.send(http.MethodGet, "/find?code="+url.QueryEscape(odd), nil); status >= http.StatusInternalServerError {
			t.Errorf("the code %q is answered %d", odd, status)
		}
	}
}

// The room's side needs the room's code, whichever way somebody asks for it.
func TestNobodyMovesToTheRoomFromAfar(t *testing.T) {
	s := newStranger(t)
	g := s.st.join("Mallory", "online", "none")
	ctx := context.Background()
	if a, err := g.Do(ctx, map[string]any{"do": "move", "side": "room"}); err != nil || a.Accepted() {
		t.Errorf("a command without the code is answered %d %v", a.Status, err)
	}
	if a, err := g.Do(ctx, map[string]any{"do": "move", "side": "room", "code": "AAAAAAAA"}); err != nil || a.Accepted() {
		t.Errorf("a command with a wrong code is answered %d %v", a.Status, err)
	}
	bearer := []string{"Authorization", "Bearer " + g.Secret, "Accept", "application/json"}
	if status, _ := s.send(http.MethodPost, g.Path+"move", url.Values{"side": {"room"}, "id": {"1"}, "code": {"aaaaaaaa"}}, bearer...); status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code is answered %d", status)
	}
	if status, _ := s.send(http.MethodPost, g.Path+"move", url.Values{"side": {"room"}, "id": {"2"}, "code": {s.st.hall.RoomCode()}}, bearer...); status != http.StatusOK {
		t.Errorf("the right code is answered %d", status)
	}
	s.st.do(g, "move", map[string]any{"side": "online"})
	s.st.do(s.st.all, "move", map[string]any{"person": g.Person, "side": "room"}) // the on-site moderator sees them
}

// A press leads to pages of this session and nowhere else.
func TestAPressLeadsNowhereElse(t *testing.T) {
	s := newStranger(t)
	g := s.st.join("Mallory", "online", "none")
	base := s.st.hall.Base()
	for i, to := range []string{base + `../../\evil.example`, base + `..//..//evil.example`, `//evil.example`, base + "%5c/../../../evil.example", base + "\r\nX-Evil: 1"} {
		preset := []string{"name", "none"}[i%2]
		_, at := s.send(http.MethodPost, g.Path+"do", url.Values{"do": {"describe"}, "preset": {preset}, "id": {guest.ID()}, "go": {to}}, "Authorization", "Bearer "+g.Secret)
		if u, err := url.Parse(at); err != nil || u.Host != "" || strings.Contains(at, `\`) || at != "/" && !strings.HasPrefix(at, base) {
			t.Errorf("go=%q leads to %q", to, at)
		}
	}
}

// The organiser's list is read while strangers open what is on it (under -race).
func TestSessionsAreListedWhileTheyOpen(t *testing.T) {
	folder := t.TempDir()
	id, _ := prepare(t, folder)
	s, err := site.Open(t.Context(), site.Settings{Data: folder, Listen: "127.0.0.1:0"}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if h, ok := s.Hall(id); !ok || h == nil {
				t.Error("the session does not open")
			}
		})
		all.Go(func() {
			if list, err := s.Sessions(t.Context()); err != nil || len(list) != 1 {
				t.Errorf("%d sessions are listed: %v", len(list), err)
			}
		})
	}
	all.Wait()
}
