package link

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"slices"
	"time"

	"openmic/internal/live"
)

// A hello is what a venue says to open a stream.
type hello struct {
	challenge []byte           // for the hub
	have      map[string]int64 // heights of its journals
	sealed    sealed           // which checkpoints it keeps; nil: it takes none
	unstored  bool             // what came last could not be stored there
}

// helloOf reads it. The error is a sentence for whoever wrote the program that sent it.
func helloOf(r *http.Request) (x hello, err error) {
	if x.challenge, err = base64.RawURLEncoding.DecodeString(r.Header.Get("Openmic-Ask")); err != nil || len(x.challenge) != 32 {
		return x, errors.New("a challenge of 32 bytes belongs to this")
	}
	if json.Unmarshal([]byte(r.Header.Get("Openmic-Have")), &x.have) != nil {
		return x, errors.New("the heights that you have belong to this")
	}
	if s := r.Header.Get("Openmic-Sealed"); s != "" && json.Unmarshal([]byte(s), &x.sealed) != nil {
		return x, errors.New("the checkpoints that you have are not told so")
	}
	x.unstored = r.Header.Get("Openmic-Unstored") != ""
	return x, nil
}

// A stream is what one venue hears of this hub on one connection. It is used by one goroutine.
type stream struct {
	*Hub
	to      Venue
	asked   *http.Request
	said    hello
	line    *line
	since   map[string]int64 // heights here when it began
	letters <-chan struct{}  // wishes from other programs of the hub came
	w       http.ResponseWriter
	out     *http.ResponseController

	sent  map[string]int64 // up to which entries
	told  tellings
	seals sealing
	again chan struct{} // more checkpoints are to be sent: what else is new goes between
}

// open lets a venue have the stream, and sends what is new until the connection ends.
func (h *Hub) open(w http.ResponseWriter, r *http.Request, v Venue) {
	said, err := helloOf(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, end := context.WithCancel(r.Context())
	defer end()
	before, _, _, err := h.last(ctx, v.Journal)
	if err != nil {
		http.Error(w, "not now; try again", http.StatusServiceUnavailable)
		return
	}
	if !h.opens(w, r, v, said.challenge, before) {
		return
	}
	h.hand(v.Journal).understood(true)
	fresh(ctx, h.Session) // others may have written since this program looked
	view := h.Session.View()
	s := &stream{Hub: h, to: v, asked: r, said: said, since: Heights(view), sent: known(view, said.have), w: w, out: http.NewResponseController(w), again: make(chan struct{}, 1),
		line: &line{ask: make([]byte, 32), end: end, over: ctx.Done(), wishes: make(chan *wish, 64)}}
	rand.Read(s.line.ask)
	if said.sealed != nil {
		s.seals.there = said.sealed.known(s.since)
	}
	proof, err := h.Key.Sign(hubText(said.challenge, s.line.ask))
	if err != nil {
		http.Error(w, "the key of this hub does not sign", http.StatusInternalServerError)
		return
	}
	if h.Nodes != nil {
		s.letters = h.Nodes.WatchBox(ctx, wishBox(s.line.ask))
	}
	x := &standing{Ask: s.line.ask, Since: s.since, Has: known(view, said.have), At: view.At(h.Now()), Unstored: said.unstored}
	if ok, err := h.begin(ctx, v.Journal, before, x); err != nil || !ok { // of two that were let in at once only one is
		if err != nil {
			h.fails(ctx, "a venue's connection is not noted", "venue", v.Journal, "error", err)
		}
		http.Error(w, "not now; try again", http.StatusServiceUnavailable)
		return
	}
	h.holds(v.Journal, s.line)
	defer func() {
		h.hangUp(v.Journal, s.line.ask)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), Silence)
		defer cancel()
		h.drop(last, v.Journal, s.line.ask)
	}()
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store, no-transform")
	w.Header().Set("X-Accel-Buffering", "no")
	s.run(ctx, proof)
}

// run sends until something fails, which ends the connection: the venue dials again.
func (s *stream) run(ctx context.Context, proof []byte) {
	if s.greet(ctx, proof) != nil {
		return
	}
	tick := time.NewTicker(Beat)
	defer tick.Stop()
	for {
		view := s.Session.View()
		// Passes first: whoever is in the entries can act when they are there.
		if s.passes(ctx) != nil || s.entries(ctx, view) != nil || s.checkpoints(ctx) != nil {
			return
		}
		var err error
		select {
		case <-ctx.Done():
			return
		case <-s.stop:
			return
		case <-view.Newer:
		case <-s.again:
		case wish := <-s.line.wishes:
			err = s.send(&message{Wish: wish})
		case <-s.letters:
			err = s.wishes(ctx)
		case <-tick.C:
			err = s.beat(ctx, view)
		}
		if err != nil {
			return
		}
	}
}

// errOver: the connection is to end, and nobody needs to be told why.
var errOver = errors.New("the stream is over")

// send writes one line.
func (s *stream) send(m *message) error {
	m.At = s.Session.View().At(s.Now())
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	// A piece that cannot be written in time is a cut; a line of many pieces may be slow.
	for piece := range slices.Chunk(append(b, '\n'), 64<<10) {
		if err := s.out.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		if _, err := s.w.Write(piece); err != nil {
			return err
		}
		if err := s.out.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// greet proves the hub's key, and tells what is here. A hub that has less of its own than it had told the venue says so, and
// ends.
func (s *stream) greet(ctx context.Context, proof []byte) error {
	first := message{Signed: base64.RawURLEncoding.EncodeToString(proof), Ask: base64.RawURLEncoding.EncodeToString(s.line.ask), Have: s.since, Sealed: s.sealed(ctx)}
	if err := s.send(&first); err != nil {
		return err
	}
	own := string(s.Session.Name())
	if s.sent[own] > s.since[own] {
		// Of several programs this one may have been slow to look.
		if n, _, err := s.Store.Head(ctx, s.Session.Name()); err != nil || n >= s.sent[own] {
			return errOver
		}
		s.Log.Error("a venue has more of this hub's journal than the hub: was it taken from a backup, or did its disk lose the end?", "venue", s.to.Journal, "there", s.sent[own], "here", s.since[own])
		s.hand(s.to.Journal).says(LostHere)
		_ = s.send(&message{Over: "lost"})
		return errOver
	}
	if there, here := s.sent[s.to.Journal], s.since[s.to.Journal]; there < here {
		s.Log.Error("a venue has less of its own journal than this hub: did its disk lose the end?", "venue", s.to.Journal, "there", there, "here", here)
		s.hand(s.to.Journal).says(Lost)
	}
	return nil
}

// passes sends those that were not told so.
func (s *stream) passes(ctx context.Context) error {
	for more := true; more; {
		var m message
		var err error
		if m.Passes, more, err = s.told.changed(ctx, s.Book, s.Now()); err != nil {
			s.fails(ctx, "the passes cannot be read", "error", err)
			return err
		}
		if len(m.Passes) == 0 {
			continue
		}
		if err := s.send(&m); err != nil {
			return err
		}
	}
	return nil
}

// entries sends those that the venue lacks.
func (s *stream) entries(ctx context.Context, view *live.View) error {
	lacks := func(j string) (int64, bool) { return s.sent[j] + 1, j != s.to.Journal }
	for more := true; more; {
		var m message
		var err error
		if m.Batches, more, err = Pack(ctx, s.Store, view.Heads, lacks, 2*maxPush, 2*maxCount); err != nil {
			s.fails(ctx, "the journal cannot be sent", "venue", s.to.Journal, "error", err)
			return err
		}
		if len(m.Batches) == 0 {
			return nil
		}
		m.More = more
		if err := s.send(&m); err != nil {
			return err
		}
		for _, b := range m.Batches {
			s.sent[b.Journal] = b.From + int64(len(b.Entries)) - 1
		}
	}
	return nil
}

// checkpoints sends some that the venue lacks.
func (s *stream) checkpoints(ctx context.Context) error {
	notes, more := s.seals.next(ctx, &s.Place, func(j string) int64 {
		if j == s.to.Journal {
			return math.MaxInt64
		}
		return s.sent[j]
	})
	if more {
		select {
		case s.again <- struct{}{}:
		default:
		}
	}
	if len(notes) == 0 {
		return nil
	}
	return s.send(&message{Seals: notes})
}

// wishes sends what screens of other programs of this hub wish.
func (s *stream) wishes(ctx context.Context) error {
	all, err := s.Nodes.Fetch(ctx, wishBox(s.line.ask))
	if err != nil {
		return err
	}
	for _, b := range all {
		m := message{Wish: &wish{}}
		if err := json.Unmarshal(b, m.Wish); err != nil {
			s.Log.Error("a wish cannot be read", "error", err)
		} else if err := s.send(&m); err != nil {
			return err
		}
	}
	return nil
}

// beat tells the venue that it is heard, if it is, and may still be here.
func (s *stream) beat(ctx context.Context, view *live.View) error {
	if _, err := s.knows(s.asked); errors.Is(err, errGone) {
		s.hand(s.to.Journal).says("")
		if proof, err := s.Key.Sign(goneText(s.to.Journal, s.said.challenge)); err == nil {
			_ = s.send(&message{Over: "revoked", Signed: base64.RawURLEncoding.EncodeToString(proof)})
		}
		return errOver
	} else if err != nil {
		return err // it has another token now, or the store does not answer: the venue shall not believe that this hub hears
	}
	if x, _, _, err := s.look(ctx, s.to.Journal); err != nil || x == nil || !bytes.Equal(x.Ask, s.line.ask) {
		return errOver // it dialled anew, perhaps another program, or was not heard
	}
	return s.send(&message{Have: Heights(view), Door: s.door()})
}
