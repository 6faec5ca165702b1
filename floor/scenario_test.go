package floor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

// TestScenarios plays the stories in testdata. Each is a small meeting in plain words; the answers are written with
// go test ./floor -rewrite, and the diff is read.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	for _, f := range files {
		if head, err := os.ReadFile(f); err != nil || !strings.HasPrefix(string(head), "#") {
			continue // golden tables, which other tests read
		}
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			st := &story{b: newBook(t), name: map[ID]string{}, id: map[string]ID{}, closed: true}
			st.b.strict = true
			datadriven.RunTest(t, f, func(t *testing.T, td *datadriven.TestData) string {
				return st.play(t, td.FullCmd()+"\n"+td.Input)
			})
		})
	}
}

// A story plays lines such as "ask gaurab room" and says what happened.
type story struct {
	b      *book
	name   map[ID]string
	id     map[string]ID
	closed bool // the session has not begun
	asleep bool // and does not begin by itself
	said   []string
}

var chair = Actor{Person: "chair", Roles: Chair | Venue | Desk | Organiser | Rapporteur}

func (st *story) play(t *testing.T, text string) string {
	st.said = nil
	shown := false
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		w := words{line: l, fields: strings.Fields(l)}
		verb := w.next()
		if verb == "show" {
			st.show(w.next(), &w)
			shown = true
			continue
		}
		do, ok := verbs[verb]
		if !ok {
			t.Fatalf("no such verb: %s", l)
		}
		if st.closed && !st.asleep && verb != "before" && verb != "rule" && verb != "settings" && verb != "rehearse" {
			st.closed = false
			st.b.must(chair, &Open{})
		}
		do(st, &w)
		if len(w.fields) > 0 {
			t.Fatalf("words left over in %q: %v", l, w.fields)
		}
	}
	if !shown {
		st.floor()
	}
	return strings.Join(st.said, "\n") + "\n"
}

func (st *story) say(format string, a ...any) { st.said = append(st.said, fmt.Sprintf(format, a...)) }

// words are what is left of a line.
type words struct {
	line   string
	fields []string
}

func (w *words) next() string {
	if len(w.fields) == 0 {
		return ""
	}
	f := w.fields[0]
	w.fields = w.fields[1:]
	return f
}

// rest is a text in quotation marks, or all that is left.
func (w *words) rest() string {
	r := strings.Trim(strings.Join(w.fields, " "), `"`)
	w.fields = nil
	return r
}

// take takes the word when it comes next.
func (w *words) take(word string) bool {
	if len(w.fields) > 0 && w.fields[0] == word {
		w.fields = w.fields[1:]
		return true
	}
	return false
}

func (w *words) number() int {
	n, err := strconv.Atoi(strings.TrimPrefix(w.next(), "+"))
	if err != nil {
		panic(fmt.Sprintf("%s: a number is missing", w.line))
	}
	return n
}

func (w *words) time() int64 {
	d, err := time.ParseDuration(w.next())
	if err != nil {
		panic(fmt.Sprintf("%s: %v", w.line, err))
	}
	return d.Milliseconds()
}

// ago is how long ago somebody pressed, 0 where nothing is said of it.
func (w *words) ago() int64 {
	if w.take("ago") {
		return w.time()
	}
	return 0
}

func (w *words) side() Side {
	if w.take("online") {
		return Online
	}
	w.take("room")
	return Room
}

// try gives a command and says so when it is refused.
func (st *story) try(w *words, by Actor, c Command) []Event {
	evs, err := st.b.do(by, c)
	if err == nil {
		for _, ev := range evs {
			st.tell(ev)
		}
		return evs
	}
	var r *Refusal
	var b *BadInput
	switch {
	case errors.As(err, &r) && r.N != 0:
		st.say("%s: refused, %s %d", w.line, r.Kind, r.N)
	case errors.As(err, &r):
		st.say("%s: refused, %s", w.line, r.Kind)
	case errors.As(err, &b):
		st.say("%s: bad input, %s %s", w.line, b.Field, b.Kind)
	default:
		st.say("%s: %v", w.line, err)
	}
	return nil
}

// tell says what moves the floor.
func (st *story) tell(ev Event) {
	switch ev := ev.(type) {
	case *CalledOut:
		why := st.reason(ev.Why)
		if ev.Override != "" {
			why = "override " + ev.Override
		}
		passed := ""
		if len(ev.Passed) > 0 {
			passed = "; passes " + st.who(ev.Passed...)
		}
		st.say("call %s (%s): %s%s", st.called(ev.Person), ev.Side, why, passed)
	case *Missed:
		if ev.Aside {
			st.say("the call is set aside")
		} else {
			st.say("a miss")
		}
	case *Set:
		st.say("approval of people is %s: %s", map[bool]string{true: "on", false: "off"}[ev.Settings.ApprovePeople], ev.Why)
	}
}

// person finds somebody by name; who is not known joins with this side.
func (st *story) person(w *words, name string) ID {
	if id, ok := st.id[name]; ok {
		return id
	}
	if len(w.fields) == 0 || w.fields[0] != "room" && w.fields[0] != "online" {
		return ID(name)
	}
	side := Room
	if w.fields[0] == "online" {
		side = Online
	}
	st.know(ID(name), name)
	st.try(w, Actor{Person: ID(name), Roles: Participant}, &Join{Side: side, Description: Description{Name: &name, Preset: "name"}})
	return ID(name)
}

func (st *story) know(id ID, name string) { st.name[id], st.id[name] = name, id }

// ticket finds an ask by its person, "mei", or the n-th ask of a person, "mei#2".
func (st *story) ticket(w *words) ID {
	name, nth, ok := strings.Cut(w.next(), "#")
	id, known := st.id[name]
	if !known {
		id = ID(name)
	}
	n, _ := strconv.Atoi(nth)
	i := 0
	for k := range st.b.s.Tickets {
		t := &st.b.s.Tickets[k]
		if t.Person != id {
			continue
		}
		if i++; ok && i == n {
			return t.ID
		}
	}
	if t := st.b.s.Live(id); t != nil && !ok {
		return t.ID
	}
	for k := range slices.Backward(st.b.s.Tickets) {
		if st.b.s.Tickets[k].Person == id {
			return st.b.s.Tickets[k].ID
		}
	}
	return "none"
}

func (st *story) called(person ID) string {
	if n, ok := st.name[person]; ok {
		return n
	}
	if person == "" {
		return "somebody"
	}
	return "walk-up " + string(person)
}

// who names the people of tickets.
func (st *story) who(tickets ...ID) string {
	var out []string
	for _, id := range tickets {
		if t := st.b.s.Ticket(id); t != nil {
			out = append(out, st.called(t.Person))
		}
	}
	return strings.Join(out, ", ")
}

func clock(ms int64) string {
	sign := ""
	if ms < 0 {
		sign, ms = "-", -ms
	}
	return fmt.Sprintf("%s%d:%02d", sign, ms/60_000, ms/1000%60)
}

func (st *story) reason(r Reason) string {
	out := []string{r.Kind}
	if r.Kind == WhyMany || r.Kind == WhyBalance {
		out = append(out, r.Side.String())
	}
	if r.N != 0 || r.M != 0 {
		out = append(out, fmt.Sprintf("n %d, m %d", r.N, r.M))
	}
	if r.Ms != 0 {
		out = append(out, clock(r.Ms))
	}
	if r.W > 1 {
		out = append(out, fmt.Sprint("w ", r.W))
	}
	if r.Then != "" {
		out = append(out, "then "+r.Then)
	}
	return strings.Join(out, ", ")
}
