package wall

import (
	"bufio"
	"context"
	"fmt"
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
	"openmic/internal/web/page"
	"openmic/internal/web/page/browser"
)

func TestTheTemplateFits(t *testing.T) {
	for _, name := range []string{"frame", "live"} {
		if err := templatecheck.CheckHTMLStrict(Screen.Template.Templates().Lookup(name), view{}); err != nil {
			t.Error(err)
		}
	}
}

// says fails the test for each part that the page does not say.
func says(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(page, p) {
			t.Errorf("the wall does not say %q in\n%s", p, page)
		}
	}
}

func silent(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(page, p) {
			t.Errorf("the wall says %q", p)
		}
	}
}

func TestAWallShowsASession(t *testing.T) {
	s := halltest.New(t, Screen)
	says(t, s.Live(t, Screen, "en"), "Welcome")
	s.Plan(t, halltest.Workshop)
	says(t, s.Live(t, Screen, "en"), "We begin at 14:00", "openmic.example/s/s/room/harbour", "<svg")
	chair := s.Crew(t, floor.Chair, floor.Room, "Ana Silva")
	s.Do(t, chair, &floor.Open{})
	says(t, s.Live(t, Screen, "en"), "Panel, until 14:30", "40 min of discussion secured", "The floor is free", "Nobody waits")
	sita := s.Join(t, floor.Online, "Sita", "technical")
	mele := s.Join(t, floor.Room, "Mele", "civil")
	s.Do(t, sita, &floor.Ask{AskFields: floor.AskFields{Question: 2}})
	s.Do(t, mele, &floor.Ask{})
	says(t, s.Live(t, Screen, "en"), "a participant online", "a participant in the room", "Online opens the line", "1 waits online")
	silent(t, s.Live(t, Screen, "en"), "Sita", "Mele")
	s.Do(t, chair, &floor.Admit{People: []floor.ID{sita.Person}})
	says(t, s.Live(t, Screen, "en"), "Sita, Technical Community")
	s.Do(t, chair, &floor.Call{})
	says(t, s.Live(t, Screen, "en"), "Please speak", "Please unmute yourself", "Policy question 2", "Who trains whom?")
	s.Do(t, sita, &floor.Start{})
	s.Wait(130 * time.Second)
	says(t, s.Live(t, Screen, "en"), "Now speaking", "data-over")
	s.Do(t, chair, &floor.Close{More: 2})
	s.Do(t, chair, &floor.TakeRound{N: 3})
	says(t, s.Live(t, Screen, "en"), "The line takes 2 more", "Round: 0 of 3")
	s.Do(t, chair, &floor.Adjourn{})
	says(t, s.Live(t, Screen, "en"), "Thank you for taking part", "for 7 days")
}

func TestACardStandsThereOnlyWhileItIsRead(t *testing.T) {
	s := halltest.New(t, Screen)
	s.Plan(t, halltest.Workshop)
	chair := s.Crew(t, floor.Chair|floor.Desk, floor.Room, "Ana Silva")
	s.Do(t, chair, &floor.Open{})
	sita := s.Join(t, floor.Online, "", "")
	card := s.Do(t, sita, &floor.Write{Text: "Who pays for the cable?"})
	silent(t, s.Live(t, Screen, "en"), "cable?")
	s.Do(t, chair, &floor.Approve{Ticket: card})
	silent(t, s.Live(t, Screen, "en"), "cable?")
	s.Do(t, chair, &floor.Call{})
	says(t, s.Live(t, Screen, "en"), "Who pays for the cable?", "Question · being read out", "a participant online")
	s.Do(t, chair, &floor.End{})
	silent(t, s.Live(t, Screen, "en"), "cable?")
}

// The code of the wall is that of the newest entry before the full minute: what comes within the minute changes nothing,
// whoever looks and in whatever language sees the same words, and an entry changes them at the next minute.
func TestTheCodeOnTheWall(t *testing.T) {
	s := halltest.New(t, Screen)
	s.Plan(t, halltest.Workshop)
	chair := s.Crew(t, floor.Chair, floor.Room, "Ana Silva")
	found := regexp.MustCompile(`<p class="code"><span>[^<]+</span> <bdi lang="en" dir="ltr" translate="no">([a-z]{3,8}( [a-z]{3,8}){3})</bdi></p>`)
	code := func(lang string) string {
		t.Helper()
		all := found.FindAllStringSubmatch(s.Live(t, Screen, lang), -1)
		if len(all) != 1 {
			t.Fatalf("%d codes in %s", len(all), lang)
		}
		return all[0][1]
	}
	silent(t, s.Live(t, Screen, "en"), `class="code"`)
	s.Wait(time.Minute)
	first := code("en")
	s.Do(t, chair, &floor.Open{})
	s.Wait(59 * time.Second)
	for _, lang := range []string{"en", "ja", "ar", "fr"} {
		if got := code(lang); got != first {
			t.Errorf("within a minute the code changed from %q to %q in %s", first, got, lang)
		}
	}
	s.Wait(time.Second)
	second := code("ar")
	if second == first {
		t.Error("an entry came, and the code is the same")
	}
	s.Wait(5 * time.Minute)
	if got := code("en"); got != second {
		t.Errorf("nothing came, and the code changed from %q to %q", second, got)
	}
	s.Do(t, chair, &floor.Adjourn{})
	s.Wait(time.Minute)
	if got := code("en"); got == second {
		t.Error("after the end the wall does not bind the end")
	}
}

// A wall that is only looked at gets the code of the end, though nothing is written any more and no clock runs on it.
func TestTheStreamBringsTheLastCode(t *testing.T) {
	s := halltest.New(t, Screen)
	s.Plan(t, halltest.Workshop)
	chair := s.Crew(t, floor.Chair, floor.Room, "Ana Silva")
	s.Do(t, chair, &floor.Open{})
	s.Do(t, chair, &floor.Adjourn{})
	pass, secret, err := s.Passes.Give(t.Context(), hall.Pass{Roles: floor.Projector})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /s/{session}/p/{pass}/{screen}/live", func(w http.ResponseWriter, r *http.Request) {
		if err := s.ServeLive(w, r); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+s.Of(pass.ID)+"wall/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	waited := false
	for lines.Scan() {
		switch line := lines.Text(); {
		case !waited && strings.Contains(line, "Thank you"):
			waited = true
			s.Wait(time.Minute)
		case strings.Contains(line, `class="code"`):
			if !waited {
				t.Error("the first minute has a code")
			}
			return
		}
	}
	t.Errorf("no code came: %v", lines.Err())
}

func TestTheNextThreeAreInTheOrderOfTheRule(t *testing.T) {
	s := halltest.New(t, Screen)
	s.Plan(t, halltest.Workshop)
	chair := s.Crew(t, floor.Chair, floor.Room, "Ana Silva")
	s.Do(t, chair, &floor.Open{})
	for i, name := range []string{"Room one", "Room two", "Room three", "Online one"} {
		side := floor.Room
		if i == 3 {
			side = floor.Online
		}
		s.Do(t, chair, &floor.Enter{Side: side, Name: name, Agreed: true})
	}
	first := s.Live(t, Screen, "en")
	a, b, c := strings.Index(first, "Online one"), strings.Index(first, "Room one"), strings.Index(first, "Room two")
	if a < 0 || a > b || b > c || strings.Contains(first, "Room three") {
		t.Errorf("the wall names another order:\n%s", first)
	}
}

// words of every width: what people write, and what they might.
var letters = map[string]string{
	"plain":    "We run a community network on four islands and would like to know who pays when the ship breaks the cable. ",
	"capital":  "WE WANT MUCH MORE MONEY FOR OUR WONDERFUL SWIMMING MAMMOTH MUSEUM. ",
	"one word": "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrik",
	"arabic":   "نحن نشغّل شبكة مجتمعية على أربع جزر ونريد أن نعرف من يدفع عندما تقطع السفينة الكابل. ",
	"japanese": "私たちは四つの島で地域のネットワークを運営しています。船がケーブルを切ったとき、誰が費用を払うのでしょうか。",
	"hindi":    "हम चार द्वीपों पर एक सामुदायिक नेटवर्क चलाते हैं और जानना चाहते हैं कि जहाज़ केबल तोड़ दे तो भुगतान कौन करता है। ",
	"thai":     "เราดูแลเครือข่ายชุมชนบนเกาะสี่เกาะและอยากรู้ว่าใครจ่ายเมื่อเรือทำสายเคเบิลขาด ",
	"signs":    "🌊🛳️🔌",
}

func long(unit string, n int) string {
	r := []rune(strings.Repeat(unit, n/len([]rune(unit))+1))
	return strings.TrimSpace(string(r[:n]))
}

// overflowing lists what is cut off or lies outside the wall. Names inside the list of the next may end in dots, and so
// may the session's title and a policy question.
const overflowing = `[...document.querySelectorAll('.main, .card-text, .who, .why, .join, .news, .next, .code')]
.filter(e => e.checkVisibility() && getComputedStyle(e).visibility === 'visible' && (e.scrollHeight > e.clientHeight + 9 || e.scrollWidth > e.clientWidth + 2 || e.getBoundingClientRect().bottom > innerHeight + 1 || e.getBoundingClientRect().right > innerWidth + 1) &&
 !(e.closest('[data-wide]') && e.matches('.who, .next, .why')))
.map(e => e.className + ' ' + e.scrollWidth + 'x' + e.scrollHeight + ' in ' + e.clientWidth + 'x' + e.clientHeight).join('; ') +
(document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth ? ' the page scrolls' : '')`

func TestNothingOverflowsOnAProjector(t *testing.T) {
	b := browser.Start(t)
	s := halltest.New(t, Screen)
	plan := halltest.Workshop
	plan.Title = long(letters["plain"], 150)
	plan.Questions = []string{long(letters["plain"], 400)}
	s.Plan(t, plan)
	chair := s.Crew(t, floor.Chair|floor.Desk, floor.Room, "Ana Silva")
	s.Do(t, chair, &floor.Open{})
	s.Wait(2 * time.Minute) // so that the wall has a code
	code := regexp.MustCompile(`(<bdi lang="en"[^>]*>)[a-z ]+<`)
	shown := ""
	mux := http.NewServeMux()
	mux.Handle("GET /a/", page.Assets())
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, shown)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	tab := b.Open(t, server.URL, browser.Projector)
	look := func(what, lang string) {
		t.Helper()
		// Without its stream the page stays as it is, and so do clocks of another year.
		shown = strings.NewReplacer("data-live=", "data-no=", "data-until=", "data-no=").Replace(s.Show(t, Screen, chair, lang))
		if shown = code.ReplaceAllString(shown, "${1}mushroom workshop homework windmill<"); strings.Count(shown, "mushroom") != 1+strings.Count(shown, " data-wide") {
			t.Fatalf("%s in %s: the wall has not its code where it belongs", what, lang)
		}
		tab.Go(t, server.URL)
		var wrong string
		tab.Eval(t, overflowing, &wrong)
		if wrong != "" {
			t.Errorf("%s in %s: %s", what, lang, wrong)

		}
	}
	for name, unit := range letters {
		for _, n := range []int{60, 200, 500, 900, 1500} {
			s.Do(t, chair, &floor.Enter{Side: floor.Online, Name: long(unit, 80), Group: "intergovernmental", Agreed: true, Text: long(unit, n), AskFields: floor.AskFields{Question: 1}})
			s.Do(t, chair, &floor.Call{})
			look(fmt.Sprintf("a card of %d letters, %s", n, name), "en")
			s.Do(t, chair, &floor.End{})
		}
		s.Do(t, chair, &floor.Enter{Side: floor.Room, Mic: 1, Name: long(unit, 80), Group: "intergovernmental", Agreed: true, AskFields: floor.AskFields{Question: 1}})
		s.Do(t, chair, &floor.Call{})
		for range 4 {
			s.Do(t, chair, &floor.Enter{Side: floor.Online, Name: long(unit, 80), Group: "intergovernmental", Agreed: true})
		}
		for _, lang := range []string{"en", "ja", "ar", "fr"} {
			look("a name, "+name, lang)
		}
		s.Do(t, chair, &floor.End{})
		for len(s.Session.View().Line) > 0 {
			s.Do(t, chair, &floor.Withdraw{Ticket: s.Session.View().Line[0]})
		}
	}
	s.Do(t, chair, &floor.Close{More: 2})
	s.Do(t, chair, &floor.TakeRound{N: 3})
	look("an empty line", "fr")
	s.Do(t, chair, &floor.Adjourn{})
	look("the end", "fr")
}
