package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"openmic/internal/journal"
	"openmic/internal/journal/journaltest"
	"openmic/internal/journal/postgres/pgtest"
)

// waits lists the statements of nodes that wait for a standby, each with its session's process and when it began.
func waits(t *testing.T, primary *pgtest.Server, like string) []string {
	t.Helper()
	return primary.Query(t, "postgres", `SELECT pid || ' ' || query_start FROM pg_stat_activity
		WHERE wait_event = 'SyncRep' AND application_name = 'openmic' AND query LIKE '%`+like+`%'`)
}

// waiter is the process of the session whose append waits for a standby, once one does.
func waiter(t *testing.T, primary *pgtest.Server) string {
	t.Helper()
	for {
		if w := waits(t, primary, "INSERT INTO entry"); len(w) > 0 {
			pid, _, _ := strings.Cut(w[0], " ")
			return pid
		}
	}
}

// settled does what whoever appends has to do: when the answer is not known, or the batch surely not stored, it asks or
// sends again.
func settled(t *testing.T, s *Store, n int64, b journal.Batch, err error) {
	t.Helper()
	for err != nil {
		switch {
		case errors.Is(err, journal.ErrUnknown):
			err = journal.Settle(t.Context(), s, live, n, b)
		case errors.Is(err, journal.ErrNotStored):
			err = s.Append(t.Context(), live, n, b)
		default:
			t.Fatal(err)
		}
	}
}

// Somebody breaks off the wait of an append for its standby, and the primary is lost before the standby came back. The
// append was not acknowledged before it was on the standby.
func TestWaitBrokenOff(t *testing.T) {
	end := func(how string) func(*testing.T, *pgtest.Server, string) {
		return func(t *testing.T, p *pgtest.Server, pid string) { p.Query(t, "postgres", "SELECT "+how+"("+pid+")") }
	}
	for _, x := range []struct {
		name string
		how  func(t *testing.T, p *pgtest.Server, pid string)
		mute bool // the server is told to keep its warnings
	}{
		{"the server is stopped in order", func(t *testing.T, p *pgtest.Server, _ string) { p.Stop(t) }, false},
		{"the session is ended", end("pg_terminate_backend"), false},
		{"the statement is cancelled", end("pg_cancel_backend"), false},
		{"the statement is cancelled and nobody is warned", end("pg_cancel_backend"), true},
	} {
		t.Run(x.name, func(t *testing.T) {
			primary := pgtest.Start(t)
			if x.mute {
				primary.Query(t, "postgres", "ALTER DATABASE postgres SET client_min_messages = error")
			}
			standby := primary.Standby(t, "second")
			primary.Configure(t, "synchronous_standby_names = 'second'")
			s := node(t, strings.Replace(primary.URL("postgres"), "/postgres", ","+standby.Address()+"/postgres", 1))
			create(t, s, live)
			must(t, s.Append(t.Context(), live, 0, journaltest.Batch("a", 0, 3)))
			standby.Kill()
			b := journaltest.Batch("b", 3, 1)
			done := make(chan error, 1)
			go func() { done <- s.Append(context.Background(), live, 3, b) }()
			x.how(t, primary, waiter(t, primary))
			// Nothing is said until the standby is there again, or is the primary itself.
			for primary.PID() != 0 && len(waits(t, primary, "SET fence = fence")) == 0 {
				if len(done) > 0 {
					break
				}
			}
			select {
			case err := <-done:
				if err == nil {
					t.Error("acknowledged without the standby")
				}
				done <- err
			default:
			}
			primary.Kill()
			standby.Up(t)
			standby.Promote(t)
			settled(t, s, 3, b, <-done)
			if got := standby.Query(t, "postgres", "SELECT n FROM openmic.journal"); got[0] != "4" {
				t.Errorf("n=4 was acknowledged; the standby ends at n=%s", got[0])
			}
		})
	}
}

// deferred makes a database do something at every commit of an entry, after its statement was answered.
func deferred(t *testing.T, server *pgtest.Server, url, do string) {
	t.Helper()
	server.Query(t, database(url), `CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN `+do+` RETURN NULL; END $$;
		CREATE CONSTRAINT TRIGGER late AFTER INSERT ON openmic.entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late()`)
}

// A statement was fine and its commit fails.
func TestCommitRefused(t *testing.T) {
	server := pgtest.Shared(t)
	url := server.Database(t)
	s := node(t, url)
	create(t, s, live)
	deferred(t, server, url, `RAISE EXCEPTION 'not today';`)
	if err := s.Append(t.Context(), live, 0, journaltest.Batch("a", 0, 2)); !errors.Is(err, journal.ErrNotStored) || !strings.Contains(err.Error(), "not today") {
		t.Errorf("its commit failed, and the append says %v", err)
	}
	if err := s.AppendForeign(t.Context(), live, journaltest.Batch("a", 0, 2)); !errors.Is(err, journal.ErrNotStored) {
		t.Errorf("its commit failed, and the copy says %v", err)
	}
	counts(t, s, live, 0)
	server.Query(t, database(url), `DROP FUNCTION late() CASCADE`)
	must(t, s.Append(t.Context(), live, 0, journaltest.Batch("a", 0, 2)))
}

// The server answers the statement, and dies before it has committed.
func TestDeathBeforeCommit(t *testing.T) {
	server := pgtest.Start(t)
	url := server.Database(t)
	s := node(t, url)
	create(t, s, live)
	// The warning sends on what the statement answered.
	deferred(t, server, url, `RAISE WARNING 'soon'; PERFORM pg_advisory_xact_lock_shared(1);`)
	holding := node(t, url)
	l, err := holding.pool.take(t.Context())
	must(t, err)
	_, err = l.ask(t.Context(), "SELECT pg_advisory_lock(1)")
	must(t, err)
	done := make(chan error, 1)
	go func() { done <- s.Append(context.Background(), live, 0, journaltest.Batch("a", 0, 1)) }()
	for len(server.Query(t, "postgres", "SELECT pid FROM pg_stat_activity WHERE wait_event = 'advisory'")) == 0 {
	}
	server.Kill()
	holding.pool.put(l)
	select {
	case err := <-done:
		if err == nil {
			t.Error("acknowledged, and never committed")
		}
		done <- err
	default:
	}
	server.Up(t)
	settled(t, s, 0, journaltest.Batch("a", 0, 1), <-done)
	counts(t, node(t, url), live, 1)
}

// No write is acknowledged whose wait was broken off, nor one that finds what another write left on one disk: it waits
// again.
func TestEveryWriteWaits(t *testing.T) {
	server := pgtest.Start(t)
	url := server.URL("postgres")
	first := node(t, url)
	ctx := t.Context()
	for i := range 4 {
		create(t, first, journal.Name(fmt.Sprintf("s1/hub-%d", i)))
		must(t, first.PutPass(ctx, journal.Pass{Hash: []byte{byte(i)}, Session: "s1", ID: fmt.Sprint(i), Label: "{}"}))
	}
	must(t, first.Append(ctx, "s1/hub-0", 0, journaltest.Batch("a", 0, 1)))
	must(t, first.Set(ctx, "there", "old"))
	must(t, first.PutCheckpoint(ctx, live, 1, []byte("there")))
	type write struct {
		name string
		f    func(s *Store) error
	}
	writes := []write{
		{"Create", func(s *Store) error { return s.Create(ctx, journal.Info{Name: "s1/new", Session: "s1", Site: "hub"}) }},
		{"Create again", func(s *Store) error { return s.Create(ctx, journal.Info{Name: "s1/hub-3", Session: "s1", Site: "hub"}) }},
		{"AppendForeign", func(s *Store) error { return s.AppendForeign(ctx, "s1/hub-1", journaltest.Batch("f", 0, 2)) }},
		{"Mark", func(s *Store) error { return s.Mark(ctx, "s1/hub-2", journal.Mark{Session: 1, Wall: 1}) }},
		{"Erase", func(s *Store) error { return s.Erase(ctx, "s1/hub-0", []journal.Where{{N: 1, Field: "text"}}) }},
		{"Set", func(s *Store) error { return s.Set(ctx, "new", "x") }},
		{"Change", func(s *Store) error { return s.Change(ctx, "there", "old", "new") }},
		{"Change from nothing", func(s *Store) error { return s.Change(ctx, "changed", "", "x") }},
		{"PutPass", func(s *Store) error { return s.PutPass(ctx, journal.Pass{Hash: []byte{9}, Session: "s1", ID: "9"}) }},
		{"RevokePass", func(s *Store) error { return s.RevokePass(ctx, "s1", "0") }},
		{"ErasePass", func(s *Store) error { return s.ErasePass(ctx, "s1", "1") }},
		{"PutCheckpoint", func(s *Store) error { return s.PutCheckpoint(ctx, live, 2, []byte("x")) }},
		{"PutCheckpoint again", func(s *Store) error { return s.PutCheckpoint(ctx, live, 1, []byte("x")) }},
	}
	nodes := make([]*Store, len(writes))
	for i := range nodes {
		nodes[i] = node(t, url)
	}
	// Nobody confirms to this server any more: from when somebody waits, all do.
	server.Configure(t, "synchronous_standby_names = 'nobody'")
	go func() {
		for ctx.Err() == nil && first.Set(ctx, "probe", "x") == nil {
		}
	}()
	known := map[string]bool{}
	next := func(name, key string, done chan error) (wait string) {
		t.Helper()
		for {
			for _, w := range waits(t, server, "") {
				if !known[w] {
					known[w] = true
					return w
				}
			}
			if len(done) > 0 {
				t.Errorf("%s: %s and nobody confirmed it: %v", name, key, <-done)
				return ""
			}
		}
	}
	next("a probe", "it was answered", nil)
	answers := make([]chan error, len(writes))
	for i, w := range writes {
		done := make(chan error, 1)
		answers[i] = done
		go func() { done <- w.f(nodes[i]) }()
		wait := next(w.name, "it was answered", done)
		if wait == "" {
			continue
		}
		pid, _, _ := strings.Cut(wait, " ")
		server.Query(t, "postgres", "SELECT pg_cancel_backend("+pid+")")
		next(w.name, "its wait was broken off", done)
	}
	if t.Failed() {
		return
	}
	// The operator goes on without a standby: now they are kept as well as anything is.
	server.Configure(t, "synchronous_standby_names = ''")
	for i, w := range writes {
		if err := <-answers[i]; err != nil && !errors.Is(err, journal.ErrUnknown) { // on a slow machine nobody waited so long
			t.Errorf("%s: %v", w.name, err)
		}
	}
}
