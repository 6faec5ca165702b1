package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/record"
)

// A head is how far a journal is known here.
type head struct {
	n    int64
	hash string // of entry n, as the next one names it
}

// What Receive answers beside what a store does.
var (
	// ErrStranger: the journal does not belong to the session, or is the one written here.
	ErrStranger = errors.New("this journal does not belong to the session")
	// ErrForeign: what came is no journal; the message names the entry.
	ErrForeign = errors.New("what came is no journal")
	// ErrAhead: the entry claims a session time that the other site cannot have reached.
	ErrAhead = errors.New("the clock of the other site runs far ahead")
)

// A Foreign is a batch of another site's journal.
type Foreign struct {
	Name journal.Name
	journal.Batch
}

// foreign is what came from another site, on its way to the owner.
type foreign struct {
	batches []Foreign
	more    bool
	out     chan<- error
}

// Receive takes over entries of other sites' journals, whole commands in their order. When it answers nil they are on
// disk, and folded in unless the sender says that more comes at once. Entries that are here already are skipped. Errors:
// ErrStranger, ErrForeign, ErrAhead, journal.ErrGap, journal.ErrFork, ErrNotNow, ErrUnknown, ErrStopped, and ctx's.
func (s *Session) Receive(ctx context.Context, more bool, batches ...Foreign) error {
	out := make(chan error, 1)
	select {
	case s.far <- &foreign{batches, more, out}:
	case <-s.stop:
		return ErrStopped
	case <-ctx.Done():
		return ErrNotNow
	}
	select {
	case err := <-out:
		return err
	case <-ctx.Done():
		return ErrUnknown
	case <-s.ended:
		return ErrStopped
	}
}

// Session names it, as every journal of it does before the slash.
func (s *Session) Session() string { id, _, _ := strings.Cut(string(s.name), "/"); return id }

// Raise moves the session's clock on to a time that another site has reached, ms. It never goes back. Where the session
// was made, all others together move it by at most a hundred days beyond the time that passes, until the next start (docs/wire.md, 9).
func (s *Session) Raise(at int64) { s.clock.heed(s.world.Now(), at) }

// Site is who the program itself acts as.
func (s *Session) Site() floor.Actor {
	return floor.Actor{Person: floor.ID(tagOf(s.name) + "0"), Roles: floor.Site}
}

// accept is the owner's part of Receive.
func (s *Session) accept(f *foreign) error {
	if s.dark && !s.catchUp() {
		return ErrNotNow
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, b := range f.batches {
		if err := s.keep(ctx, b); err != nil {
			return err
		}
	}
	if f.more {
		return nil
	}
	if !s.catchUp() {
		return ErrUnknown
	}
	s.forget(false)
	return nil
}

// keep stores one batch of another site. It is folded in by the next catchUp.
func (s *Session) keep(ctx context.Context, f Foreign) error {
	if len(f.Entries) == 0 {
		return nil
	}
	last, err := s.belongs(f)
	// What lets it in may have come just before, or what it goes on from to another program of this site.
	if (errors.Is(err, ErrStranger) || err != nil && s.world.Shared) && s.catchUp() {
		last, err = s.belongs(f)
	}
	if err != nil {
		return err
	}
	if s.stored[f.Name].n == 0 {
		site, _, _ := strings.Cut(strings.TrimPrefix(string(f.Name), s.Session()+"/"), "-")
		info := journal.Info{Name: f.Name, Session: s.Session(), Site: site, Key: []byte{}}
		if err := s.store.Create(ctx, info); err != nil && !errors.Is(err, journal.ErrExists) {
			return fmt.Errorf("%w: %w", ErrNotNow, err)
		}
	}
	switch err := s.store.AppendForeign(ctx, f.Name, f.Batch); {
	case errors.Is(err, journal.ErrUnknown):
		s.dark = true
		return ErrUnknown
	case errors.Is(err, journal.ErrGap), errors.Is(err, journal.ErrFork):
		return err
	case errors.Is(err, journal.ErrBad):
		return fmt.Errorf("%w: %w", ErrForeign, err)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrNotNow, err)
	}
	if last.n > s.stored[f.Name].n {
		s.stored[f.Name] = last
	}
	s.late = s.late || len(f.Addenda) > 0 && s.anyErased()
	return nil
}

// belongs checks a batch before anything of it is stored, and gives the head it leads to.
func (s *Session) belongs(f Foreign) (last head, err error) {
	if session, ok := floor.SessionOf(string(f.Name)); !ok || session != s.Session() || tagOf(f.Name) == tagOf(s.name) {
		return last, ErrStranger
	}
	known := s.View().Entries == 0 || s.stored[f.Name].n > 0 // the first that comes brings the session itself
	for _, i := range s.View().Sites {
		known = known || i.Journal == string(f.Name)
	}
	if !known {
		if err := s.goesOn(f); err != nil {
			return last, err
		}
	}
	h := s.stored[f.Name]
	if first := f.Entries[0].N; first > h.n+1 { // whether it joins on cannot be seen
		return last, fmt.Errorf("%w: %s ends at entry %d, entry %d came", journal.ErrGap, f.Name, h.n, first)
	}
	said := map[int64][]floor.Addendum{}
	for _, a := range f.Addenda {
		said[a.N] = append(said[a.N], floor.Addendum{N: a.N, Field: a.Field, Nonce: a.Nonce, Text: a.Text})
	}
	for i, je := range f.Entries {
		e, err := floor.ParseEntry(je.Bytes)
		switch {
		case err != nil:
			return last, fmt.Errorf("%w: entry %d: %w", ErrForeign, je.N, err)
		case e.Journal != string(f.Name) || e.N != je.N || e.Stamp.Site != tagOf(f.Name) || e.Stamp.At < 0 || e.Stamp.Count < 0 || e.Stamp.Count > mostCount:
			return last, fmt.Errorf("%w: entry %d belongs elsewhere", ErrForeign, je.N)
		case !s.clock.believes(s.world.Now(), e.Stamp.At):
			return last, fmt.Errorf("%w: entry %d is of %d ms", ErrAhead, je.N, e.Stamp.At)
		case i > 0 && e.Prev != last.hash, je.N == h.n+1 && e.Prev != h.hash:
			return last, fmt.Errorf("%w: entry %d does not join on to the one before", ErrForeign, je.N)
		case s.unseen(e):
			return last, fmt.Errorf("%w: entry %d has seen what is not here", ErrForeign, je.N)
		}
		// What is stored can never be taken out again: a session with words that do not fit cannot be read any more, and
		// one with an entry that no record takes has no record.
		if err := record.Takes(je.Bytes, e, said[je.N]...); err != nil {
			return last, fmt.Errorf("%w: entry %d: %w", ErrForeign, je.N, err)
		}
		last = head{e.N, floor.HashBytes(je.Bytes)}
	}
	return last, nil
}

// mostCount is more entries than ever fall into one millisecond, or wait for a clock that is behind.
const mostCount = 1 << 30

// goesOn: a journal begins with these entries that goes on for one of the session's after a restore; ErrGap when that one
// has less here. Who may send such a one is the link's to say.
func (s *Session) goesOn(f Foreign) error {
	e, err := floor.ParseEntry(f.Entries[0].Bytes)
	if err != nil || e.N != 1 {
		return ErrStranger
	}
	ev, ok := e.Event.(*floor.Succeeded)
	switch {
	case !ok || !slices.ContainsFunc(s.View().Sites, func(i floor.SiteInfo) bool { return i.Journal == ev.Journal }),
		!floor.IsSiteKey(ev.Key), s.View().TakesJournals(string(f.Name)) != nil:
		return ErrStranger
	case ev.N > s.stored[journal.Name(ev.Journal)].n:
		return fmt.Errorf("%w: %s, from which %s goes on", journal.ErrGap, ev.Journal, f.Name)
	}
	return nil
}

// anyErased: somebody has been erased, so that words which come late may be theirs.
func (s *Session) anyErased() bool {
	return slices.ContainsFunc(s.View().People, func(p floor.Person) bool { return len(p.Erasures) > 0 })
}

// unseen: the entry names something of a journal that is not here yet, and cannot be folded.
func (s *Session) unseen(e *floor.Entry) bool {
	for _, v := range e.View {
		if name := journal.Name(v.Journal); v.N > max(s.heads[name].n, s.stored[name].n) {
			return true
		}
	}
	return false
}

// A Far is the way to the site that holds the gavel.
type Far interface {
	// Do gives it a command. What it answers is in the journal that seen names, up to entry seen.N. Errors: as
	// Session.Do; ErrUnknown when the link broke.
	Do(ctx context.Context, c Command) (a Answer, seen floor.Seen, err error)
}

// Reach says how the other site can be asked; nil while it cannot be.
func (s *Session) Reach(far Far) {
	if far == nil {
		s.away.Store(nil)
		return
	}
	s.away.Store(&far)
}

// forward gives a command to the site that holds the gavel and waits until what it did is here.
func (s *Session) forward(ctx context.Context, far Far, c Command) (Answer, error) {
	a, seen, err := far.Do(ctx, c)
	if err != nil {
		return Answer{}, err
	}
	for {
		v := s.View()
		for _, h := range v.Heads {
			if h.Journal == seen.Journal && h.N >= seen.N {
				a.Version = v.Version
				return a, nil
			}
		}
		select {
		case <-v.Newer:
		case <-ctx.Done():
			return Answer{}, ErrUnknown
		case <-s.stop:
			return Answer{}, ErrStopped
		}
	}
}
