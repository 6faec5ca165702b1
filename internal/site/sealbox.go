package site

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
// grows from each signer in size and in time.
type sealbox struct {
	s       *Site
	id      string
	session *live.Session
	odd     func(kind string) // what the crew must know: lost-here, seal

	mu     sync.Mutex // guards the rest; held while notes are held against entries
	turn   int64      // when kept was read; 0: never
	kept   []link.Seal
	newest map[[2]string]newest // by journal and signer
	told   map[string]bool      // complaints that stand in the log
}

type newest struct {
	size, at int64
	count    int
}

// Turn implements link.Seals.
func (x *sealbox) Turn() int64 {
	t := x.s.signs.Load() + 1
	if x.s.shared != nil { // other nodes sign too
		t += x.s.now().Unix() / 10 << 32
	}
	return t
}

// Kept implements link.Seals.
func (x *sealbox) Kept(ctx context.Context) ([]link.Seal, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	err := x.read(ctx)
	return x.kept, err
}

// read looks at what is kept, if that may have changed. mu is held.
func (x *sealbox) read(ctx context.Context) error {
	turn := x.Turn()
	if x.turn == turn {
		return nil
	}
	keys, err := x.keys(ctx)
	if err != nil {
		return err
	}
	var kept []link.Seal
	last := map[[2]string]newest{}
	for _, h := range x.session.View().Heads {
		n, err := x.s.notesOf(journal.Name(h.Journal), x.session.Name())
		if err != nil {
			return err
		}
		all, err := n.read()
		if err != nil {
			return err
		}
		for _, c := range n.of(all, values(keys)...) {
			by := byOf(keys, h.Journal, c.key)
			kept = append(kept, link.Seal{Journal: h.Journal, By: by, Size: c.is.Size, Note: string(c.note)})
			k := [2]string{h.Journal, by}
			last[k] = newest{max(last[k].size, c.is.Size), max(last[k].at, c.is.At), last[k].count + 1}
		}
	}
	x.turn, x.kept, x.newest = turn, kept, last
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
	x.mu.Lock()
	defer x.mu.Unlock()
	keys, err := x.keys(ctx)
	if err != nil {
		return err
	}
	for _, note := range notes {
		if err := x.read(ctx); err != nil {
			return err
		}
		if err := x.take(ctx, note, keys); err != nil {
			return err
		}
	}
	return nil
}

// take is Take of one note. mu is held, and what is kept has been read.
func (x *sealbox) take(ctx context.Context, note string, keys map[string]string) error {
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
	old := x.newest[[2]string{name, by}]
	if c.Size <= old.size {
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
	case old.count >= mostKept:
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
	case c.At < at || c.At < old.at || c.At > record.MaxNumber:
		x.complain("a checkpoint from the other site says that it was signed before what it signs", name, nil)
		return nil
	}
	return n.keep(ctx, c.Size, journal.Name(by), []byte(note))
}

// complain says something once in the log. mu is held.
func (x *sealbox) complain(what, name string, err error) {
	if x.told == nil {
		x.told = map[string]bool{}
	}
	k := what + name
	if x.told[k] || len(x.told) > 100 {
		return
	}
	x.told[k] = true
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
