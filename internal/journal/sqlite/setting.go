package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"openmic/internal/journal"
)

// Set keeps a small value for the folder, durably. No words of people: settings cannot be
// erased as addenda can.
func (s *Store) Set(ctx context.Context, key, value string) error {
	err := s.submit(ctx, &write{size: len(key) + len(value), do: func(g *group) (refusal, failed error) {
		_, err := g.exec("INSERT INTO setting VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
		return nil, err
	}})
	if err != nil {
		return fmt.Errorf("set %s: %w", key, err)
	}
	return nil
}

// Change implements journal.Beside.
func (s *Store) Change(ctx context.Context, key, was, value string) error {
	err := s.submit(ctx, &write{size: len(key) + len(value), do: func(g *group) (refusal, failed error) {
		here := ""
		err := g.row("SELECT value FROM setting WHERE key = ?", []any{key}, []any{&here})
		switch {
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return nil, err
		case here != was:
			return journal.ErrChanged, nil
		}
		_, err = g.exec("INSERT INTO setting VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
		return nil, err
	}})
	if err != nil {
		return fmt.Errorf("change %s: %w", key, err)
	}
	return nil
}

// Get gives the value kept under key, false if there is none.
func (s *Store) Get(ctx context.Context, key string) (string, bool, error) {
	s.gate.RLock()
	defer s.gate.RUnlock()
	var value string
	err := s.read.QueryRowContext(ctx, "SELECT value FROM setting WHERE key = ?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("get %s: %w", key, err)
	}
	return value, true, nil
}
