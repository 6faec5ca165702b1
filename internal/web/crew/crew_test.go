package crew

import (
	"strings"
	"testing"

	"github.com/jba/templatecheck"

	"openmic/floor"
	"openmic/internal/web/hall/halltest"
)

func TestTheTemplateFits(t *testing.T) {
	for _, name := range []string{"frame", "live"} {
		if err := templatecheck.CheckHTMLStrict(Screen.Template.Templates().Lookup(name), view{}); err != nil {
			t.Error(err)
		}
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

func TestOnePersonDoesItAll(t *testing.T) {
	s := halltest.New(t, Screen)
	one := s.Crew(t, floor.Operators|floor.Rapporteur|floor.Organiser, floor.Room, "Lani Moe")
	has(t, s.Show(t, Screen, one, "en"), "Not begun yet", "No cards wait")
	s.Plan(t, halltest.Workshop)
	s.Do(t, one, &floor.Open{})
	sita := s.Join(t, floor.Online, "Sita", "technical")
	s.Do(t, sita, &floor.Write{Text: "Who mends the cable?"})
	has(t, s.Live(t, Screen, "en"), "A question from Sita, Technical Community: Who mends the cable?", "card to approve", "Approve")
	card := s.Session.View().Tickets[0].ID
	s.Do(t, one, &floor.Approve{Ticket: card})
	has(t, s.Live(t, Screen, "en"), "Next: Sita", "Put aside", "Read first")
	s.Do(t, one, &floor.Call{})
	has(t, s.Live(t, Screen, "en"), `class="aloud"`, "Now speaking")
	s.Do(t, one, &floor.Jot{Text: "Cables need ships."})
	s.Do(t, one, &floor.Tell{Text: "I am alone today"})
	has(t, s.Live(t, Screen, "en"), "Cables need ships.", "I am alone today", "Lani Moe")
	for _, lang := range []string{"ja", "ar", "fr"} {
		s.Show(t, Screen, one, lang)
	}
}
