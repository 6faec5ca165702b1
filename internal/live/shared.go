package live

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
)

// A journal may be written by several programs of one site, which share a store. Each decides on what it has folded in;
// the store takes the batch of whoever was first, and the others fold that in and decide again.

var (
	// errBehind: another program was faster; nothing of the batch is stored.
	errBehind = errors.New("another program of this site was faster")
	// errStory: what is stored does not go on where what is known ends.
	errStory = errors.New("does not join on to entry")
)

// mostTries is how often one batch is decided anew before its people are asked to try again.
const mostTries = 100

// marking is how often the session's clock is kept; a session whose newest mark is older than three of them is kept by
// nobody.
const marking = 5 * time.Second

// upToDate looks, before anybody is refused, whether what was refused on is all there is. A batch that is appended needs
// no such look: the store compares.
func (s *Session) upToDate(b *draft) error {
	refused := false
	for _, t := range b.told {
		refused = refused || t.err != nil
	}
	if !s.world.Shared || !refused {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), marking)
	defer cancel()
	n, hash, err := s.store.Head(ctx, s.name)
	if err != nil { // perhaps they may, by what the others wrote
		for a, t := range b.told {
			if t.err != nil {
				b.told[a] = told{err: ErrNotNow}
			}
		}
		return nil
	}
	if n != s.own().n || s.lost(n, hash) != nil {
		return errBehind
	}
	return nil
}

// kept: another program kept the session's clock just now.
func kept(m journal.Mark, now time.Time) bool {
	return now.UnixMilli()-m.Wall < 3*marking.Milliseconds()
}

// keptByOther: another program of this site keeps the clock, so that one of them is enough.
func (s *Session) keptByOther(ctx context.Context, now time.Time) bool {
	if !s.world.Shared {
		return false
	}
	m, ok, err := s.store.LastMark(ctx, s.name)
	return err == nil && ok && now.UnixMilli()-m.Wall < marking.Milliseconds()*4/5
}

// journals lists those of the session, and perhaps others.
func (s *Session) journals(ctx context.Context) ([]journal.Info, error) {
	if x, ok := s.store.(interface {
		ListOf(ctx context.Context, session string) ([]journal.Info, error)
	}); ok {
		return x.ListOf(ctx, s.Session())
	}
	return s.store.List(ctx)
}

// ears are the watches on the session's journals. Goroutine: "ear", one a journal of a shared session, ends with Close.
type ears struct {
	on   map[journal.Name]bool
	ctx  context.Context
	stop context.CancelFunc
}

func (e *ears) close() {
	if e.stop != nil {
		e.stop()
	}
}

// listen watches every journal of the session that is known; nothing when nobody else writes.
func (s *Session) listen() {
	if !s.world.Shared {
		return
	}
	e := &s.ears
	if e.on == nil {
		e.on = map[journal.Name]bool{}
		e.ctx, e.stop = context.WithCancel(context.Background())
	}
	for _, name := range s.all() {
		if e.on[name] {
			continue
		}
		e.on[name] = true
		woken := s.store.Watch(e.ctx, name)
		s.done.Go(func() {
			for range woken {
				s.Nudge()
			}
		})
	}
}

// all are the journals of the session that are known, also of a site that has written nothing yet.
func (s *Session) all() []journal.Name {
	names := []journal.Name{s.name}
	v := s.View()
	for _, h := range v.Heads {
		names = append(names, journal.Name(h.Journal))
	}
	for _, i := range v.Sites {
		names = append(names, journal.Name(i.Journal))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Nudge asks the owner to look into the store, soon.
func (s *Session) Nudge() {
	select {
	case s.nudge <- struct{}{}:
	default: // it is about to
	}
}

// follow folds in what other programs wrote.
func (s *Session) follow() {
	if s.catchUp() {
		s.listen()
		s.forget(false)
	}
}

// Fresh waits until the view shows everything that is stored now, or until ctx ends. So whoever is sent from one
// program to another finds there what they did.
func (s *Session) Fresh(ctx context.Context) {
	if !s.world.Shared {
		return
	}
	stored := map[string]int64{}
	for _, name := range s.all() {
		n, _, err := s.store.Head(ctx, name)
		if err != nil && !errors.Is(err, journal.ErrNoJournal) {
			return // what is shown is the best there is
		}
		stored[string(name)] = n
	}
	for v := s.View(); ; v = s.View() {
		shown := map[string]int64{string(s.name): v.Head().N}
		for _, h := range v.Heads {
			shown[h.Journal] = h.N
		}
		behind := false
		for name, n := range stored {
			behind = behind || shown[name] < n
		}
		if !behind {
			return
		}
		s.Nudge()
		select {
		case <-v.Newer:
		case <-s.stop:
			return
		case <-ctx.Done():
			return
		}
	}
}

// lost compares what is shown with where the shared journal ends.
func (s *Session) lost(n int64, hash [32]byte) error {
	own := s.own()
	if !s.world.Shared || n > own.n || n == own.n && (n == 0 || base64.RawURLEncoding.EncodeToString(hash[:]) == own.hash) {
		return nil
	}
	return fmt.Errorf("journal %s ends at entry %d and %w %d", s.name, n, errStory, own.n)
}

// anew forgets the story that is shown and folds in the one that is stored: the database lost entries it had
// acknowledged, as one whose standby was promoted without having them.
func (s *Session) anew(ctx context.Context, why error) error {
	before := s.View().Entries
	s.words = &Words{said: map[floor.Text]string{}}
	s.heads, s.stored, s.folded = map[journal.Name]head{}, map[journal.Name]head{}, floor.NewFold()
	s.lastOwn, s.past, s.answered, s.owed, s.late = floor.Stamp{}, Head{}, map[string]Answer{}, nil, false
	if err := s.read(ctx); err != nil {
		return err
	}
	s.world.Log.Error("the store has lost entries it had acknowledged, and goes on without them",
		"journal", s.name, "shown", before, "stored", s.folded.State().Entries, "error", why)
	return nil
}
