package report

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/hall/halltest"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

func TestTemplateAndDataFit(t *testing.T) {
	p := page.Page{Speaker: words.Languages()[0]}
	if err := templatecheck.CheckHTML(Screen.Template.Templates().Lookup("frame"), view{Page: p}); err != nil {
		t.Error(err)
	}
	if err := templatecheck.CheckHTML(paper.Templates().Lookup("frame"), sheet{Page: p}); err != nil {
		t.Error(err)
	}
}

// held is a session in which one person spoke and the rapporteur wrote, up to its last minute.
func held(t *testing.T) (s *halltest.Stage, chair, notes *hall.Pass) {
	s = halltest.New(t, Screen, Preview, Officials)
	s.Plan(t, halltest.Workshop)
	chair = s.Crew(t, floor.Chair, floor.Room, "Tala")
	notes = s.Crew(t, floor.Rapporteur, floor.Online, "Ines")
	sita := s.Join(t, floor.Online, "Sita <b>", "technical")
	s.Do(t, chair, &floor.Open{})
	s.Do(t, sita, &floor.Ask{AskFields: floor.AskFields{About: "spare parts by boat", Question: 1}})
	s.Do(t, chair, &floor.Call{})
	s.Do(t, sita, &floor.Start{})
	s.Wait(time.Minute)
	s.Do(t, chair, &floor.End{})
	s.Do(t, notes, &floor.Jot{Kind: "takeaway", Text: "Islands help each other."})
	return s, chair, notes
}

func get(s *halltest.Stage, path string, serve func(*hall.Hall, http.ResponseWriter, *http.Request) error) (*httptest.ResponseRecorder, error) {
	w := httptest.NewRecorder()
	return w, serve(s.Hall, w, httptest.NewRequest(http.MethodGet, path, nil))
}

func TestEverybodyReadsTheReportAfterTheEnd(t *testing.T) {
	s, chair, _ := held(t)
	for _, serve := range []func(*hall.Hall, http.ResponseWriter, *http.Request) error{ServePublic, ServeMarkdown} {
		if _, err := get(s, "/s/s/report", serve); !errors.Is(err, hall.ErrNotFound) {
			t.Errorf("before the end: %v", err)
		}
	}
	s.Do(t, chair, &floor.Adjourn{})
	w, err := get(s, "/s/s/report", ServePublic)
	if text := w.Body.String(); err != nil || !strings.Contains(text, "Sita &lt;b&gt;, Technical Community: spare parts by boat") {
		t.Errorf("the public report lacks what was said: %v\n%s", err, text)
	}
	w, err = get(s, "/s/s/report.md?lang=fr", ServeMarkdown)
	if text := w.Body.String(); err != nil || !strings.Contains(text, "## Points à retenir") || !strings.Contains(text, `Sita \<b\>`) {
		t.Errorf("Markdown in French: %v\n%s", err, text)
	}
}

func TestTheBoxesTellWhatIsMissing(t *testing.T) {
	s, chair, notes := held(t)
	text := s.Show(t, Screen, notes, "en")
	for _, want := range []string{"The session still goes on", "1 turn has no confirmed line yet", "24 of 300 letters", "0 of 300 letters", "Write it in the notes"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	s.Do(t, chair, &floor.Adjourn{})
	text = s.Show(t, Screen, notes, "en")
	for _, want := range []string{"Next deadline: 2030-10-09 16:01", "data-until=", "Freeze version 1", "by 2030-10-23 14:01"} {
		if !strings.Contains(text, want) {
			t.Errorf("after the end %q is missing:\n%s", want, text)
		}
	}
	s.Do(t, notes, &floor.Freeze{})
	s.Do(t, notes, &floor.Jot{Kind: "takeaway", Text: "Written too late for the first."})
	if text := s.Show(t, Screen, notes, "en"); strings.Contains(text, "Freeze version 1") || !strings.Contains(text, "Version 1, frozen") {
		t.Error("a frozen report does not say so")
	}
	first, _ := get(s, "/s/s/report.md?version=1", ServeMarkdown)
	second, _ := get(s, "/s/s/report.md", ServeMarkdown)
	if strings.Contains(first.Body.String(), "too late") || !strings.Contains(second.Body.String(), "too late") {
		t.Error("what came after the freeze is not in version 2 alone")
	}
}

func TestOfficialsGetWhatWasAgreedTo(t *testing.T) {
	s, _, notes := held(t)
	text := s.Show(t, Officials, notes, "en")
	if strings.Contains(text, "spare parts") || !strings.Contains(text, "This is not a negotiated text") || !strings.Contains(text, "1 contribution is left out") {
		t.Errorf("the page for officials:\n%s", text)
	}
}

func TestAFormOfOnesOwnIsUsedOrItsFaultNamed(t *testing.T) {
	s := halltest.New(t, Screen)
	plan := halltest.Workshop
	plan.Facts = map[string]string{"form": "name = Local\n# takeaway\nmost = 1\nwords = 2"}
	s.Plan(t, plan)
	notes := s.Pass(t, floor.Rapporteur, "r")
	s.Do(t, notes, &floor.Jot{Kind: "takeaway", Text: "three words here"})
	if text := s.Show(t, Screen, notes, "en"); !strings.Contains(text, "3 of 2 words") || !strings.Contains(text, "Too long for the form") || !strings.Contains(text, "The form: Local") {
		t.Errorf("the session's own form is not used:\n%s", text)
	}
	plan.Facts = map[string]string{"form": "# dance"}
	s.Plan(t, plan)
	if text := s.Show(t, Screen, notes, "en"); !strings.Contains(text, "line 1") || !strings.Contains(text, "IGF") {
		t.Error("a form that cannot be read is not named")
	}
}

func TestEveryLanguageShowsThePages(t *testing.T) {
	s, chair, notes := held(t)
	empty := halltest.New(t, Screen, Preview, Officials)
	show := func() {
		for _, l := range words.Languages() {
			for _, sc := range []*hall.Screen{Screen, Preview, Officials} {
				for _, text := range []string{s.Show(t, sc, notes, l.Tag()), empty.Show(t, sc, empty.Pass(t, floor.Organiser, "o"), l.Tag())} {
					if strings.Contains(text, "⟦") {
						t.Errorf("%s lacks a sentence on %s", l.Tag(), sc.Name)
					}
				}
			}
		}
	}
	show()
	s.Do(t, chair, &floor.Adjourn{})
	s.Do(t, notes, &floor.Freeze{})
	show()
}
