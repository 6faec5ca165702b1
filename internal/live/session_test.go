package live

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"openmic/floor"
	"openmic/internal/journal/journaltest"
)

func TestAcceptedIsOnDisk(t *testing.T) {
	h := enter(t)
	h.begin()
	for range 20 {
		a, err := h.press(self("ana"), &floor.Write{Text: "a card"})
		if err != nil {
			var no *floor.Refusal
			if !errors.As(err, &no) {
				t.Fatal(err)
			}
			break
		}
		n, _, err := h.Store.Head(context.Background(), info.Name)
		if err != nil || n < a.Version {
			t.Fatalf("answered with entry %d while %d are on disk: %v", a.Version, n, err)
		}
		if v := h.View(); v.Version < a.Version || v.Ticket(a.Made[0].ID) == nil {
			t.Fatal("answered before it is shown")
		}
	}
	h.agrees()
}

// Sita presses again because her phone heard nothing, even after the program was killed: one card, the same answer.
func TestSameIDAnswersAsTheFirstTime(t *testing.T) {
	h := enter(t)
	h.begin()
	card := Command{"sita-1", self("sita"), &floor.Write{Text: "one card"}}
	first, err := h.Do(t.Context(), card)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		again, err := h.Do(t.Context(), card)
		if err != nil || fmt.Sprint(again) != fmt.Sprint(first) {
			t.Fatalf("%v, then %v %v", first, again, err)
		}
		h.crash()
		h.open()
	}
	if n := len(h.View().Tickets); n != 4 {
		t.Fatalf("there are %d asks, not 4", n)
	}
	// The id belongs to its person: ana's same id is another press.
	if a, err := h.Do(t.Context(), Command{"sita-1", self("ana"), &floor.Write{Text: "ana's"}}); err != nil || a.Made[0].ID == first.Made[0].ID {
		t.Fatalf("ana was answered with sita's card: %v %v", a, err)
	}
	if v := h.View(); v.Say(v.Ticket(first.Made[0].ID).Text) != "one card" {
		t.Error("the words did not come back")
	}
}

// A repeat of what was accepted is answered as the first time, whatever the store does now.
func TestRepeatWhileTheStoreFails(t *testing.T) {
	for _, fault := range []journaltest.Fault{journaltest.Refused, journaltest.Lost} {
		h := enter(t)
		h.begin()
		card := Command{"sita-1", self("sita"), &floor.Write{Text: "one card"}}
		first, err := h.Do(t.Context(), card)
		if err != nil {
			t.Fatal(err)
		}
		h.breakBy(func(string) journaltest.Fault { return fault })
		for range 3 {
			// Together with a press that fails, in one batch and alone.
			var both sync.WaitGroup
			both.Go(func() {
				if _, err := h.press(self("ben"), &floor.Write{Text: "lost"}); err == nil {
					t.Error("a press was accepted that the store did not take")
				}
			})
			again, err := h.Do(t.Context(), card)
			both.Wait()
			if err != nil || fmt.Sprint(again) != fmt.Sprint(first) {
				t.Fatalf("fault %d: %v, then %v %v", fault, first, again, err)
			}
		}
		h.breakBy(nil)
	}
}

// Two moderators press Next at the same moment: one person is called, one press is refused.
func TestTwoPressNext(t *testing.T) {
	h := enter(t)
	h.begin()
	errs := make([]error, 2)
	var both sync.WaitGroup
	for i, by := range []floor.Actor{chair, desk} {
		both.Go(func() { _, errs[i] = h.press(by, &floor.Call{}) })
	}
	both.Wait()
	var no *floor.Refusal
	if (errs[0] == nil) == (errs[1] == nil) || !errors.As(errors.Join(errs...), &no) {
		t.Fatalf("the two were told %v and %v", errs[0], errs[1])
	}
	if v := h.View(); len(v.Calls) != 1 || v.Call() == nil {
		t.Fatalf("%d calls", len(v.Calls))
	}
	h.agrees()
}

// A thousand people ask at once. Everybody is told their own place; places follow the journal; views are whole, one for
// a batch; who waits for a newer view is woken, and whoever is slow skips to the newest.
func TestThousandAtOnce(t *testing.T) {
	h := enter(t)
	h.must(organiser, &floor.Change{OpenCards: new(3)})
	before := h.View().Version
	var views, skipped atomic.Int64
	var watchers sync.WaitGroup
	done := make(chan struct{})
	for i := range 20 {
		watchers.Go(func() {
			for last := before; ; {
				v := h.View()
				if v.Version < last || int64(len(v.People)) > v.Version {
					t.Errorf("after view %d came %d with %d people", last, v.Version, len(v.People))
				}
				if n := v.Version - last; n > 0 && i == 0 {
					views.Add(1)
					skipped.Add(n - 1)
				}
				last = v.Version
				v.Hash() // reading a view while the owner goes on
				select {
				case <-v.Newer:
				case <-done:
					return
				}
			}
		})
	}
	const people = 1000
	made := make([]Answer, people)
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			p := self(floor.ID(fmt.Sprint("p", i)))
			if _, err := h.Do(context.Background(), Command{"join", p, &floor.Join{Side: floor.Side(i % 2)}}); err != nil {
				t.Error(err)
			}
			var err error
			if made[i], err = h.Do(context.Background(), Command{"ask", p, &floor.Ask{}}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	close(done)
	watchers.Wait()
	v := h.View()
	if len(v.Line) != people || v.Version != before+2*people {
		t.Fatalf("%d in the line, %d entries", len(v.Line), v.Version-before)
	}
	last := floor.Stamp{}
	for _, id := range v.Line {
		if p := v.Ticket(id).Place; !last.Before(p) {
			t.Fatalf("place %v comes after %v", p, last)
		} else {
			last = p
		}
	}
	for i, a := range made {
		if k := v.Ticket(a.Made[0].ID); k == nil || k.Person != floor.ID(fmt.Sprint("p", i)) {
			t.Fatalf("p%d was told the place of another", i)
		}
	}
	t.Logf("%d entries in %d views seen by the first watcher", 2*people, views.Load())
	h.agrees()
}

// One view a batch: what was decided together is seen together.
func TestOneViewForABatch(t *testing.T) {
	h := enter(t)
	h.begin()
	release, held := make(chan struct{}), make(chan struct{})
	var once sync.Once
	h.breakBy(func(call string) journaltest.Fault {
		if call == "Append" {
			once.Do(func() { close(held); <-release })
		}
		return journaltest.None
	})
	var all sync.WaitGroup
	all.Go(func() { h.press(self("ana"), &floor.Write{Text: "holds the disk"}) })
	<-held
	v := h.View()
	for i := range 50 {
		all.Go(func() {
			h.Do(context.Background(), Command{"join", self(floor.ID(fmt.Sprint("p", i))), &floor.Join{}})
		})
	}
	for len(h.in) < 50 { // everybody waits for the owner, who waits for the disk
		time.Sleep(time.Millisecond)
		select {
		case <-v.Newer:
			t.Fatal("a view was shown before the disk answered")
		default:
		}
	}
	close(release)
	var versions []int64
	for want := v.Version + 51; v.Version < want; {
		<-v.Newer
		v = h.View()
		versions = append(versions, v.Version)
	}
	all.Wait()
	if len(versions) > 2 {
		t.Errorf("51 presses that met came in %d views: %v", len(versions), versions)
	}
}

// One batch never grows beyond what a store takes, however much people bring at once.
func TestLargeBatches(t *testing.T) {
	h := enter(t)
	h.must(organiser, plan())
	before := h.View().Version
	h.must(organiser, &floor.Change{OpenCards: new(3)})
	const presses = mostAtOnce + 44
	release, held := make(chan struct{}), make(chan struct{})
	var once sync.Once
	h.breakBy(func(call string) journaltest.Fault {
		if call == "Append" {
			once.Do(func() { close(held); <-release })
		}
		return journaltest.None
	})
	var all sync.WaitGroup
	all.Go(func() { h.press(chair, &floor.Join{}) })
	<-held
	crew := floor.Actor{Person: "venue", Roles: floor.Venue}
	var full atomic.Int64
	for i := range presses { // twenty unnamed people a press: forty entries
		all.Go(func() {
			_, err := h.Do(context.Background(), Command{fmt.Sprint(i), crew, &floor.Enter{Count: 20}})
			var no *floor.Refusal
			if errors.As(err, &no) && no.Kind == "full" {
				full.Add(1)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	for len(h.in) < presses {
		time.Sleep(time.Millisecond)
	}
	close(release)
	all.Wait()
	v := h.View()
	if got, want := v.Version-before-2, 40*(presses-full.Load()); got != want || full.Load() == presses {
		t.Errorf("%d entries, not %d", got, want)
	}
	h.agrees()
}

// A rule that crashes refuses one command. What was decided before it in the same batch stands, and the session lives.
func TestRuleThatPanics(t *testing.T) {
	h := enter(t)
	h.begin()
	h.rule = func(s *floor.State, m floor.Moment, by floor.Actor, c floor.Command) ([]floor.Event, error) {
		if w, ok := c.(*floor.Write); ok && w.Text == "boom" {
			panic("a rule with a mistake")
		}
		evs, err := floor.Decide(s, m, by, c)
		if w, ok := c.(*floor.Write); ok && w.Text == "half" {
			evs = append(evs, nil) // crashes when the second event is sealed, after the first was applied
		}
		return evs, err
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			p := self(floor.ID(fmt.Sprint("p", i)))
			if _, err := h.Do(context.Background(), Command{"join", p, &floor.Join{}}); err != nil {
				t.Error(err)
				return
			}
			words := []string{"fine", "boom", "half"}[i%3]
			_, err := h.Do(context.Background(), Command{"card", p, &floor.Write{Text: words}})
			if want := i%3 != 0; errors.Is(err, ErrFailed) != want || err != nil != want {
				t.Errorf("%s: %v", words, err)
			}
		})
	}
	all.Wait()
	v := h.View()
	if n := len(v.Tickets); n != 3+67 {
		t.Errorf("%d asks, not 70", n)
	}
	for i := range v.Tickets {
		if s := v.Say(v.Tickets[i].Text); s == "boom" || s == "half" {
			t.Errorf("the words %q of a refused card stayed", s)
		}
	}
	if !strings.Contains(h.said(), "a rule with a mistake") {
		t.Error("the log does not say what failed")
	}
	h.agrees()
	h.rule = floor.Decide
	if a, err := h.Do(t.Context(), Command{"card", self("p1"), &floor.Write{Text: "boom"}}); err != nil || len(a.Made) == 0 {
		t.Errorf("the same press again, when the rule is mended: %v", err)
	}
}

// A session that is closed while people press answers everybody, also those who come too late.
func TestCloseUnderLoad(t *testing.T) {
	h := enter(t)
	h.begin()
	var accepted sync.Map
	var all sync.WaitGroup
	var some atomic.Int64
	enough := make(chan struct{})
	for i := range 100 {
		all.Go(func() {
			for n := 0; ; n++ {
				id := fmt.Sprint("p", i, "-", n)
				_, err := h.Do(context.Background(), Command{"join", self(floor.ID(id)), &floor.Join{}})
				if errors.Is(err, ErrStopped) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				accepted.Store(id, true)
				if some.Add(1) == 300 {
					close(enough)
				}
			}
		})
	}
	<-enough
	h.crash()
	all.Wait()
	for range 2 * cap(h.in) { // more than fit anywhere
		if _, err := h.press(chair, &floor.Join{}); !errors.Is(err, ErrStopped) {
			t.Fatal(err)
		}
	}
	h.open()
	v := h.View()
	accepted.Range(func(id, _ any) bool {
		if v.Person(floor.ID(id.(string))) == nil {
			t.Errorf("%s was told they are inside", id)
		}
		return true
	})
	h.agrees()
}

// Whoever stops waiting is told that it may have happened, and a command that nobody waits for any more is not decided.
func TestNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := enter(t)
		h.begin()
		gone, cancel := context.WithCancel(t.Context())
		release, held := make(chan struct{}), make(chan struct{})
		var once sync.Once
		h.breakBy(func(call string) journaltest.Fault {
			if call == "Append" {
				once.Do(func() { close(held); <-release })
			}
			return journaltest.None
		})
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := h.Do(gone, Command{"a", self("ana"), &floor.Write{Text: "on its way"}}); !errors.Is(err, ErrUnknown) {
				t.Errorf("told %v", err)
			}
		})
		<-held
		all.Go(func() {
			if _, err := h.Do(gone, Command{"b", self("ben"), &floor.Write{Text: "never decided"}}); !errors.Is(err, ErrUnknown) {
				t.Errorf("told %v", err)
			}
		})
		for len(h.in) == 0 {
			synctest.Wait()
		}
		cancel()
		all.Wait()
		close(release)
		if a, err := h.Do(t.Context(), Command{"a", self("ana"), &floor.Write{Text: "on its way"}}); err != nil || len(a.Made) != 1 {
			t.Fatal(err)
		}
		if n := len(h.View().Tickets); n != 4 {
			t.Errorf("%d asks, not 4", n)
		}
		h.agrees()
	})
}

// Every press has an id of its own; without one it could not be told from another press.
func TestPressNeedsAnID(t *testing.T) {
	h := enter(t)
	for _, id := range []string{"", strings.Repeat("x", 65), "a b", "a\nb", "é", `"`, `\`} {
		var bad *floor.BadInput
		if _, err := h.Do(t.Context(), Command{id, self("ana"), &floor.Join{}}); !errors.As(err, &bad) || bad.Field != "id" {
			t.Errorf("id %q: %v", id, err)
		}
	}
	h.agrees()
}
