package sim

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// Table prints the rows as text: the reference figures first, then every case under every rule.
func Table(out io.Writer, rows []Row) error {
	var b strings.Builder
	reference(&b, rows)
	t := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprint(t, "case\trule\twait online/room\theard room\theard online\ttime online\tJain index\tlargest lead, s\tmax\tlongest run\tmax\t\n")
	last := ""
	for _, r := range rows {
		name := r.Case
		if name == last {
			name = ""
		}
		last = r.Case
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.0f\t%s\t%d\t\n", name, r.Rule, r.WaitRatio.text(1, 2), r.HeardRoom.text(100, 1), r.HeardOnline.text(100, 1),
			r.ShareOnline.text(100, 1), r.Jain.text(1, 3), r.Lead.text(1, 0), r.MaxLead, r.Run.text(1, 1), r.LongestRun)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(rows) > 0 {
		fmt.Fprintf(&b, "\n%d sessions a line; ± is half of the 95 %% interval of the mean, max the largest of all sessions. Shares in %%.\n", rows[0].Seeds)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// reference prints the reference figures beside what was found.
func reference(b *strings.Builder, rows []Row) {
	t := tabwriter.NewWriter(b, 0, 8, 2, ' ', 0)
	fmt.Fprint(t, "case\tfigure\tfirst come\talternate\tzipper\t\n")
	found := false
	for i := 0; i < len(Targets); i += 3 {
		var line strings.Builder
		line.WriteString(Targets[i].Case + "\t" + Targets[i].What + "\t")
		here := 0
		for _, g := range Targets[i : i+3] {
			k := slices.IndexFunc(rows, func(r Row) bool { return r.Case == g.Case && r.Rule == g.Rule })
			if k < 0 {
				line.WriteString("\t")
				continue
			}
			here++
			line.WriteString(fmt.Sprintf("%s (%.2f", g.of(&rows[k]).text(1, 2), g.Figure))
			if g.Rule == "zipper" {
				line.WriteString(", " + g.Verdict(&rows[k]))
			}
			line.WriteString(")\t")
		}
		if here > 0 {
			found = true
			fmt.Fprintln(t, line.String())
		}
	}
	if t.Flush(); found { // into memory: it cannot fail
		b.WriteString("In brackets the reference figure; the zipper's has to be within the interval or beyond it.\n\n")
	} else {
		b.Reset()
	}
}

func (v Interval) text(by float64, digits int) string {
	return fmt.Sprintf("%.*f ± %.*f", digits, v.Mean*by, digits, (v.High-v.Low)/2*by)
}

// jsonRow is one line of the JSON form. Shares are between 0 and 1.
type jsonRow struct {
	Case        string                `json:"case"`
	Rule        string                `json:"rule"`
	WaitRatio   float64               `json:"wait_ratio"`
	HeardRoom   float64               `json:"heard_room"`
	HeardOnline float64               `json:"heard_online"`
	ShareOnline float64               `json:"share_online"`
	Jain        float64               `json:"jain"`
	MaxLead     float64               `json:"max_lead_s"`
	LongestRun  int                   `json:"longest_run"` // turns
	Seeds       int                   `json:"seeds"`
	CI          map[string][2]float64 `json:"ci95"`
}

// JSON prints one object a line for each case and rule.
func JSON(out io.Writer, rows []Row) error {
	e := json.NewEncoder(out)
	for _, r := range rows {
		ci := map[string][2]float64{}
		for name, v := range map[string]Interval{"wait_ratio": r.WaitRatio, "heard_room": r.HeardRoom, "heard_online": r.HeardOnline,
			"share_online": r.ShareOnline, "jain": r.Jain, "mean_lead_s": r.Lead, "mean_run": r.Run} {
			ci[name] = [2]float64{short(v.Low), short(v.High)}
		}
		if err := e.Encode(jsonRow{r.Case, r.Rule, short(r.WaitRatio.Mean), short(r.HeardRoom.Mean), short(r.HeardOnline.Mean), short(r.ShareOnline.Mean),
			short(r.Jain.Mean), short(r.MaxLead), r.LongestRun, r.Seeds, ci}); err != nil {
			return err
		}
	}
	return nil
}

func short(v float64) float64 { return math.Round(v*1e4) / 1e4 }
