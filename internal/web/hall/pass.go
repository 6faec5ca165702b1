package hall

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"openmic/floor"
)

// A Pass is the right to act as a person or in a role. It is carried by a link, and revocable alone. The secret is
// never kept, only its hash.
type Pass struct {
	ID      string      `json:"id"` // names the pass in addresses; not secret
	Hash    []byte      `json:"-"`
	Person  floor.ID    `json:"person"`
	Roles   floor.Roles `json:"roles"`
	Label   string      `json:"label"` // whom the organiser gave it to
	Link    string      `json:"link"`  // opaque: the link or device it came by
	Revoked bool        `json:"-"`

	For   string `json:"for,omitempty"`   // of a one-time code: the pass it opens
	Until int64  `json:"until,omitempty"` // of a one-time code: when it is over, Unix ms

	limit  *rate.Limiter // of presses in a moment
	breath *rate.Limiter // of presses in a session: all of them are kept
}

// A PassStore keeps passes durably.
type PassStore interface {
	PutPass(ctx context.Context, session string, p Pass) error
	RevokePass(ctx context.Context, session, id string) error
	// SpendPass revokes a pass and tells whether it was still good, once, whoever else spends it.
	SpendPass(ctx context.Context, session, id string) (bool, error)
	// ErasePass revokes a pass and leaves nothing of its label on disk.
	ErasePass(ctx context.Context, session, id string) error
	Passes(ctx context.Context, session string) ([]Pass, error)
}

// ErrNoPass: there is no such pass, or it was revoked.
var ErrNoPass = errors.New("no such pass")

// Passes are those of one session.
type Passes struct {
	session string
	store   PassStore
	random  func() []byte // 16 fresh bytes

	guesses *rate.Limiter // of wrong one-time codes; see code.go

	mu    sync.RWMutex
	byID  map[string]*Pass
	codes map[string]*Pass // one-time codes that are still good, by id
	ended func(id string)  // is told of every pass that has ended; never called with mu held
	find  finder           // where other programs of this site keep theirs too; nil when there are none
	looks *rate.Limiter    // of find
}

// watch lets f know of every pass that ends from now on, whoever ended it.
func (p *Passes) watch(f func(id string)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = f
}

// end takes a pass out of memory, or leaves it there as revoked, and tells whoever watches.
func (p *Passes) end(id string, instead *Pass) {
	p.mu.Lock()
	if instead == nil {
		delete(p.byID, id)
	} else {
		p.byID[id] = instead
	}
	tell := p.ended
	p.mu.Unlock()
	if tell != nil {
		tell(id)
	}
}

// LoadPasses reads the passes of a session.
func LoadPasses(ctx context.Context, store PassStore, session string, random func() []byte) (*Passes, error) {
	list, err := store.Passes(ctx, session)
	if err != nil {
		return nil, fmt.Errorf("read passes: %w", err)
	}
	p := &Passes{session: session, store: store, random: random, guesses: rate.NewLimiter(20, 200), byID: map[string]*Pass{}, codes: map[string]*Pass{}}
	for _, x := range list {
		if x.For != "" {
			if !x.Revoked {
				p.codes[x.ID] = &x
			}
			continue
		}
		p.byID[x.ID] = limited(x)
	}
	return p, nil
}

// limited gives a pass its limits: a person presses a few times a second and some hundred times a session, the crew and
// programs more often.
func limited(x Pass) *Pass {
	x.limit, x.breath = rate.NewLimiter(5, 30), rate.NewLimiter(rate.Every(4*time.Second), 300)
	if x.Roles.Has(floor.Crew | floor.Hub) {
		x.limit, x.breath = rate.NewLimiter(100, 400), rate.NewLimiter(rate.Inf, 0)
	}
	return &x
}

// Allow tells whether the pass may press now, or presses more often than a person would.
func (p *Pass) Allow() bool { return p.limit.Allow() && p.breath.Allow() }

// Give makes a pass and its secret. The secret is told once, here.
func (p *Passes) Give(ctx context.Context, x Pass) (Pass, string, error) {
	secret := base64.RawURLEncoding.EncodeToString(p.random())
	x.Hash = hashOf(secret)
	for x.ID == "" || p.taken(x.ID) {
		x.ID = encode(p.random()[:5])
	}
	if x.Person == "" {
		x.Person = floor.ID("p" + encode(p.random()[:7]))
	}
	if err := p.store.PutPass(ctx, p.session, x); err != nil {
		return Pass{}, "", fmt.Errorf("keep pass: %w", err)
	}
	p.mu.Lock()
	p.byID[x.ID] = limited(x)
	p.mu.Unlock()
	return x, x.ID + "." + secret, nil
}

// taken: a session of some thousand people draws the same short name twice now and then.
func (p *Passes) taken(id string) bool {
	return p.get(id) != nil
}

// encode writes bytes in letters and digits that are not mistaken for each other.
func encode(b []byte) string {
	const signs = "abcdefghjkmnpqrstuvwxyz23456789"
	out := make([]byte, len(b))
	for i, x := range b {
		out[i] = signs[int(x)%len(signs)]
	}
	return string(out)
}

func hashOf(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

// Check finds the pass of a secret "id.secret". It takes as long for a wrong one.
func (p *Passes) Check(secret string) (*Pass, error) {
	id, rest, _ := strings.Cut(secret, ".")
	hash := hashOf(rest)
	x := p.get(id)
	if x == nil || subtle.ConstantTimeCompare(x.Hash, hash) != 1 || x.Revoked {
		return nil, ErrNoPass
	}
	return x, nil
}

// personOf is whose pass it is; empty when there is none.
func (p *Passes) personOf(id string) floor.ID {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if x := p.byID[id]; x != nil {
		return x.Person
	}
	return ""
}

// Revoke ends a pass and its streams at once, and no other.
func (p *Passes) Revoke(ctx context.Context, id string) error {
	x := p.get(id)
	if x == nil {
		return ErrNoPass
	}
	if err := p.store.RevokePass(ctx, p.session, id); err != nil {
		return fmt.Errorf("revoke pass: %w", err)
	}
	y := *x
	y.Revoked = true
	p.end(id, &y)
	return nil
}

// List gives the passes whose roles are among the given, oldest names first.
func (p *Passes) List(roles floor.Roles) []Pass {
	p.mu.RLock()
	defer p.mu.RUnlock()
	var out []Pass
	for _, x := range p.byID {
		if x.Roles.Has(roles) {
			out = append(out, *x)
		}
	}
	slices.SortFunc(out, func(a, b Pass) int { return strings.Compare(a.Label+a.ID, b.Label+b.ID) })
	return out
}
