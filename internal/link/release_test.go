package link

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// TestOtherRelease starts a venue of another release than the hub's: both say so to their crews, and neither listens. With
// the same release at both they are one story.
func TestOtherRelease(t *testing.T) {
	var said atomic.Value // what the venue says; "same": as it is
	x := strangers(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if other := said.Load().(string); other != "same" {
				r.Header.Set("Openmic-Link", other)
			}
			h.ServeHTTP(w, r)
		})
	})
	for _, other := range []string{"", "0", "2"} {
		said.Store(other)
		x.dial()
		until(t, "the venue says why it has no link", func() bool { return x.link.Trouble() == Release })
		until(t, "the hub knows why the venue is not heard", func() bool { return x.server.Trouble() == Release })
		if n := x.venue.Session.View().Entries; n > 0 {
			t.Errorf("to a venue that says %q %d entries came", other, n)
		}
		x.link.Close()
	}
	said.Store("same")
	x.dial()
	until(t, "both are the same", x.same)
	if a, b := x.server.Trouble(), x.link.Trouble(); a != "" || b != "" {
		t.Errorf("the trouble is over, and there is %q and %q", a, b)
	}
}

// Whoever joins with another release reads why not.
func TestAnotherReleaseIsTold(t *testing.T) {
	w := httptest.NewRecorder()
	if Understands(w, httptest.NewRequest(http.MethodPost, "/link/abc/join", nil)) {
		t.Fatal("another release is understood")
	}
	body, err := io.ReadAll(w.Result().Body)
	if err != nil || !strings.Contains(string(body), "run the same one at hub and venue") {
		t.Errorf("%q %v", body, err)
	}
}
