package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	codes "modernc.org/sqlite/lib"
)

// corrupt: SQLite cannot make sense of the file, or the disk does not give it.
func corrupt(err error) bool {
	switch code(err) & 0xff {
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB, codes.SQLITE_IOERR:
		return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
	}
	return false
}

// damage says where the file is damaged, as SQLite finds it.
func (s *Store) damage(ctx context.Context, err error) string {
	var where string
	if s.read == nil || s.read.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&where) != nil || where == "ok" {
		return fmt.Sprintf("the database file %s is damaged (%v)", databaseFile, err)
	}
	where = strings.TrimSpace(strings.TrimPrefix(where, "*** in database main ***"))
	where, _, _ = strings.Cut(where, "\n")
	return fmt.Sprintf("the database file %s is damaged (%s)", databaseFile, where)
}
