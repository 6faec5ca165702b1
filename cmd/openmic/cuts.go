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

// cutRow is the line of the JSON form.
type cutRow struct {
	Seeds      int `json:"seeds"`
	Heals      int `json:"heals"`
	Crashes    int `json:"crashes"`
	Violations int `json:"violations"` // seeds with something wrong
	Planted    int `json:"planted"`    // mistakes planted into disk, link, clocks and phones
	Caught     int `json:"caught"`
}

// playCuts plays so many seeds, then shows with planted mistakes that something wrong would have been noticed.
func playCuts(ctx context.Context, out io.Writer, seeds, cores int, asJSON bool) error {
	all, err := cut.Run(ctx, 1, seeds, cores, progress(os.Stderr, time.Now))
	if err != nil {
		return err
	}
	row := cutRow{Seeds: seeds, Planted: len(cut.Faults)}
	var lines []string
	for _, r := range all {
		row.Heals, row.Crashes = row.Heals+r.Heals, row.Crashes+r.Crashes
		if len(r.Wrong) > 0 {
			row.Violations++
			lines = append(lines, fmt.Sprintf("Seed %d: %s", r.Seed, r.Wrong[0]))
		}
	}
	for _, f := range cut.Faults {
		if r, caught := cut.Catch(ctx, f, 500); caught {
			row.Caught++
			lines = append(lines, fmt.Sprintf("Planted: %s. Seed %d shows it: %.160s", f, r.Seed, r.Wrong[0]))
		} else {
			lines = append(lines, fmt.Sprintf("Planted: %s. No seed shows it.", f))
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if asJSON {
		err = json.NewEncoder(out).Encode(row)
	} else {
		_, err = fmt.Fprintf(out, "%s\n\n%d seeds, %d heals after which everything was compared, %d crashes; seeds with something wrong: %d; planted mistakes caught: %d of %d.\n",
			strings.Join(lines, "\n"), row.Seeds, row.Heals, row.Crashes, row.Violations, row.Caught, row.Planted)
	}
	if err == nil && (row.Violations > 0 || row.Caught < row.Planted) {
		err = errWrong
	}
	return err
}
