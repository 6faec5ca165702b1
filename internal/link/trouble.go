package link

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
)

// What keeps two sites apart although they can talk, in a word. Only somebody who acts can mend it, so the crew's screens
// show a sentence for each.
const (
	Revoked   = "revoked"    // the hub does not let this venue in any more
	Barred    = "barred"     // who answers lets nobody in, and does not prove to be the hub
	NotHub    = "not-hub"    // who answers does not have the key of the hub
	Refused   = "refused"    // the hub does not take what this venue wrote: it knows another story, or no record could hold it
	Ahead     = "ahead"      // the session's clock here runs more than a hundred days ahead of the hub's
	Full      = "full"       // the hub has taken as much of this venue as any session needs
	Lost      = "lost"       // the other site has lost entries of its own that are here
	LostHere  = "lost-here"  // this site has lost entries of its own that the other one has
	Replaced  = "replaced"   // another machine is believed in the place of the one that was lost
	Release   = "release"    // the other site's program is of a release that this one does not understand
	There     = "there"      // the machine for which this one goes on is heard by the hub
	VenueNot  = "venue-not"  // this hub does not take what the venue sends
	VenueFull = "venue-full" // this hub has taken as much of the venue as any session needs
	Unstored  = "unstored"   // what the other site sends cannot be stored here, as on a full disk
	FarStuck  = "far-stuck"  // what is here cannot be stored at the other site
)

var troubles = []struct {
	err  error
	kind string
}{{ErrRevoked, Revoked}, {ErrBarred, Barred}, {ErrNotHub, NotHub}, {ErrFork, Refused}, {ErrStranger, Refused}, {ErrAhead, Ahead}, {ErrFull, Full}, {ErrLost, Lost}, {ErrLostHere, LostHere}, {ErrReplaced, Replaced}, {ErrThere, There}, {ErrRelease, Release}}

// Trouble is why this venue has no link, when no new try mends it; else empty.
func (v *VenueLink) Trouble() string {
	v.mu.Lock()
	not, silent, out := v.not, v.Now().Sub(v.heard) >= Silence, v.out
	v.mu.Unlock()
	switch {
	case out:
		return Revoked
	case silent && (not.entries || not.passes):
		return Unstored
	case silent && not.there:
		return FarStuck
	}
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

// unstored is what could not be stored when it was last tried.
type unstored struct {
	passes, entries bool // of the hub's, here
	there           bool // of this venue's, at the hub
}

// found notes what became of something that was to be stored, unless the connection is over, and nobody knows.
func (v *VenueLink) found(ctx context.Context, f func(*unstored)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if ctx.Err() == nil {
		f(&v.not)
	}
}

// stuck: what the hub sends cannot be stored here.
func (v *VenueLink) stuck() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.not.passes || v.not.entries
}

// Trouble is why a venue that takes part cannot be one story with this hub, as far as this program found out; else empty.
func (h *Hub) Trouble() string {
	view := h.Session.View()
	h.mu.Lock()
	defer h.mu.Unlock()
	for venue, d := range h.hands {
		if view.Replaced(venue) {
			continue
		}
		d.mu.Lock()
		kind := d.trouble
		if h.Now().Sub(d.heard) >= Silence {
			switch {
			case d.release:
				kind = Release
			case d.here:
				kind = Unstored
			case d.far:
				kind = FarStuck
			}
		}
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

// understood: whoever has the venue's token speaks as this release does, or as another.
func (d *hand) understood(is bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.release = !is
}

// errGone: it was a venue of this session, and was revoked.
var errGone = fmt.Errorf("%w any more", errStranger)

// proveGone lets a venue that was revoked know that it is the hub who says so, and no network on the way.
func (h *Hub) proveGone(w http.ResponseWriter, r *http.Request) {
	ask, err := base64.RawURLEncoding.DecodeString(r.Header.Get("Openmic-Ask"))
	if err != nil || len(ask) != 32 {
		return
	}
	if proof, err := h.Key.Sign(goneText(r.URL.Query().Get("journal"), ask)); err == nil {
		w.Header().Set("Openmic-Revoked", base64.RawURLEncoding.EncodeToString(proof))
	}
}

// shutOut is why this venue is let in no more. It is believed for good only with the hub's proof.
func (v *VenueLink) shutOut(proof string, ask []byte) error {
	sig, err := base64.RawURLEncoding.DecodeString(proof)
	if err != nil || !v.key.Verify(goneText(string(v.Session.Name()), ask), sig) {
		return ErrBarred
	}
	v.gone()
	return ErrRevoked
}

func (v *VenueLink) gone() {
	v.mu.Lock()
	was := v.out
	v.out = true
	v.mu.Unlock()
	if !was && v.WhenOut != nil {
		v.WhenOut()
	}
}

// Out: the hub has proven that it lets this venue in no more. What is written here reaches nobody.
func (v *VenueLink) Out() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.out
}
