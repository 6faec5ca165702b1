package hall

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"openmic/floor"
)

// A finder looks for a pass by its id in the store.
type finder func(ctx context.Context, id string) (Pass, bool, error)

// Share lets passes be found that another program of this site gave.
func (p *Passes) Share(find func(ctx context.Context, id string) (Pass, bool, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.find, p.looks = find, rate.NewLimiter(100, 500)
}

// get gives a pass by its id, nil when there is none. One that is not known here is looked for where others keep
// theirs too; whoever tries ids without end makes others wait for the next Reload, not the store.
func (p *Passes) get(id string) *Pass {
	p.mu.RLock()
	x, find, looks := p.byID[id], p.find, p.looks
	p.mu.RUnlock()
	if x != nil || find == nil || id == "" || len(id) > 40 || !looks.Allow() {
		return x
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	found, ok, err := find(ctx, id)
	if err != nil || !ok || found.For != "" {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byID[id] == nil {
		p.byID[id] = limited(found)
	}
	return p.byID[id]
}

// Reload takes over what the store knows and another program changed, or what came from another site: new passes and
// codes, and what was revoked.
func (p *Passes) Reload(ctx context.Context) error {
	list, err := p.store.Passes(ctx, p.session)
	if err != nil {
		return fmt.Errorf("read passes: %w", err)
	}
	revoked := map[string]*Pass{}
	p.mu.Lock()
	for _, x := range list {
		old := p.byID[x.ID]
		switch {
		case x.For != "" && x.Revoked:
			delete(p.codes, x.ID)
		case x.For != "":
			p.codes[x.ID] = &x
		case old == nil:
			p.byID[x.ID] = limited(x)
		case x.Revoked && !old.Revoked:
			y := *old
			y.Revoked = true
			revoked[x.ID] = &y
		}
	}
	p.mu.Unlock()
	for id, y := range revoked {
		p.end(id, y)
	}
	return nil
}

// A Presence is who watches a session, as one program sees it.
type Presence struct {
	Watching map[string]int   `json:"watching"` // how many, by screen
	Seen     map[string]int64 `json:"seen"`     // when a pass of the crew, a speaker or a screen was last seen, Unix ms
}

// Presence is what this program sees.
func (h *Hall) Presence() Presence {
	p := Presence{Watching: map[string]int{}, Seen: map[string]int64{}}
	known := h.Passes.List(floor.Crew | floor.Speaker | floor.Hub | floor.Projector)
	h.mu.Lock()
	defer h.mu.Unlock()
	for k, s := range h.streams {
		screen, _, _ := strings.Cut(k, " ")
		if n := s.Watchers(); n > 0 {
			p.Watching[screen] += n
		}
	}
	for _, x := range known {
		at := h.seen[x.ID]
		for _, s := range h.streams {
			if s.Watches(x.ID) {
				at = h.Now()
			}
		}
		if !at.IsZero() {
			p.Seen[x.ID] = at.UnixMilli()
		}
	}
	return p
}

// Elsewhere takes over what the other programs see.
func (h *Hall) Elsewhere(all []Presence) {
	sum := Presence{Watching: map[string]int{}, Seen: map[string]int64{}}
	for _, p := range all {
		for screen, n := range p.Watching {
			sum.Watching[screen] += n
		}
		for id, at := range p.Seen {
			sum.Seen[id] = max(sum.Seen[id], at)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.elsewhere = sum
}
