package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"openmic/internal/journal"
	"openmic/internal/journal/journaltest"
	"openmic/internal/journal/postgres/pgtest"
)

const live = journal.Name("s1/hub-a")

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func node(t *testing.T, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, quiet())
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func create(t *testing.T, s *Store, name journal.Name) {
	t.Helper()
	must(t, s.Create(t.Context(), journal.Info{Name: name, Session: "s1", Site: "hub"}))
}

// wire is the way to a server that a test cuts.
type wire struct {
	to string
	l  net.Listener

	mu    sync.Mutex
	conns map[*crossing]bool
	// onAppend is asked about the first bytes of each append before they go on.
	onAppend func(*crossing) bool // false: they do not go on
	seen     atomic.Int64         // appends that came by
}

// crossing is one connection over the wire.
type crossing struct {
	client, server net.Conn
	deaf           atomic.Bool // what the server says does not arrive
}

func (c *crossing) cut() { c.client.Close(); c.server.Close() }

func span(t *testing.T, s *pgtest.Server) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w := &wire{to: s.Address(), l: l, conns: map[*crossing]bool{}}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", w.to)
			if err != nil {
				client.Close()
				continue
			}
			c := &crossing{client: client, server: server}
			w.mu.Lock()
			w.conns[c] = true
			w.mu.Unlock()
			go w.up(c)
			go func() {
				b := make([]byte, 64<<10)
				for {
					n, err := c.server.Read(b)
					if n > 0 && !c.deaf.Load() {
						c.client.Write(b[:n])
					}
					if err != nil {
						c.client.Close()
						return
					}
				}
			}()
		}
	}()
	return w
}

// up carries what the client says. An append is known by its words, which stand in no statement.
func (w *wire) up(c *crossing) {
	b := make([]byte, 1<<20)
	for {
		n, err := c.client.Read(b)
		if n > 0 {
			on := true
			if strings.Contains(string(b[:n]), "words of") {
				w.seen.Add(1)
				w.mu.Lock()
				f := w.onAppend
				w.mu.Unlock()
				on = f == nil || f(c)
			}
			if on {
				c.server.Write(b[:n])
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				c.server.Close()
			}
			return
		}
	}
}

func (w *wire) when(f func(*crossing) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onAppend = f
}

func (w *wire) url(url string) string {
	at := strings.Index(url, "@")
	rest := url[at+1:]
	return url[:at+1] + w.l.Addr().String() + rest[strings.Index(rest, "/"):]
}

func counts(t *testing.T, s *Store, name journal.Name, want int) {
	t.Helper()
	entries, addenda, err := s.Read(t.Context(), name, 1, 10_000)
	must(t, err)
	if len(entries) != want || len(addenda) != want {
		t.Fatalf("%s holds %d entries and %d addenda, want %d", name, len(entries), len(addenda), want)
	}
}

// An append whose answer never comes back is found out before it is answered; one that never arrived is sent again.
func TestLostAnswers(t *testing.T) {
	server := pgtest.Shared(t)
	url := server.Database(t)
	w := span(t, server)
	s := node(t, w.url(url))
	other := node(t, url)
	create(t, s, live)
	n := int64(0)
	for round := range 12 {
		var once sync.Once
		w.when(func(c *crossing) (on bool) {
			on = true
			once.Do(func() {
				if round%2 == 0 { // it arrives, and is stored; the answer is lost
					c.deaf.Store(true)
					before := n
					go func() {
						for {
							if h, _, err := other.Head(context.Background(), live); err != nil || h > before {
								break
							}
						}
						c.cut()
					}()
				} else { // it does not arrive
					on = false
					c.cut()
				}
			})
			return on
		})
		k := 1 + round%3
		must(t, s.Append(t.Context(), live, n, journaltest.Batch("a", n, k)))
		n += int64(k)
		counts(t, other, live, int(n))
	}
	// The same when somebody else was faster.
	w.when(func(c *crossing) bool {
		w.when(nil)
		must(t, other.Append(context.Background(), live, n, journaltest.Batch("b", n, 1)))
		c.cut()
		return false
	})
	if err := s.Append(t.Context(), live, n, journaltest.Batch("a", n, 1)); !errors.Is(err, journal.ErrHead) {
		t.Fatalf("somebody else was faster, and the answer is %v", err)
	}
	counts(t, other, live, int(n)+1)
}

// A batch that arrives late, after its sender was told that it is not stored, is not stored.
func TestLateBatch(t *testing.T) {
	server := pgtest.Shared(t)
	url := server.Database(t)
	s := node(t, url)
	create(t, s, live)
	// What a node sent and what lay on the wire since.
	late := journaltest.Batch("late", 0, 1)
	args := appendArgs(live, 0, s.fenceOf(live), late, false)
	settled, err := s.settle(live, 0, late)
	if settled || err != nil {
		t.Fatalf("it is not there, and settle says %v %v", settled, err)
	}
	l, err := s.pool.take(t.Context())
	must(t, err)
	stored, err := l.append(t.Context(), args, live)
	s.pool.put(l)
	if stored || err != nil {
		t.Fatalf("the late batch was taken: %v", err)
	}
	counts(t, s, live, 0)
	// Another node knew the fence of before, and goes on all the same.
	other := node(t, url)
	must(t, other.Append(t.Context(), live, 0, journaltest.Batch("b", 0, 1)))
	must(t, s.Append(t.Context(), live, 1, journaltest.Batch("c", 1, 1)))
}

// The server is killed again and again while two nodes append to two journals. What was acknowledged is there, once,
// and no batch is torn.
func TestServerKilled(t *testing.T) {
	server := pgtest.Start(t)
	url := server.Database(t)
	nodes := []*Store{node(t, url), node(t, url)}
	names := []journal.Name{"s1/hub-a", "s2/hub-b"}
	for _, name := range names {
		create(t, nodes[0], name)
	}
	kills := 6
	if testing.Short() {
		kills = 2
	}
	ctx, stop := context.WithCancel(t.Context())
	type told struct {
		name journal.Name
		n    int64
		who  string
	}
	var mu sync.Mutex
	var heard []told
	var all sync.WaitGroup
	for who := range 8 {
		all.Go(func() {
			s, name := nodes[who%2], names[who/2%2]
			for round := 0; ctx.Err() == nil; round++ {
				n, _, err := s.Head(ctx, name)
				if err != nil {
					continue
				}
				id := fmt.Sprintf("p%d.%d", who, round)
				err = s.Append(ctx, name, n, journaltest.Batch(id, n, 1+round%3))
				if err == nil {
					mu.Lock()
					heard = append(heard, told{name, n + 1, id})
					mu.Unlock()
				}
			}
		})
	}
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(heard)
	}
	for range kills {
		for before := count(); count() < before+40; {
		}
		server.Kill()
		server.Up(t)
	}
	for before := count(); count() < before+40; {
	}
	stop()
	all.Wait()
	for _, name := range names {
		entries, _, err := nodes[0].Read(t.Context(), name, 1, 1_000_000)
		must(t, err)
		times := map[string]int{}
		for _, e := range entries {
			times[string(e.Bytes)]++
			if times[string(e.Bytes)] > 1 {
				t.Errorf("%s: n=%d is there twice", name, e.N)
			}
		}
		for _, x := range heard {
			if x.name == name && (int(x.n) > len(entries) || !strings.HasPrefix(string(entries[x.n-1].Bytes), x.who+" ")) {
				t.Errorf("%s: n=%d of %s was acknowledged and is not there", name, x.n, x.who)
			}
		}
	}
	t.Logf("%d kills, %d appends acknowledged, none lost", kills, len(heard))
}

// With a synchronous standby an append waits for it, whatever becomes of the connection, and is there after the
// standby was promoted.
func TestSynchronousStandby(t *testing.T) {
	primary := pgtest.Start(t)
	url := primary.URL("postgres")
	standby := primary.Standby(t, "second")
	primary.Configure(t, "synchronous_standby_names = 'second'")
	w := span(t, primary)
	address := strings.Replace(w.url(url), "/postgres", ","+standby.Address()+"/postgres", 1)
	s := node(t, address)
	if p := s.Promise(); !strings.Contains(p, "synchronous standby (second)") {
		t.Errorf("it promises %q", p)
	}
	create(t, s, live)
	must(t, s.Append(t.Context(), live, 0, journaltest.Batch("a", 0, 3)))
	waiting := func() {
		t.Helper()
		for {
			if got := primary.Query(t, "postgres", "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'openmic'"); got[0] != "0" {
				return
			}
		}
	}
	for round := range 2 {
		n := int64(3 + round)
		standby.Kill()
		var mine atomic.Pointer[crossing]
		w.when(func(c *crossing) bool { mine.Store(c); return true })
		done := make(chan error, 1)
		go func() { done <- s.Append(context.Background(), live, n, journaltest.Batch("b", n, 1)) }()
		waiting()
		select {
		case err := <-done:
			t.Fatalf("acknowledged without the standby: %v", err)
		default:
		}
		if round == 1 { // the answer is lost too; nothing cancels the commit
			mine.Load().cut()
			for mine.Load() != nil {
				if got := primary.Query(t, "postgres", "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"); got[0] != "0" {
					break // the fence waits for it
				}
			}
			if got := primary.Query(t, "postgres", "SELECT n FROM openmic.journal"); got[0] != fmt.Sprint(n) {
				t.Fatalf("n=%s is visible and on one disk only", got[0])
			}
		}
		standby.Up(t)
		must(t, <-done)
	}
	w.when(nil)
	// The primary is gone for ever.
	primary.Kill()
	w.l.Close()
	standby.Promote(t)
	standby.Query(t, "postgres", "SELECT 1")
	must(t, s.Append(t.Context(), live, 5, journaltest.Batch("c", 5, 1)))
	counts(t, s, live, 6)
}

// Without what it rests on, the store does not open, and says in one sentence what to change.
func TestRefused(t *testing.T) {
	server := pgtest.Shared(t)
	refuse := func(url string, words ...string) error {
		t.Helper()
		s, err := Open(t.Context(), url, quiet())
		if err == nil {
			s.Close()
			t.Errorf("%s is taken", url)
			return nil
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q does not say %q", err, w)
			}
		}
		if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "secret") {
			t.Errorf("no sentence to show: %q", err)
		}
		return err
	}
	for _, value := range []string{"off", "local", "remote_write"} {
		url := server.Database(t)
		refuse(url+"&synchronous_commit="+value, "synchronous_commit is "+value, "set it to on")
	}
	refuse(server.URL("nowhere"), `"nowhere" does not exist`)
	refuse("postgres://a:secret@127.0.0.1:1/x", "refused")
	refuse("postgres://a:secret@127.0.0.1:many/x", "address")
	url := server.Database(t)
	server.Query(t, "postgres", "ALTER DATABASE "+database(url)+" SET default_transaction_read_only = on")
	refuse(url, "takes no writes")
	server.Query(t, "postgres", "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1'; ")
	refuse(server.URL("latin"), "LATIN1", "UTF8")

	url = server.Database(t)
	node(t, url)
	server.Query(t, database(url), "UPDATE openmic.version SET version = 2")
	if err := refuse(url, "newer"); !errors.Is(err, ErrNewer) {
		t.Errorf("not ErrNewer: %v", err)
	}
	server.Query(t, database(url), "UPDATE openmic.version SET version = 0")
	refuse(url, "not openmic's")
}

// fsync that was off when the server started is noticed; synchronous_commit also when it is turned off later.
func TestTurnedOff(t *testing.T) {
	server := pgtest.Start(t, "fsync=off")
	if _, err := Open(t.Context(), server.URL("postgres"), quiet()); err == nil || !strings.Contains(err.Error(), "fsync is off") {
		t.Errorf("without fsync: %v", err)
	}
	server = pgtest.Shared(t)
	url := server.Database(t)
	s := node(t, url)
	create(t, s, live)
	l, err := dial(t.Context(), s.pool.cfg, nil)
	must(t, err)
	defer shut(l)
	_, err = l.conn.Exec(t.Context(), "SET synchronous_commit = off").ReadAll()
	must(t, err)
	stored, err := l.append(t.Context(), appendArgs(live, 0, 0, journaltest.Batch("a", 0, 1), false), live)
	if stored || err != nil {
		t.Fatalf("taken although the server would not write it at once: %v", err)
	}
	// Turned off for all: a connection of before goes on as it was.
	server = pgtest.Start(t)
	s = node(t, server.URL("postgres"))
	read := func() row {
		all, err := s.read(t.Context(), `SELECT pg_conf_load_time()::text, current_setting('synchronous_commit')`)
		must(t, err)
		return all[0]
	}
	before := read()
	server.Configure(t, "synchronous_commit = off")
	for {
		if now := read(); now.text(0) != before.text(0) {
			if now.text(1) != "on" {
				t.Errorf("synchronous_commit became %s between two statements", now.text(1))
			}
			break
		}
	}
}

// Many nodes start at the same moment on an empty database.
func TestManyFirstStarts(t *testing.T) {
	url := pgtest.Shared(t).Database(t)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			s, err := Open(t.Context(), url, quiet())
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	all.Wait()
}

// One who is asked to read what the server's disk lost says where.
func TestDamaged(t *testing.T) {
	server := pgtest.Shared(t)
	url := server.Database(t)
	s := node(t, url)
	create(t, s, live)
	must(t, s.Append(t.Context(), live, 0, journaltest.Batch("a", 0, 9)))
	server.Query(t, database(url), `UPDATE openmic.entry SET bytes = 'x' WHERE n = 5`)
	_, _, err := s.Read(t.Context(), live, 1, 100)
	if !errors.Is(err, journal.ErrDamaged) || !strings.Contains(err.Error(), "n=5") {
		t.Errorf("n=5 is damaged, and reading says %v", err)
	}
	if entries, _, err := s.Read(t.Context(), live, 1, 4); err != nil || len(entries) != 4 {
		t.Errorf("what is before it cannot be read: %v", err)
	}
	server.Query(t, database(url), `DELETE FROM openmic.entry WHERE n = 3`)
	if _, _, err := s.Read(t.Context(), live, 1, 4); !errors.Is(err, journal.ErrDamaged) || !strings.Contains(err.Error(), "n=3") {
		t.Errorf("n=3 is missing, and reading says %v", err)
	}
}
