package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"openmic/internal/journal"
	"openmic/internal/journal/journaltest"
)

const live = journal.Name("s1/venue-a")

func reopen(t testing.TB, folder string) *Store {
	t.Helper()
	s, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func create(t testing.TB, s *Store, name journal.Name) {
	t.Helper()
	if err := s.Create(context.Background(), journal.Info{Name: name}); err != nil {
		t.Fatal(err)
	}
}

func TestOneProcess(t *testing.T) {
	folder := t.TempDir()
	s := reopen(t, folder)
	if _, err := Open(folder); !errors.Is(err, ErrInUse) {
		t.Fatalf("a second one here: %v", err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFolder+"="+folder)
	out, err := cmd.Output()
	if err == nil || !strings.Contains(string(out), ErrInUse.Error()) {
		t.Fatalf("a second process: %v %q", err, out)
	}
	s.Close()
	reopen(t, folder)
}

// Odd folder names reach SQLite whole, also when they begin where one stands.
func TestFolderNames(t *testing.T) {
	t.Chdir(t.TempDir())
	var folders []string
	for _, name := range []string{"with space", "100% sure?", "a#b&c=d", "フロア", "a;b'c\"d", "file:x", "%2e%2e"} {
		folders = append(folders, name, filepath.Join(t.TempDir(), name))
	}
	for _, folder := range folders {
		s := reopen(t, folder)
		create(t, s, live)
		if err := s.Backup(t.Context(), filepath.Join(folder, "copy's?.db"), nil); err != nil {
			t.Errorf("%s: %v", folder, err)
		}
		s.Close()
		if _, err := os.Stat(filepath.Join(folder, databaseFile)); err != nil {
			t.Errorf("%s: %v", folder, err)
		}
	}
}

func TestRefusesWhatItCannotKeep(t *testing.T) {
	t.Run("not a folder", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "file")
		os.WriteFile(path, nil, 0o600)
		if _, err := Open(path); err == nil {
			t.Fatal("opened")
		}
	})
	t.Run("not a database", func(t *testing.T) {
		folder := t.TempDir()
		os.WriteFile(filepath.Join(folder, databaseFile), bytes.Repeat([]byte("no database "), 1000), 0o600)
		if _, err := Open(folder); err == nil {
			t.Fatal("opened")
		}
	})
	t.Run("another program's database", func(t *testing.T) {
		folder := t.TempDir()
		alter(t, folder, "CREATE TABLE other (x)")
		if _, err := Open(folder); err == nil || !strings.Contains(err.Error(), "not an openmic database") {
			t.Fatal(err)
		}
	})
	t.Run("a newer version", func(t *testing.T) {
		folder := t.TempDir()
		reopen(t, folder).Close()
		alter(t, folder, "PRAGMA user_version = 99")
		if _, err := Open(folder); !errors.Is(err, ErrNewer) {
			t.Fatal(err)
		}
	})
	t.Run("a pragma that does not hold", func(t *testing.T) {
		folder := t.TempDir()
		s := reopen(t, folder)
		err := s.submit(t.Context(), &write{do: func(g *group) (error, error) {
			if _, err := g.conn.ExecContext(t.Context(), "PRAGMA secure_delete=0"); err != nil {
				return nil, err
			}
			return verify(t.Context(), g.conn), nil
		}})
		if err == nil || !strings.Contains(err.Error(), "secure_delete is 0, must be 1") {
			t.Fatal(err)
		}
	})
	t.Run("a damaged entry", func(t *testing.T) {
		folder := t.TempDir()
		s := reopen(t, folder)
		create(t, s, live)
		if err := s.Append(t.Context(), live, 0, journaltest.Batch("a", 0, 5)); err != nil {
			t.Fatal(err)
		}
		s.Close()
		alter(t, folder, "UPDATE entry SET bytes = x'00' WHERE n = 3")
		s = reopen(t, folder)
		_, _, err := s.Read(t.Context(), live, 1, 10)
		if !errors.Is(err, journal.ErrDamaged) || !strings.Contains(err.Error(), "n=3") {
			t.Fatal(err)
		}
		s.Close()
		alter(t, folder, "DELETE FROM entry WHERE n = 3")
		_, _, err = reopen(t, folder).Read(t.Context(), live, 1, 10)
		if !errors.Is(err, journal.ErrDamaged) || !strings.Contains(err.Error(), "n=3") {
			t.Fatal(err)
		}
	})
}

// alter changes a database that nobody has open.
func alter(t *testing.T, folder, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", fileURL(filepath.Join(folder, databaseFile)))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func TestFilesAreForOneUser(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	s := reopen(t, folder)
	create(t, s, live)
	if err := s.Backup(t.Context(), filepath.Join(folder, "copy.db"), nil); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		i, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if i.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", f.Name(), i.Mode())
		}
	}
}

// A backup, and a copy of the file, put back anywhere, is not written to until it is adopted;
// its journals stay as they are and the session goes on in a new one.
func TestRestore(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, databaseFile)
	s := reopen(t, folder)
	create(t, s, live)
	first, second := journaltest.Batch("a", 0, 4), journaltest.Batch("a", 4, 4)
	if err := s.Append(t.Context(), live, 0, first); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := s.Backup(t.Context(), backup, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), backup, nil); err == nil {
		t.Fatal("a backup replaced a file")
	}
	s.Close()
	plain, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s = reopen(t, folder)
	if err := s.Append(t.Context(), live, 4, second); err != nil {
		t.Fatal(err)
	}
	s.Close()

	copied, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	for _, c := range []struct {
		what, folder string
		database     []byte
	}{
		{"backup elsewhere", elsewhere, copied},
		{"plain copy elsewhere", t.TempDir(), plain},
		{"plain copy put back", folder, plain},
		{"backup put back", folder, copied},
	} {
		if err := os.WriteFile(filepath.Join(c.folder, databaseFile), c.database, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(c.folder); !errors.Is(err, ErrRestored) {
			t.Fatalf("%s: %v", c.what, err)
		}
	}
	if err := Adopt(folder); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, folder)
	if err := s.Append(t.Context(), live, 4, second); !errors.Is(err, journal.ErrRestored) {
		t.Fatalf("the old journal goes on: %v", err)
	}
	if infos, err := s.List(t.Context()); err != nil || !infos[0].Restored {
		t.Fatalf("%v %v", infos, err)
	}
	// What others kept of it comes back.
	if err := s.AppendForeign(t.Context(), live, second); err != nil {
		t.Fatal(err)
	}
	create(t, s, "s1/venue-b")
	if err := s.Append(t.Context(), "s1/venue-b", 0, journaltest.Batch("b", 0, 1)); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if err := Adopt(folder); err != nil { // again: it is ours by now
		t.Fatal(err)
	}
	s = reopen(t, folder)
	if err := s.Append(t.Context(), "s1/venue-b", 1, journaltest.Batch("b", 1, 1)); err != nil {
		t.Fatal(err)
	}
}

// Whenever the power goes while the nonces are renewed, the folder opens.
func TestNonceSurvivesCrash(t *testing.T) {
	folder := t.TempDir()
	s := reopen(t, folder)
	create(t, s, live)
	s.Close()
	path := filepath.Join(folder, machineFile)
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The file is renewed, the database is not.
	if err := writeFile(path, "NEW\n"+strings.Fields(string(old))[0]+"\n"); err != nil {
		t.Fatal(err)
	}
	reopen(t, folder).Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(folder); !errors.Is(err, ErrRestored) {
		t.Fatalf("without the file: %v", err)
	}
}

func TestPasses(t *testing.T) {
	folder := t.TempDir()
	s := reopen(t, folder)
	chair := journal.Pass{Hash: []byte("hash of one"), Session: "s1", ID: "p1", Label: `{"roles":["chair"],"name":"Tamsin Quill"}`, Created: 10}
	guest := journal.Pass{Hash: []byte("hash of two"), Session: "s1", ID: "p2", Label: `{"name":"Ines Okonkwo-Vale"}`, Created: 5}
	for _, p := range []journal.Pass{chair, guest, chair} {
		if err := s.PutPass(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.PutPass(t.Context(), journal.Pass{Hash: []byte("other"), Session: "s1", ID: "p1"}); !errors.Is(err, journal.ErrExists) {
		t.Fatalf("the same id twice: %v", err)
	}
	if err := s.PutPass(t.Context(), journal.Pass{Session: "s1", ID: "p3"}); !errors.Is(err, journal.ErrBad) {
		t.Fatalf("no hash: %v", err)
	}
	if all, err := s.Passes(t.Context(), "s1"); err != nil || len(all) != 2 || all[0].ID != "p2" || all[1].Label != chair.Label {
		t.Fatalf("%+v %v", all, err)
	}
	if err := s.RevokePass(t.Context(), "s1", "nobody"); !errors.Is(err, journal.ErrNoPass) {
		t.Fatal(err)
	}
	for _, want := range []struct {
		id    string
		first bool
	}{{"p2", true}, {"p2", false}, {"nobody", false}} {
		if first, err := s.SpendPass(t.Context(), "s1", want.id); first != want.first || err != nil {
			t.Errorf("spend %s: %v %v", want.id, first, err)
		}
	}
	if err := s.RevokePass(t.Context(), "s1", "p1"); err != nil {
		t.Fatal(err)
	}
	if err := s.PutPass(t.Context(), chair); err != nil { // a late repeat does not lift it
		t.Fatal(err)
	}
	s.Close()
	s = reopen(t, folder)
	if p, ok, err := s.PassByHash(t.Context(), chair.Hash); err != nil || !ok || !p.Revoked || p.ID != "p1" {
		t.Fatalf("%+v %v %v", p, ok, err)
	}
	if _, ok, err := s.PassByHash(t.Context(), []byte("guess")); ok || err != nil {
		t.Fatalf("%v %v", ok, err)
	}
	if err := s.ErasePass(t.Context(), "s1", "p2"); err != nil {
		t.Fatal(err)
	}
	if p, ok, err := s.PassByHash(t.Context(), guest.Hash); err != nil || !ok || !p.Revoked || p.Label != "" {
		t.Fatalf("%+v %v %v", p, ok, err)
	}
	for _, file := range []string{databaseFile, databaseFile + "-wal"} {
		b, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("Okonkwo")) {
			t.Errorf("an erased name is still in %s", file)
		}
	}
}

func TestSettings(t *testing.T) {
	folder := t.TempDir()
	s := reopen(t, folder)
	if _, ok, err := s.Get(t.Context(), "site"); ok || err != nil {
		t.Fatalf("%v %v", ok, err)
	}
	for _, v := range []string{"a", "b"} {
		if err := s.Set(t.Context(), "site", v); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	if v, ok, err := reopen(t, folder).Get(t.Context(), "site"); v != "b" || !ok || err != nil {
		t.Fatalf("%q %v %v", v, ok, err)
	}
}

// Looking and erasing get in nobody's way: readers page through the journal while others
// append and erase, and every page is of one moment.
func TestReadersBesideErase(t *testing.T) {
	s := reopen(t, t.TempDir())
	create(t, s, live)
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				_, addenda, err := s.Read(context.WithoutCancel(ctx), live, 1, 100)
				if err != nil {
					t.Error(err)
					return
				}
				for _, a := range addenda {
					if strings.HasPrefix(a.Text, "-") {
						t.Errorf("n=%d was seen half erased", a.N)
						return
					}
				}
			}
		})
	}
	for n := range int64(60) {
		if err := s.Append(t.Context(), live, n, journaltest.Batch("a", n, 1)); err != nil {
			t.Fatal(err)
		}
		if n%3 == 0 {
			if err := s.Erase(t.Context(), live, []journal.Where{{N: n/2 + 1, Field: "text"}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	stop()
	readers.Wait()
}

// Many small groups make the log long; it is moved into the database between them.
func TestLogStaysShort(t *testing.T) {
	folder := t.TempDir()
	s := reopen(t, folder)
	create(t, s, live)
	for n := range int64(40) {
		b := journaltest.Batch("a", n, 1)
		b.Entries[0] = journal.NewEntry(n+1, bytes.Repeat([]byte{byte(n)}, 1<<20))
		if err := s.Append(t.Context(), live, n, b); err != nil {
			t.Fatal(err)
		}
	}
	i, err := os.Stat(filepath.Join(folder, databaseFile+"-wal"))
	if err != nil {
		t.Fatal(err)
	}
	if i.Size() > 4*checkpointBytes {
		t.Fatalf("the log has %d bytes", i.Size())
	}
}
