package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/web/hall"
)

// A part is one journal of a session as the store has it: the one that is written here, or the copy of another.
type part struct {
	info    journal.Info
	rows    [][]byte
	entries []*floor.Entry
	addenda []floor.Addendum
}

// cut gives the first n entries.
func (p *part) cut(n int64) *part {
	out := &part{info: p.info, rows: p.rows[:n], entries: p.entries[:n]}
	for _, a := range p.addenda {
		if a.N <= n {
			out.addenda = append(out.addenda, a)
		}
	}
	return out
}

// storyOf reads all journals of a session, the one that is written here first, up to where each of them names nothing
// that is not there. One that has no entry is left out. It opens no session. Where something is damaged it gives what
// lies before, own as one that is not written any more, and the error that names the place, ErrDamaged.
func (s *Site) storyOf(ctx context.Context, id string) (own journal.Info, parts []*part, err error) {
	if own, err = s.journalOf(ctx, id); errors.Is(err, hall.ErrNotFound) {
		return own, nil, fmt.Errorf("there is no session %q in %s", id, s.settings.Data)
	} else if err != nil {
		return own, nil, err
	}
	all, err := s.db.List(ctx)
	if err != nil {
		return own, nil, err
	}
	slices.SortStableFunc(all, func(a, b journal.Info) int { return rank(a, own) - rank(b, own) })
	var fault error
	for _, info := range all {
		if info.Session != id {
			continue
		}
		n, err := s.notesOf(info.Name, own.Name)
		if err != nil {
			return own, nil, err
		}
		p, signed := &part{info: info}, n.size() // before it is read: it grows meanwhile
		err = s.readPart(ctx, p)
		if here := int64(len(p.rows)); err == nil && here < signed {
			err = fmt.Errorf("%w: journal %s ends at entry %d, and %d were signed: its end is lost", journal.ErrDamaged, info.Name, here, signed)
		}
		if err == nil {
			err = s.whole(ctx, info.Name)
		}
		switch {
		case errors.Is(err, journal.ErrDamaged):
			own.Restored, fault = true, errors.Join(fault, fmt.Errorf("session %s: %w", id, err))
		case err != nil:
			return own, nil, err
		}
		parts = append(parts, p)
	}
	if err := bare(parts); err != nil {
		own.Restored, fault = true, errors.Join(fault, fmt.Errorf("session %s: %w", id, err))
	}
	return own, closed(parts, nil), fault
}

// bare: words are gone, and nobody of the session was erased. Where somebody was, what is gone may be theirs.
func bare(parts []*part) error {
	for _, p := range parts {
		if slices.ContainsFunc(p.entries, func(e *floor.Entry) bool { _, ok := e.Event.(*floor.Erased); return ok }) {
			return nil
		}
	}
	for _, p := range parts {
		said := map[int64]int{}
		for _, a := range p.addenda {
			said[a.N]++
		}
		for _, e := range p.entries {
			if len(e.Said) > said[e.N] {
				return fmt.Errorf("%w: entry %d of %s: some of its words are gone", journal.ErrDamaged, e.N, p.info.Name)
			}
		}
	}
	return nil
}

func rank(i, own journal.Info) int {
	if i.Name == own.Name {
		return 0
	}
	return 1
}

func (s *Site) readPart(ctx context.Context, p *part) error {
	for {
		n := int64(len(p.rows))
		entries, addenda, err := journal.Intact(ctx, s.db, p.info.Name, n+1, 2000)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return nil
		}
		for _, je := range entries {
			e, err := floor.ParseEntry(je.Bytes)
			if err != nil {
				return fmt.Errorf("journal %s, entry %d: %w", p.info.Name, je.N, err)
			}
			p.rows, p.entries = append(p.rows, je.Bytes), append(p.entries, e)
		}
		for _, a := range addenda {
			x := floor.Addendum{N: a.N, Field: a.Field, Nonce: a.Nonce, Text: a.Text}
			if x.Digest() != p.entries[a.N-1].Said[a.Field] {
				p.rows, p.entries = p.rows[:a.N-1], p.entries[:a.N-1]
				return fmt.Errorf("%w: entry %d of %s: its words %q are not those that were written", journal.ErrDamaged, a.N, p.info.Name, a.Field)
			}
			p.addenda = append(p.addenda, x)
		}
	}
}

// closed cuts journals back until no entry names what is not there, no command is torn, and each has a length that fits
// (nil: any does). fit gives the largest length up to n that is good. What is left without an entry is left out.
func closed(parts []*part, fit func(p *part, n int64) int64) []*part {
	have := map[string]int64{}
	for _, p := range parts {
		have[string(p.info.Name)] = int64(len(p.entries))
	}
	for again := true; again; {
		again = false
		for _, p := range parts {
			n := whole(p.entries[:have[string(p.info.Name)]], have)
			if fit != nil {
				n = fit(p, n)
			}
			again = again || n < have[string(p.info.Name)]
			have[string(p.info.Name)] = n
		}
	}
	var out []*part
	for _, p := range parts {
		if n := have[string(p.info.Name)]; n > 0 {
			out = append(out, p.cut(n))
		}
	}
	return out
}

// whole is how many of these entries name only what is there, and end with a command.
func whole(entries []*floor.Entry, have map[string]int64) int64 {
	for i, e := range entries {
		if slices.ContainsFunc(e.View, func(v floor.Seen) bool { return v.N > have[v.Journal] }) {
			entries = entries[:i]
			break
		}
	}
	for len(entries) > 0 && entries[len(entries)-1].More {
		entries = entries[:len(entries)-1]
	}
	return int64(len(entries))
}

// keysOf are the keys with which the journals of a session are signed, by their names, as far as they are known here.
func (s *Site) keysOf(ctx context.Context, id string, own journal.Info, parts []*part) (map[string]string, error) {
	keys := map[string]string{}
	way, err := s.way(ctx, id)
	if err != nil && !errors.Is(err, errNoWay) {
		return nil, err
	}
	if err == nil {
		keys[way.Hub] = way.Key
	}
	if was, ok, err := s.db.Get(ctx, "hub "+id); err != nil { // of a venue that waits for its hub since it was restored
		return nil, err
	} else if ok && json.Unmarshal([]byte(was), &way) == nil {
		keys[way.Hub] = way.Key
	}
	for _, p := range parts {
		if len(p.info.Key) > 0 { // made here, perhaps by the machine that this one goes on for
			keys[string(p.info.Name)] = string(p.info.Key)
		}
		for _, e := range p.entries {
			switch ev := e.Event.(type) {
			case *floor.Linked:
				keys[ev.Journal] = ev.Key
			case *floor.Succeeded:
				keys[e.Journal], keys[ev.Journal] = ev.Key, ev.Was
			}
		}
	}
	if a, err := s.after(ctx, id); err != nil {
		return nil, err
	} else if a != nil {
		keys[a.Journal] = a.Was
	}
	if !own.Restored {
		keys[string(own.Name)] = s.key.verify
	}
	return keys, nil
}
