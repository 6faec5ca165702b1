package fairness

import (
	"net/http"
	"net/http/httptest"
	"strconv"
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

func TestTheTemplateFits(t *testing.T) {
	for _, name := range []string{"frame", "live"} {
		if err := templatecheck.CheckHTML(Screen.Template.Templates().Lookup(name), view{Page: page.Page{Speaker: words.Languages()[0]}}); err != nil {
			t.Error(err)
		}
	}
}

// held is a discussion of n turns in which the sides take turns, the chair decides otherwise once, and somebody waits
// on each side until the end.
func held(t *testing.T, n int) (s *halltest.Stage, chair *hall.Pass) {
	s = halltest.New(t, Screen)
	s.Plan(t, halltest.Workshop)
	chair = s.Crew(t, floor.Chair, floor.Room, "Tala")
	linkPeople := 100
	s.Do(t, chair, &floor.Change{LinkPeople: &linkPeople})
	s.Do(t, chair, &floor.Open{})
	var people []*hall.Pass
	for i := range 8 {
		people = append(people, s.Join(t, floor.Side(i%2), "Guest "+strconv.Itoa(i), floor.Groups[i%3]))
	}
	for _, p := range people {
		s.Wait(time.Second)
		s.Do(t, p, &floor.Ask{})
	}
	for turn := range n {
		if turn == 2 {
			s.Do(t, chair, &floor.Override{Person: people[7].Person, Class: "direct-reply"})
		} else {
			s.Do(t, chair, &floor.Call{})
		}
		if c := s.Session.View().Call(); c != nil {
			s.Do(t, chair, &floor.Start{})
		}
		s.Wait(time.Duration(40+turn%50) * time.Second)
		who := s.Session.View().Current().Person
		s.Do(t, chair, &floor.End{})
		for _, p := range people {
			if p.Person == who {
				s.Do(t, p, &floor.Ask{})
			}
		}
	}
	return s, chair
}

// public is the page for who has no pass.
func public(t *testing.T, s *halltest.Stage, lang string) string {
	t.Helper()
	w := httptest.NewRecorder()
	if err := ServePublic(s.Hall, w, httptest.NewRequest(http.MethodGet, "/s/s/fairness?lang="+lang, nil)); err != nil {
		t.Fatal(err)
	}
	return w.Body.String()
}

func TestEverybodySeesThePageInEveryLanguage(t *testing.T) {
	empty := halltest.New(t, Screen)
	full, chair := held(t, 12)
	for _, stage := range []*halltest.Stage{empty, full} {
		wall := stage.Pass(t, floor.Projector, "wall")
		guest := stage.Join(t, floor.Online, "Newcomer", "private")
		for _, l := range words.Languages() {
			for _, text := range []string{public(t, stage, l.Tag()), stage.Show(t, Screen, wall, l.Tag()), stage.Show(t, Screen, guest, l.Tag()), stage.Live(t, Screen, l.Tag())} {
				if strings.Contains(text, "⟦") || strings.Contains(text, "style=") || strings.Contains(text, "Guest") || strings.Contains(text, "ZgotmplZ") {
					t.Errorf("%s: a sentence lacks, a style stands in the page, or somebody is named:\n%s", l.Tag(), text)
				}
			}
		}
	}
	if text := public(t, full, "en"); !strings.Contains(text, "Show the newest figures") || strings.Contains(text, "data-live") {
		t.Error("who has no pass is not told how to see newer figures")
	}
	guest := full.Join(t, floor.Room, "Late", "civil")
	if text := full.Show(t, Screen, guest, "en"); !strings.Contains(text, "data-live") || !strings.Contains(text, "/line") {
		t.Error("with a pass the page does not follow the session, or there is no way back")
	}
	full.Do(t, chair, &floor.Adjourn{})
	if text := public(t, full, "en"); strings.Contains(text, "Show the newest") || !strings.Contains(text, "The session has ended") {
		t.Error("the page of an ended session still waits for news")
	}
}

func TestWhatThePageSays(t *testing.T) {
	s, chair := held(t, 12)
	text := s.Live(t, Screen, "en")
	for _, want := range []string{"<td>6<svg", "direct reply to what was just said", "Calls by the rule: 11. Decided otherwise: 1.", "override: direct reply", `class="allowed" x="99%"`, "2:00 allowed", "4:00 bound",
		`class="online" d="M`, `class="room" d="M`, `class="mark"`, "The count begins when ten people have been heard"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
	s.Do(t, chair, &floor.Call{})
	s.Do(t, chair, &floor.Start{})
	s.Wait(20 * time.Second)
	if text := s.Live(t, Screen, "en"); !strings.Contains(text, "speaking now") || !strings.Contains(text, `class="drawn now"`) {
		t.Error("the turn that runs is not in the picture or the table")
	}
}

// However long a session is, the region stays small while it runs, and the picture has a bounded number of points.
func TestALongSessionStaysSmall(t *testing.T) {
	s, chair := held(t, 400)
	text := s.Live(t, Screen, "en")
	if rows := strings.Count(text, "<tr data-key"); rows != shown || !strings.Contains(text, "360 earlier lines") {
		t.Errorf("%d rows, want %d", rows, shown)
	}
	if len(text) > 64<<10 {
		t.Errorf("the region has %d bytes", len(text))
	}
	s.Do(t, chair, &floor.Adjourn{})
	if rows := strings.Count(s.Live(t, Screen, "en"), "<tr data-key"); rows != 400 {
		t.Errorf("after the end %d rows, want 400", rows)
	}
}
