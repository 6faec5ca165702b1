// Package home is the start page of the program: for the organiser the list of sessions and the way to a new one, for
// everybody else what this is and where their session is.
//
// The organiser's link is printed once at the first start; only its holder may make sessions.
package home

import (
	"embed"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

//go:embed *.html
var files embed.FS

var screen = page.NewScreen("home", files)

// Options is what the start page stands on.
type Options struct {
	Host      hall.Host
	Log       *slog.Logger
	PlainCrew bool
}

// Home answers at the program's own address.
type Home struct {
	Options
	tries *rate.Limiter // of secrets, for the whole program
}

// New makes the start page.
func New(o Options) *Home {
	return &Home{Options: o, tries: rate.NewLimiter(rate.Every(time.Second/5), 50)}
}

// Mount registers the addresses.
func (h *Home) Mount(handle func(pattern string, f func(w http.ResponseWriter, r *http.Request) error)) {
	handle("GET /{$}", h.start)
	handle("GET /in", h.start)
	handle("POST /in", h.signIn)
}

type view struct {
	page.Page
	Organiser bool
	Asks      bool // the page takes a secret
	Sessions  []listed
}

type listed struct {
	ID, Title, Path string
	When            string
	Ended           bool
}

func (h *Home) start(w http.ResponseWriter, r *http.Request) error {
	l := Language(r)
	v := view{Page: page.Page{Speaker: l, Title: l.Say("home.title")}, Asks: r.URL.Path == "/in"}
	if _, err := h.keeper(r); err == nil {
		v.Organiser = true
		list, err := h.Host.Sessions(r.Context())
		if err != nil {
			return err
		}
		for _, s := range list {
			v.Sessions = append(v.Sessions, listed{s.ID, s.Title, "/s/" + s.ID + "/", time.UnixMilli(s.Created).Format("2006-01-02 15:04"), s.Ended > 0})
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	return screen.Show(w, r, http.StatusOK, v)
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

// keeper is the organiser's pass of a request. Errors: hall.ErrNoPass, hall.ErrPlain.
func (h *Home) keeper(r *http.Request) (*hall.Pass, error) {
	name := cookie
	if r.TLS != nil {
		name = "__Secure-" + cookie
	}
	c, err := r.Cookie(name)
	if err != nil {
		return nil, hall.ErrNoPass
	}
	p, err := h.Host.Organiser(c.Value)
	if err == nil && r.TLS == nil && !h.PlainCrew && !hall.Loopback(r) {
		return nil, hall.ErrPlain
	}
	return p, err
}

func (h *Home) signIn(w http.ResponseWriter, r *http.Request) error {
	if !h.tries.Allow() {
		return hall.ErrTooFast
	}
	if err := r.ParseForm(); err != nil {
		return hall.ErrNoPass
	}
	secret := strings.TrimSpace(r.PostForm.Get("pass"))
	if i := strings.LastIndexByte(secret, '#'); i >= 0 {
		secret = secret[i+1:]
	}
	if _, err := h.Host.Organiser(secret); err != nil {
		return err
	}
	if r.TLS == nil && !h.PlainCrew && !hall.Loopback(r) {
		return hall.ErrPlain
	}
	name := cookie
	if r.TLS != nil {
		name = "__Secure-" + cookie
	}
	http.SetCookie(w, &http.Cookie{Name: name, Value: secret, Path: "/", HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode, MaxAge: 400 * 24 * 60 * 60})
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
