package hall

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/width"

	"openmic/floor"
)

// A one-time code lets whoever holds a pass come by it on a browser that has no script, or on another device: eight
// letters and digits that are not mistaken for each other, good once and for a quarter of an hour. It is kept like a pass,
// as a hash, and outlives a restart. What it opens is another pass of the same person, revocable alone.
//
// Eight signs of thirty-one are forty bits: a stranger who tries as often as a session allows, 20 times a second for as
// long as a code is good, finds one of fifty codes once in a million sessions. Beyond that many tries no code of the
// session is taken until the flood ends, not even a right one; a whole link always opens.
const (
	codeLong = 8
	codeGood = 15 * time.Minute
)

// Code makes a one-time code for a pass. It is told once, here, in two groups; an older one of the same pass ends.
// Errors: ErrNoPass, and those of the store.
func (p *Passes) Code(ctx context.Context, id string, now time.Time) (code string, until time.Time, err error) {
	p.mu.Lock()
	x := p.byID[id]
	var old []string
	for i, c := range p.codes {
		if c.For == id || c.over(now) {
			old = append(old, i)
		}
	}
	p.mu.Unlock()
	if x == nil || x.Revoked {
		return "", time.Time{}, ErrNoPass
	}
	for _, i := range old {
		if _, err := p.spend(ctx, i); err != nil {
			return "", time.Time{}, err
		}
	}
	code = encode(p.random()[:codeLong])
	until = now.Add(codeGood)
	c := Pass{ID: "code-" + encode(p.random()[:7]), Hash: p.codeHash(code), Roles: x.Roles, For: id, Until: until.UnixMilli()}
	if err := p.store.PutPass(ctx, p.session, c); err != nil {
		return "", time.Time{}, fmt.Errorf("keep code: %w", err)
	}
	p.mu.Lock()
	p.codes[c.ID] = &c
	p.mu.Unlock()
	return code[:codeLong/2] + "-" + code[codeLong/2:], until, nil
}

// Redeem takes a code and gives another pass of the person it was made for, with its secret. The pass that will be is
// shown to may first; its error leaves the code as it was. Errors: ErrNoPass for a code that is wrong, used, over or of a
// revoked pass, ErrTooFast after too many of those, may's, and those of the store.
func (p *Passes) Redeem(ctx context.Context, typed string, now time.Time, may func(*Pass) error) (Pass, string, error) {
	hash := p.codeHash(typed)
	p.mu.Lock()
	if p.guesses.TokensAt(now) < 1 {
		p.mu.Unlock()
		return Pass{}, "", ErrTooFast
	}
	var found *Pass
	for _, c := range p.codes { // all of them, so that a wrong one takes as long
		if subtle.ConstantTimeCompare(c.Hash, hash) == 1 && !c.over(now) {
			found = c
		}
	}
	var x *Pass
	if found != nil {
		x = p.byID[found.For]
	}
	if x == nil || x.Revoked {
		p.guesses.AllowN(now, 1)
		p.mu.Unlock()
		return Pass{}, "", ErrNoPass
	}
	p.mu.Unlock()
	if err := may(x); err != nil {
		return Pass{}, "", err
	}
	// The code is over on disk before the pass is made: a crash in between costs a code, never gives two passes.
	if first, err := p.spend(ctx, found.ID); err != nil || !first {
		if err == nil {
			err = ErrNoPass
		}
		return Pass{}, "", err
	}
	return p.Give(ctx, Pass{Person: x.Person, Roles: x.Roles, Label: x.Label, Link: x.Link})
}

// spend ends a code, and tells whether this was the first to do so, of all programs of the site.
func (p *Passes) spend(ctx context.Context, id string) (first bool, err error) {
	p.mu.Lock()
	c := p.codes[id]
	delete(p.codes, id)
	p.mu.Unlock()
	if c == nil {
		return false, nil
	}
	first, err = p.store.SpendPass(ctx, p.session, id)
	if err != nil {
		p.mu.Lock()
		p.codes[id] = c
		p.mu.Unlock()
		return false, fmt.Errorf("end code: %w", err)
	}
	return first, nil
}

// over: the code's time has passed.
func (p *Pass) over(now time.Time) bool { return now.UnixMilli() >= p.Until }

// codeHash is that of a code as people type it: large or small letters, of any width, in groups or not. It goes with the
// session, so that a code opens nothing elsewhere.
func (p *Passes) codeHash(typed string) []byte {
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -–—_\u200e\u200f", r) {
			return -1
		}
		return r
	}, strings.ToLower(width.Narrow.String(typed)))
	return hashOf("code " + p.session + " " + plain)
}

// IsCode tells a code from a link's secret, which has a full stop in it.
func IsCode(typed string) bool { return !strings.Contains(typed, ".") }

// CodeFor makes a code for the bearer of a pass, who has it already: for another device.
func (h *Hall) CodeFor(ctx context.Context, id string) (Code, error) {
	code, until, err := h.Passes.Code(ctx, id, h.Now())
	if err != nil {
		return Code{}, err
	}
	c := Code{Code: code, Until: until.UnixMilli(), Path: h.Base() + "in"}
	for _, p := range h.Passes.List(floor.Anybody | floor.Projector) {
		if p.ID == id {
			c.Label, c.Roles = p.Label, p.Roles
		}
	}
	return c, nil
}

// A Code is a one-time code as it is shown, once.
type Code struct {
	Label string      `json:"label"`
	Roles floor.Roles `json:"roles"`
	Code  string      `json:"code"`
	Until int64       `json:"until"` // Unix ms
	Path  string      `json:"path"`  // where it is typed
}
