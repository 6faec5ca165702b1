package hall

import (
	"context"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"openmic/floor"
	"openmic/internal/live"
	"openmic/internal/web/page"
	"openmic/internal/words"
	"openmic/record"
)

// Options is what a hall is made of.
type Options struct {
	ID      string // of the session, as in addresses
	Session *live.Session
	Passes  *Passes
	// Public is the address that others reach this program by, tested, without a slash at the end.
	Public func() string
	// RoomCode stands in the room's QR; side room needs it.
	RoomCode func() string
	// NewRoomCode changes it.
	NewRoomCode func(ctx context.Context) error
	// Boot changes with every start: versions of live regions begin anew with it.
	Boot string
	Now  func() time.Time
	Log  *slog.Logger
	// Export writes the session as text.
	Export func(ctx context.Context, w io.Writer) error
	// Record writes the signed record of the session, public or with every word that was not erased.
	Record func(ctx context.Context, archive bool, w io.Writer) error
	// Receipt signs that entry n is in the journal, also as a file.
	Receipt func(ctx context.Context, n int64) (*record.Receipt, []byte, error)
	// InviteVenue makes the link with which a venue joins; RevokeVenue ends its right, and Revoked says whether it has ended.
	// All are nil at a venue.
	InviteVenue func(ctx context.Context, succeeds string) (string, error)
	RevokeVenue func(ctx context.Context, journal string) error
	Revoked     func(ctx context.Context, journal string) bool
	// Trouble is what keeps hub and venue apart, or their journals from being one story, when only somebody who acts can
	// mend it; the sentences are cut.trouble-KIND. Empty: nothing. nil: there is one site.
	Trouble func() string
	// Out is where the session goes on for whoever is here, when its hub has proven that it takes nothing from this venue
	// any more; empty: it does. nil: nobody can say so.
	Out func() string
	// PlainCrew: crew passes are taken over plain HTTP from anywhere, as the organiser chose.
	PlainCrew bool
}

// A Hall is one session as its visitors meet it.
type Hall struct {
	Options
	// Kept is what a screen remembers beside the session until the program stops, under its own name.
	Kept sync.Map

	wordCode wordCode
	screens  map[string]*Screen
	order    []*Screen // as they were given
	doorway  *doorway
	stop     chan struct{}
	done     sync.WaitGroup
	once     sync.Once

	mu      sync.Mutex
	streams map[string]*page.Stream // by screen and language
	seen    map[string]time.Time    // when a pass or the wall was last watching, by pass id

	elsewhere Presence // what other programs of this site see of the session
}

// A Screen is one screen of a session.
type Screen struct {
	Name     string // in its address and in the catalogue
	Roles    floor.Roles
	Gap      time.Duration // least time between two views
	Template *page.Screen
	// Look gives the data of the live region: nothing in it is individual. nil when the screen has none.
	Look func(l *Look) any
	// Samples gives live regions from which the stream's phrases are cut ([page.NewPhrases]). nil when it needs none.
	Samples func(l *Look) []any
	// Page gives the data of the whole page for one visitor. It embeds what Look gives, so one template serves both.
	Page func(v *Visit) (any, error)
}

// New opens the hall. Close ends it.
func New(o Options, screens ...*Screen) *Hall {
	h := &Hall{Options: o, screens: map[string]*Screen{}, order: screens, doorway: newDoorway(), stop: make(chan struct{}), streams: map[string]*page.Stream{}, seen: map[string]time.Time{}}
	for _, s := range screens {
		h.screens[s.Name] = s
	}
	o.Passes.watch(h.shut)
	h.done.Add(1)
	go h.announce()
	return h
}

// Close ends the hall's streams and its announcer; the session goes on.
func (h *Hall) Close() {
	h.once.Do(func() { close(h.stop) })
	h.done.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.streams {
		s.Shut()
	}
}

// Base is where the session's public pages are, ending with a slash.
func (h *Hall) Base() string { return "/s/" + h.ID + "/" }

// Of is where the screens of a pass are, ending with a slash.
func (h *Hall) Of(pass string) string { return h.Base() + "p/" + pass + "/" }

// Watching tells how many watch a screen now, and when a pass was last seen watching.
func (h *Hall) Watching(screen string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := h.elsewhere.Watching[screen]
	for k, s := range h.streams {
		if strings.HasPrefix(k, screen+" ") {
			n += s.Watchers()
		}
	}
	return n
}

// ScreensOf lists the screens that a pass with these roles may open.
func (h *Hall) ScreensOf(roles floor.Roles) []*Screen {
	var out []*Screen
	for _, s := range h.order {
		if roles.Has(s.Roles) {
			out = append(out, s)
		}
	}
	return out
}

// LastSeen is when a pass last opened a page or a stream, or now while it watches one; the zero time when never since
// the start.
func (h *Hall) LastSeen(pass string) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.streams {
		if s.Watches(pass) {
			return h.Now()
		}
	}
	if there := time.UnixMilli(h.elsewhere.Seen[pass]); h.elsewhere.Seen[pass] > 0 && there.After(h.seen[pass]) {
		return there.In(h.Now().Location())
	}
	return h.seen[pass]
}

func (h *Hall) saw(pass string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen[pass] = h.Now()
}

// phase is what changes in a view without an entry: how far a call or a turn has come, and every half minute the
// rounded times.
type phase struct {
	version                  int64
	overdue, capped, doubted bool
	half                     int64
	head                     int64 // number of the entry whose code the wall shows
	trouble                  string
}

func (h *Hall) phase(v *live.View) phase {
	at := v.At(h.Now())
	p := phase{version: v.Version, overdue: v.Overdue(at), head: v.MinuteHead(at).N}
	if v.Adjourned < 0 {
		p.half = at / 30_000
	}
	if h.Trouble != nil {
		p.trouble = h.Trouble()
	}
	if t := v.Current(); t != nil {
		p.capped = t.Cap > 0 && t.Length(at) >= t.Limit()
		p.doubted = t.Doubtful(at)
	}
	return p
}

// announce tells every stream about new views, and about what changed by time alone.
func (h *Hall) announce() {
	defer h.done.Done()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var last phase
	n := uint64(0)
	for {
		v := h.Session.View()
		if p := h.phase(v); p != last {
			last = p
			n++
			h.mu.Lock()
			for k, s := range h.streams {
				h.tell(k, s, n)
			}
			h.mu.Unlock()
		}
		select {
		case <-h.stop:
			return
		case <-v.Newer:
		case <-tick.C:
			h.sweep()
		}
	}
}

// sweep ends streams whose pass was revoked while they began.
func (h *Hall) sweep() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.streams {
		s.Close(func(tag string) bool { return !h.Passes.Valid(tag) })
	}
}

func (h *Hall) tell(k string, s *page.Stream, n uint64) {
	name, tag, _ := strings.Cut(strings.TrimSuffix(k, inPhrases), " ")
	sc := h.screens[name]
	s.Announce(n, func() ([]byte, error) { return sc.Template.Live(sc.Look(h.Look(words.Match("", tag)))) })
}

// inPhrases ends the key of a stream in phrases, which the script of our pages asks for by this parameter.
const inPhrases = " phrases"

// stream finds or makes the stream of a screen in a language, with phrases for readers who understand them.
func (h *Hall) stream(sc *Screen, l *words.Language, phrases bool) *page.Stream {
	k := sc.Name + " " + l.Tag()
	if phrases = phrases && sc.Samples != nil; phrases {
		k += inPhrases
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.streams[k]
	if s == nil {
		o := page.StreamOptions{Site: h.Boot + "-" + h.ID, Gap: sc.Gap, Now: h.Now, Log: h.Log}
		if phrases {
			o.Phrases = h.phrases(sc, l)
		}
		s = page.NewStream(o)
		h.streams[k] = s
		h.tell(k, s, 1)
	}
	return s
}

// phrases are those of a screen in a language, as the session stands when its stream is first asked for.
func (h *Hall) phrases(sc *Screen, l *words.Language) *page.Phrases {
	var samples [][]byte
	for _, data := range sc.Samples(h.Look(l)) {
		sample, err := sc.Template.Live(data)
		if err != nil {
			h.Log.Error("a sample could not be rendered; the stream tells more at length", "screen", sc.Name, "err", err)
		}
		samples = append(samples, sample)
	}
	return page.NewPhrases(samples...)
}

// A Visit is one request: a Look, and who looks.
type Visit struct {
	*Look
	Pass   *Pass // nil for who has none
	R      *http.Request
	Screen *Screen
	Said   string // a sentence to show
}

// Me is the visitor's person, nil before they joined.
func (v *Visit) Me() *floor.Person {
	if v.Pass == nil {
		return nil
	}
	return v.State.Person(v.Pass.Person)
}

// Has says whether the visitor's pass carries one of the roles.
func (v *Visit) Has(r floor.Roles) bool { return v.Pass != nil && v.Pass.Roles.Has(r) }

// Visit begins a request.
func (h *Hall) Visit(r *http.Request, pass *Pass) *Visit {
	chosen := r.URL.Query().Get("lang")
	if chosen == "" {
		if c, err := r.Cookie("lang"); err == nil {
			chosen = c.Value
		}
	}
	return &Visit{Look: h.Look(words.Match(r.Header.Get("Accept-Language"), chosen)), Pass: pass, R: r}
}

// Frame is what the page of a visit shows around its content.
func (v *Visit) Frame() page.Page {
	v.still = v.still || v.Screen == nil || v.Screen.Look == nil || v.Pass == nil
	p := v.Look.Frame()
	if v.Screen != nil {
		p.Title = v.Lang.Say(v.Screen.Name + ".title")
		if v.Screen.Look != nil && v.Pass != nil {
			p.StreamURL = v.Of(v.Pass.ID) + v.Screen.Name + "/live?lang=" + v.Lang.Tag()
			if v.Screen.Samples != nil {
				p.StreamURL += "&phrases"
			}
			p.AsOf = v.Clock(v.At)
		}
	}
	p.Said = v.Said
	return p
}

// Cookie is the name of a pass's cookie: its own, so that several roles and sites on one host do not overwrite each
// other.
func Cookie(id string, tls bool) string {
	if tls {
		return "__Secure-om-" + id
	}
	return "om-" + id
}

// SetCookie hands a pass to a browser.
func (h *Hall) SetCookie(w http.ResponseWriter, r *http.Request, secret string) {
	id, _, _ := strings.Cut(secret, ".")
	http.SetCookie(w, &http.Cookie{Name: Cookie(id, Secure(r)), Value: secret, Path: h.Of(id), HttpOnly: true, Secure: Secure(r),
		SameSite: http.SameSiteLaxMode, MaxAge: 400 * 24 * 60 * 60})
}

// PassOf finds the pass of a request below /s/{session}/p/{pass}/: in its cookie, or for programs in "Authorization:
// Bearer". The errors are ErrNoPass and ErrPlain.
func (h *Hall) PassOf(r *http.Request) (*Pass, error) {
	id := r.PathValue("pass")
	secret, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		c, err := r.Cookie(Cookie(id, Secure(r)))
		if err != nil {
			return nil, ErrNoPass
		}
		secret = c.Value
	}
	p, err := h.Passes.Check(secret)
	if err != nil || p.ID != id {
		return nil, ErrNoPass
	}
	if p.Roles.Has(floor.Crew|floor.Hub) && r.TLS == nil && !h.PlainCrew && !Loopback(r) {
		return nil, ErrPlain
	}
	if r.Body != nil {
		r.Body = &arriving{r.Body, func() bool { return h.Passes.Valid(id) }}
	}
	return p, nil
}

// arriving is the body of a press, which may take its time: at its end the pass must still be good.
type arriving struct {
	io.ReadCloser
	valid func() bool
}

func (a *arriving) Read(b []byte) (int, error) {
	n, err := a.ReadCloser.Read(b)
	if errors.Is(err, io.EOF) && !a.valid() {
		err = ErrNoPass
	}
	return n, err
}

// ErrPlain: a crew pass is not taken over a connection that others can read, unless the organiser chose so.
var ErrPlain = errors.New("crew pass over a connection that is not private")

// Loopback: the request comes from this machine itself, or through a proxy on it that speaks TLS outside.
func Loopback(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !from.Addr().Unmap().IsLoopback() && !ownAddress(r, from.Addr()) {
		return false
	}
	if via := r.Header.Get("X-Forwarded-Proto"); via != "" {
		return via == "https"
	}
	for _, sign := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(sign) != "" {
			return false // a proxy that may be reached in the open
		}
	}
	return true
}

// ownAddress: this machine came to itself over an address it has on a network. Links carry such addresses, and must
// open where they were made; what travels so leaves the machine on no wire.
func ownAddress(r *http.Request, from netip.Addr) bool {
	to, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && to.AddrPort().Addr().Unmap() == from.Unmap()
}

// Secure: the browser speaks TLS, with this program or with a proxy on this machine that says so.
func Secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" && Loopback(r)
}

// ServeScreen shows a screen, or its stream, to who has a pass for it.
func (h *Hall) ServeScreen(w http.ResponseWriter, r *http.Request) error {
	sc := h.screens[r.PathValue("screen")]
	if sc == nil {
		return ErrNotFound
	}
	pass, err := h.PassOf(r)
	if err != nil {
		return err
	}
	if !pass.Roles.Has(sc.Roles) {
		return floor.ErrNotAllowed
	}
	h.saw(pass.ID)
	v := h.Visit(r, pass)
	v.Screen = sc
	return h.Show(w, r, v, http.StatusOK)
}

// Show renders a visit's screen.
func (h *Hall) Show(w http.ResponseWriter, r *http.Request, v *Visit, status int) error {
	if lang := r.URL.Query().Get("lang"); lang != "" && r.URL.Path != "" {
		http.SetCookie(w, &http.Cookie{Name: "lang", Value: v.Lang.Tag(), Path: "/", SameSite: http.SameSiteLaxMode, MaxAge: 400 * 24 * 60 * 60})
	}
	w.Header().Set("Cache-Control", "no-store")
	data, err := v.Screen.Page(v)
	if err != nil {
		return err
	}
	return v.Screen.Template.Show(w, r, status, data)
}

// ServeLive is the stream of a screen's live region.
func (h *Hall) ServeLive(w http.ResponseWriter, r *http.Request) error {
	sc := h.screens[r.PathValue("screen")]
	if sc == nil || sc.Look == nil {
		return ErrNotFound
	}
	pass, err := h.PassOf(r)
	if err != nil {
		return err
	}
	if !pass.Roles.Has(sc.Roles) {
		return floor.ErrNotAllowed
	}
	h.saw(pass.ID)
	h.stream(sc, h.Visit(r, pass).Lang, r.URL.Query().Has("phrases")).Serve(w, r, pass.ID)
	return nil
}

// Revoke ends a pass and closes its streams at once.
func (h *Hall) Revoke(ctx context.Context, id string) error {
	person := h.Passes.personOf(id)
	if err := h.Passes.Revoke(ctx, id); err != nil {
		return err
	}
	if len(h.Session.View().Sites) == 0 || person == "" {
		return nil
	}
	// The other site marks what they do there before it knows.
	_, err := h.Session.Do(ctx, live.Command{ID: "revoke-" + id, Actor: h.Session.Site(), Do: &floor.Revoke{Person: person}})
	return err
}

// shut closes the streams of a pass that has just ended.
func (h *Hall) shut(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.streams {
		s.Close(func(tag string) bool { return tag == id })
	}
}

// ErrNotFound: nothing is at this address.
var ErrNotFound = errors.New("nothing at this address")

// Look is the session now, in a language.
func (h *Hall) Look(l *words.Language) *Look {
	now := h.Now()
	v := h.Session.View()
	return &Look{Hall: h, View: v, Lang: l, Now: now, At: v.At(now)}
}

// QR draws the code of an address below Public.
func (l *Look) QR(path, title string) template.HTML {
	q, err := page.QR(l.Public()+path, title)
	if err != nil {
		l.Log.Error("draw QR", "error", err)
	}
	return q
}
