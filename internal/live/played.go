package live

import (
	"context"
	"fmt"

	"openmic/floor"
	"openmic/internal/journal"
)

// A Played session is a session without goroutines: each call acts at once, in the goroutine of the caller, and nothing
// happens by itself. So a seeded world plays sites with the code that real ones run. One goroutine may use it.
type Played struct{ s *Session }

// Play opens a session as Open does.
func Play(ctx context.Context, store journal.Store, info journal.Info, world World) (*Played, error) {
	s, first, err := begin(ctx, store, info, world)
	if err != nil {
		return nil, err
	}
	p := &Played{s}
	for _, c := range first {
		if _, err := p.Do(c); err != nil {
			return nil, fmt.Errorf("start session %s: %w", info.Session, err)
		}
	}
	return p, nil
}

// Do is Session.Do at the site itself; what is for the site with the gavel is not sent there.
func (p *Played) Do(c Command) (Answer, error) {
	if err := checkID(c.ID); err != nil {
		return Answer{}, err
	}
	out := make(chan told, 1)
	p.s.step([]*asked{{context.Background(), c, out}})
	t := <-out
	return t.answer, t.err
}

// Receive is Session.Receive.
func (p *Played) Receive(more bool, batches ...Foreign) error {
	return p.s.accept(&foreign{batches: batches, more: more})
}

// Raise is Session.Raise.
func (p *Played) Raise(at int64) { p.s.Raise(at) }

// Mark keeps the newest durable point of the session's clock, as a real session does every few seconds.
func (p *Played) Mark() { p.s.keepMark() }

// View is the newest view.
func (p *Played) View() *View { return p.s.View() }

// At is the session time, ms.
func (p *Played) At() int64 { return p.s.clock.at(p.s.world.Now()) }

// Site is who the program itself acts as.
func (p *Played) Site() floor.Actor { return p.s.Site() }
