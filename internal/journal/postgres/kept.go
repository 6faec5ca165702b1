package postgres

import (
	"context"
	"errors"
	"fmt"

	"openmic/internal/journal"
)

// confirming finds an entry and commits something that changes nothing, on one connection: what was visible there before
// the commit is where the commit is. The lock is for the next try of the same node: while the standby is away one of them
// waits at the server for a journal, not one more every ten seconds.
const confirming = `SELECT pg_advisory_xact_lock(hashtextextended($1, 0)), pg_logical_emit_message(true, 'openmic', '')
	FROM entry e JOIN journal j ON j.id = e.journal WHERE j.name = $2 AND e.n = $3::bigint AND e.hash = $4`

// confirm waits until an entry that is visible, and with it all before it, is kept as the server promises. Errors:
// ErrUnknown.
func (s *Store) confirm(ctx context.Context, name journal.Name, e journal.Entry) error {
	if s.keeps(name, e) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	all, err := s.persist(ctx, ctx, confirming, text(s.id+" "+string(name)), text(string(name)), number(e.N), raw(e.Hash[:]))
	if err == nil && len(all) == 0 {
		err = errors.New("it is gone again: another server answers")
	}
	if err != nil {
		return fmt.Errorf("%w: n=%d is visible: %w", journal.ErrUnknown, e.N, err)
	}
	s.keep(name, e)
	return nil
}

// keeps: the entry is known to be kept.
func (s *Store) keeps(name journal.Name, e journal.Entry) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.kept[name]
	return e.N < last.N || e.N == last.N && e.Hash == last.Hash
}

// keep notes that an entry is.
func (s *Store) keep(name journal.Name, e journal.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[name] = journal.Entry{N: e.N, Hash: e.Hash}
}

// ends forgets what was known of a journal that is shorter now: a standby was promoted that did not have the rest.
func (s *Store) ends(name journal.Name, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n < s.kept[name].N {
		delete(s.kept, name)
	}
}
