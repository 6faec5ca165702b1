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
	Budget float64 `json:"budget"` // 0 when there is none; all budgets are "at most"
}

// never is the budget of what must not happen at all. In JSON it is a budget of 0 with "must":"0".
const never = -1

// Table writes figures for a human, with their ratio to the budget.
func Table(w io.Writer, list []Figure) {
	for _, f := range list {
		ratio := ""
		switch {
		case f.Budget > 0:
			ratio = fmt.Sprintf("%6.2f of the budget %g", f.Value/f.Budget, f.Budget)
		case f.Budget == never && f.Value == 0:
			ratio = "  none, as it must be"
		case f.Budget == never:
			ratio = "  THERE MUST BE NONE"
		}
		fmt.Fprintf(w, "%-52s %12.2f %-6s %s\n", f.Name, f.Value, f.Unit, ratio)
	}
}

// Lines writes figures as JSON, one a line.
func Lines(w io.Writer, list []Figure) error {
	enc := json.NewEncoder(w)
	for _, f := range list {
		row := struct {
			Figure
			Must string `json:"must,omitempty"`
		}{Figure: f}
		if f.Budget == never {
			row.Budget, row.Must = 0, "0"
		}
		if err := enc.Encode(row); err != nil {
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
