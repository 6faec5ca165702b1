package live

import (
	"testing"
	"testing/synctest"
	"time"

	"openmic/floor"
	"openmic/internal/journal/journaltest"
)

// The program is killed while somebody speaks. It comes back and they still speak: the clock goes on from the last
// mark, the time down is counted up to the cap, and the entry says so.
func TestCrashWhileSomebodySpeaks(t *testing.T) {
	for _, x := range []struct {
		name          string
		down          time.Duration
		wrong         time.Duration // the wall clock after the restart, beside the true time
		counted, gone int64         // s: of the turn, and of the session's clock
	}{
		{"a quick restart", 8 * time.Second, 0, 8, 8},
		{"a long one counts at most the cap", 10 * time.Minute, 0, 120, 600},
		{"the clock was set back an hour", 8 * time.Second, -time.Hour, 0, 0},
		{"the clock was set to 2099", 8 * time.Second, 69 * 365 * 24 * time.Hour, 120, 24 * 3600},
	} {
		t.Run(x.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := enter(t)
				h.begin()
				h.speak()
				start := h.View().Current().Start
				// Somebody looks at the journal meanwhile; nothing is written, but every five seconds the clock is marked.
				time.Sleep(33 * time.Second)
				mark, ok, err := h.LastMark(t.Context(), info.Name)
				if err != nil || !ok || mark.Session < start+25_000 || mark.Session > start+33_000 {
					t.Fatalf("marked %v %v %v", mark, ok, err)
				}
				h.crash()
				time.Sleep(x.down)
				since := mark.Session - start // of the turn, at the mark
				lag := 33_000 - since         // from the mark to the crash; nobody can tell it from the time down
				h.wrong = x.wrong
				h.open()
				v := h.View()
				turn := v.Current()
				if turn == nil {
					t.Fatal("nobody speaks any more")
				}
				now := v.At(time.Now().Add(x.wrong))
				gone, counted := x.gone*1000, x.counted*1000
				if x.gone > 0 && x.gone < 24*3600 {
					gone += lag
				}
				if counted > 0 {
					counted = min(counted+lag, 120_000)
				}
				if got := now - mark.Session; got < gone-50 || got > gone+50 {
					t.Errorf("the session's clock went on by %d ms, not %d", got, gone)
				}
				if got := turn.Length(now); got < since+counted-50 || got > since+counted+50 {
					t.Errorf("the turn has %d ms, not %d of before and %d of the time down", got, since, counted)
				}
				if r := v.Resumes; len(r) != 1 || r[0].Mark != mark.Session || r[0].Down < counted-50 || r[0].Down > counted+50 {
					t.Errorf("the entry says %+v", r)
				}
				// The chair knows better: it was a quarter of a minute.
				h.must(chair, &floor.End{})
				h.must(chair, &floor.Correct{Turn: turn.ID, Length: new(int64(15_000))})
				if v := h.View(); v.Turn(turn.ID).Length(v.State.At) != 15_000 {
					t.Errorf("corrected to %d", v.Turn(turn.ID).Length(v.State.At))
				}
				h.agrees()
			})
		})
	}
}

// However the wall clock jumps between runs, session time never goes back and every stamp is later than the one before.
func TestSessionTimeNeverGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := enter(t)
		h.begin()
		h.speak()
		for _, wrong := range []time.Duration{0, -3 * time.Hour, 70 * 365 * 24 * time.Hour, -48 * time.Hour, 0, time.Minute} {
			before := h.View().At(time.Now().Add(h.wrong))
			last, _, err := h.LastMark(t.Context(), info.Name)
			if err != nil {
				t.Fatal(err)
			}
			h.crash()
			h.wrong = wrong
			time.Sleep(time.Second)
			h.open()
			v := h.View()
			now := v.At(time.Now().Add(wrong))
			if now < last.Session || now < v.State.At || now-max(last.Session, v.State.At) > longestDown.Milliseconds() {
				t.Errorf("clock off by %v: session time was marked %d, read %d, and is %d", wrong, last.Session, before, now)
			}
			time.Sleep(12 * time.Second)
			h.must(self("ana"), &floor.Describe{Description: floor.Description{Preset: "none"}})
		}
		entries, _, err := h.Read(t.Context(), info.Name, 1, 1000)
		if err != nil {
			t.Fatal(err)
		}
		last := floor.Stamp{}
		for _, je := range entries {
			e, err := floor.ParseEntry(je.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			if e.N > 1 && !last.Before(e.Stamp) {
				t.Errorf("entry %d is stamped %v after %v", e.N, e.Stamp, last)
			}
			last = e.Stamp
		}
		h.agrees()
	})
}

// The clock is marked while the session is open: not before, and not for ever after.
func TestMarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := enter(t)
		marks := 0
		h.breakBy(func(call string) journaltest.Fault {
			if call == "Mark" {
				marks++
			}
			return journaltest.None
		})
		h.must(organiser, plan())
		time.Sleep(time.Minute)
		synctest.Wait()
		if marks != 0 {
			t.Errorf("%d marks before the session opens", marks)
		}
		h.must(chair, &floor.Open{})
		time.Sleep(time.Minute)
		synctest.Wait()
		if marks < 11 || marks > 13 {
			t.Errorf("%d marks in an open minute", marks)
		}
		h.must(chair, &floor.Adjourn{})
		synctest.Wait()
		marks = 0
		time.Sleep(time.Minute)
		synctest.Wait()
		if marks != 0 {
			t.Errorf("%d marks after the end", marks)
		}
	})
}

// A mark that fails is said in the log and harms nobody.
func TestMarkThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := enter(t)
		h.begin()
		h.speak()
		h.breakBy(func(call string) journaltest.Fault {
			if call == "Mark" {
				return journaltest.Refused
			}
			return journaltest.None
		})
		time.Sleep(30 * time.Second)
		synctest.Wait()
		h.must(self("ana"), &floor.Write{Text: "goes on"})
		h.crash()
		h.breakBy(nil)
		time.Sleep(time.Second)
		h.open()
		if v := h.View(); v.Current() == nil || v.At(time.Now()) < 30_000 {
			t.Errorf("session time %d", v.At(time.Now()))
		}
		if h.said() == "" {
			t.Error("the log says nothing")
		}
	})
}
