package cut

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"openmic/internal/journal"
)

// A disk is what a site keeps through a crash. It answers as journal.Store promises, and breaks as disks do.
type disk struct {
	w      *world
	files  map[journal.Name]*file
	loose  []loose // written and not yet synced, in order
	full   bool    // no room: surely not stored
	mended int64   // when there was room again, ms of the world
	sick   bool    // the next sync fails
	broken bool    // a sync failed: nothing is acknowledged until it is opened again
	lies   bool    // a sync failed and nobody cared: what is written since is lost
	dies   int     // the process dies in so many writes; 0 when it does not
}

// A file is one journal.
type file struct {
	info    journal.Info
	entries []journal.Entry
	addenda []journal.Addendum // by n
	erased  map[journal.Where]bool
	mark    journal.Mark
	marked  bool
}

// loose is a batch in the cache of the system: a power cut may take it.
type loose struct {
	f *file
	n int // entries before it
	a int // addenda before it
}

// dead is what a process says that dies in the middle of a write.
type dead struct{}

var _ journal.Store = (*disk)(nil)

func (d *disk) file(name journal.Name) (*file, error) {
	if d.broken {
		return nil, fmt.Errorf("%w: %w", journal.ErrUnknown, journal.ErrBroken)
	}
	if f := d.files[name]; f != nil {
		return f, nil
	}
	return nil, journal.ErrNoJournal
}

// room: a write may begin.
func (d *disk) room() error {
	switch {
	case d.broken:
		d.w.breaks("write refused after a failed sync")
		return fmt.Errorf("%w: %w", journal.ErrNotStored, journal.ErrBroken)
	case d.full:
		d.w.breaks("disk full")
		return fmt.Errorf("%w: no room", journal.ErrNotStored)
	}
	return nil
}

// sync makes what was written durable.
func (d *disk) sync() error {
	if d.dies > 0 {
		if d.dies--; d.dies == 0 {
			d.w.breaks("death in a write")
			if d.w.dice.IntN(3) == 0 { // it was written, and nobody hears of it
				d.loose = nil
			}
			panic(dead{})
		}
	}
	if d.sick {
		d.sick = false
		d.w.breaks("sync failed")
		if d.w.fault == "goes on after a failed sync" {
			d.lies = true
			return nil
		}
		d.broken = true
		return fmt.Errorf("sync: %w: %w", journal.ErrUnknown, journal.ErrBroken)
	}
	if !d.lies && (d.w.fault != "answers before the sync" || d.w.dice.IntN(4) == 0) {
		d.loose = nil
	}
	return nil
}

// write adds a batch that fits.
func (d *disk) write(f *file, b journal.Batch) error {
	d.loose = append(d.loose, loose{f, len(f.entries), len(f.addenda)})
	f.entries = append(f.entries, b.Entries...)
	f.addenda = append(f.addenda, b.Addenda...)
	return d.sync()
}

// crash is a power cut, or the end of the process: of what was not synced some may be there, the last of it torn.
func (d *disk) crash() {
	keep := 0
	if len(d.loose) > 0 {
		keep = d.w.dice.IntN(len(d.loose) + 1)
	}
	for i, l := range slices.Backward(d.loose) {
		if i < keep {
			break
		}
		d.w.breaks("unsynced tail torn off")
		n := l.n
		if d.w.fault == "a torn tail is kept" && i == keep {
			n = min(len(l.f.entries), l.n+1) // the first entry of a command, without the rest and without the words
			torn := l.f.entries[l.n].Bytes
			l.f.entries[l.n].Bytes = torn[:len(torn)-len(torn)/3]
		}
		l.f.entries, l.f.addenda = l.f.entries[:n], l.f.addenda[:min(l.a, len(l.f.addenda))]
	}
	d.loose, d.broken, d.lies, d.sick, d.dies = nil, false, false, false, 0
}

func (d *disk) Create(_ context.Context, info journal.Info) error {
	if err := d.room(); err != nil {
		return err
	}
	if f := d.files[info.Name]; f != nil {
		return journal.ErrExists
	}
	d.files[info.Name] = &file{info: info, erased: map[journal.Where]bool{}}
	return nil
}

func (d *disk) Append(_ context.Context, name journal.Name, expectedN int64, b journal.Batch) error {
	if err := b.Check(expectedN); err != nil {
		return err
	}
	if err := d.room(); err != nil {
		return err
	}
	f, err := d.file(name)
	if err != nil {
		return err
	}
	if int64(len(f.entries)) != expectedN {
		return journal.ErrHead
	}
	return d.write(f, b)
}

func (d *disk) AppendForeign(_ context.Context, name journal.Name, b journal.Batch) error {
	if len(b.Entries) == 0 {
		return nil
	}
	if err := b.Check(b.Entries[0].N - 1); err != nil {
		return err
	}
	if err := d.room(); err != nil {
		return err
	}
	f, err := d.file(name)
	if err != nil {
		return err
	}
	var fresh journal.Batch
	for _, e := range b.Entries {
		here := int64(len(f.entries) + len(fresh.Entries))
		switch {
		case e.N <= here:
			if f.entries[e.N-1].Hash != e.Hash {
				return fmt.Errorf("%w at n=%d", journal.ErrFork, e.N)
			}
		case e.N > here+1:
			return journal.ErrGap
		default:
			fresh.Entries = append(fresh.Entries, e)
		}
	}
	if len(fresh.Entries) == 0 {
		return nil
	}
	for _, a := range b.Addenda {
		if a.N >= fresh.Entries[0].N && !f.erased[journal.Where{N: a.N, Field: a.Field}] && d.w.fault != "words do not travel with their entries" {
			fresh.Addenda = append(fresh.Addenda, a)
		}
	}
	return d.write(f, fresh)
}

func (d *disk) Read(_ context.Context, name journal.Name, from int64, limit int) ([]journal.Entry, []journal.Addendum, error) {
	f, err := d.file(name)
	if err != nil {
		return nil, nil, err
	}
	from = max(1, from)
	if from > int64(len(f.entries)) {
		return nil, nil, nil
	}
	es := f.entries[from-1 : min(int64(len(f.entries)), from-1+int64(limit))]
	until := es[len(es)-1].N
	at := func(n int64) int {
		i, _ := slices.BinarySearchFunc(f.addenda, n, func(a journal.Addendum, n int64) int { return int(a.N - n) })
		return i
	}
	return slices.Clone(es), slices.Clone(f.addenda[at(from):at(until+1)]), nil
}

func (d *disk) Head(_ context.Context, name journal.Name) (n int64, hash [32]byte, err error) {
	f, err := d.file(name)
	if err != nil {
		return 0, hash, err
	}
	if len(f.entries) == 0 {
		return 0, hash, nil
	}
	last := f.entries[len(f.entries)-1]
	return last.N, last.Hash, nil
}

func (d *disk) List(context.Context) (out []journal.Info, err error) {
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		out = append(out, d.files[name].info)
	}
	return out, nil
}

func (d *disk) Watch(context.Context, journal.Name) <-chan struct{} { return nil }

func (d *disk) Mark(_ context.Context, name journal.Name, m journal.Mark) error {
	if err := d.room(); err != nil {
		return err
	}
	f, err := d.file(name)
	if err != nil {
		return err
	}
	if !f.marked || m.Session > f.mark.Session {
		f.mark, f.marked = m, true
	}
	return nil
}

func (d *disk) LastMark(_ context.Context, name journal.Name) (journal.Mark, bool, error) {
	f, err := d.file(name)
	if err != nil {
		return journal.Mark{}, false, err
	}
	return f.mark, f.marked, nil
}

func (d *disk) Erase(_ context.Context, name journal.Name, where []journal.Where) error {
	if err := d.room(); err != nil {
		return err
	}
	f, err := d.file(name)
	if err != nil {
		return err
	}
	if d.w.fault == "words of the other site are not erased" && f.info.Site != d.w.siteOf(d).name {
		return nil
	}
	for i, x := range where {
		if d.dies > 0 && i > 0 {
			if d.dies--; d.dies == 0 {
				panic(dead{})
			}
		}
		f.erased[x] = true
		f.addenda = slices.DeleteFunc(f.addenda, func(a journal.Addendum) bool { return a.N == x.N && a.Field == x.Field })
	}
	return nil
}

func (d *disk) Close() error { return nil }
