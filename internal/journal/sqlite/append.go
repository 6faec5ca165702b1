package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"openmic/internal/journal"
)

// Create implements journal.Store.
func (s *Store) Create(ctx context.Context, info journal.Info) error {
	if info.Name == "" {
		return fmt.Errorf("create journal: %w: no name", journal.ErrBad)
	}
	if info.Key == nil {
		info.Key = []byte{}
	}
	err := s.submit(ctx, &write{size: len(info.Name), do: func(g *group) (refusal, failed error) {
		var here journal.Info
		err := g.row("SELECT session, site, born, key FROM journal WHERE name = ?",
			[]any{string(info.Name)}, []any{&here.Session, &here.Site, &here.Born, &here.Key})
		switch {
		case errors.Is(err, sql.ErrNoRows):
			_, err := g.exec("INSERT INTO journal (name, session, site, born, key) VALUES (?, ?, ?, ?, ?)",
				string(info.Name), info.Session, info.Site, info.Born, info.Key)
			return nil, err
		case err != nil:
			return nil, err
		case here.Session != info.Session || here.Site != info.Site || here.Born != info.Born || !bytes.Equal(here.Key, info.Key):
			return fmt.Errorf("%w: %s", journal.ErrExists, info.Name), nil
		}
		return nil, nil
	}})
	if err != nil {
		return fmt.Errorf("create journal: %w", err)
	}
	return nil
}

// Append implements journal.Store.
func (s *Store) Append(ctx context.Context, name journal.Name, expectedN int64, b journal.Batch) error {
	if err := b.Check(expectedN); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	err := s.submit(ctx, &write{size: b.Size(), do: func(g *group) (refusal, failed error) {
		h, refusal, failed := g.head(name)
		switch {
		case refusal != nil || failed != nil:
			return refusal, failed
		case h.restored:
			return fmt.Errorf("%w: %s", journal.ErrRestored, name), nil
		case h.n != expectedN:
			return fmt.Errorf("%w: %s ends at n=%d, not n=%d", journal.ErrHead, name, h.n, expectedN), nil
		}
		return nil, g.add(name, h, b)
	}})
	if err != nil {
		return fmt.Errorf("append: %w", err)
	}
	return nil
}

// AppendForeign implements journal.Store.
func (s *Store) AppendForeign(ctx context.Context, name journal.Name, b journal.Batch) error {
	if len(b.Entries) == 0 {
		return fmt.Errorf("append foreign: %w: no entries", journal.ErrBad)
	}
	if err := b.Check(b.Entries[0].N - 1); err != nil {
		return fmt.Errorf("append foreign: %w", err)
	}
	err := s.submit(ctx, &write{size: b.Size(), do: func(g *group) (refusal, failed error) {
		h, refusal, failed := g.head(name)
		if refusal != nil || failed != nil {
			return refusal, failed
		}
		if first := b.Entries[0].N; first > h.n+1 {
			return fmt.Errorf("%w: %s ends at n=%d, n=%d came", journal.ErrGap, name, h.n, first), nil
		}
		var rest journal.Batch
		for _, e := range b.Entries {
			if e.N > h.n {
				rest.Entries = append(rest.Entries, e)
				continue
			}
			var here []byte
			err := g.row("SELECT hash FROM entry WHERE journal = ? AND n = ?", []any{h.id, e.N}, []any{&here})
			if err != nil {
				return nil, fmt.Errorf("find entry: %w", err)
			}
			if !bytes.Equal(here, e.Hash[:]) {
				return fmt.Errorf("%w: %s at n=%d: here %x, came %x", journal.ErrFork, name, e.N, here, e.Hash), nil
			}
		}
		if len(rest.Entries) == 0 {
			return nil, nil
		}
		for _, a := range b.Addenda {
			if a.N > h.n {
				rest.Addenda = append(rest.Addenda, a)
			}
		}
		return nil, g.add(name, h, rest)
	}})
	if err != nil {
		return fmt.Errorf("append foreign: %w", err)
	}
	return nil
}

// Mark implements journal.Store.
func (s *Store) Mark(ctx context.Context, name journal.Name, m journal.Mark) error {
	err := s.submit(ctx, &write{size: 16, do: func(g *group) (refusal, failed error) {
		h, refusal, failed := g.head(name)
		if refusal != nil || failed != nil {
			return refusal, failed
		}
		_, err := g.exec(`INSERT INTO mark VALUES (?, ?, ?) ON CONFLICT (journal) DO UPDATE
			SET session = excluded.session, wall = excluded.wall WHERE excluded.session >= mark.session`,
			h.id, m.Session, m.Wall)
		return nil, err
	}})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	return nil
}
