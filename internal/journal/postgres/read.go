package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"openmic/internal/journal"
)

// read asks something that changes nothing, again on another connection as long as connections break.
func (s *Store) read(ctx context.Context, sql string, args ...arg) ([]row, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		l, err := s.pool.take(ctx)
		if err != nil {
			return nil, err
		}
		all, err := l.ask(ctx, sql, args...)
		s.pool.put(l)
		if err == nil {
			return all, nil
		}
		if damaged(err) {
			return nil, fmt.Errorf("%w: %s", journal.ErrDamaged, plain(err))
		}
		if refused(err) || ctx.Err() != nil {
			return nil, errors.New(plain(err))
		}
	}
}

// damaged: the server found that its own files are not as it wrote them.
func damaged(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "XX001" || pg.Code == "XX002")
}

// write changes something that may be changed twice without harm. What it confirms it has to write, also when that is
// there already.
func (s *Store) write(caller context.Context, sql string, args ...arg) ([]row, error) {
	if err := caller.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", journal.ErrNotStored, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.persist(caller, ctx, sql, args...)
}

// persist sends such a change until there is an answer or ctx ends.
func (s *Store) persist(caller, ctx context.Context, sql string, args ...arg) ([]row, error) {
	sent := false
	for {
		l, err := s.begin(caller, ctx)
		if err != nil && sent {
			return nil, fmt.Errorf("%w: %w", journal.ErrUnknown, err)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", journal.ErrNotStored, err)
		}
		all, err := l.change(ctx, sql, args...)
		switch {
		case err == nil:
			s.pool.put(l)
			return all, nil
		case readOnly(err):
			s.pool.drop(l)
			if err := s.pause(ctx, err); err != nil && sent {
				return nil, fmt.Errorf("%w: %s", journal.ErrUnknown, plain(err))
			} else if err != nil {
				return nil, err
			}
			continue
		case pgconn.SafeToRetry(err) && ctx.Err() == nil:
			s.pool.put(l)
			continue
		case refused(err) && sent: // this time; what was sent before may be stored
			s.pool.put(l)
			return nil, fmt.Errorf("%w: %s", journal.ErrUnknown, plain(err))
		case refused(err):
			s.pool.put(l)
			return nil, fmt.Errorf("%w: %s", journal.ErrNotStored, plain(err))
		}
		s.pool.put(l)
		sent = true
		caller = ctx // what has begun is waited for
	}
}

// found is a journal's row.
type found struct {
	id, n, fence int64
	hash         []byte
	restored     bool
}

const selectHead = `SELECT id, n, fence, hash, restored FROM journal WHERE name = $1`

func (s *Store) find(ctx context.Context, name journal.Name) (found, error) {
	all, err := s.read(ctx, selectHead, text(string(name)))
	if err != nil {
		return found{}, err
	}
	if len(all) == 0 {
		return found{}, fmt.Errorf("%w: %s", journal.ErrNoJournal, name)
	}
	x := all[0]
	return found{x.number(0), x.number(1), x.number(2), x[3], x.truth(4)}, nil
}

const selectEntries = `SELECT e.n, e.bytes, e.hash, e.journal FROM entry e JOIN journal j ON j.id = e.journal
	WHERE j.name = $1 AND e.n >= $2::bigint ORDER BY e.n LIMIT $3::bigint`
const selectAddenda = `SELECT n, field, nonce, words FROM addendum
	WHERE journal = $1::bigint AND n BETWEEN $2::bigint AND $3::bigint AND words IS NOT NULL ORDER BY n, place`

// Read implements journal.Store. Every entry is hashed again, so that a damaged one is noticed where it is.
func (s *Store) Read(ctx context.Context, name journal.Name, from int64, limit int) ([]journal.Entry, []journal.Addendum, error) {
	entries, addenda, err := s.readBoth(ctx, name, from, limit)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	return entries, addenda, nil
}

func (s *Store) readBoth(ctx context.Context, name journal.Name, from int64, limit int) ([]journal.Entry, []journal.Addendum, error) {
	all, err := s.read(ctx, selectEntries, text(string(name)), number(from), number(int64(max(limit, 0))))
	if err != nil {
		return nil, nil, err
	}
	if len(all) == 0 {
		_, err := s.find(ctx, name)
		return nil, nil, err
	}
	entries, err := whole(all, max(from, 1))
	if err == nil {
		err = s.confirm(ctx, name, entries[len(entries)-1])
	}
	if err != nil {
		return nil, nil, err
	}
	// They are of a later moment than the entries: what was erased in between is not among them.
	words, err := s.read(ctx, selectAddenda, number(all[0].number(3)), number(entries[0].N), number(entries[len(entries)-1].N))
	if err != nil {
		return nil, nil, err
	}
	var addenda []journal.Addendum
	for _, x := range words {
		addenda = append(addenda, addendumOf(x))
	}
	return entries, addenda, nil
}

func addendumOf(x row) journal.Addendum {
	return journal.Addendum{N: x.number(0), Field: x.text(1), Nonce: x[2], Text: x.text(3)}
}

// whole hashes entries again and looks that none is missing, from the one with number first on.
func whole(all []row, first int64) ([]journal.Entry, error) {
	entries := make([]journal.Entry, len(all))
	for i, x := range all {
		e := journal.NewEntry(x.number(0), x[1])
		if string(e.Hash[:]) != string(x[2]) || len(x[2]) != sha256.Size {
			return nil, fmt.Errorf("%w: n=%d", journal.ErrDamaged, e.N)
		}
		if want := first + int64(i); e.N != want {
			return nil, fmt.Errorf("%w: n=%d is missing", journal.ErrDamaged, want)
		}
		entries[i] = e
	}
	return entries, nil
}

// Head implements journal.Store. What lies there is known to be kept once it was read.
func (s *Store) Head(ctx context.Context, name journal.Name) (n int64, hash [32]byte, err error) {
	err = s.sure(ctx, name)
	var h found
	if err == nil {
		h, err = s.find(ctx, name)
	}
	if err != nil {
		return 0, hash, fmt.Errorf("head of %s: %w", name, err)
	}
	s.ends(name, h.n)
	copy(hash[:], h.hash)
	return h.n, hash, nil
}

const selectJournals = `SELECT name, session, site, born, key, restored FROM journal`

// List implements journal.Store.
func (s *Store) List(ctx context.Context) ([]journal.Info, error) {
	return s.list(ctx, selectJournals+` ORDER BY name COLLATE "C"`)
}

// ListOf gives the journals of one session, ordered by name.
func (s *Store) ListOf(ctx context.Context, session string) ([]journal.Info, error) {
	return s.list(ctx, selectJournals+` WHERE session = $1 ORDER BY name COLLATE "C"`, text(session))
}

func (s *Store) list(ctx context.Context, sql string, args ...arg) ([]journal.Info, error) {
	all, err := s.read(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("list journals: %w", err)
	}
	var infos []journal.Info
	for _, x := range all {
		infos = append(infos, infoOf(x))
	}
	return infos, nil
}

func infoOf(x row) journal.Info {
	return journal.Info{Name: journal.Name(x.text(0)), Session: x.text(1), Site: x.text(2), Born: x.number(3), Key: x[4], Restored: x.truth(5)}
}

const upsertMark = `INSERT INTO mark (journal, session, wall) SELECT id, $2::bigint, $3::bigint FROM journal WHERE name = $1
	ON CONFLICT (journal) DO UPDATE SET session = greatest(mark.session, excluded.session),
		wall = CASE WHEN excluded.session >= mark.session THEN excluded.wall ELSE mark.wall END
	RETURNING journal`

// Mark implements journal.Store.
func (s *Store) Mark(ctx context.Context, name journal.Name, m journal.Mark) error {
	all, err := s.write(ctx, upsertMark, text(string(name)), number(m.Session), number(m.Wall))
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%w: %s", journal.ErrNoJournal, name)
	}
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	return nil
}

// LastMark implements journal.Store.
func (s *Store) LastMark(ctx context.Context, name journal.Name) (journal.Mark, bool, error) {
	all, err := s.read(ctx, `SELECT m.session, m.wall FROM journal j LEFT JOIN mark m ON m.journal = j.id WHERE j.name = $1`, text(string(name)))
	if err == nil && len(all) == 0 {
		err = journal.ErrNoJournal
	}
	if err != nil {
		return journal.Mark{}, false, fmt.Errorf("last mark of %s: %w", name, err)
	}
	if all[0][0] == nil {
		return journal.Mark{}, false, nil
	}
	return journal.Mark{Session: all[0].number(0), Wall: all[0].number(1)}, true, nil
}
