package sim

import (
	"math"

	"openmic/floor"
)

// Figures are what is measured in one session.
type Figures [measures]float64

// What is measured.
const (
	waitOnline  = iota // mean wait of the asks online, s
	waitRoom           // mean wait of the asks in the room, s
	heardRoom          // share of those who asked in the room, and did not give up, who had a turn
	heardOnline        // the same online
	shareOnline        // of the time spoken
	jain               // Jain's index of the time spoken, over those who asked and did not give up
	largest            // largest |lead|, s, as the floor counts it
	longest            // most turns of one side in a row while the other waited
	measures
)

// figures measures a session that is over. An ask that was not served has waited until the end, one that was given up
// until then. After a cut only those count who waited when the link came back, or asked later.
func (w *session) figures() Figures {
	var f Figures
	var wait [2]float64
	var n [2]float64
	from := int64(0)
	if w.c.Cut != nil {
		from = ms(w.c.Cut[1])
	}
	for _, a := range w.asks {
		until := w.end
		switch {
		case a.began >= 0:
			until = a.began
		case a.gone >= 0:
			until = a.gone
		}
		if until < from {
			continue
		}
		wait[a.p.side] += float64(until-a.at) / 1000
		n[a.p.side]++
	}
	f[waitOnline] = wait[floor.Online] / max(1, n[floor.Online])
	f[waitRoom] = wait[floor.Room] / max(1, n[floor.Room])
	var askers, heard [2]float64
	var sum, squares, all float64
	for _, p := range w.people {
		if p.asked == 0 || p.turns == 0 && p.quit == p.asked {
			continue
		}
		askers[p.side]++
		if p.turns > 0 {
			heard[p.side]++
		}
		x := float64(p.heard) / 1000
		sum, squares, all = sum+x, squares+x*x, all+1
	}
	f[heardRoom], f[heardOnline] = part(heard[floor.Room], askers[floor.Room]), part(heard[floor.Online], askers[floor.Online])
	f[shareOnline] = part(float64(w.spoken[floor.Online]), float64(w.spoken[0]+w.spoken[1]))
	f[jain] = part(sum*sum, all*squares)
	f[largest] = float64(w.s.Balance(w.now).Most) / 1000
	f[longest] = float64(w.most)
	return f
}

// part is a share; of nothing all.
func part(a, b float64) float64 {
	if b == 0 {
		return 1
	}
	return a / b
}

// An Interval is a figure with its 95 % interval.
type Interval struct {
	Mean float64
	Low  float64
	High float64
}

// A Row is one case under one rule.
type Row struct {
	Case, Rule  string
	Seeds       int
	WaitRatio   Interval // mean wait online by mean wait in the room
	HeardRoom   Interval
	HeardOnline Interval
	ShareOnline Interval
	Jain        Interval
	Lead        Interval // of the sessions' largest |lead|, s
	Run         Interval // of the sessions' longest run, turns
	MaxLead     float64  // of all sessions, s
	LongestRun  int      // of all sessions, turns
}

// row adds up the sessions of one case under one rule.
func row(c, name string, all []Figures) Row {
	r := Row{Case: c, Rule: name, Seeds: len(all)}
	r.WaitRatio = byRatio(all, waitOnline, waitRoom)
	for _, x := range []struct {
		to   *Interval
		what int
	}{{&r.HeardRoom, heardRoom}, {&r.HeardOnline, heardOnline}, {&r.ShareOnline, shareOnline}, {&r.Jain, jain}, {&r.Lead, largest}, {&r.Run, longest}} {
		*x.to = mean(all, x.what)
	}
	for _, f := range all {
		r.MaxLead, r.LongestRun = max(r.MaxLead, f[largest]), max(r.LongestRun, int(f[longest]))
	}
	return r
}

// z is the two-sided 95 % point of the normal distribution.
const z = 1.96

func mean(all []Figures, what int) Interval {
	n := float64(len(all))
	var sum, squares float64
	for _, f := range all {
		sum += f[what]
	}
	m := sum / n
	for _, f := range all {
		squares += (f[what] - m) * (f[what] - m)
	}
	half := 0.0
	if n > 1 {
		half = z * math.Sqrt(squares/(n-1)/n)
	}
	return Interval{m, m - half, m + half}
}

// byRatio is the ratio of two means, its interval by the linear approximation of a ratio estimator. Where nobody
// waited below, it is 1.
func byRatio(all []Figures, a, b int) Interval {
	n := float64(len(all))
	above, below := mean(all, a).Mean, mean(all, b).Mean
	if below == 0 {
		return Interval{1, 1, 1}
	}
	r := above / below
	var squares float64
	for _, f := range all {
		d := f[a] - r*f[b]
		squares += d * d
	}
	half := 0.0
	if n > 1 {
		half = z * math.Sqrt(squares/(n-1)/n) / below
	}
	return Interval{r, r - half, r + half}
}
