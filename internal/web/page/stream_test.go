package page

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// phone is somebody's connection in memory: it keeps what was written, and may stop reading.
type phone struct {
	mu     sync.Mutex
	header http.Header
	status int
	got    bytes.Buffer
	stuck  chan struct{} // while not nil, writes wait until it is closed
	until  time.Time     // the write deadline
	cancel func()
	done   chan struct{}
}

func (p *phone) Header() http.Header    { return p.header }
func (p *phone) WriteHeader(status int) { p.status = status }
func (p *phone) Flush()                 {}

func (p *phone) SetReadDeadline(time.Time) error { return nil }

func (p *phone) SetWriteDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until = t
	return nil
}

func (p *phone) Write(b []byte) (int, error) {
	p.mu.Lock()
	stuck, until := p.stuck, p.until
	p.mu.Unlock()
	if stuck != nil {
		select {
		case <-stuck:
		case <-time.After(time.Until(until)):
			return 0, errors.New("write deadline")
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got.Write(b)
}

// raw is what came over the wire so far.
func (p *phone) raw() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.Clone(p.got.Bytes())
}

// text is what the browser would read, after a gzip stream that may still go on.
func (p *phone) text(t *testing.T) string {
	t.Helper()
	if p.header.Get("Content-Encoding") != "gzip" {
		return string(p.raw())
	}
	z, err := gzip.NewReader(bytes.NewReader(p.raw()))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	return string(text)
}

// ids lists the ids of the events read.
func (p *phone) ids(t *testing.T) string {
	t.Helper()
	var ids []string
	for line := range strings.Lines(p.text(t)) {
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			ids = append(ids, strings.TrimSpace(id))
		}
	}
	return strings.Join(ids, " ")
}

// watching opens the stream. accept is the Accept-Encoding header.
func watching(t *testing.T, s *Stream, accept, tag string) *phone {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &phone{header: http.Header{}, cancel: cancel, done: make(chan struct{})}
	r := httptest.NewRequestWithContext(ctx, "GET", "/live", nil)
	r.Header.Set("Accept-Encoding", accept)
	go func() {
		defer close(p.done)
		s.Serve(p, r, tag)
	}()
	t.Cleanup(func() { cancel(); <-p.done })
	return p
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAViewReachesWhoeverWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStream(StreamOptions{Site: "hub-7"})
		s.Publish([]byte("<p>one</p>\r\n<p>two</p>\n"), 4)
		zipped, plain := watching(t, s, "gzip, br", ""), watching(t, s, "gzip;q=0", "")
		synctest.Wait()
		s.Publish([]byte("<p>three</p>"), 5)
		synctest.Wait()
		want := fmt.Sprintf("event: now\ndata: %d\n\nid: hub-7:4\ndata: <p>one</p>\ndata: <p>two</p>\n\nid: hub-7:5\ndata: <p>three</p>\n\n",
			time.Now().UnixMilli())
		same(t, zipped.text(t), want)
		same(t, plain.text(t), want)
		same(t, zipped.header.Get("Content-Type"), "text/event-stream")
		same(t, zipped.header.Get("Cache-Control"), "no-store, no-transform")
		same(t, plain.header.Get("Content-Encoding"), "")
	})
}

func TestAnOlderVersionIsIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStream(StreamOptions{Site: "a"})
		p := watching(t, s, "gzip", "")
		for i, version := range []uint64{3, 2, 4, 4, 1} {
			synctest.Wait()
			s.Publish(fmt.Append(nil, i), version)
		}
		synctest.Wait()
		same(t, p.ids(t), "a:3 a:4 a:4")
	})
}

func TestAViewThatChangesNothingIsNotSaidAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStream(StreamOptions{Site: "a"})
		p := watching(t, s, "gzip", "")
		for version, text := range []string{"one", "one", "two", "one", "one"} {
			s.Publish([]byte(text), uint64(version))
			synctest.Wait()
		}
		same(t, p.ids(t), "a:0 a:2 a:3")
	})
}

func TestAHeartbeatSaysTheViewAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStream(StreamOptions{Site: "a"})
		p := watching(t, s, "gzip", "")
		s.Publish(somePlaces(rand.New(rand.NewPCG(1, 1)), 30), 1)
		synctest.Wait()
		before := len(p.raw())
		time.Sleep(3*heartbeat + time.Second)
		synctest.Wait()
		same(t, p.ids(t), "a:1 a:1 a:1 a:1")
		if each := (len(p.raw()) - before) / 3; each > 64 {
			t.Errorf("a heartbeat takes %d bytes", each)
		}
	})
}

func TestViewsKeepTheirDistance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStream(StreamOptions{Site: "a", Gap: ParticipantGap})
		p := watching(t, s, "gzip", "")
		rendered := 0
		begin := time.Now()
		for version := range uint64(100) { // a change every 7 ms
			s.Announce(version, func() ([]byte, error) { rendered++; return fmt.Append(nil, rendered), nil })
			time.Sleep(7 * time.Millisecond)
		}
		synctest.Wait()
		same(t, p.ids(t), "a:0 a:35 a:71")
		// The last one is shown too, though nothing follows it.
		time.Sleep(ParticipantGap)
		synctest.Wait()
		same(t, p.ids(t), "a:0 a:35 a:71 a:99")
		if rendered != 4 {
			t.Errorf("%d views were rendered in %s", rendered, time.Since(begin))
		}
	})
}

func TestNothingIsRenderedForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStream(StreamOptions{Site: "a", Gap: CrewGap})
		for version := range uint64(9) {
			s.Announce(version, func() ([]byte, error) {
				if version < 8 {
					t.Errorf("version %d was rendered for nobody", version)
				}
				return []byte("x"), nil
			})
		}
		p := watching(t, s, "gzip", "")
		synctest.Wait()
		same(t, p.ids(t), "a:8")
	})
}

func TestAViewThatFailsLeavesTheOneBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStream(StreamOptions{Site: "a", Log: quietLog})
		p := watching(t, s, "gzip", "")
		s.Publish([]byte("good"), 1)
		synctest.Wait()
		s.Announce(2, func() ([]byte, error) { return nil, errors.New("no") })
		s.Announce(3, func() ([]byte, error) { panic("no") })
		s.Publish([]byte("better"), 4)
		synctest.Wait()
		same(t, p.ids(t), "a:1 a:4")
	})
}

func TestASlowWatcherSkipsToTheNewestView(t *testing.T) {
	chance := rand.New(rand.NewPCG(7, 7))
	for behind := 1; behind <= kept+3; behind++ {
		synctest.Test(t, func(t *testing.T) {
			s := NewStream(StreamOptions{Site: "a"})
			quick, slow := watching(t, s, "gzip", ""), watching(t, s, "gzip", "")
			s.Publish(somePlaces(chance, 30), 1)
			synctest.Wait()
			before := len(slow.raw())
			stuck := make(chan struct{})
			slow.mu.Lock()
			slow.stuck = stuck
			slow.mu.Unlock()
			s.Publish(somePlaces(chance, 30), 2) // slow is stuck in this one
			for i := range behind {
				synctest.Wait()
				s.Publish(somePlaces(chance, 30), uint64(3+i))
			}
			synctest.Wait()
			close(stuck)
			synctest.Wait()
			same(t, slow.ids(t), fmt.Sprintf("a:1 a:2 a:%d", 2+behind))
			last := func(text string) string { return text[strings.LastIndex(text, "id: "):] }
			same(t, last(slow.text(t)), last(quick.text(t)))
			if grown := len(slow.raw()) - before; behind <= kept && grown > 1200 {
				t.Errorf("%d views behind: two blocks take %d bytes", behind, grown)
			}
		})
	}
}

func TestAWriteThatTakesTooLongEndsTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStream(StreamOptions{Site: "a"})
		p := watching(t, s, "gzip", "")
		synctest.Wait()
		p.mu.Lock()
		p.stuck = make(chan struct{})
		p.mu.Unlock()
		begin := time.Now()
		s.Publish([]byte("x"), 1)
		<-p.done
		if took := time.Since(begin); took != patience || s.Watchers() != 0 {
			t.Errorf("ended after %s, %d watch", took, s.Watchers())
		}
	})
}

func TestARevokedPassEndsItsStreamsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStream(StreamOptions{Site: "a"})
		chair, desk := watching(t, s, "gzip", "chair-1"), watching(t, s, "", "desk-1")
		s.Publish([]byte("<p>before</p>"), 1)
		synctest.Wait()
		if n := s.Close(func(tag string) bool { return tag == "chair-1" }); n != 1 {
			t.Errorf("%d streams closed", n)
		}
		<-chair.done
		s.Publish([]byte("<p>after</p>"), 2)
		synctest.Wait()
		same(t, chair.ids(t), "a:1")
		same(t, desk.ids(t), "a:1 a:2")
		// The gzip stream has a proper end, with the right sum.
		z, err := gzip.NewReader(bytes.NewReader(chair.raw()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(z); err != nil {
			t.Errorf("the end of the stream: %v", err)
		}
	})
}

func TestHousesAreFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStream(StreamOptions{Site: "a", Most: 3, PerTag: 2})
		first := watching(t, s, "", "p")
		synctest.Wait()
		watching(t, s, "", "p")
		synctest.Wait()
		watching(t, s, "", "p") // the first makes room
		<-first.done
		watching(t, s, "", "")
		synctest.Wait()
		full := watching(t, s, "", "")
		<-full.done
		if full.status != http.StatusServiceUnavailable || full.header.Get("Retry-After") == "" {
			t.Errorf("a full house answers %d", full.status)
		}
		s.Shut()
		late := watching(t, s, "", "")
		<-late.done
		if late.status != http.StatusServiceUnavailable || s.Watchers() != 0 {
			t.Errorf("a closed house answers %d, %d watch", late.status, s.Watchers())
		}
	})
}

// Everything at once, for the race detector and for the invariant that whoever stays sees the last view.
func TestJoiningLeavingAndPublishingTogether(t *testing.T) {
	s := NewStream(StreamOptions{Site: "a", Gap: time.Microsecond})
	var crowd sync.WaitGroup
	for i := range 16 {
		crowd.Go(func() {
			for range 20 {
				ctx, cancel := context.WithCancel(t.Context())
				p := &phone{header: http.Header{}}
				r := httptest.NewRequestWithContext(ctx, "GET", "/live", nil)
				r.Header.Set("Accept-Encoding", []string{"gzip", ""}[i%2])
				over := make(chan struct{})
				go func() { defer close(over); s.Serve(p, r, fmt.Sprint("p", i%5)) }()
				s.Announce(uint64(i), func() ([]byte, error) { return fmt.Appendf(nil, "<p>%d</p>", i), nil })
				if i == 3 {
					s.Close(func(tag string) bool { return tag == "p3" })
				}
				cancel()
				<-over
				if text := p.text(t); !strings.HasPrefix(text, "event: now") && text != "" {
					t.Errorf("read %q", text)
				}
			}
		})
	}
	crowd.Wait()
	if n := s.Watchers(); n != 0 {
		t.Errorf("%d still watch", n)
	}
}

func TestEveryBlockUnfoldsToItsView(t *testing.T) {
	chance := rand.New(rand.NewPCG(3, 9))
	v := &view{newer: make(chan struct{})}
	o := outlet{gzip: true, phrases: none}
	var wire, want bytes.Buffer
	o.to = discard{&wire}
	if err := o.greet(time.UnixMilli(0)); err != nil {
		t.Fatal(err)
	}
	want.WriteString("event: now\ndata: 0\n\n")
	for i := range uint64(300) {
		html := somePlaces(chance, chance.IntN(60))
		if chance.IntN(9) == 0 { // larger than the window
			html = bytes.Repeat(html, 12)
		}
		v = v.next(event("a", i, html))
		if chance.IntN(3) == 0 { // sometimes many views late
			for range chance.IntN(2) {
				if err := o.show(v); err != nil {
					t.Fatal(err)
				}
				want.Write(v.event)
			}
		}
	}
	o.bye()
	z, err := gzip.NewReader(&wire)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%d bytes instead of %d, %v", len(got), want.Len(), err)
	}
}

type discard struct{ io.Writer }

func (discard) SetWriteDeadline(time.Time) error { return nil }

func TestCurlReadsTheStream(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	s := NewStream(StreamOptions{Site: "a"})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.Serve(w, r, "x") }))
	defer server.Close()
	s.Publish([]byte("<p>one</p>"), 1)
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), curl, "-sS", "-N", "--compressed", "-D", "-", server.URL)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for buf := make([]byte, 1024); !strings.Contains(out.String(), "three"); {
		n, err := pipe.Read(buf)
		out.Write(buf[:n])
		if err != nil {
			t.Fatalf("curl stopped: %v after %s", err, out.String())
		}
		if strings.Contains(out.String(), "one") {
			s.Publish([]byte("<p>two</p>"), 2)
		}
		if strings.Contains(out.String(), "two") {
			s.Publish([]byte("<p>three</p>"), 3)
		}
	}
	s.Shut()
	_, _ = io.Copy(&out, pipe)
	if err := cmd.Wait(); err != nil {
		t.Errorf("curl: %v", err)
	}
	if text := out.String(); !strings.Contains(strings.ToLower(text), "content-encoding: gzip") ||
		!strings.Contains(text, "data: <p>one</p>") || !strings.Contains(text, "data: <p>two</p>") {
		t.Error(text)
	}
}

// A stream takes its connection from the server, so it has to notice by itself how a connection ends.
func TestAConnectionOfItsOwn(t *testing.T) {
	for name, begin := range map[string]func(*httptest.Server){"http": (*httptest.Server).Start, "https": (*httptest.Server).StartTLS} {
		t.Run(name, func(t *testing.T) {
			s := NewStream(StreamOptions{Site: "a"})
			s.Publish([]byte("<p>one</p>"), 1)
			guard := Guard{Words: func(*http.Request) Speaker { return nil }}
			server := httptest.NewUnstartedServer(guard.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.Serve(w, r, "x") })))
			begin(server)
			defer server.Close()
			watch := func() *http.Response {
				r, err := server.Client().Get(server.URL)
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			nobody := func(why string) {
				for until := time.Now().Add(10 * time.Second); s.Watchers() > 0; time.Sleep(time.Millisecond) {
					if time.Now().After(until) {
						t.Fatal("somebody still watches after " + why)
					}
				}
			}
			one := watch()
			same(t, fmt.Sprintf("%d %t %s", one.StatusCode, one.Close, one.Header.Get("Content-Type")), "200 true text/event-stream")
			same(t, one.Header.Get("Content-Security-Policy"), policy)
			one.Body.Close()
			nobody("leaving")
			two := watch()
			s.Close(func(tag string) bool { return tag == "x" })
			text, err := io.ReadAll(two.Body)
			if err != nil || !strings.HasSuffix(string(text), "id: a:1\ndata: <p>one</p>\n\n") {
				t.Errorf("a revoked stream ends with %q, %v", text, err)
			}
			nobody("revoking")
			three := watch()
			s.Shut()
			if n := s.Watchers(); n != 0 {
				t.Errorf("%d watch after the end", n)
			}
			if _, err := io.ReadAll(three.Body); err != nil {
				t.Errorf("the end of the program: %v", err)
			}
			head, err := server.Client().Head(server.URL)
			if err != nil || head.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("a closed house answers %v, %v", head, err)
			}
		})
	}
}

func TestWhoTakesGzip(t *testing.T) {
	for accept, want := range map[string]bool{
		"": false, "gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "gzip; q=0.0, *": false, "*": true,
		"identity": false, "*;q=0": false, "x-gzip": true,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", accept)
		if takesGzip(r) != want {
			t.Errorf("%q: %t", accept, !want)
		}
	}
}

var quietLog = slog.New(slog.DiscardHandler)
