package site_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/guest"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// A venue's disk went back to what it was some entries before, with everything that could have noticed it here. The hub
// has what it was told, and the crew reads at both sites which of them lost something.
func TestVenueThatLostItsEnd(t *testing.T) {
	ctx := context.Background()
	p := newPair(t)
	h, ok := p.hub.Hall(p.id)
	if !ok {
		t.Fatal("the session does not open")
	}
	link, err := h.Invite(ctx, hall.Invitee{Name: "Chair", Roles: floor.Chair}, "")
	if err != nil {
		t.Fatal(err)
	}
	p.must(p.venue, organiser, &floor.Open{})
	p.until("one story", p.same)
	client := &http.Client{}
	reads := func(s *site.Site, sentence string) {
		t.Helper()
		p.until(sentence, func() bool {
			g, err := guest.Come(client, s.Local()+link.Path)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := g.Get(ctx, "chair?lang=en")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			b, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			return resp.StatusCode == http.StatusOK && strings.Contains(string(b), sentence)
		})
	}
	reads(p.venue, "<h1") // the pass is there, too
	again := func() {
		t.Helper()
		s, err := site.Open(ctx, site.Settings{Data: p.dirs[1], Listen: "127.0.0.1:0"}, quiet())
		if err == nil {
			err = s.Serve(ctx)
		}
		if err != nil {
			t.Fatal(err)
		}
		p.venue = s
	}
	if err := p.venue.Close(); err != nil {
		t.Fatal(err)
	}
	before := t.TempDir()
	if err := os.CopyFS(before, os.DirFS(p.dirs[1])); err != nil {
		t.Fatal(err)
	}
	again()
	p.until("one story again", p.same)
	for range 3 {
		p.must(p.venue, organiser, &floor.Tell{Text: "The coffee is in the hall."})
	}
	p.until("the hub has it", p.same)
	if err := p.venue.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(p.dirs[1]); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(p.dirs[1], os.DirFS(before)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(p.dirs[1], "taken")); err != nil {
		t.Fatal(err)
	}
	again()
	defer func() { p.venue.Close() }()
	reads(p.venue, "This site has lost entries that people were told are taken")
	reads(p.hub, "The other site has lost entries of its own that are here")
	p.must(p.hub, myself("sita"), &floor.Join{Side: floor.Online}) // the hub goes on
}
