package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// paper is a log that can be read while it is written.
type paper struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// The hub's address hangs up on every try, and each try has another port: the venue's log has one line of it, which names
// no port and no step of the program.
func TestOneReasonIsOneLine(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var tries atomic.Int64
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Read(make([]byte, 1))
			c.(*net.TCPConn).SetLinger(0) // the other end is told that this one broke
			c.Close()
			tries.Add(1)
		}
	}()
	venue, _ := open(t, "abc/venue-v", "venue", true)
	_, hubKey := open(t, "abc/hub-h", "hub", false)
	var log paper
	venue.Log = slog.New(slog.NewTextHandler(&log, nil))
	link, err := Dial(venue.Place, Way{URL: "http://" + l.Addr().String() + "/link/abc", Hub: "abc/hub-h", Key: hubKey, Secret: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(link.Close)
	until(t, "the venue has tried five times", func() bool { return tries.Load() >= 5 })
	said := log.String()
	if n := strings.Count(said, "no link to the hub"); n != 1 || strings.Contains(said, "->") || strings.Contains(said, "dial tcp") {
		t.Errorf("%d lines:\n%s", n, said)
	}
}

// What stands in the log of each way not to be linked, and how often.
func TestReasons(t *testing.T) {
	port := func(n int, err error) error {
		return &net.OpError{Op: "read", Net: "tcp", Source: &net.TCPAddr{Port: n}, Err: err}
	}
	for _, x := range []struct {
		err  error
		says string
	}{
		{errors.Join(errSilent, port(4, context.Canceled)), "nothing was heard for 3 s"},
		{port(4, errors.New("connection reset by peer")), "connection reset by peer"},
		{errors.Join(context.Canceled, port(4, errors.New("reset"))), "reset"},
		{fmt.Errorf("read: %w", io.ErrUnexpectedEOF), "the connection broke off"},
		{context.DeadlineExceeded, "no answer in time"},
		{fmt.Errorf("%w (7 entries are here, 9 are there)", ErrLostHere), ErrLostHere.Error() + " (7 entries are here, 9 are there)"},
		{errors.New("two\nlines"), "two lines"},
	} {
		if got := reason(x.err); got != x.says {
			t.Errorf("%v: %q, not %q", x.err, got, x.says)
		}
	}
	_, err := http.Get("http://127.0.0.1:1/")
	if got := reason(err); got != "connection refused" {
		t.Errorf("%v: %q", err, got)
	}
	var e excuses
	lines, now := 0, time.Now()
	for second := range 300 { // two reasons take turns for five minutes
		if e.fresh([]string{"refused", "reset"}[second%2], now.Add(time.Duration(second)*time.Second)) {
			lines++
		}
	}
	if lines != 10 {
		t.Errorf("two reasons in five minutes are %d lines, not one of each in a minute", lines)
	}
}

// gone is a book that waits until whoever asked it has gone.
type gone struct {
	*memory
	asked chan struct{}
}

func (g gone) Passes(ctx context.Context) ([]Pass, error) {
	select {
	case g.asked <- struct{}{}:
	default:
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

// A venue hangs up while the hub reads: nothing has failed at the hub, and its log says nothing.
func TestWhoHangsUpIsNoError(t *testing.T) {
	var log paper
	var ended atomic.Bool
	asked := make(chan struct{}, 1)
	x := strangers(t, func(h http.Handler) http.Handler {
		hub := h.(*Hub)
		hub.Log = slog.New(slog.NewTextHandler(&log, nil))
		hub.Book = gone{hub.Book.(*memory), asked}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if hub.ServeHTTP(w, r); r.Header.Get("Openmic-Challenge") != "" || r.Header.Get("Openmic-Signed") != "" {
				ended.Store(true)
			}
		})
	})
	x.dial()
	<-asked
	x.link.Close()
	until(t, "the hub is done with the venue", ended.Load)
	if s := log.String(); strings.Contains(s, "ERROR") {
		t.Errorf("the hub's log says\n%s", s)
	}
}
