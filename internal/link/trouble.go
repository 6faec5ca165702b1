package link

import (
	"errors"
	"slices"

	"openmic/floor"
)

// What keeps two sites apart although they can talk, in a word. Only somebody who acts can mend it, so the crew's screens
// show a sentence for each.
const (
	Revoked   = "revoked"    // the hub does not let this venue in any more
	NotHub    = "not-hub"    // who answers does not have the key of the hub
	Refused   = "refused"    // the hub does not take what this venue wrote: it knows another story, or no record could hold it
	Ahead     = "ahead"      // the session's clock here runs more than a hundred days ahead of the hub's
	Full      = "full"       // the hub has taken as much of this venue as any session needs
	Lost      = "lost"       // the other site has lost entries of its own that are here
	LostHere  = "lost-here"  // this site has lost entries of its own that the other one has
	Replaced  = "replaced"   // another machine is believed in the place of the one that was lost
	There     = "there"      // the machine for which this one goes on is heard by the hub
	VenueNot  = "venue-not"  // this hub does not take what the venue sends
	VenueFull = "venue-full" // this hub has taken as much of the venue as any session needs
)

var troubles = []struct {
	err  error
	kind string
}{{ErrRevoked, Revoked}, {ErrNotHub, NotHub}, {ErrFork, Refused}, {ErrStranger, Refused}, {ErrAhead, Ahead}, {ErrFull, Full}, {ErrLost, Lost}, {ErrLostHere, LostHere}, {ErrReplaced, Replaced}, {ErrThere, There}}

// Trouble is why this venue has no link, when no new try mends it; else empty.
func (v *VenueLink) Trouble() string {
	_, now, why := v.Heard()
	if now {
		return ""
	}
	for _, t := range troubles {
		if errors.Is(why, t.err) {
			return t.kind
		}
	}
	return ""
}

// Trouble is why a venue that takes part cannot be one story with this hub, as far as this program found out; else empty.
func (h *Hub) Trouble() string {
	sites := h.Session.View().Sites
	h.mu.Lock()
	defer h.mu.Unlock()
	for venue, d := range h.hands {
		if slices.ContainsFunc(sites, func(s floor.SiteInfo) bool { return s.Succeeds == venue }) {
			continue
		}
		d.mu.Lock()
		kind := d.trouble
		d.mu.Unlock()
		if kind != "" {
			return kind
		}
	}
	return ""
}

// says notes what keeps a venue apart from this hub; empty: nothing.
func (d *hand) says(kind string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trouble = kind
}
