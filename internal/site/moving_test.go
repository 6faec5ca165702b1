package site_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"openmic/floor"
	"openmic/internal/guest"
	"openmic/internal/journal/postgres/pgtest"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// A backup of a hub in a database is made while two nodes serve it. Out of it the same state comes back in a folder, in
// another database, and from there in a folder again; links open, what was erased stays away, the records hold.
func TestBackupsOfDatabases(t *testing.T) {
	ctx := t.Context()
	server := pgtest.Start(t)
	url := server.Database(t)
	a, keyOf := aNode(t, url, "")
	b, _ := aNode(t, url, keyOf)
	id, links, err := a.Create(ctx, hall.Draft{
		Plan:   floor.Plan{Title: "In a database", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 90}}},
		People: []hall.Invitee{{Name: "Chair", Roles: floor.Chair | floor.Desk | floor.Organiser}},
	})
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{}
	chair, err := guest.Come(client, a.Local()+links[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	do := func(who *guest.Guest, what map[string]any) {
		t.Helper()
		if answer, err := who.Do(ctx, what); err != nil || !answer.Accepted() {
			t.Fatalf("%v: %s %v", what, answer.Say, err)
		}
	}
	do(chair, map[string]any{"do": "open"})
	var people []*guest.Guest
	for _, name := range []string{"Ana Vale", "Ben Orrin"} {
		g, _, err := guest.Knock(ctx, client, b.Local()+"/s/"+id+"/online", map[string]any{"id": guest.ID(), "name": name, "preset": "name"})
		if err != nil || g == nil {
			t.Fatal(err)
		}
		do(g, map[string]any{"do": "ask", "about": "tides"})
		people = append(people, g)
	}
	do(people[1], map[string]any{"do": "erase"})

	// Somebody presses at the other node meanwhile.
	stop := make(chan struct{})
	var press sync.WaitGroup
	press.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				do(people[0], map[string]any{"do": "edit", "ticket": ticketOf(t, b, id), "about": fmt.Sprint("tide ", i)})
			}
		}
	})
	file := backup(t, a)
	if err := a.Backup(ctx, &bytes.Buffer{}); err != nil { // and again: nothing is left of the first
		t.Error(err)
	}
	close(stop)
	press.Wait()
	left, err := filepath.Glob(filepath.Join(keyOf, "backup*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left in the data folder: %v", left)
	}

	state := ""
	come := func(what string, r site.Restore) *site.Site {
		t.Helper()
		r.Data = filepath.Join(t.TempDir(), "new")
		back := restore(t, r)
		if len(back) != 1 || back[0].ID != id || back[0].Journal == "" || state != "" && back[0].State != state {
			t.Fatalf("%s: %+v, and the state was %s", what, back, state)
		}
		state = back[0].State
		there := open(t, site.Settings{Data: r.Data, Journal: r.Journal, Listen: "127.0.0.1:0"})
		var text bytes.Buffer
		if err := there.Export(ctx, id, &text); err != nil || !strings.Contains(tail(text.String()), state) || strings.Contains(text.String(), "Orrin") {
			t.Errorf("%s: %v, %s", what, err, tail(text.String()))
		}
		if v := judge(t, there, id, true); v.Checkpoints == 0 {
			t.Errorf("%s: nothing in the record was signed", what)
		}
		return there
	}
	goesOn := func(what string, there *site.Site) {
		t.Helper()
		h, ok := there.Hall(id)
		if !ok {
			t.Fatalf("%s: it does not open", what)
		}
		_, secret, _ := strings.Cut(links[0].Path, "#")
		if _, err := h.Passes.Check(secret); err != nil {
			t.Errorf("%s: a link of before does not open: %v", what, err)
		}
		p := &pair{t: t, id: id}
		p.must(there, organiser, &floor.Tell{Text: "we go on"})
	}
	goesOn("a folder", come("a folder", site.Restore{From: file}))
	second := server.Database(t)
	there := come("a database", site.Restore{From: file, Journal: second})
	if _, err := (site.Restore{From: file, Journal: second, Data: filepath.Join(t.TempDir(), "new")}).Run(context.Background(), quiet()); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("over sessions: %v", err)
	}
	goesOn("a database", there)
	state = "" // there is more now
	come("a folder of the second database", site.Restore{From: backup(t, there)})
}

func ticketOf(t *testing.T, s *site.Site, id string) floor.ID {
	t.Helper()
	h, ok := s.Hall(id)
	if !ok {
		t.Error("no session")
		return ""
	}
	for v := h.Session.View(); ; v = h.Session.View() {
		if len(v.Line) > 0 {
			return v.Line[0]
		}
		<-v.Newer
	}
}
