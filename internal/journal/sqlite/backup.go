package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
)

// Backup writes a copy of one moment to path, which must not exist yet. edit may change or take out settings of the
// copy, such as secrets; nil leaves them. Only Erase waits meanwhile. The copy opens nowhere without Adopt, not even in
// the folder it came from: what was written after it would otherwise be written twice, differently.
func (s *Store) Backup(ctx context.Context, path string, edit func(settings map[string]string)) error {
	s.copying.Lock()
	defer s.copying.Unlock()
	path, err := filepath.Abs(path) // SQLite is told a URL, which knows no folder that one stands in
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("backup: %s exists already", path)
	}
	part := path + ".part"
	defer os.Remove(part) // gone after the rename
	if err := s.copyTo(ctx, part, edit); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

func (s *Store) copyTo(ctx context.Context, part string, edit func(map[string]string)) error {
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := touch(part); err != nil { // only this user may read it
		return err
	}
	// A connection of its own: those for reading may not run VACUUM.
	from, err := sql.Open("sqlite", source(filepath.Join(s.folder, databaseFile), "", false))
	if err != nil {
		return err
	}
	defer from.Close()
	if _, err := from.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return err
	}
	to, err := sql.Open("sqlite", fileURL(part)+"?_pragma=journal_mode(DELETE)&_pragma=secure_delete(1)")
	if err != nil {
		return err
	}
	defer to.Close()
	if _, err := to.ExecContext(ctx, "DELETE FROM machine"); err != nil {
		return err
	}
	if err := editSettings(ctx, to, edit); err != nil {
		return err
	}
	if err := to.Close(); err != nil {
		return err
	}
	f, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// editSettings leaves nothing of what is taken out: deleted bytes are overwritten.
func editSettings(ctx context.Context, to *sql.DB, edit func(map[string]string)) error {
	if edit == nil {
		return nil
	}
	rows, err := to.QueryContext(ctx, "SELECT key, value FROM setting")
	if err != nil {
		return err
	}
	defer rows.Close()
	was := map[string]string{}
	for rows.Next() {
		var k, v string
		if err := rows.Scan(&k, &v); err != nil {
			return err
		}
		was[k] = v
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	now := maps.Clone(was)
	edit(now)
	for k, v := range was {
		kept, ok := now[k]
		switch {
		case !ok:
			_, err = to.ExecContext(ctx, "DELETE FROM setting WHERE key = ?", k)
		case kept != v:
			_, err = to.ExecContext(ctx, "UPDATE setting SET value = ? WHERE key = ?", kept, k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
