package hall

import (
	"context"
	"errors"
	"fmt"

	"openmic/floor"
)

// Erase ends every pass of a person and its streams at once, and leaves nothing of it, on disk or in memory.
func (p *Passes) Erase(ctx context.Context, person floor.ID) error {
	p.mu.RLock()
	var mine []string
	for id, x := range p.byID {
		if x.Person == person {
			mine = append(mine, id)
		}
	}
	p.mu.RUnlock()
	for _, id := range mine {
		if err := p.store.ErasePass(ctx, p.session, id); err != nil && !errors.Is(err, ErrNoPass) {
			return fmt.Errorf("erase pass %s: %w", id, err)
		}
		p.end(id, nil)
	}
	return nil
}
