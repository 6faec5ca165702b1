package link

import (
	"errors"
	"net/http"
)

// Format is the number of what two sites say to each other. A program of another one may take it for something else, so
// that neither listens: both sites of a session need the same one.
const Format = "1"

// ErrRelease: the hub's program says something else than this one.
var ErrRelease = errors.New("another release of openmic runs at the hub, whose link this one does not understand: run the same one at hub and venue")

// Speak puts on a request what the sender understands.
func Speak(r *http.Request) { r.Header.Set("Openmic-Link", Format) }

// Understands refuses a site with another release, in a sentence for whoever started it.
func Understands(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Openmic-Link") == Format {
		return true
	}
	w.Header().Set("Openmic-Link", Format)
	http.Error(w, "another release of openmic runs here, whose link yours does not understand: run the same one at hub and venue", http.StatusBadRequest)
	return false
}

// OtherRelease: the answer is that of a hub which does not understand this venue.
func OtherRelease(resp *http.Response) bool {
	return resp.StatusCode == http.StatusBadRequest && resp.Header.Get("Openmic-Link") != ""
}
