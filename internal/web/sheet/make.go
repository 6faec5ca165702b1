package sheet

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
)

// Empty is a plan of 90 minutes, 40 of them secured for discussion (seed S2).
func Empty() url.Values {
	v := url.Values{"microphones": {"2"}, "crewlink": {"yes"}, "walllink": {"yes"}}
	for i, s := range []floor.SegmentPlan{{Kind: "welcome", Minutes: 5}, {Kind: "panel", Minutes: 35}, {Kind: "discussion", Minutes: 40, Protected: true},
		{Kind: "closing", Minutes: 10}} {
		segment(v, i, s)
	}
	return v
}

// FromSession fills the form with a session's plan as it stands. Its people have passes already and are not in it.
func FromSession(l *hall.Look, local *time.Location) url.Values {
	v := url.Values{"title": {l.Text(l.Title)}}
	for _, f := range facts {
		if t := l.Fact(f.key); t != "" {
			v.Set(f.key, t)
		}
	}
	if l.Start > 0 {
		at := time.UnixMilli(l.Start).In(local)
		v.Set("date", at.Format("2006-01-02"))
		v.Set("time", at.Format("15:04"))
	}
	for name, list := range map[string][]floor.Text{"question": l.Questions, "material": l.Materials} {
		for i, t := range list {
			v.Set(fmt.Sprintf("%s.%d", name, i), l.Text(t))
		}
	}
	for i, g := range l.Segments {
		segment(v, i, floor.SegmentPlan{Kind: g.Kind, Title: l.Text(g.Title), Minutes: g.Budget / 60_000, Protected: g.Protected})
	}
	return v
}

func segment(v url.Values, i int, s floor.SegmentPlan) {
	at := fmt.Sprintf("segment.%d.", i)
	v.Set(at+"kind", s.Kind)
	v.Set(at+"title", s.Title)
	v.Set(at+"minutes", strconv.FormatInt(s.Minutes, 10))
	if s.Protected {
		v.Set(at+"protected", "yes")
	}
}

// Keep adds to a plan the facts of a session that the form does not ask for.
func Keep(p *floor.Plan, l *hall.Look) {
	asked := map[string]bool{}
	for _, f := range facts {
		asked[f.key] = true
	}
	for _, t := range l.Facts {
		if _, key, ok := strings.Cut(string(t), "/fact."); ok && !asked[key] {
			p.Facts[key] = l.Text(t)
		}
	}
}
