package desk

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/hall/halltest"
	"openmic/internal/web/page"
)

func TestTheTemplateFits(t *testing.T) {
	for _, name := range []string{"frame", "live"} {
		if err := templatecheck.CheckHTMLStrict(Screen.Template.Templates().Lookup(name), view{}); err != nil {
			t.Error(err)
		}
	}
}

// stage is a session with an online moderator.
type stage struct {
	*halltest.Stage
	desk *hall.Pass
}

func open(t *testing.T) stage {
	s := halltest.New(t, Screen)
	s.Plan(t, halltest.Workshop)
	desk := s.Crew(t, floor.Desk, floor.Online, "Ana Silva")
	s.Do(t, desk, &floor.Open{})
	return stage{s, desk}
}

// post gives a form to one of the desk's handlers, as the script would, and reads the answer.
func (s stage) post(t *testing.T, serve func(*hall.Hall, *hall.Visit, http.ResponseWriter, *http.Request) error, form url.Values) (page.Answer, error) {
	t.Helper()
	return s.postAs(t, s.desk, serve, form)
}

func (s stage) postAs(t *testing.T, p *hall.Pass, serve func(*hall.Hall, *hall.Visit, http.ResponseWriter, *http.Request) error, form url.Values) (page.Answer, error) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, s.Of(p.ID)+"x", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	w := httptest.NewRecorder()
	if err := serve(s.Hall, s.Visit(r, p), w, r); err != nil {
		return page.Answer{}, err
	}
	var a page.Answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	return a, nil
}

func (s stage) paste(t *testing.T, text string) string {
	t.Helper()
	a, err := s.post(t, ServeChat, url.Values{"text": {text}, "id": {"chat"}})
	if err != nil {
		t.Fatal(err)
	}
	return a.Say
}

func says(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(page, p) {
			t.Errorf("the desk does not say %q", p)
		}
	}
}

func silentOn(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(page, p) {
			t.Errorf("the desk says %q", p)
		}
	}
}

func TestAHandEntersLikeAWalkUp(t *testing.T) {
	s := open(t)
	if _, err := s.post(t, ServeHand, url.Values{"id": {"1"}, "name": {"Sita Rai"}, "about": {"cables"}}); err != nil {
		t.Fatal(err)
	}
	says(t, s.Live(t, Screen, "en"), "Sita Rai", "cables")
	// The same name again is offered as one, whatever its case and blanks.
	a, err := s.post(t, ServeHand, url.Values{"id": {"2"}, "name": {" sita  RAI"}, "text": {"Who pays?"}})
	if err != nil || !strings.HasSuffix(a.Go, "desk?hand=2") { // what was typed is in no address
		t.Fatalf("nobody asks whether it is the same person: %+v %v", a, err)
	}
	if n := len(s.Session.View().People); n != 2 {
		t.Fatalf("there are %d people", n)
	}
	at, err := url.Parse(a.Go)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, at.String(), nil)
	v := s.Visit(r, s.desk)
	v.Screen = Screen
	w := httptest.NewRecorder()
	if err := s.Hall.Show(w, r, v, http.StatusOK); err != nil {
		t.Fatal(err)
	}
	says(t, w.Body.String(), "Is it the same person?", "The same person", "Somebody else with this name", "in the line already", `value="Who pays?"`)
	for _, other := range []string{"3", "", "%20"} { // nobody else's press, and no other address, asks this
		r := httptest.NewRequest(http.MethodGet, at.Path+"?hand="+other, nil)
		v := s.Visit(r, s.desk)
		v.Screen = Screen
		w := httptest.NewRecorder()
		if err := s.Hall.Show(w, r, v, http.StatusOK); err != nil || strings.Contains(w.Body.String(), "Who pays?") {
			t.Errorf("hand=%s shows what was typed: %v", other, err)
		}
	}
	if x := handsOf(s.Hall); x.of("another", "2", v.Now).Name != "" || x.of(s.desk.ID, "2", v.Now.Add(time.Hour)).Name != "" {
		t.Error("a typed hand is shown to another pass, or for ever")
	}
	sita := alike(s.Look(v.Lang), "sita rai")[0].ID
	if _, err := s.post(t, ServeHand, url.Values{"id": {"3"}, "person": {string(sita)}, "text": {"Who pays?"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.post(t, ServeHand, url.Values{"id": {"4"}, "name": {"Sita Rai"}, "another": {"yes"}}); err != nil {
		t.Fatal(err)
	}
	view := s.Session.View()
	if len(view.People) != 3 || len(view.Tickets) != 3 || view.Tickets[1].Person != sita {
		t.Errorf("%d people, %d tickets", len(view.People), len(view.Tickets))
	}
	if _, err := s.post(t, ServeHand, url.Values{"id": {"5"}, "name": {""}}); err == nil {
		t.Error("a hand without a name is taken")
	}
}

const zoom = "14:02:11 From Sita Rai to Everyone:\n\t<question>Who pays for the cable?</question>\n" +
	"14:03:00 From Bo to Everyone:\n\tWe have a boat\n" +
	"14:04:00 From Bo to Me (Direct Message):\n\tmy number is 555\n"

func TestTheChatBecomesCards(t *testing.T) {
	s := open(t)
	if say := s.paste(t, zoom); say != "New lines: 1. New cards: 1." {
		t.Errorf("the first paste says %q", say)
	}
	page := s.Show(t, Screen, s.desk, "en")
	says(t, page, "Who pays for the cable?", "Sita Rai", "We have a boat", "Private lines left out: 1")
	silentOn(t, page, "my number is 555")
	if say := s.paste(t, zoom); say != "New lines: 0. New cards: 0." {
		t.Errorf("the same paste says %q", say)
	}
	if say := s.paste(t, zoom+"14:05:00 From Sita Rai to Everyone:\n\t<COMMENT>It was us</COMMENT>\n"); say != "New lines: 0. New cards: 1." {
		t.Errorf("the longer paste says %q", say)
	}
	view := s.Session.View()
	if len(view.Tickets) != 2 || view.Tickets[0].Person != view.Tickets[1].Person || view.Tickets[1].Kind != "comment" {
		t.Fatalf("the tickets are %+v", view.Tickets)
	}
	// One tap makes a line a card.
	key := shelfOf(s.Hall).lines[0].Key
	if _, err := s.post(t, ServeChat, url.Values{"line": {key}, "kind": {"comment"}, "id": {key}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.post(t, ServeChat, url.Values{"line": {key}, "kind": {"comment"}, "id": {key}}); err == nil {
		t.Error("a line becomes two cards")
	}
	if n := len(s.Session.View().Tickets); n != 3 {
		t.Errorf("there are %d tickets", n)
	}
	silentOn(t, s.Show(t, Screen, s.desk, "en"), `value="`+key+`"`)
}

// After a restart the shelf is empty, and another moderator may paste.
func TestAPasteAfterARestartAddsNothingTwice(t *testing.T) {
	s := open(t)
	s.paste(t, zoom)
	s.Kept.Clear()
	other := s.Crew(t, floor.Desk, floor.Online, "Bea")
	if _, err := s.postAs(t, other, ServeChat, url.Values{"text": {zoom}, "id": {"chat"}}); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Session.View().Tickets); n != 1 {
		t.Errorf("there are %d cards", n)
	}
}

func TestAMarkThatCannotBeACardWaits(t *testing.T) {
	s := open(t)
	long := "<question>" + strings.Repeat("word ", 400) + "</question>"
	if say := s.paste(t, "Sita: "+long+"\nBo: hello\n"); say != "New lines: 2. New cards: 0." {
		t.Errorf("the paste says %q", say)
	}
}

// Words by somebody who joined by themselves are not put into their mouth by a name in a chat.
func TestAChatNameSpeaksForNobodyElse(t *testing.T) {
	s := open(t)
	s.Join(t, floor.Online, "Sita Rai", "technical")
	s.paste(t, zoom)
	view := s.Session.View()
	if p := view.Person(view.Tickets[0].Person); p.Origin != "hand" || p.Consent.Report != 0 {
		t.Errorf("the card is by %+v", p)
	}
}

func TestAFileOfTheChatIsRead(t *testing.T) {
	s := open(t)
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for k, v := range map[string]string{"id": "chat", "text": " "} {
		if err := m.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	f, err := m.CreateFormFile("file", "meeting_saved_chat.txt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(zoom)); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, s.Of(s.desk.ID)+"chat", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	w := httptest.NewRecorder()
	if err := ServeChat(s.Hall, s.Visit(r, s.desk), w, r); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusSeeOther || !strings.HasSuffix(w.Header().Get("Location"), "/desk#chat") {
		t.Errorf("without a script the answer is %d to %s", w.Code, w.Header().Get("Location"))
	}
	if n := len(s.Session.View().Tickets); n != 1 {
		t.Errorf("there are %d cards", n)
	}
}

func TestTooMuchIsRefusedInOneSentence(t *testing.T) {
	s := open(t)
	a, err := s.post(t, ServeChat, url.Values{"text": {strings.Repeat("a", 2<<20)}, "id": {"chat"}})
	if err != nil || !strings.Contains(a.Fields["text"], "one megabyte") {
		t.Errorf("the answer is %+v %v", a, err)
	}
}

func TestTheShelfHasAnEnd(t *testing.T) {
	s := open(t)
	s.paste(t, "Sita: hi\n"+strings.Repeat("Bo: x\n", 3000))
	if n := len(shelfOf(s.Hall).lines); n != mostLines {
		t.Errorf("%d lines are kept", n)
	}
	says(t, s.Show(t, Screen, s.desk, "en"), "and 1900 more")
}

func TestCardsAreTakenCareOf(t *testing.T) {
	s := open(t)
	sita := s.Join(t, floor.Online, "Sita", "technical")
	bo := s.Join(t, floor.Room, "Bo", "civil")
	first := s.Do(t, sita, &floor.Write{Text: "Who pays for the cable?"})
	second := s.Do(t, bo, &floor.Write{Text: "Who will pay for it?"})
	says(t, s.Live(t, Screen, "en"), "to approve: 2", "card to approve", "Merge into it", "2 s aloud")
	s.Do(t, s.desk, &floor.Hold{Ticket: first, Ask: "Which cable?"})
	says(t, s.Live(t, Screen, "en"), "asked back", "Which cable?")
	s.Do(t, s.desk, &floor.Approve{Ticket: first})
	s.Do(t, s.desk, &floor.Merge{Ticket: second, Into: first})
	says(t, s.Live(t, Screen, "en"), "also asked: &#43;1", "Names for the wall", "Sita, Technical Community", "Next to read out",
		"A question from Sita, Technical Community: Who pays for the cable?")
	s.Do(t, s.desk, &floor.Call{})
	says(t, s.Live(t, Screen, "en"), "Read this out now", "being read out")
	s.Do(t, s.desk, &floor.End{})
	says(t, s.Live(t, Screen, "en"), "No card waits.")
}

func TestTheSilentAreSeen(t *testing.T) {
	s := open(t)
	s.Join(t, floor.Online, "Sita", "technical")
	bo := s.Join(t, floor.Room, "Bo", "civil")
	s.Do(t, bo, &floor.Ask{})
	s.Wait(7 * time.Minute)
	says(t, s.Live(t, Screen, "en"), "No online voice for 7 minutes.", "1 person online has not asked", "Technical Community", "Waiting longest", "7 min",
		"Encourage people online")
	s.Do(t, s.desk, &floor.Nudge{Whom: "online"})
	says(t, s.Live(t, Screen, "en"), "Last encouraged at 14:07.")
}

func TestTextsForTheVideoChat(t *testing.T) {
	s := open(t)
	page := s.Show(t, Screen, s.desk, "ja")
	says(t, page, "https://openmic.example/s/s/online", "Last call: the line closes soon", "Dernier appel", "النداء الأخير", `data-copy="#text-ten-ja"`)
	for _, lang := range []string{"en", "ar", "fr"} {
		s.Show(t, Screen, s.desk, lang)
	}
}
