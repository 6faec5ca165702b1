// Package report shows what leaves the session: the form's boxes for the rapporteur, the report for everybody, and one
// page for officials (seed S12). What they say is made by package outcome from the record alone; this package only shows
// it.
//
// The public report is there once the session has ended, and not before: until then only the crew sees the draft. The
// page for officials is handed over by the crew, so it needs a pass.
package report

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"openmic/floor"
	"openmic/internal/outcome"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/web/panels"
)

//go:embed *.html *.css paper
var files embed.FS

// roles may fill in the form, freeze the report and hand it on.
const roles = floor.Rapporteur | floor.Chair | floor.Organiser

// Screen is the rapporteur's page with one box for every field of the form.
var Screen = &hall.Screen{Name: "report", Roles: roles, Template: page.NewScreen("report", panels.Files, files),
	Look: hall.Notices, Page: visit}

// Preview is the report as everybody will read it, for the crew at any time.
var Preview = &hall.Screen{Name: "preview", Roles: floor.Crew, Template: paper, Page: func(v *hall.Visit) (any, error) {
	return sheet{v.Frame(), source(v.Look, outcome.Newest).Say(v.Lang), "report.md"}, nil
}}

// Handing are who may hand the page for officials over: those who moderate, write or organise, and nobody who only
// translates or captions. To be handed to officials is a consent of its own.
const Handing = floor.Crew &^ floor.Lane

// Officials is the page for officials.
var Officials = &hall.Screen{Name: "officials", Roles: Handing, Template: paper, Page: func(v *hall.Visit) (any, error) {
	return sheet{v.Frame(), source(v.Look, outcome.Newest).Officials(v.Lang), "officials.md"}, nil
}}

// source is the report of a session as it stands.
func source(l *hall.Look, v outcome.Version) *outcome.Report {
	return outcome.Build(outcome.Source{State: l.State, Words: l.Text, Wall: l.WallOf, Now: l.Now}, v)
}

type view struct {
	page.Page
	Tabs     []panels.Tab
	Boxes    []box
	Ended    bool
	Frozen   time.Time
	FrozenAt string
	Late     string // until when version 2 takes cards
	Until    time.Time
	UntilAt  string
	Open     int    // turns whose line is not confirmed
	Wrong    string // what is wrong with the session's own form
	Form     string
	Public   string
	Freezes  bool
}

type box struct {
	outcome.Box
	ID    string
	Title string
	Unit  string
	Until string
	Rows  int
}

// fields are the names of what a form asks for.
var fields = map[string]string{"takeaway": "report.field-takeaway", "action": "report.field-action", "report": "report.field-report"}

func visit(v *hall.Visit) (any, error) {
	r := source(v.Look, outcome.Newest)
	form, err := outcome.FormOf(v.Fact("form"))
	d := view{Page: v.Still(), Tabs: panels.TabsOf(v), Ended: v.Adjourned >= 0, Form: form.Name, Public: v.Base() + "report", Freezes: v.Has(roles)}
	if err != nil {
		d.Wrong = err.Error()
	}
	for i := range v.Turns {
		if v.Text(v.Turns[i].Line) == "" {
			d.Open++
		}
	}
	if !r.Frozen.IsZero() {
		d.Frozen, d.FrozenAt = r.Frozen, clock(r.Frozen)
	}
	if d.Ended {
		d.Late = clock(r.LateUntil)
	}
	for i, b := range r.Boxes(form, v.Lang) {
		x := box{Box: b, ID: fmt.Sprintf("box-%d", i+1), Unit: "letters", Rows: 4, Title: v.Lang.Say(fields[b.From], "n", b.Number)}
		if b.Words > 0 {
			x.Unit = "words"
		}
		if b.From == "report" {
			x.Rows = 16
		}
		if !b.Until.IsZero() {
			x.Until = clock(b.Until)
			if b.Until.After(v.Now) && (d.Until.IsZero() || b.Until.Before(d.Until)) {
				d.Until, d.UntilAt = b.Until, x.Until
			}
		}
		d.Boxes = append(d.Boxes, x)
	}
	return d, nil
}

func clock(t time.Time) string { return t.Format("2006-01-02 15:04") }

// paper is a document to read or print.
var paper = page.NewScreen("paper", sub("paper"))

func sub(name string) fs.FS {
	f, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // it is built in
	}
	return f
}

type sheet struct {
	page.Page
	Doc      outcome.Document
	Markdown string // where the same is as Markdown; empty when nowhere
}

// asked is the version a reader asks for: the newest, or with ?version=1 the first.
func asked(r *http.Request) outcome.Version {
	if r.URL.Query().Get("version") == "1" {
		return outcome.First
	}
	return outcome.Newest
}

// public is the report for whoever has no pass: ErrNotFound until the session has ended.
func public(h *hall.Hall, r *http.Request) (*hall.Visit, *outcome.Report, error) {
	v := h.Visit(r, nil)
	if v.Adjourned < 0 {
		return v, nil, hall.ErrNotFound
	}
	return v, source(v.Look, asked(r)), nil
}

// ServePublic shows the report at /s/{session}/report; ?version=1 is the frozen one.
func ServePublic(h *hall.Hall, w http.ResponseWriter, r *http.Request) error {
	v, report, err := public(h, r)
	if err != nil {
		return err
	}
	p := v.Frame()
	p.Title = v.Lang.Say("preview.title")
	return paper.Show(w, r, http.StatusOK, sheet{p, report.Say(v.Lang), "report.md"})
}

// ServeMarkdown gives the same as a file at /s/{session}/report.md.
func ServeMarkdown(h *hall.Hall, w http.ResponseWriter, r *http.Request) error {
	v, report, err := public(h, r)
	if err != nil {
		return err
	}
	return file(w, "report.md", report.Say(v.Lang))
}

// ServeDraft gives the report as a file to a pass of the crew at /s/{session}/p/{pass}/report.md, also before the end.
func ServeDraft(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	return file(w, "report.md", source(v.Look, asked(r)).Say(v.Lang))
}

// ServeOfficials gives the page for officials as a file at /s/{session}/p/{pass}/officials.md.
func ServeOfficials(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	return file(w, "officials.md", source(v.Look, asked(r)).Officials(v.Lang))
}

func file(w http.ResponseWriter, name string, d outcome.Document) error {
	w.Header().Set("Content-Type", "text/markdown; charset=utf-8")
	w.Header().Set("Content-Language", d.Lang)
	w.Header().Set("Content-Disposition", `inline; filename="`+name+`"`)
	w.Header().Set("Cache-Control", "no-store")
	_, err := w.Write([]byte(d.Markdown()))
	return err
}
