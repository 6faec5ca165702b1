package floor

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Whoever joins chooses the name of their journal and their key, and files, records and IDs are called by them: nothing
// but a plain name that no other journal has comes in, and nothing is written about any other.
func TestWhatAJournalMayBeCalled(t *testing.T) {
	site := Actor{Roles: Site, Person: "h0"}
	for name, want := range map[string]string{
		"story/venue-v":                          "",
		"story/venue-h2o":                        "",
		"story/venue-h":                          "already", // the hub's tag
		"story/venue-h1":                         "already", // its first entry is h11, as the hub's eleventh
		"story/hub-h":                            "already",
		"":                                       "letters",
		"story/venue-":                           "letters",
		"story/venue":                            "letters",
		"story":                                  "letters",
		"../venue-v":                             "letters",
		"story/venue-/../../../../elsewhere/v":   "letters",
		"story/../venue-v":                       "letters",
		"story/venue-v/w":                        "letters",
		"story/venue-v-w":                        "letters",
		"story/venue-V":                          "letters",
		"story/venue-v\n":                        "letters",
		"story/venue-v\x00":                      "letters",
		`story/venue-v\w`:                        "letters",
		"story/venue-" + strings.Repeat("v", 21): "letters",
	} {
		h := &half{t: t, journal: "story/hub-h", fold: NewFold()}
		h.must(site, &Create{Session: "story"})
		written := len(h.own)
		if got := whyNot(h.do(site, &Link{Journal: name, Key: aKey})); got != want {
			t.Errorf("%q: %q, and %q was expected", name, got, want)
		}
		if (len(h.own) > written) != (want == "") {
			t.Errorf("%q: %d entries were written", name, len(h.own)-written)
		}
	}
	for what, key := range map[string]string{
		"none": "", "a letter": "k", "another program's": "other" + strings.TrimPrefix(aKey, "openmic"), "two": aKey + aKey, "a line more": aKey + "\n", "a way": "openmic-../.." + aKey[13:],
	} {
		h := &half{t: t, journal: "story/hub-h", fold: NewFold()}
		h.must(site, &Create{Session: "story"})
		if got := whyNot(h.do(site, &Link{Journal: "story/venue-v", Key: key})); got != "letters" {
			t.Errorf("key %s, of a venue: %q", what, got)
		}
		again := &half{t: t, journal: "story/hub-r", fold: NewFold()}
		again.fold.Add(h.own...)
		c := succeed(h.own)
		c.Key = key
		if got := whyNot(again.do(Actor{Roles: Site, Person: "r0"}, c)); got != "letters" {
			t.Errorf("key %s, of a hub that goes on: %q", what, got)
		}
	}
}

// whyNot is why something was not done, in a word; empty when it was.
func whyNot(err error) string {
	var no *Refusal
	var bad *BadInput
	switch {
	case errors.As(err, &no):
		return no.Kind
	case errors.As(err, &bad):
		return bad.Kind
	case err != nil:
		return err.Error()
	}
	return ""
}

// A record holds eight journals. A ninth machine would take the session's record from everybody, so that it does not come in.
func TestASessionHasEightJournals(t *testing.T) {
	w := newTwo(t)
	site := Actor{Roles: Site, Person: "h0"}
	last := w.venue.journal
	for i := 2; i < MaxJournals; i++ {
		next := fmt.Sprintf("story/venue-v%c", 'a'+i)
		w.hub.must(site, &Link{Journal: next, Key: aKey, Succeeds: last})
		last = next
	}
	if got := whyNot(w.hub.do(site, &Link{Journal: "story/venue-z", Key: aKey, Succeeds: last})); got != "journals" {
		t.Errorf("a ninth journal: %q", got)
	}
	again := &half{t: t, journal: "story/hub-r", fold: NewFold()}
	again.fold.Add(w.hub.own...)
	if got := whyNot(again.do(Actor{Roles: Site, Person: "r0"}, succeed(w.hub.own))); got != "journals" {
		t.Errorf("a hub that goes on as the ninth: %q", got)
	}
}

// What an older release let in is folded as it was.
func TestAnOldNameIsFolded(t *testing.T) {
	h := &half{t: t, journal: "story/hub-h", fold: NewFold()}
	h.must(Actor{Roles: Site, Person: "h0"}, &Create{Session: "story"})
	e := entryOf(h, &Linked{Journal: "story/venue-/../x-q", Key: "k"})
	h.fold.Add(e)
	if s := h.fold.State(); s.Frictions > 0 || len(s.Sites) != 2 || s.Sites[1].Journal != "story/venue-/../x-q" {
		t.Errorf("%d frictions, %+v", s.Frictions, s.Sites)
	}
}
