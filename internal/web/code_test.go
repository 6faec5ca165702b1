package web

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/web/hall"
)

var codeShown = regexp.MustCompile(`<code id="code-now" dir="ltr">([a-z0-9]{4}-[a-z0-9]{4})</code>`)

// body is what an answer says.
func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The organiser gives a moderator a code on the plan page; typed at the door it opens the desk, once, and only when it is
// sent: looking at a page opens nothing.
func TestSigningInByCode(t *testing.T) {
	k, o := program(t)
	h := visitor{Handler: Handler(o)}
	mod, link, err := k.Passes.Give(t.Context(), hall.Pass{Roles: floor.Desk, Label: "Mele"})
	if err != nil {
		t.Fatal(err)
	}
	plan := h.with("Authorization", "Bearer "+k.secret)
	res := plan.ask("POST", k.Of(k.pass.ID)+"links", url.Values{"do": {"code"}, "id": {"c1"}, "pass": {mod.ID}})
	found := codeShown.FindStringSubmatch(body(t, res))
	if res.StatusCode != http.StatusOK || found == nil {
		t.Fatal("no code is shown", res.Status)
	}
	code := found[1]
	if again := body(t, plan.ask("GET", k.Of(k.pass.ID)+"plan", nil)); strings.Contains(again, code) {
		t.Error("the code is shown again")
	}
	for _, method := range []string{"GET", "HEAD"} {
		for _, path := range []string{"/s/s/in", "/s/s/in?pass=" + code, "/s/s/in?code=" + code, "/s/s/p/" + mod.ID + "/desk?pass=" + code} {
			if res := h.ask(method, path, nil); len(res.Cookies()) > 0 || res.StatusCode >= 300 && res.StatusCode < 400 {
				t.Errorf("%s %s is answered %s with %v", method, path, res.Status, res.Cookies())
			}
		}
	}
	r := httptest.NewRequest("POST", "http://openmic.example/s/s/in", strings.NewReader("pass="+code))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden || len(w.Result().Cookies()) > 0 {
		t.Error("a crew code over a plain connection from elsewhere:", w.Code)
	}
	passes := len(k.Passes.List(floor.Anybody))
	res = h.ask("POST", "/s/s/in", url.Values{"pass": {" " + strings.ToUpper(code) + " "}})
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || !strings.HasSuffix(to, "/desk") || strings.HasPrefix(to, k.Of(mod.ID)) || len(res.Cookies()) != 1 {
		t.Fatalf("%s, to %s, with %v", res.Status, to, res.Cookies())
	}
	c := res.Cookies()[0]
	if in := h.with("Cookie", c.Name+"="+c.Value).ask("GET", res.Header.Get("Location"), nil); in.StatusCode != http.StatusOK {
		t.Error("the desk is answered", in.Status)
	}
	for range 2 {
		res = h.ask("POST", "/s/s/in", url.Values{"pass": {code}})
		if page := body(t, res); res.StatusCode != http.StatusUnauthorized || len(res.Cookies()) > 0 || !strings.Contains(page, `name="pass"`) || !strings.Contains(page, "used already") {
			t.Errorf("used twice: %s %s", res.Status, page)
		}
	}
	if n := len(k.Passes.List(floor.Anybody)); n != passes+1 {
		t.Errorf("%d passes more", n-passes)
	}
	slowed := false
	for i := range 300 {
		res := h.ask("POST", "/s/s/in", url.Values{"pass": {fmt.Sprintf("aaaa%04d", i)}})
		slowed = slowed || res.StatusCode == http.StatusTooManyRequests
	}
	if res := h.ask("POST", "/s/s/in", url.Values{"pass": {link}}); !slowed || res.StatusCode != http.StatusSeeOther {
		t.Error("a flood of guesses, and the right link:", slowed, res.Status)
	}
}

// Whoever is inside gets a code for another device of theirs, also a participant; nobody gets one for somebody else.
func TestACodeForAnotherDevice(t *testing.T) {
	k, o := program(t)
	h := visitor{Handler: Handler(o)}
	for _, roles := range []floor.Roles{floor.Participant, floor.Chair, floor.Projector} {
		mine, secret, err := k.Passes.Give(t.Context(), hall.Pass{Roles: roles})
		if err != nil {
			t.Fatal(err)
		}
		res := h.with("Authorization", "Bearer "+secret).ask("POST", k.Of(mine.ID)+"code", url.Values{})
		found := codeShown.FindStringSubmatch(body(t, res))
		if found == nil {
			t.Fatal("no code is shown", res.Status)
		}
		if res := h.ask("POST", "/s/s/in", url.Values{"pass": {found[1]}}); !strings.HasSuffix(res.Header.Get("Location"), "/"+FirstScreen(roles)) {
			t.Error(roles, res.Status, res.Header.Get("Location"))
		}
		if res := h.with("Authorization", "Bearer "+secret).ask("POST", k.Of(k.pass.ID)+"code", url.Values{}); res.StatusCode != http.StatusUnauthorized {
			t.Error("a code for somebody else:", res.Status)
		}
	}
}
