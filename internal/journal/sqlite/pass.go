package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"openmic/internal/journal"
)

// PutPass stores a pass, or replaces the one with the same hash; it does not lift a
// revocation. Errors: journal.ErrBad without a hash, journal.ErrExists if another pass of the
// session has the ID, and those of writes.
func (s *Store) PutPass(ctx context.Context, p journal.Pass) error {
	if len(p.Hash) == 0 {
		return fmt.Errorf("put pass: %w: no hash", journal.ErrBad)
	}
	err := s.submit(ctx, &write{size: len(p.Hash) + len(p.Label), do: func(g *group) (refusal, failed error) {
		taken := 0
		err := g.row("SELECT count(*) FROM pass WHERE session = ? AND id = ? AND hash <> ?",
			[]any{p.Session, p.ID, p.Hash}, []any{&taken})
		if err != nil {
			return nil, err
		}
		if taken > 0 {
			return fmt.Errorf("%w: pass %q", journal.ErrExists, p.ID), nil
		}
		if err := g.coverLabel(p.Hash); err != nil {
			return nil, err
		}
		word, err := g.addWord(nil, p.Label)
		if err != nil {
			return nil, err
		}
		_, err = g.exec(`INSERT INTO pass VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE
			SET session = excluded.session, id = excluded.id, label = excluded.label,
			revoked = max(revoked, excluded.revoked), created = excluded.created`,
			p.Hash, p.Session, p.ID, word, p.Revoked, p.Created)
		return nil, err
	}})
	if err != nil {
		return fmt.Errorf("put pass: %w", err)
	}
	return nil
}

// RevokePass takes one pass back, durably. Errors: journal.ErrNoPass, and those of writes.
func (s *Store) RevokePass(ctx context.Context, session, id string) error {
	err := s.submit(ctx, &write{size: len(id), do: func(g *group) (refusal, failed error) {
		res, err := g.exec("UPDATE pass SET revoked = 1 WHERE session = ? AND id = ?", session, id)
		if err != nil {
			return nil, err
		}
		if changed, err := res.RowsAffected(); err != nil || changed == 0 {
			return journal.ErrNoPass, err
		}
		return nil, nil
	}})
	if err != nil {
		return fmt.Errorf("revoke pass: %w", err)
	}
	return nil
}

// SpendPass takes one pass back and tells whether it was still good. Errors: those of writes.
func (s *Store) SpendPass(ctx context.Context, session, id string) (first bool, err error) {
	err = s.submit(ctx, &write{size: len(id), do: func(g *group) (refusal, failed error) {
		res, err := g.exec("UPDATE pass SET revoked = 1 WHERE session = ? AND id = ? AND NOT revoked", session, id)
		if err != nil {
			return nil, err
		}
		changed, err := res.RowsAffected()
		first = changed > 0
		return nil, err
	}})
	if err != nil {
		return false, fmt.Errorf("spend pass: %w", err)
	}
	return first, nil
}

// ErasePass revokes a pass and makes its label unreadable in every file, as Erase does.
// Errors: journal.ErrNoPass, and those of writes.
func (s *Store) ErasePass(ctx context.Context, session, id string) error {
	s.copying.Lock()
	defer s.copying.Unlock()
	err := s.submit(ctx, &write{
		do: func(g *group) (refusal, failed error) {
			var hash []byte
			err := g.row("SELECT hash FROM pass WHERE session = ? AND id = ?", []any{session, id}, []any{&hash})
			if errors.Is(err, sql.ErrNoRows) {
				return journal.ErrNoPass, nil
			}
			if err != nil {
				return nil, err
			}
			if err := g.coverLabel(hash); err != nil {
				return nil, err
			}
			_, err = g.exec("UPDATE pass SET revoked = 1, label = NULL WHERE hash = ?", hash)
			return nil, err
		},
		then: s.scrub,
	})
	if err != nil {
		return fmt.Errorf("erase pass: %w", err)
	}
	return nil
}

// coverLabel overwrites the label of the pass, if there is one.
func (g *group) coverLabel(hash []byte) error {
	var word sql.NullInt64
	err := g.row("SELECT label FROM pass WHERE hash = ?", []any{hash}, []any{&word})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("find pass: %w", err)
	}
	if !word.Valid {
		return nil
	}
	return g.coverWord(word.Int64)
}

const selectPass = `SELECT hash, session, pass.id, coalesce(text, ''), revoked, created
	FROM pass LEFT JOIN word ON word.id = label`

func fields(p *journal.Pass) []any {
	return []any{&p.Hash, &p.Session, &p.ID, &p.Label, &p.Revoked, &p.Created}
}

// PassByHash gives the pass of a secret, false if there is none.
func (s *Store) PassByHash(ctx context.Context, hash []byte) (journal.Pass, bool, error) {
	s.gate.RLock()
	defer s.gate.RUnlock()
	var p journal.Pass
	err := s.read.QueryRowContext(ctx, selectPass+" WHERE hash = ?", hash).Scan(fields(&p)...)
	if errors.Is(err, sql.ErrNoRows) {
		return journal.Pass{}, false, nil
	}
	if err != nil {
		return journal.Pass{}, false, fmt.Errorf("find pass: %w", err)
	}
	return p, true, nil
}

// Passes gives all passes of a session, the oldest first.
func (s *Store) Passes(ctx context.Context, session string) ([]journal.Pass, error) {
	s.gate.RLock()
	defer s.gate.RUnlock()
	rows, err := s.read.QueryContext(ctx, selectPass+" WHERE session = ? ORDER BY created, pass.id", session)
	if err != nil {
		return nil, fmt.Errorf("list passes: %w", err)
	}
	defer rows.Close()
	var passes []journal.Pass
	for rows.Next() {
		var p journal.Pass
		if err := rows.Scan(fields(&p)...); err != nil {
			return nil, fmt.Errorf("list passes: %w", err)
		}
		passes = append(passes, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list passes: %w", err)
	}
	return passes, nil
}
