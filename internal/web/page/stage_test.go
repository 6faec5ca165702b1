package page

import (
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openmic/internal/web/page/browser"
	"openmic/internal/words"
)

// stage is a small program with one screen, on which the tests try the shared parts.
type stage struct {
	addr string

	mu      sync.Mutex
	server  *http.Server
	stream  *Stream
	view    stageView
	version uint64
	presses []string // do, text and id of every press
	answer  func(w http.ResponseWriter, r *http.Request, n int)
}

type stageView struct {
	Page
	Told   string
	Until  time.Time
	Line   []string
	Called string
	Mine   string
	Asked  int
	Fields []Field
}

var stageScreen = sync.OnceValue(func() *Screen {
	folder, err := fs.Sub(os.DirFS("testdata"), "stage")
	if err != nil {
		panic(err)
	}
	return NewScreen("stage", folder)
})

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{addr: "127.0.0.1:0"}
	s.view = stageView{
		Page:   Page{Title: "Stage", Session: "A fair floor", StreamURL: "/live"},
		Told:   "first",
		Until:  time.Now().Add(time.Hour),
		Line:   []string{"sita", "gaurab", "mele"},
		Fields: []Field{{Name: "text", Label: "Text", Hint: "Your words.", Type: "area"}},
	}
	s.up(t)
	t.Cleanup(s.down)
	return s
}

func (s *stage) url() string { return "http://" + s.addr }

// up starts the server, again on the same address after down.
func (s *stage) up(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	s.addr = listener.Addr().String()
	mux := http.NewServeMux()
	mux.Handle("GET /a/", Assets())
	v := s.now()
	v.Speaker = english()
	sample, err := stageScreen().Live(v)
	if err != nil {
		t.Fatal(err)
	}
	stream := NewStream(StreamOptions{Site: "a", Phrases: NewPhrases(nil, sample)})
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, r *http.Request) { stream.Serve(w, r, "") })
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		v := s.now()
		v.Speaker = words.Match(r.Header.Get("Accept-Language"), "")
		if err := stageScreen().Show(w, r, http.StatusOK, v); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	mux.HandleFunc("POST /{what}", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.presses = append(s.presses, strings.Join([]string{r.URL.Path, r.PostFormValue("do"), r.PostFormValue("text"), r.PostFormValue("id")}, "|"))
		n, answer := len(s.presses), s.answer
		s.mu.Unlock()
		if answer != nil {
			answer(w, r, n)
			return
		}
		if err := Reply(w, r, english(), http.StatusOK, Answer{Say: fmt.Sprint("Taken ", n, ".")}); err != nil {
			t.Error(err)
		}
	})
	server := &http.Server{Handler: Guard{Words: func(*http.Request) Speaker { return english() }}.Wrap(mux)}
	go func() { _ = server.Serve(listener) }()
	s.mu.Lock()
	s.server, s.stream = server, stream
	s.mu.Unlock()
	s.change(func(*stageView) {})
}

// down kills the server: connections break, nothing is said.
func (s *stage) down() {
	s.mu.Lock()
	server, stream := s.server, s.stream
	s.mu.Unlock()
	_ = server.Close()
	stream.Shut()
}

func (s *stage) now() stageView {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.view
	v.Version = fmt.Sprint("a:", s.version)
	v.Asked = len(s.presses)
	return v
}

// change changes the view for everybody.
func (s *stage) change(how func(v *stageView)) {
	s.mu.Lock()
	s.version++
	how(&s.view)
	version, stream := s.version, s.stream
	s.mu.Unlock()
	v := s.now()
	v.Speaker = english()
	stream.Announce(version, func() ([]byte, error) { return stageScreen().Live(v) })
}

func (s *stage) pressed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.presses)
}

func (s *stage) answers(how func(w http.ResponseWriter, r *http.Request, n int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = how
}

const isLive = `document.documentElement.dataset.state === "live"`

func TestInTheBrowser(t *testing.T) {
	b := browser.Start(t)
	for name, story := range map[string]func(t *testing.T, b *browser.Browser){
		"a view changes only what changed":        morphing,
		"focus and half-typed text survive":       typing,
		"the server goes and comes back":          restarting,
		"a press is sent once":                    pressing,
		"a press without an answer is repeated":   repeating,
		"errors stand beside their field":         refusing,
		"a pass is withdrawn":                     withdrawing,
		"clocks tick":                             ticking,
		"keys press buttons":                      keying,
		"my row follows me":                       owning,
		"a card says how long it takes":           composing,
		"what is behind # stays private":          hashing,
		"without script":                          plain,
		"everybody can reach it, and hear it":     reaching,
		"the page says what a screen reader says": speaking,
	} {
		t.Run(name, func(t *testing.T) { story(t, b) })
	}
}

// serve serves a handler behind the guard until the test ends, and tells where.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(Guard{Words: func(*http.Request) Speaker { return english() }}.Wrap(h))
	t.Cleanup(server.Close)
	return server.URL
}
