package site_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/live"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// A gate stands between a venue that joins and its hub, and lets less through than it should.
type gate struct {
	loses  atomic.Bool  // the hub's answer to who joins
	shut   atomic.Bool  // no stream
	slow   atomic.Bool  // the stream comes in small pieces
	asked  atomic.Int64 // streams that were asked for
	passed atomic.Int64 // bytes of the newest one
}

func newGate(t *testing.T, hub string) (*gate, *httptest.Server) {
	g := &gate{}
	to, err := url.Parse("http://" + hub)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.FlushInterval = -1
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	proxy.ModifyResponse = func(r *http.Response) error {
		if strings.HasSuffix(r.Request.URL.Path, "/join") {
			if r.Request.Method == http.MethodPost && g.loses.Load() {
				return errors.New("lost")
			}
			return nil
		}
		if r.Request.Method == http.MethodGet {
			n := g.asked.Add(1)
			g.passed.Store(0)
			r.Body = struct {
				io.Reader
				io.Closer
			}{sluice{g, n, r.Body}, r.Body}
		}
		if r.Request.Method == http.MethodGet && g.shut.Load() {
			return errors.New("shut")
		}
		return nil
	}
	s := httptest.NewServer(proxy)
	t.Cleanup(s.Close)
	return g, s
}

// sluice counts what passes, and lets it pass slowly.
type sluice struct {
	*gate
	stream int64 // which one
	io.Reader
}

func (s sluice) Read(b []byte) (int, error) {
	if s.slow.Load() {
		time.Sleep(5 * time.Millisecond) // this is what a slow link does
		b = b[:min(len(b), 16<<10)]
	}
	n, err := s.Reader.Read(b)
	if s.asked.Load() == s.stream {
		s.passed.Add(int64(n))
	}
	return n, err
}

// A venue joins by one command and is interrupted each time: the hub's answer is lost, the venue is killed before it has
// anything, in the middle of the first transfer, and the hub is killed then. The same command given again ends with the
// whole session; until then nothing of it is shown, and nobody else can use the link.
func TestJoiningIsInterrupted(t *testing.T) {
	ctx := context.Background()
	hub := &server{t: t, data: t.TempDir(), listen: freeAddress(t)}
	s, err := site.Open(ctx, site.Settings{Data: hub.data, Listen: hub.listen}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(ctx); err != nil {
		t.Fatal(err)
	}
	id, _, err := s.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "A long story", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}})
	if err != nil {
		t.Fatal(err)
	}
	h, ok := s.Hall(id)
	if !ok {
		t.Fatal("the session does not open")
	}
	for n := range 2400 {
		c := live.Command{ID: fmt.Sprint("t", n), Actor: organiser, Do: &floor.Tell{Text: strings.Repeat("words ", 30)}}
		if _, err := h.Session.Do(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	link, err := s.InviteVenue(ctx, id, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	g, web := newGate(t, hub.listen)
	_, rest, _ := strings.Cut(link, "/link/")
	venue := &server{t: t, data: t.TempDir(), listen: freeAddress(t), join: web.URL + "/link/" + rest}
	hub.start()
	t.Cleanup(func() { hub.kill() })
	until := func(what string, is func() bool) {
		t.Helper()
		for began := time.Now(); !is(); time.Sleep(time.Millisecond) {
			if time.Since(began) > 40*time.Second {
				venue.kill()
				t.Fatalf("waited in vain: %s; %d streams, %d bytes", what, g.asked.Load(), g.passed.Load())
			}
		}
	}
	hidden := func(when string) {
		t.Helper()
		resp, err := http.Get("http://" + venue.listen + "/s/" + id + "/")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s the session is shown: %s", when, resp.Status)
		}
	}

	g.loses.Store(true)
	venue.launch()
	if line := venue.says(); !strings.HasPrefix(line, "cannot serve: the hub ") {
		t.Errorf("when the hub's answer was lost the venue says %q", line)
	}
	venue.kill()
	g.loses.Store(false)
	other := &server{t: t, data: t.TempDir(), listen: freeAddress(t), join: venue.join}
	other.launch()
	if line := other.says(); !strings.Contains(line, "was used") {
		t.Errorf("another folder with the same link says %q", line)
	}
	other.kill()

	g.shut.Store(true)
	venue.launch()
	until("the venue asks for the session", func() bool { return g.asked.Load() > 0 })
	hidden("before anything came")
	venue.kill()
	g.shut.Store(false)

	g.slow.Store(true)
	streams := g.asked.Load()
	venue.launch()
	until("a part of the session came", func() bool { return g.asked.Load() > streams && g.passed.Load() > 300_000 })
	hidden("in the middle of the transfer")
	venue.kill()

	streams = g.asked.Load()
	venue.launch()
	until("a part of the session came again", func() bool { return g.asked.Load() > streams && g.passed.Load() > 100_000 })
	hub.kill()
	hidden("while the hub is gone")
	hub.start()
	g.slow.Store(false)
	if line := venue.says(); line != "serving" {
		t.Fatalf("in the end the venue says %q", line)
	}
	t.Cleanup(func() { venue.kill() })
	until("both tell one story", func() bool {
		a, b := hub.standing(id), venue.standing(id)
		return a.Entries > 2400 && a.Entries == b.Entries && a.Hash == b.Hash
	})
}
