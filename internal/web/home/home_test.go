package home_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"openmic/floor"
	"openmic/internal/site"
)

// An organiser is a browser before a fresh program.
type organiser struct {
	t    *testing.T
	site *site.Site
	http *http.Client
	last string // the page it sees
	code int
}

func newOrganiser(t *testing.T, signedIn bool) *organiser {
	t.Helper()
	ctx := context.Background()
	s, err := site.Open(ctx, site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Serve(ctx); err != nil {
		t.Fatal(err)
	}
	jar, _ := cookiejar.New(nil)
	o := &organiser{t: t, site: s, http: &http.Client{Jar: jar}}
	link, _, err := s.FirstLink(ctx, false)
	if err != nil {
		t.Fatal(err)
	}
	if signedIn {
		_, secret, _ := strings.Cut(link, "#")
		o.post("/in", url.Values{"pass": {secret}})
	}
	return o
}

func (o *organiser) take(r *http.Response, err error) string {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	o.code, o.last = r.StatusCode, string(b)
	return r.Request.URL.Path
}

func (o *organiser) get(path string) string {
	o.t.Helper()
	return o.take(o.http.Get(o.site.Local() + path))
}

func (o *organiser) post(path string, form url.Values) string {
	o.t.Helper()
	return o.take(o.http.PostForm(o.site.Local()+path, form))
}

// paste puts a proposal into the start page, as a file when it has a name.
func (o *organiser) paste(file string, text []byte) {
	o.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	var w io.Writer
	if file == "" {
		w, _ = m.CreateFormField("text")
	} else {
		w, _ = m.CreateFormFile("file", file)
	}
	_, _ = w.Write(text)
	_ = m.Close()
	o.take(o.http.Post(o.site.Local()+"/new", m.FormDataContentType(), &body))
}

// form is what the browser would send of the page's form with this action.
func (o *organiser) form(action string) url.Values {
	o.t.Helper()
	doc, err := html.Parse(strings.NewReader(o.last))
	if err != nil {
		o.t.Fatal(err)
	}
	out := url.Values{}
	found := false
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || attr(n, "action") != action {
			continue
		}
		found = true
		for x := range n.Descendants() {
			name := attr(x, "name")
			switch {
			case name == "" || x.Type != html.ElementNode:
			case x.Data == "input" && attr(x, "type") == "checkbox":
				if has(x, "checked") {
					out.Add(name, attr(x, "value"))
				}
			case x.Data == "input":
				out.Add(name, attr(x, "value"))
			case x.Data == "textarea":
				out.Add(name, textOf(x))
			case x.Data == "select":
				out.Add(name, chosen(x))
			}
		}
	}
	if !found {
		o.t.Fatalf("the page has no form for %s:\n%s", action, o.last)
	}
	return out
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for x := range n.Descendants() {
		if x.Type == html.TextNode {
			b.WriteString(x.Data)
		}
	}
	return b.String()
}

func chosen(n *html.Node) string {
	v, first := "", true
	for x := range n.Descendants() {
		if x.Data == "option" && (first || has(x, "selected")) {
			v, first = attr(x, "value"), false
		}
	}
	return v
}

func (o *organiser) sessions() int {
	o.t.Helper()
	list, err := o.site.Sessions(context.Background())
	if err != nil {
		o.t.Fatal(err)
	}
	return len(list)
}

func proposal(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "plan", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var personal = regexp.MustCompile(`/s/[a-z]+/in#[A-Za-z0-9._-]+`)

// A newcomer pastes a proposal, looks it over, presses the button, and has a link for everybody.
func TestFromAProposalToLinks(t *testing.T) {
	o := newOrganiser(t, true)
	o.paste("", proposal(t, "ws2023.txt"))
	for _, want := range []string{`value="Rope bridges: small networks, large valleys"`, `href="#line-1"`, `<li id="line-3">`, "The heading is missing; this was taken from where the line stands."} {
		if !strings.Contains(o.last, want) {
			t.Errorf("the review does not show %s", want)
		}
	}
	form := o.form("/make")
	if o.sessions() != 0 {
		t.Error("looking a plan over made a session already")
	}
	form.Set("title", "Rope bridges and valleys")
	form.Set("goesto", "the council of the valleys")
	o.post("/make", form)
	links := personal.FindAllString(o.last, -1)
	if o.code != http.StatusOK || len(links) < 8 {
		t.Fatalf("making answers %d with %d links:\n%s", o.code, len(links), o.last)
	}
	// The same press again is the same session, with the same links.
	o.post("/make", form)
	if again := personal.FindAllString(o.last, -1); strings.Join(again, " ") != strings.Join(links, " ") || o.sessions() != 1 {
		t.Errorf("a double press made %d sessions, and links %v after %v", o.sessions(), again, links)
	}

	list, _ := o.site.Sessions(context.Background())
	h, _ := o.site.Hall(list[0].ID)
	v := h.Session.View()
	if v.Say(v.Title) != "Rope bridges and valleys" || len(v.Questions) != 3 || v.Say(v.Questions[0]) != "How can a rope be shared?" {
		t.Errorf("the plan is %q with %d questions", v.Say(v.Title), len(v.Questions))
	}
	secured := int64(0)
	for _, g := range v.Segments {
		if g.Protected {
			secured += g.Budget
		}
	}
	if secured != 45*60_000 {
		t.Errorf("%d ms are secured for discussion", secured)
	}
	chairs := 0
	for _, p := range v.People {
		if p.Roles.Has(floor.Chair) {
			chairs++
			if name := v.Say(p.Name); name != "Fara Highfield" || !p.Roles.Has(floor.Venue) || v.Say(p.Group) != "technical" || v.Say(p.Region) != "asia-pacific" {
				t.Errorf("%s chairs with %s, %s, %s", name, p.Roles, v.Say(p.Group), v.Say(p.Region))
			}
		}
	}
	if chairs != 1 {
		t.Errorf("%d people chair", chairs)
	}
	// A link opens for its person; the organiser's own browser is inside already.
	if at := o.get("/"); at != "/" || !strings.Contains(o.last, "Rope bridges and valleys") {
		t.Error("the list does not have the new session")
	}
	if at := o.post("/open/"+h.ID, nil); !strings.HasSuffix(at, "/plan") || o.code != http.StatusOK {
		t.Errorf("opening the session leads to %s with %d", at, o.code)
	}
	_, secret, _ := strings.Cut(links[0], "#")
	jar, _ := cookiejar.New(nil)
	guest := &organiser{t: t, site: o.site, http: &http.Client{Jar: jar}}
	if at := guest.post("/s/"+h.ID+"/in", url.Values{"pass": {secret}}); guest.code != http.StatusOK || !strings.Contains(at, "/p/") {
		t.Errorf("a personal link leads to %s with %d", at, guest.code)
	}
}

// Every fictional proposal becomes a session without a correction, when one link for the crew is ticked; so does a file
// of noise once it has a title.
func TestEveryProposalCanBeMade(t *testing.T) {
	o := newOrganiser(t, true)
	files, err := filepath.Glob(filepath.Join("..", "..", "plan", "testdata", "*.[th][xt][tm]*"))
	if err != nil || len(files) < 8 {
		t.Fatalf("%d proposals, %v", len(files), err)
	}
	for _, f := range files {
		o.paste(filepath.Base(f), proposal(t, filepath.Base(f)))
		if o.code != http.StatusOK {
			t.Errorf("%s: reading answers %d", f, o.code)
			continue
		}
		form := o.form("/make")
		form.Set("crewlink", "yes")
		if form.Get("title") == "" {
			form.Set("title", "Untitled")
		}
		o.post("/make", form)
		if len(personal.FindAllString(o.last, -1)) == 0 {
			t.Errorf("%s: making answers %d:\n%s", f, o.code, wrongs(o.last))
		}
	}
}

// wrongs are the complaints beside the fields of a page.
func wrongs(page string) string {
	return strings.Join(regexp.MustCompile(`<p class="error"[^>]*>[^<]+`).FindAllString(page, -1), "\n")
}

func TestWhatCannotBeTakenIsShownAgain(t *testing.T) {
	o := newOrganiser(t, true)
	o.get("/new")
	form := o.form("/make")
	form.Set("title", "")
	form.Set("segment.1.minutes", "many")
	form.Set("segment.1.title", "Quick panel")
	form.Set("person.0.name", strings.Repeat("a", 100))
	form.Set("video", "javascript:alert(1)")
	form.Set("date", "2030-02-31")
	form.Set("time", "14:00")
	form.Del("crewlink")
	o.post("/make", form)
	if o.code != http.StatusUnprocessableEntity || o.sessions() != 0 {
		t.Fatalf("a bad form answers %d and makes %d sessions", o.code, o.sessions())
	}
	told := wrongs(o.last)
	for _, field := range []string{"title", "segment.1.minutes", "person.0.name", "video", "date", "crewlink"} {
		if !strings.Contains(told, `data-error="`+field+`"`) {
			t.Errorf("nothing is said beside %s:\n%s", field, told)
		}
	}
	if again := o.form("/make"); again.Get("segment.1.title") != "Quick panel" || again.Get("id") != form.Get("id") {
		t.Error("the form is not filled in as before")
	}
	form = o.form("/make")
	form.Set("more", "segment")
	o.post("/make", form)
	if rows := strings.Count(o.last, `name="segment.`); o.code != http.StatusOK || rows < 4*12 {
		t.Errorf("more rows answers %d with %d fields", o.code, rows)
	}
}

func TestAnEmptyStartIsReadyWithATitle(t *testing.T) {
	o := newOrganiser(t, true)
	o.get("/new")
	form := o.form("/make")
	form.Set("title", "Ropes")
	form.Set("date", "2030-05-31")
	form.Set("time", "14:00")
	form.Set("zone", "+05:45")
	o.post("/make", form)
	if n := len(personal.FindAllString(o.last, -1)); n != 2 { // the crew's and the wall's
		t.Fatalf("%d links; %s", n, wrongs(o.last))
	}
	list, _ := o.site.Sessions(context.Background())
	h, _ := o.site.Hall(list[0].ID)
	v := h.Session.View()
	if v.Start != 1906445700000 || v.End-v.Start != 90*60_000 {
		t.Errorf("it starts at %d and takes %d ms", v.Start, v.End-v.Start)
	}
	o.get("/new?like=" + h.ID)
	if form := o.form("/make"); form.Get("title") != "Ropes" || form.Get("date") != "" || form.Get("segment.2.protected") != "yes" {
		t.Errorf("a session like this begins with %v", form)
	}
}

func TestStrangersMakeNothing(t *testing.T) {
	o := newOrganiser(t, false)
	o.get("/")
	if strings.Contains(o.last, `action="/new"`) || !strings.Contains(o.last, `action="/find"`) {
		t.Error("a stranger sees the organiser's form, or not their own")
	}
	o.paste("", proposal(t, "ws2023.txt"))
	if o.code != http.StatusUnauthorized {
		t.Errorf("a stranger's proposal answers %d", o.code)
	}
	for _, path := range []string{"/make", "/open/abcdef"} {
		if o.post(path, url.Values{"title": {"Mine"}, "id": {"1"}}); o.code != http.StatusUnauthorized {
			t.Errorf("a stranger at %s: %d", path, o.code)
		}
	}
	if o.get("/new"); o.code != http.StatusUnauthorized {
		t.Errorf("a stranger at /new: %d %s", o.code, o.last)
	}
	if o.sessions() != 0 {
		t.Error("a stranger made a session")
	}
}

func TestNoProposalIsOneSentence(t *testing.T) {
	o := newOrganiser(t, true)
	for name, c := range map[string]struct {
		file string
		text []byte
		want string
	}{
		"nothing":    {"", nil, "Please fill this in."},
		"a picture":  {"a.png", []byte("\x89PNG\r\n\x1a\n0000"), "This is not text."},
		"too large":  {"a.txt", bytes.Repeat([]byte("a b "), 5<<18+10), "larger than 5 MB"},
		"far larger": {"a.txt", bytes.Repeat([]byte("a b "), 7<<18), "larger than 5 MB"},
	} {
		if o.paste(c.file, c.text); o.code != http.StatusUnprocessableEntity || !strings.Contains(wrongs(o.last), c.want) {
			t.Errorf("%s: %d %s", name, o.code, wrongs(o.last))
		}
	}
}

func TestACodeLeadsToItsDoor(t *testing.T) {
	o := newOrganiser(t, true)
	o.get("/new")
	form := o.form("/make")
	form.Set("title", "Ropes")
	o.post("/make", form)
	list, _ := o.site.Sessions(context.Background())
	h, _ := o.site.Hall(list[0].ID)
	room, online := h.Base()+"room/"+h.RoomCode(), h.Base()+"online"
	for code, want := range map[string]string{
		strings.ToLower(h.RoomCode()): room, " " + h.ID + " ": online,
		"https://mic.example.org" + room: room, "https://mic.example.org" + online: online, "nosuch": "/find",
	} {
		if at := o.get("/find?code=" + url.QueryEscape(code)); at != want {
			t.Errorf("%q leads to %s, not %s", code, at, want)
		}
	}
}

// Revoking a link closes what it has open, at once; and a link without the organiser's role gives no links.
func TestARevokedLinkIsClosed(t *testing.T) {
	o := newOrganiser(t, true)
	o.paste("", proposal(t, "ws2023.txt"))
	o.post("/make", o.form("/make"))
	links := personal.FindAllString(o.last, -1)
	plan := regexp.MustCompile(`href="(/s/[^"]*/)plan"`).FindStringSubmatch(o.last)
	if plan == nil || len(links) < 8 {
		t.Fatalf("%d links and the plan page %v", len(links), plan)
	}
	enter := func(link string) (*organiser, string) {
		at, secret, _ := strings.Cut(link, "#")
		jar, _ := cookiejar.New(nil)
		g := &organiser{t: t, site: o.site, http: &http.Client{Jar: jar}}
		screen := g.post(at, url.Values{"pass": {secret}})
		return g, screen[:strings.LastIndexByte(screen, '/')+1]
	}
	speaker, base := enter(links[2])
	if speaker.post(base+"links", url.Values{"do": {"wall"}, "id": {"1"}}); speaker.code != http.StatusForbidden || personal.MatchString(speaker.last) {
		t.Errorf("a speaker who makes links is answered %d", speaker.code)
	}
	wall, base := enter(links[len(links)-1])
	r, err := wall.http.Get(o.site.Local() + base + "wall/live")
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("the wall's stream: %v, %v", r, err)
	}
	defer r.Body.Close()
	pass := strings.Split(base, "/")[4]
	if o.post(plan[1]+"links", url.Values{"do": {"revoke"}, "pass": {pass}}); o.code != http.StatusOK {
		t.Fatalf("revoking answers %d", o.code)
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil { // it ends, or the test does not
		t.Errorf("the stream ends with %v", err)
	}
	if wall.get(base + "wall"); wall.code != http.StatusUnauthorized {
		t.Errorf("a revoked link still opens its screen: %d", wall.code)
	}
	if other, base := enter(links[3]); other.code != http.StatusOK {
		t.Errorf("another link was touched: %d at %s", other.code, base)
	}
}
