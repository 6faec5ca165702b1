package web

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"sync"

	"golang.org/x/time/rate"

	"openmic/internal/web/hall"
)

// A sealer makes the files of one session, one at a time, so that those who want one together take no more of the
// machine than one would.
type sealer struct {
	mu    sync.Mutex
	limit *rate.Limiter // of public records
}

func sealerOf(h *hall.Hall) *sealer {
	s, _ := h.Kept.LoadOrStore("sealer", &sealer{limit: rate.NewLimiter(3, 300)})
	return s.(*sealer)
}

// serveRecord gives everybody the public record, also while the session runs: as it stood at the newest checkpoint.
func serveRecord(h *hall.Hall, w http.ResponseWriter, r *http.Request) error {
	if !sealerOf(h).limit.Allow() {
		return hall.ErrTooFast
	}
	return sealed(h, w, r, false)
}

// serveArchive gives the organiser the record with every word that was not erased.
func serveArchive(h *hall.Hall, _ *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	return sealed(h, w, r, true)
}

func sealed(h *hall.Hall, w http.ResponseWriter, r *http.Request, archive bool) error {
	var file bytes.Buffer
	if err := sealerOf(h).seal(r.Context(), h, archive, &file); err != nil {
		return err
	}
	name := h.ID + "-record.zip"
	if archive {
		name = h.ID + "-archive.zip"
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Content-Length", strconv.Itoa(file.Len()))
	w.Header().Set("Cache-Control", "no-store")
	_, err := w.Write(file.Bytes())
	return err
}

func (s *sealer) seal(ctx context.Context, h *hall.Hall, archive bool, file *bytes.Buffer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil { // gone while they waited
		return err
	}
	return h.Record(ctx, archive, file)
}
