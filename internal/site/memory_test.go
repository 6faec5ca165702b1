package site

import (
	"context"
	"flag"
	"math"
	"os"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

func TestLimitGivesWay(t *testing.T) {
	const mib = 1 << 20
	for _, x := range []struct{ want, heap, rest, limit int64 }{
		{60, 5 * mib, 5 * mib, 36 * mib},     // an idle program
		{60, 18 * mib, 9 * mib, 36 * mib},    // 300 people press at once
		{60, 100 * mib, 20 * mib, 160 * mib}, // a large hub is not held back
		{1, 5 * mib, 4 * mib, 11 * mib},      // less than it can do
		{256, 100 * mib, 20 * mib, 232 * mib},
	} {
		if got := limit(int(x.want), x.heap, x.rest); got != x.limit {
			t.Errorf("%d MiB wanted, %d in use and %d beside: %d, not %d", x.want, x.heap, x.rest, got, x.limit)
		}
	}
}

// Whoever runs the program has the last word.
func TestSpare(t *testing.T) {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if os.Getenv(name) != "" {
			t.Skip(name + " is set here")
		}
	}
	held := func(mib int) int64 {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer synctest.Wait()
			defer stop()
			go Spare(ctx, mib)
			time.Sleep(3 * time.Second)
			synctest.Wait()
			mib = int(debug.SetMemoryLimit(-1) >> 20)
		})
		return int64(mib)
	}
	if got := held(4096); got != 4096-beside>>20 {
		t.Errorf("4096 MiB are wanted, and the limit is %d", got)
	}
	if got := debug.SetMemoryLimit(-1); got != math.MaxInt64 {
		t.Errorf("afterwards the limit stays %d", got)
	}
	if got := held(0); got != math.MaxInt64>>20 {
		t.Errorf("nothing is wanted, and the limit is %d MiB", got)
	}
	t.Setenv("GOGC", "100")
	if got := held(4096); got != math.MaxInt64>>20 {
		t.Errorf("GOGC is set, and the limit is %d MiB", got)
	}
}

func TestMemoryFromEnvironment(t *testing.T) {
	for v, want := range map[string]int{"": 60, "200": 200, "0": 0, "-5": -1, "much": -1} {
		t.Setenv("OPENMIC_MEMORY", v)
		if v == "" {
			os.Unsetenv("OPENMIC_MEMORY")
		}
		var s Settings
		s.Flags(flag.NewFlagSet("", flag.ContinueOnError), t.TempDir())
		got := s.Memory
		if s.Check() != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %d", v, got)
		}
	}
}
