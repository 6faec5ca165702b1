package site_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openmic/internal/site"
)

// open serves a fresh folder until the test ends.
func open(t *testing.T, s site.Settings) *site.Site {
	t.Helper()
	if s.Data == "" {
		s.Data = t.TempDir()
	}
	x, err := site.Open(context.Background(), s, quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	if err := x.Serve(context.Background()); err != nil {
		t.Fatal(err)
	}
	return x
}

// Every address that is shown was asked, and says itself whether it answered; one that reaches another program counts as
// not reached, and an organiser's own word stands all the same.
func TestReach(t *testing.T) {
	x := open(t, site.Settings{Listen: "127.0.0.1:0"})
	if l := x.Reach(); len(l) != 1 || l[0].Network != "machine" || !l[0].Tested {
		t.Errorf("on this machine alone: %+v", l)
	}
	if !strings.HasPrefix(x.Public(), "http://127.0.0.1:") && !strings.HasPrefix(x.Public(), "http://localhost:") {
		t.Errorf("in links: %s", x.Public())
	}
	x = open(t, site.Settings{Listen: ":0"})
	tested := map[string]bool{x.Local(): true}
	for _, r := range x.Reach() {
		if r.Tested {
			tested[r.URL] = true
			if res, err := http.Get(r.URL + "/reach"); err != nil {
				t.Errorf("%s was reached, and now: %v", r.URL, err)
			} else {
				res.Body.Close()
			}
		}
	}
	if !tested[x.Public()] {
		t.Errorf("%s is in links and was not reached", x.Public())
	}
	other := open(t, site.Settings{Listen: "127.0.0.1:0"})
	x = open(t, site.Settings{Listen: "127.0.0.1:0", Public: other.Local() + "/"})
	if x.Public() != other.Local() {
		t.Errorf("the organiser named %s, and links say %s", other.Local(), x.Public())
	}
	for _, r := range x.Reach() {
		if r.URL == other.Local() && r.Tested {
			t.Error("another program's answer was taken for ours")
		}
	}
}

// A certificate that is renewed on disk is spoken with at once, also when the new file is older than the start; while
// the pair does not fit together, the old one goes on.
func TestCertificateIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	put := func(file, kind string, der []byte, at time.Time) {
		t.Helper()
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	make := func(serial int64) (c, k []byte) {
		t.Helper()
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		x := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
		if c, err = x509.CreateCertificate(rand.Reader, x, x, &private.PublicKey, private); err != nil {
			t.Fatal(err)
		}
		if k, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
			t.Fatal(err)
		}
		return c, k
	}
	old := time.Now().Add(-48 * time.Hour)
	c, k := make(1)
	put(cert, "CERTIFICATE", c, old)
	put(key, "PRIVATE KEY", k, old)
	x := open(t, site.Settings{Listen: "127.0.0.1:0", Cert: cert, Key: key})
	u, err := url.Parse(x.Local())
	if err != nil || u.Scheme != "https" {
		t.Fatal(x.Local(), err)
	}
	serial := func() int64 {
		t.Helper()
		conn, err := tls.Dial("tcp", net.JoinHostPort("127.0.0.1", u.Port()), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if n := serial(); n != 1 {
		t.Fatal(n)
	}
	c, k = make(2)
	put(cert, "CERTIFICATE", c, old.Add(time.Hour)) // copied with its time, as some tools do
	if n := serial(); n != 1 {
		t.Errorf("with half a pair it speaks with %d", n)
	}
	put(key, "PRIVATE KEY", k, old.Add(time.Hour))
	if n := serial(); n != 2 {
		t.Errorf("after the renewal it speaks with %d", n)
	}
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	if n := serial(); n != 2 {
		t.Errorf("without its files it speaks with %d", n)
	}
}

// Addresses that nobody made answer 404 with one sentence; nothing is made, opened or told by them.
func TestHostileSessions(t *testing.T) {
	folder := t.TempDir()
	x := open(t, site.Settings{Data: folder, Listen: "127.0.0.1:0"})
	count := func() int {
		n := 0
		filepath.WalkDir(folder, func(string, os.DirEntry, error) error { n++; return nil })
		return n
	}
	before := count()
	for _, id := range []string{"", "-", ".", "..", "abcdef", "../x", "%2e%2e%2fx", "a/b", strings.Repeat("a", 21), strings.Repeat("a", 5000), "'; DROP TABLE entry", "%00", "ねこ", "a b", "sessions", "room abcdef"} {
		if raw, err := url.PathUnescape(id); err == nil {
			if _, ok := x.Hall(raw); ok {
				t.Errorf("%q is a session", raw)
			}
		}
		if strings.ContainsAny(id, "/ ;'") || strings.Trim(id, ".") == "" {
			id = url.PathEscape(id)
		}
		for _, path := range []string{"/s/" + id + "/online", "/s/" + id + "/p/abc/line", "/s/" + id + "/report"} {
			res, err := http.Get(x.Local() + path)
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(res.Body)
			res.Body.Close()
			if res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusBadRequest {
				t.Errorf("%.40s answers %s", path, res.Status)
			}
			if bytes.Contains(b, []byte(folder)) || bytes.Contains(b, []byte("sql")) {
				t.Errorf("%.40s tells how it is made: %s", path, b)
			}
		}
	}
	if n := count(); n != before {
		t.Errorf("%d files more", n-before)
	}
}

// The organiser's link is printed once, opens the list and nothing else does; a new one ends the old one.
func TestOrganiserSignsIn(t *testing.T) {
	folder := t.TempDir()
	x := open(t, site.Settings{Data: folder, Listen: "127.0.0.1:0"})
	link, ok, err := x.FirstLink(t.Context(), false)
	if err != nil || !ok || !strings.HasPrefix(link, "/in#") {
		t.Fatal(link, ok, err)
	}
	if again, ok, err := x.FirstLink(t.Context(), false); ok || again != "" || err != nil {
		t.Error("the link is told twice")
	}
	signIn := func(secret string) (*http.Client, int) {
		t.Helper()
		jar, _ := cookiejar.New(nil)
		c := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := c.PostForm(x.Local()+"/in", url.Values{"pass": {secret}})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return c, res.StatusCode
	}
	mine := func(c *http.Client) int {
		t.Helper()
		res, err := c.Get(x.Local() + "/new")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	c, status := signIn(link)
	if status != http.StatusSeeOther || mine(c) != http.StatusOK {
		t.Fatalf("signing in answers %d, then %d", status, mine(c))
	}
	for _, wrong := range []string{"", "x", "x.y", link[4:] + "x", strings.ToUpper(link)} {
		if c, status := signIn(wrong); status != http.StatusUnauthorized || mine(c) != http.StatusUnauthorized {
			t.Errorf("%q: %d", wrong, status)
		}
	}
	next, ok, err := x.FirstLink(t.Context(), true)
	if err != nil || !ok || next == link {
		t.Fatal(next, ok, err)
	}
	if mine(c) != http.StatusUnauthorized {
		t.Error("the old link opens after a new one was made")
	}
	if _, status = signIn(next); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = open(t, site.Settings{Data: folder, Listen: "127.0.0.1:0"})
	if c, status = signIn(next); status != http.StatusSeeOther || mine(c) != http.StatusOK {
		t.Error("after a restart the link does not open any more")
	}
	if _, status = signIn(link); status != http.StatusUnauthorized {
		t.Error("after a restart the old link opens")
	}
}
