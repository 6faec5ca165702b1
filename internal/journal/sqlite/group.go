package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"openmic/internal/journal"
)

// group is what one transaction commits. Its methods belong to run.
type group struct {
	writes []*write
	size   int // bytes
	conn   *sql.Conn
	known  map[string]*sql.Stmt
	heads  map[journal.Name]*head // where journals end inside this transaction
	woken  map[journal.Name]bool
}

// head is where a journal ends.
type head struct {
	id       int64
	n        int64
	hash     [32]byte // of entry n, if it was added by this transaction
	restored bool
}

// prepared gives the statement, parsed once for the life of the store.
func (g *group) prepared(query string) (*sql.Stmt, error) {
	if st := g.known[query]; st != nil {
		return st, nil
	}
	st, err := g.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	g.known[query] = st
	return st, nil
}

func (g *group) exec(query string, args ...any) (sql.Result, error) {
	st, err := g.prepared(query)
	if err != nil {
		return nil, err
	}
	return st.Exec(args...)
}

// row reads one row; sql.ErrNoRows if there is none.
func (g *group) row(query string, args, into []any) error {
	st, err := g.prepared(query)
	if err != nil {
		return err
	}
	return st.QueryRow(args...).Scan(into...)
}

func (g *group) rollback() {
	// SQLite may have rolled back by itself; then this complains and changes nothing.
	_, _ = g.exec("ROLLBACK")
}

// head finds where a journal ends. A refusal is journal.ErrNoJournal.
func (g *group) head(name journal.Name) (h *head, refusal, failed error) {
	if h := g.heads[name]; h != nil {
		return h, nil, nil
	}
	h = &head{}
	err := g.row(`SELECT id, restored, coalesce((SELECT max(n) FROM entry WHERE journal = id), 0)
		FROM journal WHERE name = ?`, []any{string(name)}, []any{&h.id, &h.restored, &h.n})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: %s", journal.ErrNoJournal, name), nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find head: %w", err)
	}
	g.heads[name] = h
	return h, nil, nil
}

// add stores entries that follow the head, and their addenda.
func (g *group) add(name journal.Name, h *head, b journal.Batch) error {
	for _, e := range b.Entries {
		if _, err := g.exec("INSERT INTO entry VALUES (?, ?, ?, ?)", h.id, e.N, e.Bytes, e.Hash[:]); err != nil {
			return fmt.Errorf("add entry: %w", err)
		}
		h.n, h.hash = e.N, e.Hash
	}
	for _, a := range b.Addenda {
		erased := 0
		err := g.row("SELECT count(*) FROM addendum WHERE journal = ? AND n = ? AND field = ?",
			[]any{h.id, a.N, a.Field}, []any{&erased})
		if err != nil {
			return fmt.Errorf("find addendum: %w", err)
		}
		if erased > 0 {
			continue // it was erased before it came
		}
		word, err := g.addWord(a.Nonce, a.Text)
		if err != nil {
			return err
		}
		if _, err := g.exec("INSERT INTO addendum VALUES (?, ?, ?, ?)", h.id, a.N, a.Field, word); err != nil {
			return fmt.Errorf("add addendum: %w", err)
		}
	}
	g.woken[name] = true
	return nil
}

// addWord puts words at the end of the one table that holds any.
func (g *group) addWord(nonce []byte, text string) (int64, error) {
	if nonce == nil {
		nonce = []byte{}
	}
	res, err := g.exec("INSERT INTO word (nonce, text) VALUES (?, ?)", nonce, text)
	if err != nil {
		return 0, fmt.Errorf("add words: %w", err)
	}
	return res.LastInsertId()
}

// coverWord overwrites words with as many dashes. The row keeps its length, so that SQLite
// writes over the old bytes and moves nothing.
func (g *group) coverWord(word int64) error {
	var nonce, text int
	err := g.row("SELECT octet_length(nonce), octet_length(text) FROM word WHERE id = ?",
		[]any{word}, []any{&nonce, &text})
	if err != nil {
		return fmt.Errorf("find words: %w", err)
	}
	_, err = g.exec("UPDATE word SET nonce = ?, text = ? WHERE id = ?",
		make([]byte, nonce), string(bytes.Repeat([]byte{'-'}, text)), word)
	if err != nil {
		return fmt.Errorf("cover words: %w", err)
	}
	return nil
}
