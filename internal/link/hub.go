package link

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/live"
)

// Every Beat both sites say that they are there; whoever was not heard for Silence is cut off.
const (
	Beat    = time.Second
	Silence = 3 * time.Second
)

// A Venue is a site that was let in.
type Venue struct {
	Journal string `json:"journal"`
	Key     string `json:"key"`   // with which it signs, as sumdb/note prints a verifier
	Token   []byte `json:"token"` // SHA-256 of the secret it shows
	Revoked bool   `json:"revoked"`
}

// A Book is what a site keeps beside the journals.
type Book interface {
	// Venues are those that were let in.
	Venues(ctx context.Context) ([]Venue, error)
	// Passes are all of the session.
	Passes(ctx context.Context) ([]Pass, error)
	// Turn is another number whenever Passes may have others.
	Turn() int64
	// Take adds passes that are new here and revokes those that were revoked elsewhere. It changes no other.
	Take(ctx context.Context, ps []Pass) error
}

// A Place is one session at one site, as the link needs it.
type Place struct {
	Session *live.Session
	Store   journal.Store
	Key     note.Signer
	Book    Book
	Now     func() time.Time // with a monotonic reading
	Log     *slog.Logger
	Whole   func() // at a venue: told once, when everything the hub had is here; nil: nobody asks
}

// A Hub lets venues take part in one session. It is an http.Handler for GET and POST on one address.
type Hub struct {
	Place
	stop chan struct{}
	done chan struct{}

	mu    sync.Mutex // guards the rest
	lines map[string]*line
}

// NewHub begins to listen for venues.
func NewHub(p Place) *Hub {
	h := &Hub{Place: p, stop: make(chan struct{}), done: make(chan struct{}), lines: map[string]*line{}}
	go h.watch()
	return h
}

// Close ends all connections.
func (h *Hub) Close() {
	close(h.stop)
	h.mu.Lock()
	for _, l := range h.lines {
		l.close()
	}
	h.mu.Unlock()
	<-h.done
}

// ServeHTTP answers a venue: GET opens the stream, POST pushes.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v, err := h.knows(r)
	if err != nil {
		// One answer for every kind of stranger.
		http.Error(w, "this link does not open anything here, or it was revoked", http.StatusForbidden)
		return
	}
	switch r.Method {
	case http.MethodGet:
		h.stream(w, r, v)
	case http.MethodPost:
		h.push(w, r, v)
	default:
		http.Error(w, "GET or POST", http.StatusMethodNotAllowed)
	}
}

var errStranger = errors.New("not a venue of this session")

func (h *Hub) knows(r *http.Request) (Venue, error) {
	secret, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	all, err := h.Book.Venues(r.Context())
	if err != nil || !ok {
		return Venue{}, errors.Join(errStranger, err)
	}
	hash := sha256.Sum256([]byte(secret))
	for _, v := range all {
		if subtle.ConstantTimeCompare(hash[:], v.Token) == 1 && v.Journal == r.URL.Query().Get("journal") && !v.Revoked {
			return v, nil
		}
	}
	return Venue{}, errStranger
}

// signed is what a hub signs to prove its key to a venue, and a venue to prove its own for one push.
func signed(what string, challenge []byte, body []byte) []byte {
	sum := sha256.Sum256(body)
	return fmt.Appendf(nil, "openmic link %s\n%x\n%x\n", what, challenge, sum)
}

// stream sends what is new until the connection ends.
func (h *Hub) stream(w http.ResponseWriter, r *http.Request, v Venue) {
	theirs, err := base64.RawURLEncoding.DecodeString(r.Header.Get("Openmic-Ask"))
	if err != nil || len(theirs) != 32 {
		http.Error(w, "a challenge of 32 bytes belongs to this", http.StatusBadRequest)
		return
	}
	var have map[string]int64
	if err := json.Unmarshal([]byte(r.Header.Get("Openmic-Have")), &have); err != nil {
		http.Error(w, "the heights that you have belong to this", http.StatusBadRequest)
		return
	}
	ctx, end := context.WithCancel(r.Context())
	defer end()
	view := h.Session.View()
	have = known(view, have)
	l := &line{venue: v, ask: make([]byte, 32), since: Heights(view), end: end, wishes: make(chan *wish, 64), room: make(chan struct{}, mostPushes),
		heard: h.Now(), at: view.At(h.Now()), has: have, waiting: map[int64]chan done{}}
	rand.Read(l.ask)
	proof, err := h.Key.Sign(signed("hub", theirs, l.ask))
	if err != nil {
		http.Error(w, "the key of this hub does not sign", http.StatusInternalServerError)
		return
	}
	h.mu.Lock()
	if old := h.lines[v.Journal]; old != nil {
		old.close()
	}
	h.lines[v.Journal] = l
	h.mu.Unlock()
	defer l.close()

	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store, no-transform")
	w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	send := func(m *message) error {
		m.At = h.Session.View().At(h.Now())
		b, err := json.Marshal(m)
		if err != nil {
			return err
		}
		// A piece that cannot be written in time is a cut; a line of many pieces may be slow.
		for piece := range slices.Chunk(append(b, '\n'), 64<<10) {
			if err := out.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil && !errors.Is(err, http.ErrNotSupported) {
				return err
			}
			if _, err := w.Write(piece); err != nil {
				return err
			}
			if err := out.Flush(); err != nil {
				return err
			}
		}
		return nil
	}
	if send(&message{Signed: base64.RawURLEncoding.EncodeToString(proof), Ask: base64.RawURLEncoding.EncodeToString(l.ask), Have: l.since}) != nil {
		return
	}
	if own := string(h.Session.Name()); have[own] > l.since[own] {
		h.Log.Error("a venue has more of this hub's journal than the hub: was it taken from a backup?", "venue", v.Journal, "there", have[own], "here", l.since[own])
		_ = send(&message{Over: "lost"})
		return
	}
	sent := maps.Clone(have)
	var told tellings
	tick := time.NewTicker(Beat)
	defer tick.Stop()
	for {
		view := h.Session.View()
		// Passes first: whoever is in the entries can act when they are there.
		for more := true; more; {
			var m message
			if m.Passes, more, err = told.changed(ctx, h.Book, h.Now()); err != nil {
				h.Log.Error("the passes cannot be read", "error", err)
				return
			}
			if len(m.Passes) > 0 && send(&m) != nil {
				return
			}
		}
		for more := true; more; {
			var m message
			m.Batches, more, err = Pack(ctx, h.Store, view.Heads, func(j string) (int64, bool) { return sent[j] + 1, j != v.Journal }, 2*maxPush, 2*maxCount)
			if err != nil {
				h.Log.Error("the journal cannot be sent", "venue", v.Journal, "error", err)
				return
			}
			if len(m.Batches) == 0 {
				break
			}
			m.More = more
			if send(&m) != nil {
				return
			}
			for _, b := range m.Batches {
				sent[b.Journal] = b.From + int64(len(b.Entries)) - 1
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-h.stop:
			return
		case <-view.Newer:
		case wish := <-l.wishes:
			if send(&message{Wish: wish}) != nil {
				return
			}
		case <-tick.C:
			if now, err := h.knows(r); err != nil || now.Revoked {
				_ = send(&message{Over: "revoked"})
				return
			}
			if send(&message{Have: Heights(view)}) != nil {
				return
			}
		}
	}
}

// push takes what a venue wrote, its heights, its answers and its wishes.
func (h *Hub) push(w http.ResponseWriter, r *http.Request, v Venue) {
	h.mu.Lock()
	l := h.lines[v.Journal]
	h.mu.Unlock()
	if l == nil {
		http.Error(w, "open the stream first", http.StatusUnauthorized)
		return
	}
	select {
	case l.room <- struct{}{}:
		defer func() { <-l.room }()
	default:
		http.Error(w, "one push after the other", http.StatusTooManyRequests)
		return
	}
	// A push that comes slowly is heard all the same.
	body, err := io.ReadAll(ear{http.MaxBytesReader(w, r.Body, maxBody), func() { l.hear(h.Now(), h.Session.View().At(h.Now()), nil) }})
	if err != nil {
		http.Error(w, "a push is at most 4 MB", http.StatusRequestEntityTooLarge)
		return
	}
	proof, err := base64.RawURLEncoding.DecodeString(r.Header.Get("Openmic-Signed"))
	key, kerr := note.NewVerifier(v.Key)
	if err != nil || kerr != nil || !key.Verify(signed("push "+r.Header.Get("Openmic-Push"), l.ask, body), proof) || !l.fresh(r.Header.Get("Openmic-Push")) {
		http.Error(w, "open the stream first, and sign with its challenge", http.StatusUnauthorized)
		return
	}
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		http.Error(w, "this is no push", http.StatusBadRequest)
		return
	}
	answer := &message{}
	l.taking(1)
	err = h.take(r.Context(), l, &m, answer)
	l.taking(-1)
	if err != nil {
		h.Log.Warn("a push was not taken", "venue", v.Journal, "error", err)
		switch {
		case errors.Is(err, journal.ErrFork):
			answer.Over = "fork"
		case errors.Is(err, live.ErrAhead):
			answer.Over = "ahead"
		case errors.Is(err, live.ErrStranger), errors.Is(err, live.ErrForeign):
			answer.Over = "stranger"
		default: // not now. The venue must not take for stored what is not, and dials again
			http.Error(w, "not taken yet", http.StatusServiceUnavailable)
			return
		}
	}
	l.hear(h.Now(), h.Session.View().At(h.Now()), known(h.Session.View(), m.Have))
	h.meet(r.Context(), l)
	view := h.Session.View()
	answer.Have, answer.At = Heights(view), view.At(h.Now())
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// take is what a push brings.
func (h *Hub) take(ctx context.Context, l *line, m, answer *message) error {
	h.Session.Raise(m.At)
	if len(m.Passes) > 0 {
		if err := h.Book.Take(ctx, m.Passes); err != nil {
			return fmt.Errorf("take passes: %w", err)
		}
	}
	var fs []live.Foreign
	for i := range m.Batches {
		if !h.mayPush(l.venue, m.Batches[i].Journal) {
			return fmt.Errorf("%w: %.60s is not the venue's", live.ErrStranger, m.Batches[i].Journal)
		}
		fs = append(fs, m.Batches[i].Foreign())
	}
	if len(fs) > 0 {
		if err := h.Session.Receive(ctx, m.More, fs...); err != nil {
			return err
		}
	}
	for _, d := range m.Done {
		l.answer(d)
	}
	if m.Wish != nil {
		answer.Done = append(answer.Done, grant(ctx, h.Session, m.Wish))
	}
	return nil
}

// mayPush: its own journal, one it goes on for, or one that this hub goes on for and of which the venue has more.
func (h *Hub) mayPush(v Venue, name string) bool {
	if name == v.Journal {
		return true
	}
	view := h.Session.View()
	for _, s := range view.Sites {
		if name != "" && s.Succeeds == name && (s.Journal == v.Journal || view.SideOf(s.Journal) == floor.Online) {
			return true
		}
	}
	return false
}

// grant does what the other site asks.
func grant(ctx context.Context, s *live.Session, w *wish) done {
	d := done{ID: w.ID}
	c, err := w.command()
	switch {
	case err != nil:
	case !s.View().Holds(floor.Tag(string(s.Name()))):
		err = live.ErrNotNow // the gavel went elsewhere meanwhile
	default:
		d.Answer, err = s.DoHere(ctx, c)
	}
	if err != nil {
		d.fail(err)
		return d
	}
	d.Seen = floor.Seen{Journal: string(s.Name()), N: s.View().Head().N}
	return d
}

// meet notes the heal once both sites have what the other had when they found each other again.
func (h *Hub) meet(ctx context.Context, l *line) {
	l.mu.Lock()
	fresh := false
	view := h.Session.View()
	if !l.over && !l.alive && Covers(l.has, l.since) && Covers(Heights(view), l.has) {
		l.alive, fresh = true, true
	}
	l.mu.Unlock()
	if !fresh {
		return
	}
	h.Session.Reach(&far{l})
	_, err := h.Session.Do(ctx, live.Command{ID: fmt.Sprintf("heal-%d", view.Head().N), Actor: h.Session.Site(), Do: &floor.NoteHeal{Far: l.venue.Journal}})
	var no *floor.Refusal
	if err != nil && !errors.As(err, &no) {
		h.Log.Error("the heal is not noted", "venue", l.venue.Journal, "error", err)
		l.mu.Lock()
		l.alive = false // the next push tries again
		l.mu.Unlock()
	}
}

// watch notes in the journal when a venue is not heard any more.
func (h *Hub) watch() {
	defer close(h.done)
	began, sinceAt := h.Now(), h.Session.View().At(h.Now())
	tick := time.NewTicker(Beat / 2)
	defer tick.Stop()
	for {
		select {
		case <-h.stop:
			return
		case <-tick.C:
		}
		view := h.Session.View()
		if view.Adjourned >= 0 {
			continue
		}
		for _, s := range view.Sites {
			if s.Journal == string(h.Session.Name()) {
				continue
			}
			h.mu.Lock()
			l := h.lines[s.Journal]
			h.mu.Unlock()
			heard, at := began, sinceAt
			if l != nil {
				l.mu.Lock()
				heard, at = l.heard, l.at
				if l.busy > 0 {
					heard = h.Now()
				}
				l.mu.Unlock()
			}
			if h.Now().Sub(heard) < Silence {
				continue
			}
			if l != nil {
				l.close() // what it still sends is silence too: the venue dials again
			}
			h.Session.Reach(nil)
			noteCut(h.Place, s.Journal, at)
		}
	}
}

// noteCut writes the cut into the journal, once.
func noteCut(p Place, far string, since int64) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	v := p.Session.View()
	if v.Adjourned >= 0 || !slices.ContainsFunc(v.Sites, func(i floor.SiteInfo) bool { return i.Journal == far }) {
		return
	}
	for _, c := range v.Cuts {
		if c.By == string(p.Session.Name()) && c.Far == far && c.To < 0 {
			return
		}
	}
	_, err := p.Session.Do(ctx, live.Command{ID: fmt.Sprintf("cut-%d", v.Head().N), Actor: p.Session.Site(), Do: &floor.NoteCut{Far: far, Since: since}})
	var no *floor.Refusal
	if err != nil && !errors.As(err, &no) {
		p.Log.Error("the cut is not noted", "far", far, "error", err)
	}
}

// Heard says since when a venue is silent: the session time at which it was heard last, ms, and whether it is heard now.
func (h *Hub) Heard(journal string) (at int64, now bool) {
	h.mu.Lock()
	l := h.lines[journal]
	h.mu.Unlock()
	if l == nil {
		return 0, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at, l.alive && h.Now().Sub(l.heard) < Silence
}
