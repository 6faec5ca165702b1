package site_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/link"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// A join link is good once and for a day; of two who come at once one is let in.
func TestJoinLinkIsGoodOnce(t *testing.T) {
	ctx := context.Background()
	now := time.Now()
	hub := open(t, site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0", Now: func() time.Time { return now.Add(time.Since(now)) }})
	id, _, err := hub.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "One venue", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}})
	if err != nil {
		t.Fatal(err)
	}
	invite := func() string {
		t.Helper()
		link, err := hub.InviteVenue(ctx, id, "")
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(link, "/link/")
		return hub.Local() + "/link/" + rest
	}
	venue := func() *site.Site { return open(t, site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0"}) }
	join := func(link string) error { _, err := venue().Join(ctx, link); return err }
	refused := func(what string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: let in", what)
		} else if i := strings.Index(what, "#"); i > 0 && strings.Contains(err.Error(), what[i+1:]) {
			t.Errorf("the error tells the secret: %v", err)
		}
	}
	old := invite()
	link := invite()
	refused("an older link", join(old))
	refused("another secret", join(strings.Replace(link, "#", "#00", 1)))
	// The secret of a link with another fingerprint is shown to nobody: the folder that tried it, and any other, may take
	// the right one.
	wrong := venue()
	_, err = wrong.Join(ctx, link[:len(link)-1]+"x")
	refused("another fingerprint", err)
	if err != nil && !strings.Contains(err.Error(), "does not have the key") {
		t.Errorf("of another fingerprint it says %v", err)
	}
	if h, ok := hub.Hall(id); !ok || len(h.Session.View().Sites) > 0 {
		t.Error("the hub let in whoever had another fingerprint")
	}
	if err := join(link); err != nil {
		t.Errorf("the right link after a wrong one: %v", err)
	}
	if _, ok := wrong.Hall(id); ok {
		t.Error("a folder that was refused has the session")
	}
	refused("a link that was spent", join(link))
	if _, ok := venue().Hall(id); ok {
		t.Error("a stranger's folder has the session")
	}

	other := open(t, site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0"})
	if id, _, err = other.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "Two come", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}}); err != nil {
		t.Fatal(err)
	}
	hub = other
	link = invite()
	var all sync.WaitGroup
	var errs [2]error
	for i := range errs {
		v := venue()
		all.Go(func() { _, errs[i] = v.Join(ctx, link) })
	}
	all.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("of two who came at once: %v, %v", errs[0], errs[1])
	}
	for _, err := range errs {
		if err != nil && !strings.Contains(err.Error(), "was used") {
			t.Errorf("whoever came second was told %v", err)
		}
	}
}

// A day later the link opens nothing.
func TestJoinLinkIsGoodForADay(t *testing.T) {
	ctx := context.Background()
	var mu sync.Mutex
	ahead := time.Duration(0)
	hub := open(t, site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0", Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(ahead) }})
	id, _, err := hub.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "Tomorrow", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}})
	if err != nil {
		t.Fatal(err)
	}
	link, err := hub.InviteVenue(ctx, id, "")
	if err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	ahead = 24*time.Hour + time.Minute
	mu.Unlock()
	_, rest, _ := strings.Cut(link, "/link/")
	v := open(t, site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0"})
	if _, err := v.Join(ctx, hub.Local()+"/link/"+rest); err == nil || !strings.Contains(err.Error(), "older than 24 h") {
		t.Errorf("a day later: %v", err)
	}
}

// Somebody who visits a venue in the middle of its joining finds nothing, and leaves nothing behind: the program does not
// take the half that is there for a session of its own.
func TestVisitedWhileItJoins(t *testing.T) {
	ctx := context.Background()
	for range 5 {
		hub := open(t, site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0"})
		id, _, err := hub.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "Visited", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}})
		if err != nil {
			t.Fatal(err)
		}
		link, err := hub.InviteVenue(ctx, id, "")
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(link, "/link/")
		v := open(t, site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0"})
		visit, over := context.WithCancel(ctx)
		var visitor sync.WaitGroup
		visitor.Go(func() {
			for visit.Err() == nil {
				if h, ok := v.Hall(id); ok && h.Session.View().Title == "" {
					t.Error("a visitor found a session without its title")
					return
				}
			}
		})
		_, err = v.Join(ctx, hub.Local()+"/link/"+rest)
		over()
		visitor.Wait()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A venue that joined once starts without its hub, and says what it lacks when it never did.
func TestVenueWithoutHub(t *testing.T) {
	ctx := context.Background()
	p := newPair(t)
	p.must(p.venue, organiser, &floor.Open{})
	link := p.link(p.hub, "")
	entries := p.session(p.venue).View().Entries
	for _, s := range []*site.Site{p.hub, p.venue} {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	again := open(t, site.Settings{Data: p.dirs[1], Listen: "127.0.0.1:0"})
	if _, err := again.Join(ctx, link); err != nil {
		t.Errorf("with the same command and without the hub: %v", err)
	}
	h, ok := again.Hall(p.id)
	if !ok || h.Session.View().Entries < entries {
		t.Error("the venue has lost its session")
	}
	fresh := open(t, site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0"})
	if _, err := fresh.Join(ctx, link); err == nil || !strings.Contains(err.Error(), "has not joined the session before") {
		t.Errorf("a folder that never joined says %v", err)
	}
}

// Who answers at the address of a join link is not its hub: somebody else, a hub of another name, one that says nothing, or
// a page that sends on. It is told in a sentence, and never sees the secret.
func TestTheSecretIsShownToTheHubAlone(t *testing.T) {
	ctx := context.Background()
	for what, x := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		says   string
	}{
		"nothing":     {http.NotFound, "does not have the key"},
		"a page":      {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<h1>Welcome</h1>") }, "does not have the key"},
		"another hub": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"key":"openmic-abc+00000000+AAAA"}`) }, "does not have the key"},
		"an older hub": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "a join belongs here", http.StatusBadRequest)
		}, "does not have the key"},
		"a sign-in": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example.org/", http.StatusFound)
		}, "sends on"},
		"a proxy":       {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "Bad Gateway", http.StatusBadGateway) }, "does not let this venue in: Bad Gateway"},
		"other release": {func(w http.ResponseWriter, r *http.Request) { r.Header.Del("Openmic-Link"); link.Understands(w, r) }, "another release"},
	} {
		var told atomic.Bool
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			told.Store(told.Load() || len(b) > 0 || r.Method != http.MethodGet || strings.Contains(r.URL.String(), "thesecret"))
			x.answer(w, r)
		}))
		v := open(t, site.Settings{Listen: "127.0.0.1:0"})
		_, err := v.Join(ctx, web.URL+"/link/abcdef#thesecret."+strings.Repeat("0a", 16))
		if err == nil || !strings.Contains(err.Error(), x.says) || strings.Contains(err.Error(), "thesecret") {
			t.Errorf("%s: it says %v", what, err)
		}
		if told.Load() {
			t.Errorf("%s was shown the secret", what)
		}
		if list, err := v.Sessions(ctx); err != nil || len(list) > 0 {
			t.Errorf("%s: something is here: %v %v", what, list, err)
		}
		web.Close()
	}
}
