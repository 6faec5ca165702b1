package live

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"openmic/floor"
)

// At every full minute the newest entry before it is known, and is the same after a restart. What comes in the minute
// changes nothing until the next.
func TestMinuteHeads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := enter(t)
		// byHand reads the journal from its beginning.
		byHand := func(at int64) (out Head) {
			t.Helper()
			entries, _, err := h.Store.Read(context.Background(), info.Name, 1, 2000)
			if err != nil {
				t.Fatal(err)
			}
			for _, je := range entries {
				e, err := floor.ParseEntry(je.Bytes)
				if err != nil {
					t.Fatal(err)
				}
				if e.Stamp.At < at/60_000*60_000 {
					out = Head{e.N, floor.HashBytes(je.Bytes), e.Stamp.At}
				}
			}
			return out
		}
		check := func(what string) {
			t.Helper()
			v := h.View()
			at := v.At(time.Now())
			if got, want := v.MinuteHead(at), byHand(at); got != want {
				t.Errorf("%s, at %d: %+v, by hand %+v", what, at, got, want)
			}
		}
		check("at the beginning")
		h.begin()
		check("in the first minute")
		time.Sleep(61 * time.Second)
		check("a minute later")
		if n := h.View().MinuteHead(h.View().At(time.Now())).N; n != h.View().Version {
			t.Errorf("the newest entry before the minute is %d of %d", n, h.View().Version)
		}
		h.must(chair, &floor.Call{})
		check("a call came")
		h.must(chair, &floor.Start{})
		check("two entries of one minute")
		h.crash()
		h.open()
		check("after a restart")
		time.Sleep(3 * time.Minute)
		check("after three quiet minutes")
		h.must(chair, &floor.End{})
		check("after an entry")
		time.Sleep(100 * time.Second)
		h.must(chair, &floor.Adjourn{})
		check("adjourned")
		time.Sleep(time.Minute)
		check("after the end")
	})
}
