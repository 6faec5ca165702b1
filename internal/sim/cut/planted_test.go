package cut

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"testing"
	"time"
)

var planted = flag.Int("planted", 0, "compile floor, live and link with each of so many planted mistakes and find the seed that shows it")

// A mistake is one that somebody could make: in this file of the repository, this text becomes that.
type mistake struct {
	name, file, text, becomes string
}

// mistakes are planted one at a time. Where the code has changed and the text is no longer there, say how the same
// mistake would look now.
var mistakes = []mistake{
	{"showing wins although it had not seen the hiding", "floor/card.go", "slices.DeleteFunc(slices.Clone(t.Hides), e.Saw)", "slices.DeleteFunc(slices.Clone(t.Hides), func(Ref) bool { return true })"},
	{"words are approved that nobody had seen", "floor/card.go", "e.SawAll(t.Edits) && e.SawAll(t.Holds)", "true"},
	{"the second ask of one person lives, too", "floor/ask.go", "if !free && t.Form == Voice {", "if false {"},
	{"what the venue gave after a takeover stays on the main floor", "floor/merge.go", "return s.aside(e, late)\n\t\tcase !s.has(e):", "return e\n\t\tcase !s.has(e):"},
	{"the far side is called during a cut", "floor/cut.go", "if s.Gavel.Journal == \"\" || s.Severed() == nil {", "if true {"},
	{"a turn begun in a cut is charged nothing", "floor/balance.go", "if !t.Owed {\n\t\t\treturn 0", "if true {\n\t\t\treturn 0"},
	{"a press that both sites took counts twice", "floor/fold.go", "return o != nil && o.Journal != e.Journal", "return o != nil && false"},
	{"the wall clock orders what both sites wrote", "floor/fold.go", "case a.Stamp.Before(b.Stamp):\n\t\treturn -1\n\tcase b.Stamp.Before(a.Stamp):", "case a.Wall < b.Wall:\n\t\treturn -1\n\tcase b.Wall < a.Wall:"},
	{"what arrives late is put at the end", "floor/fold.go", "from := f.place(es[0])", "from := len(f.entries)"},
	{"the wider consent wins", "floor/person.go", "seen := e.SawAll(p.ConsentBy) && e.Saw(p.NamedBy)", "seen := true"},
	{"the later settings win, whoever holds the gavel", "floor/merge.go", "ok && !e.Saw(by) && e.Journal != s.Gavel.Journal", "ok && false && e.Journal != s.Gavel.Journal"},
	{"a withdrawal of the repeat counts for nothing", "floor/meant.go", "if i, known := s.ticket[o.Ticket]; known {", "if i, known := s.ticket[o.Ticket]; known && false {"},
	{"who was entered twice by one press is two people to one site", "floor/meant.go", "known && s.Person(ev.Person) == nil {", "known && false {"},
	{"what nobody waits for any more is owed all the same", "floor/balance.go", "	end := t.end(now)\n	side := t.Side.Other()", "	if t.Cut {\n		return !t.Owed\n	}\n	end := t.end(now)\n	side := t.Side.Other()"},
	{"words of the erased that arrive late are kept", "internal/live/foreign.go", "len(f.Addenda) > 0 && s.anyErased()", "false"},
	{"the site answers before its journal has taken it", "internal/live/session.go", "return b, n, s.append(jb)", "_ = s.append(jb)\n\treturn b, n, nil"},
	{"the same press at the same site counts twice", "internal/live/draft.go", "if before, ok := d.s.answered[k]; ok {", "if before, ok := d.s.answered[k]; ok && false {"},
	{"the clock is not raised at contact", "internal/live/clock.go", "c.base, c.then = here+step, now", "_ = here"},
	{"a site does not know what the other one answered", "internal/live/session.go", "s.answered[k] = a\n", "if e.Journal == string(s.name) {\n\t\ts.answered[k] = a\n\t}\n"},
	{"the clock goes on by the other site's wall clock", "internal/live/session.go", "case s.own().n > 0 && (!ok || mark.Session < s.lastOwn.At):\n\t\tmark = journal.Mark{Session: s.lastOwn.At, Wall: s.lastWall}", "case mark.Session < state.At:\n\t\tmark = journal.Mark{Session: state.At, Wall: state.Wall}"},
	{"when a phone says it was pressed orders the line", "floor/ask.go", "n := s.Ticket(t.ID)\n\t\tn.Placed, n.Place = true, e.Stamp", "n := s.Ticket(t.ID)\n\t\tn.Placed, n.Place = true, Stamp{e.Stamp.At - ev.Ago, e.Stamp.Count, e.Stamp.Site}"},
	{"what a restored machine called without knowing that the gavel had gone counts", "floor/lost.go", "if last == nil || a.root(", "if true || a.root("},
	{"what a lost machine had told is late", "floor/fold.go", "f.ahead.after[e.Journal] = ev.Journal", "f.ahead.after[e.Journal] = ev.Journal\n\t\tf.ahead.takes = append(f.ahead.takes, take{by: e, only: ev.Journal})"},
	{"a venue may not go on on another machine", "internal/live/foreign.go", "return i.Journal == ev.Journal })", "return i.Journal == ev.Journal && i.Journal == s.View().Hub() })"},
	{"the heal is noted when one site has everything", "internal/link/pack.go", "if have[j] < n {", "if have[j] < 0*n {"},
}

var shown = regexp.MustCompile(`seed (\d+): (.*)`)

// TestPlantedMistakes shows that the seeds would notice: the sources are compiled with one mistake at a time, and some
// seed must show it. The sources on disk stay as they are.
func TestPlantedMistakes(t *testing.T) {
	for _, m := range mistakes {
		if _, err := m.source(); err != nil {
			t.Error(err)
		}
	}
	mistakes := mistakes[:min(max(0, *planted), len(mistakes))]
	if t.Failed() || len(mistakes) == 0 {
		return
	}
	says := make([]string, len(mistakes))
	var wg sync.WaitGroup
	room := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, m := range mistakes {
		folder := t.TempDir()
		wg.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			program, err := m.build(t.Context(), folder)
			if err != nil {
				t.Errorf("%s cannot be planted: %v", m.name, err)
				return
			}
			says[i] = seedOf(t.Context(), program)
			fmt.Fprintf(os.Stderr, "planted: %s\n", m.name)
		})
	}
	wg.Wait()
	caught := 0
	for i, m := range mistakes {
		if says[i] == "" {
			t.Errorf("%s (%s): no seed of 4,000 shows it", m.name, m.file)
			continue
		}
		caught++
		t.Logf("%s (%s)\n\tcaught by %.300s", m.name, m.file, says[i])
	}
	t.Logf("%d of %d planted mistakes caught", caught, len(mistakes))
}

// source is the file with the mistake in it.
func (m mistake) source() ([]byte, error) {
	b, err := os.ReadFile(m.path())
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(b, []byte(m.text)); n != 1 {
		return nil, fmt.Errorf("%s: %q stands %d times in %s; say how the mistake would look now", m.name, m.text, n, m.file)
	}
	return bytes.Replace(b, []byte(m.text), []byte(m.becomes), 1), nil
}

func (m mistake) path() string { return filepath.Join("..", "..", "..", filepath.FromSlash(m.file)) }

// build compiles these tests with the mistake in them.
func (m mistake) build(ctx context.Context, folder string) (program string, err error) {
	b, err := m.source()
	if err != nil {
		return "", err
	}
	here, err := filepath.Abs(m.path())
	if err != nil {
		return "", err
	}
	with, list := filepath.Join(folder, filepath.Base(m.file)), filepath.Join(folder, "overlay.json")
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {here: with}})
	if err != nil {
		return "", err
	}
	for name, text := range map[string][]byte{with: b, list: overlay} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			return "", err
		}
	}
	program = filepath.Join(folder, "cut.test")
	if out, err := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", list, "-o", program, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return program, nil
}

// seedOf plays seeds until one shows something wrong, and gives what it says; "" when none does.
func seedOf(ctx context.Context, program string) string {
	ctx, stop := context.WithTimeout(ctx, 15*time.Minute)
	defer stop()
	out, _ := exec.CommandContext(ctx, program, "-test.run", "^TestTwoSites$", "-first", "-seeds", "4000").CombinedOutput()
	return string(shown.Find(out))
}
