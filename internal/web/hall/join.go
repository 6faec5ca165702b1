package hall

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"openmic/floor"
	"openmic/internal/live"
)

// A doorway lets people in: as many at once as a full room brings, and each of them once. The room has a door of its
// own, which nobody outside can crowd.
type doorway struct {
	limit [2]*rate.Limiter // by side

	mu     sync.Mutex
	recent map[string]*entrance // by device and press
}

// An entrance is one press of "join". mu is held while it goes on.
type entrance struct {
	mu     sync.Mutex
	at     time.Time
	pass   Pass
	secret string
	inside bool
}

func newDoorway() *doorway {
	return &doorway{limit: [2]*rate.Limiter{rate.NewLimiter(50, 500), rate.NewLimiter(50, 500)}, recent: map[string]*entrance{}}
}

// remembered is for how long the same press on the same device finds the same pass.
const remembered = time.Minute

// inside is the pass that this press has got on this device already.
func (d *doorway) inside(device, press string, now time.Time) (pass Pass, secret string, ok bool) {
	d.mu.Lock()
	e := d.recent[device+" "+press]
	d.mu.Unlock()
	if e == nil || now.Sub(e.at) > remembered {
		return Pass{}, "", false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.pass, e.secret, e.inside
}

// of finds or makes the entrance of a press, and forgets old ones. Without a device nothing is remembered: the id of a
// press alone must not hand out a pass.
func (d *doorway) of(device, press string, now time.Time) *entrance {
	if device == "" || press == "" {
		return &entrance{at: now}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for k, e := range d.recent {
		if now.Sub(e.at) > remembered {
			delete(d.recent, k)
		}
	}
	k := device + " " + press
	e := d.recent[k]
	if e == nil {
		e = &entrance{at: now}
		d.recent[k] = e
	}
	return e
}

// Join makes a new person with a pass of their own. The same press on the same device is the same person. A refusal
// leaves no pass that works. The errors are those of live.Session.Do, and ErrTooFast.
func (h *Hall) Join(ctx context.Context, device, press string, j *floor.Join) (pass Pass, secret string, err error) {
	if pass, secret, ok := h.doorway.inside(device, press, h.Now()); ok {
		return pass, secret, nil
	}
	if err := h.outside(j); err != nil {
		return Pass{}, "", err
	}
	if j.Link = device; device == "" {
		j.Link = floor.NoDevice
	}
	// What the rule refuses anyway makes no pass, and does not crowd the door.
	v := h.Session.View()
	if _, err := floor.Decide(v.State, floor.Moment{At: v.At(h.Now()), Wall: h.Now().UnixMilli()}, floor.Actor{Person: "-", Roles: floor.Participant}, j); err != nil {
		return Pass{}, "", err
	}
	if !h.doorway.limit[j.Side].Allow() {
		return Pass{}, "", ErrTooFast
	}
	e := h.doorway.of(device, press, h.Now())
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.inside {
		return e.pass, e.secret, nil
	}
	if e.secret == "" {
		if e.pass, e.secret, err = h.Passes.Give(ctx, Pass{Roles: floor.Participant, Link: device}); err != nil {
			return Pass{}, "", errors.Join(live.ErrNotNow, err)
		}
	}
	if press == "" {
		press = "join"
	}
	_, err = h.Session.Do(ctx, live.Command{ID: press, Actor: floor.Actor{Person: e.pass.Person, Roles: e.pass.Roles}, Do: j})
	switch {
	case err == nil:
		e.inside = true
		return e.pass, e.secret, nil
	case errors.Is(err, live.ErrUnknown):
		// Perhaps the person is inside already: the next press asks with the same pass.
		return Pass{}, "", err
	}
	revoked := h.Passes.Revoke(ctx, e.pass.ID)
	e.pass, e.secret = Pass{}, ""
	return Pass{}, "", errors.Join(err, revoked)
}

// lastCookie holds the id, not the secret, of the pass that this browser was given last.
const lastCookie = "om-mine"

// Remember lets this browser find its way back to a pass.
func (h *Hall) Remember(w http.ResponseWriter, r *http.Request, pass string) {
	http.SetCookie(w, &http.Cookie{Name: lastCookie, Value: pass, Path: h.Base(), HttpOnly: true, Secure: Secure(r),
		SameSite: http.SameSiteLaxMode, MaxAge: 400 * 24 * 60 * 60})
}

// Remembered is the place in line of who has joined from this browser before, empty when nobody has.
func (h *Hall) Remembered(r *http.Request) string {
	if c, err := r.Cookie(lastCookie); err == nil && h.Passes.Valid(c.Value) {
		return h.Of(c.Value) + "line"
	}
	return ""
}

// Token is a fresh name that nobody can guess.
func (p *Passes) Token() string { return base64.RawURLEncoding.EncodeToString(p.random()) }

// Valid tells whether a pass of this id is there and was not revoked.
func (p *Passes) Valid(id string) bool {
	x := p.get(id)
	return x != nil && !x.Revoked
}
