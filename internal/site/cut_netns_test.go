package site_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// Hub and venue run in two network namespaces. The wire between them is pulled, so that no packet says that anything
// ended: both sites notice the silence themselves, and find each other again when the wire is back.
func TestCutBetweenNamespaces(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	if testing.Short() {
		t.Skip("a cut takes seconds")
	}
	ip := func(args ...string) error {
		out, err := exec.Command("ip", args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, out)
		}
		return nil
	}
	here := func(name string) string { return fmt.Sprintf("openmic-%s-%d", name, os.Getpid()) }
	t.Cleanup(func() {
		for _, n := range []string{"hub", "venue"} {
			_ = ip("netns", "del", here(n)) // it may never have been made
		}
	})
	const hubIP, venueIP = "10.213.77.1", "10.213.77.2"
	for _, args := range [][]string{
		{"netns", "add", here("hub")}, {"netns", "add", here("venue")},
		{"-n", here("hub"), "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", here("venue")},
		{"-n", here("hub"), "addr", "add", hubIP + "/30", "dev", "wire"}, {"-n", here("venue"), "addr", "add", venueIP + "/30", "dev", "wire"},
		{"-n", here("hub"), "link", "set", "lo", "up"}, {"-n", here("venue"), "link", "set", "lo", "up"},
		{"-n", here("hub"), "link", "set", "wire", "up"}, {"-n", here("venue"), "link", "set", "wire", "up"},
	} {
		if err := ip(args...); err != nil {
			t.Skipf("this machine makes no network namespaces: %v", err)
		}
	}

	ctx := context.Background()
	folder := t.TempDir()
	made, err := site.Open(ctx, site.Settings{Data: folder, Listen: "127.0.0.1:0"}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Serve(ctx); err != nil {
		t.Fatal(err)
	}
	id, _, err := made.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "Two networks", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}})
	if err != nil {
		t.Fatal(err)
	}
	join, err := made.InviteVenue(ctx, id, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Close(); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(join)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = hubIP + ":8080"
	w := &two{t: t, id: id, hub: &server{t: t, data: folder, listen: u.Host, within: []string{"ip", "netns", "exec", here("hub")}},
		venue: &server{t: t, data: t.TempDir(), listen: venueIP + ":8080", join: u.String(), within: []string{"ip", "netns", "exec", here("venue")}}}
	w.hub.start()
	defer func() { w.hub.kill() }()
	w.venue.start()
	defer func() { w.venue.kill() }()
	w.until("both are linked", w.one)
	for n := range 2 {
		end := []string{"hub", "venue"}[n] // the end that is pulled
		if err := ip("-n", here(end), "link", "set", "wire", "down"); err != nil {
			t.Fatal(err)
		}
		var took [2]time.Duration
		began := time.Now()
		w.until("both notice", func() bool {
			for i, s := range []*server{w.hub, w.venue} {
				if took[i] == 0 && s.standing(id).Alone {
					took[i] = time.Since(began)
				}
			}
			return took[0] > 0 && took[1] > 0
		})
		w.venue.kill() // and whoever starts while the wire is out goes on with what it has
		w.venue.start()
		if x := w.venue.standing(id); x.Entries == 0 {
			t.Fatal("the venue has nothing without its hub")
		}
		if err := ip("-n", here(end), "link", "set", "wire", "up"); err != nil {
			t.Fatal(err)
		}
		t.Logf("pulled at the %s: the hub noticed after %v, the venue after %v; one story %v after it was back", end, took[0].Round(10*time.Millisecond),
			took[1].Round(10*time.Millisecond), w.until("one story", w.one).Round(10*time.Millisecond))
	}
}
