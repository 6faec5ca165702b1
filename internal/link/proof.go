package link

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// What sites sign to each other on a link. Each text says for what it is and holds a challenge of the other site, so that
// none is a proof of something else, or once more.

// hubText is what a hub signs to prove its key: to a venue's challenge, with its own for what the venue pushes.
func hubText(challenge, ask []byte) []byte { return proofText("hub", challenge, sha256.Sum256(ask)) }

// streamText is what a venue signs to open a stream: to the hub's challenge, with its own and the heights that it tells.
func streamText(ask string, challenge []byte, have string) []byte {
	return proofText("stream "+ask, challenge, sha256.Sum256([]byte(have)))
}

// pushText is what a venue signs to push: to the challenge of its stream, with the number and the digest of the push.
func pushText(n string, ask []byte, sum [sha256.Size]byte) []byte {
	return proofText("push "+n, ask, sum)
}

// goneText is what a hub signs about a venue that it lets in no more, to that one's challenge.
func goneText(venue string, challenge []byte) []byte {
	return proofText("revoked "+venue, challenge, sha256.Sum256(nil))
}

func proofText(what string, challenge []byte, sum [sha256.Size]byte) []byte {
	return fmt.Appendf(nil, "openmic link %s\n%x\n%x\n", what, challenge, sum)
}

// The digest of a push goes before it (RFC 9530), so that it is known whose it is before it is read.
const digestHeader, digestBefore = "Content-Digest", "sha-256=:"

func digest(sum [sha256.Size]byte) string {
	return digestBefore + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

func digestOf(r *http.Request) (sum [sha256.Size]byte, err error) {
	text, found := strings.CutPrefix(r.Header.Get(digestHeader), digestBefore)
	text, closed := strings.CutSuffix(text, ":")
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !found || !closed || len(b) != len(sum) {
		return sum, errNoDigest
	}
	return [sha256.Size]byte(b), nil
}

var errNoDigest = errors.New("no digest of the body")
