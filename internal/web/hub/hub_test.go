package hub

import (
	"net/http"
	"net/http/httptest"
	"net/url"
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
		full := view{Page: page.Page{Speaker: words.Languages()[0]}, ours: &ours{Add: &adding{Naming: &naming.Form{}}, Card: &writing{}, Editing: &editing{}, Me: &renaming{Naming: &naming.Form{}}}}
		if err := templatecheck.CheckHTML(Screen.Template.Templates().Lookup(name), full); err != nil {
			t.Error(err)
		}
	}
}

// library is a hub in the middle of a discussion, with its people not entered yet.
func library(t *testing.T) (s *halltest.Stage, chair, hub *hall.Pass) {
	s = halltest.New(t, Screen)
	s.Plan(t, halltest.Workshop)
	chair = s.Crew(t, floor.Chair|floor.Desk, floor.Room, "Chair")
	hub = s.Crew(t, floor.Hub, floor.Online, "Library of Lautala")
	s.Do(t, chair, &floor.Open{})
	s.Do(t, chair, &floor.Begin{})
	return s, chair, hub
}

// press sends a form of the page as a browser without script does, and gives where it leads.
func press(t *testing.T, s *halltest.Stage, p *hall.Pass, form url.Values) string {
	t.Helper()
	if form.Get("id") == "" {
		form.Set("id", s.Passes.Token())
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	id, c, err := hall.Read(r)
	if err != nil {
		t.Fatalf("%v: %v", form, err)
	}
	if _, err := s.Try(p, c); err != nil {
		t.Fatalf("%s %v: %v", id, form, err)
	}
	return form.Get("go")
}

// enter enters somebody by the form of the page, and gives their person.
func enter(t *testing.T, s *halltest.Stage, hub *hall.Pass, name, preset, text string) floor.ID {
	t.Helper()
	s.Wait(time.Second)
	press(t, s, hub, url.Values{"do": {"enter"}, "side": {"online"}, "name": {name}, "group": {"civil"}, "preset": {preset}, "hand": {"no"}, "text": {text}})
	people := s.Session.View().People
	return people[len(people)-1].ID
}

func show(t *testing.T, s *halltest.Stage, p *hall.Pass, query string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, s.Of(p.ID)+"hub"+query, nil)
	v := s.Visit(r, p)
	v.Screen = Screen
	w := httptest.NewRecorder()
	if err := s.Hall.Show(w, r, v, http.StatusOK); err != nil {
		t.Fatal(err)
	}
	return w.Body.String()
}

// plain is what stands on a page, or a part of one, without its tags.
func plain(html string) string {
	return strings.Join(strings.Fields(regexp.MustCompile(`(?s)<(script|style).*?</(script|style)>|<[^>]*>`).ReplaceAllString(html, " ")), " ")
}

// told is what is said to the people of a hub.
func told(html string) string {
	return plain(regexp.MustCompile(`(?s)<section id="mine".*?</section>`).FindString(html))
}

func TestThreePeopleOfOneHub(t *testing.T) {
	s, chair, hub := library(t)
	rina := enter(t, s, hub, "Rina", "group", "")
	omar := enter(t, s, hub, "Omar", "none", "")
	noor := enter(t, s, hub, "Noor", "name", "Who pays for the second cable?")
	s.Do(t, chair, &floor.Admit{})
	place := s.Session.View().Live(omar).Place
	see := func(moment string, parts ...string) {
		t.Helper()
		html := show(t, s, hub, "?lang=en")
		for _, part := range parts {
			if got := plain(html); !strings.Contains(got, part) {
				t.Errorf("%s: the page lacks %q\n%s", moment, part, got)
			}
		}
	}
	see("all three wait", "1 · Rina: You are next.", "1 · Rina is here", "no. 2:", "3 · Noor: Your card of", "People entered: 3 of at most 60.",
		"Named as: Rina, Civil Society", "Named as: a participant online", "Named as: Noor")
	s.Do(t, chair, &floor.Call{})
	html := show(t, s, hub, "?lang=en")
	if !strings.Contains(html, `data-alert="called"`) {
		t.Error("nothing alarms the hub when one of its people is called")
	}
	see("Rina is called", "1 · Rina: You have the floor! Please unmute in the video call.", "1 · Rina speaks now", "Open the video call")
	press(t, s, hub, url.Values{"do": {"start"}, "call": {string(s.Session.View().Call().ID)}})
	see("Rina speaks", "1 · Rina has finished", "My point was made by Rina, Civil Society: withdraw my ask")
	s.Wait(time.Minute)
	press(t, s, hub, url.Values{"do": {"yield"}})
	if k := s.Session.View().Live(omar); k == nil || k.Place != place {
		t.Error("Omar lost his place while Rina spoke")
	}
	see("Rina has spoken", "Spoken at 14:01.")
	// Omar says that Rina made his point; Noor's card is approved and read out; Rina asks again and is not reached.
	of := func(p floor.ID) *floor.Ticket { return s.Session.View().Live(p) }
	point := s.Session.View().Tickets[0].ID
	press(t, s, hub, url.Values{"do": {"back"}, "person": {string(omar)}, "ticket": {string(point)}, "end": {string(of(omar).ID)}})
	s.Do(t, chair, &floor.Approve{Ticket: of(noor).ID})
	s.Do(t, chair, &floor.Call{})
	s.Wait(30 * time.Second)
	s.Do(t, chair, &floor.End{})
	press(t, s, hub, url.Values{"do": {"ask"}, "person": {string(rina)}})
	s.Do(t, chair, &floor.Adjourn{})
	see("afterwards", "merged into another", "Read out at 14:01.", "Not reached.", "Cards for the report are taken until 2030-10-16 14:01")
	press(t, s, hub, url.Values{"do": {"write"}, "person": {string(omar)}, "text": {"We can host a mirror."}})
	see("late", "Received for the report.")
	for _, k := range s.Session.View().Tickets {
		if k.Live() && !k.Late {
			t.Errorf("an ask of %s has not ended", k.Person)
		}
	}
}

func TestEveryoneSaysForThemselvesHowTheyAreNamed(t *testing.T) {
	s, chair, hub := library(t)
	omar := enter(t, s, hub, "Omar", "none", "")
	s.Do(t, chair, &floor.Admit{})
	if live := s.Live(t, Screen, "en"); strings.Contains(live, "Omar") {
		t.Error("who agreed to no name is named in the region that all hubs share")
	}
	if page := show(t, s, hub, "?me="+string(omar)); !strings.Contains(page, `value="Omar"`) {
		t.Error("the form does not hold what Omar has told")
	}
	press(t, s, hub, url.Values{"do": {"describe"}, "person": {string(omar)}, "name": {"Omar"}, "group": {"technical"}, "preset": {"group"}, "agreed": {"yes"}, "hand": {"no", "yes"}})
	p := s.Session.View().Person(omar)
	if p.Consent.Report != floor.Name|floor.Group || p.Consent.Officials != floor.Words || !p.Agreed {
		t.Errorf("Omar agreed to %+v", p.Consent)
	}
	if live := s.Live(t, Screen, "en"); !strings.Contains(live, "1 · Omar") {
		t.Error("who agreed to be shown is not named to their hub")
	}
}

func TestAHubSeesItsOwnPeopleOnly(t *testing.T) {
	s, _, hub := library(t)
	other := s.Crew(t, floor.Hub, floor.Online, "School of Mele")
	rina := enter(t, s, hub, "Rina", "group", "")
	enter(t, s, other, "Tane", "name", "Ours is the smallest island.")
	page := show(t, s, hub, "?lang=en")
	if strings.Contains(page, "Tane") || !strings.Contains(told(page), "1 · Rina:") {
		t.Errorf("one hub is told %q", told(page))
	}
	if page := show(t, s, other, "?me="+string(rina)); strings.Contains(page, `value="describe"`) {
		t.Error("another hub is offered to rename Rina")
	}
	if page := show(t, s, other, "?edit="+string(s.Session.View().Live(rina).ID)); strings.Contains(page, `value="edit"`) {
		t.Error("another hub is offered Rina's words")
	}
	if live := s.Live(t, Screen, "en"); strings.Contains(live, "smallest island") || strings.Contains(live, hub.ID) {
		t.Error("something individual stands in the region")
	}
}

func TestWhoWritesIsLeftInPeace(t *testing.T) {
	s, _, hub := library(t)
	rina := enter(t, s, hub, "Rina", "group", "")
	for query, part := range map[string]string{"?add": `value="enter"`, "?add=card": `id="card"`, "?card=" + string(rina): `value="write"`,
		"?edit=" + string(s.Session.View().Live(rina).ID): `value="edit"`, "?me=" + string(rina): `value="describe"`} {
		if page := show(t, s, hub, query); strings.Contains(page, "http-equiv") || !strings.Contains(page, part) {
			t.Errorf("%s renews itself, or lacks %s", query, part)
		}
	}
	if !strings.Contains(show(t, s, hub, ""), "http-equiv") {
		t.Error("without script the page does not renew itself")
	}
}

func TestTheHubFillsUp(t *testing.T) {
	s, chair, hub := library(t)
	two := 2
	s.Do(t, chair, &floor.Change{HubPeople: &two})
	enter(t, s, hub, "Rina", "group", "")
	enter(t, s, hub, "", "none", "")
	page := plain(show(t, s, hub, "?add&lang=en"))
	for _, part := range []string{"People entered: 2 of at most 2.", "This link is for at most 2 people.", "no. 2"} {
		if !strings.Contains(page, part) {
			t.Errorf("a full hub does not read %q", part)
		}
	}
	if strings.Contains(page, "Add, and ask for the floor") {
		t.Error("a full hub is offered one more")
	}
}

// The silent rows change with everything that moves for a hub, so that its page fetches its own part.
func TestWhatMovesIsFetched(t *testing.T) {
	s, chair, hub := library(t)
	seen := func() string {
		return regexp.MustCompile(`data-key="` + string(hub.Person) + `-\d"`).FindString(s.Live(t, Screen, "en"))
	}
	last := seen()
	for _, step := range []func(){
		func() { enter(t, s, hub, "Rina", "group", "") },
		func() { s.Do(t, chair, &floor.Call{}) },
		func() { press(t, s, hub, url.Values{"do": {"start"}}) },
		func() { press(t, s, hub, url.Values{"do": {"yield"}}) },
	} {
		step()
		if now := seen(); now == last || now == "" {
			t.Errorf("%s stands still", now)
		} else {
			last = now
		}
	}
}

func TestEveryLanguageShowsThePage(t *testing.T) {
	s, _, hub := library(t)
	enter(t, s, hub, "Rina", "group", "")
	for _, l := range words.Languages() {
		if page := show(t, s, hub, "?add=card&lang="+l.Tag()); !strings.Contains(page, l.Say("hub.add-card")) {
			t.Errorf("%s: nobody can be added", l.Tag())
		}
	}
}
