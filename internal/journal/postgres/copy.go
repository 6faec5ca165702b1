package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"openmic/internal/journal"
)

var _ journal.Source = (*Store)(nil)

// Everything implements journal.Source: in one transaction that sees one moment, on a connection of its own. Nobody
// waits for it.
func (s *Store) Everything(ctx context.Context, f func(journal.Piece) error) error {
	l, err := dial(ctx, s.pool.cfg, nil)
	if err != nil {
		return short("read everything", err)
	}
	defer shut(l)
	if _, err := l.conn.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL idle_in_transaction_session_timeout = "+milliseconds(10*time.Minute)).ReadAll(); err != nil {
		return short("read everything", err)
	}
	if err := l.everything(ctx, f); err != nil {
		return fmt.Errorf("read everything: %w", err)
	}
	return nil
}

func (l *link) everything(ctx context.Context, f func(journal.Piece) error) error {
	// each asks, and hands on every line of the answer.
	each := func(sql string, args []arg, g func(row) error) error {
		all, err := l.ask(ctx, sql, args...)
		if damaged(err) {
			return fmt.Errorf("%w: %s", journal.ErrDamaged, plain(err))
		} else if err != nil {
			return errors.New(plain(err))
		}
		for _, x := range all {
			if err := g(x); err != nil {
				return err
			}
		}
		return nil
	}
	err := each(selectJournals+` ORDER BY id`, nil, func(x row) error {
		info := infoOf(x)
		if err := f(journal.Piece{Info: &info}); err != nil {
			return err
		}
		return l.journal(ctx, info.Name, f, each)
	})
	if err != nil {
		return err
	}
	if err := each(`SELECT hash, session, id, label, revoked, created FROM pass ORDER BY session, created, id`, nil, func(x row) error {
		p := passOf(x)
		return f(journal.Piece{Pass: &p})
	}); err != nil {
		return err
	}
	return each(`SELECT key, value FROM setting ORDER BY key`, nil, func(x row) error { return f(journal.Piece{Key: x.text(0), Value: x.text(1)}) })
}

func (l *link) journal(ctx context.Context, name journal.Name, f func(journal.Piece) error, each func(string, []arg, func(row) error) error) error {
	for n := int64(0); ; {
		p, id := journal.Piece{Journal: name}, int64(0)
		var entries []row
		if err := each(selectEntries, []arg{text(string(name)), number(n + 1), number(journal.PageOf)}, func(x row) error {
			entries, id = append(entries, x), x.number(3)
			return nil
		}); err != nil {
			return err
		}
		if len(entries) == 0 {
			break
		}
		var err error
		if p.Batch.Entries, err = whole(entries, n+1); err != nil {
			return fmt.Errorf("journal %s: %w", name, err)
		}
		last := n + int64(len(entries))
		if err := each(selectAddenda, []arg{number(id), number(n + 1), number(last)}, func(x row) error {
			p.Batch.Addenda = append(p.Batch.Addenda, addendumOf(x))
			return nil
		}); err != nil {
			return err
		}
		if err := f(p); err != nil {
			return err
		}
		n = last
	}
	p := journal.Piece{Journal: name}
	if err := each(`SELECT a.n, a.field FROM addendum a JOIN journal j ON j.id = a.journal WHERE j.name = $1 AND a.words IS NULL ORDER BY a.n, a.field`,
		[]arg{text(string(name))}, func(x row) error {
			p.Erased = append(p.Erased, journal.Where{N: x.number(0), Field: x.text(1)})
			return nil
		}); err != nil {
		return err
	}
	if err := each(`SELECT m.session, m.wall FROM journal j JOIN mark m ON m.journal = j.id WHERE j.name = $1`, []arg{text(string(name))}, func(x row) error {
		p.Mark = &journal.Mark{Session: x.number(0), Wall: x.number(1)}
		return nil
	}); err != nil {
		return err
	}
	return f(p)
}

// Adopt makes what was copied into this database a restored copy: its journals can be read, and are closed for their site
// (journal.ErrRestored).
func (s *Store) Adopt(ctx context.Context) error {
	if _, err := s.write(ctx, `UPDATE journal SET restored = true`); err != nil {
		return fmt.Errorf("adopt: %w", err)
	}
	return nil
}
