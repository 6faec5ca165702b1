package page

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
)

// policy is the Content-Security-Policy of every answer.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types om"

// Guard stands before all screens.
type Guard struct {
	// Host tells whether a name or address (without port, lower case) is ours; nil takes every one.
	// It keeps other sites from speaking to a venue through a name that points at it.
	Host func(host string) bool
	// Body is the most bytes a request may bring; nil means 1 MB for every one.
	Body func(r *http.Request) int64
	// Words speaks to whoever asks.
	Words func(r *http.Request) Speaker
	// Log hears about panics; nil means slog.Default().
	Log *slog.Logger
}

// Wrap puts the guard before next: headers, Host, presses from other sites, size, and panics.
func (g Guard) Wrap(next http.Handler) http.Handler {
	if g.Log == nil {
		g.Log = slog.Default()
	}
	tell := func(w http.ResponseWriter, r *http.Request, status int, key string) {
		words := g.Words(r)
		if err := Tell(w, r, words, status, words.Say(key)); err != nil {
			g.Log.Warn("a refusal could not be shown", "key", key, "err", err)
		}
	}
	sites := http.NewCrossOriginProtection()
	sites.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tell(w, r, http.StatusForbidden, "page.other-site")
	}))
	inside := sites.Handler(next)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w := &observed{ResponseWriter: rw}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			g.Log.Error("a handler panicked", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			if w.begun {
				panic(http.ErrAbortHandler) // half a page must not look like a whole one
			}
			tell(w, r, http.StatusInternalServerError, "page.broken")
		}()
		if g.Host != nil && !g.Host(hostname(r.Host)) {
			tell(w, r, http.StatusMisdirectedRequest, "page.strange-host")
			return
		}
		most := int64(1 << 20)
		if g.Body != nil {
			most = g.Body(r)
		}
		if r.Body != nil {
			r.Body = http.MaxBytesReader(w, r.Body, most)
		}
		inside.ServeHTTP(w, r)
	})
}

// observed remembers whether an answer has begun.
type observed struct {
	http.ResponseWriter
	begun bool
}

func (o *observed) WriteHeader(status int) {
	o.begun = true
	o.ResponseWriter.WriteHeader(status)
}

func (o *observed) Write(b []byte) (int, error) {
	o.begun = true
	return o.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController through.
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// hostname is a Host header without its port and brackets, in lower case.
func hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}
