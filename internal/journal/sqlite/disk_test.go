package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"modernc.org/libc"
	codes "modernc.org/sqlite/lib"

	"openmic/internal/journal"
	"openmic/internal/journal/journaltest"
)

// A disk that breaks on command, below SQLite: the ordinary VFS with its write and sync
// replaced. It also remembers each file as it was at its last sync, which is what a power cut
// leaves at worst.
var disk struct {
	once  sync.Once
	write atomic.Int32 // the code every write answers, 0 for none
	sync  atomic.Int32 // the code every sync answers, 0 for none

	// mu guards the rest. Held while a file is copied.
	mu      sync.Mutex
	shadow  string              // folder for the copies, "" for none
	path    map[uintptr]string  // open files, by SQLite's handle
	methods map[uintptr]uintptr // SQLite's table of methods → ours; main files and logs differ
	below   codes.Tsqlite3_io_methods
	open    uintptr // the ordinary VFS's xOpen
	delete  uintptr // and its xDelete
}

// pointer looks at memory that belongs to SQLite.
func pointer[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

// function calls a C function that SQLite knows by address.
func function[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&struct{ uintptr }{p})) }

// address is how SQLite knows a Go function.
func address(f any) uintptr { return (*[2]uintptr)(unsafe.Pointer(&f))[1] }

func breakableDisk(t *testing.T) string {
	const name = "breakable"
	disk.once.Do(func() {
		tls := libc.NewTLS()
		disk.path = map[uintptr]string{}
		disk.methods = map[uintptr]uintptr{}
		ordinary := codes.Xsqlite3_vfs_find(tls, 0)
		vfs := libc.Xmalloc(tls, codes.Tsize_t(unsafe.Sizeof(codes.Tsqlite3_vfs{})))
		*pointer[codes.Tsqlite3_vfs](vfs) = *pointer[codes.Tsqlite3_vfs](ordinary)
		zName, err := libc.CString(name)
		if err != nil {
			t.Fatal(err)
		}
		pointer[codes.Tsqlite3_vfs](vfs).FzName = zName
		disk.open = pointer[codes.Tsqlite3_vfs](vfs).FxOpen
		pointer[codes.Tsqlite3_vfs](vfs).FxOpen = address(diskOpen)
		disk.delete = pointer[codes.Tsqlite3_vfs](vfs).FxDelete
		pointer[codes.Tsqlite3_vfs](vfs).FxDelete = address(diskDelete)
		if rc := codes.Xsqlite3_vfs_register(tls, vfs, 0); rc != codes.SQLITE_OK {
			t.Fatalf("register: %d", rc)
		}
	})
	t.Cleanup(func() {
		disk.write.Store(0)
		disk.sync.Store(0)
		disk.mu.Lock()
		disk.shadow = ""
		disk.mu.Unlock()
	})
	return name
}

func diskOpen(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32 {
	open := function[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](disk.open)
	rc := open(tls, vfs, name, file, flags, out)
	methods := &pointer[codes.Tsqlite3_file](file).FpMethods
	if rc != codes.SQLITE_OK || *methods == 0 || name == 0 {
		return rc
	}
	disk.mu.Lock()
	defer disk.mu.Unlock()
	if disk.methods[*methods] == 0 {
		disk.below = *pointer[codes.Tsqlite3_io_methods](*methods) // write and sync are the same in all
		ours := libc.Xmalloc(tls, codes.Tsize_t(unsafe.Sizeof(disk.below)))
		above := pointer[codes.Tsqlite3_io_methods](ours)
		*above = disk.below
		above.FxWrite = address(diskWrite)
		above.FxSync = address(diskSync)
		disk.methods[*methods] = ours
	}
	disk.path[file] = libc.GoString(name)
	*methods = disk.methods[*methods]
	return rc
}

func diskDelete(tls *libc.TLS, vfs, name uintptr, sync int32) int32 {
	rc := function[func(*libc.TLS, uintptr, uintptr, int32) int32](disk.delete)(tls, vfs, name, sync)
	disk.mu.Lock()
	defer disk.mu.Unlock()
	if rc == codes.SQLITE_OK && disk.shadow != "" { // Open syncs the folder before it serves
		os.Remove(filepath.Join(disk.shadow, filepath.Base(libc.GoString(name))))
	}
	return rc
}

func diskWrite(tls *libc.TLS, file, bytes uintptr, n int32, at int64) int32 {
	if rc := disk.write.Load(); rc != 0 {
		return rc
	}
	return function[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](disk.below.FxWrite)(tls, file, bytes, n, at)
}

func diskSync(tls *libc.TLS, file uintptr, flags int32) int32 {
	if rc := disk.sync.Load(); rc != 0 {
		return rc
	}
	rc := function[func(*libc.TLS, uintptr, int32) int32](disk.below.FxSync)(tls, file, flags)
	disk.mu.Lock()
	defer disk.mu.Unlock()
	if rc == codes.SQLITE_OK && disk.shadow != "" {
		path := disk.path[file]
		b, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(filepath.Join(disk.shadow, filepath.Base(path)), b, 0o600)
		}
		if err != nil {
			panic(err)
		}
	}
	return rc
}

// Entries that were acknowledged are in what was synced: after a power cut that takes
// everything else, they are there.
func TestPowerCut(t *testing.T) {
	folder, vfs := t.TempDir(), breakableDisk(t)
	shadow := t.TempDir()
	disk.mu.Lock()
	disk.shadow = shadow
	disk.mu.Unlock()
	s, err := open(folder, vfs, false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	create(t, s, live)
	for n := range int64(40) {
		if err := s.Append(t.Context(), live, n, journaltest.Batch("a", n, 1)); err != nil {
			t.Fatal(err)
		}
		if n == 20 { // so that the database file takes part, not only the log
			if err := s.Erase(t.Context(), live, nil); err != nil {
				t.Fatal(err)
			}
		}
		disk.mu.Lock()
		after := filepath.Join(t.TempDir(), "after")
		err := os.CopyFS(after, os.DirFS(shadow))
		disk.mu.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(folder, machineFile))
		if err == nil {
			err = os.WriteFile(filepath.Join(after, machineFile), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		r, err := Open(after)
		if err != nil {
			t.Fatalf("after n=%d: %v", n+1, err)
		}
		if got, _, err := r.Head(t.Context(), live); err != nil || got != n+1 {
			t.Fatalf("acknowledged n=%d, after the power cut n=%d (%v)", n+1, got, err)
		}
		r.Close()
	}
}

// A failed fsync: nobody knows what is stored, and nothing is acknowledged on top of it. After
// opening again the protocol ends right.
func TestFailedSync(t *testing.T) {
	brokenCommit(t, &disk.sync, codes.SQLITE_IOERR|4<<8) // SQLITE_IOERR_FSYNC
}

// A write that fails otherwise than for lack of room.
func TestFailedWrite(t *testing.T) {
	brokenCommit(t, &disk.write, codes.SQLITE_IOERR|3<<8) // SQLITE_IOERR_WRITE
}

func brokenCommit(t *testing.T, fault *atomic.Int32, rc int32) {
	folder, vfs := t.TempDir(), breakableDisk(t)
	s, err := open(folder, vfs, false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	create(t, s, live)
	a, b := journaltest.Batch("a", 0, 3), journaltest.Batch("b", 3, 2)
	if err := s.Append(t.Context(), live, 0, a); err != nil {
		t.Fatal(err)
	}
	fault.Store(rc)
	err = s.Append(t.Context(), live, 3, b)
	if !errors.Is(err, journal.ErrUnknown) || !errors.Is(err, journal.ErrBroken) {
		t.Fatalf("the failed commit: %v", err)
	}
	fault.Store(0) // the disk is well again, but who knows what it forgot
	if err := journal.Settle(t.Context(), s, live, 3, b); !errors.Is(err, journal.ErrUnknown) {
		t.Fatalf("settled while broken: %v", err)
	}
	err = s.Append(t.Context(), live, 3, b)
	if !errors.Is(err, journal.ErrNotStored) || !errors.Is(err, journal.ErrBroken) {
		t.Fatalf("an append to the broken store: %v", err)
	}
	if got, _, err := s.Read(t.Context(), live, 1, 10); err != nil || len(got) != 3 {
		t.Fatalf("what is surely there can be read: %d %v", len(got), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r := reopen(t, folder)
	if err := journal.Settle(t.Context(), r, live, 3, b); errors.Is(err, journal.ErrNotStored) {
		err = r.Append(t.Context(), live, 3, b)
		if err != nil {
			t.Fatal(err)
		}
	} else if err != nil {
		t.Fatal(err)
	}
	if n, hash, err := r.Head(t.Context(), live); err != nil || n != 5 || hash != b.Entries[1].Hash {
		t.Fatalf("head n=%d %v", n, err)
	}
}

// No room: surely not stored, and with room again the store goes on as if nothing had been.
func TestDiskFull(t *testing.T) {
	folder, vfs := t.TempDir(), breakableDisk(t)
	s, err := open(folder, vfs, false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	create(t, s, live)
	for round := range int64(5) {
		b := journaltest.Batch("a", 2*round, 2)
		disk.write.Store(codes.SQLITE_FULL)
		if err := s.Append(t.Context(), live, 2*round, b); !errors.Is(err, journal.ErrNotStored) || errors.Is(err, journal.ErrBroken) {
			t.Fatalf("on a full disk: %v", err)
		}
		if err := s.Mark(t.Context(), live, journal.Mark{Session: 1}); !errors.Is(err, journal.ErrNotStored) {
			t.Fatalf("on a full disk: %v", err)
		}
		disk.write.Store(0)
		if err := journal.Settle(t.Context(), s, live, 2*round, b); !errors.Is(err, journal.ErrNotStored) {
			t.Fatalf("settled as %v", err)
		}
		if err := s.Append(t.Context(), live, 2*round, b); err != nil {
			t.Fatalf("with room again: %v", err)
		}
	}
	// SQLite's own limit is met while inserting, not at the commit.
	limit := func(pages string) {
		err := s.submit(t.Context(), &write{do: func(g *group) (error, error) {
			_, err := g.conn.ExecContext(t.Context(), "PRAGMA max_page_count="+pages)
			return nil, err
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit("1") // no more than there are
	large := journaltest.Batch("large", 10, 1)
	large.Addenda[0].Text = string(make([]byte, 100_000))
	if err := s.Append(t.Context(), live, 10, large); !errors.Is(err, journal.ErrNotStored) || errors.Is(err, journal.ErrBroken) {
		t.Fatalf("no pages left: %v", err)
	}
	limit("1000000")
	if err := s.Append(t.Context(), live, 10, large); err != nil {
		t.Fatal(err)
	}
	s.Close()
	r := reopen(t, folder)
	if n, _, err := r.Head(t.Context(), live); err != nil || n != 11 {
		t.Fatalf("head n=%d %v", n, err)
	}
}
