package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/journal/journaltest"
	"openmic/internal/journal/postgres/pgtest"
	session "openmic/internal/live"
)

// An entry is visible and on one disk only, because the primary came back before its standby, or somebody ended the
// session that waited. No other node hands it on before the standby has it.
func TestVisibleIsNotKept(t *testing.T) {
	for _, x := range []struct {
		name string
		how  func(t *testing.T, p *pgtest.Server, pid string)
	}{
		{"the primary crashes and comes back", func(t *testing.T, p *pgtest.Server, _ string) { p.Kill(); p.Up(t) }},
		{"the session is ended", func(t *testing.T, p *pgtest.Server, pid string) {
			p.Query(t, "postgres", "SELECT pg_terminate_backend("+pid+")")
		}},
	} {
		t.Run(x.name, func(t *testing.T) {
			primary := pgtest.Start(t)
			url := primary.URL("postgres")
			standby := primary.Standby(t, "second")
			primary.Configure(t, "synchronous_standby_names = 'second'")
			writer, reader, copier := node(t, url), node(t, url), node(t, url)
			create(t, writer, live)
			must(t, writer.Append(t.Context(), live, 0, journaltest.Batch("a", 0, 3)))
			counts(t, reader, live, 3)
			standby.Kill()
			b := journaltest.Batch("b", 3, 1)
			wrote := make(chan error, 1)
			go func() { wrote <- writer.Append(context.Background(), live, 3, b) }()
			x.how(t, primary, waiter(t, primary))
			for {
				if n, _, err := reader.Head(t.Context(), live); err == nil && n == 4 {
					break
				}
			}
			read, copied := make(chan error, 1), make(chan error, 1)
			go func() {
				entries, _, err := reader.Read(context.Background(), live, 4, 1)
				if err == nil && len(entries) != 1 {
					err = errors.New("it is not there")
				}
				read <- err
			}()
			go func() { copied <- copier.AppendForeign(context.Background(), live, b) }()
			for len(waits(t, primary, "pg_logical_emit_message")) < 2 {
				if len(read) > 0 || len(copied) > 0 {
					break
				}
			}
			for what, answer := range map[string]chan error{"read": read, "copied": copied} {
				select {
				case err := <-answer:
					if err == nil {
						t.Errorf("%s without the standby", what)
					}
					answer <- err
				default:
				}
			}
			if entries, _, err := reader.Read(t.Context(), live, 1, 3); err != nil || len(entries) != 3 {
				t.Errorf("what was kept before cannot be read any more: %v", err)
			}
			standby.Up(t)
			for what, answer := range map[string]chan error{"read": read, "copied": copied} {
				if err := <-answer; err != nil && !errors.Is(err, journal.ErrUnknown) { // on a slow machine nobody waited so long
					t.Errorf("%s: %v", what, err)
				}
			}
			settled(t, writer, 3, b, <-wrote)
			counts(t, reader, live, 4)
		})
	}
}

// A phone whose press was not answered presses again at another node. The primary crashed meanwhile and came back before
// its standby. When the other node says yes, the standby has it.
func TestSecondPressElsewhere(t *testing.T) {
	primary := pgtest.Start(t)
	url := primary.URL("postgres")
	standby := primary.Standby(t, "second")
	primary.Configure(t, "synchronous_standby_names = 'second'")
	info := journal.Info{Name: "s1/hub-a", Session: "s1", Site: "hub"}
	open := func() *session.Session {
		store := node(t, url)
		must(t, store.Create(t.Context(), info))
		w := session.World{Now: time.Now, Log: quiet(), Shared: true, Nonce: func() []byte { b := make([]byte, 16); rand.Read(b); return b }}
		s, err := session.Open(t.Context(), store, info, w)
		must(t, err)
		t.Cleanup(s.Close)
		return s
	}
	here, there := open(), open()
	ana := floor.Actor{Person: "ana", Roles: floor.Participant}
	chair := floor.Actor{Person: "chair", Roles: floor.Chair | floor.Organiser}
	for _, c := range []session.Command{
		{ID: "plan", Actor: chair, Do: &floor.Plan{Title: "A story", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}},
		{ID: "join", Actor: ana, Do: &floor.Join{Side: floor.Room}},
	} {
		_, err := here.Do(t.Context(), c)
		must(t, err)
	}
	ask := session.Command{ID: "ask", Actor: ana, Do: &floor.Ask{}}
	standby.Kill()
	go here.Do(context.Background(), ask) // nobody hears what it says
	waiter(t, primary)
	primary.Kill()
	primary.Up(t)
	yes := make(chan struct{})
	go func() {
		for t.Context().Err() == nil {
			if _, err := there.Do(t.Context(), ask); err == nil {
				close(yes)
				return
			}
		}
	}()
	asking := true
	for asking && len(waits(t, primary, "pg_logical_emit_message")) == 0 {
		select {
		case <-yes:
			t.Error("yes, without the standby")
			asking = false
		default:
		}
	}
	standby.Up(t)
	<-yes
	primary.Kill()
	standby.Promote(t)
	if got := standby.Query(t, "postgres", "SELECT n FROM openmic.journal"); got[0] != "4" {
		t.Errorf("the other node said yes to n=4; the standby ends at n=%s", got[0])
	}
}

// An entry that was read at one server is not confirmed by another one that does not have it.
func TestConfirmedElsewhere(t *testing.T) {
	url := pgtest.Shared(t).Database(t)
	s := node(t, url)
	create(t, s, live)
	must(t, s.Append(t.Context(), live, 0, journaltest.Batch("a", 0, 2)))
	for _, e := range []journal.Entry{journal.NewEntry(2, []byte("another story")), journal.NewEntry(3, []byte("more of it"))} {
		if err := s.confirm(t.Context(), live, e); !errors.Is(err, journal.ErrUnknown) {
			t.Errorf("n=%d is not here, and confirming it says %v", e.N, err)
		}
	}
	counts(t, node(t, url), live, 2)
}
