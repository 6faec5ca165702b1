package link

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"openmic/floor"
)

// tray keeps checkpoints in memory. Whoever reads or takes some waits until its disk answers.
type tray struct {
	reads, takes <-chan struct{} // closed: the disk answers

	mu  sync.Mutex // guards all
	all []Seal
}

func (y *tray) Turn() int64 {
	y.mu.Lock()
	defer y.mu.Unlock()
	return 1 + int64(len(y.all))
}

func (y *tray) Kept(context.Context) ([]Seal, error) {
	<-y.reads
	y.mu.Lock()
	defer y.mu.Unlock()
	return append([]Seal(nil), y.all...), nil
}

func (y *tray) Take(ctx context.Context, notes []string) error {
	select {
	case <-y.takes:
	case <-ctx.Done():
		return ctx.Err()
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, n := range notes {
		s := Seal{Size: 1, Note: n}
		if _, err := fmt.Sscan(n, &s.Journal, &s.By); err != nil {
			return err
		}
		if !slices.Contains(y.all, s) {
			y.all = append(y.all, s)
		}
	}
	return nil
}

func (y *tray) count() int {
	y.mu.Lock()
	defer y.mu.Unlock()
	return len(y.all)
}

// A disk that does not answer when checkpoints are read or kept keeps no entry back, no beat, and nobody who presses; when
// it does, both sites get what the other had.
func TestNoBeatWaitsForCheckpoints(t *testing.T) {
	for _, what := range []string{"read", "kept", "read or kept"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel() // each waits for beats
			hub, hubKey := open(t, "abc/hub-h", "hub", false)
			venue, venueKey := open(t, "abc/venue-v", "venue", true)
			hub.must(chair, &floor.Plan{Title: "A story", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}})
			hub.must(chair, &floor.Open{})
			sum := sha256.Sum256([]byte("secret"))
			hub.book.venues = []Venue{{Journal: "abc/venue-v", Key: venueKey, Token: sum[:]}}
			hub.must(hub.Session.Site(), &floor.Link{Journal: "abc/venue-v", Key: venueKey})
			answers, stuck := make(chan struct{}), make(chan struct{})
			close(answers)
			answer := sync.OnceFunc(func() { close(stuck) })
			const many = 5 * someSeals
			trays := map[*house]*tray{}
			for _, h := range []*house{hub, venue} {
				y := &tray{reads: answers, takes: answers}
				if what != "kept" {
					y.reads = stuck
				}
				if what != "read" {
					y.takes = stuck
				}
				for i := range many {
					by := fmt.Sprintf("%s-%d", h.Session.Name(), i)
					y.all = append(y.all, Seal{Journal: "abc/hub-h", By: by, Size: 1, Note: "abc/hub-h " + by})
				}
				trays[h], h.Seals = y, y
			}
			server := NewHub(hub.Place)
			defer server.Close()
			web := httptest.NewServer(http.StripPrefix("/link/abc", server))
			defer web.Close()
			link, err := Dial(venue.Place, Way{URL: web.URL + "/link/abc", Hub: "abc/hub-h", Key: hubKey, Secret: "secret"})
			if err != nil {
				t.Fatal(err)
			}
			defer link.Close()
			defer answer() // else nothing above ends
			same := func() bool {
				a, b := hub.Session.View(), venue.Session.View()
				return a.Entries > 0 && a.Entries == b.Entries && a.Hash() == b.Hash()
			}
			until(t, "the venue has the session", same)
			until(t, "they hear each other", func() bool { _, now, _ := link.Heard(); return now })
			cuts := len(hub.Session.View().Cuts) + len(venue.Session.View().Cuts) // from before they met
			pushes := func() int64 {
				x, _, _, err := server.look(t.Context(), "abc/venue-v")
				if err != nil || x == nil {
					return 0
				}
				return x.Push
			}
			venue.must(self("ana"), &floor.Join{Side: floor.Room})
			hub.must(self("sita"), &floor.Join{Side: floor.Online})
			hub.must(self("sita"), &floor.Ask{})
			until(t, "each has what the other wrote", same)
			heard, _, _ := link.Heard()
			first := pushes()
			until(t, "both were heard for longer than a cut takes", func() bool {
				at, _, _ := link.Heard()
				return pushes() >= first+4 && at >= heard+(Silence+Beat).Milliseconds()
			})
			hub.must(chair, &floor.Call{}) // which the venue does, where the gavel is
			if n := len(hub.Session.View().Cuts) + len(venue.Session.View().Cuts); n != cuts {
				t.Errorf("%d cuts are noted", n-cuts)
			}
			answer()
			until(t, "both have the checkpoints of both", func() bool { return trays[hub].count() == 2*many && trays[venue].count() == 2*many })
			until(t, "one story", same)
		})
	}
}
