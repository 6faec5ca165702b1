package door

import (
	"crypto/subtle"
	"embed"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"openmic/floor"
	"openmic/internal/live"
	"openmic/internal/web/hall"
	"openmic/internal/web/naming"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

//go:embed *.html *.css
var files embed.FS

var template = page.NewScreen("door", naming.Files, files)

// deviceCookie holds the browser's own name for itself, which says nothing about who holds it.
const deviceCookie = "om-device"

// wish is what somebody brings to the door.
type wish struct {
	ID    string `json:"id"`
	Ask   bool   `json:"ask"` // ask for the floor at once
	About string `json:"about"`
	floor.Join
}

// Serve shows the door of a side, and lets in who posts its form. The room's door needs the code that hangs in the
// room, as the last part of its address.
func Serve(h *hall.Hall, side floor.Side) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if side == floor.Room && subtle.ConstantTimeCompare([]byte(strings.ToLower(r.PathValue("code"))), []byte(strings.ToLower(h.RoomCode()))) != 1 {
			if page.WantsJSON(r) {
				l := h.Visit(r, nil).Lang
				return page.Reply(w, r, l, http.StatusNotFound, page.Answer{Say: l.Say("door.code-wrong"), Refused: "code"})
			}
			return show(w, r, h, http.StatusNotFound, form{Side: side, Wrong: true})
		}
		if r.Method == http.MethodPost {
			return join(w, r, h, side)
		}
		if _, err := r.Cookie(deviceCookie); err != nil {
			http.SetCookie(w, &http.Cookie{Name: deviceCookie, Value: h.Passes.Token(), Path: h.Base(), HttpOnly: true, Secure: hall.Secure(r),
				SameSite: http.SameSiteLaxMode, MaxAge: 400 * 24 * 60 * 60})
		}
		return show(w, r, h, http.StatusOK, form{Side: side, Typed: url.Values{}})
	}
}

// join lets somebody in: with a redirect to their place in line, or for programs with the pass as JSON. A form that
// cannot be taken is shown again, filled in, with the reason beside the field.
func join(w http.ResponseWriter, r *http.Request, h *hall.Hall, side floor.Side) error {
	wish, err := read(r)
	if err != nil {
		return again(w, r, h, side, err)
	}
	wish.Side = side
	pass, secret, err := h.Join(r.Context(), device(r), wish.ID, &wish.Join)
	if err != nil {
		return again(w, r, h, side, err)
	}
	answer := struct {
		page.Answer
		Pass   string   `json:"pass"`
		Secret string   `json:"secret"`
		Base   string   `json:"base"`
		Person floor.ID `json:"person"`
	}{page.Answer{Go: h.Of(pass.ID) + "line"}, pass.ID, secret, h.Of(pass.ID), pass.Person}
	if wish.Ask {
		_, err := h.Session.Do(r.Context(), live.Command{ID: "door-ask", Actor: floor.Actor{Person: pass.Person, Roles: pass.Roles},
			Do: &floor.Ask{AskFields: floor.AskFields{About: wish.About}}})
		if err != nil { // they are inside; their page says that they are not in the line
			_, no := hall.Explain(h.Visit(r, nil).Lang, err)
			answer.Say, answer.Refused = no.Say, no.Refused
		}
	}
	h.SetCookie(w, r, secret)
	h.Remember(w, r, pass.ID)
	if !page.WantsJSON(r) {
		http.Redirect(w, r, answer.Go, http.StatusSeeOther)
		return nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(answer)
}

// again answers who could not be let in.
func again(w http.ResponseWriter, r *http.Request, h *hall.Hall, side floor.Side, err error) error {
	l := h.Visit(r, nil).Lang
	status, a := hall.Explain(l, err)
	if page.WantsJSON(r) {
		return page.Reply(w, r, l, status, a)
	}
	return show(w, r, h, status, form{Side: side, Typed: r.PostForm, Wrongs: a.Fields, Told: a.Say})
}

// read takes a form or JSON. Errors are *floor.BadInput.
func read(r *http.Request) (*wish, error) {
	var w wish
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, hall.Unread(err)
		}
		if err := json.Unmarshal(body, &w); err != nil {
			return nil, &floor.BadInput{Field: "body", Kind: "letters"}
		}
	} else {
		if err := r.ParseForm(); err != nil {
			return nil, hall.Unread(err)
		}
		if err := hall.Fill(&w, r.PostForm); err != nil {
			return nil, err
		}
	}
	if len(w.ID) > 64 {
		return nil, &floor.BadInput{Field: "id", Kind: "long", N: 64}
	}
	return &w, nil
}

// device is the browser's own name for itself, empty when it keeps none.
func device(r *http.Request) string {
	c, err := r.Cookie(deviceCookie)
	if err != nil || len(c.Value) > 64 {
		return ""
	}
	return c.Value
}

// form is the door's form as somebody has it before them.
type form struct {
	Side   floor.Side
	Wrong  bool // the room's code is not the one that hangs there
	Typed  url.Values
	Wrongs map[string]string // what is wrong, by field
	Told   string            // a sentence for all of it
}

// view is all the template may show.
type view struct {
	page.Page
	form
	Ended         bool
	Stands        string // of a session on two sites: when this was so
	Back          string // the page of who has joined before
	Online, About string // addresses
	Press         string // the id of this press
	Languages     []Language
	Naming        *naming.Form
	AskAbout      page.Field
}

// A Language that the page can be read in.
type Language struct{ Tag, Name string }

func show(w http.ResponseWriter, r *http.Request, h *hall.Hall, status int, f form) error {
	v := h.Visit(r, nil)
	v.Said = f.Told
	v.Screen = &hall.Screen{Name: "door", Template: template, Page: func(v *hall.Visit) (any, error) { return f.view(v), nil }}
	return h.Show(w, r, v, status)
}

func (f form) view(v *hall.Visit) view {
	l := v.Lang
	p := view{Page: v.Frame(), form: f, Ended: v.Adjourned >= 0, Stands: v.Stands(), Online: v.Base() + "online", About: v.Base(), Press: v.Passes.Token(),
		Naming: naming.New(l, f.Side, v.Fact("goesto"), f.Typed, f.Wrongs)}
	p.Title = l.Say("door.title")
	p.Back = v.Remembered(v.R)
	for _, o := range words.Languages() {
		if o.Tag() != l.Tag() {
			p.Languages = append(p.Languages, Language{o.Tag(), o.Name()})
		}
	}
	p.AskAbout = page.Field{Name: "about", Label: l.Say("door.about"), Hint: l.Say("door.about.hint"), Value: f.Typed.Get("about"),
		Error: f.Wrongs["about"], Most: floor.LongLine}
	return p
}
