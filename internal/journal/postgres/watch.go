package postgres

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"openmic/internal/journal"
)

// channel is the one name under which all nodes tell each other what changed; the payload is a topic.
const (
	channel = "openmic"
	notify  = "SELECT pg_notify('" + channel + "', $1)"
)

// looking is how often a node looks by itself, for words that did not come. silence is after how long without any word
// the connection that hears them is tried: one that was cut silently says nothing for ever.
const (
	looking = 500 * time.Millisecond
	silence = 2 * time.Second
)

// A topic is something to wake for.
func topicJournal(name journal.Name) string { return "j" + string(name) }
func topicPasses(session string) string     { return "p" + session }
func topicSetting(key string) string        { return "s" + key }
func topicBox(box string) string            { return "b" + box }

// watchers is who wants to hear of what.
type watchers struct {
	// mu guards the rest. Held for map operations and sends that never wait.
	mu     sync.Mutex
	of     map[string]map[chan struct{}]struct{}
	seen   map[string]string // what a look found last, for each topic somebody watches
	closed bool
}

// Watch implements journal.Store.
func (s *Store) Watch(ctx context.Context, name journal.Name) <-chan struct{} {
	return s.watch.add(ctx, topicJournal(name))
}

// WatchPasses implements journal.Shared.
func (s *Store) WatchPasses(ctx context.Context, session string) <-chan struct{} {
	return s.watch.add(ctx, topicPasses(session))
}

// WatchSetting implements journal.Shared.
func (s *Store) WatchSetting(ctx context.Context, key string) <-chan struct{} {
	return s.watch.add(ctx, topicSetting(key))
}

// WatchBox implements journal.Shared.
func (s *Store) WatchBox(ctx context.Context, box string) <-chan struct{} {
	return s.watch.add(ctx, topicBox(box))
}

func (w *watchers) add(ctx context.Context, topic string) <-chan struct{} {
	c := make(chan struct{}, 1) // one wake waits; more would say nothing new
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		close(c)
		return c
	}
	if w.of[topic] == nil {
		w.of[topic] = map[chan struct{}]struct{}{}
	}
	w.of[topic][c] = struct{}{}
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if _, ok := w.of[topic][c]; !ok {
			return // the store closed first
		}
		delete(w.of[topic], c)
		if len(w.of[topic]) == 0 {
			delete(w.of, topic)
			delete(w.seen, topic)
		}
		close(c)
	})
	return c
}

func (w *watchers) wake(topic string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wakeLocked(topic)
}

func (w *watchers) wakeLocked(topic string) {
	for c := range w.of[topic] {
		select {
		case c <- struct{}{}:
		default: // it has not looked since the last wake
		}
	}
}

// wakeAll is for when words may have been missed.
func (w *watchers) wakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for topic := range w.of {
		w.wakeLocked(topic)
	}
}

// topics lists what begins with a sign, without it.
func (w *watchers) topics(sign string) (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for topic := range w.of {
		if rest, ok := strings.CutPrefix(topic, sign); ok {
			out = append(out, rest)
		}
	}
	return out
}

// found notes what a look found, and wakes who watches when it is not what the look before found.
func (w *watchers) found(topic, what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	was, ok := w.seen[topic]
	if w.of[topic] == nil || ok && was == what {
		return
	}
	w.seen[topic] = what
	w.wakeLocked(topic) // the first time too: it may have changed between the watcher's own look and this one
}

func (w *watchers) closeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, of := range w.of {
		for c := range of {
			close(c)
		}
	}
	w.of, w.closed = nil, true
}

// tell wakes who watches here and on the other nodes. They would also find out by themselves.
func (s *Store) tell(ctx context.Context, topic string) {
	s.watch.wake(topic)
	_, _ = s.read(ctx, notify, text(topic))
}

// listen hears what other nodes tell. It ends with Close.
func (s *Store) listen() {
	defer s.done.Done()
	wait := firstBackoff
	for s.alive.Err() == nil {
		began := time.Now()
		err := s.hear()
		if time.Since(began) > lastBackoff {
			wait = firstBackoff
		}
		if s.alive.Err() != nil {
			return
		}
		s.log.Warn("the connection that hears of other nodes broke; looking goes on every half second", "error", plain(err))
		select {
		case <-time.After(wait):
		case <-s.alive.Done():
		}
		wait = min(2*wait, lastBackoff)
	}
}

// hear listens on one connection until it breaks.
func (s *Store) hear() error {
	ctx, cancel := context.WithTimeout(s.alive, patience)
	defer cancel()
	l, err := dial(ctx, s.pool.cfg, func(n *pgconn.Notification) { s.watch.wake(n.Payload) })
	if err != nil {
		return err
	}
	defer shut(l)
	if _, err := l.conn.Exec(ctx, "LISTEN "+channel).ReadAll(); err != nil {
		return err
	}
	s.watch.wakeAll()
	for {
		// A message that has half arrived when the time is over is lost with its connection, and looking finds it.
		ctx, cancel := context.WithTimeout(s.alive, silence)
		err := l.conn.WaitForNotification(ctx)
		cancel()
		switch {
		case err == nil:
		case s.alive.Err() != nil || !pgconn.Timeout(err) || l.conn.IsClosed():
			return err
		default:
			ctx, cancel := context.WithTimeout(s.alive, silence)
			_, err := l.conn.Exec(ctx, "SELECT 1").ReadAll()
			cancel()
			if err != nil {
				return err
			}
		}
	}
}

// What a look asks for: everything that is watched, in one way to the server and back each. Passes are told by their
// number and the sum of their changes, which no order of commits can hide.
const (
	lookJournals = `SELECT name, n || ' ' || fence FROM journal WHERE name = ANY ($1::text[])`
	lookPasses   = `SELECT session, count(*) || ' ' || sum(change) FROM pass WHERE session = ANY ($1::text[]) GROUP BY session`
	lookSettings = `SELECT key, change::text FROM setting WHERE key = ANY ($1::text[])`
	lookBoxes    = `SELECT substr(subject, 5), max(who) FROM told WHERE subject = ANY (SELECT 'box ' || b FROM unnest($1::text[]) AS b) GROUP BY subject`
)

// poll looks for words that did not come. It ends with Close.
func (s *Store) poll(looking time.Duration) {
	defer s.done.Done()
	t := time.NewTicker(looking)
	defer t.Stop()
	for {
		select {
		case <-s.alive.Done():
			return
		case <-t.C:
		}
		for _, x := range []struct{ sign, ask string }{{"j", lookJournals}, {"p", lookPasses}, {"s", lookSettings}, {"b", lookBoxes}} {
			which := s.watch.topics(x.sign)
			if len(which) == 0 {
				continue
			}
			all, err := s.read(s.alive, x.ask, texts(which))
			if err != nil {
				break // whoever writes hears of it
			}
			for _, found := range all {
				s.watch.found(x.sign+found.text(0), found.text(1))
			}
		}
	}
}
