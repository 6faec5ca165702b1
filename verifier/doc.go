// Package verifier holds a second verifier of a session's record: verify.html, one page that anybody can keep, open
// from disk without a network, and give a record to. It was written from docs/wire.md alone and shares no code with
// package record, so where both agree, the document says what is meant; where they do not, one of the three is wrong
// (seed S15).
//
// It lies at the root beside floor and record, because it is for strangers as they are, and not inside internal/web:
// it is no screen of a session, knows no pass, and works when no site runs.
//
// It judges records of one site and of several. With several, each journal is folded as its site had seen the others,
// so that what comes late is put where it belongs, and all of them once more as one story.
//
// The page is put together from the pieces beside it, the table of entries in docs/wire.md and the sentences of
// internal/words that it shares with the screens: go test ./verifier -rewrite. Its policy allows no network and only
// the one script and style, by their hashes.
package verifier

import (
	_ "embed" // the page
	"io"
	"net/http"
	"strings"
)

//go:embed verify.html
var page string

// policy is the Content-Security-Policy of the page, as it stands in it.
var policy = policyOf(page)

func policyOf(page string) string {
	_, rest, _ := strings.Cut(page, `http-equiv="Content-Security-Policy" content="`)
	policy, _, _ := strings.Cut(rest, `"`)
	return policy
}

// Serve answers with the page.
func Serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy+"; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-cache")
	_, _ = io.WriteString(w, page) // a reader who went away needs no answer
}

// ServeFile answers with the page as a file to keep: whoever doubts the site judges its records with a copy of their own,
// and a browser lends its cryptography to no page of plain http.
func ServeFile(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Disposition", `attachment; filename="verify.html"`)
	Serve(w, r)
}
