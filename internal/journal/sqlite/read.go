package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"openmic/internal/journal"
)

// errBroken answers whoever asks a broken store for the newest state: a commit that failed may
// be in the log, and only the next start can tell.
var errBroken = errors.Join(journal.ErrUnknown, journal.ErrBroken)

// Read implements journal.Store. Every entry is hashed again, so that a torn disk is noticed
// where it tore.
func (s *Store) Read(ctx context.Context, name journal.Name, from int64, limit int) ([]journal.Entry, []journal.Addendum, error) {
	entries, addenda, err := s.readBoth(ctx, name, from, limit)
	if corrupt(err) {
		err = fmt.Errorf("%w: %s", journal.ErrDamaged, s.damage(ctx, err))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	return entries, addenda, nil
}

func (s *Store) readBoth(ctx context.Context, name journal.Name, from int64, limit int) ([]journal.Entry, []journal.Addendum, error) {
	s.gate.RLock()
	defer s.gate.RUnlock()
	// One transaction, so that entries and addenda are of one moment.
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, nil, err
	}
	defer tx.Rollback()
	id, err := find(ctx, tx, name)
	if err != nil {
		return nil, nil, err
	}
	entries, err := readEntries(ctx, tx, id, from, limit)
	if err != nil || len(entries) == 0 {
		return nil, nil, err
	}
	addenda, err := readAddenda(ctx, tx, id, entries[0].N, entries[len(entries)-1].N)
	if err != nil {
		return nil, nil, err
	}
	return entries, addenda, nil
}

func find(ctx context.Context, tx *sql.Tx, name journal.Name) (id int64, err error) {
	err = tx.QueryRowContext(ctx, "SELECT id FROM journal WHERE name = ?", string(name)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, journal.ErrNoJournal
	}
	return id, err
}

func readEntries(ctx context.Context, tx *sql.Tx, id, from int64, limit int) ([]journal.Entry, error) {
	rows, err := tx.QueryContext(ctx,
		"SELECT n, bytes, hash FROM entry WHERE journal = ? AND n >= ? ORDER BY n LIMIT ?", id, from, max(limit, 0))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []journal.Entry
	for rows.Next() {
		var e journal.Entry
		var hash []byte
		if err := rows.Scan(&e.N, &e.Bytes, &hash); err != nil {
			return nil, err
		}
		e.Hash = sha256.Sum256(e.Bytes)
		if string(e.Hash[:]) != string(hash) {
			return nil, fmt.Errorf("%w: n=%d", journal.ErrDamaged, e.N)
		}
		if want := max(from, 1) + int64(len(entries)); e.N != want {
			return nil, fmt.Errorf("%w: n=%d is missing", journal.ErrDamaged, want)
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

func readAddenda(ctx context.Context, tx *sql.Tx, id, first, last int64) ([]journal.Addendum, error) {
	rows, err := tx.QueryContext(ctx, `SELECT n, field, nonce, text FROM addendum JOIN word ON word.id = addendum.word
		WHERE journal = ? AND n BETWEEN ? AND ? ORDER BY n, word.id`, id, first, last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var addenda []journal.Addendum
	for rows.Next() {
		var a journal.Addendum
		if err := rows.Scan(&a.N, &a.Field, &a.Nonce, &a.Text); err != nil {
			return nil, err
		}
		addenda = append(addenda, a)
	}
	return addenda, rows.Err()
}

// Head implements journal.Store.
func (s *Store) Head(ctx context.Context, name journal.Name) (n int64, hash [32]byte, err error) {
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.broken.Load() {
		return 0, hash, fmt.Errorf("head of %s: %w", name, errBroken)
	}
	var last sql.NullInt64
	var sum []byte
	err = s.read.QueryRowContext(ctx, `SELECT n, hash FROM journal LEFT JOIN entry
		ON entry.journal = journal.id AND n = (SELECT max(n) FROM entry WHERE journal = journal.id)
		WHERE name = ?`, string(name)).Scan(&last, &sum)
	if errors.Is(err, sql.ErrNoRows) {
		err = journal.ErrNoJournal
	}
	if err == nil && s.broken.Load() { // it broke while we looked
		err = errBroken
	}
	if err != nil {
		return 0, hash, fmt.Errorf("head of %s: %w", name, err)
	}
	copy(hash[:], sum)
	return last.Int64, hash, nil
}

// List implements journal.Store.
func (s *Store) List(ctx context.Context) ([]journal.Info, error) {
	s.gate.RLock()
	defer s.gate.RUnlock()
	rows, err := s.read.QueryContext(ctx, "SELECT name, session, site, born, key, restored FROM journal ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("list journals: %w", err)
	}
	defer rows.Close()
	var infos []journal.Info
	for rows.Next() {
		var i journal.Info
		if err := rows.Scan(&i.Name, &i.Session, &i.Site, &i.Born, &i.Key, &i.Restored); err != nil {
			return nil, fmt.Errorf("list journals: %w", err)
		}
		infos = append(infos, i)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list journals: %w", err)
	}
	return infos, nil
}

// LastMark implements journal.Store.
func (s *Store) LastMark(ctx context.Context, name journal.Name) (journal.Mark, bool, error) {
	s.gate.RLock()
	defer s.gate.RUnlock()
	var session, wall sql.NullInt64
	err := s.read.QueryRowContext(ctx,
		"SELECT mark.session, wall FROM journal LEFT JOIN mark ON mark.journal = journal.id WHERE name = ?",
		string(name)).Scan(&session, &wall)
	if errors.Is(err, sql.ErrNoRows) {
		err = journal.ErrNoJournal
	}
	if err != nil {
		return journal.Mark{}, false, fmt.Errorf("last mark of %s: %w", name, err)
	}
	return journal.Mark{Session: session.Int64, Wall: wall.Int64}, session.Valid, nil
}
