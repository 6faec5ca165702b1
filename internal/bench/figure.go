package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// A Figure is one line of bench.jsonl.
type Figure struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Budget float64 `json:"budget"` // 0 when there is none; all budgets are "at most", except those of unit "1/s"
}

// Table writes figures for a human, with their ratio to the budget.
func Table(w io.Writer, list []Figure) {
	for _, f := range list {
		ratio := ""
		if f.Budget > 0 {
			ratio = fmt.Sprintf("%6.2f of the budget %g", f.Value/f.Budget, f.Budget)
		}
		fmt.Fprintf(w, "%-44s %12.2f %-6s %s\n", f.Name, f.Value, f.Unit, ratio)
	}
}

// Lines writes figures as JSON, one a line.
func Lines(w io.Writer, list []Figure) error {
	enc := json.NewEncoder(w)
	for _, f := range list {
		if err := enc.Encode(f); err != nil {
			return err
		}
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// at is a quantile of a list, which it sorts.
func at(list []time.Duration, q float64) float64 {
	slices.Sort(list)
	return ms(list[int(q*float64(len(list)-1))])
}
