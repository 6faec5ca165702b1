package site

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/link"
	"openmic/internal/live"
	"openmic/record"
)

// mostKept is how many checkpoints of one journal are taken that another site signed: one a minute for almost three days.
const mostKept = 4000

// A sealbox has the checkpoints of one session on their way over the link: each site has those of the other beside its own,
// so that a record made at either holds what both signed. What is here was held against the entries that are here, and
// grows from each signer in size and in time. Each file is read and verified once, so that one more checkpoint costs the
// same however many there are.
type sealbox struct {
	s       *Site
	id      string
	session *live.Session
	odd     func(kind string) // what the crew must know: lost-here, seal

	looking sync.Mutex // one looks at what is kept at a time; held while what is new there is read
	taking  sync.Mutex // one checkpoint is taken at a time; held while it is verified and written

	mu    sync.Mutex // guards the rest and what lies on the shelf; never held across a file or a signature
	shelf *shelf     // nil: nobody has looked yet
	turn  int64      // when the shelf was looked at last
	told  map[string]bool
}

// A shelf is what is kept, as one set of keys reads it.
type shelf struct {
	keys  map[string]string         // of the sites, by the journals that they write
	known map[[2]string]bool        // by journal and file: what was looked at, whoever signed it
	seals map[[2]string][]link.Seal // by journal and signer, the smallest first
	at    map[[2]string]int64       // the newest time of one journal and signer, ms
}

// add puts a checkpoint on the shelf, once.
func (h *shelf) add(by string, c record.Checkpoint, note []byte) {
	k := [2]string{c.Journal, by}
	i, there := slices.BinarySearchFunc(h.seals[k], c.Size, func(s link.Seal, size int64) int { return cmp.Compare(s.Size, size) })
	if !there {
		h.seals[k] = slices.Insert(h.seals[k], i, link.Seal{Journal: c.Journal, By: by, Size: c.Size, Note: string(note)})
	}
	h.at[k] = max(h.at[k], c.At)
}

// newest gives how many checkpoints there are of a journal by one signer, the entries of the largest and the newest time.
func (h *shelf) newest(name, by string) (count int, size, at int64) {
	k := [2]string{name, by}
	if count = len(h.seals[k]); count > 0 {
		size = h.seals[k][count-1].Size
	}
	return count, size, h.at[k]
}

// Turn implements link.Seals. Other nodes sign too, and another program may put something into the folder: it changes
// every ten seconds at least.
func (x *sealbox) Turn() int64 {
	return x.s.signs.Load() + 1 + x.s.now().Unix()/10<<32
}

// Kept implements link.Seals.
func (x *sealbox) Kept(ctx context.Context) (out []link.Seal, err error) {
	if err := x.look(ctx, nil); err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, k := range slices.SortedFunc(maps.Keys(x.shelf.seals), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		out = append(out, x.shelf.seals[k]...)
	}
	return out, nil
}

// look reads what is kept and was not looked at before, if there may be something: all of it where the keys have changed.
// keys nil: those of now.
func (x *sealbox) look(ctx context.Context, keys map[string]string) (err error) {
	x.looking.Lock()
	defer x.looking.Unlock()
	turn := x.Turn()
	x.mu.Lock()
	h, fresh := x.shelf, x.turn == turn
	x.mu.Unlock()
	if fresh && (keys == nil || maps.Equal(keys, h.keys)) {
		return nil
	}
	if keys == nil {
		if keys, err = x.keys(ctx); err != nil {
			return err
		}
	}
	if h == nil || !maps.Equal(keys, h.keys) {
		h = &shelf{keys: keys, known: map[[2]string]bool{}, seals: map[[2]string][]link.Seal{}, at: map[[2]string]int64{}}
	}
	for _, head := range x.session.View().Heads {
		n, err := x.s.notesOf(journal.Name(head.Journal), x.session.Name())
		if err != nil {
			return err
		}
		known := func(file string) bool {
			x.mu.Lock()
			defer x.mu.Unlock()
			return h.known[[2]string{head.Journal, file}]
		}
		for f, err := range n.files(known) {
			if err != nil {
				return err
			}
			of := n.of([][]byte{f.note}, values(keys)...)
			x.mu.Lock()
			for _, c := range of {
				h.add(byOf(keys, head.Journal, c.key), c.is, c.note)
			}
			h.known[[2]string{head.Journal, f.name}] = true
			x.mu.Unlock()
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.shelf, x.turn = h, turn
	return nil
}

// keys are those of the session's sites, by the journals that they write.
func (x *sealbox) keys(ctx context.Context) (map[string]string, error) {
	keys := map[string]string{}
	v := x.session.View()
	for _, i := range v.Sites {
		if i.Key != "" {
			keys[i.Journal] = i.Key
		}
	}
	for _, h := range v.Heads { // whoever goes on for another site begins with its key
		entries, _, err := x.s.db.Read(ctx, journal.Name(h.Journal), 1, 1)
		if err != nil {
			return nil, err
		}
		if len(entries) == 0 {
			continue
		}
		e, err := floor.ParseEntry(entries[0].Bytes)
		if err != nil {
			return nil, err
		}
		if ev, ok := e.Event.(*floor.Succeeded); ok {
			keys[h.Journal], keys[ev.Journal] = ev.Key, ev.Was
		}
	}
	if way, err := x.s.way(ctx, x.id); err == nil {
		keys[way.Hub] = way.Key
	} else if !errors.Is(err, errNoWay) {
		return nil, err
	}
	keys[string(x.session.Name())] = x.s.key.verify
	return keys, nil
}

func values(keys map[string]string) (out []string) {
	for _, k := range keys {
		out = append(out, k)
	}
	return out
}

// byOf is the journal of the site that has a key: the one that it signed, if that is its own, else the first by name.
func byOf(keys map[string]string, signed, key string) (by string) {
	if keys[signed] == key {
		return signed
	}
	for j, k := range keys {
		if k == key && (by == "" || j < by) {
			by = j
		}
	}
	return by
}

// Take implements link.Seals.
func (x *sealbox) Take(ctx context.Context, notes []string) error {
	keys, err := x.keys(ctx)
	if err != nil {
		return err
	}
	if err := x.look(ctx, keys); err != nil {
		return err
	}
	for _, note := range notes {
		if err := x.take(ctx, note, keys); err != nil {
			return err
		}
	}
	return nil
}

// take is Take of one note. What is kept was looked at.
func (x *sealbox) take(ctx context.Context, note string, keys map[string]string) error {
	x.taking.Lock()
	defer x.taking.Unlock()
	first, _, _ := strings.Cut(note, "\n")
	name := strings.TrimPrefix(first, "openmic/")
	if _, known := keys[name]; !known || len(note) > 1000 {
		x.complain("a checkpoint from the other site is of no journal of the session", name, nil)
		return nil
	}
	var c record.Checkpoint
	key := ""
	for _, k := range keys {
		var err error
		if c, err = record.ReadCheckpoint([]byte(note), k); err == nil && c.Journal == name {
			key = k
			break
		}
	}
	if key == "" {
		x.complain("a checkpoint from the other site is signed by no site of the session", name, nil)
		return nil
	}
	by := byOf(keys, name, key)
	x.mu.Lock()
	count, size, newest := x.shelf.newest(name, by)
	x.mu.Unlock()
	if c.Size <= size {
		return nil // it is here, or lies between two that are
	}
	n, err := x.s.notesOf(journal.Name(name), x.session.Name())
	if err != nil {
		return err
	}
	here, _, err := x.s.db.Head(ctx, journal.Name(name))
	if err != nil && !errors.Is(err, journal.ErrNoJournal) {
		return err
	}
	own := name == string(x.session.Name())
	switch {
	case c.Size > here && !own:
		return nil // its entries are still to come; it is sent again
	case count >= mostKept:
		x.complain("no more checkpoints of a journal are kept that another site signed", name, nil)
		return nil
	case c.Size > here:
		x.odd("lost-here")
		x.complain("this site has fewer entries of its own journal than were signed: its disk has lost some that people were told are taken", name,
			fmt.Errorf("%d entries are here, %s signed %d", here, by, c.Size))
		return n.evidence([]byte(note), by)
	}
	n.mu.Lock()
	root, at, err := n.root(ctx, c.Size)
	n.mu.Unlock()
	switch {
	case err != nil:
		return err
	case root != c.Root:
		x.odd("seal")
		x.complain("a site signed another story of a journal than the one that is here: a fork; the note is kept", name,
			fmt.Errorf("%s signed that its first %d entries are %s; here they are %s", by, c.Size, c.Root, root))
		return n.evidence([]byte(note), by)
	case c.At < at || c.At < newest || c.At > record.MaxNumber:
		x.complain("a checkpoint from the other site says that it was signed before what it signs", name, nil)
		return nil
	}
	turn := x.Turn()
	file, err := n.keep(ctx, c.Size, journal.Name(by), []byte(note))
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.shelf.add(by, c, []byte(note))
	x.shelf.known[[2]string{name, file}] = true
	if x.turn == turn { // all but this one was there: nobody needs to look because of it
		x.turn++
	}
	return nil
}

// complain says something once in the log.
func (x *sealbox) complain(what, name string, err error) {
	x.mu.Lock()
	if x.told == nil {
		x.told = map[string]bool{}
	}
	k := what + name
	again := x.told[k] || len(x.told) > 100
	if !again {
		x.told[k] = true
	}
	x.mu.Unlock()
	if again {
		return
	}
	if err != nil {
		x.s.log.Error(what, "session", x.id, "journal", name, "error", err)
	} else {
		x.s.log.Warn(what, "session", x.id, "journal", fmt.Sprintf("%.60q", name))
	}
}

// evidence keeps a note that does not fit what is here, the first of each who signs. Where several nodes share a
// database it stands in the log alone.
func (n *notes) evidence(note []byte, by string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	own, err := stem(n.name)
	signer, err2 := stem(journal.Name(by))
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	path := filepath.Join(n.folder, own+"-"+signer+".fork")
	if _, err := os.Stat(path); err == nil || n.shared != nil {
		return nil
	}
	if err := os.MkdirAll(n.folder, 0o700); err != nil {
		return err
	}
	return writeDurably(path, note)
}
