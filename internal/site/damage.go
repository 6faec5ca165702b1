package site

import (
	"context"
	"errors"
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
		s.log.Error("the list of sessions cannot be read", "error", err)
		return
	}
	for _, l := range list {
		if _, _, err := s.storyOf(ctx, l.ID); err != nil && ctx.Err() == nil {
			s.log.Error("a session is damaged: it is only read, up to the fault", "session", l.ID, "error", err)
		}
	}
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
