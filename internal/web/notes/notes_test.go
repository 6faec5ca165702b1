package notes

import (
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"openmic/floor"
	"openmic/internal/web/hall/halltest"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

func TestTemplateAndDataFit(t *testing.T) {
	for _, name := range []string{"frame", "live"} {
		if err := templatecheck.CheckHTML(Screen.Template.Templates().Lookup(name), view{Page: page.Page{Speaker: words.Languages()[0]}}); err != nil {
			t.Error(err)
		}
	}
}

// A session in which somebody spoke and the rapporteur wrote.
func spoken(t *testing.T) (*halltest.Stage, floor.ID) {
	s := halltest.New(t, Screen)
	s.Plan(t, halltest.Workshop)
	chair := s.Crew(t, floor.Chair, floor.Room, "Tala")
	notes := s.Crew(t, floor.Rapporteur, floor.Online, "Ines")
	sita := s.Join(t, floor.Online, "Sita", "technical")
	s.Do(t, chair, &floor.Open{})
	s.Do(t, sita, &floor.Ask{AskFields: floor.AskFields{About: "spare parts by boat", Question: 1}})
	s.Do(t, chair, &floor.Call{})
	s.Do(t, sita, &floor.Start{})
	turn := s.Session.View().Current().ID
	s.Wait(time.Minute)
	s.Do(t, notes, &floor.Jot{Text: "everybody nodded", Kind: "agreed"})
	return s, turn
}

func TestATurnIsPrefilledAndConfirmed(t *testing.T) {
	s, turn := spoken(t)
	notes := s.Pass(t, floor.Rapporteur, "second")
	text := s.Show(t, Screen, notes, "en")
	for _, want := range []string{`value="spare parts by boat"`, "1 line to confirm", "everybody nodded", `name="do" value="confirm"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	question := 2
	s.Do(t, notes, &floor.Confirm{Turn: turn, Text: "Parts come by boat twice a month", Question: &question})
	text = s.Live(t, Screen, "en")
	for _, want := range []string{`value="Parts come by boat twice a month"`, "0 lines to confirm", `value="2" selected`} {
		if !strings.Contains(text, want) {
			t.Errorf("after confirming %q is missing:\n%s", want, text)
		}
	}
}

func TestTakeawaysAreCountedAgainstTheForm(t *testing.T) {
	s, _ := spoken(t)
	notes := s.Pass(t, floor.Rapporteur, "second")
	s.Do(t, notes, &floor.Jot{Kind: "takeaway", Text: strings.Repeat("long ", 70)})
	s.Do(t, notes, &floor.Jot{Kind: "takeaway", Text: "Islands help each other."})
	third := s.Do(t, notes, &floor.Jot{Kind: "takeaway", Text: "One too many."})
	text := s.Live(t, Screen, "en")
	for _, want := range []string{"349 of 300 letters", "24 of 300 letters", "The form has no room for it."} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	s.Do(t, notes, &floor.Strike{Note: third})
	if text := s.Live(t, Screen, "en"); strings.Contains(text, "no room") || !strings.Contains(text, "<s dir=\"auto\">One too many.</s>") {
		t.Error("a struck takeaway still counts, or is gone for good")
	}
}

func TestEveryLanguageShowsThePage(t *testing.T) {
	s, _ := spoken(t)
	empty := halltest.New(t, Screen)
	for _, l := range words.Languages() {
		for _, stage := range []*halltest.Stage{s, empty} {
			if text := stage.Show(t, Screen, stage.Pass(t, floor.Rapporteur|floor.Chair, "r"), l.Tag()); strings.Contains(text, "⟦") {
				t.Errorf("%s lacks a sentence", l.Tag())
			}
		}
	}
}
