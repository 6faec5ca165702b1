package link

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/internal/live"
)

// two are a hub and a venue, with something in front of the hub.
type two struct {
	t          *testing.T
	hub, venue *house
	server     *Hub
	way        Way
	link       *VenueLink
}

// strangers have not met yet.
func strangers(t *testing.T, front func(http.Handler) http.Handler) *two {
	t.Helper()
	hub, hubKey := open(t, "abc/hub-h", "hub", false)
	venue, venueKey := open(t, "abc/venue-v", "venue", true)
	hub.must(chair, &floor.Plan{Title: "A story", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}})
	hub.must(chair, &floor.Open{})
	for _, p := range []floor.ID{"ana", "ben"} {
		hub.must(self(p), &floor.Join{Side: floor.Room})
	}
	sum := sha256.Sum256([]byte("secret"))
	hub.book.venues = []Venue{{Journal: "abc/venue-v", Key: venueKey, Token: sum[:]}}
	hub.must(hub.Session.Site(), &floor.Link{Journal: "abc/venue-v", Key: venueKey})
	server := NewHub(hub.Place)
	web := httptest.NewServer(front(server))
	t.Cleanup(func() { server.Close(); web.CloseClientConnections(); web.Close() })
	return &two{t: t, hub: hub, venue: venue, server: server, way: Way{URL: web.URL, Hub: "abc/hub-h", Key: hubKey, Secret: "secret"}}
}

// dial lets the venue find the hub.
func (x *two) dial() {
	x.t.Helper()
	var err error
	if x.link, err = Dial(x.venue.Place, x.way); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(x.link.Close)
}

// meet makes both one story.
func meet(t *testing.T, front func(http.Handler) http.Handler) *two {
	t.Helper()
	x := strangers(t, front)
	x.dial()
	until(t, "both are the same", x.same)
	return x
}

func (x *two) same() bool {
	a, b := x.hub.Session.View(), x.venue.Session.View()
	_, heard, _ := x.link.Heard()
	return heard && a.Severed() == nil && b.Severed() == nil && a.Hash() == b.Hash()
}

// TestOnlyTheStreamPasses puts something between the sites that lets the stream through and refuses every push, as a
// firewall may. What is said in the room reaches nobody, so both sites note the cut, although each hears the other dial.
func TestOnlyTheStreamPasses(t *testing.T) {
	for _, code := range []int{http.StatusForbidden, http.StatusBadGateway} {
		t.Run(http.StatusText(code), func(t *testing.T) {
			t.Parallel()
			var refuses atomic.Bool
			x := meet(t, func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if refuses.Load() && r.Method == http.MethodPost {
						http.Error(w, "not here", code)
						return
					}
					h.ServeHTTP(w, r)
				})
			})
			refuses.Store(true)
			x.venue.must(self("ana"), &floor.Ask{})
			until(t, "both note the cut", func() bool {
				return x.hub.Session.View().Severed() != nil && x.venue.Session.View().Severed() != nil
			})
			refuses.Store(false)
			until(t, "both are the same", x.same)
			if x.hub.Session.View().Live("ana") == nil {
				t.Error("what ana asked is not at the hub")
			}
		})
	}
}

// TestPressInACut presses at the venue for the hub, which does not answer any more. When the stream breaks the press is
// answered too, and the venue dials at once: whoever waits for an answer keeps nobody from the link.
func TestPressInACut(t *testing.T) {
	var holds atomic.Bool
	var streams atomic.Int64
	held := make(chan struct{}, 1000)
	x := meet(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				streams.Add(1)
			} else if holds.Load() {
				held <- struct{}{}
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
				return
			}
			h.ServeHTTP(w, r)
		})
	})
	x.venue.must(chair, &floor.Pass{To: "abc/hub-h"})
	until(t, "both are the same", x.same)
	holds.Store(true)
	answer := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_, err := x.venue.Session.Do(ctx, live.Command{ID: "close", Actor: chair, Do: &floor.Close{}})
		answer <- err
	}()
	<-held
	before := streams.Load()
	x.server.hangUp("abc/venue-v", nil)
	until(t, "the venue dials anew", func() bool { return streams.Load() > before })
	if err := <-answer; !errors.Is(err, live.ErrUnknown) && !errors.Is(err, live.ErrNotNow) {
		t.Errorf("the press is answered %v", err)
	}
}

// Whoever has the token alone takes the place of no push, and is not heard in the venue's stead.
func TestPushWithoutKey(t *testing.T) {
	f := forge(t)
	f.stream(`{}`)
	for range 2 * mostPushes {
		body, slow := io.Pipe() // of which nothing comes
		defer slow.Close()
		r := f.request(t.Context(), http.MethodPost, nil)
		r.Body, r.ContentLength = body, 1<<20
		r.Header.Set("Openmic-Push", "1")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("a push that nobody has signed is answered %s", resp.Status)
		}
	}
	if ask := f.link.hand("abc/venue-v").toTell(); ask != nil {
		t.Error("the venue was heard")
	}
	if status, _ := f.push("1", f.key, []byte(`{}`)); status != http.StatusOK {
		t.Errorf("the venue's own push is answered %d", status)
	}
	// What is signed is these bytes.
	r := f.signed("2", f.key, []byte(`{}`))
	r.Body = io.NopCloser(strings.NewReader("[]"))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("other bytes than were signed are answered %s", resp.Status)
	}
}

// A venue between two connections, and any while the hub is young, may be there: nobody takes its place yet.
func TestHears(t *testing.T) {
	f := forge(t)
	hears := func(h *Hub) bool {
		t.Helper()
		is, err := h.Hears(t.Context(), "abc/venue-v")
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	if !hears(f.link) {
		t.Error("a hub that has just started would let another one in")
	}
	until(t, "nobody dials", func() bool { return !hears(f.link) })
	f.stream(`{}`)
	f.end()
	until(t, "the stream has ended", func() bool {
		x, _, _, err := f.link.look(t.Context(), "abc/venue-v")
		return err == nil && x == nil
	})
	if !hears(f.link) {
		t.Error("between two connections another one would be let in")
	}
	until(t, "it does not come back", func() bool { return !hears(f.link) })
}

// That a venue is out is believed when the hub has signed it, for this venue and this connection.
func TestWhoIsOut(t *testing.T) {
	hub, hubKey := open(t, "abc/hub-h", "hub", false)
	venue, _ := open(t, "abc/venue-v", "venue", true)
	mine := make([]byte, 32)
	for _, c := range []struct {
		name string
		text []byte
		want error
	}{
		{"nobody signed", nil, ErrBarred},
		{"another venue", goneText("abc/venue-w", mine), ErrBarred},
		{"another connection", goneText("abc/venue-v", make([]byte, 31)), ErrBarred},
		{"something else", hubText(mine, nil), ErrBarred},
		{"this venue", goneText("abc/venue-v", mine), ErrRevoked},
	} {
		v := &VenueLink{Place: venue.Place}
		var err error
		if v.key, err = note.NewVerifier(hubKey); err != nil {
			t.Fatal(err)
		}
		proof := ""
		if c.text != nil {
			sig, err := hub.Key.Sign(c.text)
			if err != nil {
				t.Fatal(err)
			}
			proof = base64.RawURLEncoding.EncodeToString(sig)
		}
		m := &message{Over: "revoked", Signed: proof}
		if err := v.take(t.Context(), &pusher{v: v, mine: mine}, m); !errors.Is(err, c.want) || v.Out() != (c.want == ErrRevoked) {
			t.Errorf("%s: %v, out: %t", c.name, err, v.Out())
		}
	}
}

// A venue that was given another token is not out: its stream ends, and it dials with the new one.
func TestAnotherToken(t *testing.T) {
	f := forge(t)
	f.stream(`{}`)
	f.hub.book.mu.Lock()
	f.hub.book.venues[0].Token = make([]byte, 32)
	f.hub.book.mu.Unlock()
	for {
		m := f.line()
		if m.Over != "" {
			t.Fatalf("the venue is told %q", m.Over)
		}
		if m.At == 0 {
			return // the stream has ended
		}
	}
}
