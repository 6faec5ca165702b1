package chair

import (
	"strings"
	"testing"
	"time"

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

func TestAChairRunsASession(t *testing.T) {
	s := halltest.New(t, Screen)
	chair := s.Crew(t, floor.Chair, floor.Room, "Ana Silva")
	has(t, s.Show(t, Screen, chair, "en"), "Not begun yet", "Begin now")
	s.Plan(t, halltest.Workshop)
	s.Wait(12 * time.Minute)
	has(t, s.Live(t, Screen, "en"), "It is 14:12. The end stays 15:30", "Begin now, until 15:30", "Keep the full length, until 15:42")
	s.Do(t, chair, &floor.Open{})
	sita := s.Join(t, floor.Online, "Sita", "technical")
	mele := s.Join(t, floor.Room, "Mele", "civil")
	s.Do(t, sita, &floor.Ask{AskFields: floor.AskFields{About: "cables and ships"}})
	s.Do(t, mele, &floor.Ask{})
	has(t, s.Live(t, Screen, "en"), "Next: Sita", "Online opens the line", "Wait about 30 seconds before the first call", "cables and ships")
	s.Do(t, chair, &floor.Call{})
	has(t, s.Live(t, Screen, "en"), "Ask them to unmute", "I asked them to unmute", "No answer? Call Mele")
	s.Do(t, sita, &floor.Start{})
	s.Wait(130 * time.Second)
	has(t, s.Live(t, Screen, "en"), "Time is up.", "Still speaking", "Extend once", `data-hotkey="e"`)
	s.Wait(40 * time.Minute)
	has(t, s.Live(t, Screen, "en"), "Panel has eaten", "end uncertain")
	s.Do(t, chair, &floor.Begin{})
	has(t, s.Live(t, Screen, "en"), "nobody speaking")
	s.Do(t, chair, &floor.Close{More: 2})
	has(t, s.Live(t, Screen, "en"), "takes 2 more", "Reopen the line")
	s.Do(t, chair, &floor.Adjourn{})
	has(t, s.Live(t, Screen, "en"), "Turns and notes can still be corrected.", "Enter a turn afterwards")
	for _, lang := range []string{"ja", "ar", "fr"} {
		s.Show(t, Screen, chair, lang)
	}
}
