package ready

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jba/templatecheck"

	"openmic/floor"
	"openmic/internal/web/hall/halltest"
)

func TestTheTemplateFits(t *testing.T) {
	if err := templatecheck.CheckHTMLStrict(Screen.Template.Templates().Lookup("frame"), view{}); err != nil {
		t.Error(err)
	}
}

// has fails the test for each part that the page does not say.
func has(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(page, p) {
			t.Errorf("the page does not say %q", p)
		}
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	s := halltest.New(t, Screen)
	chair := s.Crew(t, floor.Chair, floor.Room, "Ana Silva")
	has(t, s.Show(t, Screen, chair, "en"), "There is no plan yet", "never opened", "Nobody has a link for this")
	s.Plan(t, halltest.Workshop)
	page := s.Show(t, Screen, chair, "en")
	has(t, page, "40 min are secured")
	if strings.Contains(page, "There is no plan yet") {
		t.Error("the plan is there, and still missed")
	}
	for _, lang := range []string{"ja", "ar", "fr"} {
		s.Show(t, Screen, chair, lang)
	}
}

func TestARehearsalLeavesNoTrace(t *testing.T) {
	s := halltest.New(t, Screen)
	chair := s.Crew(t, floor.Chair, floor.Room, "Ana Silva")
	s.Plan(t, halltest.Workshop)
	before := s.Session.View()
	steps, err := Rehearse(t.Context(), s.Hall)
	if err != nil || len(steps) != 6 {
		t.Fatalf("%d steps: %v", len(steps), err)
	}
	for _, step := range steps {
		if !step.OK {
			t.Errorf("%s: %s", step.Say, step.Why)
		}
	}
	// Who admits people one by one rehearses that, too.
	yes := true
	s.Do(t, chair, &floor.Change{ApprovePeople: &yes})
	if _, err := Rehearse(t.Context(), s.Hall); err != nil {
		t.Error(err)
	}
	if after := s.Session.View(); after.Version != before.Version+1 || len(after.People) != len(before.People) {
		t.Error("the rehearsal left something in the session")
	}
	r := httptest.NewRequest(http.MethodPost, s.Of(chair.ID)+"rehearse", nil)
	w := httptest.NewRecorder()
	if err := ServeRehearse(s.Hall, s.Visit(r, chair), w, r); err != nil {
		t.Fatal(err)
	}
	has(t, w.Body.String(), "Next names the person online", "The rehearsal passed")
}
