// Package halltest builds sessions for the tests of screens: a real session over a real journal, a clock that stands
// still until the test moves it, and passes that always come out alike.
// Words and rules are those of the program; only time and chance are the test's.
//
//	s := halltest.New(t, line.Screen)
//	s.Plan(t, halltest.Workshop)
//	sita := s.Join(t, floor.Online, "Sita", "technical")
//	s.Do(t, sita, &floor.Ask{})
//	s.Wait(time.Minute)
//	page := s.Show(t, line.Screen, sita, "en")
package halltest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/journal/sqlite"
	"openmic/internal/live"
	"openmic/internal/web/hall"
	"openmic/internal/words"
	"openmic/record"
)

// Start is what the clock of every stage shows at first.
var Start = time.Date(2030, 10, 9, 14, 0, 0, 0, time.UTC)

// Workshop is a plan to test with.
var Workshop = floor.Plan{
	Title: "Community networks on islands",
	Facts: map[string]string{"theme": "Access", "description": "How do islands stay connected?", "primer": "An island has few cables.\n\nSo its people help themselves.",
		"goesto": "the ministries of the region", "video": "https://video.example/room"},
	Questions: []string{"What keeps an island online?", "Who trains whom?"},
	Materials: []string{"Handbook for islands\nhttps://example.org/handbook\nCC BY 4.0\nEnglish"},
	Segments:  []floor.SegmentPlan{{Kind: "panel", Minutes: 30}, {Kind: "discussion", Minutes: 40, Protected: true}, {Kind: "closing", Minutes: 20}},
	Start:     Start.UnixMilli(),
}

// A Stage is a hall for one test. It ends with the test.
type Stage struct {
	*hall.Hall
	mu    sync.Mutex
	now   time.Time
	count uint64
	press int
	code  string
}

// New opens a stage with these screens.
func New(t testing.TB, screens ...*hall.Screen) *Stage {
	t.Helper()
	s := &Stage{now: Start, code: "harbour"}
	store, err := sqlite.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	info := journal.Info{Name: "s/hub-test", Session: "s", Site: "hub"}
	ctx := context.Background()
	if err := store.Create(ctx, info); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	key, _, err := note.GenerateKey(bytes.NewReader(make([]byte, 64)), "openmic-test")
	if err != nil {
		t.Fatal(err)
	}
	passes, err := hall.LoadPasses(ctx, memory{}, "s", s.random)
	if err != nil {
		t.Fatal(err)
	}
	session, err := live.Open(ctx, store, info, live.World{Now: s.clock, Nonce: s.random, Log: log, Erase: passes.Erase})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(session.Close)
	s.Hall = hall.New(hall.Options{ID: "s", Session: session, Passes: passes, Public: func() string { return "https://openmic.example" },
		RoomCode: func() string { return s.code }, NewRoomCode: func(context.Context) error { s.code += "2"; return nil },
		Receipt: func(ctx context.Context, n int64) (*record.Receipt, []byte, error) {
			entries, _, err := store.Read(ctx, info.Name, n, 1)
			if err != nil || len(entries) == 0 {
				return nil, nil, fmt.Errorf("no entry %d: %v", n, err)
			}
			return record.SignReceipt(entries[0].Bytes, key)
		},
		Boot: "b", Now: s.clock, Log: log}, screens...)
	t.Cleanup(s.Close)
	return s
}

func (s *Stage) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// random counts instead: the same test has the same passes.
func (s *Stage) random() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	b := make([]byte, 16)
	x := s.count
	for i := range b {
		x = x*6364136223846793005 + 1442695040888963407
		b[i] = byte(x >> 56)
	}
	return b
}

// Wait moves the clock on.
func (s *Stage) Wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// memory keeps no passes: they live as long as the test.
type memory struct{}

func (memory) PutPass(context.Context, string, hall.Pass) error        { return nil }
func (memory) RevokePass(context.Context, string, string) error        { return nil }
func (memory) SpendPass(context.Context, string, string) (bool, error) { return true, nil }
func (memory) ErasePass(context.Context, string, string) error         { return nil }
func (memory) Passes(context.Context, string) ([]hall.Pass, error)     { return nil, nil }

// Pass gives a pass for these roles.
func (s *Stage) Pass(t testing.TB, roles floor.Roles, label string) *hall.Pass {
	t.Helper()
	given, secret, err := s.Passes.Give(context.Background(), hall.Pass{Roles: roles, Label: label})
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Passes.Check(secret)
	if err != nil || p.ID != given.ID {
		t.Fatalf("the pass of %s does not work: %v", label, err)
	}
	return p
}

// Join gives a pass and joins its person, named with name and group everywhere; without a name, nowhere.
func (s *Stage) Join(t testing.TB, side floor.Side, name, group string) *hall.Pass {
	t.Helper()
	p := s.Pass(t, floor.Participant, name)
	j := &floor.Join{Side: side}
	if name != "" {
		j.Name, j.Group, j.Preset = &name, &group, "group"
	}
	s.Do(t, p, j)
	return p
}

// Crew gives a pass with roles and joins its person by name.
func (s *Stage) Crew(t testing.TB, roles floor.Roles, side floor.Side, name string) *hall.Pass {
	t.Helper()
	p := s.Pass(t, roles, name)
	s.Do(t, p, &floor.Join{Side: side, Description: floor.Description{Name: &name, Preset: "name"}})
	return p
}

// Try gives a command with a pass.
func (s *Stage) Try(p *hall.Pass, c floor.Command) (live.Answer, error) {
	s.mu.Lock()
	s.press++
	id := "press-" + strconv.Itoa(s.press)
	s.mu.Unlock()
	return s.Session.Do(context.Background(), live.Command{ID: id, Actor: floor.Actor{Person: p.Person, Roles: p.Roles}, Do: c})
}

// Do gives a command that must be accepted, and returns what it made first.
func (s *Stage) Do(t testing.TB, p *hall.Pass, c floor.Command) floor.ID {
	t.Helper()
	a, err := s.Try(p, c)
	if err != nil {
		b, _ := json.Marshal(c)
		t.Fatalf("%s %s: %v", floor.CommandName(c), b, err)
	}
	if len(a.Made) == 0 {
		return ""
	}
	return a.Made[0].ID
}

// Plan plans the session.
func (s *Stage) Plan(t testing.TB, p floor.Plan) {
	t.Helper()
	s.Do(t, s.Pass(t, floor.Organiser, "organiser"), &p)
}

// Live is a screen's live region, in a language.
func (s *Stage) Live(t testing.TB, sc *hall.Screen, lang string) string {
	t.Helper()
	b, err := sc.Template.Live(sc.Look(s.Look(words.Match("", lang))))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Show is a screen's whole page for a pass, in a language.
func (s *Stage) Show(t testing.TB, sc *hall.Screen, p *hall.Pass, lang string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("%s%s?lang=%s", s.Of(p.ID), sc.Name, lang), nil)
	v := s.Visit(r, p)
	v.Screen = sc
	w := httptest.NewRecorder()
	if err := s.Hall.Show(w, r, v, http.StatusOK); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusOK {
		t.Fatalf("%s answers %d", sc.Name, w.Code)
	}
	return string(bytes.TrimSpace(w.Body.Bytes()))
}
