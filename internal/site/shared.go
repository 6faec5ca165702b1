package site

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"openmic/internal/journal"
	"openmic/internal/journal/postgres"
	"openmic/internal/journal/sqlite"
	"openmic/internal/web/hall"
)

// A site may be several programs, its nodes, behind any load balancer. They share a database and a key, and nothing
// else: whatever else a node remembers may differ from what the others do. docs/operate.md lists it.

// store is everything a site keeps: in its data folder, or in a database.
type store interface {
	journal.Store
	journal.Beside
}

func openStore(ctx context.Context, s Settings, log *slog.Logger) (store, error) {
	if s.Journal != "" {
		return postgres.Open(ctx, s.Journal, log)
	}
	db, err := sqlite.Open(s.Data)
	if err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be used: %w", s.Data, err)
	}
	return db, nil
}

// keySetting is the public half of the site's key, so that no node signs with another.
const keySetting = "site key"

// share makes this program a node: it has the key of the others, and goes by the clock of the database.
func (s *Site) share(ctx context.Context, ownClock bool) error {
	if !ownClock {
		before := time.Now()
		clock, err := s.shared.Clock(ctx)
		if err != nil {
			return err
		}
		// Wall time goes on with the monotonic clock from here: a clock that is set moves nothing.
		begun := before.Add(time.Until(clock))
		s.settings.Now = func() time.Time { return begun.Add(time.Since(before)) }
	}
	path := filepath.Join(s.settings.Data, keyFile)
	_, err := os.Stat(path)
	fresh := errors.Is(err, fs.ErrNotExist)
	site, ok, err := s.db.Get(ctx, keySetting)
	if err != nil {
		return err
	}
	if ok && fresh {
		return errKey(path)
	}
	if s.key, err = loadKey(s.settings.Data); err != nil {
		return err
	}
	if ok && site == s.key.verify {
		return nil
	}
	if !ok {
		err = s.db.Change(ctx, keySetting, "", s.key.verify)
	}
	if ok || errors.Is(err, journal.ErrChanged) {
		if fresh { // it was made in the same moment as another node's
			os.Remove(path)
		}
		return errKey(path)
	}
	return err
}

func errKey(path string) error {
	return fmt.Errorf("the sessions in this database are signed with another key: copy the file %s from the data folder of a node that serves them to %s", keyFile, path)
}

// mine tells this program from others when it asks itself over an address; all nodes of a site are the same.
func (s *Site) mine() string {
	if s.shared == nil {
		return s.boot
	}
	h := sha256.Sum256([]byte(s.key.verify))
	return hex.EncodeToString(h[:8])
}

// Promise says what an accepted command rests on, "" where it is the disk of this machine.
func (s *Site) Promise() string {
	if s.shared == nil {
		return ""
	}
	return s.shared.Promise()
}

// alive is for the follower of a session.
func (e *entered) alive() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	e.ended = cancel
	return ctx
}

// follow takes over what other nodes change beside the journals: passes, and of a session the room's code. Goroutine:
// "follower", one an open session and one for the organiser, ends with Close.
func (s *Site) follow(ctx context.Context, session string, passes *hall.Passes, e *entered) {
	if s.shared == nil {
		return
	}
	passes.Share(func(ctx context.Context, id string) (hall.Pass, bool, error) {
		x, ok, err := s.shared.PassByID(ctx, session, id)
		if err != nil || !ok || x.Label == "" {
			return hall.Pass{}, false, err
		}
		p, err := passOf(x)
		return p, err == nil, err
	})
	changed, room := s.shared.WatchPasses(ctx, session), s.shared.WatchSetting(ctx, doorSetting(session))
	s.followers.Go(func() {
		var present <-chan time.Time
		if e != nil {
			t := time.NewTicker(presence)
			defer t.Stop()
			present = t.C
		}
		for {
			var err error
			select {
			case <-present:
				err = s.present(ctx, session, e.hall)
			case _, ok := <-changed:
				if !ok {
					return
				}
				err = passes.Reload(ctx)
			case _, ok := <-room:
				if !ok {
					return
				}
				var room string
				if room, ok, err = s.db.Get(ctx, doorSetting(session)); ok && e != nil {
					e.heeds(readDoor(room))
				}
			}
			if err != nil && ctx.Err() == nil {
				s.log.Warn("what another node changed is not known here yet", "session", session, "error", err)
			}
		}
	})
}

// presence is how often nodes tell each other who watches a session.
const presence = 2 * time.Second

// present tells the other nodes who watches a session here, and hears who watches it there.
func (s *Site) present(ctx context.Context, session string, h *hall.Hall) error {
	b, err := json.Marshal(h.Presence())
	if err != nil {
		return err
	}
	if err := s.shared.Tell(ctx, session, s.boot, b); err != nil {
		return err
	}
	told, err := s.shared.Told(ctx, session, s.boot)
	if err != nil {
		return err
	}
	var all []hall.Presence
	for _, b := range told {
		var p hall.Presence
		if err := json.Unmarshal(b, &p); err == nil { // a newer node may say it otherwise
			all = append(all, p)
		}
	}
	h.Elsewhere(all)
	return nil
}

// upToDate lets a page show everything that was stored when it was asked for, so that whoever did something on one
// node finds it on the next.
func (s *Site) upToDate(next http.Handler) http.Handler {
	if s.shared == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, ok := strings.CutPrefix(r.URL.Path, "/s/")
		id, page, _ := strings.Cut(rest, "/")
		if ok && r.Method == http.MethodGet && !strings.HasSuffix(page, "/live") {
			if e := s.there(id); e != nil && e.open.Load() {
				ctx, cancel := context.WithTimeout(r.Context(), time.Second)
				e.session.Fresh(ctx)
				cancel()
			}
		}
		next.ServeHTTP(w, r)
	})
}
