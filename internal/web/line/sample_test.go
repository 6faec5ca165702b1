package line

import (
	"bytes"
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"openmic/internal/web/page"
	"openmic/internal/words"
)

// greeted is what a stream says to a reader who leaves at once: the phrases, and the view from its id on.
func greeted(t *testing.T, phrases *page.Phrases, view string) (letters, told string) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	leave()
	w := httptest.NewRecorder()
	stream := page.NewStream(page.StreamOptions{Site: "a", Phrases: phrases})
	stream.Publish([]byte(view), 1)
	stream.Serve(w, httptest.NewRequestWithContext(ctx, "GET", "/", nil), "")
	letters, told, ok := strings.Cut(w.Body.String(), "\nid: ")
	if !ok {
		t.Fatalf("no view in %q", w.Body)
	}
	return letters, told
}

// What most sessions say has its letter in every language, also when a sentence is worded anew.
func TestTheLineIsToldInPhrases(t *testing.T) {
	s, _, people := crowd(t)
	for _, l := range words.Languages() {
		var cut [][]byte
		for _, data := range samples(s.Look(l)) {
			html, err := Screen.Template.Live(data)
			if err != nil {
				t.Fatal(err)
			}
			cut = append(cut, html)
		}
		view := s.Live(t, Screen, l.Tag())
		letters, told := greeted(t, page.NewPhrases(cut...), view)
		if len(told) > len(view)/2 {
			t.Errorf("%s: a view of %d bytes takes %d in phrases:\n%s\n%s", l.Tag(), len(view), len(told), letters, told)
		}
		for _, key := range []string{"line.unmute", "line.to-microphone", "reason.speaking", "reason.next", "reason.passed"} {
			sentence, _, _ := strings.Cut(l.Say(key, "n", 2), "2")
			if !strings.Contains(letters, "\t"+sentence) && !strings.Contains(letters, ">"+sentence) {
				t.Errorf("%s: %q is no phrase", l.Tag(), sentence)
			}
		}
		if bytes.Contains(bytes.Join(cut, nil), []byte("Sita")) || !strings.Contains(view, "Sita") {
			t.Errorf("%s: a sample names somebody, or nobody is there", l.Tag())
		}
	}
	if got := s.Show(t, Screen, people["Ravi"], "en"); !strings.Contains(got, `/line/live?lang=en&amp;phrases"`) {
		t.Error("the page does not ask for phrases")
	}
}
