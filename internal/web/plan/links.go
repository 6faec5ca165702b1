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

// made remembers for ten minutes which link a press made: the same press again shows the same link.
var made = sheet.NewOnce[hall.Link](10*time.Minute, time.Now)

// ServeLinks gives, renews and revokes links. The field "do" says which: invite, hub and wall make a new pass, give makes
// another link for who has one, code a one-time code, revoke ends one; venue makes the link with which a venue joins, unlink
// ends its right.
func ServeLinks(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return &floor.BadInput{Field: "body", Kind: "letters"}
	}
	if !v.Pass.Allow() {
		return hall.ErrTooFast
	}
	typed := r.PostForm
	x, person := hall.Invitee{}, floor.ID("")
	switch typed.Get("do") {
	case "revoke":
		return revoke(h, v, w, r)
	case "give":
		p, ok := find(h, typed.Get("pass"))
		if !ok {
			return &floor.BadInput{Field: "pass", Kind: "choice"}
		}
		x, person = hall.Invitee{Name: p.Label, Roles: p.Roles}, p.Person
		if p.Roles == floor.Organiser && h.Session.View().Person(p.Person) == nil {
			return give(h, v, w, r, func() (hall.Link, error) { return again(h, r, p) })
		}
	case "code":
		return code(h, v, w, r)
	case "venue":
		return joinLink(h, v, w, r)
	case "unlink":
		return unlink(h, v, w, r)
	case "wall":
		x = hall.Invitee{Name: v.Lang.Say("plan.wall"), Roles: floor.Projector}
	case "hub", "invite":
		wrongs := sheet.Wrongs{}
		var there bool
		if x, there = sheet.Invitee(typed, "", wrongs); !there {
			wrongs["name"] = &floor.BadInput{Field: "name", Kind: "empty"}
		}
		if typed.Get("do") == "hub" {
			x.Roles, x.Side = floor.Hub, floor.Online
		}
		if len(wrongs) > 0 {
			if page.WantsJSON(r) {
				for _, bad := range wrongs {
					return bad
				}
			}
			return state{invite: typed, refused: wrongs}.show(h, v, w, r, http.StatusUnprocessableEntity)
		}
	default:
		return &floor.BadInput{Field: "do", Kind: "choice"}
	}
	return give(h, v, w, r, func() (hall.Link, error) { return h.Invite(r.Context(), x, person) })
}

// give makes a link once and shows it once.
func give(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request, f func() (hall.Link, error)) error {
	press := r.PostForm.Get("id")
	if press == "" || len(press) > 64 {
		return &floor.BadInput{Field: "id", Kind: "empty"}
	}
	link, err := made.Do(strings.Join([]string{h.Boot, h.ID, v.Pass.ID, press}, " "), f)
	if err != nil {
		return err
	}
	if page.WantsJSON(r) {
		w.Header().Set("Cache-Control", "no-store")
		return page.Reply(w, r, v.Lang, http.StatusOK, page.Answer{Made: link})
	}
	return state{links: []hall.Link{link}}.show(h, v, w, r, http.StatusOK)
}

// code makes a one-time code for a listed pass and shows it once. The same press again makes another, and ends this one.
func code(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	p, ok := find(h, r.PostForm.Get("pass"))
	if !ok {
		return &floor.BadInput{Field: "pass", Kind: "choice"}
	}
	c, err := h.CodeFor(r.Context(), p.ID)
	if err != nil {
		return err
	}
	if page.WantsJSON(r) {
		return page.Reply(w, r, v.Lang, http.StatusOK, page.Answer{Made: c})
	}
	shown := sheet.CodeOf(v.Look, c)
	return state{code: &shown}.show(h, v, w, r, http.StatusOK)
}

// again is another link for somebody who holds a pass without being a person of the session.
func again(h *hall.Hall, r *http.Request, p hall.Pass) (hall.Link, error) {
	_, secret, err := h.Passes.Give(r.Context(), hall.Pass{Person: p.Person, Roles: p.Roles, Label: p.Label})
	return hall.Link{Label: p.Label, Roles: p.Roles, Path: h.Base() + "in#" + secret}, err
}

// find is a listed pass that is still good.
func find(h *hall.Hall, id string) (hall.Pass, bool) {
	for _, p := range h.Passes.List(holders) {
		if p.ID == id && !p.Revoked {
			return p, true
		}
	}
	return hall.Pass{}, false
}

// revoke ends a pass and its streams, at once and no other. One's own stays: whoever locks the door stays inside.
func revoke(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	p, ok := find(h, r.PostForm.Get("pass"))
	if !ok || p.ID == v.Pass.ID {
		return &floor.BadInput{Field: "pass", Kind: "choice"}
	}
	if err := h.Revoke(r.Context(), p.ID); err != nil {
		return err
	}
	said := v.Lang.Say("plan.revoked", "who", p.Label)
	return page.Reply(w, r, v.Lang, http.StatusOK, page.Answer{Say: said, Go: goTo(r, h.Of(v.Pass.ID)+"plan")})
}

// goTo is where a browser without script goes on.
func goTo(r *http.Request, path string) string {
	if page.WantsJSON(r) {
		return ""
	}
	return path
}
