package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"openmic/internal/journal"
	"openmic/internal/web/hall"
)

// passStore keeps a hall's passes in the data folder.
type passStore struct{ db journal.Beside }

// countedPasses count what is written.
type countedPasses struct {
	passStore
	turn *atomic.Int64
}

func (s countedPasses) PutPass(ctx context.Context, session string, p hall.Pass) error {
	defer s.turn.Add(1)
	return s.passStore.PutPass(ctx, session, p)
}

func (s countedPasses) RevokePass(ctx context.Context, session, id string) error {
	defer s.turn.Add(1)
	return s.passStore.RevokePass(ctx, session, id)
}

func (s countedPasses) SpendPass(ctx context.Context, session, id string) (bool, error) {
	defer s.turn.Add(1)
	return s.passStore.SpendPass(ctx, session, id)
}

func (s countedPasses) ErasePass(ctx context.Context, session, id string) error {
	defer s.turn.Add(1)
	return s.passStore.ErasePass(ctx, session, id)
}

func (s passStore) PutPass(ctx context.Context, session string, p hall.Pass) error {
	label, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return s.db.PutPass(ctx, journal.Pass{Hash: p.Hash, Session: session, ID: p.ID, Label: string(label), Revoked: p.Revoked})
}

func (s passStore) RevokePass(ctx context.Context, session, id string) error {
	err := s.db.RevokePass(ctx, session, id)
	if errors.Is(err, journal.ErrNoPass) {
		return hall.ErrNoPass
	}
	return err
}

func (s passStore) SpendPass(ctx context.Context, session, id string) (bool, error) {
	return s.db.SpendPass(ctx, session, id)
}

func (s passStore) ErasePass(ctx context.Context, session, id string) error {
	err := s.db.ErasePass(ctx, session, id)
	if errors.Is(err, journal.ErrNoPass) {
		return hall.ErrNoPass
	}
	return err
}

func (s passStore) Passes(ctx context.Context, session string) ([]hall.Pass, error) {
	list, err := s.db.Passes(ctx, session)
	if err != nil {
		return nil, err
	}
	out := make([]hall.Pass, 0, len(list))
	for _, x := range list {
		if x.Label == "" { // erased
			continue
		}
		p, err := passOf(x)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func passOf(x journal.Pass) (p hall.Pass, err error) {
	if err := json.Unmarshal([]byte(x.Label), &p); err != nil {
		return p, fmt.Errorf("pass %s: %w", x.ID, err)
	}
	p.Hash, p.Revoked = x.Hash, x.Revoked
	return p, nil
}
