package fairness

import (
	"strconv"
	"strings"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/record"
)

// The drawing is tall by so many units, which are CSS pixels, and wide by thousand, which stretch to the page.
const (
	tall   = 240
	wide   = 1000
	minute = 60_000 // ms
)

// A Picture is the lead over time. What stretches is given in units of wide, labels in percent of it, and heights in
// pixels, so that letters keep their size on a phone.
type Picture struct {
	Wide, Tall       int
	Mid              int // height of no lead
	Bands            []Level
	Band, BandTall   int // the shaded band
	Line             string
	Now              string // the turn that runs
	Above, Below     string // areas between the line and no lead
	Ticks            []Tick
	Marks            []Mark
	Breaks           []Break
	Cuts             []Break // when two sites did not hear each other
	From, To         string
	Outside          bool // the bound is too far away to be drawn
	Overruled, Broke bool // there are such marks
}

// A Level is a line across, with its label.
type Level struct {
	Y, Text int
	Bound   bool // the proved bound; else the allowed lead
	Label   string
}

// A Tick is a time of day.
type Tick struct {
	X     string
	Label string
}

// A Mark is a moment at which the rule did not decide.
type Mark struct {
	X string
	Y int
}

// A Break is when the program was down.
type Break struct{ X, Wide string }

// point is a lead at a moment, ms.
type point struct{ at, lead int64 }

// walk is the lead as points to join: it moves while a turn runs, and where old debt is forgotten it jumps.
func walk(l *hall.Look, leads []floor.LeadAt) []point {
	var out []point
	last := point{}
	for _, x := range leads {
		if t := l.Turn(x.Turn); t != nil {
			if from := max(t.Start, last.at); from < x.At && (len(out) == 0 || from > last.at) {
				out = append(out, point{from, last.lead})
			}
		} else if x.Lead != last.lead {
			out = append(out, point{x.At, last.lead})
		}
		last = point{max(x.At, last.at), x.Lead}
		if len(out) == 0 || out[len(out)-1] != last {
			out = append(out, last)
		}
	}
	return out
}

// most is how many points are drawn. A line of more keeps, of each stretch, the lowest and the highest.
const most = 600

func thin(in []point) []point {
	if len(in) <= most {
		return in
	}
	var out []point
	step := (len(in) + most/2 - 1) / (most / 2)
	for i := 0; i < len(in); i += step {
		part := in[i:min(len(in), i+step)]
		low, high := 0, 0
		for j := range part {
			if part[j].lead < part[low].lead {
				low = j
			}
			if part[j].lead > part[high].lead {
				high = j
			}
		}
		out = append(out, part[min(low, high)])
		if low != high {
			out = append(out, part[max(low, high)])
		}
	}
	return append(out, in[len(in)-1])
}

// scale places moments and leads.
type scale struct {
	from, to int64 // ms
	top      int64 // the lead at the upper edge, ms
	mirrored bool
}

// x is how far a moment lies from the left, in millionths.
func (s scale) x(at int64) int64 {
	p := (min(max(at, s.from), s.to) - s.from) * 1_000_000 / (s.to - s.from)
	if s.mirrored {
		p = 1_000_000 - p
	}
	return p
}

func (s scale) percent(at int64) string {
	return strconv.FormatFloat(float64(s.x(at)/100)/100, 'f', -1, 64) + "%"
}

// y is how far a lead lies from the upper edge, in tenths of a unit.
func (s scale) y(lead int64) int64 {
	return (s.top - min(max(lead, -s.top), s.top)) * tall * 5 / s.top
}

func (s scale) path(points []point) string {
	var b strings.Builder
	for i, p := range points {
		b.WriteByte("ML"[min(i, 1)])
		b.WriteString(strconv.FormatInt(s.x(p.at)*wide/1_000_000, 10))
		b.WriteByte(' ')
		b.WriteString(tenths(s.y(p.lead)))
	}
	return b.String()
}

func tenths(n int64) string { return strconv.FormatFloat(float64(n)/10, 'f', -1, 64) }

// area is what lies between the line and no lead on one side of it.
func (s scale) area(points []point, sign int64) string {
	var out []point
	some := false
	for i, p := range points {
		if i > 0 {
			if q := points[i-1]; q.lead*p.lead < 0 { // where the line crosses
				out = append(out, point{q.at + (p.at-q.at)*q.lead/(q.lead-p.lead), 0})
			}
		}
		if p.lead*sign < 0 {
			p.lead = 0
		}
		some = some || p.lead != 0
		out = append(out, p)
	}
	if !some {
		return ""
	}
	out = append(out, point{out[len(out)-1].at, 0})
	return s.path(append([]point{{out[0].at, 0}}, out...)) + "Z"
}

// draw makes the picture; nil while no turn counts.
func draw(l *hall.Look, leads []floor.LeadAt, standing, now int64) *Picture {
	running := l.Current()
	if running != nil && !running.Charged() {
		running = nil
	}
	points := walk(l, leads)
	if running != nil && len(points) == 0 {
		points = append(points, point{running.Start, 0})
	}
	if len(points) == 0 {
		return nil
	}
	s := scale{mirrored: l.Lang.Dir() == "rtl"}
	s.from, s.to = edges(l, points[0].at, now)
	bound, largest := l.Rule.B+l.Rule.L, max(standing, -standing)
	for _, p := range points {
		largest = max(largest, p.lead, -p.lead)
	}
	pic := &Picture{Wide: wide, Tall: tall, Mid: tall / 2, From: l.Clock(points[0].at), To: l.Clock(now)}
	s.top = max(largest, bound)
	if bound > 4*max(largest, 5*minute) {
		s.top, pic.Outside = max(largest, 5*minute), true
	}
	s.top += s.top / 8
	for _, level := range []struct {
		ms    int64
		key   string
		bound bool
	}{{l.Rule.B, "fairness.band", false}, {bound, "fairness.bound", true}} {
		if level.ms > s.top || level.ms == 0 {
			continue
		}
		label := l.Lang.Say(level.key, "d", level.ms)
		up, down := int(s.y(level.ms)/10), int(s.y(-level.ms)/10)
		above, below := up-5, down+14
		if level.bound { // its label stays within the picture
			above, below = up+14, down-5
		}
		pic.Bands = append(pic.Bands, Level{up, above, level.bound, label}, Level{down, below, level.bound, label})
	}
	if b := min(l.Rule.B, s.top); b > 0 {
		pic.Band = int(s.y(b) / 10)
		pic.BandTall = int(s.y(-b)/10) - pic.Band
	}
	points = append([]point{{s.from, 0}}, points...)
	last := points[len(points)-1]
	end := point{now, last.lead}
	if running != nil {
		begin := point{max(running.Start, last.at), last.lead}
		pic.Now = s.path([]point{begin, {now, standing}})
		end = begin
	}
	points = thin(append(points, end))
	pic.Line, pic.Above, pic.Below = s.path(points), s.area(points, 1), s.area(points, -1)
	pic.marks(l, s, points)
	pic.ticks(l, s)
	return pic
}

// edges are where the picture begins and ends: full five minutes by the clock, and full quarters of an hour while the
// session runs, so that what is drawn already stays where it is.
func edges(l *hall.Look, first, now int64) (from, to int64) {
	wall := l.Moment(first)
	from = first - (wall.UnixMilli() % (5 * minute))
	step := int64(15 * minute)
	if l.Adjourned >= 0 {
		step = minute
	}
	return from, from + max(1, (now-from+step-1)/step)*step
}

// steps between two times on the axis.
var axis = []int64{1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480, 1440}

func (p *Picture) ticks(l *hall.Look, s scale) {
	step := axis[len(axis)-1] * minute
	for _, m := range axis {
		if (s.to-s.from)/(m*minute) <= 5 {
			step = m * minute
			break
		}
	}
	for step*5 < s.to-s.from {
		step *= 2
	}
	wall := l.Moment(s.from)
	_, offset := wall.Zone()
	at := s.from + (step-(wall.UnixMilli()+int64(offset)*1000)%step)%step
	edge := (s.to - s.from) / 20 // a label needs room to both sides
	for ; at <= s.to-edge; at += step {
		if at >= s.from+edge {
			p.Ticks = append(p.Ticks, Tick{s.percent(at), l.Clock(at)})
		}
	}
}

// marks shows where the rule did not decide, on the line, and where the program was down or two sites were apart.
func (p *Picture) marks(l *hall.Look, s scale, points []point) {
	for _, o := range record.Overrides(l.State) {
		if o.At < s.from || len(p.Marks) == most {
			continue
		}
		p.Marks = append(p.Marks, Mark{s.percent(o.At), int(s.y(at(points, o.At)) / 10)})
	}
	for _, r := range l.Resumes {
		if r.Mark+r.Down <= s.from || len(p.Breaks) == most {
			continue
		}
		a, b := s.x(r.Mark), s.x(r.Mark+r.Down)
		p.Breaks = append(p.Breaks, Break{tenths(min(a, b) * wide / 100_000), tenths(max(20, (max(a, b)-min(a, b))*wide/100_000))})
	}
	for _, c := range l.Apart() {
		if c.To < 0 {
			c.To = until(l)
		}
		if c.To <= s.from || len(p.Cuts) == most {
			continue
		}
		a, b := s.x(c.From), s.x(c.To)
		p.Cuts = append(p.Cuts, Break{tenths(min(a, b) * wide / 100_000), tenths(max(20, (max(a, b)-min(a, b))*wide/100_000))})
	}
	p.Overruled, p.Broke = len(p.Marks) > 0, len(p.Breaks) > 0
}

// at is the lead at a moment, on the drawn line.
func at(points []point, t int64) int64 {
	for i := 1; i < len(points); i++ {
		if a, b := points[i-1], points[i]; t <= b.at {
			if b.at == a.at || t <= a.at {
				return a.lead
			}
			return a.lead + (b.lead-a.lead)*(t-a.at)/(b.at-a.at)
		}
	}
	return points[len(points)-1].lead
}
