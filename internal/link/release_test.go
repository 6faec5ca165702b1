package link

import (
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"openmic/floor"
)

// TestOtherRelease starts a venue of another release than the hub's: both say so to their crews, and neither listens. With
// the same release at both they are one story again.
func TestOtherRelease(t *testing.T) {
	hub, hubKey := open(t, "abc/hub-h", "hub", false)
	venue, venueKey := open(t, "abc/venue-v", "venue", true)
	hub.must(chair, &floor.Plan{Title: "A story", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}})
	sum := sha256.Sum256([]byte("secret"))
	hub.book.venues = []Venue{{Journal: "abc/venue-v", Key: venueKey, Token: sum[:]}}
	hub.must(hub.Session.Site(), &floor.Link{Journal: "abc/venue-v", Key: venueKey})
	server := NewHub(hub.Place)
	defer server.Close()
	var said atomic.Value // what the venue says; "same": as it is
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if other := said.Load().(string); other != "same" {
			r.Header.Set("Openmic-Link", other)
		}
		server.ServeHTTP(w, r)
	}))
	defer web.Close()
	dial := func() *VenueLink {
		v, err := Dial(venue.Place, Way{URL: web.URL, Hub: "abc/hub-h", Key: hubKey, Secret: "secret"})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, other := range []string{"", "0", "2"} {
		said.Store(other)
		v := dial()
		until(t, "the venue says why it has no link", func() bool { return v.Trouble() == Release })
		if server.Trouble() != Release || venue.Session.View().Entries > 0 {
			t.Errorf("a venue that says %q: the hub knows of %q, %d entries came", other, server.Trouble(), venue.Session.View().Entries)
		}
		v.Close()
	}
	said.Store("same")
	v := dial()
	defer v.Close()
	until(t, "both are the same", func() bool {
		return venue.Session.View().Entries > 0 && venue.Session.View().Hash() == hub.Session.View().Hash()
	})
	if server.Trouble() != "" || v.Trouble() != "" {
		t.Errorf("the trouble is over, and there is %q and %q", server.Trouble(), v.Trouble())
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
