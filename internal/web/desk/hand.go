package desk

import (
	"net/http"
	"net/url"

	"openmic/floor"
	"openmic/internal/live"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// ServeHand enters a hand of the video tool, or words written elsewhere. When the name is known already it asks first
// whether it is the same person; "person" or "another" is the answer.
func ServeHand(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return &floor.BadInput{Field: "name", Kind: "letters"}
	}
	f := r.PostForm
	name := f.Get("name")
	if f.Get("person") == "" && f.Get("another") == "" && len(alike(v.Look, name)) > 0 {
		q := url.Values{"hand": {name}}
		for _, k := range []string{"handle", "about", "text"} {
			if x := f.Get(k); x != "" {
				q.Set(k, x)
			}
		}
		return page.Reply(w, r, v.Lang, http.StatusOK, page.Answer{Go: back(v, q)})
	}
	c := &floor.Enter{}
	if err := hall.Fill(c, f); err != nil {
		return err
	}
	c.Side = floor.Online
	if c.Person == "" && c.Name == "" {
		return &floor.BadInput{Field: "name", Kind: "empty"}
	}
	if c.Person == "" && c.Handle == "" {
		c.Handle = c.Name
	}
	id := f.Get("id")
	if id == "" || len(id) > 60 {
		return &floor.BadInput{Field: "id", Kind: "empty"}
	}
	a, err := h.Session.Do(r.Context(), live.Command{ID: id, Actor: floor.Actor{Person: v.Pass.Person, Roles: v.Pass.Roles}, Do: c})
	if err != nil {
		return err
	}
	ans := page.Answer{Version: a.Version, Made: a.Made, Say: v.Lang.Say("desk.entered")}
	if f.Get("asked") != "" || !page.WantsJSON(r) {
		ans.Go = back(v, nil)
	}
	return page.Reply(w, r, v.Lang, http.StatusOK, ans)
}
