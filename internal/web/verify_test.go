package web

import (
	"io"
	"strings"
	"testing"
)

// TestVerifierIsServed: the second verifier is answered to everybody under its own policy, and as a file to keep.
func TestVerifierIsServed(t *testing.T) {
	_, o := program(t)
	v := visitor{Handler: Handler(o)}
	seen := v.ask("GET", "/verify", nil)
	kept := v.ask("GET", "/verify.html", nil)
	for _, answer := range []struct {
		status int
		policy string
		body   io.Reader
	}{{seen.StatusCode, seen.Header.Get("Content-Security-Policy"), seen.Body}, {kept.StatusCode, kept.Header.Get("Content-Security-Policy"), kept.Body}} {
		text, err := io.ReadAll(answer.body)
		if err != nil {
			t.Fatal(err)
		}
		if answer.status != 200 || !strings.HasPrefix(string(text), "<!DOCTYPE html>") {
			t.Errorf("status %d, %.60q", answer.status, text)
		}
		if !strings.Contains(answer.policy, "script-src 'sha256-") || strings.Contains(answer.policy, "'self'") || strings.Count(answer.policy, "default-src") != 1 {
			t.Errorf("the policy is %q", answer.policy)
		}
	}
	if seen.Header.Get("Content-Disposition") != "" || !strings.Contains(kept.Header.Get("Content-Disposition"), "verify.html") {
		t.Error("one is to be seen, the other to be kept")
	}
}
