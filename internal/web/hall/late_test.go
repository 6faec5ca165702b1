package hall_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/hall/halltest"
)

// dawdling is a body whose sender holds it back until something has happened.
type dawdling struct {
	io.Reader
	first func()
}

func (d *dawdling) Read(b []byte) (int, error) {
	if d.first != nil {
		d.first()
		d.first = nil
	}
	return d.Reader.Read(b)
}

// A pass that is withdrawn while its press still arrives moves nothing any more.
func TestAPressThatOutlivesItsPassIsRefused(t *testing.T) {
	for kind, body := range map[string]string{"application/json": `{"do":"tell","id":"late","text":"still here"}`,
		"application/x-www-form-urlencoded": "do=tell&id=late&text=still+here"} {
		s := halltest.New(t)
		given, secret, err := s.Passes.Give(context.Background(), hall.Pass{Roles: floor.Desk})
		if err != nil {
			t.Fatal(err)
		}
		before := s.Session.View().Version
		r := httptest.NewRequest(http.MethodPost, s.Of(given.ID)+"do", &dawdling{strings.NewReader(body), func() {
			if err := s.Revoke(context.Background(), given.ID); err != nil {
				t.Error(err)
			}
		}})
		r.SetPathValue("pass", given.ID)
		r.RemoteAddr = "127.0.0.1:1"
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Accept", "application/json")
		r.Header.Set("Authorization", "Bearer "+secret)
		w := httptest.NewRecorder()
		if err := s.ServeDo(w, r); err != nil {
			t.Fatal(err)
		}
		if w.Code != http.StatusUnauthorized || s.Session.View().Version != before {
			t.Errorf("%s is answered %d: %s", kind, w.Code, w.Body)
		}
	}
}

// Whoever presses without end is slowed down; what they write is kept, and keeping costs.
func TestAPassHasALongBreathAndNoLonger(t *testing.T) {
	s := halltest.New(t)
	x := s.Pass(t, floor.Participant, "")
	n := 0
	for range 5000 {
		if x.Allow() {
			n++
		}
	}
	if n < 30 || n > 400 {
		t.Errorf("a participant may press %d times at once", n)
	}
}

// The connection of the crew is private on this machine, or behind a proxy here that says it speaks TLS outside. Nobody
// on the network becomes private by saying so.
func TestWhoIsOnThisMachine(t *testing.T) {
	for _, x := range []struct {
		from, header, value string
		private             bool
	}{
		{"127.0.0.1:5", "", "", true}, {"[::1]:5", "", "", true}, {"192.168.1.7:5", "", "", false},
		{"192.168.1.7:5", "X-Forwarded-Proto", "https", false}, {"192.168.1.7:5", "X-Forwarded-For", "127.0.0.1", false},
		{"192.168.1.7:5", "X-Real-IP", "127.0.0.1", false}, {"[::ffff:192.168.1.7]:5", "", "", false}, {"127.0.0.1.evil.example:5", "", "", false},
		{"127.0.0.1:5", "X-Forwarded-Proto", "https", true}, {"127.0.0.1:5", "X-Forwarded-Proto", "http", false},
		// A proxy on this machine that does not say how it is reached may be reached in the open.
		{"127.0.0.1:5", "X-Forwarded-For", "192.168.1.7", false}, {"127.0.0.1:5", "Forwarded", "for=192.168.1.7", false}, {"127.0.0.1:5", "Via", "1.1 proxy", false},
		{"127.0.0.1:5", "X-Real-IP", "192.168.1.7", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = x.from
		if x.header != "" {
			r.Header.Set(x.header, x.value)
		}
		if got := hall.Loopback(r); got != x.private {
			t.Errorf("from %s with %s: %s it is private: %v", x.from, x.header, x.value, got)
		}
	}
}

// Behind a proxy that speaks TLS, a pass's cookie is for TLS alone; nobody on the network makes it so, or otherwise, by
// saying so.
func TestACookieIsAsPrivateAsItsConnection(t *testing.T) {
	s := halltest.New(t)
	for _, x := range []struct {
		from, proto string
		secure      bool
	}{{"127.0.0.1:5", "https", true}, {"127.0.0.1:5", "", false}, {"192.168.1.7:5", "https", false}} {
		given, secret, err := s.Passes.Give(context.Background(), hall.Pass{Roles: floor.Participant})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = x.from
		r.Header.Set("X-Forwarded-Proto", x.proto)
		w := httptest.NewRecorder()
		s.SetCookie(w, r, secret)
		c := w.Result().Cookies()[0]
		if c.Secure != x.secure || strings.HasPrefix(c.Name, "__Secure-") != x.secure || !c.HttpOnly || c.Path != s.Of(given.ID) {
			t.Errorf("from %s with %q: %s", x.from, x.proto, c)
		}
		r.AddCookie(c)
		r.SetPathValue("pass", given.ID)
		if p, err := s.PassOf(r); err != nil || p.ID != given.ID {
			t.Errorf("from %s with %q the cookie opens nothing: %v", x.from, x.proto, err)
		}
	}
}
