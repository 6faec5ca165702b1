package site

import (
	"context"
	"errors"
	"fmt"
	"io"

	"openmic/internal/journal"
)

// Damaged says whether an error is about bytes on disk that are not those that were written. What was written out with it
// is whole up to the place that it names.
func Damaged(err error) bool { return errors.Is(err, journal.ErrDamaged) }

// check reads everything that is kept, and tells of each session that is damaged where. The sessions are served meanwhile.
// Goroutine: "checker", ends by itself or with Close.
func (s *Site) check(ctx context.Context) {
	list, err := s.Sessions(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.log.Error("the list of sessions cannot be read", "error", err)
		}
		return
	}
	for _, l := range list {
		if _, _, err := s.storyOf(ctx, l.ID); err != nil && ctx.Err() == nil {
			s.log.Error("a session is damaged: it is only read, up to the fault", "session", l.ID, "error", err)
		}
	}
}

// remembers is what a store brings that knows how far journals had come before its end was lost.
type remembers interface {
	Lost(ctx context.Context, name journal.Name) (n int64, lost bool, err error)
	Missing() []journal.Name
}

// missing says in the log of which journals the end was gone at this start. One may be of a session of which nothing is
// left.
func (s *Site) missing(ctx context.Context) {
	x, ok := s.db.(remembers)
	if !ok {
		return
	}
	for _, name := range x.Missing() {
		if err := s.whole(ctx, name); err != nil {
			s.log.Error("a journal lacks entries that people were told are taken", "journal", name, "error", err)
		}
	}
}

// whole looks whether a journal reaches to where it had come when somebody was last told that something is taken, as far
// as the store remembers. The error is ErrDamaged, or that of the disk.
func (s *Site) whole(ctx context.Context, name journal.Name) error {
	x, ok := s.db.(remembers)
	if !ok {
		return nil
	}
	n, lost, err := x.Lost(ctx, name)
	if err != nil || !lost {
		return err
	}
	here, _, err := s.db.Head(ctx, name)
	if err != nil && !errors.Is(err, journal.ErrNoJournal) {
		return err
	}
	return fmt.Errorf("%w: journal %s ends at entry %d, and entry %d had been taken: the end of the log is lost", journal.ErrDamaged, name, here, n)
}

// intact gives what can be read to whoever downloads it, and the fault to the log.
func (s *Site) intact(write func(ctx context.Context, w io.Writer) error) func(ctx context.Context, w io.Writer) error {
	return func(ctx context.Context, w io.Writer) error {
		err := write(ctx, w)
		if Damaged(err) {
			s.log.Error("what was downloaded ends before a fault", "error", err)
			return nil
		}
		return err
	}
}
