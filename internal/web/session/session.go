// Package session is the public page of a session, before, while and after it is held (seed S23): when it is, its
// policy questions and panel, what to read beforehand, how the line works, and the way in. Nothing on it needs a pass,
// and it names nobody who did not agree to be shown.
package session

import (
	"embed"
	"net/http"
	"slices"
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

//go:embed *.html *.css *.js
var files embed.FS

var template = page.NewScreen("session", files)

// view is all the template may show.
type view struct {
	page.Page
	Languages         []Language
	Stands            string // of a session on two sites: when this was so
	Phase             string // before, open, ended
	Starts, Ends      time.Time
	When, Until       string
	Theme             string
	About, Primer     []string // paragraphs
	Questions         []string
	Panel             []string
	Segments          []Segment
	Materials         []Material
	Terms             []Term
	GoesTo            string
	Back              string // the page of who has joined before
	Online, File, Out string // addresses
}

// A Language that the page can be read in.
type Language struct{ Tag, Name string }

// A Segment is a part of the session with its minutes.
type Segment struct {
	Name      string
	Minutes   int64 // ms
	Protected bool
}

// A Material is something to take home.
type Material struct {
	Title, Link string
	More        []string
}

// A Term is explained in plain words.
type Term struct{ Name, Text string }

// Serve shows the page.
func Serve(h *hall.Hall) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		v := h.Visit(r, nil)
		v.Screen = &hall.Screen{Name: "session", Template: template, Page: func(v *hall.Visit) (any, error) { return show(v), nil }}
		return h.Show(w, r, v, http.StatusOK)
	}
}

func show(v *hall.Visit) view {
	l := v.Lang
	d := view{Page: v.Frame(), Phase: "before", Theme: v.Fact("theme"), About: paragraphs(v.Fact("description")), Primer: paragraphs(v.Fact("primer")),
		GoesTo: v.Fact("goesto"), Back: v.Remembered(v.R), Online: v.Base() + "online", File: v.Base() + "calendar.ics", Out: v.Base() + "report"}
	if d.Session == "" {
		d.Session = l.Say("session.title")
	}
	d.Title = d.Session
	d.Session = ""
	if v.R.URL.Query().Has("erased") {
		d.Said = l.Say("session.erased")
	}
	switch {
	case v.Adjourned >= 0:
		d.Phase = "ended"
	case v.Opened >= 0:
		d.Phase = "open"
	}
	d.Stands = v.Stands()
	if v.Start > 0 {
		d.Starts = time.UnixMilli(v.Start).In(v.Now.Location())
		d.When = d.Starts.Format("2006-01-02 15:04 MST")
		if v.End > v.Start {
			d.Ends = time.UnixMilli(v.End).In(v.Now.Location())
			d.When = d.Starts.Format("2006-01-02 15:04") + "–" + d.Ends.Format("15:04 MST")
		}
	}
	for _, o := range words.Languages() {
		if o.Tag() != l.Tag() {
			d.Languages = append(d.Languages, Language{o.Tag(), o.Name()})
		}
	}
	for _, q := range v.Questions {
		d.Questions = append(d.Questions, v.Text(q))
	}
	for i := range v.People {
		if p := &v.People[i]; p.Roles.Has(floor.Speaker) && p.Consent.Screen.Has(floor.Name) && !p.Closed {
			d.Panel = append(d.Panel, v.OnWall(p.ID))
		}
	}
	for _, g := range v.Segments {
		name := v.Text(g.Title)
		if name == "" {
			name = l.Say("segment." + g.Kind)
		}
		d.Segments = append(d.Segments, Segment{name, g.Budget, g.Protected})
	}
	for _, m := range v.Materials {
		d.Materials = append(d.Materials, material(v.Text(m)))
	}
	for _, key := range words.Keys() {
		if term, ok := strings.CutSuffix(key, ".name"); ok && strings.HasPrefix(key, "glossary.") {
			d.Terms = append(d.Terms, Term{l.Say(term + ".name"), l.Say(term + ".text")})
		}
	}
	slices.SortFunc(d.Terms, func(a, b Term) int { return strings.Compare(a.Name, b.Name) })
	return d
}

// paragraphs parts a text at its empty lines.
func paragraphs(text string) []string {
	var out []string
	for p := range strings.SplitSeq(strings.ReplaceAll(text, "\r", ""), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// material reads the lines of a material: its title, its link, and whatever else is said of it.
func material(text string) Material {
	var m Material
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case m.Link == "" && (strings.HasPrefix(line, "https://") || strings.HasPrefix(line, "http://")):
			m.Link = line
		case m.Title == "":
			m.Title = line
		default:
			m.More = append(m.More, line)
		}
	}
	if m.Title == "" {
		m.Title = m.Link
	}
	return m
}

// ServeCalendar gives the session as a calendar file. A session without a time has none.
func ServeCalendar(h *hall.Hall) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		v := h.Visit(r, nil)
		if v.Start == 0 {
			return hall.ErrNotFound
		}
		address := v.Public() + v.Base()
		c := ical.NewCalendarFor("openmic")
		c.SetMethod(ical.MethodPublish)
		e := c.AddEvent(v.ID + "@openmic")
		e.SetDtStampTime(v.Now)
		e.SetSequence(int(v.Entries)) // a later file replaces an earlier one
		e.SetStartAt(time.UnixMilli(v.Start))
		if v.End > v.Start {
			e.SetEndAt(time.UnixMilli(v.End))
		}
		e.SetSummary(v.Text(v.Title))
		e.SetDescription(strings.TrimSpace(v.Fact("description") + "\n\n" + address))
		e.SetURL(address)
		w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="`+v.ID+`.ics"`)
		w.Header().Set("Cache-Control", "no-cache")
		return c.SerializeTo(w, ical.WithNewLineWindows)
	}
}
