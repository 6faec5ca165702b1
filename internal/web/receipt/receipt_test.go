package receipt

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/jba/templatecheck"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/hall/halltest"
	"openmic/record"
)

func TestTheTemplateFits(t *testing.T) {
	if err := templatecheck.CheckHTMLStrict(screen.Templates().Lookup("frame"), view{}); err != nil {
		t.Error(err)
	}
}

type serve func(*hall.Hall, *hall.Visit, http.ResponseWriter, *http.Request) error

// ask answers as the routes do, for a pass and a ticket.
func ask(s *halltest.Stage, f serve, p *hall.Pass, ticket, lang string) (*httptest.ResponseRecorder, error) {
	r := httptest.NewRequest(http.MethodGet, s.Of(p.ID)+"receipt?lang="+lang+"&ticket="+url.QueryEscape(ticket), nil)
	w := httptest.NewRecorder()
	err := f(s.Hall, s.Visit(r, p), w, r)
	return w, err
}

var pasted = regexp.MustCompile(`openmic-receipt/[^<\s]+`)

// Whoever asked, by voice or by card, keeps a receipt in every language; page and file are of the same entry, and neither
// holds a name or a word.
func TestAReceiptIsOfOnesOwnAsk(t *testing.T) {
	s := halltest.New(t)
	s.Plan(t, halltest.Workshop)
	sita := s.Join(t, floor.Online, "Sita Sharma", "technical")
	hub := s.Crew(t, floor.Hub, floor.Online, "The hub")
	seated := s.Do(t, hub, &floor.Enter{Side: floor.Online, Name: "Tavita", Agreed: true})
	mele := s.Join(t, floor.Room, "Mele", "civil")
	voice := s.Do(t, sita, &floor.Ask{AskFields: floor.AskFields{About: "the cable"}})
	card := s.Do(t, sita, &floor.Write{Text: "Who pays for the cable?"})
	theirs := s.Session.View().Live(seated)
	if theirs == nil {
		t.Fatal("the hub's person has no place")
	}
	before := s.Session.View().Version
	for _, x := range []struct {
		by     *hall.Pass
		ticket floor.ID
	}{{sita, voice}, {sita, card}, {hub, theirs.ID}} {
		for _, lang := range []string{"en", "ja", "ar", "fr"} {
			w, err := ask(s, Serve, x.by, string(x.ticket), lang)
			if err != nil {
				t.Fatal(err)
			}
			page := w.Body.String()
			r, err := record.ReadReceipt([]byte(pasted.FindString(page)))
			if err != nil || !strings.HasSuffix(string(x.ticket), fmt.Sprint(r.N)) {
				t.Fatalf("%v in\n%s", err, page)
			}
			file, err := ask(s, ServeFile, x.by, string(x.ticket), lang)
			if err != nil {
				t.Fatal(err)
			}
			same, err := record.ReadReceipt(file.Body.Bytes())
			if err != nil || same.Line() != r.Line() || !strings.Contains(file.Header().Get("Content-Disposition"), string(x.ticket)) {
				t.Errorf("%v: the page has %s, the file %s", err, r.Line(), file.Body)
			}
			main := page[strings.Index(page, "<main"):]
			for _, secret := range []string{"Sita", "Tavita", "cable", "technical"} {
				if strings.Contains(main, secret) || strings.Contains(file.Body.String(), secret) {
					t.Errorf("the receipt holds %q", secret)
				}
			}
			if !strings.Contains(page, `<svg class="qr"`) || file.Header().Get("Cache-Control") != "no-store" {
				t.Error("no code on the page, or it may be kept in a cache")
			}
		}
	}
	if s.Session.View().Version != before {
		t.Error("looking wrote something")
	}
	for what, x := range map[string]struct {
		by     *hall.Pass
		ticket string
		want   error
	}{
		"somebody else":       {mele, string(voice), floor.ErrNotAllowed},
		"the hub, not theirs": {hub, string(voice), floor.ErrNotAllowed},
		"not the hub's":       {sita, string(theirs.ID), floor.ErrNotAllowed},
		"no ask":              {sita, "test999", hall.ErrNotFound},
		"nothing":             {sita, "", hall.ErrNotFound},
		"4,000 letters":       {sita, strings.Repeat("test1", 800), hall.ErrNotFound},
		"a path":              {sita, "../../key", hall.ErrNotFound},
		"no person yet":       {s.Pass(t, floor.Participant, "new"), string(voice), hall.ErrNotFound},
		"a wall":              {s.Pass(t, floor.Projector, "wall"), string(voice), hall.ErrNotFound},
	} {
		for _, f := range []serve{Serve, ServeFile} {
			if _, err := ask(s, f, x.by, x.ticket, "en"); !errors.Is(err, x.want) {
				t.Errorf("%s: %v, not %v", what, err, x.want)
			}
		}
	}
	for range 400 {
		if _, err := ask(s, Serve, sita, string(voice), "en"); err != nil {
			if !errors.Is(err, hall.ErrTooFast) {
				t.Fatal(err)
			}
			return
		}
	}
	t.Error("nobody stops who loads the page without end")
}
