package postgres

import (
	"context"
	"fmt"

	"openmic/internal/journal"
)

// What became of a write whose answer was lost? The server may have stored it, may be about to, or may never have seen
// it. The fence decides: to raise it, one has to wait for the row that the write holds, and afterwards the write finds
// a fence it does not know. Raising it is a commit of its own, so what is read after it is on every disk it was on.

const raiseFence = `UPDATE journal SET fence = fence + 1 WHERE name = $1 RETURNING id, n, fence`
const selectHash = `SELECT hash FROM entry WHERE journal = $1::bigint AND n = $2::bigint`

// settle finds out about a batch. settled is false when it is surely not stored and may be sent again.
func (s *Store) settle(name journal.Name, expectedN int64, b journal.Batch) (settled bool, err error) {
	s.doubt(name, true)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	n, id, err := s.raise(ctx, name)
	if err != nil {
		return true, fmt.Errorf("%w: %w", journal.ErrUnknown, err)
	}
	switch {
	case n == expectedN:
		return false, nil
	case n < expectedN:
		return true, fmt.Errorf("%w: it ends at n=%d, before n=%d", journal.ErrHead, n, expectedN)
	}
	all, err := s.read(ctx, selectHash, number(id), number(expectedN+1))
	if err != nil {
		return true, fmt.Errorf("%w: %w", journal.ErrUnknown, err)
	}
	if len(all) != 1 || string(all[0][0]) != string(b.Entries[0].Hash[:]) {
		return true, fmt.Errorf("%w: n=%d is another entry", journal.ErrHead, expectedN+1)
	}
	return true, s.confirm(ctx, name, b.Entries[0])
}

// raise raises the fence of a journal, after which it holds what it holds. It tries until ctx ends.
func (s *Store) raise(ctx context.Context, name journal.Name) (n, id int64, err error) {
	all, err := s.persist(ctx, ctx, raiseFence, text(string(name)))
	if err != nil {
		return 0, 0, err
	}
	if len(all) == 0 {
		return 0, 0, journal.ErrNoJournal
	}
	s.setFence(name, all[0].number(2))
	s.doubt(name, false)
	return all[0].number(1), all[0].number(0), nil
}

// fenceOf is the fence as this node knows it.
func (s *Store) fenceOf(name journal.Name) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fences[name]
}

func (s *Store) setFence(name journal.Name, fence int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fences[name] = fence // also to a lower one: a standby may have been promoted that did not have the last
}

// doubt notes that a write to the journal may still be on its way, or that none is any more.
func (s *Store) doubt(name journal.Name, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		s.doubts[name] = true
	} else {
		delete(s.doubts, name)
	}
}

// sure ends a doubt about a journal before anybody is told where it ends.
func (s *Store) sure(ctx context.Context, name journal.Name) error {
	s.mu.Lock()
	doubt := s.doubts[name]
	s.mu.Unlock()
	if !doubt {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, _, err := s.raise(ctx, name); err != nil {
		return fmt.Errorf("%w: %w", journal.ErrUnknown, err)
	}
	return nil
}
