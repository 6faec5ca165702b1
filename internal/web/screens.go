package web

import (
	"net/http"

	"openmic/floor"
	"openmic/internal/web/chair"
	"openmic/internal/web/crew"
	"openmic/internal/web/desk"
	"openmic/internal/web/fairness"
	"openmic/internal/web/hall"
	"openmic/internal/web/hub"
	"openmic/internal/web/line"
	"openmic/internal/web/notes"
	"openmic/internal/web/plan"
	"openmic/internal/web/ready"
	"openmic/internal/web/receipt"
	"openmic/internal/web/report"
	"openmic/internal/web/session"
	"openmic/internal/web/speaker"
	"openmic/internal/web/venue"
	"openmic/internal/web/wall"
)

// Screens are those of a session, in the order in which a pass with several roles meets them.
var Screens = []*hall.Screen{crew.Screen, chair.Screen, venue.Screen, desk.Screen, notes.Screen, speaker.Screen, report.Screen, report.Preview, report.Officials, fairness.Screen, ready.Screen, plan.Screen, wall.Screen, hub.Screen, line.Screen}

// public registers an address that needs no pass.
type public func(pattern string, f func(h *hall.Hall, w http.ResponseWriter, r *http.Request) error)

// private registers an address below a pass that carries one of the roles.
type private func(pattern string, need floor.Roles, f func(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error)

// mount registers what screens have beside their page, their live region and the commands of docs/wire.md.
func mount(in public, withPass private) {
	withPass("GET /s/{session}/p/{pass}/session.txt", floor.Organiser, func(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="`+h.ID+`.txt"`)
		return h.Export(r.Context(), w)
	})
	in("GET /s/{session}/record.zip", serveRecord)
	withPass("GET /s/{session}/p/{pass}/archive.zip", floor.Organiser, serveArchive)
	withPass("POST /s/{session}/p/{pass}/hand", floor.Desk|floor.Chair, desk.ServeHand)
	withPass("POST /s/{session}/p/{pass}/chat", floor.Desk|floor.Chair, desk.ServeChat)
	in("GET /s/{session}/{$}", func(h *hall.Hall, w http.ResponseWriter, r *http.Request) error { return session.Serve(h)(w, r) })
	in("GET /s/{session}/calendar.ics", func(h *hall.Hall, w http.ResponseWriter, r *http.Request) error {
		return session.ServeCalendar(h)(w, r)
	})
	withPass("GET /s/{session}/p/{pass}/receipt", floor.Anybody, receipt.Serve)
	withPass("GET /s/{session}/p/{pass}/receipt.txt", floor.Anybody, receipt.ServeFile)
	withPass("POST /s/{session}/p/{pass}/plan", floor.Organiser, plan.ServePlan)
	withPass("POST /s/{session}/p/{pass}/links", floor.Organiser, plan.ServeLinks)
	withPass("POST /s/{session}/p/{pass}/rehearse", floor.Crew, ready.ServeRehearse)
	in("GET /s/{session}/fairness", fairness.ServePublic)
	in("GET /s/{session}/report", report.ServePublic)
	in("GET /s/{session}/report.md", report.ServeMarkdown)
	withPass("GET /s/{session}/p/{pass}/report.md", floor.Crew, report.ServeDraft)
	withPass("GET /s/{session}/p/{pass}/officials.md", report.Handing, report.ServeOfficials)
}
