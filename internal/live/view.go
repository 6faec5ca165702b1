package live

import (
	"sync"
	"time"

	"openmic/floor"
)

// Words keeps what people said, by the Text that names it. Words are added and erased, never changed.
type Words struct {
	mu   sync.RWMutex
	said map[floor.Text]string
}

// Of gives the words of a Text, empty when there are none or they were erased.
func (w *Words) Of(t floor.Text) string {
	if t == "" {
		return ""
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.said[t]
}

func (w *Words) add(tag string, addenda []floor.Addendum) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range addenda {
		w.said[textOf(tag, a.N, a.Field)] = a.Text
	}
}

// A View is the session as it stood after one batch. It is whole and never changes.
type View struct {
	*floor.State
	Words   *Words
	Version int64           // number of entries; grows with every view
	Newer   <-chan struct{} // closed when there is a newer view
	clock   *clock
	head    Head // of the newest entry
	past    Head // of the last entry before the full minute that came before the newest
}

// Say gives the words of a Text.
func (v *View) Say(t floor.Text) string { return v.Words.Of(t) }

// A Head is the newest entry of the journal at a moment: its hash holds everything up to there.
type Head struct {
	N    int64 // 0: there is none
	Hash string
	At   int64 // session time, ms
}

const minute = 60_000 // ms

// Head is the newest entry of the journal that is written here.
func (v *View) Head() Head { return v.head }

// MinuteHead is the newest entry from before the last full minute of session time; at is now, ms.
func (v *View) MinuteHead(at int64) Head {
	if v.head.At/minute < at/minute {
		return v.head
	}
	return v.past
}

// At is the session time of a moment, ms.
func (v *View) At(now time.Time) int64 { return v.clock.at(now) }

// WallOf is the wall clock at a session time, as this site's clock has it.
func (v *View) WallOf(at int64) time.Time { return v.clock.wall(at) }

// Heard gives, for each waiting ticket, how many turns from the line its stakeholder group has had. The rule looks at
// it only when the session chose so.
func (v *View) Heard() map[floor.ID]int { return heard(v.State, v.Words) }

func heard(s *floor.State, words *Words) map[floor.ID]int {
	if !s.Settings.Ties {
		return nil
	}
	turns := map[string]int{}
	for i := range s.Turns {
		if p := s.Person(s.Turns[i].Person); p != nil && s.Turns[i].Charged() {
			turns[words.Of(p.Group)]++
		}
	}
	out := map[floor.ID]int{}
	for _, id := range s.Line {
		if t := s.Ticket(id); t != nil {
			if p := s.Person(t.Person); p != nil {
				out[id] = turns[words.Of(p.Group)]
			}
		}
	}
	return out
}
