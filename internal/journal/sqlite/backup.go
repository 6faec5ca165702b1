package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes a copy of one moment to path, which must not exist yet. Only
// Erase waits meanwhile. The copy opens nowhere without Adopt, not even in the folder it came from: what
// was written after it would otherwise be written twice, differently.
func (s *Store) Backup(ctx context.Context, path string) error {
	s.copying.Lock()
	defer s.copying.Unlock()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("backup: %s exists already", path)
	}
	part := path + ".part"
	defer os.Remove(part) // gone after the rename
	if err := s.copyTo(ctx, part); err != nil {
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

func (s *Store) copyTo(ctx context.Context, part string) error {
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
	if err := to.Close(); err != nil {
		return err
	}
	f, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
