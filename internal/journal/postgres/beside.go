package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"openmic/internal/journal"
)

var (
	_ journal.Store  = (*Store)(nil)
	_ journal.Beside = (*Store)(nil)
	_ journal.Shared = (*Store)(nil)
)

// Set implements journal.Beside.
func (s *Store) Set(ctx context.Context, key, value string) error {
	_, err := s.write(ctx, `INSERT INTO setting (key, value) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, change = excluded.change`, text(key), text(value))
	if err != nil {
		return fmt.Errorf("set %s: %w", key, err)
	}
	s.tell(ctx, topicSetting(key))
	return nil
}

// Change implements journal.Beside. A change whose answer was lost and that stands there when it is sent again has
// happened.
func (s *Store) Change(ctx context.Context, key, was, value string) error {
	statement := `UPDATE setting SET value = $3, change = nextval('changes') WHERE key = $1 AND value IN ($2, $3) RETURNING key`
	if was == "" {
		statement = `INSERT INTO setting (key, value) SELECT $1, $3 WHERE $2 = '' ON CONFLICT (key)
			DO UPDATE SET value = excluded.value WHERE setting.value = excluded.value RETURNING key`
	}
	all, err := s.write(ctx, statement, text(key), text(was), text(value))
	if err == nil && len(all) == 0 {
		err = journal.ErrChanged
	}
	if err != nil {
		return fmt.Errorf("change %s: %w", key, err)
	}
	s.tell(ctx, topicSetting(key))
	return nil
}

// Get implements journal.Beside.
func (s *Store) Get(ctx context.Context, key string) (string, bool, error) {
	all, err := s.read(ctx, `SELECT value FROM setting WHERE key = $1`, text(key))
	if err != nil {
		return "", false, fmt.Errorf("get %s: %w", key, err)
	}
	if len(all) == 0 {
		return "", false, nil
	}
	return all[0].text(0), true, nil
}

// PutPass implements journal.Beside. The other nodes are told of it only when they look: they find a pass they do not
// know by its ID.
func (s *Store) PutPass(ctx context.Context, p journal.Pass) error {
	if len(p.Hash) == 0 {
		return fmt.Errorf("put pass: %w: no hash", journal.ErrBad)
	}
	all, err := s.write(ctx, `WITH taken AS (SELECT FROM pass WHERE session = $2 AND id = $3 AND hash <> $1)
		INSERT INTO pass (hash, session, id, label, revoked, created)
		SELECT $1, $2, $3, $4, $5::boolean, $6::bigint WHERE NOT EXISTS (SELECT FROM taken)
		ON CONFLICT (hash) DO UPDATE SET session = excluded.session, id = excluded.id, label = excluded.label,
			revoked = pass.revoked OR excluded.revoked, created = excluded.created, change = excluded.change
		RETURNING id`, raw(p.Hash), text(p.Session), text(p.ID), raw([]byte(p.Label)), truth(p.Revoked), number(p.Created))
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%w: pass %q", journal.ErrExists, p.ID)
	}
	if err != nil {
		return fmt.Errorf("put pass: %w", err)
	}
	return nil
}

// RevokePass implements journal.Beside.
func (s *Store) RevokePass(ctx context.Context, session, id string) error {
	err := s.changePass(ctx, session, `UPDATE pass SET revoked = true, change = nextval('changes') WHERE session = $1 AND id = $2 RETURNING id`, id)
	if err != nil {
		return fmt.Errorf("revoke pass: %w", err)
	}
	return nil
}

// SpendPass implements journal.Beside. When its answer was lost it says no the second time.
func (s *Store) SpendPass(ctx context.Context, session, id string) (bool, error) {
	err := s.changePass(ctx, session, `UPDATE pass SET revoked = true, change = nextval('changes') WHERE session = $1 AND id = $2 AND NOT revoked RETURNING id`, id)
	if errors.Is(err, journal.ErrNoPass) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("spend pass: %w", err)
	}
	return true, nil
}

// ErasePass implements journal.Beside.
func (s *Store) ErasePass(ctx context.Context, session, id string) error {
	err := s.changePass(ctx, session, `UPDATE pass SET revoked = true, label = NULL, change = nextval('changes') WHERE session = $1 AND id = $2 RETURNING id`, id)
	if err != nil {
		return fmt.Errorf("erase pass: %w", err)
	}
	return nil
}

func (s *Store) changePass(ctx context.Context, session, statement, id string) error {
	all, err := s.write(ctx, statement, text(session), text(id))
	if err == nil && len(all) == 0 {
		err = journal.ErrNoPass
	}
	if err == nil {
		s.tell(ctx, topicPasses(session))
	}
	return err
}

const selectPass = `SELECT hash, session, id, label, revoked, created FROM pass WHERE session = $1`

func passOf(x row) journal.Pass {
	return journal.Pass{Hash: x[0], Session: x.text(1), ID: x.text(2), Label: x.text(3), Revoked: x.truth(4), Created: x.number(5)}
}

// Passes implements journal.Beside.
func (s *Store) Passes(ctx context.Context, session string) ([]journal.Pass, error) {
	all, err := s.read(ctx, selectPass+` ORDER BY created, id COLLATE "C"`, text(session))
	if err != nil {
		return nil, fmt.Errorf("list passes: %w", err)
	}
	var passes []journal.Pass
	for _, x := range all {
		passes = append(passes, passOf(x))
	}
	return passes, nil
}

// PassByID implements journal.Shared.
func (s *Store) PassByID(ctx context.Context, session, id string) (journal.Pass, bool, error) {
	all, err := s.read(ctx, selectPass+" AND id = $2", text(session), text(id))
	if err != nil {
		return journal.Pass{}, false, fmt.Errorf("find pass: %w", err)
	}
	if len(all) == 0 {
		return journal.Pass{}, false, nil
	}
	return passOf(all[0]), true, nil
}

// signedBy stands between the name of a journal and that of the key which signed a checkpoint of it.
const signedBy = " by "

// signer is the name of the key that signed a note; empty when it is no note.
func signer(note []byte) string {
	_, line, ok := bytes.Cut(note, []byte("\n\n\u2014 "))
	name, _, more := bytes.Cut(line, []byte(" "))
	if !ok || !more {
		return ""
	}
	return string(name)
}

// PutCheckpoint implements journal.Shared. Of one size each site that signs has its own.
func (s *Store) PutCheckpoint(ctx context.Context, name journal.Name, size int64, note []byte) error {
	if by := signer(note); by != "" { // several sites sign one journal
		name += journal.Name(signedBy + by)
	}
	_, err := s.write(ctx, `INSERT INTO checkpoint (journal, size, note) VALUES ($1, $2::bigint, $3)
		ON CONFLICT (journal, size) DO UPDATE SET note = checkpoint.note`, // written again, see insertJournal
		text(string(name)), number(size), raw(note))
	if err != nil {
		return fmt.Errorf("keep checkpoint: %w", err)
	}
	return nil
}

// Checkpoints implements journal.Shared.
func (s *Store) Checkpoints(ctx context.Context, name journal.Name) ([][]byte, error) {
	all, err := s.read(ctx, `SELECT note FROM checkpoint WHERE journal = $1 OR starts_with(journal, $1 || '`+signedBy+`') ORDER BY size, journal`, text(string(name)))
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	var notes [][]byte
	for _, x := range all {
		notes = append(notes, x[0])
	}
	return notes, nil
}

// Tell implements journal.Shared. What is told is worth nothing after a crash, so it does not wait for the disk.
func (s *Store) Tell(ctx context.Context, subject, who string, what []byte) error {
	_, err := s.write(ctx, `WITH old AS (DELETE FROM told WHERE at < now() - interval '1 hour')
		INSERT INTO told (subject, who, what, at) VALUES ($1, $2, $3, now())
		ON CONFLICT (subject, who) DO UPDATE SET what = excluded.what, at = excluded.at`, text(subject), text(who), raw(what))
	if err != nil {
		return fmt.Errorf("tell: %w", err)
	}
	return nil
}

// Told implements journal.Shared.
func (s *Store) Told(ctx context.Context, subject, who string) ([][]byte, error) {
	all, err := s.read(ctx, `SELECT what FROM told WHERE subject = $1 AND who <> $2 AND at > now() - interval '15 seconds'`, text(subject), text(who))
	if err != nil {
		return nil, fmt.Errorf("read what was told: %w", err)
	}
	var out [][]byte
	for _, x := range all {
		out = append(out, x[0])
	}
	return out, nil
}

// Clock implements journal.Shared: the server's own, as it was in the middle of the question.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	asked := time.Now()
	all, err := s.read(ctx, `SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint`)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the server's clock: %w", err)
	}
	return time.UnixMicro(all[0].number(0)).Add(time.Since(asked) / 2), nil
}

// Promise implements journal.Shared.
func (s *Store) Promise() string { return s.server.promise() }
