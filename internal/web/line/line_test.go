package line

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/hall/halltest"
	"openmic/internal/web/naming"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

func TestTheTemplateFits(t *testing.T) {
	for _, name := range []string{"frame", "live"} {
		full := view{Page: page.Page{Speaker: words.Languages()[0]}, mine: &mine{Me: &naming.Form{}}}
		if err := templatecheck.CheckHTML(Screen.Template.Templates().Lookup(name), full); err != nil {
			t.Error(err)
		}
	}
}

// crowd is a session in its discussion: Sita speaks online, others wait.
func crowd(t testing.TB) (s *halltest.Stage, chair *hall.Pass, people map[string]*hall.Pass) {
	s = halltest.New(t, Screen)
	s.Plan(t, halltest.Workshop)
	chair = s.Crew(t, floor.Chair|floor.Desk, floor.Room, "Chair")
	people = map[string]*hall.Pass{}
	for i, name := range []string{"Sita", "Mele", "Ana", "Kofi", "Lin", "Ravi"} {
		side := []floor.Side{floor.Online, floor.Room}[i%2]
		people[name] = s.Join(t, side, name, floor.Groups[i%5])
		s.Do(t, chair, &floor.Admit{People: []floor.ID{people[name].Person}})
	}
	s.Do(t, chair, &floor.Open{})
	s.Do(t, chair, &floor.Begin{})
	for _, name := range []string{"Sita", "Mele", "Ana", "Kofi", "Lin"} {
		s.Wait(time.Second)
		s.Do(t, people[name], &floor.Ask{AskFields: floor.AskFields{About: "cables", Question: 1}})
	}
	s.Do(t, chair, &floor.Call{})
	s.Do(t, people["Sita"], &floor.Start{})
	return s, chair, people
}

var inside = regexp.MustCompile(`(?s)<section id="mine".*?</section>`)

// told is what stands in the section that is mine.
func told(page string) string {
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(inside.FindString(page), " ")
	return strings.Join(strings.Fields(text), " ")
}

func TestEveryMomentIsSaidToWhomItBelongs(t *testing.T) {
	s, chair, people := crowd(t)
	see := func(name string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if got := told(s.Show(t, Screen, people[name], "en")); !strings.Contains(got, part) {
				t.Errorf("%s is told %q, without %q", name, got, part)
			}
		}
	}
	see("Sita", "You are speaking.", "I have finished")
	see("Mele", "You are next.", "Yes, I am here", "Let the next one go first")
	see("Lin", "online", "about")
	s.Do(t, people["Mele"], &floor.Still{Ticket: s.Session.View().Live(people["Mele"].Person).ID})
	if got := told(s.Show(t, Screen, people["Mele"], "en")); strings.Contains(got, "Yes, I am here") {
		t.Error("who has answered is asked again")
	}
	s.Wait(time.Minute)
	s.Do(t, chair, &floor.Call{})
	see("Mele", "You have the floor! Please go to a microphone.", "I am speaking now")
	s.Do(t, people["Mele"], &floor.Start{})
	s.Do(t, people["Mele"], &floor.Yield{})
	s.Do(t, chair, &floor.Call{})
	see("Ana", "Please unmute", "Open the video call")
	if page := s.Show(t, Screen, people["Mele"], "en"); !strings.Contains(page, "Spoken at 14:01.") {
		t.Error("who has spoken does not read so")
	}
}

func TestACardTellsItsStory(t *testing.T) {
	s, chair, people := crowd(t)
	ravi := people["Ravi"]
	secret := "Who pays for the second cable?"
	card := s.Do(t, ravi, &floor.Write{Text: secret})
	sees := func(what string) {
		t.Helper()
		if page := s.Show(t, Screen, ravi, "en"); !strings.Contains(page, what) {
			t.Errorf("the author does not read %q", what)
		}
	}
	sees("Received at 14:00.")
	sees("Your card waits for the online moderator.")
	s.Do(t, chair, &floor.Hold{Ticket: card, Ask: "Which cable?"})
	sees("Which cable?")
	s.Do(t, chair, &floor.Approve{Ticket: card})
	sees("Your card of 14:00:")
	if live := s.Live(t, Screen, "en"); strings.Contains(live, secret) || strings.Contains(live, "Which cable?") {
		t.Error("the words of a card stand in everybody's region before it is read")
	}
	s.Do(t, chair, &floor.Answer{Ticket: card, Text: "The ministry does."})
	sees("The ministry does.")
}

func TestAfterwardsACardCanBeLeft(t *testing.T) {
	s, chair, people := crowd(t)
	s.Do(t, chair, &floor.Adjourn{})
	page := s.Show(t, Screen, people["Lin"], "en")
	for _, part := range []string{"Not reached.", "until 2030-10-16 14:00", `value="write"`} {
		if !strings.Contains(page, part) {
			t.Errorf("the page of who was not reached lacks %q", part)
		}
	}
	s.Do(t, people["Lin"], &floor.Write{Text: "One more thing."})
	s.Wait(8 * 24 * time.Hour)
	if page := s.Show(t, Screen, people["Lin"], "en"); strings.Contains(page, `value="write"`) {
		t.Error("a card is offered when none is taken any more")
	}
}

func TestNothingIndividualStandsInTheRegion(t *testing.T) {
	s, _, people := crowd(t)
	live := s.Live(t, Screen, "en")
	for name, p := range people {
		if strings.Contains(live, p.ID) {
			t.Errorf("the pass of %s stands in the region", name)
		}
	}
}

func TestBeforeAndInsideThePanelNobodyIsAlarmed(t *testing.T) {
	s := halltest.New(t, Screen)
	s.Plan(t, halltest.Workshop)
	sita := s.Join(t, floor.Online, "Sita", "technical")
	s.Do(t, sita, &floor.Ask{})
	if strings.Contains(s.Live(t, Screen, "en"), "data-alert") {
		t.Error("an alarm before the session")
	}
	s.Do(t, s.Crew(t, floor.Chair, floor.Room, "Chair"), &floor.Open{})
	if strings.Contains(s.Live(t, Screen, "en"), "data-alert") {
		t.Error("an alarm during the panel")
	}
}

func TestEveryLanguageShowsThePage(t *testing.T) {
	s, _, people := crowd(t)
	for _, l := range words.Languages() {
		if page := s.Show(t, Screen, people["Lin"], l.Tag()); !strings.Contains(page, l.Say("common.now-speaking")) {
			t.Errorf("%s: the page does not say who speaks", l.Tag())
		}
	}
}

func TestWhoWritesIsLeftInPeace(t *testing.T) {
	s, _, people := crowd(t)
	show := func(query string) string {
		r := httptest.NewRequest(http.MethodGet, s.Of(people["Lin"].ID)+"line"+query, nil)
		v := s.Visit(r, people["Lin"])
		v.Screen = Screen
		w := httptest.NewRecorder()
		if err := s.Hall.Show(w, r, v, http.StatusOK); err != nil {
			t.Fatal(err)
		}
		return w.Body.String()
	}
	ticket := string(s.Session.View().Live(people["Lin"].Person).ID)
	for query, part := range map[string]string{"?card": `id="card"`, "?edit=" + ticket: `value="edit"`, "?me": `value="describe"`} {
		if page := show(query); strings.Contains(page, "http-equiv") || !strings.Contains(page, part) {
			t.Errorf("%s renews itself, or lacks %s", query, part)
		}
	}
	if page := show("?edit=" + string(s.Session.View().Live(people["Mele"].Person).ID)); strings.Contains(page, `value="edit"`) {
		t.Error("somebody else's ask can be edited")
	}
	if !strings.Contains(show(""), "http-equiv") {
		t.Error("without script the page does not renew itself")
	}
}

// TestTheFirstLoadIsSmall prints what a participant's first visit brings: page, style, script, and the first view of
// the stream, each as sent.
func TestTheFirstLoadIsSmall(t *testing.T) {
	s, _, people := crowd(t)
	html := s.Show(t, Screen, people["Ravi"], "en")
	sum := zipped(t, []byte(html))
	t.Logf("page %d B", sum)
	requests := 2 // the page and its stream
	for _, at := range regexp.MustCompile(`/a/[^"]+`).FindAllString(html, -1) {
		r := httptest.NewRequest(http.MethodGet, at, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		page.Assets().ServeHTTP(w, r)
		t.Logf("%s %d B", at, w.Body.Len())
		sum += w.Body.Len()
		requests++
	}
	stream := zipped(t, []byte(s.Live(t, Screen, "en")))
	t.Logf("stream %d B", stream)
	sum += stream
	t.Logf("first load: %d B in %d requests", sum, requests)
	if sum > 10<<10 || requests > 4 {
		t.Errorf("the first load is %d B in %d requests; the budget is 10 KB in 4", sum, requests)
	}
}

func zipped(t *testing.T, b []byte) int {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

// Whoever has just been heard and speaks again made one point that another may share, not two with the same name; and
// whoever speaks is told of their own turn when they want to change sides meanwhile.
func TestWhoSpeaksTwice(t *testing.T) {
	s, chair, people := crowd(t)
	s.Wait(time.Second)
	s.Do(t, chair, &floor.End{})
	s.Do(t, people["Sita"], &floor.Ask{})
	s.Do(t, chair, &floor.Override{Person: people["Sita"].Person, Class: "access"})
	s.Do(t, people["Sita"], &floor.Start{})
	page := s.Show(t, Screen, people["Ana"], "en")
	if all, ending := strings.Count(page, "My point was made by"), strings.Count(page, ": withdraw my ask"); all != 2 || ending != 1 {
		t.Errorf("Ana finds %d buttons for the points of others, %d of them to end her ask:\n%s", all, ending, page)
	}
	var said *floor.Refusal
	if _, err := s.Try(people["Sita"], &floor.Move{Side: floor.Room}); !errors.As(err, &said) || said.Kind != "youspeak" {
		t.Errorf("Sita, who speaks, moves: %v", err)
	}
}
