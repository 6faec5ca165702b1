package speaker

import (
	"strings"
	"testing"

	"github.com/jba/templatecheck"

	"openmic/floor"
	"openmic/internal/web/hall"
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

func panel(t *testing.T) (s *halltest.Stage, chair, amara, ben *hall.Pass) {
	s = halltest.New(t, Screen)
	s.Plan(t, halltest.Workshop)
	chair = s.Crew(t, floor.Chair, floor.Room, "Tala")
	amara = s.Crew(t, floor.Speaker, floor.Room, "Amara")
	ben = s.Crew(t, floor.Speaker, floor.Online, "Ben")
	s.Do(t, chair, &floor.Open{})
	return s, chair, amara, ben
}

// mine is what stands on the page for the speaker alone.
func mine(text string) string {
	_, text, _ = strings.Cut(text, `<section id="mine"`)
	text, _, _ = strings.Cut(text, "</section>")
	return text
}

func TestASpeakerSeesTheirOwnClock(t *testing.T) {
	s, chair, amara, ben := panel(t)
	s.Do(t, chair, &floor.Give{Kind: floor.Panel, Person: amara.Person})
	if text := mine(s.Show(t, Screen, amara, "en")); !strings.Contains(text, `class="clock" data-until=`) || !strings.Contains(text, `value="yield"`) {
		t.Errorf("Amara speaks and has no clock:\n%s", text)
	}
	if text := mine(s.Show(t, Screen, ben, "en")); strings.Contains(text, "clock") {
		t.Errorf("Ben has Amara's clock:\n%s", text)
	}
}

func TestAQuestionIsAnsweredInWriting(t *testing.T) {
	s, chair, amara, ben := panel(t)
	sita := s.Join(t, floor.Online, "Sita", "technical")
	card := s.Do(t, sita, &floor.Write{Text: "Who repairs the mast?", AskFields: floor.AskFields{To: amara.Person}})
	if text := mine(s.Show(t, Screen, amara, "en")); strings.Contains(text, "mast") {
		t.Error("a card stands on a screen before the desk approved it")
	}
	s.Do(t, chair, &floor.Approve{Ticket: card})
	text := mine(s.Show(t, Screen, amara, "en"))
	if !strings.Contains(text, "Who repairs the mast?") || !strings.Contains(text, "1 question to you") || strings.Contains(text, "Sita") {
		t.Errorf("the question is missing, or names somebody the crew has not seen yet:\n%s", text)
	}
	if text := mine(s.Show(t, Screen, ben, "en")); strings.Contains(text, "mast") {
		t.Error("Ben sees Amara's question as his own")
	}
	s.Do(t, amara, &floor.Answer{Ticket: card, Text: "The fishers do."})
	if text := mine(s.Show(t, Screen, amara, "en")); !strings.Contains(text, "The fishers do.") || !strings.Contains(text, "answered in writing") {
		t.Errorf("the answer is missing:\n%s", text)
	}
}

func TestARightOfReplyIsWishedForAndTakenBack(t *testing.T) {
	s, _, amara, _ := panel(t)
	s.Do(t, amara, &floor.WishFor{Kind: floor.Right})
	if text := mine(s.Show(t, Screen, amara, "en")); !strings.Contains(text, "You asked for: right of reply") {
		t.Errorf("the wish is missing:\n%s", text)
	}
	s.Do(t, amara, &floor.WishFor{Kind: floor.Right, Off: true})
	if text := mine(s.Show(t, Screen, amara, "en")); !strings.Contains(text, "Ask for: right of reply") {
		t.Errorf("the wish cannot be made again:\n%s", text)
	}
}

func TestEveryLanguageShowsThePage(t *testing.T) {
	s, chair, amara, ben := panel(t)
	s.Do(t, chair, &floor.Give{Kind: floor.Panel, Person: amara.Person})
	empty := halltest.New(t, Screen)
	for _, l := range words.Languages() {
		for _, text := range []string{s.Show(t, Screen, amara, l.Tag()), s.Show(t, Screen, ben, l.Tag()), s.Show(t, Screen, chair, l.Tag()),
			empty.Show(t, Screen, empty.Pass(t, floor.Speaker, "x"), l.Tag())} {
			if strings.Contains(text, "⟦") {
				t.Errorf("%s lacks a sentence", l.Tag())
			}
		}
	}
}
