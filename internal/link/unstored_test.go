package link

import (
	"crypto/sha256"
	"net/http/httptest"
	"testing"

	"openmic/floor"
)

// Who cannot store what comes does not hear: both sites note the cut, say whose disk it is, and heal by themselves once it
// takes something again. The link stands all the time.
func TestWhatIsNotStoredIsNotHeard(t *testing.T) {
	for _, full := range []string{"hub", "venue"} {
		t.Run(full, func(t *testing.T) {
			t.Parallel()
			hub, hubKey := open(t, "abc/hub-h", "hub", false)
			venue, venueKey := open(t, "abc/venue-v", "venue", true)
			hub.must(chair, &floor.Plan{Title: "A story", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}})
			hub.must(chair, &floor.Open{})
			people := []floor.ID{"ana", "ben", "sita", "tomo"}
			for _, p := range people {
				hub.must(self(p), &floor.Join{Side: floor.Online})
			}
			sum := sha256.Sum256([]byte("secret"))
			hub.book.venues = []Venue{{Journal: "abc/venue-v", Key: venueKey, Token: sum[:]}}
			hub.must(hub.Session.Site(), &floor.Link{Journal: "abc/venue-v", Key: venueKey})
			server := NewHub(hub.Place)
			defer server.Close()
			web := httptest.NewServer(server)
			defer web.Close()
			link, err := Dial(venue.Place, Way{URL: web.URL, Hub: "abc/hub-h", Key: hubKey, Secret: "secret"})
			if err != nil {
				t.Fatal(err)
			}
			defer link.Close()
			same := func() bool {
				a, b := hub.Session.View(), venue.Session.View()
				_, heard, _ := link.Heard()
				return heard && a.Entries == b.Entries && a.Severed() == nil && b.Severed() == nil && a.Hash() == b.Hash()
			}
			until(t, "the venue has the session", func() bool { return venue.Session.View().Entries > 0 })
			until(t, "both are the same", same)

			here, there, hereSays, thereSays := hub, venue, server.Trouble, link.Trouble
			if full == "venue" {
				here, there, hereSays, thereSays = venue, hub, link.Trouble, server.Trouble
			}
			for cuts := 1; cuts <= 2; cuts++ {
				here.full.Store(true)
				there.must(self(people[cuts]), &floor.Ask{})
				until(t, "both note the cut", func() bool { return here.Session.View().Severed() != nil && there.Session.View().Severed() != nil })
				until(t, "whose disk is full says so", func() bool { return hereSays() == Unstored })
				until(t, "the other says so", func() bool { return thereSays() == FarStuck })
				was := here.refused.Load()
				until(t, "it was tried again", func() bool { return here.refused.Load() >= was+4 })
				for _, h := range []*house{hub, venue} {
					v := h.Session.View()
					if v.Severed() == nil || own(h) != cuts {
						t.Errorf("%s: cuts %+v, and nothing was stored in between", h.Session.Name(), v.Cuts)
					}
				}
				here.full.Store(false)
				until(t, "one story", same)
				until(t, "nothing is wrong any more", func() bool { return hereSays() == "" && thereSays() == "" })
				if n := [2]int{own(hub), own(venue)}; n != [2]int{cuts, cuts} {
					t.Errorf("%d cuts were noted after %d", n, cuts)
				}
			}
		})
	}
}

// own counts the cuts that a site noted.
func own(h *house) (n int) {
	for _, c := range h.Session.View().Cuts {
		if c.By == string(h.Session.Name()) {
			n++
		}
	}
	return n
}
