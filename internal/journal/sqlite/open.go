// Package sqlite keeps journals in one SQLite file in one data folder.
//
// Everybody writes through one goroutine, which commits together what waits, so a thousand
// people who ask at once cost a handful of fsyncs. Readers look at the last commit through
// connections of their own and never wait for the writer.
//
// Always true, besides what package journal promises:
//
//	One process serves a folder; a second one gets ErrInUse.
//	The pragmas that durability and erasing rest on are read back at every start; if one
//	does not hold, Open refuses.
//	A database that is not this folder's own newest one (restored, copied) opens with
//	ErrRestored and is not written to; Adopt makes it usable, its journals only readable.
//	A journal whose end was lost with the log is known by Lost; nothing else of the folder suffers.
//	After a failed fsync nothing is acknowledged until the folder is opened again.
//	Words lie in one table in which rows are only added at the end and overwritten in
//	place. So SQLite never moves them, and leaves no second copy behind in a page.
//
// Beside the journals live things of the folder, not of any journal: passes and settings.
//
// While a store is open, nothing else in the same process may open and close the files of the
// folder (on Unix that drops SQLite's locks); Backup is the way to a copy.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	_ "modernc.org/sqlite" // registers the driver

	"openmic/internal/journal"
)

// Why Open refuses. The message says what to do.
var (
	ErrInUse    = errors.New("another openmic is using this data folder; stop it first, or choose another folder")
	ErrRestored = errors.New("this data folder holds a restored or copied database; " +
		"it is not written to, because its sessions may go on elsewhere; openmic restore makes a new folder of it, in which they go on in new journals")
	ErrNewer = errors.New("this data folder was written by a newer openmic")
)

const (
	databaseFile = "openmic.db"
	lockFile     = "lock"
	machineFile  = "machine" // the nonce that no backup contains

	// application marks the file as ours ("omic"), version is the schema's.
	application = 0x6f6d6963
	version     = 1

	readers = 4
)

const schema = `
CREATE TABLE journal (
	id       INTEGER PRIMARY KEY,
	name     TEXT NOT NULL UNIQUE,
	session  TEXT NOT NULL,
	site     TEXT NOT NULL,
	born     INTEGER NOT NULL,
	key      BLOB NOT NULL,
	restored INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE entry (
	journal INTEGER NOT NULL REFERENCES journal,
	n       INTEGER NOT NULL,
	bytes   BLOB NOT NULL,
	hash    BLOB NOT NULL,
	PRIMARY KEY (journal, n)
) STRICT, WITHOUT ROWID;
-- Rows are added at the end and overwritten with others of the same length, never deleted:
-- see the package doc.
CREATE TABLE word (
	id    INTEGER PRIMARY KEY,
	nonce BLOB NOT NULL,
	text  TEXT NOT NULL
) STRICT;
-- word is NULL once erased, so that a late copy of the entry does not bring it back.
CREATE TABLE addendum (
	journal INTEGER NOT NULL REFERENCES journal,
	n       INTEGER NOT NULL,
	field   TEXT NOT NULL,
	word    INTEGER REFERENCES word,
	PRIMARY KEY (journal, n, field)
) STRICT, WITHOUT ROWID;
CREATE TABLE mark (
	journal INTEGER PRIMARY KEY REFERENCES journal,
	session INTEGER NOT NULL,
	wall    INTEGER NOT NULL
) STRICT;
CREATE TABLE pass (
	hash    BLOB PRIMARY KEY,
	session TEXT NOT NULL,
	id      TEXT NOT NULL,
	label   INTEGER REFERENCES word, -- NULL once erased
	revoked INTEGER NOT NULL DEFAULT 0,
	created INTEGER NOT NULL,
	UNIQUE (session, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE setting (
	key   TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE machine (
	nonce TEXT NOT NULL
) STRICT;`

// pragmas are set on every connection and read back from the writer's.
var pragmas = []struct{ name, set, holds string }{
	{"busy_timeout", "5000", "5000"},   // milliseconds; only foreign tools and Erase ever meet it
	{"journal_mode", "WAL", "wal"},     // readers beside the writer, one fsync a commit
	{"synchronous", "FULL", "2"},       // NORMAL lost acknowledged entries in 20 of 30 power cuts
	{"fullfsync", "1", "1"},            // macOS: fsync alone does not reach the disk
	{"checkpoint_fullfsync", "1", "1"}, // the same for checkpoints
	{"wal_autocheckpoint", "0", "0"},   // the writer checkpoints between commits, and sees errors
	{"secure_delete", "1", "1"},        // freed bytes are overwritten
	{"temp_store", "MEMORY", "2"},      // no words in temporary files
	{"foreign_keys", "1", "1"},
	{"trusted_schema", "0", "0"},
}

// Store is a journal.Store, and keeps the folder's passes and settings.
type Store struct {
	folder string
	lock   *sql.DB // holds the folder's lock until closed
	read   *sql.DB
	write  *sql.DB // one connection, used by run only
	conn   *sql.Conn
	known  map[string]*sql.Stmt // prepared on conn, used by run only

	writes  chan *write   // unbuffered: what run has received, run answers
	closing chan struct{} // closed by Close
	ended   chan struct{} // closed by run when it takes nothing any more
	close   sync.Once

	// gate lets scrub wait until nobody reads the log. Held by readers for one page of a journal.
	gate sync.RWMutex
	// copying is held by a backup, which reads for long, and by who erases.
	copying sync.Mutex

	broken atomic.Bool          // set by run, once; read by all
	taken  *taken               // used by run only
	lost   map[journal.Name]end // journals whose end was gone at the start; never changed
	watch  watchers
}

var (
	_ journal.Store  = (*Store)(nil)
	_ journal.Beside = (*Store)(nil)
)

// Open opens the data folder and makes it if it is not there. Errors: ErrInUse, ErrRestored,
// ErrNewer, or what the disk said.
func Open(folder string) (*Store, error) {
	return open(folder, "", false)
}

// Adopt makes a restored or copied database this folder's own. The journals in it stay
// readable and closed for their site (journal.ErrRestored): its sessions go on in new ones.
func Adopt(folder string) error {
	s, err := open(folder, "", true)
	if err != nil {
		return err
	}
	return s.Close()
}

// open takes the name of a SQLite VFS, "" for the ordinary disk.
func open(folder, vfs string, adopt bool) (_ *Store, err error) {
	folder, err = filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	s := &Store{
		folder:  folder,
		known:   map[string]*sql.Stmt{},
		writes:  make(chan *write),
		closing: make(chan struct{}),
		ended:   make(chan struct{}),
	}
	defer func() {
		if err != nil {
			s.closeFiles()
		}
		if corrupt(err) {
			err = fmt.Errorf("%w: %s (%.300s); restore a backup", journal.ErrDamaged, databaseFile, strings.Join(strings.Fields(err.Error()), " "))
		}
	}()
	if s.lock, err = lock(folder); err != nil {
		return nil, err
	}
	path := filepath.Join(folder, databaseFile)
	if err := touch(path); err != nil {
		return nil, fmt.Errorf("make database: %w", err)
	}
	ctx := context.Background()
	if s.write, err = sql.Open("sqlite", source(path, vfs, false)); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	s.write.SetMaxOpenConns(1)
	if s.conn, err = s.write.Conn(ctx); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := prepare(ctx, s.conn); err != nil {
		return nil, err
	}
	if err := verify(ctx, s.conn); err != nil {
		return nil, err
	}
	if err := own(ctx, folder, s.conn, adopt); err != nil {
		return nil, err
	}
	if adopt { // its journals go on elsewhere, from where they are
		if err := os.Remove(filepath.Join(folder, takenFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("adopt: %w", err)
		}
	}
	s.taken = openTaken(filepath.Join(folder, takenFile))
	if s.lost, err = s.taken.missing(ctx, s.conn); err != nil {
		return nil, err
	}
	if s.read, err = sql.Open("sqlite", source(path, vfs, true)); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	if err := s.read.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open database for reading: %w", err)
	}
	go s.run()
	return s, nil
}

// Close waits for the group being committed, refuses what still waits, and lets go of the
// folder. Watch channels are closed.
func (s *Store) Close() error {
	var err error
	s.close.Do(func() {
		close(s.closing)
		<-s.ended
		s.watch.closeAll()
		err = s.closeFiles()
	})
	return err
}

func (s *Store) closeFiles() error {
	var errs []error
	for _, st := range s.known {
		errs = append(errs, st.Close())
	}
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	errs = append(errs, s.taken.close())
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// source is the driver's name for a database file. Path and pragmas are escaped.
func source(path, vfs string, readOnly bool) string {
	q := url.Values{}
	for _, p := range pragmas {
		q.Add("_pragma", p.name+"("+p.set+")")
	}
	if readOnly {
		q.Set("_query_only", "1")
		// A page of a journal is read once, in order: what each reader would keep of it, 2 MB, nobody asks for again.
		q.Add("_pragma", "cache_size(-256)") // KiB
	}
	if vfs != "" {
		q.Set("vfs", vfs)
	}
	return fileURL(path) + "?" + q.Encode()
}

// fileURL names a file for SQLite. The path is absolute: in a URL there is no other.
func fileURL(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/…
		path = "/" + path
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath()
}

// touch makes the file for this user only; SQLite gives its log the same rights.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// prepare makes the tables in an empty file and refuses a file that is not ours.
func prepare(ctx context.Context, conn *sql.Conn) error {
	var app, ver, tables int
	for query, into := range map[string]*int{
		"PRAGMA application_id":              &app,
		"PRAGMA user_version":                &ver,
		"SELECT count(*) FROM sqlite_schema": &tables,
	} {
		if err := conn.QueryRowContext(ctx, query).Scan(into); err != nil {
			return fmt.Errorf("read database: %w", err)
		}
	}
	switch {
	case tables == 0:
		// One transaction: after a crash there is all of it or nothing.
		_, err := conn.ExecContext(ctx, fmt.Sprintf(
			"BEGIN IMMEDIATE; %s PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT;", schema, application, version))
		if err != nil {
			return fmt.Errorf("make tables: %w", err)
		}
		return nil
	case app != application:
		return fmt.Errorf("open database: %s is not an openmic database", databaseFile)
	case ver > version:
		return fmt.Errorf("%w (database version %d, this one knows %d)", ErrNewer, ver, version)
	case ver < version:
		return fmt.Errorf("open database: unknown version %d", ver)
	}
	return nil
}

// verify reads the pragmas back: SQLite ignores what it does not know or cannot do.
func verify(ctx context.Context, conn *sql.Conn) error {
	for _, p := range pragmas {
		var got string
		if err := conn.QueryRowContext(ctx, "PRAGMA "+p.name).Scan(&got); err != nil {
			return fmt.Errorf("read back %s: %w", p.name, err)
		}
		if got != p.holds {
			return fmt.Errorf("this folder's file system cannot keep entries safe: %s is %s, must be %s; choose another data folder",
				p.name, got, p.holds)
		}
	}
	return nil
}
