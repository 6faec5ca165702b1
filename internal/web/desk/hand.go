package desk

import (
	"net/http"
	"net/url"
	"sync"
	"time"

	"openmic/floor"
	"openmic/internal/live"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// A hand is one that was typed and waits for the answer whether it belongs to somebody known. It is kept here, by the id
// of its press: an address with names in it would stay in histories and in logs of proxies.
type hand struct {
	at                        time.Time
	Name, Handle, About, Text string
}

// remembered is for how long a typed hand waits for its answer.
const remembered = 10 * time.Minute

// hands are those of one session that wait for an answer, by pass and press.
type hands struct {
	mu  sync.Mutex
	all map[[2]string]hand
}

func handsOf(h *hall.Hall) *hands {
	x, _ := h.Kept.LoadOrStore("desk.hands", &hands{all: map[[2]string]hand{}})
	return x.(*hands)
}

func (x *hands) put(pass, press string, typed hand) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for k, old := range x.all {
		if typed.at.Sub(old.at) > remembered {
			delete(x.all, k)
		}
	}
	x.all[[2]string{pass, press}] = typed
}

// of gives what was typed with a press; the name is empty when it is not remembered.
func (x *hands) of(pass, press string, now time.Time) hand {
	x.mu.Lock()
	defer x.mu.Unlock()
	typed := x.all[[2]string{pass, press}]
	if now.Sub(typed.at) > remembered {
		return hand{}
	}
	return typed
}

// ServeHand enters a hand of the video tool, or words written elsewhere. When the name is known already it asks first
// whether it is the same person; "person" or "another" is the answer.
func ServeHand(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return &floor.BadInput{Field: "name", Kind: "letters"}
	}
	f := r.PostForm
	name, id := f.Get("name"), f.Get("id")
	if id == "" || len(id) > 60 {
		return &floor.BadInput{Field: "id", Kind: "empty"}
	}
	if f.Get("person") == "" && f.Get("another") == "" && len(alike(v.Look, name)) > 0 {
		handsOf(h).put(v.Pass.ID, id, hand{v.Now, name, f.Get("handle"), f.Get("about"), f.Get("text")})
		return page.Reply(w, r, v.Lang, http.StatusOK, page.Answer{Go: back(v, url.Values{"hand": {id}})})
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
