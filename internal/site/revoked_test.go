package site_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/cable"
	"openmic/internal/guest"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// A crew pass is revoked at one site during a cut, and who holds it goes on at the other. What they did stands, marked;
// after the heal the pass opens nothing at either site, and the pages it had open end.
func TestPassRevokedDuringACut(t *testing.T) {
	for _, name := range []string{"revoked at the hub", "revoked at the venue"} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			p := newPair(t)
			here, there := p.hub, p.venue
			if strings.HasSuffix(name, "venue") {
				here, there = there, here
			}
			h, ok := p.hub.Hall(p.id)
			if !ok {
				t.Fatal("the session does not open")
			}
			link, err := h.Invite(ctx, hall.Invitee{Name: "Desk", Roles: floor.Desk}, "")
			if err != nil {
				t.Fatal(err)
			}
			_, secret, _ := strings.Cut(link.Path, "#")
			pass, _, _ := strings.Cut(secret, ".")
			client := &http.Client{Timeout: 20 * time.Second}
			come := func(s *site.Site) (g *guest.Guest) {
				p.until("the pass is known", func() bool {
					var err error
					g, err = guest.Come(client, s.Local()+link.Path)
					if err != nil {
						return false
					}
					resp, err := g.Get(ctx, "desk")
					if err != nil {
						return false
					}
					resp.Body.Close()
					return resp.StatusCode == http.StatusOK
				})
				return g
			}
			at := map[*site.Site]*guest.Guest{here: come(here), there: come(there)}
			// watch opens a stream, and tells when it has ended.
			watch := func(g *guest.Guest) <-chan struct{} {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, g.Server+g.Path+"desk/live?lang=en", nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Accept", "text/event-stream")
				r.Header.Set("Authorization", "Bearer "+g.Secret)
				resp, err := http.DefaultClient.Do(r)
				if err != nil || resp.StatusCode != http.StatusOK {
					t.Fatalf("no stream: %v %v", resp, err)
				}
				over := make(chan struct{})
				go func() {
					defer close(over)
					defer resp.Body.Close()
					_, _ = io.Copy(io.Discard, resp.Body)
				}()
				return over
			}
			ended := func(what string, over <-chan struct{}) {
				t.Helper()
				select {
				case <-over:
				case <-time.After(30 * time.Second):
					t.Errorf("%s goes on", what)
				}
			}
			status := func(s *site.Site) int {
				t.Helper()
				a, err := at[s].Do(ctx, map[string]any{"do": "tell", "id": guest.ID(), "text": "Please send your cards."})
				if err != nil {
					t.Fatal(err)
				}
				return a.Status
			}
			first, second := watch(at[here]), watch(at[there])
			if a, b := status(here), status(there); a != http.StatusOK || b != http.StatusOK {
				t.Fatalf("before it all, the desk is answered %d and %d", a, b)
			}
			p.until("one story", p.same)
			p.cable.Turn(cable.Way{Cut: true})
			p.until("both see the cut", func() bool {
				return p.session(p.hub).View().Severed() != nil && p.session(p.venue).View().Severed() != nil
			})
			x, ok := here.Hall(p.id)
			if !ok {
				t.Fatal("the session does not open")
			}
			if err := x.Revoke(ctx, pass); err != nil {
				t.Fatal(err)
			}
			ended("the stream where the pass was revoked", first)
			if a := status(here); a == http.StatusOK {
				t.Error("where it was revoked the pass still acts")
			}
			if a := status(there); a != http.StatusOK {
				t.Errorf("at the other site, which cannot know, it is answered %d", a)
			}
			before := p.session(there).View().Entries
			p.cable.Turn(cable.Way{})
			p.until("one story afterwards", p.same)
			ended("the stream at the other site", second)
			for _, s := range []*site.Site{here, there} {
				p.until("the pass is over", func() bool { return status(s) != http.StatusOK })
				v := p.session(s).View()
				if len(v.Meanwhile) != 1 || v.Entries < before {
					t.Errorf("%d entries by somebody who had been revoked, of %d", len(v.Meanwhile), v.Entries)
				}
			}
			for _, s := range []*site.Site{p.hub, p.venue} {
				if v := p.record(s, false); v.Meanwhile != 1 {
					t.Errorf("the record counts %d entries by somebody who had been revoked", v.Meanwhile)
				}
			}
		})
	}
}
