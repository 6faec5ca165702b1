// Package fairness shows everybody what became of equal priority: turns and seconds of each side, the lead over time
// within its bounds, how long people waited, how often somebody was passed, where the rule did not decide, and which
// groups were heard (seed S8, S10, S15).
//
// The figures are those of record.Count, so they are what "openmic verify" prints of the same session; this package
// only draws them. Nobody is named, and counts of people are merged as package outcome merges them. The page needs no
// pass. With one it follows the session over its own stream, which only those pay for who open the page; without one
// it is drawn when it is asked for.
//
// In a language that is written from right to left the pictures are mirrored whole: time, like text, begins at the
// right, and so do the bars.
package fairness

import (
	"embed"
	"net/http"
	"time"

	"openmic/floor"
	"openmic/internal/outcome"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/web/panels"
	"openmic/internal/words"
	"openmic/record"
)

//go:embed *.html *.css
var files embed.FS

// pace is the least time between two views. The figures move slowly, and a picture is larger than a line of text; but a cut
// must be told within two seconds here, too.
const pace = 1500 * time.Millisecond

// Screen is the page for who has a pass of any kind.
var Screen = &hall.Screen{Name: "fairness", Roles: floor.Anybody | floor.Projector, Gap: pace, Template: page.NewScreen("fairness", panels.Files, files), Look: look, Page: visit}

// view is all the template may show.
type view struct {
	page.Page
	Tabs      []panels.Tab
	Languages []Language
	About     string // the session's public page
	Line      string // the visitor's own place; empty when they have none
	Renew     string // when this was so, where nothing renews the page by itself
	Phase     string // before, open, ended

	Sides     []Side
	Waits     []Figure
	Spans     []Span // the picture of the waits
	Standing  string // which side has waited longer now
	Weighed   int    // turns whose time weighed less than it was long
	Most      Bounded
	Run       Bounded
	R, K      int
	Picture   *Picture
	Start     string // where the label of a bound begins across the picture
	End       string // where the label of what is allowed ends, at the other side: with a large lead both lines are close
	Events    []Event
	Apart     []string // when two sites did not hear each other
	Earlier   int      // events before them
	Passed    []Row
	MostOf    int // how often one ask was passed
	Overrides []Overrule
	Decided   int
	Calls     int
	Corrected int
	Heard     outcome.Heard
	Groups    []Row
	Regions   []Row
}

// A Language that the page can be read in.
type Language struct{ Tag, Name string }

// A Side with what it had; bars are in percent of the larger side.
type Side struct {
	Key, Label         string
	Turns              int
	Ms                 int64
	TurnsBar, SpokeBar int
}

// A Figure of both sides.
type Figure struct {
	Label        string
	Room, Online string
}

// A Span is how long a side waited, drawn: in percent of the longest that is drawn.
type Span struct {
	Key, Label, Told string
	Median, P90      int
}

// Bounded is a time with its bound and what the rule did not decide, ms.
type Bounded struct{ Ms, Bound, Excess int64 }

// A Row of a count of people; the bar in percent of the largest row.
type Row struct {
	Label, Count string
	Bar          int
}

// An Overrule is a decision beside the rule.
type Overrule struct{ At, Class string }

func visit(v *hall.Visit) (any, error) {
	d := figures(v.Look)
	d.Page = v.Frame()
	d.About = v.Base()
	if d.StreamURL == "" && d.Phase != "ended" {
		d.Renew = v.Clock(v.At)
	}
	for _, o := range words.Languages() {
		if o.Tag() != v.Lang.Tag() {
			d.Languages = append(d.Languages, Language{o.Tag(), o.Name()})
		}
	}
	switch {
	case v.Has(floor.Crew | floor.Speaker):
		d.Tabs = panels.TabsOf(v)
	case v.Has(floor.Hub):
		d.Line = v.Of(v.Pass.ID) + "hub"
	case v.Pass != nil && !v.Has(floor.Projector):
		d.Line = v.Of(v.Pass.ID) + "line"
	}
	return d, nil
}

func look(l *hall.Look) any { return figures(l) }

// ServePublic shows the page at /s/{session}/fairness to everybody.
func ServePublic(h *hall.Hall, w http.ResponseWriter, r *http.Request) error {
	v := h.Visit(r, nil)
	v.Screen = Screen
	return h.Show(w, r, v, http.StatusOK)
}

// until is the moment up to which the figures count, ms.
func until(l *hall.Look) int64 {
	if l.Adjourned >= 0 {
		return l.Adjourned
	}
	return l.At
}

func figures(l *hall.Look) view {
	now := until(l)
	n := record.Count(l.State, now)
	d := view{Page: l.Frame(), Phase: "before", R: l.Rule.R, K: n.PassedBound, MostOf: n.MostPassed, Calls: n.Calls, Corrected: n.Corrections,
		Most: Bounded{n.MostLead, n.LeadBound, n.Excess}, Run: Bounded{n.LongestRun, n.RunBound, n.Excess}}
	switch {
	case l.Adjourned >= 0:
		d.Phase = "ended"
	case l.Opened >= 0:
		d.Phase = "open"
	}
	d.Start, d.End = "4", "99%"
	if l.Lang.Dir() == "rtl" {
		d.Start, d.End = d.End, d.Start
	}
	d.sides(l, &n)
	d.course(l, now)
	d.passed(l)
	for _, o := range record.Overrides(l.State) {
		class := l.Lang.Say("class." + o.Class)
		if o.Dials {
			class = l.Lang.Say("outcome.dials")
		}
		d.Overrides = append(d.Overrides, Overrule{l.Clock(o.At), class})
	}
	d.Decided = len(d.Overrides)
	d.groups(l)
	return d
}

// percent is how much of the whole a part is, at least 1 when there is any of it.
func percent[N int | int64](part, whole N) int {
	if part <= 0 || whole <= 0 {
		return 0
	}
	return int(max(1, part*100/whole))
}

func (d *view) sides(l *hall.Look, n *record.Numbers) {
	say := l.Lang.Say
	turns, ms := max(n.Room.Turns, n.Online.Turns), max(n.Room.Ms, n.Online.Ms)
	longest := max(n.Room.Wait90, n.Online.Wait90)
	for i, s := range n.Sides() {
		key := floor.Side(i).String()
		label := say("side." + key)
		d.Sides = append(d.Sides, Side{key, label, s.Turns, s.Ms, percent(s.Turns, turns), percent(s.Ms, ms)})
		if s.Heard > 0 {
			d.Spans = append(d.Spans, Span{key, label, say("fairness.waits-picture", "side", label, "m", s.MedianWait, "p", s.Wait90),
				percent(s.MedianWait, longest), percent(s.Wait90, longest)})
		}
	}
	unheard := "fairness.unheard"
	if d.Phase == "ended" {
		unheard = "fairness.unreached"
	}
	count := func(key string, of func(*record.SideNumbers) int) {
		d.Waits = append(d.Waits, Figure{say(key), say("fairness.count", "n", of(&n.Room)), say("fairness.count", "n", of(&n.Online))})
	}
	count("fairness.asks", func(s *record.SideNumbers) int { return s.Asks })
	count("fairness.heard", func(s *record.SideNumbers) int { return s.Heard })
	count(unheard, func(s *record.SideNumbers) int { return s.NotReached })
	wait := func(key string, of func(*record.SideNumbers) int64) {
		told := func(s *record.SideNumbers) string {
			if s.Heard == 0 {
				return "–"
			}
			return say("fairness.clock", "d", of(s))
		}
		d.Waits = append(d.Waits, Figure{say(key), told(&n.Room), told(&n.Online)})
	}
	wait("fairness.median", func(s *record.SideNumbers) int64 { return s.MedianWait })
	wait("fairness.p90", func(s *record.SideNumbers) int64 { return s.Wait90 })
	wait("fairness.longest", func(s *record.SideNumbers) int64 { return s.Most })
}

func (d *view) passed(l *hall.Look) {
	say := l.Lang.Say
	all, most := outcome.PassedBy(l.State), 0
	for _, p := range all {
		most = max(most, p.People)
	}
	for _, p := range all {
		r := Row{say("fairness.times", "n", p.From), say("fairness.count", "n", p.People), percent(p.People, most)}
		switch {
		case p.From < p.To:
			r.Label = say("fairness.from-to", "from", p.From, "to", p.To)
		case p.To == 0:
			r.Label = say("fairness.never")
		}
		d.Passed = append(d.Passed, r)
	}
}

func (d *view) groups(l *hall.Look) {
	d.Heard = outcome.HeardBy(outcome.Source{State: l.State, Words: l.Text, Wall: l.WallOf})
	rows := func(kind string, tallies []outcome.Tally) (out []Row) {
		most := 0
		for _, t := range tallies {
			most = max(most, t.N)
		}
		for _, t := range tallies {
			r := Row{Count: l.Lang.Say("fairness.count", "n", t.N), Bar: percent(t.N, most)}
			for i, k := range t.Keys {
				if i > 0 {
					r.Label += " · "
				}
				r.Label += l.Lang.Say(kind + k)
			}
			switch {
			case d.Heard.Fives && t.N == 0:
				r.Count = l.Lang.Say("outcome.few")
			case d.Heard.Fives:
				r.Count = l.Lang.Say("fairness.at-least", "n", t.N)
			}
			out = append(out, r)
		}
		return out
	}
	d.Groups, d.Regions = rows("group.", d.Heard.Groups), rows("region.", d.Heard.Regions)
}
