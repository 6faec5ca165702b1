package home

import (
	"errors"
	"net/http"
	"time"

	"openmic/internal/web/hall"
)

// backup gives the organiser a copy of everything as a file. It is made anew for each press and not kept.
func (h *Home) backup(_ *hall.Pass, w http.ResponseWriter, r *http.Request) error {
	out := &patient{ResponseWriter: w, name: "openmic-" + h.Now().UTC().Format("2006-01-02-1504") + ".zip"}
	err := h.Host.Backup(r.Context(), out)
	if err != nil && out.begun {
		h.Log.Error("a backup broke off", "error", err)
		panic(http.ErrAbortHandler) // a file that looks whole would be worse
	}
	return err
}

// patient sends a file piece by piece, for as long as each piece gets through. Its headers go with the first.
type patient struct {
	http.ResponseWriter
	name  string
	begun bool
}

func (p *patient) Write(b []byte) (int, error) {
	if !p.begun {
		p.begun = true
		p.Header().Set("Content-Type", "application/zip")
		p.Header().Set("Content-Disposition", `attachment; filename="`+p.name+`"`)
		p.Header().Set("Cache-Control", "no-store")
	}
	if err := http.NewResponseController(p.ResponseWriter).SetWriteDeadline(time.Now().Add(time.Minute)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.ResponseWriter.Write(b)
}
