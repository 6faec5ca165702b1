package link

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/internal/live"
)

// A Way is how a venue finds its hub.
type Way struct {
	URL    string `json:"url"`   // of the hub's link for this session
	Hub    string `json:"hub"`   // the hub's journal
	Key    string `json:"key"`   // with which the hub proves itself, as sumdb/note prints a verifier
	Secret string `json:"token"` // what this venue shows
}

// Errors that no new try mends.
var (
	// ErrRevoked: the hub does not let this venue in any more.
	ErrRevoked = errors.New("the hub does not let this venue in any more")
	// ErrNotHub: who answers does not have the hub's key.
	ErrNotHub = errors.New("who answers does not have the key of the hub")
	// ErrFork: the hub knows another story under the name of this venue's journal.
	ErrFork = errors.New("the hub knows another story of this venue's journal")
)

// A VenueLink keeps one session at a venue together with its hub.
type VenueLink struct {
	Place
	way  Way
	key  note.Verifier
	stop context.CancelFunc
	done sync.WaitGroup

	mu    sync.Mutex // guards the rest
	heard time.Time
	at    int64
	alive bool
	last  error         // why there is no link now
	whole chan struct{} // closed when everything the hub had is here, the first time
	once  sync.Once
}

// Dial begins to hold the link, and tries again for ever when it breaks.
func Dial(p Place, way Way) (*VenueLink, error) {
	key, err := note.NewVerifier(way.Key)
	if err != nil {
		return nil, fmt.Errorf("the key of the hub: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	v := &VenueLink{Place: p, way: way, key: key, stop: stop, heard: p.Now(), at: p.Session.View().At(p.Now()), whole: make(chan struct{})}
	v.done.Add(1)
	go v.dial(ctx)
	return v, nil
}

// Close ends the link.
func (v *VenueLink) Close() {
	v.stop()
	v.done.Wait()
}

// Whole is closed once everything that the hub had when it was first reached is here.
func (v *VenueLink) Whole() <-chan struct{} { return v.whole }

// Heard says when the hub was heard last, in session time (ms), whether it is heard now, and why not.
func (v *VenueLink) Heard() (at int64, now bool, why error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.at, v.alive && v.Now().Sub(v.heard) < Silence, v.last
}

// dial connects, again and again: at once after a link that held, else after a pause that grows to 5 s.
func (v *VenueLink) dial(ctx context.Context) {
	defer v.done.Done()
	pause := Beat / 2
	for ctx.Err() == nil {
		began := v.Now()
		err := v.connect(ctx)
		if ctx.Err() != nil {
			return
		}
		v.mu.Lock()
		if v.last == nil || err.Error() != v.last.Error() {
			v.Log.Warn("no link to the hub", "session", v.Session.Session(), "error", err)
		}
		v.last = err
		heard, at := v.heard, v.at
		v.mu.Unlock()
		if v.Now().Sub(began) > 10*time.Second {
			pause = Beat / 2
		}
		timer := time.NewTimer(time.Duration(float64(pause) * (0.7 + 0.6*mrand.Float64())))
		for waiting := true; waiting; {
			left := Silence - v.Now().Sub(heard)
			if left <= 0 {
				noteCut(v.Place, v.way.Hub, at)
				left = time.Hour
			}
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-timer.C:
				waiting = false
			case <-time.After(left):
			}
		}
		pause = min(5*time.Second, pause*3/2)
	}
}

// connect holds one connection until it breaks. The error says why it did.
func (v *VenueLink) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// Each connection is fresh: one from before a cut would be silent for minutes.
	client := &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{Timeout: Silence}).DialContext, TLSHandshakeTimeout: Silence, ResponseHeaderTimeout: 2 * Silence}}
	defer client.CloseIdleConnections()
	mine := make([]byte, 32)
	rand.Read(mine)
	start := Heights(v.Session.View())
	have, err := json.Marshal(start)
	if err != nil {
		return err
	}
	req, err := v.request(ctx, http.MethodGet, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Openmic-Ask", base64.RawURLEncoding.EncodeToString(mine))
	req.Header.Set("Openmic-Have", string(have))
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusForbidden {
		return ErrRevoked
	} else if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the hub answers %s", resp.Status)
	}
	quiet := time.AfterFunc(Silence, func() { cancel(errors.New("nothing was heard for 3 s")) })
	defer quiet.Stop()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(make([]byte, 64<<10), 8*maxBody)
	var push *pusher
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel(nil)
	defer v.Session.Reach(nil)
	defer func() { v.mu.Lock(); v.alive = false; v.mu.Unlock() }()
	for lines.Scan() {
		quiet.Reset(Silence)
		var m message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return fmt.Errorf("the hub sends what is no message: %w", err)
		}
		if push == nil {
			ask, e1 := base64.RawURLEncoding.DecodeString(m.Ask)
			proof, e2 := base64.RawURLEncoding.DecodeString(m.Signed)
			if e1 != nil || e2 != nil || !v.key.Verify(signed("hub", mine, ask), proof) {
				return ErrNotHub
			}
			push = &pusher{v: v, client: client, ask: ask, theirs: m.Have, start: start, wake: make(chan struct{}, 1), told: map[string]string{}}
			push.hub = map[string]int64{}
			for j, n := range m.Have {
				push.hub[j] = n
			}
			wait.Add(1)
			go func() {
				defer wait.Done()
				cancel(push.run(ctx))
			}()
		}
		if err := v.take(ctx, push, &m); err != nil {
			return err
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.ErrUnexpectedEOF
}

func (v *VenueLink) request(ctx context.Context, method string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, v.way.URL+"?journal="+url.QueryEscape(string(v.Session.Name())), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+v.way.Secret)
	return req, nil
}

// take is what one line of the stream brings.
func (v *VenueLink) take(ctx context.Context, push *pusher, m *message) error {
	v.Session.Raise(m.At)
	v.mu.Lock()
	v.heard, v.at = v.Now(), v.Session.View().At(v.Now())
	v.mu.Unlock()
	if m.Over != "" {
		return over(m.Over)
	}
	if len(m.Passes) > 0 {
		if err := v.Book.Take(ctx, m.Passes); err != nil {
			return fmt.Errorf("take passes: %w", err)
		}
	}
	var fs []live.Foreign
	for i := range m.Batches {
		fs = append(fs, m.Batches[i].Foreign())
	}
	if len(fs) > 0 {
		if err := v.Session.Receive(ctx, m.More, fs...); err != nil {
			return fmt.Errorf("what the hub sent: %w", err)
		}
	}
	if m.Wish != nil {
		w := m.Wish
		go func() { // the stream goes on meanwhile
			d := grant(ctx, v.Session, w)
			push.mu.Lock()
			push.done = append(push.done, d)
			push.mu.Unlock()
			push.knock()
		}()
	}
	push.meet(ctx)
	return nil
}

func over(why string) error {
	switch why {
	case "revoked":
		return ErrRevoked
	case "fork":
		return ErrFork
	}
	return fmt.Errorf("the hub ends the link: %.60s", why)
}

// pusher posts what the venue wrote, on one connection.
type pusher struct {
	v      *VenueLink
	client *http.Client
	ask    []byte
	theirs map[string]int64 // what the hub had when the connection began
	start  map[string]int64 // what was here then
	wake   chan struct{}
	told   map[string]string

	post sync.Mutex // one push at a time
	n    int64

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
	p.post.Lock()
	defer p.post.Unlock()
	v := p.v
	view := v.Session.View()
	m := &message{At: view.At(v.Now()), Have: Heights(view), Wish: w}
	p.mu.Lock()
	m.Done, p.done = p.done, nil
	hub := map[string]int64{}
	for j, n := range p.hub {
		hub[j] = n
	}
	p.mu.Unlock()
	own := map[string]bool{string(v.Session.Name()): true}
	for _, s := range view.Sites {
		if s.Journal == string(v.Session.Name()) && s.Succeeds != "" {
			own[s.Succeeds] = true
		}
	}
	if m.Batches, m.More, err = Pack(ctx, v.Store, view.Heads, func(j string) (int64, bool) { return hub[j] + 1, own[j] }, maxPush, maxCount); err != nil {
		return false, err
	}
	if m.Passes, err = changed(ctx, v.Book, p.told); err != nil {
		return false, err
	}
	body, err := json.Marshal(m)
	if err != nil {
		return false, err
	}
	limit, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := v.request(limit, http.MethodPost, body)
	if err != nil {
		return false, err
	}
	p.n++
	proof, err := v.Key.Sign(signed(fmt.Sprint("push ", p.n), p.ask, body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Openmic-Push", fmt.Sprint(p.n))
	req.Header.Set("Openmic-Signed", base64.RawURLEncoding.EncodeToString(proof))
	resp, err := p.client.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusForbidden {
		return false, ErrRevoked
	} else if resp.StatusCode != http.StatusOK {
		return false, fmt.Errorf("the hub answers a push with %s", resp.Status)
	}
	var a message
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(&a); err != nil {
		return false, err
	}
	if a.Over != "" {
		return false, over(a.Over)
	}
	v.Session.Raise(a.At)
	p.mu.Lock()
	p.hub = a.Have
	for _, b := range m.Batches { // stored there, although it may not be folded in yet
		p.hub[b.Journal] = max(p.hub[b.Journal], b.From+int64(len(b.Entries))-1)
	}
	p.mu.Unlock()
	for _, d := range a.Done {
		for _, out := range answered {
			*out = d
		}
	}
	return m.More, nil
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
	v.mu.Lock()
	v.alive, v.last = true, nil
	v.mu.Unlock()
	v.once.Do(func() { close(v.whole) })
	v.Session.Reach(&up{p})
	_, err := v.Session.Do(ctx, live.Command{ID: fmt.Sprintf("heal-%d", view.Head().N), Actor: v.Session.Site(), Do: &floor.NoteHeal{Far: v.way.Hub}})
	var no *floor.Refusal
	if err != nil && !errors.As(err, &no) {
		v.Log.Error("the heal is not noted", "error", err)
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
