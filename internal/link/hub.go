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
	"net/http"
	"slices"
	"strconv"
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
	// For are the journals of the machines that this one goes on for, as far as it may bring more of them.
	For []string `json:"for,omitempty"`
}

// A Book is what a site keeps beside the journals.
type Book interface {
	// Venues are those that were let in.
	Venues(ctx context.Context) ([]Venue, error)
	// Passes are all of the session.
	Passes(ctx context.Context) ([]Pass, error)
	// Turn is another number whenever Passes may have others.
	Turn() int64
	// Door is the room's, SetDoor makes another one count if it is newer.
	Door() Door
	SetDoor(ctx context.Context, d Door) error
	// Take adds passes that are new here and revokes those that were revoked elsewhere. It changes no other.
	Take(ctx context.Context, ps []Pass) error
}

// A Place is one session at one site, as the link needs it.
type Place struct {
	Session *live.Session
	Store   journal.Store
	Key     note.Signer
	Book    Book
	Seals   Seals            // nil: checkpoints stay where they are
	Now     func() time.Time // with a monotonic reading
	Log     *slog.Logger
	// Out: the hub has proven before that it lets this venue in no more. WhenOut is told when it does; nil: nobody asks.
	Out     bool
	WhenOut func()
	// Admit lets this venue in as the machine that goes on for one which was lost, where its way has no secret yet, and gives
	// it; nil: it has one. Errors: ErrReplaced, ErrThere, ErrRevoked, ErrFork, ErrNotHub, others for now.
	Admit func(ctx context.Context) (secret string, err error)
	Whole func() // at a venue: told once, when everything the hub had is here; nil: nobody asks
	Nodes Nodes  // at a hub of several programs: how they do it together; nil: there is one
}

// A Hub lets venues take part in one session. It is an http.Handler for GET and POST on one address.
type Hub struct {
	Place
	facts   facts // standings of venues
	weights weights
	boot    string // another one at each start, where what is known of venues ends with the program
	began   time.Time
	beganAt int64 // session time then, ms
	keeper  *keeper
	stop    chan struct{}
	done    chan struct{}

	mu      sync.Mutex       // guards the rest
	lines   map[string]*line // of venues that dialled this program
	hands   map[string]*hand
	waiting map[int64]chan done // for the answer to a wish
}

// NewHub begins to listen for venues.
func NewHub(p Place) *Hub {
	h := &Hub{Place: p, facts: p.Nodes, began: p.Now(), beganAt: p.Session.View().At(p.Now()), stop: make(chan struct{}), done: make(chan struct{}),
		lines: map[string]*line{}, hands: map[string]*hand{}, waiting: map[int64]chan done{}, weights: weights{of: map[string]weight{}}}
	if p.Nodes == nil {
		h.boot = rand.Text()
		h.facts = &alone{now: p.Now, of: map[string]thing{}}
	}
	h.keeper = newKeeper(&h.Place)
	go h.watch()
	return h
}

// Close ends all connections.
func (h *Hub) Close() {
	close(h.stop)
	h.mu.Lock()
	for _, l := range h.lines {
		l.end()
	}
	h.mu.Unlock()
	<-h.done
	h.keeper.Close()
}

// ServeHTTP answers a venue: GET opens the stream, POST pushes.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v, err := h.knows(r)
	if err != nil && !errors.Is(err, errStranger) {
		h.fails(r.Context(), "who the venues are cannot be read", "error", err)
		http.Error(w, "not now; try again", http.StatusServiceUnavailable)
		return
	}
	if err != nil {
		if errors.Is(err, errGone) {
			h.hand(v.Journal).says("")
			h.proveGone(w, r)
		}
		Stranger(w)
		return
	}
	if !Understands(w, r) {
		h.hand(v.Journal).understood(false)
		return
	}
	switch r.Method {
	case http.MethodGet:
		h.open(w, r, v)
	case http.MethodPost:
		h.push(w, r, v)
	default:
		http.Error(w, "GET or POST", http.StatusMethodNotAllowed)
	}
}

// Stranger is the one answer to every kind of stranger.
func Stranger(w http.ResponseWriter) {
	http.Error(w, "this link does not open anything here, or it was revoked", http.StatusForbidden)
}

var errStranger = errors.New("not a venue of this session")

func (h *Hub) knows(r *http.Request) (Venue, error) {
	secret, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return Venue{}, errStranger
	}
	all, err := h.Book.Venues(r.Context())
	if err != nil {
		return Venue{}, err
	}
	hash := sha256.Sum256([]byte(secret))
	for _, v := range all {
		if subtle.ConstantTimeCompare(hash[:], v.Token) == 1 && v.Journal == r.URL.Query().Get("journal") {
			if v.Revoked {
				return v, errGone
			}
			return v, nil
		}
	}
	return Venue{}, errStranger
}

// fresh lets a session show what other programs of its site wrote, if that is soon done.
func fresh(ctx context.Context, s *live.Session) {
	ctx, cancel := context.WithTimeout(ctx, Beat)
	defer cancel()
	s.Fresh(ctx)
}

// push takes what a venue wrote, its heights, its answers and its wishes. The stream may be held by another program.
func (h *Hub) push(w http.ResponseWriter, r *http.Request, v Venue) {
	ctx := r.Context()
	x, _, _, err := h.look(ctx, v.Journal)
	if err != nil {
		http.Error(w, "not taken yet", http.StatusServiceUnavailable)
		return
	}
	if x == nil {
		http.Error(w, "open the stream first", http.StatusUnauthorized)
		return
	}
	// Whose the push is stands in front of it: nobody else takes the place of one, or is heard.
	digest, err := digestOf(r)
	proof, perr := base64.RawURLEncoding.DecodeString(r.Header.Get("Openmic-Signed"))
	key, kerr := note.NewVerifier(v.Key)
	if err != nil || perr != nil || kerr != nil || !key.Verify(pushText(r.Header.Get("Openmic-Push"), x.Ask, digest), proof) {
		http.Error(w, "open the stream first, and sign with its challenge", http.StatusUnauthorized)
		return
	}
	d := h.hand(v.Journal)
	select {
	case d.room <- struct{}{}:
		defer func() { <-d.room }()
	default:
		http.Error(w, "one push after the other", http.StatusTooManyRequests)
		return
	}
	// The number grows, so that none counts twice.
	n, err := strconv.ParseInt(r.Header.Get("Openmic-Push"), 10, 64)
	if err == nil {
		var fresh *standing
		fresh, err = h.change(ctx, v.Journal, x.Ask, func(x *standing) bool { ok := n > x.Push; x.Push = max(x.Push, n); return ok })
		if err != nil {
			http.Error(w, "not taken yet", http.StatusServiceUnavailable)
			return
		}
		x = fresh
	}
	if err != nil || x == nil {
		http.Error(w, "open the stream first, and sign with its challenge", http.StatusUnauthorized)
		return
	}
	// A push that comes slowly is heard all the same.
	body, err := io.ReadAll(ear{http.MaxBytesReader(w, r.Body, maxBody), func() { d.comes(x.Ask) }})
	if err != nil {
		http.Error(w, "a push is at most 4 MB", http.StatusRequestEntityTooLarge)
		return
	}
	var m message
	if sha256.Sum256(body) != digest || json.Unmarshal(body, &m) != nil {
		http.Error(w, "this is no push", http.StatusBadRequest)
		return
	}
	answer, not := &message{}, VenueNot
	d.taking(1, x.Ask)
	err = h.take(ctx, v, &m, answer)
	d.taking(-1, x.Ask)
	if err != nil {
		h.Log.Warn("a push was not taken", "venue", v.Journal, "error", err)
		switch {
		case errors.Is(err, journal.ErrFork):
			answer.Over = "fork"
		case errors.Is(err, live.ErrAhead):
			answer.Over = "ahead"
		case errors.Is(err, errFull):
			answer.Over, not = "full", VenueFull
		case errors.Is(err, live.ErrStranger), errors.Is(err, live.ErrForeign):
			answer.Over = "stranger"
		default: // not now. The venue must not take for stored what is not, and dials again
			if ctx.Err() == nil { // else the venue has given up
				d.stuck(h.Nodes == nil) // of several programs another one may store it: silence is what all of them know
			}
			http.Error(w, "not taken yet", http.StatusServiceUnavailable)
			return
		}
		d.says(not)
	} else if len(m.Batches) > 0 {
		d.says("")
	}
	d.stuck(false)
	h.meet(ctx, v.Journal, x, &m)
	view := h.Session.View()
	answer.Have, answer.At = Heights(view), view.At(h.Now())
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// take is what a push brings.
func (h *Hub) take(ctx context.Context, v Venue, m, answer *message) error {
	h.Session.Raise(m.At)
	h.heedDoor(ctx, m.Door)
	if len(m.Passes) > 0 {
		if err := h.Book.Take(ctx, m.Passes); err != nil {
			return fmt.Errorf("take passes: %w", err)
		}
	}
	var fs []live.Foreign
	for i := range m.Batches {
		if !h.mayPush(v, m.Batches[i].Journal) {
			return fmt.Errorf("%w: %.60s is not the venue's", live.ErrStranger, m.Batches[i].Journal)
		}
		fs = append(fs, m.Batches[i].Foreign())
	}
	if len(fs) > 0 {
		if err := h.weights.room(ctx, h.Store, m.Batches); err != nil {
			return err
		}
		if err := h.Session.Receive(ctx, m.More, fs...); err != nil {
			return err
		}
	}
	h.keeper.take(ctx, m.Seals)
	for i, d := range m.Done {
		if i == mostDone {
			break
		}
		if err := h.answered(ctx, d); err != nil {
			return fmt.Errorf("hand on an answer: %w", err)
		}
	}
	if m.Wish != nil {
		if h.Session.View().Head().N >= mostEntries { // what the crew presses here is done all the same
			answer.Done = append(answer.Done, done{ID: m.Wish.ID, Error: "notnow"})
			return nil
		}
		answer.Done = append(answer.Done, grant(ctx, h.Session, m.Wish))
	}
	return nil
}

// mayPush: its own journal, one it goes on for, or one that this hub goes on for and of which the venue has more.
func (h *Hub) mayPush(v Venue, name string) bool {
	if name == v.Journal || slices.Contains(v.For, name) {
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
	fresh(ctx, s)
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
func (h *Hub) meet(ctx context.Context, venue string, x *standing, m *message) {
	view := h.Session.View()
	has, fresh := known(view, m.Have), false
	now, err := h.change(ctx, venue, x.Ask, func(x *standing) bool {
		news := x.merge(has) || x.Unstored != m.Unstored
		x.Unstored = m.Unstored
		fresh = !x.Alive && Covers(x.Has, x.Since) && Covers(Heights(view), x.Has)
		x.Alive = x.Alive || fresh
		return news || fresh
	})
	if err != nil {
		return // the next push tries again
	}
	if now != nil {
		x = now
	}
	// A cut may be noted by one program of this hub while another one hears the venue again.
	if !fresh && (!x.Alive || !view.CutFrom(string(h.Session.Name()), venue)) {
		return
	}
	h.Session.Reach(&far{h, venue})
	_, err = h.Session.Do(ctx, live.Command{ID: fmt.Sprintf("heal-%d", view.Head().N), Actor: h.Session.Site(), Do: &floor.NoteHeal{Far: venue}})
	var no *floor.Refusal
	if err != nil && !errors.As(err, &no) {
		h.Log.Error("the heal is not noted", "venue", venue, "error", err)
	}
}
