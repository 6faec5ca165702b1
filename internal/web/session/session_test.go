package session

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"
	"github.com/jba/templatecheck"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/hall/halltest"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

func TestTheTemplateFits(t *testing.T) {
	for _, name := range []string{"frame", "live"} {
		if err := templatecheck.CheckHTML(template.Templates().Lookup(name), view{Page: page.Page{Speaker: words.Languages()[0]}}); err != nil {
			t.Error(err)
		}
	}
}

func read(t *testing.T, s *halltest.Stage, lang string) string {
	t.Helper()
	w := httptest.NewRecorder()
	if err := Serve(s.Hall)(w, httptest.NewRequest(http.MethodGet, "/s/s/?lang="+lang, nil)); err != nil {
		t.Fatal(err)
	}
	return w.Body.String()
}

func TestThePageBeforeWhileAndAfter(t *testing.T) {
	s := halltest.New(t)
	for _, l := range words.Languages() { // nothing is planned yet
		read(t, s, l.Tag())
	}
	s.Plan(t, halltest.Workshop)
	chair := s.Crew(t, floor.Chair, floor.Room, "Chair")
	s.Crew(t, floor.Speaker, floor.Room, "Noa")
	shy := s.Pass(t, floor.Speaker, "Shy")
	name := "Shy Person"
	s.Do(t, shy, &floor.Join{Description: floor.Description{Name: &name}})
	has := func(parts ...string) {
		t.Helper()
		text := read(t, s, "en")
		for _, p := range parts {
			if !strings.Contains(text, p) {
				t.Errorf("the page lacks %q", p)
			}
		}
		if strings.Contains(text, name) {
			t.Error("somebody is named who did not agree")
		}
	}
	has("2030-10-09 14:00–15:30 UTC", "What keeps an island online?", "Noa", `href="https://example.org/handbook"`, "CC BY 4.0", "An island has few cables.",
		"/s/s/online", "before the session begins", "calendar.ics", "the ministries of the region", "RPKI", "equal priority")
	s.Do(t, chair, &floor.Open{})
	has("running now", "/s/s/online")
	s.Do(t, chair, &floor.Adjourn{})
	has("has ended", "/s/s/report")
}

func TestTheCalendarFileCanBeReadBack(t *testing.T) {
	s := halltest.New(t)
	get := func() (*httptest.ResponseRecorder, error) {
		w := httptest.NewRecorder()
		return w, ServeCalendar(s.Hall)(w, httptest.NewRequest(http.MethodGet, "/s/s/calendar.ics", nil))
	}
	if _, err := get(); !errors.Is(err, hall.ErrNotFound) {
		t.Errorf("a session without a time answers %v", err)
	}
	s.Plan(t, halltest.Workshop)
	w, err := get()
	if err != nil {
		t.Fatal(err)
	}
	text := w.Body.String()
	if strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		t.Error("a line ends without a carriage return")
	}
	c, err := ical.ParseCalendar(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	e := c.Events()[0]
	start, err := e.GetStartAt()
	if err != nil || !start.Equal(halltest.Start) {
		t.Errorf("it starts at %s, %v", start, err)
	}
	end, err := e.GetEndAt()
	if err != nil || end.Sub(start) != 90*time.Minute {
		t.Errorf("it ends at %s, %v", end, err)
	}
	if got := e.GetProperty(ical.ComponentPropertySummary).Value; got != halltest.Workshop.Title {
		t.Errorf("it is called %q", got)
	}
	if got := e.GetProperty(ical.ComponentPropertyUrl).Value; got != "https://openmic.example/s/s/" {
		t.Errorf("its address is %q", got)
	}
}

func TestAMaterialIsReadByItsLines(t *testing.T) {
	m := material("Handbook\nhttps://example.org\nCC BY\n\nEnglish")
	if m.Title != "Handbook" || m.Link != "https://example.org" || strings.Join(m.More, " ") != "CC BY English" {
		t.Errorf("%+v", m)
	}
	if m := material("javascript:alert(1)"); m.Link != "" {
		t.Error("a link that is no web address")
	}
}
