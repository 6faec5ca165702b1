package hall_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/hall/halltest"
	"openmic/internal/web/page"
)

// kept are the passes on a disk that can refuse.
type kept struct {
	mu     sync.Mutex // guards all
	all    map[string]hall.Pass
	refuse error
}

func (k *kept) PutPass(_ context.Context, _ string, p hall.Pass) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.refuse == nil {
		k.all[p.ID] = p
	}
	return k.refuse
}

func (k *kept) RevokePass(_ context.Context, _, id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.all[id]
	p.Revoked = true
	if k.refuse == nil {
		k.all[id] = p
	}
	return k.refuse
}

func (k *kept) SpendPass(ctx context.Context, session, id string) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p, ok := k.all[id]
	if k.refuse != nil || !ok || p.Revoked {
		return false, k.refuse
	}
	p.Revoked = true
	k.all[id] = p
	return true, nil
}

func (k *kept) ErasePass(ctx context.Context, session, id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.all, id)
	return k.refuse
}

func (k *kept) Passes(context.Context, string) (out []hall.Pass, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.all {
		out = append(out, p)
	}
	return out, k.refuse
}

// fewNames makes names that collide soon: there are thirty-one.
func fewNames() func() []byte {
	n := 0
	return func() []byte {
		n++
		b := make([]byte, 16)
		b[0] = byte(n / 3)
		b[15] = byte(n)
		return b
	}
}

func load(t *testing.T, k *kept) *hall.Passes {
	t.Helper()
	p, err := hall.LoadPasses(t.Context(), k, "s", fewNames())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPasses(t *testing.T) {
	disk := &kept{all: map[string]hall.Pass{}}
	p := load(t, disk)
	a, secret, err := p.Give(t.Context(), hall.Pass{Roles: floor.Chair, Label: "Ana"})
	if err != nil {
		t.Fatal(err)
	}
	b, other, err := p.Give(t.Context(), hall.Pass{Roles: floor.Participant, Label: "Ben"})
	if err != nil {
		t.Fatal(err)
	}
	if a.ID == b.ID || a.Person == b.Person || secret == other {
		t.Fatal("two passes are one")
	}
	for _, x := range disk.all {
		j, _ := json.Marshal(x)
		if _, rest, _ := strings.Cut(secret, "."); strings.Contains(string(j), rest) || strings.Contains(string(x.Hash), rest) {
			t.Error("the secret is kept")
		}
	}
	p = load(t, disk) // the next start
	if got, err := p.Check(secret); err != nil || got.Person != a.Person || got.Roles != floor.Chair {
		t.Fatalf("%v %v", got, err)
	}
	_, rest, _ := strings.Cut(secret, ".")
	_, others, _ := strings.Cut(other, ".")
	for _, wrong := range []string{"", ".", a.ID, a.ID + ".", "." + rest, a.ID + "." + others, secret + "x", secret[:len(secret)-1],
		strings.ToUpper(secret), "nobody." + rest, rest, " " + secret} {
		if _, err := p.Check(wrong); !errors.Is(err, hall.ErrNoPass) {
			t.Errorf("%q opens", wrong)
		}
	}
	if l := p.List(floor.Crew); len(l) != 1 || l[0].ID != a.ID {
		t.Errorf("crew: %v", l)
	}
	if l := p.List(floor.Anybody); len(l) != 2 || l[0].Label != "Ana" {
		t.Errorf("everybody: %v", l)
	}
	if err := p.Revoke(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := p.Check(secret); !errors.Is(err, hall.ErrNoPass) {
			t.Error("a revoked pass opens")
		}
		if _, err := p.Check(other); err != nil {
			t.Error("another pass was revoked with it")
		}
		p = load(t, disk)
	}
	if err := p.Revoke(t.Context(), "nobody"); !errors.Is(err, hall.ErrNoPass) {
		t.Error(err)
	}
	disk.refuse = errors.New("disk full")
	if _, _, err := p.Give(t.Context(), hall.Pass{}); err == nil {
		t.Error("given, and not kept")
	}
	if err := p.Revoke(t.Context(), b.ID); err == nil {
		t.Error("revoked, and not kept")
	} else if _, err := p.Check(other); err != nil {
		t.Error("a revocation that failed took the pass")
	}
}

// Names of passes are short, so that they collide now and then; nobody loses theirs by it.
func TestNamesOfPassesThatCollide(t *testing.T) {
	p := load(t, &kept{all: map[string]hall.Pass{}})
	secrets := map[string]string{}
	for range 25 {
		x, secret, err := p.Give(t.Context(), hall.Pass{})
		if err != nil {
			t.Fatal(err)
		}
		if secrets[x.ID] != "" {
			t.Fatalf("%s was given twice", x.ID)
		}
		secrets[x.ID] = secret
	}
	for id, secret := range secrets {
		if x, err := p.Check(secret); err != nil || x.ID != id {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// A participant presses a few times a second, the crew more often; one who presses without end is told so, and the
// others notice nothing.
func TestLimitOfAPass(t *testing.T) {
	p := load(t, &kept{all: map[string]hall.Pass{}})
	limit := func(roles floor.Roles) (n int) {
		_, secret, err := p.Give(t.Context(), hall.Pass{Roles: roles})
		if err != nil {
			t.Fatal(err)
		}
		x, err := p.Check(secret)
		if err != nil {
			t.Fatal(err)
		}
		for x.Allow() && n < 10_000 {
			n++
		}
		return n
	}
	if n := limit(floor.Participant); n < 30 || n > 60 {
		t.Errorf("a participant presses %d times at once", n)
	}
	if n := limit(floor.Chair); n < 400 || n > 1000 {
		t.Errorf("the chair presses %d times at once", n)
	}
	if n := limit(floor.Participant); n < 30 {
		t.Errorf("the next participant presses %d times", n)
	}
}

var stories = page.NewScreen("hall", fstest.MapFS{"hall.html": {Data: []byte(`{{define "live"}}<p>{{.Version}}</p>{{end}}`)}})

// Who may be trusted with a crew pass on a plain connection: this machine, or a proxy on it that speaks TLS outside. A
// stranger on the network may say of himself what he likes.
func TestLoopback(t *testing.T) {
	for _, x := range []struct {
		from, proto string
		want        bool
	}{
		{"127.0.0.1:4711", "", true},
		{"127.8.8.8:4711", "", true},
		{"[::1]:4711", "", true},
		{"127.0.0.1:4711", "https", true},
		{"127.0.0.1:4711", "http", false},
		{"[::1]:4711", "http", false},
		{"127.0.0.1:4711", "HTTPS, http", false},
		{"192.168.1.7:4711", "", false},
		{"192.168.1.7:4711", "https", false},
		{"10.0.0.1:4711", "https", false},
		{"[fe80::1%eth0]:4711", "https", false},
		{"[2001:db8::1]:4711", "https", false},
		{"127.evil.example:80", "", false},
		{"1270.0.0.1:80", "", false},
		{"", "", false},
		{"@", "https", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = x.from
		if x.proto != "" {
			r.Header.Set("X-Forwarded-Proto", x.proto)
		}
		if got := hall.Loopback(r); got != x.want {
			t.Errorf("from %s, %q: %v", x.from, x.proto, got)
		}
	}
}

// A link made for the network opens on the machine that made it, and is still refused to its neighbours.
func TestLoopbackOverOwnAddress(t *testing.T) {
	for _, x := range []struct {
		from, to string
		want     bool
	}{
		{"192.168.1.5:4711", "192.168.1.5:8080", true},
		{"[::ffff:192.168.1.5]:4711", "192.168.1.5:8080", true},
		{"[fd00::2]:4711", "[fd00::2]:8080", true},
		{"192.168.1.7:4711", "192.168.1.5:8080", false},
		{"[fd00::3]:4711", "[fd00::2]:8080", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = x.from
		to := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(x.to))
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(to)))
		if got := hall.Loopback(r); got != x.want {
			t.Errorf("from %s to %s: %v", x.from, x.to, got)
		}
	}
}

func TestCrewPassOverPlainHTTP(t *testing.T) {
	s := halltest.New(t)
	for _, x := range []struct {
		roles           floor.Roles
		from            string
		tls, plain, say bool
		want            error
	}{
		{floor.Chair, "192.168.1.7:1", false, false, false, hall.ErrPlain},
		{floor.Chair, "192.168.1.7:1", false, false, true, hall.ErrPlain},
		{floor.Hub, "192.168.1.7:1", false, false, false, hall.ErrPlain},
		{floor.Chair, "192.168.1.7:1", true, false, false, nil},
		{floor.Chair, "192.168.1.7:1", false, true, false, nil},
		{floor.Chair, "127.0.0.1:1", false, false, false, nil},
		{floor.Participant, "192.168.1.7:1", false, false, false, nil},
		{floor.Speaker, "192.168.1.7:1", false, false, false, nil},
		{floor.Projector, "192.168.1.7:1", false, false, false, nil},
	} {
		given, secret, err := s.Passes.Give(t.Context(), hall.Pass{Roles: x.roles})
		if err != nil {
			t.Fatal(err)
		}
		s.PlainCrew = x.plain
		for _, bearer := range []bool{true, false} {
			r := httptest.NewRequest(http.MethodGet, s.Of(given.ID)+"line", nil)
			r.SetPathValue("pass", given.ID)
			r.RemoteAddr = x.from
			if x.tls {
				r.TLS = &tls.ConnectionState{}
			}
			if x.say {
				r.Header.Set("X-Forwarded-Proto", "https")
			}
			if bearer {
				r.Header.Set("Authorization", "Bearer "+secret)
			} else {
				r.AddCookie(&http.Cookie{Name: hall.Cookie(given.ID, x.tls), Value: secret})
			}
			if _, err := s.PassOf(r); !errors.Is(err, x.want) {
				t.Errorf("%+v: %v", x, err)
			}
		}
	}
}

// Each pass has a cookie of its own, that goes to its own pages only and that no script reads.
func TestCookies(t *testing.T) {
	s := halltest.New(t)
	a, secret, err := s.Passes.Give(t.Context(), hall.Pass{Roles: floor.Participant})
	if err != nil {
		t.Fatal(err)
	}
	b, other, err := s.Passes.Give(t.Context(), hall.Pass{Roles: floor.Participant})
	if err != nil {
		t.Fatal(err)
	}
	for _, private := range []bool{false, true} {
		r := httptest.NewRequest(http.MethodPost, "/s/s/in", nil)
		if private {
			r.TLS = &tls.ConnectionState{}
		}
		w := httptest.NewRecorder()
		s.SetCookie(w, r, secret)
		c := w.Result().Cookies()[0]
		if c.Path != "/s/s/p/"+a.ID+"/" || !c.HttpOnly || c.Secure != private || c.SameSite != http.SameSiteLaxMode || c.Domain != "" ||
			strings.HasPrefix(c.Name, "__Secure-") != private || !strings.HasSuffix(c.Name, "om-"+a.ID) {
			t.Errorf("cookie %v", c)
		}
	}
	// A pass opens its own address only, also when the browser sends both.
	r := httptest.NewRequest(http.MethodGet, s.Of(b.ID)+"line", nil)
	r.SetPathValue("pass", b.ID)
	r.AddCookie(&http.Cookie{Name: hall.Cookie(a.ID, false), Value: secret})
	if _, err := s.PassOf(r); !errors.Is(err, hall.ErrNoPass) {
		t.Error("a cookie of another pass opens", err)
	}
	r.AddCookie(&http.Cookie{Name: hall.Cookie(b.ID, false), Value: secret})
	if _, err := s.PassOf(r); !errors.Is(err, hall.ErrNoPass) {
		t.Error("another pass's secret under this name opens", err)
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	if _, err := s.PassOf(r); !errors.Is(err, hall.ErrNoPass) {
		t.Error("another pass's secret opens", err)
	}
	r.Header.Set("Authorization", "Bearer "+other)
	if p, err := s.PassOf(r); err != nil || p.ID != b.ID {
		t.Error(err)
	}
}

// doorstep is an answer whose stream is about to begin: then something happens, once.
type doorstep struct {
	http.ResponseWriter
	then func()
}

func (d *doorstep) Header() http.Header {
	if d.then != nil {
		d.then()
		d.then = nil
	}
	return d.ResponseWriter.Header()
}

func (d *doorstep) Unwrap() http.ResponseWriter { return d.ResponseWriter }

// Whoever watches with a pass that is revoked or erased sees the stream end at once; when that came between the door and
// the seat, within a second. The others go on watching.
func TestRevokedStreamsEnd(t *testing.T) {
	screen := &hall.Screen{Name: "hall", Roles: floor.Anybody, Template: stories,
		Look: func(l *hall.Look) any { return struct{ page.Page }{l.Frame()} },
		Page: func(v *hall.Visit) (any, error) { return struct{ page.Page }{v.Frame()}, nil }}
	s := halltest.New(t, screen)
	m := http.NewServeMux()
	var then func()
	m.HandleFunc("GET /s/{session}/p/{pass}/{screen}/live", func(w http.ResponseWriter, r *http.Request) {
		if err := s.ServeLive(&doorstep{w, then}, r); err != nil {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	srv := httptest.NewServer(m)
	t.Cleanup(srv.Close)
	watch := func(p hall.Pass, secret string) (*http.Response, *bufio.Reader) {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+s.Of(p.ID)+"hall/live", nil)
		r.Header.Set("Authorization", "Bearer "+secret)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res, bufio.NewReader(res.Body)
	}
	give := func() (hall.Pass, string) {
		p, secret, err := s.Passes.Give(t.Context(), hall.Pass{Roles: floor.Participant})
		if err != nil {
			t.Fatal(err)
		}
		return p, secret
	}
	ben, bens := give()
	_, stays := watch(ben, bens)
	for how, end := range map[string]func(hall.Pass) error{
		"revoked":           func(ana hall.Pass) error { return s.Revoke(t.Context(), ana.ID) },
		"revoked elsewhere": func(ana hall.Pass) error { return s.Passes.Revoke(t.Context(), ana.ID) },
		"erased":            func(ana hall.Pass) error { return s.Passes.Erase(t.Context(), ana.Person) },
	} {
		ana, anas := give()
		res, in := watch(ana, anas)
		if _, err := in.ReadString('\n'); err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(res.Status, err)
		}
		if err := end(ana); err != nil {
			t.Fatal(err)
		}
		if n := s.Watching("hall"); n != 1 { // no tick of a clock is waited for
			t.Errorf("%s: %d still watch", how, n)
		}
		if _, err := io.Copy(io.Discard, in); err != nil {
			t.Error(how, err)
		}
		if res, _ := watch(ana, anas); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: the stream begins again with %s", how, res.Status)
		}
	}
	late, lates := give()
	then = func() {
		if err := s.Revoke(t.Context(), late.ID); err != nil {
			t.Error(err)
		}
	}
	_, in := watch(late, lates)
	then = nil
	if _, err := io.Copy(io.Discard, in); err != nil {
		t.Error(err)
	}
	if s.Watching("hall") != 1 {
		t.Errorf("%d watch", s.Watching("hall"))
	}
	s.Plan(t, halltest.Workshop)
	if _, err := stays.ReadString('\n'); err != nil {
		t.Error("ben's stream ended too", err)
	}
}

// A press of join on the same device is one person, however often it arrives at once; a strange device with the same
// press is another.
func TestJoinOnce(t *testing.T) {
	s := halltest.New(t)
	people := make([]floor.ID, 20)
	done := make(chan int)
	for i := range people {
		go func() {
			p, _, err := s.Hall.Join(context.Background(), "device", "press", &floor.Join{Side: floor.Online})
			if err != nil {
				t.Error(err)
			}
			people[i] = p.Person
			done <- i
		}()
	}
	for range people {
		<-done
	}
	slices.Sort(people)
	if people[0] == "" || len(slices.Compact(people)) != 1 {
		t.Errorf("%d people by one press", len(slices.Compact(people)))
	}
	p, _, err := s.Hall.Join(t.Context(), "another", "press", &floor.Join{})
	if err != nil || p.Person == people[0] {
		t.Error("the press alone hands out the pass", err)
	}
	for range 2 { // without a device nothing is remembered
		p, _, err := s.Hall.Join(t.Context(), "", "press", &floor.Join{})
		if err != nil || p.Person == people[0] {
			t.Error("the press alone hands out the pass", err)
		}
	}
	if _, _, err := s.Hall.Join(t.Context(), "third", "press", &floor.Join{Description: floor.Description{Group: new("cats")}}); err == nil {
		t.Error("a group that does not exist was taken")
	}
	if n := len(s.Session.View().People); n != 4 {
		t.Errorf("%d people, not 4", n)
	}
}
