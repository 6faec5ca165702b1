package site_test

import (
	"context"
	"html"
	"io"
	"net/http"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/guest"
	"openmic/internal/site"
	"openmic/internal/web/chair"
	"openmic/internal/web/hall"
	"openmic/internal/web/line"
	"openmic/internal/web/wall"
)

// Pages that stand still say a cut too: what everybody must know first is live on those of the crew, "ready?" finds that the
// other site is not heard, and a page for everybody says when it was made.
func TestWhatStandsStillSaysACut(t *testing.T) {
	p := newPair(t)
	p.begin()
	h, _ := p.hub.Hall(p.id)
	link, err := h.Invite(context.Background(), hall.Invitee{Name: "Organiser", Roles: floor.Organiser | floor.Crew}, "")
	if err != nil {
		t.Fatal(err)
	}
	fetch := func(url, secret string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if secret != "" {
			r.Header.Set("Authorization", "Bearer "+secret)
		}
		r.Header.Set("Accept-Language", "en")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return blanks.ReplaceAllString(html.UnescapeString(string(b)), " ")
	}
	sites := map[*site.Site]string{p.hub: "The room has not been heard since", p.venue: "People online have not been heard since"}
	crew := map[*site.Site]*guest.Guest{}
	for s := range sites {
		p.until("the pass is known", func() bool {
			g, err := guest.Come(http.DefaultClient, s.Local()+link.Path)
			crew[s] = g
			return err == nil && strings.Contains(fetch(s.Local()+g.Path+"ready", g.Secret), "The clocks of the two sites agree")
		})
		if text := fetch(s.Local()+crew[s].Path+"ready", crew[s].Secret); !strings.Contains(text, `<strong>Room and online hear each other</strong> <span class="word">in order`) {
			t.Errorf("while both hear each other: %.900s", text[strings.Index(text, "<main"):])
		}
	}
	p.cut()
	for s, far := range sites {
		for _, screen := range []string{"ready", "report", "plan"} {
			if text := fetch(s.Local()+crew[s].Path+screen, crew[s].Secret); !strings.Contains(text, `<p class="notice first-cut" data-key="first-cut"><strong>`+far) || !strings.Contains(text, "data-live=") || strings.Contains(text, "up to date") {
				t.Errorf("%s says no cut, or not live: %.900s", screen, text[strings.Index(text, "<main"):])
			}
		}
		text := fetch(s.Local()+crew[s].Path+"ready", crew[s].Secret)
		if i := strings.Index(text, `<li class="card bad"><span class="sign" aria-hidden="true"></span><div><strong>Room and online hear each other`); i < 0 || !strings.Contains(text[i:i+400], far) || strings.Contains(text, "The clocks of the two sites agree") {
			t.Errorf("ready does not find the cut: %.1500s", text[strings.Index(text, "<main"):])
		}
		for _, public := range []string{"", "online", "fairness"} {
			if text := fetch(s.Local()+h.Base()+public, ""); !strings.Contains(text, far) || !strings.Contains(text, "as of ") || strings.Contains(text, "up to date") {
				t.Errorf("%q says no cut, or not when it was made: %.900s", public, text[strings.Index(text, "<main"):])
			}
		}
	}
}

// What a site knows only of before the cut is said as of then: who was called does not speak there, what was owed is what was
// owed, and of a place that changed since nobody there knows.
func TestWhatWasHeardLastIsSaidAsOfThen(t *testing.T) {
	p := newPair(t)
	p.begin()
	p.speak(p.venue)
	p.must(p.venue, organiser, &floor.Call{})
	p.until("both tell one story", p.same)
	p.cut()
	p.says("cut", p.hub, []*hall.Screen{wall.Screen, chair.Screen}, "· Called", "the room was owed 0:30 of floor time", "not Owed to")
	p.says("cut", p.hub, []*hall.Screen{line.Screen}, "The room has your place", "not The room takes up your place")
	p.must(p.hub, myself("tomo"), &floor.Move{Side: floor.Room})
	p.says("moved", p.hub, []*hall.Screen{line.Screen}, "The room takes up your place when the link is back")
	p.says("cut", p.venue, []*hall.Screen{wall.Screen}, "Please speak", "not owed 0:", "not Owed to", "not once it is heard again")
}
