package link

import (
	"context"
	"fmt"
	"slices"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/live"
)

// part is one command on its way: entries of one journal that belong together.
type part struct {
	journal journal.Name
	entries []*floor.Entry
	bytes   []journal.Entry
	addenda []journal.Addendum
	size    int
}

// Pack gives what the other site lacks, as much as one message takes (bytes, entries): whole commands of all journals but
// those that are its own, in the order of their stamps. more says that it is not all. It fails where the store does.
func Pack(ctx context.Context, store journal.Store, heads []floor.Seen, lacks func(journal string) (from int64, send bool), size, count int) (out []Batch, more bool, err error) {
	var parts []part
	horizon := floor.Stamp{At: 1 << 62}
	for _, h := range heads {
		from, send := lacks(h.Journal)
		if !send || from > h.N {
			continue
		}
		ps, last, cut, err := read(ctx, store, journal.Name(h.Journal), from, h.N, count)
		if err != nil {
			return nil, false, err
		}
		if cut {
			more = true
			if last.Before(horizon) {
				horizon = last
			}
		}
		parts = append(parts, ps...)
	}
	slices.SortStableFunc(parts, func(a, b part) int {
		switch x, y := a.entries[0].Stamp, b.entries[0].Stamp; {
		case x.Before(y):
			return -1
		case y.Before(x):
			return 1
		}
		return 0
	})
	total, n := 0, 0
	for i, p := range parts {
		if i > 0 && (total+p.size > size || n+len(p.entries) > count || horizon.Before(p.entries[0].Stamp)) {
			return out, true, nil
		}
		total, n = total+p.size, n+len(p.entries)
		if len(out) == 0 || out[len(out)-1].Journal != string(p.journal) {
			out = append(out, Batch{Journal: string(p.journal), From: p.entries[0].N})
		}
		b := &out[len(out)-1]
		for _, e := range p.bytes {
			b.Entries = append(b.Entries, string(e.Bytes))
		}
		for _, a := range p.addenda {
			b.Addenda = append(b.Addenda, Addendum{a.N, a.Field, a.Nonce, a.Text})
		}
	}
	return out, more, nil
}

// read gives the commands of one journal from an entry on, at most about count entries, and the stamp of the last;
// cut says that the journal goes on, up to entry to.
func read(ctx context.Context, store journal.Store, name journal.Name, from, to int64, count int) (out []part, last floor.Stamp, cut bool, err error) {
	entries, addenda, err := store.Read(ctx, name, from, int(min(to-from+1, int64(4*count))))
	if err != nil {
		return nil, last, false, fmt.Errorf("read journal %s: %w", name, err)
	}
	p := part{journal: name}
	n := 0
	for _, je := range entries {
		e, err := floor.ParseEntry(je.Bytes)
		if err != nil {
			return nil, last, false, fmt.Errorf("journal %s, entry %d: %w", name, je.N, err)
		}
		p.entries, p.bytes, p.size = append(p.entries, e), append(p.bytes, je), p.size+len(je.Bytes)
		for len(addenda) > 0 && addenda[0].N == je.N {
			p.addenda, p.size = append(p.addenda, addenda[0]), p.size+len(addenda[0].Text)
			addenda = addenda[1:]
		}
		if e.More {
			continue
		}
		last = p.entries[0].Stamp
		out = append(out, p)
		if n += len(p.entries); n >= count && e.N < to {
			return out, last, true, nil
		}
		p = part{journal: name}
	}
	if len(entries) > 0 && entries[len(entries)-1].N < to {
		return out, last, true, nil
	}
	return out, last, false, nil
}

// Heights are the heads of a view as a message has them.
func Heights(v *live.View) map[string]int64 {
	out := map[string]int64{}
	for _, h := range v.Heads {
		out[h.Journal] = h.N
	}
	return out
}

// Covers says that a site with these heights has everything up to those. A cut has healed when each of two sites has
// what the other had when they found each other again.
func Covers(have, those map[string]int64) bool {
	for j, n := range those {
		if have[j] < n {
			return false
		}
	}
	return true
}
