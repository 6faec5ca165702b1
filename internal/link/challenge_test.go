package link

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// TestTokenWithoutKey lets somebody who has found a venue's token, and not its key, ask for its stream: they read nothing,
// and the venue's own stream goes on. What the venue signed a while ago, or for another stream, does not help them.
func TestTokenWithoutKey(t *testing.T) {
	f := forge(t)
	f.stream(`{}`)
	t.Cleanup(f.end)

	other, _, err := note.GenerateKey(rand.Reader, "openmic-venue")
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := note.NewSigner(other)
	if err != nil {
		t.Fatal(err)
	}
	given := func(purpose string, ago time.Duration) string {
		ask, err := Challenge(f.hub.Key, purpose, time.Now().Add(-ago))
		if err != nil {
			t.Fatal(err)
		}
		return ask
	}
	now := fmt.Sprintf("%x", f.ask)
	mine := "stream\nabc/venue-v\n" + now
	good := given(mine, 30*time.Second)
	for i, c := range []struct {
		name, ask string
		key       note.Signer
		opens     bool
	}{
		{"the token alone", "", nil, false},
		{"another key", given(mine, 0), wrong, false},
		{"signed two minutes ago", given(mine, 2*time.Minute), f.key, false},
		{"given two minutes too early", given(mine, -2*time.Minute), f.key, false},
		{"given to another venue", given("stream\nabc/venue-w\n"+now, 0), f.key, false},
		{"given for the connection before", given("stream\nabc/venue-v\n00", 0), f.key, false},
		{"given for another purpose", given("replace\nabc", 0), f.key, false},
		{"never given", "1.AA", f.key, false},
		{"no text of a hub", "now", f.key, false},
		{"the venue itself, half a minute ago", good, f.key, true},
		{"what the venue sent, once more", good, f.key, false},
	} {
		resp := f.opens(`{}`, c.ask, c.key)
		if opened := resp.StatusCode == http.StatusOK; opened != c.opens {
			t.Errorf("%s: %s", c.name, resp.Status)
		}
		if !c.opens && (resp.StatusCode != http.StatusUnauthorized || resp.Header.Get("Openmic-Challenge") == "") {
			t.Errorf("%s: %s, to be signed: %q", c.name, resp.Status, resp.Header.Get("Openmic-Challenge"))
		}
		if c.opens {
			f.first(resp)
		}
		if status, _ := f.push(strconv.Itoa(i+1), f.key, []byte(`{}`)); status != http.StatusOK {
			t.Errorf("%s: a push on the venue's own stream is answered %d", c.name, status)
		}
		if c.opens {
			continue
		}
		f.end()
	}
}
