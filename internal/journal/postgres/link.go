package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// How long things may take. A server that is slower is asked again on another connection.
const (
	dialing      = 2 * time.Second  // one try of one host
	statement    = 8 * time.Second  // one statement, waiting for locks included
	patience     = 10 * time.Second // one wish of one caller, with everything that is tried again
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = time.Second
)

// A link is one connection to the server that takes writes. One goroutine at a time uses it.
type link struct {
	conn    *pgconn.PgConn
	known   map[string]string // statements prepared on it, by their text
	warning string            // the last one that puts a write in doubt
}

// configure reads the address of the database.
func configure(url string) (*pgconn.Config, error) {
	cfg, err := pgconn.ParseConfig(url)
	if err != nil {
		return nil, errors.New(plain(err))
	}
	for name, value := range map[string]string{
		"application_name":                    "openmic",
		"search_path":                         schemaName,
		"client_encoding":                     "UTF8",
		"client_min_messages":                 "warning",        // see doubtful
		"default_transaction_isolation":       "read committed", // who comes second at a row sees what the first one left
		"statement_timeout":                   milliseconds(statement),
		"lock_timeout":                        milliseconds(statement),
		"idle_in_transaction_session_timeout": milliseconds(statement),
		"tcp_keepalives_idle":                 "5",
		"tcp_keepalives_interval":             "2",
		"tcp_keepalives_count":                "3",
	} {
		cfg.RuntimeParams[name] = value
	}
	if cfg.ConnectTimeout == 0 || cfg.ConnectTimeout > dialing {
		cfg.ConnectTimeout = dialing
	}
	return cfg, nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// dial opens a connection to the first of the hosts that takes writes and keeps what it takes.
func dial(ctx context.Context, cfg *pgconn.Config, noticed func(*pgconn.Notification)) (*link, error) {
	cfg = cfg.Copy()
	var open atomic.Bool
	dialer := &net.Dialer{KeepAlive: 5 * time.Second}
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if open.Load() {
			// The driver dials once more only to cancel a statement on a connection that broke. A commit that
			// waits for a standby and is cancelled becomes visible without being there: it must go on waiting.
			return nil, errors.New("statements are not cancelled")
		}
		return dialer.DialContext(ctx, network, address)
	}
	cfg.ValidateConnect = func(ctx context.Context, c *pgconn.PgConn) error { return holds(ctx, c) }
	l := &link{known: map[string]string{}}
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		if doubtful(n) {
			l.warning = n.Message
		}
	}
	if noticed != nil {
		cfg.OnNotification = func(_ *pgconn.PgConn, n *pgconn.Notification) { noticed(n) }
	}
	c, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	open.Store(true)
	l.conn = c
	return l, nil
}

// doubtful: a commit that waits for its standby cannot fail any more. When its wait is broken off, because somebody
// stops the server, ends the session or cancels the statement, the server can only warn, and may then say that all is
// well. So every warning counts, but for those of the server's counters running low, which come for weeks at any write.
func doubtful(n *pgconn.Notice) bool {
	return n.SeverityUnlocalized == "WARNING" && n.File != "varsup.c" && n.File != "multixact.c"
}

// kept is what became of a write that was answered with err: one at which the server warned may be there, and may be
// there on one disk only.
func (l *link) kept(err error) error {
	if l.warning != "" {
		return fmt.Errorf("the server warned: %s", l.warning)
	}
	return err
}

// prepare gives the name of a statement on this connection.
func (l *link) prepare(ctx context.Context, sql string) (string, error) {
	name, ok := l.known[sql]
	if ok {
		return name, nil
	}
	name = "s" + strconv.Itoa(len(l.known))
	if _, err := l.conn.Prepare(ctx, name, sql, nil); err != nil {
		return "", err
	}
	l.known[sql] = name
	return name, nil
}

// change is ask for what changes something: without an error it is committed as the server promises.
func (l *link) change(ctx context.Context, sql string, args ...arg) ([]row, error) {
	l.warning = ""
	all, err := l.ask(ctx, sql, args...)
	return all, l.kept(err)
}

// ask runs one statement, which is a transaction of its own, and waits until the server is ready for the next one.
func (l *link) ask(ctx context.Context, sql string, args ...arg) ([]row, error) {
	name, err := l.prepare(ctx, sql)
	if err != nil {
		return nil, err
	}
	values, formats := bind(args)
	return rows(l.conn.ExecPrepared(ctx, name, values, formats, binaryAnswer))
}

var binaryAnswer = []int16{1}

func bind(args []arg) (values [][]byte, formats []int16) {
	for _, a := range args {
		values = append(values, a.bytes)
		f := int16(0)
		if a.binary {
			f = 1
		}
		formats = append(formats, f)
	}
	return values, formats
}

func rows(r *pgconn.ResultReader) ([]row, error) {
	all := r.Read()
	if all.Err != nil {
		return nil, all.Err
	}
	out := make([]row, len(all.Rows))
	for i, x := range all.Rows {
		out[i] = x
	}
	return out, nil
}

// A pool holds a few connections and makes new ones, ever more slowly while that fails.
type pool struct {
	cfg   *pgconn.Config
	slots chan struct{} // one for each connection in use
	ended chan struct{} // closed by close

	// mu guards the rest. Held for a moment, never across a call.
	mu      sync.Mutex
	idle    []*link
	closed  bool
	backoff time.Duration
	next    time.Time // before it nobody dials
	failed  error     // why
}

var errClosed = errors.New("the store is closed")

// take gives a connection and waits for one, also for a server that is away, until ctx ends.
func (p *pool) take(ctx context.Context) (*link, error) {
	select {
	case p.slots <- struct{}{}:
	case <-p.ended:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	l, err := p.fetch(ctx)
	if err != nil {
		<-p.slots
	}
	return l, err
}

func (p *pool) fetch(ctx context.Context) (*link, error) {
	for {
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return nil, errClosed
		}
		if n := len(p.idle); n > 0 {
			l := p.idle[n-1]
			p.idle = p.idle[:n-1]
			p.mu.Unlock()
			return l, nil
		}
		wait, failed := time.Until(p.next), p.failed
		p.mu.Unlock()
		if wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return nil, fmt.Errorf("%w: %w", failed, ctx.Err())
			}
			continue
		}
		l, err := dial(ctx, p.cfg, nil)
		p.reached(err)
		if err == nil {
			return l, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s: %w", plain(err), ctx.Err())
		}
	}
}

// reached notes how dialing went, and when to try again.
func (p *pool) reached(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.backoff, p.next, p.failed = 0, time.Time{}, nil
		return
	}
	p.backoff = min(max(2*p.backoff, firstBackoff), lastBackoff)
	// The nodes of a site lost the server together; they need not come back together.
	p.next = time.Now().Add(p.backoff/2 + rand.N(p.backoff/2))
	p.failed = errors.New(plain(err))
}

// put gives a connection back. A broken one is thrown away, and what else came from a server that is gone will show
// itself in its turn.
func (p *pool) put(l *link) {
	defer func() { <-p.slots }()
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case l.conn.IsClosed():
	case p.closed || l.conn.TxStatus() != 'I':
		go shut(l)
	default:
		p.idle = append(p.idle, l)
	}
}

// drop throws a connection away that may be fine but leads to the wrong server.
func (p *pool) drop(l *link) {
	<-p.slots
	go shut(l)
}

func shut(l *link) {
	ctx, cancel := context.WithTimeout(context.Background(), dialing)
	defer cancel()
	_ = l.conn.Close(ctx) // whoever closes it has no use for its last words
}

// close closes what is idle and waits for what is in use.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	close(p.ended)
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, l := range idle {
		shut(l)
	}
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
}

// plain is what went wrong in one line, without the password that an address may hold.
func plain(err error) string {
	var pg *pgconn.PgError
	var promise *promiseError
	switch {
	case errors.As(err, &promise):
		return promise.say
	case errors.As(err, &pg):
		return pg.Message
	}
	s := err.Error() // the driver leaves passwords out
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		s = s[i+1:] // of several hosts the last
	}
	return strings.TrimSpace(s)
}
