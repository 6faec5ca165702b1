package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"openmic/internal/journal"
)

var _ journal.Source = (*Store)(nil)

// Everything implements journal.Source: in one transaction. Erase waits meanwhile.
func (s *Store) Everything(ctx context.Context, f func(journal.Piece) error) error {
	s.copying.Lock()
	defer s.copying.Unlock()
	infos, err := s.List(ctx)
	if err != nil {
		return err
	}
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("read everything: %w", err)
	}
	defer tx.Rollback()
	for _, info := range infos {
		if err := pieces(ctx, tx, info, f); err != nil {
			return fmt.Errorf("read everything: journal %s: %w", info.Name, err)
		}
	}
	if err := each(ctx, tx, selectPass+" ORDER BY session, created, pass.id", nil, func(rows *sql.Rows) error {
		var p journal.Pass
		if err := rows.Scan(fields(&p)...); err != nil {
			return err
		}
		return f(journal.Piece{Pass: &p})
	}); err != nil {
		return fmt.Errorf("read everything: %w", err)
	}
	if err := each(ctx, tx, "SELECT key, value FROM setting ORDER BY key", nil, func(rows *sql.Rows) error {
		var p journal.Piece
		if err := rows.Scan(&p.Key, &p.Value); err != nil {
			return err
		}
		return f(p)
	}); err != nil {
		return fmt.Errorf("read everything: %w", err)
	}
	return nil
}

// pieces are those of one journal.
func pieces(ctx context.Context, tx *sql.Tx, info journal.Info, f func(journal.Piece) error) error {
	id, err := find(ctx, tx, info.Name)
	if err == nil {
		err = f(journal.Piece{Info: &info})
	}
	for n := int64(0); err == nil; {
		p := journal.Piece{Journal: info.Name}
		if p.Batch.Entries, err = readEntries(ctx, tx, id, n+1, journal.PageOf); err != nil || len(p.Batch.Entries) == 0 {
			break
		}
		last := n + int64(len(p.Batch.Entries))
		if p.Batch.Addenda, err = readAddenda(ctx, tx, id, n+1, last); err == nil {
			err = f(p)
		}
		n = last
	}
	if err != nil {
		return err
	}
	p := journal.Piece{Journal: info.Name, Mark: &journal.Mark{}}
	if err := each(ctx, tx, "SELECT n, field FROM addendum WHERE journal = ? AND word IS NULL ORDER BY n, field", []any{id}, func(rows *sql.Rows) error {
		var w journal.Where
		err := rows.Scan(&w.N, &w.Field)
		p.Erased = append(p.Erased, w)
		return err
	}); err != nil {
		return err
	}
	err = tx.QueryRowContext(ctx, "SELECT session, wall FROM mark WHERE journal = ?", id).Scan(&p.Mark.Session, &p.Mark.Wall)
	if errors.Is(err, sql.ErrNoRows) {
		p.Mark, err = nil, nil
	}
	if err != nil {
		return err
	}
	return f(p)
}

func each(ctx context.Context, tx *sql.Tx, query string, args []any, f func(*sql.Rows) error) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
