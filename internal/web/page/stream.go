package page

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// The least time between two views, for whom it is bearable.
const (
	ParticipantGap = 250 * time.Millisecond // four views a second
	CrewGap        = 100 * time.Millisecond // ten views a second
)

const (
	heartbeat = 15 * time.Second // a silent stream says its view again, so that cuts are noticed
	patience  = 10 * time.Second // a write that takes longer ends the stream
	farewell  = time.Second      // how long the end of the program waits for streams to end
)

// StreamOptions says how a stream behaves.
type StreamOptions struct {
	// Site stands before the version in event ids. It names where versions come from and must change
	// whenever they begin anew: a browser ignores a view with a lower version of the same site.
	Site string
	// Gap is the least time between two views. The last view before a pause is always shown.
	Gap time.Duration
	// Most is how many may watch at once; 0 means 20,000.
	Most int
	// PerTag is how many may watch with one tag; the oldest makes room. 0 means 8.
	PerTag int
	// Phrases is what the views say again and again; nil sends them as they are. Who watches must understand phrases.
	Phrases *Phrases
	// Now is the clock that deadlines in the views are told on; nil means time.Now.
	Now func() time.Time
	// Log hears about views that could not be rendered; nil means slog.Default().
	Log *slog.Logger
}

// Stream is the live region of one screen in one language: one view, renewed for everybody who
// watches. Each event carries the whole region, and is compressed once, against the view before it.
// Nobody is queued for: a slow watcher skips to the newest view.
type Stream struct {
	opts  StreamOptions
	shown atomic.Pointer[view] // written under mu, read by all; never nil

	mu       sync.Mutex // guards what follows; held while a view is rendered, never across a send
	newest   uint64     // the highest version announced
	pending  func() ([]byte, error)
	trailing *time.Timer // runs while a view waits for its gap
	last     time.Time   // when shown was shown
	html     []byte      // what shown shows
	watchers map[*watcher]struct{}
	tags     map[string][]*watcher // oldest first
	shut     bool
	open     sync.WaitGroup // of all that watch
}

// watcher is one open stream.
type watcher struct {
	tag  string
	gone chan struct{} // closed under Stream.mu when the stream must end
}

// NewStream gives a stream that shows nothing yet.
func NewStream(opts StreamOptions) *Stream {
	if opts.Most == 0 {
		opts.Most = 20_000
	}
	if opts.PerTag == 0 {
		opts.PerTag = 8
	}
	if opts.Phrases == nil {
		opts.Phrases = none
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	s := &Stream{opts: opts, watchers: map[*watcher]struct{}{}, tags: map[string][]*watcher{}}
	s.shown.Store(&view{newer: make(chan struct{})})
	return s
}

// Publish shows a view to everybody, now or when the gap allows it. A version lower than one
// published before is ignored, and so is a view equal to the one shown. The stream keeps view; the caller must not change it.
func (s *Stream) Publish(view []byte, version uint64) {
	s.Announce(version, func() ([]byte, error) { return view, nil })
}

// Announce is Publish for views that cost something: render is called only when the view is due and
// somebody watches, and not at all for versions that are skipped. It is called with the stream
// locked, one call at a time, and must not use the stream. After an error the view before stays.
func (s *Stream) Announce(version uint64, render func() ([]byte, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if version < s.newest {
		return
	}
	s.newest, s.pending = version, render
	s.renewWhenDue()
}

// renewWhenDue shows the pending view, or makes sure that it will be shown. Needs mu.
func (s *Stream) renewWhenDue() {
	if s.pending == nil || s.shut || s.trailing != nil || len(s.watchers) == 0 {
		return
	}
	wait := s.opts.Gap - time.Since(s.last)
	if wait <= 0 || s.shown.Load().seq == 0 {
		s.renew()
		return
	}
	s.trailing = time.AfterFunc(wait, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.trailing = nil
		if s.pending != nil && !s.shut {
			s.renew()
		}
	})
}

// renew renders the pending view and shows it. Needs mu.
func (s *Stream) renew() {
	render := s.pending
	s.pending = nil
	html, err := rendered(render)
	if err != nil {
		s.opts.Log.Error("a view could not be rendered; the one before stays", "site", s.opts.Site, "version", s.newest, "err", err)
		return
	}
	before := s.shown.Load()
	if before.seq > 0 && bytes.Equal(html, s.html) {
		return // nothing that anybody would see
	}
	s.last, s.html = time.Now(), html
	s.shown.Store(before.next(event(s.opts.Site, s.newest, s.opts.Phrases.shorten(html))))
	close(before.newer)
}

// rendered calls render. The stream's timer calls it too, where a panic would end the program.
func rendered(render func() ([]byte, error)) (html []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("render: %v", p)
		}
	}()
	return render()
}

// Watchers is how many watch right now.
func (s *Stream) Watchers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.watchers)
}

// Watches tells whether somebody watches right now by the right that the tag names.
func (s *Stream) Watches(tag string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tags[tag]) > 0
}

// Close ends the streams whose tag matches, at once, and tells how many it were. Their browsers
// come back on their own; whoever may not watch any more is refused then by the handler before Serve.
func (s *Stream) Close(match func(tag string) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for w := range s.watchers {
		if match(w.tag) {
			s.remove(w)
			close(w.gone)
			n++
		}
	}
	return n
}

// Shut ends all streams for good, and gives them a moment to say so: the server does not know their connections.
func (s *Stream) Shut() {
	s.mu.Lock()
	s.shut = true
	if s.trailing != nil {
		s.trailing.Stop()
	}
	s.mu.Unlock()
	s.Close(func(string) bool { return true })
	over := make(chan struct{})
	go func() { s.open.Wait(); close(over) }()
	select {
	case <-over:
	case <-time.After(farewell): // somebody does not read
	}
}

// enter lets somebody watch, or tells that the house is full or closed.
func (s *Stream) enter(tag string) (*watcher, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut || len(s.watchers) >= s.opts.Most {
		return nil, false
	}
	if same := s.tags[tag]; tag != "" && len(same) >= s.opts.PerTag {
		oldest := same[0]
		s.remove(oldest)
		close(oldest.gone)
	}
	w := &watcher{tag: tag, gone: make(chan struct{})}
	s.open.Add(1)
	s.watchers[w] = struct{}{}
	if tag != "" {
		s.tags[tag] = append(s.tags[tag], w)
	}
	s.renewWhenDue()
	return w, true
}

// leave is called once by everybody who entered.
func (s *Stream) leave(w *watcher) {
	defer s.open.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(w)
}

// remove forgets a watcher; one that is forgotten already is fine. Needs mu.
func (s *Stream) remove(w *watcher) {
	delete(s.watchers, w)
	same := s.tags[w.tag]
	for i := range same {
		if same[i] == w {
			same = append(same[:i:i], same[i+1:]...)
			break
		}
	}
	if s.tags[w.tag] = same; len(same) == 0 {
		delete(s.tags, w.tag)
	}
}

// Serve answers with the stream until the reader leaves, Close names its tag, or a write takes too
// long. The tag says by which right somebody watches (a pass); "" is nobody in particular. It takes the connection from
// the server where it can, and returns at once: a stream then needs a quarter of the memory of a request.
func (s *Stream) Serve(w http.ResponseWriter, r *http.Request, tag string) {
	h := w.Header()
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("Vary", "Accept-Encoding")
	me, ok := s.enter(tag)
	if !ok {
		h.Set("Retry-After", "5")
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	zipped := takesGzip(r)
	if zipped {
		h.Set("Content-Encoding", "gzip")
	}
	if r.Method == http.MethodHead {
		s.leave(me)
		w.WriteHeader(http.StatusOK)
		return
	}
	out := &outlet{gzip: zipped, phrases: s.opts.Phrases}
	ctl := http.NewResponseController(w)
	if conn, _, err := ctl.Hijack(); err == nil {
		h.Set("Connection", "close")
		var head bytes.Buffer
		head.WriteString("HTTP/1.1 200 OK\r\n")
		_ = h.Write(&head) // nothing fails when writing into memory
		head.WriteString("\r\n")
		out.to, out.head = conn, head.Bytes()
		go s.serve(me, out, conn)
		return
	}
	defer s.leave(me)
	// A deadline for reading the request would end the stream with it.
	if err := ctl.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return
	}
	w.WriteHeader(http.StatusOK)
	out.to = answer{w, ctl}
	s.watch(me, out, r.Context().Done())
}

// serve answers on a connection that only the stream has.
func (s *Stream) serve(me *watcher, out *outlet, conn net.Conn) {
	defer s.leave(me)
	defer conn.Close()
	gone := make(chan struct{})
	go func() {
		_, _ = conn.Read(make([]byte, 1)) // who watches says nothing more, and leaves
		close(gone)
	}()
	s.watch(me, out, gone)
}

// watch writes views until something ends it.
func (s *Stream) watch(me *watcher, out *outlet, gone <-chan struct{}) {
	if err := out.greet(s.opts.Now()); err != nil {
		return
	}
	beat := time.NewTimer(heartbeat)
	defer beat.Stop()
	for {
		v := s.shown.Load()
		if err := out.show(v); err != nil {
			return
		}
		beat.Reset(heartbeat)
		select {
		case <-v.newer:
		case <-beat.C:
		case <-gone:
			return
		case <-me.gone:
			out.bye()
			return
		}
	}
}
