package site_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/site"
)

// A hub that moved to another address, as a tunnel with a new name does, is found again with a new link in the folder
// that the venue has; also while the session runs. The link may come with the quotes of its command.
func TestAHubMoves(t *testing.T) {
	ctx := context.Background()
	p := newPair(t)
	p.must(p.venue, organiser, &floor.Open{})
	p.until("both are one", p.same)
	entries := p.session(p.venue).View().Entries
	p.cable.Close() // the old address is gone
	p.must(p.venue, myself("ana"), &floor.Join{Side: floor.Room})

	name := p.session(p.venue).Name()
	l, err := p.hub.InviteVenue(ctx, p.id, string(name))
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(l)
	if err != nil {
		t.Fatal(err)
	}
	gone := *u
	gone.Host = "127.0.0.1:1"
	if _, err := p.venue.Join(ctx, gone.String()); err == nil || !strings.Contains(err.Error(), "start without -join") {
		t.Errorf("a new address at which nobody is: %v", err)
	}
	u.Host = p.at(p.hub)
	if _, err := p.venue.Join(ctx, "'"+u.String()+"'"); err != nil {
		t.Fatal(err)
	}
	p.until("one story at the new address", p.same)
	if v := p.session(p.hub).View(); p.session(p.venue).Name() != name || v.Entries <= entries || len(v.Sites) != 2 {
		t.Errorf("the venue is %s now, was %s; %d entries, %d before", p.session(p.venue).Name(), name, v.Entries, entries)
	}
	for _, s := range []*site.Site{p.hub, p.venue} {
		p.record(s, false)
	}
	for _, bad := range []string{"", "'", "%", "http://[", "'http://h/link/x#a.b' more", strings.Repeat("x", 4000)} {
		if _, err := p.venue.Join(ctx, bad); err == nil {
			t.Errorf("%.20q joins", bad)
		}
	}
}
