package door

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"openmic/floor"
	"openmic/internal/web/hall/halltest"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

func TestTheTemplateFits(t *testing.T) {
	for _, name := range []string{"frame", "live"} {
		if err := templatecheck.CheckHTML(template.Templates().Lookup(name), view{Page: page.Page{Speaker: words.Languages()[0]}}); err != nil {
			t.Error(err)
		}
	}
}

// visitor is a browser at a door: it keeps cookies.
type visitor struct {
	stage   *halltest.Stage
	cookies map[string]string
}

func (v *visitor) visit(t *testing.T, method, path string, form url.Values, accept string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", accept)
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	mux := http.NewServeMux()
	serve := func(side floor.Side) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := Serve(v.stage.Hall, side)(w, r); err != nil {
				t.Errorf("%s %s: %v", method, path, err)
			}
		}
	}
	mux.HandleFunc("/s/{session}/online", serve(floor.Online))
	mux.HandleFunc("/s/{session}/room/{code}", serve(floor.Room))
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.Path == v.stage.Base() && v.cookies != nil {
			v.cookies[c.Name] = c.Value
		}
	}
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func people(s *halltest.Stage) []floor.Person { return s.Session.View().People }

func TestWhoJoinsIsAtTheirPlaceInLine(t *testing.T) {
	s := halltest.New(t)
	s.Plan(t, halltest.Workshop)
	v := &visitor{s, map[string]string{}}
	page := body(t, v.visit(t, "GET", "/s/s/room/Harbour", nil, "text/html"))
	if !strings.Contains(page, "the ministries of the region") {
		t.Error("the door does not say to whom the result goes")
	}
	form := url.Values{"id": {"p1"}, "name": {"Mele"}, "group": {"civil"}, "preset": {"group"}, "ask": {"yes"}, "about": {"cables"}, "country": {"Tonga"}, "first": {"yes"}}
	r := v.visit(t, "POST", "/s/s/room/harbour", form, "text/html")
	if r.StatusCode != http.StatusSeeOther || !strings.HasSuffix(r.Header.Get("Location"), "/line") {
		t.Fatalf("joining answers %d and goes to %q", r.StatusCode, r.Header.Get("Location"))
	}
	view := s.Session.View()
	p := view.People[0]
	if p.Side != floor.Room || view.Say(p.Name) != "Mele" || view.Say(p.Country) != "Tonga" || view.Say(p.First) != "yes" {
		t.Errorf("joined as %+v", p)
	}
	if c, _ := floor.Preset("group"); p.Consent != c {
		t.Errorf("consent is %+v", p.Consent)
	}
	if k := view.Live(p.ID); k == nil || view.Say(k.About) != "cables" {
		t.Error("who asked for the floor at the door is not in the line")
	}
	if page := body(t, v.visit(t, "GET", "/s/s/online", nil, "text/html")); !strings.Contains(page, r.Header.Get("Location")) {
		t.Error("who comes again is not shown the way to their place")
	}
}

func TestADoubleTapIsOnePerson(t *testing.T) {
	s := halltest.New(t)
	v := &visitor{s, map[string]string{}}
	v.visit(t, "GET", "/s/s/online", nil, "text/html")
	form := url.Values{"id": {"p1"}, "name": {"Sita"}, "preset": {"name"}}
	one := v.visit(t, "POST", "/s/s/online", form, "text/html").Header.Get("Location")
	two := v.visit(t, "POST", "/s/s/online", form, "text/html").Header.Get("Location")
	if one != two || len(people(s)) != 1 {
		t.Errorf("two taps lead to %s and %s; %d people", one, two, len(people(s)))
	}
	s.Wait(2 * time.Minute)
	if three := v.visit(t, "POST", "/s/s/online", form, "text/html").Header.Get("Location"); three == one || len(people(s)) != 2 {
		t.Errorf("much later the same press leads to %s; %d people", three, len(people(s)))
	}
	// A press id alone gives nobody's pass away.
	stranger := &visitor{s, nil}
	if four := stranger.visit(t, "POST", "/s/s/online", form, "text/html").Header.Get("Location"); four == one {
		t.Error("a stranger with the same press id got the same pass")
	}
}

func TestAProgramGetsItsPassAsJSON(t *testing.T) {
	s := halltest.New(t)
	v := &visitor{s, nil}
	r := v.visit(t, "POST", "/s/s/online", url.Values{}, "application/json")
	var got struct{ Pass, Secret, Base, Person, Go string }
	if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	p, err := s.Passes.Check(got.Secret)
	if err != nil || p.ID != got.Pass || got.Base != "/s/s/p/"+p.ID+"/" || got.Go != got.Base+"line" || string(p.Person) != got.Person {
		t.Errorf("the door answers %+v, and the pass says %+v, %v", got, p, err)
	}
	if q := people(s)[0]; q.Consent != (floor.Consent{}) {
		t.Errorf("who said nothing consented to %+v", q.Consent)
	}
}

func TestWhatCannotBeTakenIsAskedAgain(t *testing.T) {
	s := halltest.New(t)
	v := &visitor{s, map[string]string{}}
	form := url.Values{"id": {"p1"}, "name": {strings.Repeat("a", 4000)}, "org": {"Island Net"}, "preset": {"name"}}
	r := v.visit(t, "POST", "/s/s/online", form, "text/html")
	page := body(t, r)
	if r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, `value="Island Net"`) || !strings.Contains(page, "keep this to 80 letters") {
		t.Errorf("the answer is %d:\n%s", r.StatusCode, page)
	}
	if len(people(s)) != 0 || len(s.Passes.List(floor.Anybody)) != 0 {
		t.Error("somebody came in, or a pass was made")
	}
}

func TestFieldByFieldCounts(t *testing.T) {
	s := halltest.New(t)
	v := &visitor{s, nil}
	v.visit(t, "POST", "/s/s/online", url.Values{"name": {"Ana"}, "preset": {"group"}, "detail": {"yes"}, "aloud": {"name", "country"}, "officials": {"name"}}, "application/json")
	if got, want := people(s)[0].Consent, (floor.Consent{Aloud: floor.Name | floor.Country, Officials: floor.Name}); got != want {
		t.Errorf("consent is %+v, want %+v", got, want)
	}
}

func TestTheRoomNeedsItsCode(t *testing.T) {
	s := halltest.New(t)
	v := &visitor{s, map[string]string{}}
	r := v.visit(t, "GET", "/s/s/room/other", nil, "text/html")
	if page := body(t, r); r.StatusCode != http.StatusNotFound || !strings.Contains(page, "/s/s/online") || strings.Contains(page, "<form") {
		t.Errorf("a wrong code is answered with %d:\n%s", r.StatusCode, page)
	}
	if r := v.visit(t, "POST", "/s/s/room/other", url.Values{"id": {"x"}}, "application/json"); r.StatusCode != http.StatusNotFound || len(people(s)) != 0 {
		t.Errorf("posting with a wrong code is answered with %d; %d people", r.StatusCode, len(people(s)))
	}
}

func TestAnEndedSessionLetsNobodyIn(t *testing.T) {
	s := halltest.New(t)
	s.Plan(t, halltest.Workshop)
	chair := s.Crew(t, floor.Chair, floor.Room, "Chair")
	s.Do(t, chair, &floor.Open{})
	s.Do(t, chair, &floor.Adjourn{})
	n := len(people(s))
	v := &visitor{s, map[string]string{}}
	if page := body(t, v.visit(t, "GET", "/s/s/online", nil, "text/html")); strings.Contains(page, "<form") || !strings.Contains(page, "has ended") {
		t.Error("the door of an ended session asks people in")
	}
	if r := v.visit(t, "POST", "/s/s/online", url.Values{"id": {"x"}}, "application/json"); r.StatusCode != http.StatusConflict || len(people(s)) != n || len(s.Passes.List(floor.Participant)) != 0 {
		t.Errorf("joining afterwards is answered with %d", r.StatusCode)
	}
}

// Whoever sends more than a press can hold is told how much it may be, as a form and as JSON.
func TestALongPressIsToldItsLimit(t *testing.T) {
	s := halltest.New(t)
	for _, kind := range []string{"application/json", "application/x-www-form-urlencoded"} {
		body := `{"name":"` + strings.Repeat("x", 2000) + `"}`
		r := httptest.NewRequest(http.MethodPost, "/s/s/online", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Accept", "application/json")
		w := httptest.NewRecorder()
		r.Body = http.MaxBytesReader(w, r.Body, 1000)
		if err := Serve(s.Hall, floor.Online)(w, r); err != nil {
			t.Fatal(err)
		}
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "1000") {
			t.Errorf("%s: %d %s", kind, w.Code, w.Body)
		}
	}
}
