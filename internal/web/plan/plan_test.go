package plan

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/hall/halltest"
	"openmic/internal/web/page"
	"openmic/internal/web/sheet"
	"openmic/internal/words"
)

func TestTheTemplateFits(t *testing.T) {
	l := words.Languages()[0]
	v := view{Page: page.Page{Speaker: l}, Invite: &inviting{}, Sheet: sheet.Of(l, sheet.Empty(), nil, nil, time.UTC)}
	for _, name := range []string{"frame", "live"} {
		if err := templatecheck.CheckHTML(Screen.Template.Templates().Lookup(name), v); err != nil {
			t.Error(err)
		}
	}
}

type serve func(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error

// press posts a form with a pass, and gives the answer.
func press(t *testing.T, s *halltest.Stage, f serve, p *hall.Pass, form url.Values, accept string) (*httptest.ResponseRecorder, error) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, s.Of(p.ID)+"links", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	return w, f(s.Hall, s.Visit(r, p), w, r)
}

var secret = regexp.MustCompile(`/s/s/in#([a-z0-9]+\.[A-Za-z0-9_-]+)`)

// invited presses a button that makes a link, and gives its pass.
func invited(t *testing.T, s *halltest.Stage, p *hall.Pass, form url.Values) *hall.Pass {
	t.Helper()
	w, err := press(t, s, ServeLinks, p, form, "text/html")
	if err != nil {
		t.Fatal(err)
	}
	found := secret.FindStringSubmatch(w.Body.String())
	if w.Code != http.StatusOK || found == nil {
		t.Fatalf("%v answers %d without a link", form, w.Code)
	}
	got, err := s.Passes.Check(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestALinkIsShownOnceAndRevokedAlone(t *testing.T) {
	s := halltest.New(t, Screen)
	s.Plan(t, halltest.Workshop)
	me := s.Pass(t, floor.Organiser, "Organiser")
	form := url.Values{"do": {"invite"}, "id": {"p1"}, "name": {"Hana Overpass"}, "group": {"technical"}, "side": {"online"}, "role": {"desk", "notes"}}
	hana := invited(t, s, me, form)
	if hana.Roles != floor.Desk|floor.Rapporteur {
		t.Errorf("Hana's roles are %s", hana.Roles)
	}
	if again := invited(t, s, me, form); again.ID != hana.ID || len(s.Session.View().People) != 1 {
		t.Error("a double press invited two")
	}
	if shown := s.Show(t, Screen, me, "en"); secret.MatchString(shown) || !strings.Contains(shown, "Hana Overpass") {
		t.Error("the page shows a link again, or not who has one")
	}
	other := invited(t, s, me, url.Values{"do": {"give"}, "id": {"p2"}, "pass": {hana.ID}})
	if other.ID == hana.ID || other.Person != hana.Person || other.Roles != hana.Roles {
		t.Errorf("another link of Hana is %+v", other)
	}
	if _, err := press(t, s, ServeLinks, me, url.Values{"do": {"revoke"}, "pass": {hana.ID}}, "text/html"); err != nil {
		t.Fatal(err)
	}
	if s.Passes.Valid(hana.ID) || !s.Passes.Valid(other.ID) || !s.Passes.Valid(me.ID) {
		t.Error("revoking one link did not end just this one")
	}
	if shown := s.Show(t, Screen, me, "en"); strings.Contains(shown, `value="`+hana.ID+`"`) {
		t.Error("a revoked link is still listed")
	}
	if _, err := press(t, s, ServeLinks, me, url.Values{"do": {"revoke"}, "pass": {me.ID}}, "text/html"); err == nil {
		t.Error("the organiser locked themselves out")
	}
	// The organiser has a pass without being a person of the session: a second browser is no person, either.
	mine := invited(t, s, me, url.Values{"do": {"give"}, "id": {"p3"}, "pass": {me.ID}})
	if mine.Person != me.Person || len(s.Session.View().People) != 1 {
		t.Error("the organiser's second link made a person")
	}
}

func TestAHubAndAWallGetTheirLinks(t *testing.T) {
	s := halltest.New(t, Screen)
	me := s.Pass(t, floor.Organiser, "Organiser")
	hub := invited(t, s, me, url.Values{"do": {"hub"}, "id": {"p1"}, "name": {"Library of Lautala"}})
	wall := invited(t, s, me, url.Values{"do": {"wall"}, "id": {"p2"}})
	if hub.Roles != floor.Hub || wall.Roles != floor.Projector {
		t.Errorf("the hub has %s, the wall %s", hub.Roles, wall.Roles)
	}
	if people := s.Session.View().People; len(people) != 1 || people[0].Side != floor.Online {
		t.Errorf("%d people joined", len(people))
	}
}

func TestABadInvitationIsAskedAgain(t *testing.T) {
	s := halltest.New(t, Screen)
	me := s.Pass(t, floor.Organiser, "Organiser")
	w, err := press(t, s, ServeLinks, me, url.Values{"do": {"invite"}, "id": {"p1"}, "name": {""}, "org": {"Valley Net"}, "role": {"site"}}, "text/html")
	if err != nil || w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("answers %d, %v", w.Code, err)
	}
	if body := w.Body.String(); !strings.Contains(body, "Please fill this in.") || !strings.Contains(body, `value="Valley Net"`) || secret.MatchString(body) {
		t.Error("the form does not come back filled in, with the reason")
	}
	if len(s.Passes.List(floor.Anybody)) != 1 {
		t.Error("a bad invitation made a pass")
	}
}

func TestThePlanChangesUntilTheSessionOpens(t *testing.T) {
	s := halltest.New(t, Screen)
	plan := halltest.Workshop
	plan.Facts = map[string]string{"form": "takeaways 3", "theme": "Access"}
	s.Plan(t, plan)
	me := s.Pass(t, floor.Organiser, "Organiser")
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	form := sheet.FromSession(s.Visit(r, me).Look, time.UTC)
	form.Set("title", "Islands and valleys")
	form.Set("id", "p1")
	w, err := press(t, s, ServePlan, me, form, "text/html")
	if err != nil || w.Code != http.StatusOK {
		t.Fatalf("saving answers %d, %v", w.Code, err)
	}
	look := s.Visit(r, me).Look
	if look.Text(look.Title) != "Islands and valleys" || look.Fact("form") != "takeaways 3" || len(look.Questions) != 2 || look.Start != plan.Start {
		t.Errorf("the plan is now %q, form %q, %d questions, start %d", look.Text(look.Title), look.Fact("form"), len(look.Questions), look.Start)
	}
	form.Set("segment.0.minutes", "-3")
	form.Set("id", "p2")
	if w, err = press(t, s, ServePlan, me, form, "text/html"); err != nil || w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "This time cannot be right.") {
		t.Errorf("a bad plan answers %d, %v", w.Code, err)
	}
	w, err = press(t, s, ServePlan, me, form, "application/json")
	var a page.Answer
	if jerr := json.Unmarshal(w.Body.Bytes(), &a); err != nil || jerr != nil || a.Fields["segment.0.minutes"] == "" {
		t.Errorf("a program hears %s, %v", w.Body, err)
	}
	s.Do(t, s.Pass(t, floor.Chair, "chair"), &floor.Open{})
	form.Set("segment.0.minutes", "30")
	form.Set("id", "p3")
	if w, err = press(t, s, ServePlan, me, form, "application/json"); err != nil || w.Code != http.StatusConflict {
		t.Errorf("after the opening a plan answers %d, %v", w.Code, err)
	}
	if shown := s.Show(t, Screen, me, "en"); strings.Contains(shown, `action="plan"`) {
		t.Error("the plan can still be typed after the opening")
	}
}

// The forms of the settings give the command that they mean, and what cannot be is refused by name.
func TestSettingsAndDials(t *testing.T) {
	s := halltest.New(t, Screen)
	me := s.Pass(t, floor.Organiser, "Organiser")
	for form, want := range map[string]string{
		"approveCards=no&approveCards=yes&wallAll=no&cardSeconds=60": "",
		"L=180000&R=3&K=0": "",
		"cardSeconds=5":    "cardSeconds",
		"R=0":              "R",
	} {
		values, err := url.ParseQuery(form)
		if err != nil {
			t.Fatal(err)
		}
		c := &floor.Change{}
		if err := hall.Fill(c, values); err != nil {
			t.Fatal(err)
		}
		_, err = s.Try(me, c)
		var bad *floor.BadInput
		if errors.As(err, &bad) && bad.Field != want || (err == nil) != (want == "") {
			t.Errorf("%s: %v", form, err)
		}
	}
	v := s.Session.View()
	if v.Settings.CardSeconds != 60 || !v.Settings.ApproveCards || v.State.Rule.L != 180_000 || v.State.Rule.R != 3 || v.State.Rule.K != 0 {
		t.Errorf("settings %+v, rule %+v", v.Settings, v.State.Rule)
	}
	shown := s.Show(t, Screen, me, "en")
	if !strings.Contains(shown, `<option value="180000" selected>`) {
		t.Error("the page does not show the dial as it stands")
	}
	// Every field the form sends is one the command knows.
	known := map[string]bool{}
	for f := range reflect.TypeFor[floor.Change]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		known[name] = true
	}
	look := s.Visit(httptest.NewRequest(http.MethodGet, "/", nil), me).Look
	for _, d := range append(settings(look), rule(look)...) {
		if !known[d.Name] {
			t.Errorf("the form asks for %s", d.Name)
		}
	}
}

func TestInEveryLanguage(t *testing.T) {
	s := halltest.New(t, Screen)
	me := s.Pass(t, floor.Organiser, "Organiser")
	s.Show(t, Screen, me, "en") // nothing planned yet
	s.Plan(t, halltest.Workshop)
	for _, l := range words.Languages() {
		if shown := s.Show(t, Screen, me, l.Tag()); strings.Contains(shown, "⟦") {
			t.Errorf("%s: a sentence is missing", l.Tag())
		}
	}
}
