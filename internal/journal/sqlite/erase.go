package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"openmic/internal/journal"
)

// Erase implements journal.Store. Everybody waits meanwhile, some milliseconds; a backup that
// is under way is waited for first.
func (s *Store) Erase(ctx context.Context, name journal.Name, where []journal.Where) error {
	s.copying.Lock()
	defer s.copying.Unlock()
	err := s.submit(ctx, &write{
		do: func(g *group) (refusal, failed error) {
			h, refusal, failed := g.head(name)
			if refusal != nil || failed != nil {
				return refusal, failed
			}
			for _, at := range where {
				if err := g.erase(h, at); err != nil {
					return nil, err
				}
			}
			return nil, nil
		},
		then: s.scrub,
	})
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	return nil
}

func (g *group) erase(h *head, at journal.Where) error {
	var word sql.NullInt64
	err := g.row("SELECT word FROM addendum WHERE journal = ? AND n = ? AND field = ?",
		[]any{h.id, at.N, at.Field}, []any{&word})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("find addendum: %w", err)
	}
	if word.Valid {
		if err := g.coverWord(word.Int64); err != nil {
			return err
		}
	}
	_, err = g.exec(`INSERT INTO addendum VALUES (?, ?, ?, NULL)
		ON CONFLICT (journal, n, field) DO UPDATE SET word = NULL`, h.id, at.N, at.Field)
	if err != nil {
		return fmt.Errorf("erase addendum: %w", err)
	}
	return nil
}

// scrub leaves nothing of the past in the log: everything in it moves into the database, then
// its bytes are overwritten before it is cut to nothing, so that not even the freed blocks of
// the disk hold words.
//
// Overwriting is safe only because nobody reads the log after a RESTART that was not busy:
// readers now take every page from the database, and the only writer is here. If the power
// goes in between, the next start finds a log without a valid beginning, which is an empty one.
func (s *Store) scrub() error {
	s.gate.Lock()
	defer s.gate.Unlock()
	if err := s.moveLog("RESTART"); err != nil {
		return err
	}
	if err := overwrite(filepath.Join(s.folder, databaseFile+"-wal")); err != nil {
		return fmt.Errorf("overwrite log: %w", err)
	}
	return s.moveLog("TRUNCATE")
}

func (s *Store) moveLog(mode string) error {
	var busy, log, moved int
	err := s.conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &log, &moved)
	if err != nil {
		return fmt.Errorf("empty log: %w", err)
	}
	if busy != 0 {
		return errors.New("empty log: another program is reading the database; close it and try again")
	}
	return nil
}

func overwrite(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	size, err := f.Seek(0, 2)
	zero := make([]byte, 64<<10)
	for at := int64(0); err == nil && at < size; at += int64(len(zero)) {
		_, err = f.WriteAt(zero[:min(int64(len(zero)), size-at)], at)
	}
	return errors.Join(err, f.Sync(), f.Close())
}
