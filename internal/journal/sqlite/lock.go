package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// lock takes the folder for this process. It is an exclusive transaction on an empty database
// of its own: the one kind of lock that SQLite already makes work on every system, and that
// the system lets go of when the process dies, however it dies.
func lock(folder string) (*sql.DB, error) {
	path := filepath.Join(folder, lockFile)
	if err := touch(path); err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	db, err := sql.Open("sqlite", fileURL(path)+"?_pragma=busy_timeout(0)")
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	db.SetConnMaxLifetime(0)
	if _, err := db.ExecContext(context.Background(), "BEGIN EXCLUSIVE"); err != nil {
		db.Close()
		if code(err)&0xff == codes.SQLITE_BUSY {
			return nil, fmt.Errorf("%w (%s)", ErrInUse, folder)
		}
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	return db, nil
}

// code is SQLite's extended result code, 0 if the error is not SQLite's.
func code(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}
