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
	// ErrBarred: who answers lets nobody in and does not prove to be the hub.
	ErrBarred = errors.New("who answers at the hub's address lets this venue not in, and does not prove to be the hub: is it a network that wants a sign-in?")
	// ErrNotHub: who answers does not have the hub's key.
	ErrNotHub = errors.New("who answers does not have the key of the hub")
	// ErrFork: the hub knows another story under the name of this venue's journal.
	ErrFork = errors.New("the hub knows another story of this venue's journal")
	// ErrLost: the hub has forgotten what it had told this venue, as after its folder was taken from a backup.
	ErrLost = errors.New("the hub has lost entries that this venue has")
	// ErrReplaced: another machine goes on for the one that this one goes on for, too; the hub heard it first.
	ErrReplaced = errors.New("the hub has let in another laptop for the one that was lost: this one is not believed, and what is done here reaches nobody")
	// ErrThere: the machine that this one goes on for is heard by the hub.
	ErrThere = errors.New("the hub hears the laptop for which this one goes on: switch one of them off")
	// ErrLostHere: this venue has forgotten what it had told its hub, as when its disk lost the end of its journal.
	ErrLostHere = errors.New("this venue has lost entries of its own journal that the hub has: its disk did not keep what people were told is taken. What is written here now is part of no story; let an empty folder replace this one (Another laptop replaces it, on the hub's plan page)")
	// ErrAhead: the hub does not believe the time of this venue's entries.
	ErrAhead = errors.New("the session's clock at this venue runs more than a hundred days ahead of the hub's")
	// ErrFull: the hub has taken as much of this venue's journal as any session needs.
	ErrFull = errors.New("the hub takes no more of this venue's journal: it would have more than 40,000 entries or 40 MB, and the session could have no record")
	// ErrStranger: the hub finds what this venue sends to be no part of the session.
	ErrStranger = errors.New("the hub does not take what this venue sends: it is no part of the session, or no entry that a record can hold")
)

// Between two tries to connect there is a pause, which grows to longestPause, and to hopeless where no new try mends it.
const (
	longestPause = Beat
	hopeless     = 30 * time.Second
)

// A VenueLink keeps one session at a venue together with its hub.
type VenueLink struct {
	Place
	way    Way
	key    note.Verifier
	keeper *keeper
	stop   context.CancelFunc
	done   sync.WaitGroup

	mu    sync.Mutex // guards the rest
	heard time.Time
	at    int64
	busy  bool // with what the hub sent: meanwhile nobody listens
	alive bool
	last  error         // why there is no link now
	not   unstored      // as long as anything is, nobody is heard
	out   bool          // the hub has proven that it lets this venue in no more
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
	v := &VenueLink{Place: p, way: way, key: key, stop: stop, out: p.Out, heard: p.Now(), at: p.Session.View().At(p.Now()), whole: make(chan struct{})}
	v.keeper = newKeeper(&v.Place)
	v.done.Go(func() { v.dial(ctx) })
	v.done.Go(func() { v.watch(ctx) })
	return v, nil
}

// Close ends the link.
func (v *VenueLink) Close() {
	v.stop()
	v.done.Wait()
	v.keeper.Close()
}

// Ready is closed once everything that the hub had when it was first reached is here.
func (v *VenueLink) Ready() <-chan struct{} { return v.whole }

// Heard says when the hub was heard last, in session time (ms), whether it is heard now, and why not.
func (v *VenueLink) Heard() (at int64, now bool, why error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.at, v.alive && v.Now().Sub(v.heard) < Silence, v.last
}

// dial connects, again and again: at once after a link that held, else after a pause that grows.
func (v *VenueLink) dial(ctx context.Context) {
	pause := Beat / 4
	var said excuses
	for ctx.Err() == nil {
		began := v.Now()
		err := v.admitted(ctx)
		if err == nil {
			err = v.connect(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		v.mu.Lock()
		if v.last == nil { // there was a link
			said.last = ""
		}
		v.last = err
		v.mu.Unlock()
		if why := reason(err); said.fresh(why, v.Now()) {
			v.Log.Warn("no link to the hub", "session", v.Session.Session(), "why", why)
		}
		switch {
		case errors.Is(err, ErrRevoked), errors.Is(err, ErrNotHub), errors.Is(err, ErrFork), errors.Is(err, ErrLost), errors.Is(err, ErrLostHere), errors.Is(err, ErrAhead), errors.Is(err, ErrFull), errors.Is(err, ErrReplaced), errors.Is(err, ErrRelease):
			pause = hopeless
		case v.Now().Sub(began) > 2*Silence:
			pause = Beat / 4
		default:
			pause = min(longestPause, pause*3/2)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(float64(pause) * (0.7 + 0.6*mrand.Float64()))):
		}
	}
}

// admitted makes sure that this venue has something to show to the hub.
func (v *VenueLink) admitted(ctx context.Context) error {
	if v.way.Secret != "" || v.Admit == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*Silence)
	defer cancel()
	secret, err := v.Admit(ctx)
	if err == nil {
		v.way.Secret = secret // read only by what this goroutine begins
	}
	return err
}

// watch notes in the journal when the hub is not heard any more.
func (v *VenueLink) watch(ctx context.Context) {
	tick := time.NewTicker(Beat / 4)
	defer tick.Stop()
	var note cutNote
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		v.mu.Lock()
		cut, at := !v.busy && v.Now().Sub(v.heard) >= Silence, v.at
		if cut {
			v.alive = false
		}
		v.mu.Unlock()
		if cut {
			v.Session.Reach(nil)
			note.write(v.Place, v.way.Hub, at)
		}
	}
}

// hears: the hub is there, which counts where both can keep what the other sends.
func (v *VenueLink) hears() {
	at := v.Session.View().At(v.Now())
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.not == (unstored{}) {
		v.heard, v.at = v.Now(), at
	}
}

// works: it is busy with what came, or not any more. Meanwhile nobody listens.
func (v *VenueLink) works(busy bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.busy = busy
}

// connect holds one connection until it breaks. The error says why it did.
func (v *VenueLink) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// Each connection is fresh: one from before a cut would be silent for minutes.
	client := &http.Client{CheckRedirect: Stay, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment,
		DialContext: (&net.Dialer{Timeout: Silence}).DialContext, TLSHandshakeTimeout: Silence}}
	defer client.CloseIdleConnections()
	// A hub that was just started may have to read the session first.
	quiet := time.AfterFunc(2*Silence, func() { cancel(errSilent) })
	defer quiet.Stop()
	mine := make([]byte, 32)
	rand.Read(mine)
	start := Heights(v.Session.View())
	req, err := v.hello(ctx, mine, start)
	if err != nil {
		return err
	}
	resp, err := v.open(client, req, mine)
	if err != nil {
		return errors.Join(context.Cause(ctx), err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusForbidden {
		return v.shutOut(resp.Header.Get("Openmic-Revoked"), mine)
	} else if OtherRelease(resp) {
		return ErrRelease
	} else if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the hub answers %s", resp.Status)
	}
	var push *pusher
	hears := func() { // it counts once the hub has taken a push: where only the stream passes, what is written here goes nowhere
		if push != nil && push.taken.Load() {
			v.hears()
		}
	}
	lines := bufio.NewScanner(ear{resp.Body, func() { // a long line over a slow link is heard while it comes
		quiet.Reset(Silence)
		hears()
	}})
	lines.Buffer(make([]byte, 64<<10), maxBody)
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel(nil)
	defer v.Session.Reach(nil)
	defer func() { v.mu.Lock(); v.alive = false; v.mu.Unlock() }()
	for lines.Scan() {
		quiet.Stop() // what waits meanwhile is no silence
		var m message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return fmt.Errorf("the hub sends what is no message: %w", err)
		}
		if push == nil {
			if push, err = v.meets(ctx, client, mine, start, &m); err != nil {
				return err
			}
			wait.Go(func() { cancel(push.run(ctx)) })
		}
		hears()
		v.works(true)
		err := v.take(ctx, push, &m)
		v.works(false)
		hears()
		quiet.Reset(Silence)
		if err != nil {
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

// hello is the request for a stream, with a challenge and the heights that are here.
func (v *VenueLink) hello(ctx context.Context, mine []byte, start map[string]int64) (*http.Request, error) {
	have, err := json.Marshal(start)
	if err != nil {
		return nil, err
	}
	req, err := v.request(ctx, http.MethodGet, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Openmic-Ask", base64.RawURLEncoding.EncodeToString(mine))
	req.Header.Set("Openmic-Have", string(have))
	if v.stuck() {
		req.Header.Set("Openmic-Unstored", "yes")
	}
	if here := v.sealed(ctx); here != nil {
		b, err := json.Marshal(here)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Openmic-Sealed", string(b))
	}
	return req, nil
}

// meets hears the first line of a stream: who sends it proves to be the hub, and has nothing of this venue's journal that is
// not here. It gives what then pushes.
func (v *VenueLink) meets(ctx context.Context, client *http.Client, mine []byte, start map[string]int64, m *message) (*pusher, error) {
	ask, e1 := base64.RawURLEncoding.DecodeString(m.Ask)
	proof, e2 := base64.RawURLEncoding.DecodeString(m.Signed)
	if e1 != nil || e2 != nil || !v.key.Verify(hubText(mine, ask), proof) {
		return nil, ErrNotHub
	}
	if own := v.Session.Name(); m.Have[string(own)] > start[string(own)] {
		switch n, _, err := v.Store.Head(ctx, own); {
		case err != nil:
			return nil, err
		case n < m.Have[string(own)]:
			return nil, fmt.Errorf("%w (%d entries are here, %d are there)", ErrLostHere, n, m.Have[string(own)])
		}
	}
	p := &pusher{v: v, client: client, over: ctx, mine: mine, ask: ask, post: make(chan struct{}, 1), theirs: m.Have, start: start, wake: make(chan struct{}, 1), hub: map[string]int64{}}
	if m.Sealed != nil {
		p.sealed = m.Sealed.known(m.Have)
	}
	for j, n := range m.Have {
		p.hub[j] = max(0, n)
	}
	return p, nil
}

var errSilent = errors.New("nothing was heard for 3 s")

// Stay is for clients that follow nobody elsewhere (http.Client.CheckRedirect): what a venue shows is for its hub alone.
func Stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (v *VenueLink) request(ctx context.Context, method string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, v.way.URL+"?journal="+url.QueryEscape(string(v.Session.Name())), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+v.way.Secret)
	Speak(req)
	return req, nil
}

// take is what one line of the stream brings.
func (v *VenueLink) take(ctx context.Context, push *pusher, m *message) error {
	v.Session.Raise(m.At)
	if m.Over == "revoked" {
		return v.shutOut(m.Signed, push.mine)
	}
	if m.Over != "" {
		return over(m.Over)
	}
	v.heedDoor(ctx, m.Door)
	if len(m.Passes) > 0 {
		err := v.Book.Take(ctx, m.Passes)
		v.found(ctx, func(x *unstored) { x.passes = err != nil })
		if err != nil {
			return fmt.Errorf("take passes: %w", err)
		}
	}
	var fs []live.Foreign
	for i := range m.Batches {
		fs = append(fs, m.Batches[i].Foreign())
	}
	if len(fs) > 0 {
		err := v.Session.Receive(ctx, m.More, fs...)
		v.found(ctx, func(x *unstored) { x.entries = err != nil })
		if err != nil {
			return fmt.Errorf("what the hub sent: %w", err)
		}
	}
	v.keeper.take(ctx, m.Seals)
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
	case "fork":
		return ErrFork
	case "lost":
		return ErrLost
	case "ahead":
		return ErrAhead
	case "full":
		return ErrFull
	case "stranger":
		return ErrStranger
	}
	return fmt.Errorf("the hub ends the link: %.60s", why)
}
