package site_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/guest"
	"openmic/internal/journal/postgres/pgtest"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// aNode starts a node of a site, with the key of the first.
func aNode(t testing.TB, url, key string) (*site.Site, string) {
	t.Helper()
	folder := t.TempDir()
	if key != "" {
		b, err := os.ReadFile(filepath.Join(key, "key"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "key"), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := site.Open(t.Context(), site.Settings{Data: folder, Journal: url, Listen: "127.0.0.1:0"}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Serve(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, folder
}

// soon waits until something is so.
func soon(t *testing.T, what string, so func() bool) {
	t.Helper()
	for late := time.Now().Add(20 * time.Second); !so(); {
		if time.Now().After(late) {
			t.Fatalf("it never comes to be that %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// Two nodes are one site: links, passes, the room's code, commands and their screens, the record and its checkpoints.
func TestTwoNodes(t *testing.T) {
	ctx := t.Context()
	url := pgtest.Start(t).Database(t)
	a, keyOf := aNode(t, url, "")
	b, _ := aNode(t, url, keyOf)
	id, links, err := a.Create(ctx, hall.Draft{
		Plan:   floor.Plan{Title: "On two nodes", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 90}}},
		People: []hall.Invitee{{Name: "Chair", Roles: floor.Chair | floor.Desk | floor.Organiser}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if list, err := b.Sessions(ctx); err != nil || len(list) != 1 || list[0].ID != id {
		t.Fatalf("the other node lists %v %v", list, err)
	}
	client := &http.Client{}
	chairA, err := guest.Come(client, a.Local()+links[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	chairB, err := guest.Come(client, b.Local()+links[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	do := func(who *guest.Guest, what map[string]any) guest.Answer {
		t.Helper()
		answer, err := who.Do(ctx, what)
		if err != nil || !answer.Accepted() {
			t.Fatalf("%v: %s %v", what, answer.Say, err)
		}
		return answer
	}
	do(chairA, map[string]any{"do": "open"})
	// Somebody comes in at one node and presses at the other at once.
	ana, _, err := guest.Knock(ctx, client, a.Local()+"/s/"+id+"/online", map[string]any{"id": guest.ID(), "name": "Ana", "preset": "name"})
	if err != nil || ana == nil {
		t.Fatal(err)
	}
	there := *ana
	there.Server = b.Local()
	moved := &there
	ticket := do(moved, map[string]any{"do": "ask", "id": "same", "about": "tides"}).Of("asked")
	if again := do(ana, map[string]any{"do": "ask", "id": "same", "about": "tides"}).Of("asked"); again != ticket {
		t.Errorf("the same press was told %s at one node and %s at the other", ticket, again)
	}
	// What was done at one node stands on the page of the next.
	for range 5 {
		for _, who := range []*guest.Guest{chairA, chairB} {
			about := "subject " + guest.ID()
			do(moved, map[string]any{"do": "edit", "ticket": ticket, "about": about})
			res, err := who.Get(ctx, "chair")
			if err != nil {
				t.Fatal(err)
			}
			var page bytes.Buffer
			page.ReadFrom(res.Body)
			res.Body.Close()
			if res.StatusCode != http.StatusOK || !strings.Contains(page.String(), about) {
				t.Fatalf("%d: the page does not say %q", res.StatusCode, about)
			}
		}
	}
	ha, _ := a.Hall(id)
	hb, _ := b.Hall(id)
	// The wall of the other node follows by itself.
	var took []time.Duration
	for i := range 20 {
		began := time.Now()
		v := hb.Session.View()
		do(chairA, map[string]any{"do": "jot", "text": fmt.Sprint("note ", i)})
		for v.Version == hb.Session.View().Version || ha.Session.View().Version != hb.Session.View().Version {
			if time.Since(began) > 20*time.Second {
				t.Fatal("the other node does not follow")
			}
			time.Sleep(50 * time.Microsecond)
		}
		took = append(took, time.Since(began))
	}
	t.Logf("press at one node to view at the other: %v", took)

	// Who watches at one node is seen at the other.
	watching, unwatch := context.WithCancel(ctx)
	res, err := chairA.Get(watching, "wall/live")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	soon(t, "the other node knows that the wall is lit", func() bool { return hb.Watching("wall") == 1 })
	unwatch()
	res.Body.Close()
	soon(t, "and that it is dark", func() bool { return hb.Watching("wall") == 0 })
	if hb.LastSeen(strings.Split(chairA.Path, "/")[4]).IsZero() {
		t.Error("the other node never saw the chair")
	}

	if err := ha.NewRoomCode(ctx); err != nil {
		t.Fatal(err)
	}
	soon(t, "the other node has the new room code", func() bool { return hb.RoomCode() == ha.RoomCode() })
	if err := ha.Passes.Revoke(ctx, strings.Split(ana.Path, "/")[4]); err != nil {
		t.Fatal(err)
	}
	soon(t, "the other node refuses a revoked pass", func() bool {
		answer, err := moved.Do(ctx, map[string]any{"do": "withdraw", "ticket": ticket})
		return err == nil && answer.Status == http.StatusUnauthorized
	})
	var records [2]bytes.Buffer
	for i, s := range []*site.Site{a, b} {
		if err := s.Record(ctx, id, false, &records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(records[0].Bytes(), records[1].Bytes()) {
		t.Error("the two nodes write different records")
	}
	// A program with another key is no node of this site.
	_, err = site.Open(context.Background(), site.Settings{Data: t.TempDir(), Journal: url, Listen: "127.0.0.1:0"}, quiet())
	if err == nil || !strings.Contains(err.Error(), "copy the file key") {
		t.Errorf("without the key: %v", err)
	}
	_, err = site.Open(context.Background(), site.Settings{Data: t.TempDir(), Journal: "mysql://x", Listen: "127.0.0.1:0"}, quiet())
	if err == nil || !strings.Contains(err.Error(), "postgres://") {
		t.Errorf("another database: %v", err)
	}
}
