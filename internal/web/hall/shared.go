package hall

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"
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
