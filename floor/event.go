package floor

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// An Event is a fact that can be written. Add kinds and fields; never reshape one (docs/wire.md).
type Event interface {
	// apply changes the State. It is total: what it cannot find it leaves alone.
	apply(s *State, e *Entry)
}

// Said holds the words of an event by field. They go into addenda, the entry keeps digests.
type Said map[string]string

// put keeps a text that is not empty.
func (w *Said) put(field, text string) {
	if text == "" {
		return
	}
	if *w == nil {
		*w = Said{}
	}
	(*w)[field] = text
}

// spoken is what an event with words embeds.
type spoken struct {
	Said Said `json:"-"`
}

func (w spoken) words() Said { return w.Said }

var kinds = map[string]reflect.Type{}

func event(kind string, e Event) struct{} {
	kinds[kind] = reflect.TypeOf(e).Elem()
	return struct{}{}
}

// Kind is the name an event has in the journal.
func Kind(e Event) string {
	t := reflect.TypeOf(e).Elem()
	for k, r := range kinds {
		if r == t {
			return k
		}
	}
	panic(fmt.Sprintf("event %T has no kind", e))
}

// Kinds lists every kind of event, sorted.
func Kinds() []string {
	var out []string
	for k := range kinds {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// NewEvent decodes the body of an entry. An unknown kind is an error.
func NewEvent(kind string, body []byte) (Event, error) {
	t, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("unknown kind of entry %q", kind)
	}
	v := reflect.New(t)
	if err := json.Unmarshal(body, v.Interface()); err != nil {
		return nil, fmt.Errorf("body of %s: %w", kind, err)
	}
	return v.Interface().(Event), nil
}

// Apply folds one entry into the State. It works for every entry in every State. What was written on the other side of a
// cut, without knowledge of what is here, is decided as merge.go says.
func (s *State) Apply(e *Entry) {
	s.At = max(s.At, e.Stamp.At)
	s.Wall = e.Wall
	s.Entries++
	s.land(e)
	if known := s.judged(e); known != nil {
		known.Event.apply(s, known)
	}
	s.hear(e)
	s.notice(s.At)
	s.settle(e.Event)
}
