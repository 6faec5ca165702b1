package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"openmic/internal/sim/cut"
)

// errWrong: some seed showed what must not be.
var errWrong = errors.New("something was not as it must be")

// tellCut tells the two sites of one seed.
func tellCut(out io.Writer, seed uint64, fault string) error {
	if fault != "" && !slices.Contains(cut.Faults, fault) {
		return fmt.Errorf("there is no fault %q; there are: %s", fault, strings.Join(cut.Faults, ", "))
	}
	r, err := cut.Story(out, seed, fault)
	if err == nil && len(r.Wrong) > 0 {
		err = errWrong
	}
	return err
}

// playCuts plays so many seeds, then shows with planted mistakes that something wrong would have been noticed.
func playCuts(ctx context.Context, out io.Writer, seeds, cores int, asJSON bool) error {
	t, err := cut.Count(ctx, seeds, cores, progress(os.Stderr, time.Now))
	if err != nil {
		return err
	}
	if asJSON {
		err = json.NewEncoder(out).Encode(t)
	} else {
		var lines []string
		for _, r := range t.Wrong {
			lines = append(lines, fmt.Sprintf("Seed %d: %s", r.Seed, r.Wrong[0]))
		}
		for i, f := range cut.Faults {
			if r := t.Shown[i]; len(r.Wrong) > 0 {
				lines = append(lines, fmt.Sprintf("Planted: %s. Seed %d shows it: %.160s", f, r.Seed, r.Wrong[0]))
			} else {
				lines = append(lines, fmt.Sprintf("Planted: %s. No seed shows it.", f))
			}
		}
		_, err = fmt.Fprintf(out, "%s\n\nBroken on the way: %s.\n%d seeds, %d heals after which everything was compared, %d crashes; seeds with something wrong: %d; planted mistakes caught: %d of %d.\n",
			strings.Join(lines, "\n"), t.Broke, t.Seeds, t.Heals, t.Crashes, t.Violations, t.Caught, t.Planted)
	}
	if err == nil && (t.Violations > 0 || t.Caught < t.Planted) {
		err = errWrong
	}
	return err
}
