package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
)

// forget makes the words of everybody in owed unreadable, on disk and in memory. What fails stays owed and is tried
// again before the next command, and at the next start: until then nobody is told that it is done. At the start most
// erasures were done long ago; those with no words left cost nothing.
func (s *Session) forget(start bool) {
	if len(s.owed) == 0 && !s.late {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.erase(ctx, start); err != nil {
		s.world.Log.Error("words are not erased yet", "journal", s.name, "error", err)
		return
	}
	s.owed, s.late = nil, false
	for name, h := range s.stored {
		s.late = s.late || h.n > s.heads[name].n
	}
}

func (s *Session) erase(ctx context.Context, start bool) error {
	state := s.View().State
	where := map[journal.Name][]journal.Where{}
	var said []floor.Text
	left := map[floor.ID]bool{}
	done := map[journal.Name]int64{}
	for _, name := range slices.Sorted(maps.Keys(s.heads)) {
		from := int64(1)
		if len(s.owed) == 0 { // words came late, of those who were erased before
			from = s.swept[name] + 1
		}
		for {
			entries, addenda, err := s.store.Read(ctx, name, from, 2000)
			if err != nil {
				return fmt.Errorf("find words: %w", err)
			}
			if len(entries) == 0 {
				break
			}
			for _, je := range entries {
				if je.N > s.heads[name].n { // stored and not folded in yet: nobody can say whose words they are
					entries = entries[:je.N-from]
					break
				}
				n, end := je.N, 0
				for end < len(addenda) && addenda[end].N == n {
					end++
				}
				here := addenda[:end]
				addenda = addenda[end:]
				if end == 0 && !s.world.Shared {
					continue
				}
				e, err := floor.ParseEntry(je.Bytes)
				if err != nil {
					return fmt.Errorf("entry %d: %w", n, err)
				}
				if !state.Gone(e) {
					continue
				}
				for field := range e.Said { // also what another program has erased on disk already
					said = append(said, textOf(tagOf(name), n, field))
				}
				for _, a := range here {
					where[name] = append(where[name], journal.Where{N: n, Field: a.Field})
				}
				for _, id := range state.Whose(e) {
					left[id] = left[id] || end > 0
				}
			}
			if from += int64(len(entries)); from > s.heads[name].n {
				break
			}
		}
		done[name] = from - 1
	}
	// Passes go before words, so that words that are left say that something is left to do.
	for _, o := range s.owed {
		id := o.Event.(*floor.Erased).Person
		if s.world.Erase == nil || start && !left[id] {
			continue
		}
		if err := s.world.Erase(ctx, id); err != nil {
			return fmt.Errorf("erase what is kept of %s: %w", id, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(where)) {
		if err := s.store.Erase(ctx, name, where[name]); err != nil {
			return err
		}
	}
	s.swept = done
	s.words.drop(said)
	return nil
}

// owes: this answer says that words are gone, and they are not yet.
func (s *Session) owes(a Answer) bool {
	return len(s.owed) > 0 && slices.ContainsFunc(a.Made, func(m Made) bool { return m.Kind == "erased" })
}

// drop forgets words.
func (w *Words) drop(said []floor.Text) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range said {
		delete(w.said, t)
	}
}
