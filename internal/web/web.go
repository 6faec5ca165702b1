package web

import (
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/time/rate"

	"openmic/floor"
	"openmic/internal/live"
	"openmic/internal/web/door"
	"openmic/internal/web/hall"
	"openmic/internal/web/home"
	"openmic/internal/web/page"
	"openmic/internal/web/sheet"
	"openmic/internal/words"
	"openmic/verifier"
)

// Options is what the handler stands on.
type Options struct {
	// Hall finds a session by its id; false when there is none.
	Hall func(id string) (*hall.Hall, bool)
	Home *home.Home
	// OwnHost tells whether a Host header names this program.
	OwnHost func(host string) bool
	Log     *slog.Logger
}

//go:embed enter.html enter.css
var enterFiles embed.FS

//go:embed code.html
var codeFiles embed.FS

var (
	enter   = page.NewScreen("enter", enterFiles)
	another = page.NewScreen("code", sheet.Files, codeFiles)
)

// Handler answers every request of the program.
func Handler(o Options) http.Handler {
	m := http.NewServeMux()
	m.Handle("GET /a/", page.Assets())
	m.HandleFunc("GET /verify", verifier.Serve)
	m.HandleFunc("GET /verify.html", verifier.ServeFile)
	routes(o, func(pattern string, f func(w http.ResponseWriter, r *http.Request) error) {
		m.Handle(pattern, answered(o.Log, f))
	})
	return page.Guard{
		Host: o.OwnHost,
		Body: func(r *http.Request) int64 {
			if strings.HasSuffix(r.URL.Path, "/chat") || strings.HasPrefix(r.URL.Path, "/new") || r.URL.Path == "/make" || strings.HasSuffix(r.URL.Path, "/plan") {
				return 6 << 20
			}
			return 128 << 10
		},
		Words: func(r *http.Request) page.Speaker { return language(r) },
		Log:   o.Log,
	}.Wrap(m)
}

// routes registers every address with handle.
func routes(o Options, handle func(pattern string, f func(w http.ResponseWriter, r *http.Request) error)) {
	in := func(pattern string, f func(h *hall.Hall, w http.ResponseWriter, r *http.Request) error) {
		handle(pattern, func(w http.ResponseWriter, r *http.Request) error {
			h, ok := o.Hall(r.PathValue("session"))
			if !ok {
				return hall.ErrNotFound
			}
			return f(h, w, r)
		})
	}
	withPass := func(pattern string, need floor.Roles, f func(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error) {
		in(pattern, func(h *hall.Hall, w http.ResponseWriter, r *http.Request) error {
			p, err := h.PassOf(r)
			if err != nil {
				return err
			}
			if !p.Roles.Has(need) {
				return floor.ErrNotAllowed
			}
			if r.Method == http.MethodPost && !p.Allow() {
				return hall.ErrTooFast
			}
			return f(h, h.Visit(r, p), w, r)
		})
	}

	o.Home.Mount(handle)
	doors := newDoors()
	in("/s/{session}/online", func(h *hall.Hall, w http.ResponseWriter, r *http.Request) error {
		return door.Serve(h, floor.Online)(w, r)
	})
	in("/s/{session}/room/{code}", func(h *hall.Hall, w http.ResponseWriter, r *http.Request) error {
		return door.Serve(h, floor.Room)(w, r)
	})
	in("GET /s/{session}/in", serveEnter)
	in("POST /s/{session}/in", doors.signIn)
	in("POST /s/{session}/p/{pass}/do", (*hall.Hall).ServeDo)
	in("GET /s/{session}/p/{pass}/{screen}", (*hall.Hall).ServeScreen)
	in("GET /s/{session}/p/{pass}/{screen}/live", (*hall.Hall).ServeLive)
	withPass("GET /s/{session}/p/{pass}/{$}", floor.Anybody|floor.Projector, func(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
		http.Redirect(w, r, h.Of(v.Pass.ID)+FirstScreen(v.Pass.Roles), http.StatusSeeOther)
		return nil
	})
	withPass("POST /s/{session}/p/{pass}/code", floor.Anybody|floor.Projector, serveCode)
	withPass("POST /s/{session}/p/{pass}/move", floor.Anybody, move)
	withPass("POST /s/{session}/p/{pass}/roomcode", floor.Operators|floor.Organiser, func(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
		if err := h.NewRoomCode(r.Context()); err != nil {
			return live.ErrNotNow
		}
		return page.Reply(w, r, v.Lang, http.StatusOK, page.Answer{Say: v.Lang.Say("enter.newcode")})
	})
	mount(in, withPass)
	handle("/", func(w http.ResponseWriter, r *http.Request) error { return hall.ErrNotFound })
}

func language(r *http.Request) *words.Language {
	chosen := r.URL.Query().Get("lang")
	if c, err := r.Cookie("lang"); chosen == "" && err == nil {
		chosen = c.Value
	}
	return words.Match(r.Header.Get("Accept-Language"), chosen)
}

// answered turns what a handler returns into a page, once.
func answered(log *slog.Logger, f func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := f(w, r)
		if err == nil {
			return
		}
		l := language(r)
		status, a := hall.Explain(l, err)
		if status == http.StatusInternalServerError {
			log.Error("request failed", "path", r.Pattern, "error", err)
		}
		if err := page.Reply(w, r, l, status, a); err != nil {
			log.Error("answer failed", "path", r.Pattern, "error", err)
		}
	})
}

// FirstScreen is where a pass's link leads.
func FirstScreen(roles floor.Roles) string {
	crewOf := 0
	for _, r := range []floor.Roles{floor.Chair, floor.Venue, floor.Desk, floor.Rapporteur} {
		if roles.Has(r) {
			crewOf++
		}
	}
	switch {
	case crewOf > 1:
		return "crew"
	case roles.Has(floor.Chair):
		return "chair"
	case roles.Has(floor.Venue):
		return "venue"
	case roles.Has(floor.Desk):
		return "desk"
	case roles.Has(floor.Rapporteur):
		return "notes"
	case roles.Has(floor.Organiser):
		return "plan"
	case roles.Has(floor.Speaker):
		return "speaker"
	case roles.Has(floor.Hub):
		return "hub"
	case roles.Has(floor.Projector):
		return "wall"
	}
	return "line"
}

// entering is the page where a link leads.
type entering struct {
	page.Page
	Field page.Field
}

// serveEnter is where a link leads: the page takes the secret from behind "#" and posts it. Without script it asks
// for a one-time code; a whole link may be pasted there, too.
func serveEnter(h *hall.Hall, w http.ResponseWriter, r *http.Request) error {
	return showEnter(h, w, r, http.StatusOK, "")
}

func showEnter(h *hall.Hall, w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	v := h.Visit(r, nil)
	p := v.Frame()
	p.Title = v.Lang.Say("enter.title")
	return enter.Show(w, r, status, entering{p, page.Field{Name: "pass", Label: v.Lang.Say("enter.code"), Hint: v.Lang.Say("enter.code.hint"),
		Error: wrong, Fill: "off", Most: 400, Required: true}})
}

// doors counts wrong links, by session and never by address. A right one is not counted and always opens: it cannot be
// guessed, and a stranger who tries without end must not stand before the crew. Codes are short, and have a limit of
// their own.
type doors struct {
	mu    sync.Mutex
	tries map[string]*rate.Limiter // by session
}

func newDoors() *doors { return &doors{tries: map[string]*rate.Limiter{}} }

// wrong is the answer to a wrong secret.
func (d *doors) wrong(session string) error {
	d.mu.Lock()
	l := d.tries[session]
	if l == nil {
		l = rate.NewLimiter(20, 200)
		d.tries[session] = l
	}
	d.mu.Unlock()
	if !l.Allow() {
		return hall.ErrTooFast
	}
	return errNoLink
}

// errNoLink: the secret is wrong or was revoked.
var errNoLink = errors.Join(hall.ErrNoPass, errors.New("link"))

// signIn takes the secret of a link or a one-time code, and hands the browser its pass.
func (d *doors) signIn(h *hall.Hall, w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return hall.ErrNoPass
	}
	pass, secret, err := d.open(h, r)
	if err != nil {
		if page.WantsJSON(r) {
			return err
		}
		status, a := hall.Explain(language(r), err)
		if hall.IsCode(r.PostForm.Get("pass")) && errors.Is(err, hall.ErrNoPass) {
			a.Say = language(r).Say("enter.wrong-code")
		}
		return showEnter(h, w, r, status, a.Say)
	}
	h.SetCookie(w, r, secret)
	http.Redirect(w, r, h.Of(pass.ID)+FirstScreen(pass.Roles), http.StatusSeeOther)
	return nil
}

// open finds the pass of what was typed, and its secret.
func (d *doors) open(h *hall.Hall, r *http.Request) (pass hall.Pass, secret string, err error) {
	typed := strings.TrimSpace(r.PostForm.Get("pass"))
	if i := strings.LastIndexByte(typed, '#'); i >= 0 { // somebody pasted the whole link
		typed = typed[i+1:]
	}
	private := func(p *hall.Pass) error {
		if p.Roles.Has(floor.Crew|floor.Hub) && r.TLS == nil && !h.PlainCrew && !hall.Loopback(r) {
			return hall.ErrPlain
		}
		return nil
	}
	if hall.IsCode(typed) {
		pass, secret, err = h.Passes.Redeem(r.Context(), typed, h.Now(), private)
		if err == nil || errors.Is(err, hall.ErrNoPass) || errors.Is(err, hall.ErrTooFast) || errors.Is(err, hall.ErrPlain) {
			return pass, secret, err
		}
		h.Log.Error("one-time code", "error", err)
		return pass, "", live.ErrNotNow
	}
	p, err := h.Passes.Check(typed)
	if err != nil {
		return hall.Pass{}, "", d.wrong(h.ID)
	}
	return *p, typed, private(p)
}

// serveCode makes a one-time code for the pass that asks: to go on with another device.
func serveCode(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	c, err := h.CodeFor(r.Context(), v.Pass.ID)
	if err != nil {
		return err
	}
	if page.WantsJSON(r) {
		return page.Reply(w, r, v.Lang, http.StatusOK, page.Answer{Made: c})
	}
	p := v.Frame()
	p.Title = v.Lang.Say("code.title")
	where, known := v.Another()
	w.Header().Set("Cache-Control", "no-store")
	return another.Show(w, r, http.StatusOK, struct {
		page.Page
		Code                sheet.Code
		Where, Known, There string // the other site, when there is one
		Back                string
	}{p, sheet.CodeOf(v.Look, c), where, known, c.Path, page.Back(r)})
}

// move changes one's own side; to the room it needs the code that hangs there.
func move(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return &floor.BadInput{Field: "code", Kind: "letters"}
	}
	c := &floor.Move{Side: floor.Online}
	if r.PostForm.Get("side") == "room" {
		if !strings.EqualFold(strings.TrimSpace(r.PostForm.Get("code")), h.RoomCode()) {
			return h.Answer(w, r, v, live.Answer{}, &floor.BadInput{Field: "code", Kind: "choice"})
		}
		c.Side = floor.Room
	}
	a, err := h.Session.Do(r.Context(), live.Command{ID: r.PostForm.Get("id"), Actor: floor.Actor{Person: v.Pass.Person, Roles: v.Pass.Roles}, Do: c})
	return h.Answer(w, r, v, a, err)
}
