package cut

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Run plays so many seeds from one on, on so many cores (0: all), and gives what became of each, in their order. progress hears how
// many are done, from any goroutine; nil when nobody listens. It ends early with the context's error.
func Run(ctx context.Context, from uint64, seeds, cores int, progress func(done, all int)) ([]Result, error) {
	out := make([]Result, seeds)
	var next, done atomic.Int64
	var wg sync.WaitGroup
	if cores == 0 {
		cores = runtime.GOMAXPROCS(0)
	}
	for range cores {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= seeds {
					return
				}
				out[i] = Play(from+uint64(i), "", nil)
				if n := int(done.Add(1)); progress != nil {
					progress(n, seeds)
				}
			}
		})
	}
	wg.Wait()
	return out, ctx.Err()
}

// Catch plays seeds with a planted fault until one shows it, at most so many. It gives that seed's result; false when
// none did.
func Catch(ctx context.Context, fault string, most int) (Result, bool) {
	for seed := uint64(1); seed <= uint64(most) && ctx.Err() == nil; seed++ {
		if r := Play(seed, fault, nil); len(r.Wrong) > 0 {
			return r, true
		}
	}
	return Result{}, false
}
