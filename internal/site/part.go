package site

import (
	"context"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"openmic/internal/link"
	"openmic/internal/web/hall"
)

// takesPart gives a hall what it shows and may do where a session has two sites; way is nil at the hub.
func (s *Site) takesPart(o *hall.Options, e *entered, way *link.Way) {
	id := o.ID
	o.Trouble = e.trouble
	if way != nil {
		o.Out = func() string { return e.out(*way) }
		return
	}
	o.Trouble = func() string {
		if s.shutsOut(e, id) {
			return hall.VenueOut
		}
		return e.trouble()
	}
	o.InviteVenue = func(ctx context.Context, succeeds string) (string, error) { return s.InviteVenue(ctx, id, succeeds) }
	o.RevokeVenue = func(ctx context.Context, name string) error {
		defer e.shut.asked.Store(0)
		return s.RevokeVenue(ctx, id, name)
	}
	o.Revoked = func(ctx context.Context, name string) bool {
		all, err := s.venues(ctx, id)
		if err != nil {
			s.log.Error("who the venues are cannot be read", "session", id, "error", err)
		}
		return slices.ContainsFunc(all, func(v link.Venue) bool { return v.Journal == name && v.Revoked })
	}
}

// shutOut is what a hub knows of its venue's right to take part.
type shutOut struct {
	asked atomic.Int64           // when it was looked up last, Unix ms
	venue atomic.Pointer[string] // the journal of one that was revoked, which is for good
}

// mayAsk is how often at most, ms, it is looked up: every screen asks, and another node may have revoked.
const mayAsk = 1000

// shutsOut: this hub has revoked the venue that is not heard.
func (s *Site) shutsOut(e *entered, id string) bool {
	v := e.session.View()
	c := v.Severed()
	if c == nil {
		return false
	}
	venue := v.Heir(c.Far)
	if venue == v.Hub() {
		venue = v.Heir(c.By)
	}
	if was := e.shut.venue.Load(); was != nil && *was == venue {
		return true
	}
	now, last := s.now().UnixMilli(), e.shut.asked.Load()
	if max(now-last, last-now) < mayAsk || !e.shut.asked.CompareAndSwap(last, now) {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	all, err := s.venues(ctx, id)
	if err != nil {
		s.log.Error("whether the venue was revoked cannot be read", "session", id, "error", err)
	}
	is := slices.ContainsFunc(all, func(v link.Venue) bool { return v.Journal == venue && v.Revoked })
	if is {
		e.shut.venue.Store(&venue)
	}
	return is
}

// out is where the session goes on without this venue, once the hub has proven that it takes no more from it; else empty.
func (e *entered) out(way link.Way) string {
	u, err := url.Parse(way.URL)
	if e.venue == nil || !e.venue.Out() || err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// remembersOut keeps over a restart that the hub with a key lets this venue in no more. That of another hub, or of the machine
// before, is another story.
func (s *Site) remembersOut(p *link.Place, id, key string) error {
	key += " " + string(p.Session.Name())
	was, _, err := s.db.Get(context.Background(), "out "+id)
	if err != nil {
		return err
	}
	p.Out = was == key
	p.WhenOut = func() {
		if err := s.db.Set(context.Background(), "out "+id, key); err != nil {
			s.log.Error("after the next start the venue must hear once more that it is out", "session", id, "error", err)
		}
	}
	return nil
}
