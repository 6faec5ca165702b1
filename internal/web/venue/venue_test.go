package venue

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

func TestAWalkUpIsInTheLine(t *testing.T) {
	s := halltest.New(t, Screen)
	mod := s.Crew(t, floor.Venue, floor.Room, "Tama Ili")
	has(t, s.Show(t, Screen, mod, "en"), "openmic.example/s/s/room/harbour", "New code", "What you say at this microphone")
	s.Plan(t, halltest.Workshop)
	s.Do(t, mod, &floor.Open{})
	sita := s.Join(t, floor.Online, "Sita", "technical")
	s.Do(t, sita, &floor.Ask{})
	s.Do(t, mod, &floor.Enter{Side: floor.Room, Name: "Mele", Mic: 2})
	s.Do(t, mod, &floor.Enter{Side: floor.Room, Count: 2, Mark: "hand, left"})
	page := s.Live(t, Screen, "en")
	has(t, page, "Mele", "Microphone 2</span>", "hand, left", "Undo", "Agrees to be named", "room 3", "online 1")
	if line := page[strings.Index(page, `class="line places"`):]; strings.Index(line, "Mele") > strings.Index(line, "Sita") {
		t.Error("the room does not stand first")
	}
	s.Do(t, mod, &floor.Call{})
	s.Do(t, sita, &floor.Start{})
	s.Do(t, mod, &floor.Call{})
	has(t, s.Live(t, Screen, "en"), "Now speaking", "Mele")
	s.Do(t, mod, &floor.End{})
	has(t, s.Live(t, Screen, "en"), "Mele to microphone 1")
	for _, lang := range []string{"ja", "ar", "fr"} {
		s.Show(t, Screen, mod, lang)
	}
}

func TestNewcomersAreLetIn(t *testing.T) {
	s := halltest.New(t, Screen)
	mod := s.Crew(t, floor.Venue, floor.Room, "Tama Ili")
	yes := true
	s.Do(t, mod, &floor.Change{ApprovePeople: &yes})
	s.Join(t, floor.Room, "Mele", "civil")
	has(t, s.Live(t, Screen, "en"), "Wait to be let in", "Mele", "Let all in")
	s.Do(t, mod, &floor.Admit{})
	if strings.Contains(s.Live(t, Screen, "en"), "Wait to be let in") {
		t.Error("everybody is in, and the list still stands")
	}
}
