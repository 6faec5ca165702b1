package page

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jba/templatecheck"

	"openmic/internal/words"
)

func english() Speaker { return words.Match("", "en") }

// folder is a screen's folder as a screen would embed it.
var folder = fstest.MapFS{
	"mic.html": {Data: []byte(`{{define "live"}}<h2>{{.Say "side.room"}}</h2><p data-key="a">{{.Name}} <time data-until="{{ms .Until}}">14:35</time></p>
{{template "side" (args "side" "room" "label" (.Say "side.room"))}}{{end}}
{{define "body"}}<form method="post" action="/ask">{{template "id" "ask-1"}}{{range .Fields}}{{template "field" .}}{{end}}<button>{{.Say "side.online"}}</button></form>
{{template "region" .}}{{qr "http://openmic.example/a?b" "Join <here>"}}{{end}}`)},
	"mic.css": {Data: []byte("/* what only this screen needs */\n.mic { color: var(--room) }\n")},
}

type micView struct {
	Page
	Name   string
	Until  time.Time
	Fields []Field
}

var mic = NewScreen("mic", folder)

func fullMic() micView {
	return micView{
		Page: Page{Speaker: english(), Title: "Microphone", Session: "A <fair> floor", StreamURL: "/live", Version: "hub:4", Said: "Taken.", AsOf: "14:20"},
		Name: `"Sita" & <b>co`, Until: time.UnixMilli(1234),
		Fields: []Field{
			{Name: "name", Label: "Name", Hint: "as you like", Error: "Too long.", Value: "x", Required: true, Fill: "name"},
			{Name: "text", Label: "Text", Type: "area", Value: "</textarea>", Most: 500},
			{Name: "group", Label: "Group", Type: "select", Value: "b", Choices: []Choice{{"a", "A"}, {"b", "B"}}},
			{Name: "loud", Label: "Read it aloud", Type: "checkbox", Checked: true},
		},
	}
}

func shown(t *testing.T, s *Screen, data any) string {
	t.Helper()
	w := httptest.NewRecorder()
	if err := s.Show(w, httptest.NewRequest("GET", "/", nil), 200, data); err != nil {
		t.Fatal(err)
	}
	return w.Body.String()
}

// has fails for each part that the text lacks.
func has(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in\n%s", part, text)
		}
	}
}

func TestAPageStandsInItsFrame(t *testing.T) {
	css, err := AssetPath("mic.css")
	if err != nil {
		t.Fatal(err)
	}
	has(t, shown(t, mic, fullMic()),
		`<html lang="en" dir="ltr" data-screen="mic">`,
		`<title>Microphone · A &lt;fair&gt; floor</title>`,
		css, `<h1>Microphone</h1>`, `<noscript><meta http-equiv="refresh" content="60"></noscript>`,
		`data-live="/live" data-version="hub:4"`, `<div id="said" role="status">Taken.</div>`,
		`&#34;Sita&#34; &amp; &lt;b&gt;co <time data-until="1234">`,
		`aria-describedby="field-name-hint field-name-error" aria-invalid="true"`, `data-error="name">Too long.</p>`,
		`&lt;/textarea&gt;`, `<option value="b" selected>`, ` checked`,
		`<span class="side side-room">room</span>`, `<title>Join &lt;here&gt;</title>`, `{time}`, `as of 14:20</p>`,
	)
	empty := shown(t, mic, micView{Page: Page{Speaker: words.Match("", "ar")}})
	has(t, empty, `<html lang="ar" dir="rtl"`, `data-until="0"`)
	if strings.Contains(empty, "data-live") || strings.Contains(empty, "refresh") {
		t.Error("a page without a stream promises one")
	}
}

func TestTheRegionAloneIsTheRegionInThePage(t *testing.T) {
	live, err := mic.Live(fullMic())
	if err != nil {
		t.Fatal(err)
	}
	has(t, shown(t, mic, fullMic()), string(live))
}

func TestTemplatesFitTheirData(t *testing.T) {
	for _, name := range []string{"frame", "live"} {
		if err := templatecheck.CheckHTML(mic.Templates().Lookup(name), micView{}); err != nil {
			t.Error(name, err)
		}
	}
}

func TestAPageThatFailsIsNotSentByHalves(t *testing.T) {
	w := httptest.NewRecorder()
	if err := mic.Show(w, httptest.NewRequest("GET", "/", nil), 200, struct{ Page }{}); err == nil || w.Body.Len() > 0 {
		t.Errorf("%v, %d bytes", err, w.Body.Len())
	}
}

func TestTheFrameSaysOnlyWhatItLists(t *testing.T) {
	for key, names := range FrameKeys {
		for _, l := range words.Languages() {
			var args []any
			for _, name := range names {
				args = append(args, name, "14:20")
			}
			if said := l.Say(key, args...); len(names) > 0 && !strings.Contains(said, "14:20") {
				t.Errorf("%s in %s does not say when: %s", key, l.Tag(), said)
			}
		}
	}
}

func TestAssetsNeverChangeUnderTheirAddress(t *testing.T) {
	for _, name := range []string{"om.css", "om.js", "mic.css"} {
		at, err := AssetPath(name)
		if err != nil {
			t.Fatal(err)
		}
		zipped, plain := httptest.NewRecorder(), httptest.NewRecorder()
		r := httptest.NewRequest("GET", at, nil)
		Assets().ServeHTTP(plain, r)
		r.Header.Set("Accept-Encoding", "gzip")
		Assets().ServeHTTP(zipped, r)
		body := zipped.Body.Bytes()
		if zipped.Header().Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(zipped.Body)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %d bytes", name, zipped.Body.Len())
			if body, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(body, plain.Body.Bytes()) {
			t.Errorf("%s differs when compressed", name)
		}
		has(t, plain.Header().Get("Cache-Control"), "immutable")
		if bytes.Contains(body, []byte("/*\n")) || bytes.Contains(body, []byte("\n//")) {
			t.Errorf("%s brings its comments", name)
		}
	}
	w := httptest.NewRecorder()
	Assets().ServeHTTP(w, httptest.NewRequest("GET", "/a/om-0.css", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("an old address answers %d", w.Code)
	}
	if _, err := AssetPath("none.css"); err == nil {
		t.Error("an asset that is not there has an address")
	}
	defer func() {
		if recover() == nil {
			t.Error("two assets have one name")
		}
	}()
	Asset("mic.css", []byte("other"))
}

// The participant's first load is page, style, script and stream together: 10 KB.
func TestTheFirstLoadIsSmall(t *testing.T) {
	total := 0
	for _, name := range []string{"om.css", "om.js"} {
		at, _ := AssetPath(name)
		n := len(assets[at].zipped())
		t.Logf("%s: %d bytes", name, n)
		total += n
	}
	if total > 6700 {
		t.Errorf("style and script take %d bytes; the page and its stream need the rest of 10 KB", total)
	}
}

func guarded(h http.HandlerFunc) http.Handler {
	return Guard{
		Host:  func(host string) bool { return host == "openmic.example" || host == "::1" },
		Words: func(*http.Request) Speaker { return english() },
		Body:  func(*http.Request) int64 { return 10 },
		Log:   quietLog,
	}.Wrap(h)
}

func TestTheGuard(t *testing.T) {
	h := guarded(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			var long *http.MaxBytesError
			if errors.As(err, &long) {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
			}
			return
		}
		switch r.URL.Path {
		case "/panic":
			panic("a handler that breaks")
		case "/late":
			_, _ = io.WriteString(w, "half")
			panic("after it began")
		}
		_, _ = io.WriteString(w, "in")
	})
	for _, c := range []struct {
		what, host, origin, path, body, accept string
		status                                 int
		says                                   string
	}{
		{what: "ours", host: "openmic.example:8080", status: 200, says: "in"},
		{what: "a number", host: "[::1]:8080", status: 200, says: "in"},
		{what: "a strange host", host: "evil.example", status: 421, says: "not one of this server"},
		{what: "ours in capitals", host: "OpenMic.Example.", status: 200, says: "in"},
		{what: "another site", host: "openmic.example", origin: "https://evil.example", body: "x", status: 403, says: "Another site"},
		{what: "another site's program", host: "openmic.example", origin: "https://evil.example", body: "x", accept: "application/json", status: 403, says: `{"say":"Another site`},
		{what: "our own form", host: "openmic.example", origin: "https://openmic.example", body: "x", status: 200, says: "in"},
		{what: "too much", host: "openmic.example", body: "12345678901", status: 413},
		{what: "panic", host: "openmic.example", path: "/panic", status: 500, says: "Something broke"},
	} {
		method := "GET"
		if c.body != "" {
			method = "POST"
		}
		r := httptest.NewRequest(method, "http://x/"+strings.TrimPrefix(c.path, "/"), strings.NewReader(c.body))
		r.Host = c.host
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		r.Header.Set("Accept", c.accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %s", c.what, w.Code, w.Body)
		}
		same(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types om")
		same(t, w.Header().Get("X-Content-Type-Options"), "nosniff")
	}
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("half a page ends with %v", p)
		}
	}()
	r := httptest.NewRequest("GET", "/late", nil)
	r.Host = "openmic.example"
	h.ServeHTTP(httptest.NewRecorder(), r)
}

func TestReplies(t *testing.T) {
	reply := func(accept, referer string, status int, a Answer) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "http://openmic.example/ask", nil)
		r.Header.Set("Accept", accept)
		r.Header.Set("Referer", referer)
		w := httptest.NewRecorder()
		if err := Reply(w, r, english(), status, a); err != nil {
			t.Error(err)
		}
		return w
	}
	w := reply("application/json", "", 409, Answer{Say: "The line is closed.", Fields: map[string]string{"name": "Too long."}})
	same(t, strings.TrimSpace(w.Body.String()), `{"say":"The line is closed.","fields":{"name":"Too long."}}`)
	for referer, want := range map[string]string{
		"http://openmic.example/s/7/line?x=1": "/s/7/line?x=1",
		"http://evil.example/s":               "/",
		"http://openmic.example//evil":        "/evil",
		"http://openmic.example":              "/",
		"::":                                  "/",
	} {
		same(t, reply("text/html", referer, 200, Answer{}).Header().Get("Location"), want)
	}
	same(t, reply("", "", 200, Answer{Go: "/there"}).Header().Get("Location"), "/there")
	w = reply("text/html", "http://openmic.example/back", 422, Answer{Fields: map[string]string{"name": "Too long."}})
	has(t, w.Body.String(), `<p class="notice">Too long.</p>`, `<a href="/back">`)
}

func TestQRCodesSayWhatTheyAreFor(t *testing.T) {
	svg, err := QR("https://openmic.example/j/7", "Join")
	if err != nil {
		t.Fatal(err)
	}
	has(t, string(svg), `role="img"`, "<title>Join</title>", `viewBox="0 0 37 37"`)
	if _, err := QR(strings.Repeat("x", 5000), ""); err == nil {
		t.Error("5,000 letters fit in a code")
	}
}

// cards are texts with the seconds it takes to read them out.
var cards = map[string]int{
	"":                                   0,
	"one":                                1,
	"We run two exchanges – one for all": 3, // the dash is no word
	"インターネットは一つ":                         2,
	"IXP を運用":                            1,
	"ما رأيكم في هذا؟":                   2,
	strings.Repeat("word ", 120):         48,
}

func TestReadingAloudTakesTime(t *testing.T) {
	for text, want := range cards {
		if got := Aloud(text); got != time.Duration(want)*time.Second {
			t.Errorf("%q takes %s, not %d s", text, got, want)
		}
	}
}

func TestKeysAreListed(t *testing.T) {
	for _, key := range words.Keys() {
		if _, ok := FrameKeys[key]; strings.HasPrefix(key, "page.") && !ok {
			t.Errorf("%s is in the catalogues and not in FrameKeys", key)
		}
	}
	if !slices.Contains(words.Keys(), "page.skip") {
		t.Error("the catalogues lack the frame's sentences")
	}
}

func TestCommentsStayAtHome(t *testing.T) {
	same(t, string(withoutComments([]byte("/*\n * One.\n */\n* { a: b }\n\n  // two\n  /** three */\n  x /* four */\n"))), "* { a: b }\nx /* four */\n")
}
