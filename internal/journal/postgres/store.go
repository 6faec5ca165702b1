// Package postgres keeps journals in a PostgreSQL database that several programs of one site, its nodes, use at once.
//
// To append is to compare and set the head of the journal, in one statement with the entries and their addenda. Whoever
// comes second learns that the head is another. Nodes hear of each other's entries by NOTIFY, and look by themselves
// every half second for words that did not come.
//
// Always true, besides what package journal promises:
//
//	The server's fsync and synchronous_commit are looked at on every new connection, the second also at every append;
//	if they do not hold, nothing is taken.
//	A write is acknowledged when its commit was, not when its statement was answered, and only if the server did not
//	warn: a commit whose wait for a standby was broken off ends with a warning.
//	An append whose answer was lost is found out before it is answered: it is read back behind a fence, after which
//	the lost one cannot come any more.
//	An entry that is read was committed as the server promises, whoever wrote it. That it is visible says less: after a
//	crash of the primary, or a wait that was broken off, it may be on one disk only. So a reader who finds an entry that
//	it does not know to be kept commits something itself, and hands on the entry when that was acknowledged.
//	A statement is never cancelled. A commit that waits for a synchronous standby goes on waiting when its caller has
//	gone, because one that is cancelled becomes visible without being there.
//	A database whose tables are newer than this program is left alone.
//
// J6 does not hold here. Erased words are gone for whoever asks the server; it keeps old rows in its files until it
// has cleaned them, and in its log and archive as long as the operator says (docs/operate.md).
//
// Beside the journals lie the site's passes, settings and checkpoints. The key that signs is not among them: each node
// has it in a file.
//
// Goroutines: "listener" hears other nodes, "looker" looks for what it did not hear; both one a store, both end with
// Close.
package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"openmic/internal/journal"
)

// connections is how many a node uses at once, beside the one that listens.
const connections = 8

// Store is a journal.Store, a journal.Beside and a journal.Shared.
type Store struct {
	pool   *pool
	watch  watchers
	log    *slog.Logger
	server server
	id     string // of this store, by chance

	// mu guards the rest. Held for a map operation.
	mu     sync.Mutex
	fences map[journal.Name]int64         // as last seen
	doubts map[journal.Name]bool          // journals to which a write may still be on its way
	kept   map[journal.Name]journal.Entry // the last one of each that is known to be kept, without its bytes

	alive context.Context // ends with Close
	stop  context.CancelFunc
	done  sync.WaitGroup
	once  sync.Once
}

// Open connects to the database at url (postgres://user@host:5432/database; several hosts separated by commas are tried
// in turn until one takes writes), looks whether it keeps what it takes, and makes its tables when they are not
// there. Errors are one sentence each; ErrNewer is among them.
func Open(ctx context.Context, url string, log *slog.Logger) (*Store, error) {
	return open(ctx, url, log, looking)
}

func open(ctx context.Context, url string, log *slog.Logger, looking time.Duration) (*Store, error) {
	cfg, err := configure(url)
	if err != nil {
		return nil, fmt.Errorf("the address of the database cannot be read: %w", err)
	}
	s := &Store{
		pool:   &pool{cfg: cfg, slots: make(chan struct{}, connections), ended: make(chan struct{})},
		watch:  watchers{of: map[string]map[chan struct{}]struct{}{}, seen: map[string]string{}},
		log:    log,
		fences: map[journal.Name]int64{},
		doubts: map[journal.Name]bool{},
		kept:   map[journal.Name]journal.Entry{},
		id:     rand.Text(),
	}
	s.alive, s.stop = context.WithCancel(context.Background())
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	l, err := dial(ctx, cfg, nil)
	if err != nil {
		return nil, short("the database cannot be used", err)
	}
	if s.server, err = look(ctx, l.conn); err == nil {
		err = l.make(ctx)
	}
	if err != nil {
		shut(l)
		if errors.Is(err, ErrNewer) {
			return nil, err
		}
		return nil, short("the database cannot be used", err)
	}
	s.pool.slots <- struct{}{}
	s.pool.put(l)
	s.done.Add(2)
	go s.listen()
	go s.poll(looking)
	return s, nil
}

// Close waits for what has begun, refuses what comes later, and closes Watch channels.
func (s *Store) Close() error {
	s.once.Do(func() {
		s.stop()
		s.pool.close()
		s.done.Wait()
		s.watch.closeAll()
	})
	return nil
}
