package sim

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"openmic/floor"
)

// A Plan says what is played: the seeds from 1 to Seeds of each case under each rule.
type Plan struct {
	Model *Model
	Seen  *Measured
	Cases []string
	Rules []string
	Dials floor.Rule
	Seeds int
	Cores int // 0: all
	// Progress hears how many of all sessions are done, from any goroutine; nil when nobody listens.
	Progress func(done, all int)
}

// Run plays the plan and gives one row a case and rule, in their order. The figures do not depend on the cores. It
// ends early with the context's error.
func Run(ctx context.Context, p Plan) ([]Row, error) {
	all := len(p.Cases) * len(p.Rules) * p.Seeds
	figures := make([]Figures, all)
	var next, done atomic.Int64
	var wg sync.WaitGroup
	cores := p.Cores
	if cores == 0 {
		cores = runtime.GOMAXPROCS(0)
	}
	for range cores {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= all {
					return
				}
				which, seed := i/p.Seeds, i%p.Seeds+1
				c, name := p.Model.Case(p.Cases[which/len(p.Rules)]), p.Rules[which%len(p.Rules)]
				figures[i] = play(p.Model, p.Seen, c, name, p.Dials, uint64(seed), nil).figures()
				if n := int(done.Add(1)); p.Progress != nil {
					p.Progress(n, all)
				}
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var rows []Row
	for i := range len(p.Cases) * len(p.Rules) {
		rows = append(rows, row(p.Cases[i/len(p.Rules)], p.Rules[i%len(p.Rules)], figures[i*p.Seeds:(i+1)*p.Seeds]))
	}
	return rows, nil
}
