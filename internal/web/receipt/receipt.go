// Package receipt is the page with which somebody keeps a proof of their own ask: a QR code and a small file, signed by
// the site, which verify against the record later (docs/wire.md, section 7; seed S15).
//
// It shows no name and no words, and looking at it writes nothing. Only whose ask it is gets it: the person, or the hub
// in which they sit.
package receipt

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"openmic/floor"
	"openmic/internal/live"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/record"
)

//go:embed *.html *.css
var files embed.FS

var screen = page.NewScreen("receipt", files)

// view is all the template may show.
type view struct {
	page.Page
	Of   string // what it is a receipt of
	QR   template.HTML
	Line string // the same as text
	File string // address
	Home string
	Hub  bool
}

// Serve shows the page for an ask of the visitor's, named in the query as "ticket".
func Serve(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	t, signed, _, err := own(h, v, r)
	if err != nil {
		return err
	}
	d := view{Page: v.Frame(), Line: signed.Line(), File: "receipt.txt?ticket=" + string(t.ID), Home: "line", Hub: v.Has(floor.Hub)}
	d.Title = v.Lang.Say("receipt.title")
	d.Of = v.Lang.Say("receipt.of", "kind", v.Lang.Say("kind."+t.Kind), "t", v.Clock(t.Asked))
	if d.Hub {
		d.Home = "hub"
	}
	if d.QR, err = page.QR(d.Line, v.Lang.Say("receipt.qr")); err != nil {
		return err
	}
	return screen.Show(w, r, http.StatusOK, d)
}

// ServeFile gives the same as a file.
func ServeFile(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	t, _, note, err := own(h, v, r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="receipt-%s.txt"`, t.ID))
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(note)
	return err
}

// own finds the visitor's ask and has its entry signed.
func own(h *hall.Hall, v *hall.Visit, r *http.Request) (*floor.Ticket, *record.Receipt, []byte, error) {
	me, t := v.Me(), v.Ticket(floor.ID(r.URL.Query().Get("ticket")))
	if me == nil || t == nil {
		return nil, nil, nil, hall.ErrNotFound
	}
	if p := v.Person(t.Person); t.Person != me.ID && (p == nil || p.Hub != me.ID) {
		return nil, nil, nil, floor.ErrNotAllowed
	}
	if !v.Pass.Allow() {
		return nil, nil, nil, hall.ErrTooFast
	}
	// What an entry creates is named by its journal's tag and its number.
	digits, ours := strings.CutPrefix(string(t.ID), floor.Tag(string(h.Session.Name())))
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ours { // the key that signs it is not here
		return nil, nil, nil, &floor.Refusal{Kind: "elsewhere"}
	}
	if err != nil {
		return nil, nil, nil, hall.ErrNotFound
	}
	signed, note, err := h.Receipt(r.Context(), n)
	if err != nil {
		h.Log.Error("a receipt was not signed", "entry", n, "error", err)
		return nil, nil, nil, live.ErrNotNow
	}
	return t, signed, note, nil
}
