package link

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"openmic/floor"
	"openmic/internal/live"
)

// pusher posts what the venue wrote, on one connection.
type pusher struct {
	v      *VenueLink
	client *http.Client
	over   context.Context // of the connection
	mine   []byte          // this venue's challenge
	ask    []byte
	theirs map[string]int64 // what the hub had when the connection began
	start  map[string]int64 // what was here then
	sealed sealed           // which checkpoints the hub had when the connection began; nil: it takes none
	wake   chan struct{}
	taken  atomic.Bool // the hub has taken a push

	post chan struct{} // one push at a time
	n    int64         // guarded by post
	told tellings      // guarded by post
	seal sealing       // guarded by post

	mu   sync.Mutex       // guards the rest
	hub  map[string]int64 // what the hub said it has
	done []done
	met  bool
}

func (p *pusher) knock() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run pushes whatever is new, and at least a beat each second.
func (p *pusher) run(ctx context.Context) error {
	tick := time.NewTicker(Beat)
	defer tick.Stop()
	for {
		view := p.v.Session.View()
		more, err := p.push(ctx, nil)
		if err != nil {
			return err
		}
		p.meet(ctx)
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-view.Newer:
		case <-p.wake:
		case <-tick.C:
		}
	}
}

// push posts once. With a wish, it is answered in w.
func (p *pusher) push(ctx context.Context, w *wish, answered ...*done) (more bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.over, cancel)() // whoever presses waits longer than a connection may last
	select {
	case p.post <- struct{}{}:
		defer func() { <-p.post }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	m, more, err := p.bundle(ctx, w)
	var a *message
	if err == nil {
		a, err = p.send(ctx, m)
	}
	if err != nil {
		p.unsaid(m)
		return false, err
	}
	p.v.Session.Raise(a.At)
	p.mu.Lock()
	p.hub = map[string]int64{}
	for j, n := range a.Have {
		p.hub[j] = max(0, n)
	}
	for _, b := range m.Batches { // stored there, although it may not be folded in yet
		p.hub[b.Journal] = max(p.hub[b.Journal], b.From+int64(len(b.Entries))-1)
	}
	p.mu.Unlock()
	for _, d := range a.Done {
		for _, out := range answered {
			*out = d
		}
	}
	return more, nil
}

// bundle is what the next push brings; more says that it is not all. m is there also with an error: unsaid gives back
// what it took.
func (p *pusher) bundle(ctx context.Context, w *wish) (m *message, more bool, err error) {
	v := p.v
	view := v.Session.View()
	m = &message{At: view.At(v.Now()), Have: Heights(view), Unstored: v.stuck(), Wish: w, Door: v.door()}
	p.mu.Lock()
	m.Done, p.done = p.done, nil
	hub := maps.Clone(p.hub)
	p.mu.Unlock()
	own := map[string]bool{string(v.Session.Name()): true}
	for _, s := range slices.Backward(view.Sites) {
		// What it goes on for; and what a restored hub goes on for, of which this site may have more.
		if s.Succeeds != "" && (own[s.Journal] || view.SideOf(s.Journal) == floor.Online) {
			own[s.Succeeds] = true
		}
	}
	if m.Batches, m.More, err = Pack(ctx, v.Store, view.Heads, func(j string) (int64, bool) { return hub[j] + 1, own[j] }, maxPush, maxCount); err != nil {
		return m, false, err
	}
	others := false
	if m.Passes, others, err = p.told.changed(ctx, v.Book, v.Now()); err != nil {
		return m, false, err
	}
	if p.seal.there == nil && p.sealed != nil {
		p.seal.there = p.sealed.known(hub)
	}
	sealsToo := false
	if w == nil { // whoever presses waits for no checkpoints
		m.Seals, sealsToo = p.seal.next(ctx, &v.Place, func(j string) int64 {
			if own[j] {
				return hub[j]
			}
			return math.MaxInt64 // it is the hub's own, or came from there
		})
	}
	return m, m.More || others || sealsToo, nil
}

// unsaid: a push did not arrive, or nobody knows. Whoever pressed may have given up, and what else went with it is still to
// be said.
func (p *pusher) unsaid(m *message) {
	p.told, p.seal = tellings{}, sealing{}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = append(m.Done, p.done...)
}

// send posts a message, signed, and gives what the hub answers.
func (p *pusher) send(ctx context.Context, m *message) (*message, error) {
	v := p.v
	body, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	// The hub's beats tell whether the link lives; a slow push may take its time.
	ctx, stop := context.WithTimeout(ctx, 10*Silence)
	defer stop()
	req, err := v.request(ctx, http.MethodPost, body)
	if err != nil {
		return nil, err
	}
	p.n++
	n, sum := fmt.Sprint(p.n), sha256.Sum256(body)
	proof, err := v.Key.Sign(pushText(n, p.ask, sum))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Openmic-Push", n)
	req.Header.Set(digestHeader, digest(sum))
	req.Header.Set("Openmic-Signed", base64.RawURLEncoding.EncodeToString(proof))
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK: // the first push of a connection has all that the hub lacks: when it is taken, the hub can store again
		v.found(ctx, func(x *unstored) { x.there = false })
	case http.StatusForbidden: // the next stream tells whether it was the hub who said so
		return nil, ErrBarred
	default:
		if resp.StatusCode == http.StatusServiceUnavailable && len(m.Batches)+len(m.Passes) > 0 {
			v.found(ctx, func(x *unstored) { x.there = true })
		}
		return nil, fmt.Errorf("the hub answers a push with %s", resp.Status)
	}
	if !p.taken.Swap(true) {
		v.hears()
	}
	a := &message{}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(a); err != nil {
		return nil, err
	}
	if a.Over != "" {
		return nil, over(a.Over)
	}
	return a, nil
}

// meet notes the heal once both sites have what the other had when they found each other again.
func (p *pusher) meet(ctx context.Context) {
	v := p.v
	view := v.Session.View()
	mine := Heights(view)
	p.mu.Lock()
	met := !p.met && Covers(mine, p.theirs) && p.hub[string(v.Session.Name())] >= p.start[string(v.Session.Name())]
	if met {
		p.met = true
	}
	p.mu.Unlock()
	if !met {
		return
	}
	at := view.At(v.Now())
	v.mu.Lock()
	v.alive, v.last, v.heard, v.at, v.not = true, nil, v.Now(), at, unstored{passes: v.not.passes}
	v.mu.Unlock()
	v.once.Do(func() {
		if v.Whole != nil {
			v.Whole()
		}
		close(v.whole)
	})
	v.Session.Reach(&up{p})
	_, err := v.Session.Do(ctx, live.Command{ID: fmt.Sprintf("heal-%d", view.Head().N), Actor: v.Session.Site(), Do: &floor.NoteHeal{Far: v.way.Hub}})
	var no *floor.Refusal
	if err != nil && !errors.As(err, &no) {
		v.fails(ctx, "the heal is not noted", "error", err)
		p.mu.Lock()
		p.met = false
		p.mu.Unlock()
	}
}

// up is the way to the hub.
type up struct{ *pusher }

// Do asks the hub.
func (u *up) Do(ctx context.Context, c live.Command) (live.Answer, floor.Seen, error) {
	w, err := newWish(1, c)
	if err != nil {
		return live.Answer{}, floor.Seen{}, live.ErrFailed
	}
	d := done{Error: "unknown"}
	if _, err := u.push(ctx, w, &d); err != nil {
		return live.Answer{}, floor.Seen{}, live.ErrUnknown
	}
	return d.Answer, d.Seen, d.err()
}
