package site

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/live"
	"openmic/record"
)

// everyMinute is how often a checkpoint is signed while entries come.
const everyMinute = time.Minute

// A checkpointer signs what a session has written so far, and what of other sites' journals is here: every minute while
// entries come, when the session is adjourned, at a cut and at a heal, and when it closes. All of one time is of one
// view, so that no journal names what another does not have. Goroutine: "checkpointer", one a session, ends with Close.
type checkpointer struct {
	session *live.Session
	notes   *notes // of the journal that is written here
	others  func(journal.Name) (*notes, error)
	now     func() time.Time
	log     *slog.Logger
	stop    chan struct{}
	done    chan struct{}
	once    sync.Once
}

func newCheckpointer(s *live.Session, n *notes, others func(journal.Name) (*notes, error), now func() time.Time, every time.Duration, log *slog.Logger) *checkpointer {
	c := &checkpointer{session: s, notes: n, others: others, now: now, log: log, stop: make(chan struct{}), done: make(chan struct{})}
	go c.run(every)
	return c
}

// Close signs what is new and ends.
func (c *checkpointer) Close() {
	c.once.Do(func() { close(c.stop) })
	<-c.done
}

func (c *checkpointer) run(every time.Duration) {
	defer close(c.done)
	t := time.NewTicker(every)
	defer t.Stop()
	before := turning(c.session.View())
	for {
		v := c.session.View()
		if now := turning(v); now != before {
			before = now
			c.take()
		}
		select {
		case <-c.stop:
			c.take()
			return
		case <-t.C:
			if !c.notes.signedLately(c.session.View().At(c.now())) {
				c.take()
			}
		case <-v.Newer:
		}
	}
}

// turning tells apart the moments at which more hangs on what was written: it was adjourned, a link broke or healed, a
// site came.
func turning(v *live.View) (t struct{ adjourned, cuts, healed, sites int }) {
	if v.Adjourned >= 0 {
		t.adjourned = 1
	}
	for _, c := range v.Cuts {
		if t.cuts++; c.To >= 0 {
			t.healed++
		}
	}
	t.sites = len(v.Sites)
	return t
}

// take signs the newest view. What fails is tried again a minute later.
func (c *checkpointer) take() {
	v := c.session.View()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, h := range v.Heads {
		n, err := c.notes, error(nil)
		if h.Journal != string(c.session.Name()) {
			n, err = c.others(journal.Name(h.Journal))
		}
		if err == nil {
			err = n.sign(ctx, h.N, v.At(c.now()))
		}
		if err != nil {
			c.log.Warn("no checkpoint was signed", "journal", h.Journal, "error", err)
		}
	}
}

// notes are the signed checkpoints of one journal, each a file in the folder checkpoints/SESSION, or in the database
// where that keeps the sessions. They hold no words. Those of another site's journal say how much of it was seen here.
// What the other site signed comes over the link and lies beside them (sealbox).
type notes struct {
	store  journal.Store
	name   journal.Name
	by     journal.Name // the journal of the site that signs; name itself, or the name of another
	key    siteKey
	folder string
	shared journal.Shared // instead of the folder, when other nodes sign too; else nil
	turn   *atomic.Int64  // counts what was kept

	// mu guards the rest. Held while a checkpoint is signed and kept.
	mu   sync.Mutex
	tree record.Tree
	last record.Checkpoint
}

// openNotes finds the checkpoints of a journal and goes on after the newest of them.
func openNotes(data string, store journal.Store, name, by journal.Name, key siteKey, turn *atomic.Int64) (*notes, error) {
	session, _ := floor.SessionOf(string(name))
	n := &notes{store: store, name: name, by: by, key: key, folder: filepath.Join(data, "checkpoints", session), turn: turn}
	n.shared, _ = store.(journal.Shared)
	b, err := n.read()
	if err != nil {
		return nil, err
	}
	if all := n.of(b, key.verify); len(all) > 0 {
		n.last = all[len(all)-1].is
	}
	return n, nil
}

// notesOf gives the checkpoints of a journal, the same to everybody. by is the journal that is written here.
func (s *Site) notesOf(name, by journal.Name) (*notes, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.notes[name]; n != nil {
		return n, nil
	}
	n, err := openNotes(s.settings.Data, s.db, name, by, s.key, &s.signs)
	if err == nil {
		s.notes[name] = n
	}
	return n, err
}

// signed is a checkpoint, its bytes, and the key that signed it.
type signed struct {
	is   record.Checkpoint
	note []byte
	key  string
}

// read gives all checkpoints that may be of this journal, by whomever.
func (n *notes) read() (out [][]byte, err error) {
	for f, err := range n.files(func(string) bool { return false }) {
		if err != nil {
			return nil, err
		}
		out = append(out, f.note)
	}
	return out, nil
}

// file is a checkpoint as it is kept; of a database, which has no files, the name is that of its bytes.
type file struct {
	name string
	note []byte
}

// files gives the checkpoints that may be of this journal, by whomever, one after the other, without reading those that
// are known. It ends with the first error.
func (n *notes) files(known func(name string) bool) iter.Seq2[file, error] {
	return func(yield func(file, error) bool) {
		if n.shared != nil {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			all, err := n.shared.Checkpoints(ctx, n.name)
			cancel()
			if err != nil {
				yield(file{}, fmt.Errorf("the checkpoints cannot be read: %w", err))
				return
			}
			for _, b := range all {
				if name := called(b); !known(name) && !yield(file{name, b}, nil) {
					return
				}
			}
			return
		}
		own, err := stem(n.name)
		if err != nil {
			return // nothing is kept of it
		}
		all, err := os.ReadDir(n.folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			yield(file{}, fmt.Errorf("the checkpoints cannot be read: %w", plain(err)))
			return
		}
		for _, f := range all {
			if !strings.HasPrefix(f.Name(), own+"-") || !strings.HasSuffix(f.Name(), ".note") || known(f.Name()) {
				continue
			}
			b, err := os.ReadFile(filepath.Join(n.folder, f.Name()))
			if err != nil {
				yield(file{}, fmt.Errorf("the checkpoints cannot be read: %w", plain(err)))
				return
			}
			if !yield(file{f.Name(), b}, nil) {
				return
			}
		}
	}
}

// called is the name of a checkpoint in a database.
func called(note []byte) string {
	sum := sha256.Sum256(note)
	return string(sum[:])
}

// of finds the checkpoints of this journal that one of the keys signed, the smallest first.
func (n *notes) of(all [][]byte, keys ...string) (out []signed) {
	for _, b := range all {
		for _, key := range keys {
			// One of a key that nobody knows any more is kept, and is in no record.
			if c, err := record.ReadCheckpoint(b, key); err == nil && c.Journal == string(n.name) {
				out = append(out, signed{c, b, key})
				break
			}
		}
	}
	slices.SortStableFunc(out, func(a, b signed) int { return int(a.is.Size - b.is.Size) })
	return out
}

// stem is a journal's name without the session, by which files are called. What no journal may be called has none,
// wherever it came from, so that no file is made outside its folder.
func stem(name journal.Name) (string, error) {
	if _, ok := floor.SessionOf(string(name)); !ok {
		return "", fmt.Errorf("no journal may be called %.60q", name)
	}
	_, stem, _ := strings.Cut(string(name), "/")
	return stem, nil
}

// sign signs the first size entries at a session time (ms), and keeps the checkpoint durably; nothing when that was
// done before.
func (n *notes) sign(ctx context.Context, size, at int64) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.shared != nil {
		if err := n.heed(); err != nil {
			return err
		}
	}
	if size <= n.last.Size {
		return nil
	}
	root, last, err := n.root(ctx, size)
	if err != nil {
		return err
	}
	c := record.Checkpoint{Journal: string(n.name), Size: size, Root: root, At: max(at, last, n.last.At)}
	b, err := record.Sign(c, n.key.sign)
	if err != nil {
		return err
	}
	if _, err := n.keep(ctx, size, n.by, b); err != nil {
		return err
	}
	n.last = c
	return nil
}

// root is the hash of the first size entries that are here, and the session time of the last of them. mu is held.
func (n *notes) root(ctx context.Context, size int64) (root string, at int64, err error) {
	for n.tree.Size() < size {
		entries, _, err := n.store.Read(ctx, n.name, n.tree.Size()+1, int(min(2000, size-n.tree.Size())))
		if err != nil {
			return "", 0, err
		}
		if len(entries) == 0 {
			return "", 0, fmt.Errorf("journal %s ends at entry %d, and %d were to be signed", n.name, n.tree.Size(), size)
		}
		for _, e := range entries {
			n.tree.Add(e.Bytes)
		}
	}
	entries, _, err := n.store.Read(ctx, n.name, size, 1)
	if err == nil && len(entries) == 0 {
		err = fmt.Errorf("journal %s has no entry %d", n.name, size)
	}
	if err != nil {
		return "", 0, err
	}
	e, err := floor.ParseEntry(entries[0].Bytes)
	if err != nil {
		return "", 0, fmt.Errorf("entry %d: %w", size, err)
	}
	return n.tree.Root(size), e.Stamp.At, nil
}

// size is how many entries the newest checkpoint signs.
func (n *notes) size() int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.last.Size
}

// keep keeps a checkpoint durably that was signed by the site whose journal is by, and tells its name among files.
func (n *notes) keep(ctx context.Context, size int64, by journal.Name, note []byte) (name string, err error) {
	own, err := stem(n.name)
	signer, err2 := stem(by)
	if err := errors.Join(err, err2); err != nil {
		return "", err
	}
	defer n.turn.Add(1)
	if n.shared != nil {
		return called(note), n.shared.PutCheckpoint(ctx, n.name, size, note)
	}
	if err := os.MkdirAll(n.folder, 0o700); err != nil {
		return "", err
	}
	name = fmt.Sprintf("%s-%09d.note", own, size)
	if by != n.name {
		name = fmt.Sprintf("%s-%09d-%s.note", own, size, signer)
	}
	return name, writeDurably(filepath.Join(n.folder, name), note)
}

// heed takes note of what other nodes signed. mu is held.
func (n *notes) heed() error {
	b, err := n.read()
	if all := n.of(b, n.key.verify); len(all) > 0 {
		n.last = all[len(all)-1].is
	}
	return err
}

// signedLately: another node signed less than a minute before this session time (ms), so that one of them is enough.
func (n *notes) signedLately(at int64) bool {
	if n.shared == nil {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.heed() == nil && n.last.Size > 0 && at-n.last.At < everyMinute.Milliseconds()*9/10
}
