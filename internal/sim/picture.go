package sim

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// panel is one column of the picture.
type panel struct {
	title    string
	of       func(*Row) Interval
	at       func(v float64) float64 // 0 is left, 1 right
	marks    []float64
	fair     float64 // where a thick line stands
	left     int
	wide     int
	asNumber func(v float64) string
}

var panels = []panel{
	{"Wait online / room; 1 is equal", waitRatio, func(v float64) float64 { return (math.Log2(min(max(v, 0.25), 8)) + 2) / 5 },
		[]float64{0.25, 0.5, 1, 2, 4, 8}, 1, 130, 330, func(v float64) string { return fmt.Sprint(v) }},
	{"Heard of the side heard less", func(r *Row) Interval {
		if r.HeardOnline.Mean < r.HeardRoom.Mean {
			return r.HeardOnline
		}
		return r.HeardRoom
	}, func(v float64) float64 { return v }, []float64{0, 0.5, 1}, 1, 500, 190, percent},
	{"Jain index over askers", func(r *Row) Interval { return r.Jain }, func(v float64) float64 { return v }, []float64{0, 0.5, 1}, 1, 730, 190,
		func(v float64) string { return fmt.Sprint(v) }},
}

// marks tell the rules apart by form as well as by colour.
var marks = map[string]struct{ colour, form string }{
	"fcfs":      {"#b3261e", `<circle cx="%g" cy="%g" r="4.5" fill="%s"/>`},
	"alternate": {"#8a6d00", `<path d="M%g %gm-4.5 -4.5h9v9h-9z" fill="%s"/>`},
	"sfq":       {"#1f5fa8", `<path d="M%g %gm0 -6l6 6l-6 6l-6 -6z" fill="%s"/>`},
	"zipper":    {"#1b6e3c", `<path d="M%g %gm0 -6l6 11h-12z" fill="%s"/>`},
}

// Picture draws the rows as SVG: a mark for each figure, a line for its 95 % interval.
func Picture(out io.Writer, rows []Row) error {
	var cases []string
	for _, r := range rows {
		if !slices.Contains(cases, r.Case) {
			cases = append(cases, r.Case)
		}
	}
	const top, each = 70, 64
	height := top + each*len(cases) + 40
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 940 %d" width="940" height="%d" font-family="sans-serif" font-size="13" role="img" aria-labelledby="t d">`+"\n", height, height)
	seeds := 0
	if len(rows) > 0 {
		seeds = rows[0].Seeds
	}
	fmt.Fprintf(&b, "<title id=\"t\">Four rules in %d cases</title><desc id=\"d\">Means of %d seeded sessions with their 95 %% intervals.</desc>\n", len(cases), seeds)
	fmt.Fprintf(&b, "<rect width=\"940\" height=\"%d\" fill=\"#fff\"/>\n", height)
	x := 130.0
	for _, name := range Rules {
		m := marks[name]
		fmt.Fprintf(&b, m.form, x, 16.0, m.colour)
		fmt.Fprintf(&b, "<text x=\"%g\" y=\"21\">%s</text>\n", x+12, name)
		x += 110
	}
	for _, p := range panels {
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"46\" font-weight=\"bold\">%s</text>\n", p.left, p.title)
		for _, v := range p.marks {
			at, ink := float64(p.left)+p.at(v)*float64(p.wide), `stroke="#ccc"`
			if v == p.fair {
				ink = `stroke="#555" stroke-width="2"`
			}
			fmt.Fprintf(&b, "<path d=\"M%.1f %dV%d\" %s/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#444\">%s</text>\n",
				at, top-14, height-36, ink, at, height-18, p.asNumber(v))
		}
	}
	for i, name := range cases {
		y := float64(top + each*i)
		fmt.Fprintf(&b, "<path d=\"M10 %gH930\" stroke=\"#ddd\"/><text x=\"12\" y=\"%g\">%s</text>\n", y-10, y+26, escape(name))
		for _, r := range rows {
			k := slices.Index(Rules, r.Rule)
			if r.Case != name || k < 0 {
				continue
			}
			m, at := marks[r.Rule], y+float64(k)*13+2
			for _, p := range panels {
				v := p.of(&r)
				pos := func(v float64) float64 { return math.Round(10*(float64(p.left)+p.at(v)*float64(p.wide))) / 10 }
				fmt.Fprintf(&b, "<path d=\"M%g %gH%g\" stroke=\"%s\" stroke-width=\"2\"/>", pos(v.Low), at, pos(v.High), m.colour)
				fmt.Fprintf(&b, m.form, pos(v.Mean), at, m.colour)
			}
			b.WriteByte('\n')
		}
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(out, b.String())
	return err
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
