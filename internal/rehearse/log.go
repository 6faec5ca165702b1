package rehearse

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// An Event is one line of a queue log: JSON with the log's name, the moment, who, and what (queue_add, queue_remove,
// call, join, chat and others, which do not matter here).
type Event struct {
	Log   string    `json:"log"`
	At    time.Time `json:"t"`
	Nick  string    `json:"nick"`
	Event string    `json:"event"`
	Arg   *string   `json:"arg"` // whom it is about, when not the nick
}

// Who is the person the event is about.
func (e Event) Who() string {
	if e.Arg != nil && *e.Arg != "" && e.Event != "join" {
		return strings.ToLower(strings.TrimRight(*e.Arg, "_"))
	}
	return strings.ToLower(strings.TrimRight(e.Nick, "_"))
}

// A Meeting is one log, in order of time.
type Meeting struct {
	Name   string
	Events []Event
}

// Read reads the meetings of a file of events, one JSON object a line, plain or gzipped.
func Read(file string) ([]Meeting, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := io.Reader(f)
	if strings.HasSuffix(file, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	var out []Meeting
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var e Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", file, n, err)
		}
		i := slices.IndexFunc(out, func(m Meeting) bool { return m.Name == e.Log })
		if i < 0 {
			out = append(out, Meeting{Name: e.Log})
			i = len(out) - 1
		}
		out[i].Events = append(out[i].Events, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for i := range out {
		slices.SortStableFunc(out[i].Events, func(a, b Event) int { return a.At.Compare(b.At) })
	}
	return out, nil
}
