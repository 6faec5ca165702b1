// Package home is the start page of the program: for the organiser the list of sessions and the way from a proposal to
// a new one, for everybody else what this is and the way to their session.
//
// A proposal is read, shown with its doubts on one page, corrected there by the organiser, and only then becomes a
// session with a link for each of its people (seed S1, S2, S4). Nothing is kept before that: the page holds all of it.
//
// The organiser's link is printed once at the first start; only its holder may make sessions. A session's links are
// shown once, when it is made; the plan screen gives new ones.
package home

import (
	"embed"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/web/sheet"
	"openmic/internal/words"
)

//go:embed *.html *.css
var files embed.FS

var screen = page.NewScreen("home", sheet.Files, files)

// Options is what the start page stands on.
type Options struct {
	Host hall.Host
	// Hall finds a session by its id; false when there is none.
	Hall      func(id string) (*hall.Hall, bool)
	Now       func() time.Time
	Log       *slog.Logger
	PlainCrew bool
}

// Home answers at the program's own address.
type Home struct {
	Options
	tries *rate.Limiter // of wrong secrets, for the whole program
	finds *rate.Limiter // of wrong codes
	ids   *sheet.Once[string]
	shown *sheet.Once[made]
}

// New makes the start page.
func New(o Options) *Home {
	return &Home{Options: o, tries: rate.NewLimiter(rate.Every(time.Second/5), 50), finds: rate.NewLimiter(rate.Every(time.Second/5), 50),
		ids: sheet.NewOnce[string](24*time.Hour, o.Now), shown: sheet.NewOnce[made](10*time.Minute, o.Now)}
}

// Mount registers the addresses.
func (h *Home) Mount(handle func(pattern string, f func(w http.ResponseWriter, r *http.Request) error)) {
	handle("GET /{$}", h.start)
	handle("GET /in", h.start)
	handle("POST /in", h.signIn)
	handle("GET /find", h.find)
	handle("POST /new", h.kept(h.read))
	handle("GET /new", h.kept(h.empty))
	handle("POST /make", h.kept(h.make))
	handle("GET /make", func(w http.ResponseWriter, r *http.Request) error {
		http.Redirect(w, r, "/", http.StatusSeeOther) // somebody reloads what was posted
		return nil
	})
	handle("POST /open/{session}", h.kept(h.open))
	handle("POST /backup", h.kept(h.backup))
}

type view struct {
	page.Page
	Step      string // start, review or made
	Languages []tongue
	Organiser bool
	Asks      bool   // the page takes a secret
	Wrong     string // what stands in the way of the links
	Code      page.Field

	// start, for the organiser
	Sessions   []listed
	Text, File page.Field

	// review
	Sheet    *sheet.Sheet
	Press    string
	Original string
	Lines    []string
	Crew     page.Field
	Wall     page.Field

	// made
	Name   string
	Screen string // path of the organiser's own screen
	Links  []sheet.Link
	Doors  []sheet.Door
}

type listed struct {
	ID, Title, Path, When string
	Ended                 bool
}

type tongue struct{ Tag, Name string }

// view begins a page.
func (h *Home) view(r *http.Request, step string) view {
	l := Language(r)
	v := view{Page: page.Page{Speaker: l, Title: l.Say("home.title")}, Step: step}
	for _, o := range words.Languages() {
		if o.Tag() != l.Tag() {
			v.Languages = append(v.Languages, tongue{o.Tag(), o.Name()})
		}
	}
	return v
}

func (h *Home) start(w http.ResponseWriter, r *http.Request) error {
	return h.showStart(w, r, http.StatusOK, nil)
}

// showStart shows the start page, and what is wrong with a form of it by the field's name.
func (h *Home) showStart(w http.ResponseWriter, r *http.Request, status int, wrongs map[string]string) error {
	v := h.view(r, "start")
	v.Asks = r.URL.Path == "/in"
	v.Code = page.Field{Name: "code", Label: v.Say("home.code"), Hint: v.Say("home.code.hint"), Value: r.FormValue("code"), Error: wrongs["code"], Most: 200, Required: true}
	v.Text = page.Field{Name: "text", Label: v.Say("home.paste"), Type: "area", Rows: 10, Value: r.FormValue("text"), Error: wrongs["text"]}
	v.File = page.Field{Name: "file", Label: v.Say("home.file"), Type: "file", Error: wrongs["file"]}
	if _, err := h.keeper(r); err == nil {
		v.Organiser = true
		list, err := h.Host.Sessions(r.Context())
		if err != nil {
			return err
		}
		for _, s := range list {
			v.Sessions = append(v.Sessions, listed{s.ID, s.Title, "/s/" + s.ID + "/", sheet.Label(time.UnixMilli(s.Created)), s.Ended > 0})
		}
	}
	return h.show(w, r, status, v)
}

func (h *Home) show(w http.ResponseWriter, r *http.Request, status int, v view) error {
	if lang := r.URL.Query().Get("lang"); lang != "" {
		http.SetCookie(w, &http.Cookie{Name: "lang", Value: v.Tag(), Path: "/", SameSite: http.SameSiteLaxMode, MaxAge: 400 * 24 * 60 * 60})
	}
	w.Header().Set("Cache-Control", "no-store")
	return screen.Show(w, r, status, v)
}

// Language is the reader's.
func Language(r *http.Request) *words.Language {
	chosen := r.URL.Query().Get("lang")
	if c, err := r.Cookie("lang"); chosen == "" && err == nil {
		chosen = c.Value
	}
	return words.Match(r.Header.Get("Accept-Language"), chosen)
}

const cookie = "om-organiser"

func cookieName(r *http.Request) string {
	if hall.Secure(r) {
		return "__Secure-" + cookie
	}
	return cookie
}

// keeper is the organiser's pass of a request. Errors: hall.ErrNoPass, hall.ErrPlain.
func (h *Home) keeper(r *http.Request) (*hall.Pass, error) {
	c, err := r.Cookie(cookieName(r))
	if err != nil {
		return nil, hall.ErrNoPass
	}
	p, err := h.Host.Organiser(c.Value)
	if err == nil && r.TLS == nil && !h.PlainCrew && !hall.Loopback(r) {
		return nil, hall.ErrPlain
	}
	return p, err
}

// kept lets only the organiser through.
func (h *Home) kept(f func(p *hall.Pass, w http.ResponseWriter, r *http.Request) error) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := h.keeper(r)
		if err != nil {
			return err
		}
		return f(p, w, r)
	}
}

func (h *Home) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return hall.ErrNoPass
	}
	secret := strings.TrimSpace(r.PostForm.Get("pass"))
	if i := strings.LastIndexByte(secret, '#'); i >= 0 {
		secret = secret[i+1:]
	}
	if _, err := h.Host.Organiser(secret); err != nil {
		if !h.tries.AllowN(h.Now(), 1) { // only wrong ones are counted: nobody can lock the organiser out
			return hall.ErrTooFast
		}
		return err
	}
	if r.TLS == nil && !h.PlainCrew && !hall.Loopback(r) {
		return hall.ErrPlain
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName(r), Value: secret, Path: "/", HttpOnly: true, Secure: hall.Secure(r), SameSite: http.SameSiteLaxMode, MaxAge: 400 * 24 * 60 * 60})
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// searched is how many sessions a room's code is looked for in, newest first.
const searched = 20

// find leads whoever typed a code to the door it belongs to: a room's code to the door of the room, a session's to the
// door of those online. A whole address is taken, too.
func (h *Home) find(w http.ResponseWriter, r *http.Request) error {
	code := strings.TrimSpace(r.FormValue("code"))
	if u, err := url.Parse(code); err == nil && strings.HasPrefix(u.Path, "/s/") && u.Host != "" {
		part := strings.Split(strings.TrimPrefix(u.Path, "/s/"), "/")
		code = part[0]
		if len(part) == 3 && part[1] == "room" {
			code = part[2]
		}
	}
	if code == "" || len(code) > 64 {
		return h.showStart(w, r, http.StatusUnprocessableEntity, map[string]string{"code": Language(r).Say("bad.empty")})
	}
	list, err := h.Host.Sessions(r.Context())
	if err != nil {
		return err
	}
	for _, s := range list {
		if strings.EqualFold(s.ID, code) {
			http.Redirect(w, r, "/s/"+s.ID+"/online", http.StatusSeeOther)
			return nil
		}
	}
	for _, s := range list[:min(len(list), searched)] {
		if x, ok := h.Hall(s.ID); ok && s.Ended == 0 && strings.EqualFold(x.RoomCode(), code) {
			http.Redirect(w, r, x.Base()+"room/"+x.RoomCode(), http.StatusSeeOther)
			return nil
		}
	}
	if !h.finds.AllowN(h.Now(), 1) { // only wrong ones are counted: a hall full of people types the right one
		return hall.ErrTooFast
	}
	return h.showStart(w, r, http.StatusNotFound, map[string]string{"code": Language(r).Say("home.no-code")})
}
