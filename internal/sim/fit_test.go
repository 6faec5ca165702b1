package sim

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var rewrite = flag.Bool("rewrite", false, "write testdata and measured.json again")

// real is where the logs lie that measured.json was fitted to.
const real = "../../../shared/data/open"

// said is one line of the queue logs: somebody adds themselves, takes themselves out, or is called.
type said struct {
	Log   string    `json:"log"`
	T     time.Time `json:"t"`
	Nick  string    `json:"nick"`
	Event string    `json:"event"`
	Arg   string    `json:"arg"`
}

// fit reads queue logs and turn files.
//
// An ask begins when a person who is not in the queue adds themselves. It ends when the chair calls a name that begins
// like theirs (or theirs like it), the longest waiting first, or when it is taken out. Gap is between the first asks of
// two people of one meeting, hold from one call to the next where the second was already waiting at the first, so
// that it holds turn and replies; idle from an ask to its call where nobody else waited at the ask. Pause is from a call to the same person's next ask. Turn is how long a person spoke
// in those turn files that have times, without the three who spoke most often (chairs and presenters) and without what
// is under 10 s (asides) or over 10 min (talks).
func fit(events []said, turns [][]spoken) Measured {
	var m Measured
	var gap, hold, patience, pause, wait, idle, length []float64
	name := func(s string) string { return strings.Trim(strings.ToLower(s), " ,_") }
	var log string
	var waits map[string]time.Time
	var called map[string]time.Time
	var known, lonely map[string]bool
	var first, call time.Time
	never := 0
	for _, e := range events {
		if e.Log != log {
			never += len(waits)
			log, waits, called, known = e.Log, map[string]time.Time{}, map[string]time.Time{}, map[string]bool{}
			lonely = map[string]bool{}
			first, call = time.Time{}, time.Time{}
			m.Sessions++
		}
		who, arg := name(e.Nick), name(e.Arg)
		switch e.Event {
		case "queue_add":
			if _, ok := waits[who]; ok {
				continue
			}
			m.Asks++
			lonely[who] = len(waits) == 0
			waits[who] = e.T
			if !known[who] {
				if !first.IsZero() {
					gap = append(gap, e.T.Sub(first).Seconds())
				}
				known[who], first = true, e.T
			}
			if t, ok := called[who]; ok {
				pause = append(pause, e.T.Sub(t).Seconds())
				delete(called, who)
			}
		case "queue_remove":
			if _, ok := waits[arg]; ok {
				who = arg
			}
			if t, ok := waits[who]; ok {
				patience = append(patience, e.T.Sub(t).Seconds())
				delete(waits, who)
			}
		case "call":
			who = ""
			for k, t := range waits {
				if arg != "" && (strings.HasPrefix(k, arg) || strings.HasPrefix(arg, k)) && (who == "" || t.Before(waits[who])) {
					who = k
				}
			}
			if who == "" {
				continue
			}
			asked := waits[who]
			delete(waits, who)
			wait = append(wait, e.T.Sub(asked).Seconds())
			if lonely[who] {
				idle = append(idle, e.T.Sub(asked).Seconds())
			}
			if !call.IsZero() && !asked.After(call) {
				hold = append(hold, e.T.Sub(call).Seconds())
			}
			call, called[who] = e.T, e.T
		}
	}
	never += len(waits)
	for _, rows := range turns {
		often := map[string]int{}
		for _, r := range rows {
			often[r.Speaker]++
		}
		top := make([]string, 0, len(often))
		for s := range often {
			top = append(top, s)
		}
		slices.SortFunc(top, func(a, b string) int {
			if often[a] != often[b] {
				return often[b] - often[a]
			}
			return strings.Compare(a, b)
		})
		top = top[:min(3, len(top))]
		for i := 0; i < len(rows); {
			j := i + 1
			for j < len(rows) && rows[j].Speaker == rows[i].Speaker {
				j++
			}
			if j < len(rows) && !slices.Contains(top, rows[i].Speaker) {
				if d := *rows[j].T - *rows[i].T; d >= 10 && d <= 600 {
					length = append(length, d)
				}
			}
			i = j
		}
	}
	m.Turns = len(length)
	m.Gap, m.Hold, m.Turn = deciles(gap), deciles(hold), deciles(length)
	m.Idle = deciles(idle)
	m.Patience, m.Pause, m.Wait = deciles(patience), deciles(pause), deciles(wait)
	asks := float64(m.Asks)
	m.Withdrawn, m.Never = round(float64(len(patience))/asks, 1000), round(float64(never)/asks, 1000)
	m.Again = round(float64(len(pause))/float64(len(wait)), 1000)
	return m
}

// spoken is one line of a turn file.
type spoken struct {
	T       *float64 `json:"t"` // s
	Speaker string   `json:"speaker"`
}

func deciles(v []float64) (d [11]float64) {
	if len(v) == 0 {
		return
	}
	slices.Sort(v)
	for i := range d {
		d[i] = round(v[(len(v)-1)*i/10], 10)
	}
	return d
}

func round(v, by float64) float64 { return math.Round(v*by) / by }

func lines[T any](t *testing.T, r io.Reader) (out []T) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestMeasuredIsFitted fits the real logs again and compares with the committed numbers; -rewrite writes them.
func TestMeasuredIsFitted(t *testing.T) {
	f, err := os.Open(filepath.Join(real, "comments/w3c-ccg-irc/queue-and-chat.events.jsonl.gz"))
	if err != nil {
		t.Skip("the queue logs do not lie beside this repository; the committed fit is taken as it is")
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	events := lines[said](t, z)
	slices.SortStableFunc(events, func(a, b said) int {
		if a.Log != b.Log {
			return strings.Compare(a.Log, b.Log)
		}
		return a.T.Compare(b.T)
	})
	names, _ := filepath.Glob(filepath.Join(real, "turns/*.turns.jsonl"))
	var turns [][]spoken
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		rows := lines[spoken](t, bytes.NewReader(b))
		if !slices.ContainsFunc(rows, func(r spoken) bool { return r.T == nil }) {
			turns = append(turns, rows)
		}
	}
	got := fit(events, turns)
	if *rewrite {
		b, _ := json.Marshal(got)
		b = bytes.ReplaceAll(b, []byte(`,"`), []byte(",\n \""))
		if err := os.WriteFile("measured.json", append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want := *TheMeasured(); got != want {
		t.Errorf("fitted again:\n%+v\nmeasured.json:\n%+v", got, want)
	}
}

// TestFit: a queue small enough to follow by hand.
func TestFit(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	secs := func(v ...float64) (rows []spoken) {
		for i := range v {
			rows = append(rows, spoken{&v[i], string(rune('a' + i%5))})
		}
		return rows
	}
	m := fit([]said{
		{"l", at(0), "Asha", "queue_add", "to ask"},
		{"l", at(10), "Bao", "queue_add", ""},
		{"l", at(12), "Bao", "queue_add", "again, which is not a second ask"},
		{"l", at(20), "chair", "call", "ash"},
		{"l", at(30), "Chen_", "queue_add", ""},
		{"l", at(70), "chair", "call", "Bao,"},
		{"l", at(90), "Chen_", "queue_remove", ""},
		{"l", at(120), "Asha", "queue_add", ""},
	}, [][]spoken{secs(0, 5, 30, 60, 100, 115, 120, 125)})
	want := Measured{Sessions: 1, Asks: 4, Turns: 2, Withdrawn: 0.25, Again: 0.5, Never: 0.25}
	got := m
	got.Gap, got.Hold, got.Turn, got.Patience, got.Pause, got.Wait, got.Idle = want.Gap, want.Hold, want.Turn, want.Patience, want.Pause, want.Wait, want.Idle
	if got != want {
		t.Errorf("got %+v", got)
	}
	for name, v := range map[string][2]float64{"gap": {m.Gap[0], 10}, "last gap": {m.Gap[10], 20}, "hold": {m.Hold[5], 50}, "patience": {m.Patience[0], 60},
		"pause": {m.Pause[0], 100}, "idle": {m.Idle[10], 20}, "wait": {m.Wait[0], 20}, "last wait": {m.Wait[10], 60}, "turn": {m.Turn[0], 15}, "last turn": {m.Turn[10], 40}} {
		if v[0] != v[1] {
			t.Errorf("%s is %v, not %v", name, v[0], v[1])
		}
	}
}
