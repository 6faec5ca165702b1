package demo_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/demo"
	"openmic/internal/guest"
	"openmic/internal/site"
	"openmic/internal/web"
)

// Soon after the start somebody speaks, people wait on both sides, and no screen is empty or broken. The next start
// finds the same people.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("the script needs some seconds of real time")
	}
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	x, err := site.Open(ctx, site.Settings{Data: folder, Listen: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if err := x.Serve(ctx); err != nil {
		t.Fatal(err)
	}
	d, err := demo.Prepare(ctx, x, folder)
	if err != nil {
		t.Fatal(err)
	}
	var errs safe
	d.Play(ctx, x.Local(), x.Local(), &errs)
	h, ok := x.Hall(d.Session)
	if !ok {
		t.Fatal("no session")
	}
	begun := time.Now()
	for {
		v := h.Session.View()
		if v.Current() != nil && len(v.Waiting(floor.Room)) > 0 && len(v.Waiting(floor.Online)) > 0 {
			break
		}
		select {
		case <-v.Newer:
		case <-time.After(time.Minute):
			t.Fatalf("after a minute: %d people, %d in line\n%s", len(v.People), len(v.Line), errs.String())
		}
	}
	t.Logf("alive after %v", time.Since(begun).Round(100*time.Millisecond))
	shown := map[string]bool{}
	for _, l := range d.Links {
		g, err := guest.Come(http.DefaultClient, x.Local()+l.Path)
		if err != nil {
			t.Fatal(err)
		}
		for _, sc := range web.Screens {
			if !l.Roles.Has(sc.Roles) {
				continue
			}
			res, err := g.Get(ctx, sc.Name)
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(res.Body)
			res.Body.Close()
			if res.StatusCode != http.StatusOK || !strings.Contains(string(b), "</html>") && !strings.Contains(string(b), "</main>") {
				t.Errorf("%s shows %s %s", l.Label, sc.Name, res.Status)
			}
			shown[sc.Name] = true
		}
	}
	for _, sc := range web.Screens {
		if !shown[sc.Name] && sc.Name != "hub" {
			t.Errorf("no link of the demo shows %s", sc.Name)
		}
	}
	cancel()
	again, err := demo.Prepare(t.Context(), x, folder)
	if err != nil || again.Session != d.Session || len(again.Links) != len(d.Links) || again.Links[0].Path != d.Links[0].Path {
		t.Errorf("the next start made another demo: %v", err)
	}
	if s := errs.String(); s != "" {
		t.Error(s)
	}
}

// safe is a buffer that the player may write to while the test reads.
type safe struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *safe) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}
