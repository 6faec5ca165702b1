package sim

// A Target is one reference figure of a prototype: equal numbers, 70 % online, a flood, dominators and a cut, under
// first come, alternation and the zipper. The zipper has to reach its own; the others say how alike the arrivals are.
type Target struct {
	Case, What string
	Rule       string
	Figure     float64
	of         func(*Row) Interval
	better     func(v, figure float64) bool
}

// nearer: a ratio of waits that is as near to 1 as the figure, or nearer.
func nearer(v, figure float64) bool { return max(v, 1/v) <= max(figure, 1/figure) }

func more(v, figure float64) bool { return v >= figure }

// Targets lists the reference figures.
var Targets = func() (all []Target) {
	for _, t := range []struct {
		name, what string
		figures    [3]float64
		of         func(*Row) Interval
		better     func(v, figure float64) bool
	}{
		{"rush", "wait online / room", [3]float64{1.70, 1.06, 1.05}, waitRatio, nearer},
		{"online70", "wait online / room", [3]float64{1.22, 2.55, 1.38}, waitRatio, nearer},
		{"flood", "share of the room heard", [3]float64{0.09, 1.00, 0.94}, func(r *Row) Interval { return r.HeardRoom }, more},
		{"dominators", "Jain index over askers", [3]float64{0.49, 0.59, 0.67}, func(r *Row) Interval { return r.Jain }, more},
		{"cut10", "wait online / room, after the heal", [3]float64{1.80, 3.39, 2.04}, waitRatio, nearer},
	} {
		for i, name := range []string{"fcfs", "alternate", "zipper"} {
			all = append(all, Target{t.name, t.what, name, t.figures[i], t.of, t.better})
		}
	}
	return all
}()

func waitRatio(r *Row) Interval { return r.WaitRatio }

// Verdict compares a row with the target: "within" the 95 % interval, "beyond" it on the good side, or "missed".
func (t *Target) Verdict(r *Row) string {
	v := t.of(r)
	switch {
	case v.Low <= t.Figure && t.Figure <= v.High:
		return "within"
	case t.better(v.Mean, t.Figure):
		return "beyond"
	}
	return "missed"
}
