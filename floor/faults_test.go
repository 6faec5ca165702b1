package floor

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
	"strconv"
	"sync"
	"testing"
	"time"
)

var planted = flag.Int("planted", 0, "compile the rule with each of so many planted faults and find the seed that shows it")

// A fault is a mistake that somebody could make in the rule: in this file of the package, this text becomes that.
type fault struct {
	name, file, text, becomes string
}

// faults are planted one at a time; the first of them, one at least for each promise, also by make test. Where the code has changed and the text is no longer there, say how the same
// mistake would look now.
var faults = []fault{
	{"as many for one as there are more", "order.go", "min(t.rule.R, n/other)", "n / other"},
	{"a side that is owed goes on without end", "order.go", "t.bal.Lead > t.rule.B && !runs(Online)", "t.bal.Lead > t.rule.B"},
	{"what the room is owed is never repaid", "order.go", "t.bal.Lead < -t.rule.B && !runs(Room)", "false"},
	{"the same side again", "order.go", "c.Side = last.Other()", "c.Side = last"},
	{"passed once more than K", "order.go", "owed < 0 && seats[i].bypassed >= t.rule.K", "owed < 0 && seats[i].bypassed > t.rule.K"},
	{"whoever is passed is not counted", "call.go", "t.Bypassed++", "_ = t"},
	{"where all defer, nobody is called", "order.go", "k.callable = !k.missing\n\t\t}\n\t}\n}\n\n// weights", "_ = k\n\t\t}\n\t}\n}\n\n// weights"},
	{"weights divide nothing", "balance.go", "b.Lead -= charge / int64(max(1, w))", "b.Lead -= charge"},
	{"a turn after which nobody waits is not clamped", "balance.go", "if alone {", "if false {"},
	{"overrides are charged twice", "balance.go", "waited, length := s.Waited(t, now)\n\t\t\tb.charged", "waited, length := s.Waited(t, now)\n\t\t\tif t.Override != \"\" {\n\t\t\t\twaited *= 2\n\t\t\t}\n\t\t\tb.charged"},
	{"coming back costs the place", "presence.go", "t.Misses = 0\n\t\t}", "t.Misses = 0\n\t\t}\n\t\ts.leave(t.ID)\n\t\tt.Place = e.Stamp\n\t\tif t.Status == Waiting {\n\t\t\ts.queue(t)\n\t\t}"},
	{"the wall clock orders the line", "ask.go", "n := s.Ticket(t.ID)\n\t\tn.Placed, n.Place = true, e.Stamp", "n := s.Ticket(t.ID)\n\t\tn.Placed, n.Place = true, Stamp{e.Wall, e.Stamp.Count, e.Stamp.Site}"},
	{"words that no entry holds decide", "ask.go", "n := s.Ticket(t.ID)\n\t\tn.Placed, n.Place = true, e.Stamp", "n := s.Ticket(t.ID)\n\t\tn.Placed, n.Place, n.Bypassed = true, e.Stamp, len(ev.Said)"},
	{"at the latest forgets those who may pass", "forecast.go", "int64(ahead+max(0, r.K-k.Bypassed)) * r.L", "int64(ahead) * r.L"},
	{"two for one from more than twice as many", "order.go", "n >= 2*other", "n > 2*other"},
	{"a lead is noticed at twice B", "order.go", "t.bal.Lead > t.rule.B && !runs(Online)", "t.bal.Lead > 2*t.rule.B && !runs(Online)"},
	{"the first call goes to the room", "order.go", "c.Side, c.Why = Online, Reason{Kind: WhyOpening, Side: Online}", "c.Side, c.Why = Room, Reason{Kind: WhyOpening, Side: Room}"},
	{"one turn too many in a row", "order.go", "t.bal.Row < c.W[last]", "t.bal.Row <= c.W[last]"},
	{"whoever spoke counts as new", "order.go", "fresh < 0 && !seats[i].spoken", "fresh < 0"},
	{"whoever was called past is called at once", "order.go", "missing := k.Missing && speaking == nil", "missing := false"},
	{"short turns cost what they last", "balance.go", "charge = waited + max(0, r.Q-length)", "charge = waited"},
	{"a run goes on when the side changes", "balance.go", "b.Run, b.Row = 0, 0\n\t}\n\tb.Any", "b.Row = 0\n\t}\n\tb.Any"},
	{"a side that waits no more stays in debt", "balance.go", "b.Lead = min(max(b.Lead, -r.B), r.B)\n\tb.Run, b.Row = 0, 0", "b.Run, b.Row = 0, 0"},
	{"more time is charged", "balance.go", "if t.Factor > 100 {", "if false {"},
	{"overrides are free", "turn.go", "return t.Kind == LineTurn || t.Kind == ReadTurn || t.Kind == Unplanned }", "return t.Override == \"\" && (t.Kind == LineTurn || t.Kind == ReadTurn || t.Kind == Unplanned) }"},
	{"a miss costs the place", "call.go", "t.Status = Waiting\n\tif t.Placed {", "t.Status = Waiting\n\tif t.Placed {\n\t\tt.Place = e.Stamp"},
	{"a correction does not count anew", "balance.go", "case *Corrected, *SideEnded, *Erased:", "case *SideEnded, *Erased:"},
	{"somebody who is away counts as waiting", "floor.go", "p.Admitted && (!p.Away || t.always())", "p.Admitted"},
	{"when a phone says it was pressed orders the line", "ask.go", "n := s.Ticket(t.ID)\n\t\tn.Placed, n.Place = true, e.Stamp", "n := s.Ticket(t.ID)\n\t\tn.Placed, n.Place = true, Stamp{e.Stamp.At - ev.Ago, e.Stamp.Count, e.Stamp.Site}"},
}

var shown = regexp.MustCompile(`seed (\d+): (.*)`)

// TestPlantedFaults shows that the sessions would notice: the rule is compiled with one fault at a time, and some session
// must fail, held against the twin and the promises; and which do so held against the promises alone is told beside it.
func TestPlantedFaults(t *testing.T) {
	for _, f := range faults {
		if _, err := f.source(); err != nil {
			t.Error(err)
		}
	}
	faults := faults[:min(max(0, *planted), len(faults))]
	if t.Failed() || len(faults) == 0 {
		return
	}
	type answer struct {
		built       bool
		both, alone string
	}
	answers := make([]answer, len(faults))
	var wg sync.WaitGroup
	room := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, f := range faults {
		wg.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			program, err := f.build(t.Context(), t.TempDir())
			if err != nil {
				t.Errorf("%s cannot be planted: %v", f.name, err)
				return
			}
			answers[i].built = true
			answers[i].both = seedOf(t.Context(), program, "-sessions", "20000")
			answers[i].alone = seedOf(t.Context(), program, "-sessions", "1500", "-alone")
			fmt.Fprintf(os.Stderr, "planted: %s\n", f.name)
		})
	}
	wg.Wait()
	caught, alone := 0, 0
	for i, f := range faults {
		a := answers[i]
		if !a.built {
			continue
		}
		if a.both == "" {
			t.Errorf("%s (%s): no session of 20,000 noticed", f.name, f.file)
			continue
		}
		caught++
		t.Logf("%s (%s)\n\tcaught by %s", f.name, f.file, a.both)
		if a.alone != "" {
			alone++
			t.Logf("\tand by the promises alone by %s", a.alone)
		}
	}
	t.Logf("%d of %d planted faults caught, %d of them by the promises F1 to F10 alone", caught, len(faults), alone)
}

// source is the file with the fault in it.
func (f fault) source() ([]byte, error) {
	b, err := os.ReadFile(f.file)
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(b, []byte(f.text)); n != 1 {
		return nil, fmt.Errorf("%s: %q stands %d times in %s; say how the fault would look now", f.name, f.text, n, f.file)
	}
	return bytes.Replace(b, []byte(f.text), []byte(f.becomes), 1), nil
}

// build compiles these tests with the fault in the rule; the sources stay as they are.
func (f fault) build(ctx context.Context, folder string) (program string, err error) {
	b, err := f.source()
	if err != nil {
		return "", err
	}
	here, err := filepath.Abs(f.file)
	if err != nil {
		return "", err
	}
	with, list := filepath.Join(folder, f.file), filepath.Join(folder, "overlay.json")
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {here: with}})
	if err != nil {
		return "", err
	}
	for name, text := range map[string][]byte{with: b, list: overlay} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			return "", err
		}
	}
	program = filepath.Join(folder, "floor.test")
	if out, err := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", list, "-o", program, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return program, nil
}

// seedOf plays sessions until one fails, and gives the first seed that does with what it says; "" when none does.
func seedOf(ctx context.Context, program string, args ...string) string {
	ctx, stop := context.WithTimeout(ctx, 5*time.Minute)
	defer stop()
	out, _ := exec.CommandContext(ctx, program, append([]string{"-test.run", "^TestSessions$"}, args...)...).CombinedOutput()
	first, says := 0, ""
	for _, m := range shown.FindAllStringSubmatch(string(out), -1) {
		if n, err := strconv.Atoi(m[1]); err == nil && (says == "" || n < first) {
			first, says = n, m[0]
		}
	}
	return says
}
