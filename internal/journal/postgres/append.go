package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"openmic/internal/journal"
)

// A journal that is there is written again as it is: a statement that writes nothing waits for no standby, and would
// confirm what another one left on one disk.
const insertJournal = `INSERT INTO journal (name, session, site, born, key) VALUES ($1, $2, $3, $4::bigint, $5)
	ON CONFLICT (name) DO UPDATE SET n = journal.n`
const selectJournal = `SELECT session, site, born, key FROM journal WHERE name = $1`

// Create implements journal.Store.
func (s *Store) Create(ctx context.Context, info journal.Info) error {
	if info.Name == "" {
		return fmt.Errorf("create journal: %w: no name", journal.ErrBad)
	}
	_, err := s.write(ctx, insertJournal, text(string(info.Name)), text(info.Session), text(info.Site), number(info.Born), raw(info.Key))
	var all []row
	if err == nil {
		all, err = s.read(ctx, selectJournal, text(string(info.Name)))
	}
	if err != nil {
		return fmt.Errorf("create journal: %w", err)
	}
	if len(all) != 1 {
		return fmt.Errorf("create journal: %w: it is gone again", journal.ErrNotStored)
	}
	if x := all[0]; x.text(0) != info.Session || x.text(1) != info.Site || x.number(2) != info.Born || !bytes.Equal(x[3], info.Key) {
		return fmt.Errorf("create journal: %w: %s", journal.ErrExists, info.Name)
	}
	return nil
}

// Append implements journal.Store.
func (s *Store) Append(ctx context.Context, name journal.Name, expectedN int64, b journal.Batch) error {
	if err := b.Check(expectedN); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	if err := s.add(ctx, name, expectedN, b, false); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	return nil
}

// AppendForeign implements journal.Store.
func (s *Store) AppendForeign(ctx context.Context, name journal.Name, b journal.Batch) error {
	if len(b.Entries) == 0 {
		return fmt.Errorf("append foreign: %w: no entries", journal.ErrBad)
	}
	if err := b.Check(b.Entries[0].N - 1); err != nil {
		return fmt.Errorf("append foreign: %w", err)
	}
	for {
		n, rest, err := s.unknown(ctx, name, b)
		switch {
		case err != nil:
		case len(rest.Entries) > 0:
			err = s.add(ctx, name, n, rest, true)
		default:
			err = s.confirm(ctx, name, b.Entries[len(b.Entries)-1])
		}
		switch {
		case errors.Is(err, journal.ErrHead) && ctx.Err() == nil:
			continue // another node copied the same in this moment
		case err != nil:
			return fmt.Errorf("append foreign: %w", err)
		}
		return nil
	}
}

const selectHashes = `SELECT n, hash FROM entry WHERE journal = $1::bigint AND n BETWEEN $2::bigint AND $3::bigint ORDER BY n`

// unknown gives what of a foreign batch is not here yet, and where the journal ends. What is here must be the same.
func (s *Store) unknown(ctx context.Context, name journal.Name, b journal.Batch) (n int64, rest journal.Batch, err error) {
	h, err := s.find(ctx, name)
	if err != nil {
		return 0, rest, notStored(err)
	}
	if first := b.Entries[0].N; first > h.n+1 {
		return 0, rest, fmt.Errorf("%w: %s ends at n=%d, n=%d came", journal.ErrGap, name, h.n, first)
	}
	here, err := s.read(ctx, selectHashes, number(h.id), number(b.Entries[0].N), number(h.n))
	if err != nil {
		return 0, rest, notStored(err)
	}
	for i, e := range b.Entries {
		if e.N > h.n {
			rest.Entries = append(rest.Entries, e)
			continue
		}
		if i >= len(here) || here[i].number(0) != e.N {
			return 0, rest, fmt.Errorf("%w: %w: n=%d is missing", journal.ErrNotStored, journal.ErrDamaged, e.N)
		}
		if was := here[i][1]; !bytes.Equal(was, e.Hash[:]) {
			return 0, rest, fmt.Errorf("%w: %s at n=%d: here %x, came %x", journal.ErrFork, name, e.N, was, e.Hash)
		}
	}
	for _, a := range b.Addenda {
		if a.N > h.n {
			rest.Addenda = append(rest.Addenda, a)
		}
	}
	return h.n, rest, nil
}

// notStored says of an error before anything was written that nothing was.
func notStored(err error) error {
	if errors.Is(err, journal.ErrNoJournal) {
		return err
	}
	return fmt.Errorf("%w: %w", journal.ErrNotStored, err)
}

// appendBatch moves the head on and adds the batch behind it: one statement, hence one transaction and one way to the
// server and back. Whoever comes second waits for the row of the journal and then finds another head.
const appendBatch = `WITH j AS (
	UPDATE journal SET n = $3::bigint, hash = $4 WHERE name = $1 AND n = $2::bigint AND fence = $5::bigint
		AND (NOT restored OR $6::boolean) AND current_setting('synchronous_commit') IN ('on', 'remote_apply') RETURNING id
), e AS (
	INSERT INTO entry (journal, n, bytes, hash)
	SELECT j.id, x.n, x.bytes, x.hash FROM j, unnest($7::bigint[], $8::bytea[], $9::bytea[]) AS x (n, bytes, hash)
), a AS (
	INSERT INTO addendum (journal, n, field, place, nonce, words)
	SELECT j.id, x.n, x.field, x.place, x.nonce, x.words
	FROM j, unnest($10::bigint[], $11::text[], $12::bytea[], $13::bytea[]) WITH ORDINALITY AS x (n, field, nonce, words, place)
	ON CONFLICT (journal, n, field) DO NOTHING -- it was erased before it came
) SELECT id FROM j`

func appendArgs(name journal.Name, expectedN, fence int64, b journal.Batch, foreign bool) []arg {
	ns, bodies, hashes := list{oid: oidNumber}, list{oid: oidBytes}, list{oid: oidBytes}
	for _, e := range b.Entries {
		ns.number(e.N)
		bodies.add(e.Bytes)
		hashes.add(e.Hash[:])
	}
	of, fields, nonces, words := list{oid: oidNumber}, list{oid: oidText}, list{oid: oidBytes}, list{oid: oidBytes}
	for _, a := range b.Addenda {
		of.number(a.N)
		fields.add([]byte(a.Field))
		nonces.add(a.Nonce)
		words.add([]byte(a.Text))
	}
	last := b.Entries[len(b.Entries)-1]
	return []arg{text(string(name)), number(expectedN), number(last.N), raw(last.Hash[:]), number(fence), truth(foreign),
		ns.arg(), bodies.arg(), hashes.arg(), of.arg(), fields.arg(), nonces.arg(), words.arg()}
}

// add appends a batch whose form was checked. An answer that was lost is found out before this one is given.
func (s *Store) add(caller context.Context, name journal.Name, expectedN int64, b journal.Batch, foreign bool) error {
	if err := caller.Err(); err != nil {
		return fmt.Errorf("%w: %w", journal.ErrNotStored, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		l, err := s.begin(caller, ctx)
		if err != nil {
			return fmt.Errorf("%w: %w", journal.ErrNotStored, err)
		}
		// From here the write is waited for, whatever becomes of the caller.
		stored, err := l.append(ctx, appendArgs(name, expectedN, s.fenceOf(name), b, foreign), name)
		switch {
		case err == nil && stored:
			s.pool.put(l)
			s.taken(name, b)
			return nil
		case err == nil:
			s.pool.put(l)
			if err := s.why(ctx, name, expectedN, foreign); err != nil {
				return err
			}
			continue // only the fence was another
		case readOnly(err):
			s.pool.drop(l) // it was the primary once
			if err := s.pause(ctx, err); err != nil {
				return err
			}
			continue
		case refused(err):
			s.pool.put(l)
			return fmt.Errorf("%w: %s", journal.ErrNotStored, plain(err))
		case errors.Is(err, errNotSent):
			s.pool.put(l)
			continue
		}
		s.pool.put(l)
		// The connection broke, or the server warned: the batch may be stored, now or in a moment.
		settled, err := s.settle(name, expectedN, b)
		if settled && err == nil {
			s.taken(name, b)
		}
		if settled {
			return err
		}
		// Surely it is not, and cannot be any more: it is sent again.
	}
}

// taken is for a batch that is stored and kept.
func (s *Store) taken(name journal.Name, b journal.Batch) {
	s.keep(name, b.Entries[len(b.Entries)-1])
	s.watch.wake(topicJournal(name))
}

// begin takes a connection for a write; until then the caller may think better of it.
func (s *Store) begin(caller, ctx context.Context) (*link, error) {
	both, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(caller, func() { cancel(caller.Err()) })()
	l, err := s.pool.take(both)
	if err != nil && caller.Err() != nil {
		err = fmt.Errorf("%w: %w", err, caller.Err())
	}
	return l, err
}

// pause waits a moment before a write is tried again.
func (s *Store) pause(ctx context.Context, why error) error {
	select {
	case <-time.After(100 * time.Millisecond):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %s", journal.ErrNotStored, plain(why))
	}
}

// errNotSent: the connection broke before the batch was on its way.
var errNotSent = errors.New("not sent")

// append sends the batch, and behind it, in a transaction of its own, the word to the other nodes: a NOTIFY inside
// the same transaction would make all sessions of the database commit one after the other.
func (l *link) append(ctx context.Context, args []arg, name journal.Name) (stored bool, err error) {
	add, err := l.prepare(ctx, appendBatch)
	if err != nil {
		return false, fmt.Errorf("%w: %w", errNotSent, err)
	}
	tell, err := l.prepare(ctx, notify)
	if err != nil {
		return false, fmt.Errorf("%w: %w", errNotSent, err)
	}
	l.warning = ""
	p := l.conn.StartPipeline(ctx)
	// Closing reads the rest. What becomes of the word to others does not matter here: they also look by themselves.
	defer p.Close()
	values, formats := bind(args)
	p.SendQueryPrepared(add, values, formats, binaryAnswer)
	p.SendPipelineSync()
	p.SendQueryPrepared(tell, [][]byte{[]byte(topicJournal(name))}, nil, binaryAnswer)
	if err := p.Sync(); err != nil {
		return false, err
	}
	all, err := committed(p)
	err = l.kept(err)
	return err == nil && len(all) > 0, err
}

// committed reads what a statement in a pipeline answers. The answer comes before the commit, which may still fail, wait
// for a standby, or never be: only when the server is ready for the next transaction has there been one.
func committed(p *pgconn.Pipeline) ([]row, error) {
	answer, err := p.GetResults()
	if err != nil {
		return nil, err
	}
	r, ok := answer.(*pgconn.ResultReader)
	if !ok {
		return nil, fmt.Errorf("the server answered a statement with %T", answer)
	}
	all, err := rows(r)
	if err != nil {
		return nil, err
	}
	if answer, err = p.GetResults(); err != nil {
		return nil, err
	}
	if _, ok := answer.(*pgconn.PipelineSync); !ok {
		return nil, fmt.Errorf("the server answered a commit with %T", answer)
	}
	return all, nil
}

// why finds out why the compare-and-set changed nothing; nil when only the fence had moved.
func (s *Store) why(ctx context.Context, name journal.Name, expectedN int64, foreign bool) error {
	h, err := s.find(ctx, name)
	switch {
	case err != nil:
		return notStored(err)
	case h.restored && !foreign:
		return fmt.Errorf("%w: %s", journal.ErrRestored, name)
	case h.n != expectedN:
		return fmt.Errorf("%w: %s ends at n=%d, not n=%d", journal.ErrHead, name, h.n, expectedN)
	case s.fenceOf(name) == h.fence:
		return fmt.Errorf("%w: synchronous_commit was turned off for this database; turn it on again", journal.ErrNotStored)
	}
	s.setFence(name, h.fence)
	return nil
}

// refused: the server itself said no, so its transaction is surely undone.
func refused(err error) bool {
	var pg *pgconn.PgError
	return pgconn.SafeToRetry(err) || errors.As(err, &pg) && pg.SeverityUnlocalized == "ERROR"
}

// readOnly: the server is no primary any more, and surely took nothing.
func readOnly(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "25006"
}
