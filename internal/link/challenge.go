package link

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// A challenge is a text that a venue signs before a hub lets it in. The hub keeps none: each of its programs knows which
// were given, by its own signature, and none is good for long.

// challengeGood is how long one is good, in seconds; the clocks of the hub's programs may differ by as much.
const challengeGood = 60

// Challenge is the text to be signed for a purpose now.
func Challenge(hub note.Signer, purpose string, now time.Time) (string, error) {
	return challenge(hub, purpose, now.Unix())
}

func challenge(hub note.Signer, purpose string, second int64) (string, error) {
	sig, err := hub.Sign(fmt.Appendf(nil, "openmic challenge\n%s\n%d\n", purpose, second)) // the same each time: Ed25519
	return fmt.Sprintf("%d.%s", second, base64.RawURLEncoding.EncodeToString(sig)), err
}

// Challenged: the text was given for this purpose, and not long ago.
func Challenged(hub note.Signer, purpose, text string, now time.Time) bool {
	second, _, _ := strings.Cut(text, ".")
	at, err := strconv.ParseInt(second, 10, 64)
	if age := now.Unix() - at; err != nil || age < -challengeGood || age > challengeGood {
		return false
	}
	given, err := challenge(hub, purpose, at)
	return err == nil && subtle.ConstantTimeCompare([]byte(given), []byte(text)) == 1
}

// opens: the venue has signed with its key that it opens a stream with these heights. Else it is told what to sign: whoever
// has only the token reads nothing, and ends nobody's stream. What it signs names the connection before, of which it is no
// proof again once another one stands.
func (h *Hub) opens(w http.ResponseWriter, r *http.Request, v Venue, theirs []byte, before *standing) bool {
	purpose := fmt.Sprintf("stream\n%s\n%s", v.Journal, h.boot)
	if before != nil {
		purpose = fmt.Sprintf("stream\n%s\n%x", v.Journal, before.Ask)
	}
	ask := r.Header.Get("Openmic-Challenge")
	proof, err := base64.RawURLEncoding.DecodeString(r.Header.Get("Openmic-Signed"))
	key, kerr := note.NewVerifier(v.Key)
	if err == nil && kerr == nil && Challenged(h.Key, purpose, ask, h.Now()) &&
		key.Verify(streamText(ask, theirs, r.Header.Get("Openmic-Have")), proof) {
		return true
	}
	if ask, err = Challenge(h.Key, purpose, h.Now()); err != nil {
		http.Error(w, "the key of this hub does not sign", http.StatusInternalServerError)
		return false
	}
	w.Header().Set("Openmic-Challenge", ask)
	http.Error(w, "sign the challenge with the venue's key", http.StatusUnauthorized)
	return false
}

// open asks the hub for the stream, and signs what it wants signed.
func (v *VenueLink) open(client *http.Client, req *http.Request, mine []byte) (*http.Response, error) {
	resp, err := client.Do(req)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4<<10)) // else the connection cannot be used again
	resp.Body.Close()
	ask := resp.Header.Get("Openmic-Challenge")
	proof, err := v.Key.Sign(streamText(ask, mine, req.Header.Get("Openmic-Have")))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Openmic-Challenge", ask)
	req.Header.Set("Openmic-Signed", base64.RawURLEncoding.EncodeToString(proof))
	return client.Do(req)
}
