package live

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/journal/journaltest"
	"openmic/internal/journal/sqlite"
)

// aKey looks like the key of a site.
const aKey = "openmic-story+01234567+AZHBVHUmMAOCyJbOYkYyAhVqCI9dd1N7XyWvhRzGWLWM"

var (
	info      = journal.Info{Name: "s/hub-abc", Session: "s", Site: "hub"}
	organiser = floor.Actor{Person: "org", Roles: floor.Organiser}
	chair     = floor.Actor{Person: "chair", Roles: floor.Chair}
	desk      = floor.Actor{Person: "desk", Roles: floor.Desk}
)

func plan() *floor.Plan {
	return &floor.Plan{Title: "A story", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 90, Protected: true}}}
}

func self(p floor.ID) floor.Actor { return floor.Actor{Person: p, Roles: floor.Participant} }

// A house is a data folder and the session in it, which a test opens, ends as a crash would, and opens again.
type house struct {
	t testing.TB
	journal.Store
	*Session
	wrong   time.Duration // how far the wall clock is off
	mu      sync.Mutex    // guards the rest
	breaks  func(call string) journaltest.Fault
	log     bytes.Buffer
	presses int
}

// enter makes a folder and opens a session in it. Nothing breaks until a test says so.
func enter(t testing.TB) *house {
	h := &house{t: t}
	store, err := sqlite.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Session.Close(); store.Close() })
	h.Store = journaltest.NewFaulty(store, func(call string) journaltest.Fault {
		h.mu.Lock()
		f := h.breaks
		h.mu.Unlock()
		if f == nil {
			return journaltest.None
		}
		return f(call)
	})
	if err := h.Create(context.Background(), info); err != nil {
		t.Fatal(err)
	}
	h.open()
	return h
}

func (h *house) open() {
	h.t.Helper()
	off := h.wrong
	s, err := Open(context.Background(), h.Store, info, World{Now: func() time.Time { return time.Now().Add(off) }, Nonce: nonce,
		Log: slog.New(slog.NewTextHandler(h, nil))})
	if err != nil {
		h.t.Fatal(err)
	}
	h.Session = s
}

// breakBy breaks the store as f says; nil mends it.
func (h *house) breakBy(f func(call string) journaltest.Fault) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.breaks = f
}

// crash ends the session; a session writes nothing when it ends, so this is what a killed process leaves.
func (h *house) crash() { h.Session.Close() }

func (h *house) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.log.Write(b)
}

func (h *house) said() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.log.String()
}

func (h *house) Close() error { return nil } // the session and the store both have one

func nonce() []byte {
	b := make([]byte, 16)
	rand.Read(b)
	return b
}

// press gives a command with a fresh id.
func (h *house) press(by floor.Actor, c floor.Command) (Answer, error) {
	h.mu.Lock()
	h.presses++
	id := fmt.Sprint("press-", h.presses)
	h.mu.Unlock()
	return h.Do(context.Background(), Command{id, by, c})
}

// must gives a command that is accepted, and names what it made first.
func (h *house) must(by floor.Actor, c floor.Command) floor.ID {
	h.t.Helper()
	a, err := h.press(by, c)
	if err != nil {
		h.t.Fatalf("%s: %v", floor.CommandName(c), err)
	}
	return a.Made[0].ID
}

// begin plans and opens a session with people in the line; ana and ben are in the room, sita is online.
func (h *house) begin() {
	h.t.Helper()
	h.must(organiser, plan())
	for _, p := range []floor.ID{"chair", "desk"} {
		h.must(floor.Actor{Person: p, Roles: floor.Chair | floor.Desk}, &floor.Join{})
	}
	h.must(chair, &floor.Open{})
	for i, p := range []floor.ID{"ana", "ben", "sita"} {
		name := string(p)
		h.must(self(p), &floor.Join{Side: floor.Side(i / 2), Description: floor.Description{Name: &name, Preset: "name"}})
		h.must(self(p), &floor.Ask{AskFields: floor.AskFields{About: "about " + name}})
	}
}

// speak gives the floor to whom the rule names.
func (h *house) speak() {
	h.t.Helper()
	h.must(chair, &floor.Call{})
	h.must(chair, &floor.Start{})
}

// stored folds what is on disk, anew.
func (h *house) stored() *floor.State {
	h.t.Helper()
	s := floor.New()
	for from := int64(1); ; {
		entries, _, err := h.Store.Read(context.Background(), info.Name, from, 1000)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, je := range entries {
			e, err := floor.ParseEntry(je.Bytes)
			if err != nil {
				h.t.Fatal(err)
			}
			s.Apply(e)
		}
		if from += int64(len(entries)); len(entries) == 0 {
			return s
		}
	}
}

// agrees: what is shown is what is on disk, no more and no less.
func (h *house) agrees() {
	h.t.Helper()
	v := h.View()
	if on := h.stored(); on.Hash() != v.Hash() || on.Entries != v.Version {
		h.t.Fatalf("shown are %d entries, on disk are %d, and the states are equal: %v", v.Version, on.Entries, on.Hash() == v.Hash())
	}
}
