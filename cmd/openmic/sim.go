package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"openmic/floor"
	"openmic/internal/sim"
)

var simCommand = command{name: "sim", use: "[-seeds N] [-case NAMES] [-rule NAMES] [-json] [-svg FILE] [-dials B=60,R=3] [-model FILE] | -seed N [-case NAME] [-rule NAME] | -cut [-seeds N] [-json] | -cut -seed N [-fault NAME]",
	about: "compares rules of the floor over seeded sessions, or tells the session of one seed as a story; -cut plays two sites", run: runSim}

func runSim(ctx context.Context, args []string) error {
	f := flags("sim")
	seeds := f.Int("seeds", 1500, "how many sessions a case and rule, from seed 1 on")
	cases := f.String("case", "", "only these `cases`, with commas between")
	rules := f.String("rule", "", "only these `rules`, with commas between")
	asJSON := f.Bool("json", false, "one JSON object a line instead of the table")
	svg := f.String("svg", "", "draw the figures into this `file`")
	seed := f.Uint64("seed", 0, "tell the session of this seed")
	story := f.Bool("story", false, "tell a session; seed 1 when -seed names none")
	dials := f.String("dials", "", "other dials of the rule: `L, Q, B` in seconds, R, K")
	model := f.String("model", "", "another arrival model in this `file`")
	cores := f.Int("cores", 0, "how many sessions at once; 0 is one a core")
	twoSites := f.Bool("cut", false, "play two sites of a session, the link between them and all that breaks")
	fault := f.String("fault", "", "with -cut -seed: plant this mistake, by its `name`")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	if *seeds < 1 || *seeds > 1_000_000 {
		return fmt.Errorf("-seeds %d: from 1 to 1000000 can be played", *seeds)
	}
	named := false
	f.Visit(func(x *flag.Flag) { named = named || x.Name == "seed" })
	if named && *seed == 0 {
		return fmt.Errorf("-seed 0: seeds begin at 1")
	}
	if *cores < 0 {
		return fmt.Errorf("-cores %d is less than none", *cores)
	}
	if *twoSites {
		if *story || *seed != 0 {
			return tellCut(os.Stdout, max(1, *seed), *fault)
		}
		return playCuts(ctx, os.Stdout, *seeds, *cores, *asJSON)
	}
	p := sim.Plan{Model: sim.TheModel(), Seen: sim.TheMeasured(), Rules: sim.Rules, Seeds: *seeds, Cores: *cores}
	var err error
	if *model != "" {
		file, err := os.Open(*model)
		if err != nil {
			return err
		}
		defer file.Close()
		if p.Model, err = sim.ReadModel(file); err != nil {
			return err
		}
	}
	if p.Dials, err = dialled(*dials); err != nil {
		return err
	}
	if p.Cases, err = chosen("case", *cases, p.Model.Names()); err != nil {
		return err
	}
	if p.Rules, err = chosen("rule", *rules, sim.Rules); err != nil {
		return err
	}
	if *story || *seed != 0 {
		name := p.Rules[0]
		if *rules == "" {
			name = "zipper"
		}
		return sim.Story(os.Stdout, p.Model, p.Seen, p.Model.Case(p.Cases[0]), name, p.Dials, max(1, *seed))
	}
	p.Progress = progress(os.Stderr, time.Now)
	rows, err := sim.Run(ctx, p)
	if err != nil {
		return err
	}
	if *svg != "" {
		if err := toFile(*svg, func(w io.Writer) error { return sim.Picture(w, rows) }); err != nil {
			return err
		}
	}
	if *asJSON {
		return sim.JSON(os.Stdout, rows)
	}
	return sim.Table(os.Stdout, rows)
}

// progress says every two seconds how far a run is; a short one says nothing.
func progress(w io.Writer, now func() time.Time) func(done, all int) {
	var mu sync.Mutex
	last := now()
	return func(done, all int) {
		if done%64 != 0 {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if at := now(); at.Sub(last) >= 2*time.Second {
			last = at
			fmt.Fprintf(w, "%d of %d sessions\n", done, all)
		}
	}
}

// chosen reads a list of names; an empty one means all.
func chosen(what, list string, all []string) ([]string, error) {
	if list == "" {
		return all, nil
	}
	var out []string
	for name := range strings.SplitSeq(list, ",") {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("there is no %s %q; there are %s", what, name, strings.Join(all, ", "))
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

// dialled is the rule with other dials, written as B=60,R=3.
func dialled(list string) (floor.Rule, error) {
	r := floor.TheRule
	if list == "" {
		return r, nil
	}
	for part := range strings.SplitSeq(list, ",") {
		name, value, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > 86_400 {
			return r, fmt.Errorf("dial %q: want a name, = and a whole number from 0 to 86400", part)
		}
		switch s := int64(n) * 1000; name {
		case "L":
			r.L = s
		case "Q":
			r.Q = s
		case "B":
			r.B = s
		case "R":
			r.R = n
		case "K":
			r.K = n
		default:
			return r, fmt.Errorf("there is no dial %q; there are L, Q, B, R, K", name)
		}
	}
	if r.L < 10_000 || r.Q > r.L || r.R < 1 || r.R > 10 || r.K > 100 {
		return r, fmt.Errorf("dials %q do not fit: L is at least 10, Q at most L, R from 1 to 10, K at most 100", list)
	}
	return r, nil
}
