package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// lock takes the folder for this process. It is an exclusive transaction on an empty database
// of its own: the one kind of lock that SQLite already makes work on every system, and that
// the system lets go of when the process dies, however it dies.
func lock(folder string) (*sql.DB, error) {
	path := filepath.Join(folder, lockFile)
	// Never open a lock file that is there: closing it again would drop the lock that another
	// Store of this process may hold.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
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
