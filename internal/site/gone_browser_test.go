package site_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/guest"
	"openmic/internal/site"
	"openmic/internal/web/hall"
	"openmic/internal/web/page/browser"
)

// The program is killed while the crew watches. Every screen keeps the line readable and printable, says as of when and
// how to go on by voice; when the program is back, the pages are alive again by themselves.
func TestServerGoneInABrowser(t *testing.T) {
	b := browser.Start(t)
	ctx := context.Background()
	folder, listen := t.TempDir(), freeAddress(t)
	s, err := site.Open(ctx, site.Settings{Data: folder, Listen: "127.0.0.1:0"}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(ctx); err != nil {
		t.Fatal(err)
	}
	_, links, err := s.Create(ctx, hall.Draft{
		Plan: floor.Plan{Title: "Islands on one Internet", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 90, Protected: true}}},
		People: []hall.Invitee{{Name: "All in one", Roles: floor.Organiser | floor.Chair | floor.Venue | floor.Desk | floor.Rapporteur},
			{Name: "Leilani Moana", Roles: floor.Speaker}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	srv := &server{t: t, data: folder, listen: listen}
	srv.start()
	defer func() { srv.kill() }()
	base := "http://" + listen
	all, err := guest.Come(http.DefaultClient, base+links[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	do := func(fields map[string]any) {
		t.Helper()
		if a, err := all.Do(ctx, fields); err != nil || !a.Accepted() {
			t.Fatalf("%v: %s %v", fields, a.Say, err)
		}
	}
	do(map[string]any{"do": "open"})
	do(map[string]any{"do": "enter", "side": "room", "name": "Sione Taufa", "agreed": true})
	do(map[string]any{"do": "enter", "side": "online", "name": "Maria Silva", "agreed": true})
	do(map[string]any{"do": "enter", "side": "room", "name": "Tane Rua", "agreed": true})
	do(map[string]any{"do": "call"})

	tabs := map[string]*browser.Tab{}
	for _, screen := range []string{"crew", "chair", "venue", "desk", "notes", "speaker"} {
		tab := b.Open(t, base+links[0].Path, browser.Laptop)
		tab.Until(t, `location.pathname.includes("/p/")`)
		var here string
		tab.Eval(t, `location.href.replace(/[^/]*$/, "")`, &here)
		tab.Go(t, here+screen)
		tab.Until(t, alive)
		tabs[screen] = tab
	}
	srv.kill()
	for screen, tab := range tabs {
		tab.Until(t, `document.documentElement.dataset.state === "cut"`)
		says(t, tab, "[data-banner]", "Cut off since")
		tab.Until(t, `document.querySelector(".paper")?.checkVisibility({visibilityProperty: true})`) // after some seconds
		says(t, tab, ".paper", "Go on by voice")
		paper := tab.OnPaper(t, filepath.Join(t.TempDir(), screen+".pdf"))
		for _, part := range []string{"Maria Silva", "Sione Taufa", "Tane Rua", "as of "} {
			if !strings.Contains(paper, part) {
				t.Errorf("%s on paper lacks %q:\n%s", screen, part, paper)
			}
		}
	}
	srv.start()
	for _, tab := range tabs {
		tab.Until(t, alive)
		tab.Until(t, `document.querySelector("[data-banner]").hidden && !document.querySelector(".paper").checkVisibility()`)
	}
	do(map[string]any{"do": "enter", "side": "online", "name": "Noor Aziz", "agreed": true})
	for _, tab := range tabs {
		says(t, tab, "main", "Noor Aziz")
	}
}
