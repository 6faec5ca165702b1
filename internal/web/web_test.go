package web

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/hall/halltest"
	"openmic/internal/web/home"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

// keeper is a program with one session, "s", and one organiser.
type keeper struct {
	*halltest.Stage
	secret string
	pass   *hall.Pass
}

func (k *keeper) Sessions(context.Context) ([]hall.Listing, error) {
	return []hall.Listing{{ID: "s", Title: "Community networks on islands"}}, nil
}

func (k *keeper) Create(context.Context, hall.Draft) (string, []hall.Link, error) {
	return "", nil, &floor.BadInput{Field: "title", Kind: "empty"}
}

func (k *keeper) Organiser(secret string) (*hall.Pass, error) {
	if secret != k.secret {
		return nil, hall.ErrNoPass
	}
	return k.pass, nil
}

func (k *keeper) Backup(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, "everything")
	return err
}

// program is all of web over one session.
func program(t *testing.T) (*keeper, Options) {
	t.Helper()
	k := &keeper{Stage: halltest.New(t, Screens...)}
	k.Export = func(ctx context.Context, w io.Writer) error { return nil }
	k.Record = func(ctx context.Context, archive bool, w io.Writer) error { return nil }
	given, secret, err := k.Passes.Give(t.Context(), hall.Pass{Roles: floor.Organiser})
	if err != nil {
		t.Fatal(err)
	}
	k.secret, k.pass = secret, &given
	find := func(id string) (*hall.Hall, bool) { return k.Hall, id == "s" }
	log := slog.New(slog.DiscardHandler)
	return k, Options{Hall: find, Home: home.New(home.Options{Host: k, Hall: find, Now: k.Now, Log: log}),
		OwnHost: func(host string) bool { return host == "openmic.example" }, Log: log}
}

// A visitor asks the program over a connection from another machine, as TLS would bring it.
type visitor struct {
	http.Handler
	header http.Header
}

func (v visitor) ask(method, path string, form url.Values) *http.Response {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, "https://openmic.example"+path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	maps.Copy(r.Header, v.header)
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	w := httptest.NewRecorder()
	v.ServeHTTP(w, r)
	return w.Result()
}

func (v visitor) with(kv ...string) visitor {
	h := v.header.Clone()
	if h == nil {
		h = http.Header{}
	}
	for i := 0; i < len(kv); i += 2 {
		h.Set(kv[i], kv[i+1])
	}
	return visitor{v.Handler, h}
}

// Every address is tried with a pass of every role, without one, and with one that was revoked. What each is answered is
// in testdata/roles.txt, to be read: "go test ./internal/web -run EveryRole -rewrite".
func TestEveryAddressForEveryRole(t *testing.T) {
	k, o := program(t)
	k.Stage.Plan(t, halltest.Workshop)
	type who struct{ name, id, secret string }
	var all []who
	give := func(name string, roles floor.Roles) {
		p, secret, err := k.Passes.Give(t.Context(), hall.Pass{Roles: roles, Label: name})
		if err != nil {
			t.Fatal(err)
		}
		if roles != floor.Projector {
			c, err := k.Passes.Check(secret)
			if err != nil {
				t.Fatal(err)
			}
			k.Do(t, c, &floor.Join{Side: floor.Online})
		}
		all = append(all, who{name, p.ID, secret})
	}
	for r := floor.Participant; r <= floor.Projector; r <<= 1 {
		if r != floor.Site { // no pass has it
			give(r.String(), r)
		}
	}
	give("revoked", floor.Chair|floor.Organiser)
	if err := k.Revoke(t.Context(), all[len(all)-1].id); err != nil {
		t.Fatal(err)
	}
	all = append(all, who{name: "nobody", id: all[0].id}, who{"stranger", all[0].id, "nobody.secret"})

	var addresses []string
	routes(o, func(pattern string, _ func(http.ResponseWriter, *http.Request) error) {
		method, path, ok := strings.Cut(pattern, " ")
		methods := []string{method}
		if !ok {
			path, methods = pattern, []string{"GET", "POST"}
		}
		for _, m := range methods {
			if !strings.Contains(path, "{screen}") {
				addresses = append(addresses, m+" "+path)
				continue
			}
			for _, sc := range Screens {
				if strings.HasSuffix(path, "/live") && sc.Look == nil {
					continue
				}
				addresses = append(addresses, m+" "+strings.ReplaceAll(path, "{screen}", sc.Name))
			}
		}
	})
	slices.Sort(addresses)
	h := Handler(o)
	var out strings.Builder
	for _, a := range addresses {
		method, path, _ := strings.Cut(a, " ")
		answers := map[int][]string{}
		for _, w := range all {
			v := visitor{Handler: h}
			if w.secret != "" {
				v = v.with("Authorization", "Bearer "+w.secret)
			}
			at := strings.NewReplacer("{session}", "s", "{pass}", w.id, "{code}", k.RoomCode(), "{$}", "").Replace(path)
			m, form := method, url.Values(nil)
			if strings.HasSuffix(at, "/live") {
				m = "HEAD" // whether the stream begins, without watching it
			}
			if m == "POST" {
				form = url.Values{"id": {"press"}}
			}
			passes := len(k.Passes.List(floor.Anybody | floor.Projector))
			res := v.ask(m, at, form)
			answers[res.StatusCode] = append(answers[res.StatusCode], w.name)
			if m != "POST" && len(k.Passes.List(floor.Anybody|floor.Projector)) != passes {
				t.Errorf("%s made a pass", a)
			}
			if b, _ := io.ReadAll(res.Body); res.StatusCode >= 400 && len(b) == 0 && m != "HEAD" {
				t.Errorf("%s answers %s to %s without a word", a, res.Status, w.name)
			}
			if strings.Contains(path, "{pass}") && (w.name == "nobody" || w.name == "stranger" || w.name == "revoked") && res.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s answers %s to %s", a, res.Status, w.name)
			}
			if res.StatusCode == http.StatusInternalServerError {
				t.Errorf("%s is broken for %s", a, w.name)
			}
		}
		fmt.Fprintf(&out, "%s\n", a)
		for _, s := range slices.Sorted(maps.Keys(answers)) {
			names := strings.Join(answers[s], " ")
			if len(answers[s]) == len(all) {
				names = "everybody"
			}
			fmt.Fprintf(&out, "  %d %s: %s\n", s, http.StatusText(s), names)
		}
	}
	golden(t, "testdata/roles.txt", out.String())
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *rewrite {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s does not say what is so; run with -rewrite and read the diff\n%s", file, firstDifference(string(want), got))
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d was %q and is %q", i+1, w[i], g[i])
		}
	}
	return "one is longer"
}

// A name that points at this program from elsewhere opens nothing, and a page of another site presses nothing.
func TestOtherHostsAndSites(t *testing.T) {
	k, o := program(t)
	given, secret, err := k.Passes.Give(t.Context(), hall.Pass{Roles: floor.Participant})
	if err != nil {
		t.Fatal(err)
	}
	v := visitor{Handler: Handler(o)}.with("Cookie", hall.Cookie(given.ID, true)+"="+secret)
	for _, x := range []struct {
		what   string
		v      visitor
		method string
		want   int
	}{
		{"our own page", v.with("Origin", "https://openmic.example", "Sec-Fetch-Site", "same-origin"), "POST", http.StatusSeeOther},
		{"a program", v, "POST", http.StatusConflict},
		{"another site", v.with("Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"), "POST", http.StatusForbidden},
		{"a neighbour on the same domain", v.with("Origin", "https://x.openmic.example", "Sec-Fetch-Site", "same-site"), "POST", http.StatusForbidden},
		{"an old browser on another site", v.with("Origin", "https://evil.example"), "POST", http.StatusForbidden},
		{"an unknown origin", v.with("Origin", "null"), "POST", http.StatusForbidden},
		{"another site that links here", v.with("Sec-Fetch-Site", "cross-site"), "GET", http.StatusOK},
		{"a strange host", v.with("Host", "evil.example"), "GET", http.StatusMisdirectedRequest},
		{"a strange host with our port", v.with("Host", "evil.example:443"), "GET", http.StatusMisdirectedRequest},
		{"our host with a port", v.with("Host", "OpenMic.example:8443"), "GET", http.StatusOK},
	} {
		path, form := k.Of(given.ID)+"do", url.Values{"id": {"join"}, "do": {"join"}, "side": {"online"}}
		if x.what == "a program" {
			form.Set("id", "join-again")
		}
		if x.method == "GET" {
			path, form = k.Of(given.ID)+"line", nil
		}
		if res := x.v.ask(x.method, path, form); res.StatusCode != x.want {
			b, _ := io.ReadAll(res.Body)
			t.Errorf("%s: %s\n%s", x.what, res.Status, b)
		}
	}
	if n := len(k.Session.View().People); n != 1 {
		t.Errorf("%d people", n)
	}
}

// Long, torn and foreign bodies are answered with one sentence, and change nothing.
func TestHostilePresses(t *testing.T) {
	k, o := program(t)
	given, secret, err := k.Passes.Give(t.Context(), hall.Pass{Roles: floor.Participant | floor.Chair})
	if err != nil {
		t.Fatal(err)
	}
	h := Handler(o)
	do := func(kind, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "https://openmic.example"+k.Of(given.ID)+"do", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Accept", "application/json")
		r.Header.Set("Authorization", "Bearer "+secret)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	const form, js = "application/x-www-form-urlencoded", "application/json"
	long := strings.Repeat("é", 4000)
	if w := do(js, `{"do":"join","id":"j","side":"online"}`); w.Code != http.StatusOK {
		t.Fatal(w.Body)
	}
	before := k.Session.View().Version
	for _, x := range []struct {
		kind, body, say string
		status          int
	}{
		{form, url.Values{"do": {"describe"}, "id": {"1"}, "name": {long}}.Encode(), `"name":`, 422},
		{js, `{"do":"describe","id":"1","org":"` + long + `"}`, `"org":`, 422},
		{js, `{"do":"ask","id":"1","about":"` + long + `"}`, `"about":`, 422},
		{js, `{"do":"write","id":"1","text":"` + long + `"}`, `"text":`, 422},
		{js, `{"do":"ask","id":"1","about":7}`, `"about":`, 422},
		{js, `{"do":"ask"}`, `"id":`, 422},
		{form, "do=ask", `"id":`, 422},
		{js, `{"do":"ask","id":"` + long + `"}`, `"id":`, 422},
		{js, `{"do":"resume","id":"1","down":1}`, `notallowed`, 403},
		{js, `{"do":"create","id":"1","session":"x"}`, `notallowed`, 403},
		{js, `{"do":"ask","id":"1","about":"` + strings.Repeat("x", 200_000) + `"}`, `"body":`, 422},
		{form, "do=ask&id=1&about=" + strings.Repeat("x", 200_000), `"body":`, 422},
		{form, "do=ask&id=1&about=%ff%fe", `"about":`, 422},
		{js, "{\"do\":\"ask\",\"id\":\"1\",\"about\":7", `"body":`, 422},
		{form, "\x00\x01\x02=%", `"body":`, 422},
	} {
		w := do(x.kind, x.body)
		if w.Code != x.status || !strings.Contains(w.Body.String(), x.say) || !strings.Contains(w.Body.String(), `"say":"`) {
			t.Errorf("%.60s: %d %s", x.body, w.Code, w.Body)
		}
	}
	if v := k.Session.View(); v.Version != before {
		t.Errorf("%d entries were written", v.Version-before)
	}
}

// A press without end is slowed down, at every address of the pass and for this pass alone.
func TestTooManyPresses(t *testing.T) {
	k, o := program(t)
	h := Handler(o)
	ana := k.Stage.Join(t, floor.Online, "Ana", "civil")
	for _, address := range []string{"do", "move"} {
		given, secret, err := k.Passes.Give(t.Context(), hall.Pass{Roles: floor.Participant})
		if err != nil {
			t.Fatal(err)
		}
		v := visitor{Handler: h}.with("Authorization", "Bearer "+secret)
		slowed := 0
		for range 60 {
			if v.ask("POST", k.Of(given.ID)+address, url.Values{"id": {"1"}, "do": {"ask"}}).StatusCode == http.StatusTooManyRequests {
				slowed++
			}
		}
		if slowed == 0 || slowed > 31 {
			t.Errorf("%s: %d of 60 presses were too fast", address, slowed)
		}
		if res := v.ask("GET", k.Of(given.ID)+"line", nil); res.StatusCode != http.StatusOK {
			t.Errorf("looking is slowed down: %s", res.Status)
		}
	}
	if !ana.Allow() {
		t.Error("another pass was slowed down")
	}
}

// Whoever guesses secrets is slowed down; whoever has one comes in meanwhile. Opening a link's address makes no pass and
// uses none up, however often mail programs look at it.
func TestSigningIn(t *testing.T) {
	k, o := program(t)
	h := visitor{Handler: Handler(o)}
	given, secret, err := k.Passes.Give(t.Context(), hall.Pass{Roles: floor.Chair})
	if err != nil {
		t.Fatal(err)
	}
	slowed := false
	for i := range 400 {
		res := h.ask("POST", "/s/s/in", url.Values{"pass": {fmt.Sprintf("%s.%d", given.ID, i)}})
		slowed = slowed || res.StatusCode == http.StatusTooManyRequests
		if res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusUnauthorized || len(res.Cookies()) > 0 {
			t.Fatal(res.Status)
		}
	}
	if !slowed {
		t.Error("400 wrong secrets were all looked at")
	}
	for range 3 {
		if res := h.ask("GET", "/s/s/in", nil); res.StatusCode != http.StatusOK || len(res.Cookies()) != 0 {
			t.Error(res.Status, res.Cookies())
		}
		for _, typed := range []string{secret, " " + secret + "\n", "https://openmic.example/s/s/in#" + secret} {
			res := h.ask("POST", "/s/s/in", url.Values{"pass": {typed}})
			if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != k.Of(given.ID)+"chair" || len(res.Cookies()) != 1 {
				t.Errorf("%s, to %s, with %v", res.Status, res.Header.Get("Location"), res.Cookies())
			}
		}
	}
	// Over a plain connection from elsewhere a crew link is not taken, whatever the headers say of it.
	for _, header := range []string{"X-Nothing", "X-Forwarded-Proto"} {
		r := httptest.NewRequest("POST", "http://openmic.example/s/s/in", strings.NewReader("pass="+secret))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(header, "https")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden || len(w.Result().Cookies()) > 0 {
			t.Errorf("with %s: %d", header, w.Code)
		}
	}
}

// Where each set of roles begins.
func TestFirstScreens(t *testing.T) {
	names := map[string]bool{}
	for _, sc := range Screens {
		names[sc.Name] = true
	}
	for r := floor.Roles(1); r < floor.Projector<<1; r++ {
		if r.Has(floor.Site) {
			continue
		}
		first := FirstScreen(r)
		if !names[first] {
			t.Fatalf("%s begins at %s, which is no screen", r, first)
		}
		for _, sc := range Screens {
			if sc.Name == first && !r.Has(sc.Roles) && r != floor.Hub|floor.Projector {
				t.Errorf("%s begins at %s, which is not theirs", r, first)
			}
		}
	}
}
