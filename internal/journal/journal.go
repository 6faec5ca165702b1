// Package journal is the promise of an append-only log.
//
// A journal is one site's part of one session: entries 1, 2, 3 … without gaps. Only its site
// appends to it; other sites keep a copy. The store knows order and disk and leaves the meaning
// to others: entry bytes stay unread. What people said travels beside the entries as addenda, so
// that it can be erased without touching what is hashed.
//
// Always true, checked by the suite in journaltest for every store:
//
//	J1   What Append answered with nil survives a power cut.
//	J2   A journal is dense; an entry never changes and never moves.
//	J3   Two who append at the same n: one is stored whole, the other not at all.
//	J4   A batch is stored whole or not at all, addenda included.
//	J5   An unclear answer says so (ErrUnknown), and Settle finds out.
//	J6   After Erase no byte of the text or its nonce is in any file of the store; in a database, where nobody looks
//	     into the files, in no answer of the store.
//
// A doubt: whoever holds the disk below the file system (snapshots, worn flash cells) may still
// find erased words; see docs/decisions/journal.md.
package journal

import (
	"context"
	"crypto/sha256"
	"errors"
)

// What a store answers when it does not answer nil. Unless said otherwise nothing was stored.
var (
	// ErrHead: the journal does not end where the caller thought; somebody else wrote.
	ErrHead = errors.New("the journal has another head")
	// ErrNotStored: not now (disk full, store closing, nobody waits any more); surely unchanged.
	ErrNotStored = errors.New("surely not stored")
	// ErrUnknown: it may be stored. Ask Settle before anybody is told anything.
	ErrUnknown = errors.New("not known whether it is stored")
	// ErrBroken: the disk failed under the store, which acknowledges nothing until it is opened
	// again. Comes together with ErrNotStored or ErrUnknown.
	ErrBroken = errors.New("the store is broken until it is opened again")
	// ErrBad: the batch itself is wrong (a gap inside, a hash that does not fit, too large).
	ErrBad = errors.New("bad batch")
	// ErrGap: a foreign entry does not join on to what is here.
	ErrGap = errors.New("gap in a foreign journal")
	// ErrFork: a foreign entry differs from the one already here at the same n. The message
	// names n. Two histories exist; this is evidence, not something to retry.
	ErrFork = errors.New("fork in a foreign journal")
	// ErrNoJournal: Create comes first.
	ErrNoJournal = errors.New("no such journal")
	// ErrExists: the name is taken by something that was described differently.
	ErrExists = errors.New("the name is taken")
	// ErrRestored: the journal came out of a backup. It can be read, but its site must go on in
	// a new one, or two histories would carry the same name.
	ErrRestored = errors.New("the journal was restored from a backup; start a new one")
	// ErrDamaged: stored bytes no longer have the hash they were stored with. The message
	// names n.
	ErrDamaged = errors.New("damaged entry")
)

// Name is "session/site-random". The random part is made once for a data folder, so that a
// site that lost its disk cannot continue an old journal by accident.
type Name string

// Info describes a journal and never changes, except that Restored may become true.
type Info struct {
	Name     Name
	Session  string
	Site     string
	Born     int64  // Unix milliseconds, a label
	Key      []byte // the site's public key
	Restored bool   // set by the store: see ErrRestored
}

// Entry is one fact in its canonical bytes. The hash of the one before is inside Bytes.
type Entry struct {
	N     int64
	Bytes []byte
	Hash  [32]byte // SHA-256 of Bytes
}

// NewEntry hashes bytes. The slice is kept, not copied.
func NewEntry(n int64, bytes []byte) Entry {
	return Entry{N: n, Bytes: bytes, Hash: sha256.Sum256(bytes)}
}

// Addendum is a text that belongs to entry N, which holds only its digest.
type Addendum struct {
	N     int64
	Field string
	Nonce []byte
	Text  string
}

// Batch is what is stored whole or not at all. Every addendum belongs to an entry of the batch.
type Batch struct {
	Entries []Entry
	Addenda []Addendum
}

// Mark is the newest durable point of a session's clock. It is replaced in place and no part
// of the journal. Both are milliseconds: of the session, and since 1970.
type Mark struct {
	Session int64
	Wall    int64
}

// Where names one addendum.
type Where struct {
	N     int64
	Field string
}

// Store keeps journals. All methods may be used by many goroutines at once. When ctx ends
// first, the error also wraps ctx.Err(); a write that has begun is waited for all the same, so
// that Head never runs ahead of a write still on its way.
type Store interface {
	// Create makes an empty journal. The same Info again answers nil, so that a repeat is
	// safe; another Info under the same name is ErrExists.
	Create(ctx context.Context, info Info) error

	// Append adds entries expectedN+1, expectedN+2, … and their addenda. When it answers nil
	// they are on disk. Errors: ErrBad, ErrNoJournal, ErrRestored, ErrHead, ErrNotStored,
	// ErrUnknown.
	Append(ctx context.Context, name Name, expectedN int64, b Batch) error

	// AppendForeign adds what another site wrote. Entries already here with the same hash are
	// skipped together with their addenda; an addendum erased here stays erased. Errors: as
	// Append, and ErrGap, ErrFork instead of ErrHead, ErrRestored.
	AppendForeign(ctx context.Context, name Name, b Batch) error

	// Read gives at most limit entries from n = from on, and the addenda that belong to them
	// and are not erased, ordered by n and then as they were appended. Errors: ErrNoJournal,
	// ErrDamaged.
	Read(ctx context.Context, name Name, from int64, limit int) ([]Entry, []Addendum, error)

	// Head gives the last entry's n and hash, zero for an empty journal. A broken store does
	// not know and says ErrUnknown.
	Head(ctx context.Context, name Name) (n int64, hash [32]byte, err error)

	// List gives every journal, ordered by name.
	List(ctx context.Context) ([]Info, error)

	// Watch gives a channel that is woken after each append. Wakes that nobody waited for
	// become one; a shared store may wake once too often. It is closed when ctx ends or the store closes.
	Watch(ctx context.Context, name Name) <-chan struct{}

	// Mark replaces the journal's mark, durably. A mark with an earlier session time than the
	// one here changes nothing: the session's clock does not go back.
	Mark(ctx context.Context, name Name, m Mark) error

	// LastMark gives the newest mark, false if there is none yet.
	LastMark(ctx context.Context, name Name) (Mark, bool, error)

	// Erase makes addenda and nonces unreadable in every file of the store; the entries stay.
	// An addendum that is not here yet will not be taken later. Erasing twice is safe, and
	// the answer to any error.
	Erase(ctx context.Context, name Name, where []Where) error

	Close() error
}
