package sqlite

import (
	"context"
	"fmt"

	codes "modernc.org/sqlite/lib"

	"openmic/internal/journal"
)

// What one commit takes at most, and after how many bytes of log the writer checkpoints.
const (
	groupWrites     = 256
	groupBytes      = 1 << 20
	checkpointBytes = 4 << 20
	commitBytes     = 16 << 10 // about what a commit costs beside its payload: a few pages
)

// write is one wish of one caller.
type write struct {
	// do changes the database through g. It answers a refusal before it has changed anything;
	// what it returns as failed undoes the whole group.
	do   func(g *group) (refusal, failed error)
	size int
	// then runs alone after the commit and before the answer; nil for most.
	then func() error
	done chan error // one answer, buffered
}

func answer(writes []*write, err error) {
	for _, w := range writes {
		w.done <- err
	}
}

// submit hands a write to run and waits for its answer.
func (s *Store) submit(ctx context.Context, w *write) error {
	w.done = make(chan error, 1)
	if err := ctx.Err(); err != nil { // select would toss a coin
		return fmt.Errorf("%w: %w", journal.ErrNotStored, err)
	}
	select {
	case s.writes <- w:
		// From here the write belongs to run, which always answers.
		return <-w.done
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", journal.ErrNotStored, ctx.Err())
	case <-s.ended:
		return fmt.Errorf("%w: the store is closed", journal.ErrNotStored)
	}
}

// run is the only goroutine that writes. It ends with Close.
func (s *Store) run() {
	defer close(s.ended)
	logged := 0
	for {
		select {
		case <-s.closing:
			if !s.broken.Load() {
				// What fails here is done by the next start.
				_ = s.scrub()
			}
			return
		case w := <-s.writes:
			g := s.gather(w)
			s.commit(g)
			logged += g.size + commitBytes
		}
		if logged >= checkpointBytes {
			logged = 0
			s.checkpoint()
		}
	}
}

// gather takes what waits, up to the caps.
func (s *Store) gather(w *write) *group {
	g := &group{
		writes: []*write{w},
		size:   w.size,
		conn:   s.conn,
		known:  s.known,
		heads:  map[journal.Name]*head{},
		woken:  map[journal.Name]bool{},
	}
	for len(g.writes) < groupWrites && g.size < groupBytes {
		select {
		case w := <-s.writes:
			g.writes = append(g.writes, w)
			g.size += w.size
		default:
			return g
		}
	}
	return g
}

func (s *Store) commit(g *group) {
	if s.broken.Load() {
		answer(g.writes, fmt.Errorf("%w: %w", journal.ErrNotStored, journal.ErrBroken))
		return
	}
	if _, err := g.exec("BEGIN IMMEDIATE"); err != nil {
		answer(g.writes, fmt.Errorf("begin: %w: %w", journal.ErrNotStored, err))
		return
	}
	var accepted []*write
	for i, w := range g.writes {
		refusal, failed := w.do(g)
		if failed != nil {
			// Without its commit nothing of a transaction survives, on disk or in memory.
			g.rollback()
			answer(append(accepted, g.writes[i:]...), fmt.Errorf("%w: %w", journal.ErrNotStored, failed))
			return
		}
		if refusal != nil {
			w.done <- refusal
			continue
		}
		accepted = append(accepted, w)
	}
	if _, err := g.exec("COMMIT"); err != nil {
		g.rollback()
		answer(accepted, s.notCommitted(err))
		return
	}
	// From here the group survives a power cut. Only now may anybody be told.
	var ends []end
	for name := range g.woken {
		if h := g.heads[name]; h != nil && h.hash != ([32]byte{}) {
			ends = append(ends, end{name, h.n, h.hash})
		}
	}
	if len(ends) > 0 {
		s.taken.note(ends, s.lost)
	}
	for _, w := range accepted {
		if w.then == nil {
			w.done <- nil
		}
	}
	for name := range g.woken {
		s.watch.wake(name)
	}
	for _, w := range accepted {
		if w.then != nil {
			w.done <- w.then()
		}
	}
}

// notCommitted says what a failed COMMIT means. The last thing a commit writes is the frame
// that makes it valid; then it syncs. No room for that frame: surely nothing is stored, and
// with room again the store goes on. Anything else may have left a valid commit in the log
// that the next start finds, so the store must not acknowledge anything on top of it.
func (s *Store) notCommitted(err error) error {
	switch code(err) & 0xff {
	case codes.SQLITE_FULL, codes.SQLITE_BUSY, codes.SQLITE_NOMEM, codes.SQLITE_CONSTRAINT:
		return fmt.Errorf("commit: %w: %w", journal.ErrNotStored, err)
	}
	s.broken.Store(true)
	return fmt.Errorf("commit: %w: %w: %w", journal.ErrUnknown, journal.ErrBroken, err)
}

// checkpoint moves the log into the database while nobody waits for it. A full disk is tried
// again later; another failure of the disk is final, because after a failed fsync the system
// may have forgotten what it did not write.
func (s *Store) checkpoint() {
	var busy, log, moved int
	err := s.conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &log, &moved)
	if err != nil && code(err)&0xff == codes.SQLITE_IOERR {
		s.broken.Store(true)
	}
}
