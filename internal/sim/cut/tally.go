package cut

import "context"

// A Tally counts what became of many seeds, and of mistakes that were planted to see whether they would be noticed.
type Tally struct {
	Seeds      int `json:"seeds"`
	Heals      int `json:"heals"` // after which everything was compared
	Crashes    int `json:"crashes"`
	Violations int `json:"violations"` // seeds with something wrong
	Planted    int `json:"planted"`    // mistakes planted into disk, link, clocks and phones
	Caught     int `json:"caught"`
	// Wrong are the seeds with something wrong; Shown the seeds that show the planted mistakes, in the order of Faults. One
	// that no seed shows has nothing in Wrong.
	Wrong []Result `json:"-"`
	Broke Broke    `json:"-"` // what was broken in the seeds, and how often
	Shown []Result `json:"-"`
}

// Count plays so many seeds from 1 on, on so many cores (0: all), then plants each of Faults into at most 500. progress hears
// how many seeds are done, from any goroutine. It ends early with the context's error.
func Count(ctx context.Context, seeds, cores int, progress func(done, all int)) (Tally, error) {
	t := Tally{Seeds: seeds, Planted: len(Faults)}
	all, err := Run(ctx, 1, seeds, cores, progress)
	if err != nil {
		return t, err
	}
	for _, r := range all {
		t.Heals, t.Crashes = t.Heals+r.Heals, t.Crashes+r.Crashes
		t.Broke.Add(r.Broke)
		if len(r.Wrong) > 0 {
			t.Violations++
			t.Wrong = append(t.Wrong, r)
		}
	}
	for _, f := range Faults {
		r, caught := Catch(ctx, f, 500)
		if caught {
			t.Caught++
		}
		t.Shown = append(t.Shown, r)
	}
	return t, ctx.Err()
}
