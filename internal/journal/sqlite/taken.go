package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"openmic/internal/journal"
)

// SQLite believes its log (openmic.db-wal) up to the first byte that is wrong, and takes what lies behind for what was
// never committed. So a bad sector there, or a log that somebody deleted, would take acknowledged entries away without a
// word. The file "taken" says how far the journals had come when somebody was last told that something is taken. It is
// written after each commit, before anybody is told, in place, and without waiting for the disk: a program that was
// killed leaves it whole, a power cut leaves one that is some seconds older. It never says more than was committed.
//
// It has two places, which are written in turn, so that a write that was torn leaves the one before.

const (
	takenFile   = "taken"
	takenPlace  = 16 << 10 // bytes of one of the two places
	mostTaken   = 100      // journals, those that were written last
	takenHeader = "openmic taken 1"
)

// taken is what the file says, and where it is written. It belongs to run, but for what was read at the start.
type taken struct {
	file  *os.File // nil: it cannot be written, and says what it said
	turn  int64
	ends  []end // the one written last comes last
	found map[journal.Name]end
}

// end is where a journal ended.
type end struct {
	name journal.Name
	n    int64
	hash [32]byte // of entry n
}

// openTaken reads the file and opens it for writing. What is torn or strange says nothing.
func openTaken(path string) *taken {
	t := &taken{found: map[journal.Name]end{}}
	b, _ := os.ReadFile(path)
	for at := 0; at < len(b); at += takenPlace {
		turn, ends, ok := readTaken(b[at:min(len(b), at+takenPlace)])
		if ok && turn > t.turn {
			t.turn, t.ends = turn, ends
		}
	}
	for _, e := range t.ends {
		t.found[e.name] = e
	}
	t.file, _ = os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	return t
}

func readTaken(b []byte) (turn int64, ends []end, ok bool) {
	text, rest, ok := bytes.Cut(b, []byte("sum "))
	if !ok || len(rest) < 2*sha256.Size {
		return 0, nil, false
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != string(rest[:2*sha256.Size]) {
		return 0, nil, false
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		f := strings.Fields(line)
		if i == 0 {
			turn, _ = strconv.ParseInt(strings.TrimPrefix(line, takenHeader+" "), 10, 64)
			continue
		}
		if len(f) != 3 {
			return 0, nil, false
		}
		e := end{name: journal.Name(f[0])}
		e.n, _ = strconv.ParseInt(f[1], 10, 64)
		if b, err := hex.DecodeString(f[2]); err != nil || copy(e.hash[:], b) != sha256.Size {
			return 0, nil, false
		}
		ends = append(ends, e)
	}
	return turn, ends, turn > 0
}

// note writes where journals end now. What was lost stays as it was: the loss is told at each start.
func (t *taken) note(fresh []end, lost map[journal.Name]end) {
	for _, e := range fresh {
		if _, gone := lost[e.name]; gone || strings.ContainsAny(string(e.name), " \n") {
			continue
		}
		if i := slices.IndexFunc(t.ends, func(x end) bool { return x.name == e.name }); i >= 0 {
			t.ends = slices.Delete(t.ends, i, i+1)
		}
		t.ends = append(t.ends, e)
	}
	t.ends = t.ends[max(0, len(t.ends)-mostTaken):]
	if t.file == nil {
		return
	}
	t.turn++
	text := fmt.Appendf(nil, "%s %d\n", takenHeader, t.turn)
	for _, e := range t.ends {
		if len(text) < takenPlace-1000 {
			text = fmt.Appendf(text, "%s %d %x\n", e.name, e.n, e.hash)
		}
	}
	sum := sha256.Sum256(text)
	// What fails is an older file, which notices less.
	_, _ = t.file.WriteAt(fmt.Appendf(text, "sum %x\n", sum), t.turn%2*takenPlace)
}

func (t *taken) close() error {
	if t == nil || t.file == nil {
		return nil
	}
	return t.file.Close()
}

// missing gives the journals that do not reach to where they had come, or are others there.
func (t *taken) missing(ctx context.Context, conn *sql.Conn) (map[journal.Name]end, error) {
	out := map[journal.Name]end{}
	for name, e := range t.found {
		here, err := reaches(ctx, conn, e)
		if err != nil {
			return nil, err
		}
		if !here {
			out[name] = e
		}
	}
	return out, nil
}

type rows interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// reaches: a journal holds the entry with which it had ended.
func reaches(ctx context.Context, db rows, e end) (bool, error) {
	var hash []byte
	err := db.QueryRowContext(ctx, "SELECT hash FROM entry WHERE n = ? AND journal = (SELECT id FROM journal WHERE name = ?)", e.n, string(e.name)).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("find entry %d of %s: %w", e.n, e.name, err)
	}
	return bytes.Equal(hash, e.hash[:]), nil
}

// Missing lists the journals whose end was gone at this start, also those that are not there at all.
func (s *Store) Missing() []journal.Name { return slices.Sorted(maps.Keys(s.lost)) }

// Lost tells whether a journal does not reach to where it had come when somebody was last told so before this start, and
// where that was. The other site of a session may have brought it back meanwhile.
func (s *Store) Lost(ctx context.Context, name journal.Name) (n int64, lost bool, err error) {
	e, gone := s.lost[name]
	if !gone {
		return 0, false, nil
	}
	here, err := reaches(ctx, s.read, e)
	return e.n, !here && err == nil, err
}
