package page

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Answer is the result of a press, as the script reads it. Other keys beside these do not disturb it.
type Answer struct {
	Say    string            `json:"say,omitempty"`    // one sentence
	Fields map[string]string `json:"fields,omitempty"` // what is wrong, by the field's name
	Go     string            `json:"go,omitempty"`     // open this page instead

	Refused string `json:"refused,omitempty"` // which rule said no, for programs
	Version int64  `json:"version,omitempty"` // of the view that shows an accepted press
	Made    any    `json:"made,omitempty"`    // what it created
}

// WantsJSON tells whether the script, or a program, asks.
func WantsJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json")
}

// Reply answers a press: with JSON when asked for it; otherwise an accepted one (status below 400)
// goes to Go or back to the page it came from, and a refused one shows its sentence. A form with
// errors in its fields is better shown again by its screen when the script did not ask.
func Reply(w http.ResponseWriter, r *http.Request, words Speaker, status int, a Answer) error {
	w.Header().Set("Cache-Control", "no-store")
	if WantsJSON(r) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		return json.NewEncoder(w).Encode(a)
	}
	if status >= 400 {
		for _, name := range slices.Sorted(maps.Keys(a.Fields)) {
			if a.Say == "" {
				a.Say = a.Fields[name]
			}
		}
		return Tell(w, r, words, status, a.Say)
	}
	to := a.Go
	if to == "" {
		to = Back(r)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// Back is the page of this site that the reader came from, or the start page.
func Back(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host || from.Path == "" {
		return "/"
	}
	// From the root, and never "//other.example", which browsers take for another site.
	return "/" + strings.TrimLeft(from.RequestURI(), "/")
}

// Tell answers with a page that holds one sentence, or with the sentence as JSON.
func Tell(w http.ResponseWriter, r *http.Request, words Speaker, status int, sentence string) error {
	if WantsJSON(r) {
		return Reply(w, r, words, status, Answer{Say: sentence})
	}
	back := ""
	if r.Referer() != "" {
		back = Back(r)
	}
	return sentenceScreen().Show(w, r, status, struct {
		Page
		Sentence, Back string
	}{Page{Speaker: words, Title: words.Say("page.sorry")}, sentence, back})
}
