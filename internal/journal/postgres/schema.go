package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// schemaName is where everything lies, so that it may share a database with others. version is the schema's.
const (
	schemaName = "openmic"
	version    = 1
	// oldest is the first version of PostgreSQL this was tried with, as server_version_num says it.
	oldest = 130000
	// making is the advisory lock of whoever makes the schema ("omic").
	making = 0x6f6d6963
)

// ErrNewer: the database belongs to a newer program.
var ErrNewer = errors.New("this database was written by a newer openmic")

// schema is made once, at the first start. A later version may add to it; there is no tool that migrates.
const schema = `
CREATE SCHEMA IF NOT EXISTS openmic;
CREATE TABLE IF NOT EXISTS openmic.version (
	version bigint NOT NULL
);
-- n and hash are the head: to move it on is the compare-and-set. fence grows when somebody has to know that a
-- write of before cannot come any more; see settle.
CREATE TABLE IF NOT EXISTS openmic.journal (
	id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name     text NOT NULL UNIQUE,
	session  text NOT NULL,
	site     text NOT NULL,
	born     bigint NOT NULL,
	key      bytea NOT NULL,
	restored boolean NOT NULL DEFAULT false,
	n        bigint NOT NULL DEFAULT 0,
	hash     bytea NOT NULL DEFAULT '',
	fence    bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
CREATE INDEX IF NOT EXISTS journal_session ON openmic.journal (session);
CREATE TABLE IF NOT EXISTS openmic.entry (
	journal bigint NOT NULL REFERENCES openmic.journal,
	n       bigint NOT NULL,
	bytes   bytea NOT NULL,
	hash    bytea NOT NULL,
	PRIMARY KEY (journal, n)
);
-- words is NULL once erased, so that a late copy of the entry does not bring it back. Words are bytes: what people
-- paste may hold a zero, which PostgreSQL's text may not.
CREATE TABLE IF NOT EXISTS openmic.addendum (
	journal bigint NOT NULL REFERENCES openmic.journal,
	n       bigint NOT NULL,
	field   text NOT NULL,
	place   bigint NOT NULL,
	nonce   bytea,
	words   bytea,
	PRIMARY KEY (journal, n, field)
);
CREATE TABLE IF NOT EXISTS openmic.mark (
	journal bigint PRIMARY KEY REFERENCES openmic.journal,
	session bigint NOT NULL,
	wall    bigint NOT NULL
) WITH (fillfactor = 50);
-- label is NULL once erased. change tells who looks that something is new.
CREATE SEQUENCE IF NOT EXISTS openmic.changes;
CREATE TABLE IF NOT EXISTS openmic.pass (
	hash    bytea PRIMARY KEY,
	session text NOT NULL,
	id      text NOT NULL,
	label   bytea,
	revoked boolean NOT NULL DEFAULT false,
	created bigint NOT NULL,
	change  bigint NOT NULL DEFAULT nextval('openmic.changes'),
	UNIQUE (session, id)
);
CREATE TABLE IF NOT EXISTS openmic.setting (
	key    text PRIMARY KEY,
	value  text NOT NULL,
	change bigint NOT NULL DEFAULT nextval('openmic.changes')
);
-- What nodes tell each other about themselves; a crash may empty it.
CREATE UNLOGGED TABLE IF NOT EXISTS openmic.told (
	subject text NOT NULL,
	who     text NOT NULL,
	what    bytea NOT NULL,
	at      timestamptz NOT NULL,
	PRIMARY KEY (subject, who)
);
CREATE TABLE IF NOT EXISTS openmic.checkpoint (
	journal text NOT NULL,
	size    bigint NOT NULL,
	note    bytea NOT NULL,
	PRIMARY KEY (journal, size)
);
`

// A promiseError is a server that would not keep what journals promise. Its sentence says what to change.
type promiseError struct{ say string }

func (e *promiseError) Error() string { return e.say }

// A server is what one connection leads to.
type server struct {
	version  string
	commit   string // synchronous_commit
	standbys string // synchronous_standby_names
}

// holds looks whether what this connection writes survives a power cut. The first host of several that does is taken.
func holds(ctx context.Context, c *pgconn.PgConn) error {
	_, err := look(ctx, c)
	return err
}

// look asks what the connection leads to. What it finds as synchronous_commit stays so on this connection, also when the
// server's files say otherwise later.
func look(ctx context.Context, c *pgconn.PgConn) (server, error) {
	r := c.ExecParams(ctx, `SELECT current_setting('server_version'), current_setting('server_version_num')::bigint,
		pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean, current_setting('fsync')::boolean,
		set_config('synchronous_commit', current_setting('synchronous_commit'), false), current_setting('synchronous_standby_names'), current_setting('server_encoding')`,
		nil, nil, nil, binaryAnswer)
	all, err := rows(r)
	if err != nil {
		return server{}, err
	}
	x := all[0]
	s := server{x.text(0), x.text(4), x.text(5)}
	no := func(format string, a ...any) (server, error) {
		return s, &promiseError{fmt.Sprintf(format, a...)}
	}
	switch {
	case x.number(1) < oldest:
		return no("the server is PostgreSQL %s; it has to be 13 or newer", s.version)
	case x.truth(2):
		return no("the server takes no writes: it is a standby, or is set to read only")
	case !x.truth(3):
		return no("fsync is off: a power cut would lose what people were told is taken; set fsync = on and restart the server")
	case s.commit != "on" && s.commit != "remote_apply":
		return no("synchronous_commit is %s: the server would answer before it has written; set it to on, for the server, the database or the role", s.commit)
	case x.text(6) != "UTF8":
		return no("the database has the encoding %s; make one with UTF8", x.text(6))
	}
	return s, nil
}

// promise says in one sentence what an acknowledged append rests on.
func (s server) promise() string {
	where := "on this server's disk"
	if s.standbys != "" {
		where += " and on that of a synchronous standby (" + s.standbys + ")"
		if s.commit == "remote_apply" {
			where += ", which shows it too"
		}
	} else {
		where += " alone: no synchronous standby is named"
	}
	return fmt.Sprintf("PostgreSQL %s; what is taken is %s", s.version, where)
}

// make makes the schema, once, however many nodes start at the same moment.
func (l *link) make(ctx context.Context) error {
	there, err := l.version(ctx)
	if err != nil {
		return err
	}
	if there == 0 {
		script := fmt.Sprintf(`BEGIN; SELECT pg_advisory_xact_lock(%d); %s
			INSERT INTO openmic.version SELECT %d WHERE NOT EXISTS (SELECT FROM openmic.version); COMMIT;`, making, schema, version)
		if _, err := l.conn.Exec(ctx, script).ReadAll(); err != nil {
			return fmt.Errorf("make tables: %w", err)
		}
		if there, err = l.version(ctx); err != nil {
			return err
		}
	}
	switch {
	case there > version:
		return fmt.Errorf("%w (its tables have version %d, this program knows %d)", ErrNewer, there, version)
	case there < version:
		return fmt.Errorf("the tables in the schema %s have version %d and are not openmic's", schemaName, there)
	}
	return nil
}

// version reads the schema's version, 0 when there is none.
func (l *link) version(ctx context.Context) (int64, error) {
	all, err := rows(l.conn.ExecParams(ctx, "SELECT to_regclass('openmic.version') IS NOT NULL", nil, nil, nil, binaryAnswer))
	if err != nil || !all[0].truth(0) {
		return 0, err
	}
	all, err = rows(l.conn.ExecParams(ctx, "SELECT max(version) FROM openmic.version", nil, nil, nil, binaryAnswer))
	if err != nil {
		return 0, err
	}
	if len(all) == 0 || all[0][0] == nil {
		return 0, nil
	}
	return all[0].number(0), nil
}

// short is an error in one line, with what it wraps.
func short(step string, err error) error {
	return fmt.Errorf("%s: %s", step, strings.TrimSpace(plain(err)))
}
