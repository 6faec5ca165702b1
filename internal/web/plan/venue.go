package plan

import (
	"net/http"
	"strings"
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/web/sheet"
)

// linked remembers for ten minutes which join link a press made: the same press again shows the same one.
var linked = sheet.NewOnce[string](10*time.Minute, time.Now)

// far is a venue that takes part, as the page shows it.
type far struct {
	Journal, Name, State string
	Revoked              bool // it takes part no more, and only another laptop in its place will
}

// venuesOf lists the venues that take part and were not replaced. A venue has none of its own.
func venuesOf(v *hall.Visit) (out []far, hub bool) {
	hub = v.Hall.InviteVenue != nil
	for _, s := range v.Sites {
		if s.Journal == v.State.Hub() || v.State.Replaced(s.Journal) {
			continue
		}
		f := far{Journal: s.Journal, Name: s.Journal[strings.IndexByte(s.Journal, '/')+1:], State: v.Lang.Say("plan.venue-heard")}
		for _, c := range v.Cuts {
			if c.Far == s.Journal && c.To < 0 {
				f.State = v.Lang.Say("plan.venue-cut", "t", v.Clock(c.Since))
			}
		}
		if f.Revoked = v.Hall.Revoked != nil && v.Hall.Revoked(v.R.Context(), s.Journal); f.Revoked {
			f.State = v.Lang.Say("plan.venue-revoked")
		}
		out = append(out, f)
	}
	return out, hub
}

// joinLink makes the command with which a venue joins, and shows it once.
func joinLink(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	if h.InviteVenue == nil {
		return &floor.Refusal{Kind: "nothub"}
	}
	press := r.PostForm.Get("id")
	if press == "" || len(press) > 64 {
		return &floor.BadInput{Field: "id", Kind: "empty"}
	}
	succeeds := r.PostForm.Get("succeeds")
	sites := v.Sites
	switch {
	case succeeds == "" && len(sites) > 1:
		return &floor.Refusal{Kind: "twosites"}
	case succeeds != "":
		known := false
		for _, s := range sites {
			known = known || s.Journal == succeeds && succeeds != v.State.Hub()
		}
		if !known {
			return &floor.Refusal{Kind: "nosite"}
		}
	}
	link, err := linked.Do(strings.Join([]string{h.Boot, h.ID, v.Pass.ID, press}, " "), func() (string, error) { return h.InviteVenue(r.Context(), succeeds) })
	if err != nil {
		return err
	}
	if page.WantsJSON(r) {
		w.Header().Set("Cache-Control", "no-store")
		return page.Reply(w, r, v.Lang, http.StatusOK, page.Answer{Made: map[string]string{"join": link}})
	}
	return state{join: "openmic serve -join '" + link + "'"}.show(h, v, w, r, http.StatusOK)
}

// unlink ends a venue's right to take part.
func unlink(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	if h.RevokeVenue == nil {
		return &floor.Refusal{Kind: "nothub"}
	}
	for _, s := range v.Sites {
		if s.Journal == r.PostForm.Get("venue") && s.Journal != v.State.Hub() {
			if err := h.RevokeVenue(r.Context(), s.Journal); err != nil {
				return err
			}
			return page.Reply(w, r, v.Lang, http.StatusOK, page.Answer{Say: v.Lang.Say("plan.venue-ended"), Go: goTo(r, h.Of(v.Pass.ID)+"plan")})
		}
	}
	return &floor.Refusal{Kind: "nosite"}
}
