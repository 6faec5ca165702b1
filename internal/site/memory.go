package site

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// beside is what is resident of this program and the runtime does not count: most of its own file, 20 MiB, and what SQLite
// keeps.
const beside = 24 << 20 // bytes

// Spare lets the process stay below so many MiB while it can, until ctx ends: the nearer it comes, the more often the runtime
// collects what nobody uses any more. It returns at once when mib is 0, or when GOGC or GOMEMLIMIT in the environment say
// otherwise.
func Spare(ctx context.Context, mib int) {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if os.Getenv(name) != "" {
			return
		}
	}
	if mib == 0 {
		return
	}
	use := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}, {Name: "/memory/classes/metadata/other:bytes"}}
	look := time.NewTicker(time.Second)
	defer look.Stop()
	defer debug.SetMemoryLimit(math.MaxInt64)
	for {
		metrics.Read(use)
		debug.SetMemoryLimit(limit(mib, int64(use[0].Value.Uint64()), int64(use[1].Value.Uint64()+use[2].Value.Uint64())))
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}

// limit is the runtime's, bytes, by what is in use on the heap and beside it. Where that is too much for the MiB wanted it
// gives way: two fifths more than is in use keep the price of collecting bounded, and a limit that cannot be kept would
// take up to half of the processor.
func limit(mib int, heap, rest int64) int64 {
	return max(int64(mib)<<20-beside, heap*7/5+rest)
}
