package site_test

import (
	"context"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/cable"
	"openmic/internal/live"
	"openmic/internal/site"
	"openmic/internal/web/chair"
	"openmic/internal/web/crew"
	"openmic/internal/web/desk"
	"openmic/internal/web/hall"
	"openmic/internal/web/hub"
	"openmic/internal/web/line"
	"openmic/internal/web/notes"
	"openmic/internal/web/page/browser"
	"openmic/internal/web/plan"
	"openmic/internal/web/ready"
	"openmic/internal/web/report"
	"openmic/internal/web/speaker"
	"openmic/internal/web/venue"
	"openmic/internal/web/wall"
	"openmic/internal/words"
)

var (
	marks  = regexp.MustCompile(`<[^>]*>`)
	blanks = regexp.MustCompile(`\s+`)
)

// region is what a screen's live region says at a site.
func (p *pair) region(s *site.Site, sc *hall.Screen, lang string) string {
	p.t.Helper()
	h, _ := s.Hall(p.id)
	b, err := sc.Template.Live(sc.Look(h.Look(words.Match("", lang))))
	if err != nil {
		p.t.Fatalf("%s: %v", sc.Name, err)
	}
	return blanks.ReplaceAllString(html.UnescapeString(marks.ReplaceAllString(string(b), " ")), " ")
}

// says checks what screens say at a site, and what they must not say: parts that begin with "not ".
func (p *pair) says(where string, s *site.Site, screens []*hall.Screen, parts ...string) {
	p.t.Helper()
	for _, sc := range screens {
		text := p.region(s, sc, "en")
		for _, part := range parts {
			not, absent := strings.CutPrefix(part, "not ")
			if strings.Contains(text, not) == absent {
				p.t.Errorf("%s, %s: want %q in\n%.600s", where, sc.Name, part, text)
			}
		}
	}
}

func (p *pair) cut() {
	p.t.Helper()
	p.cable.Turn(cable.Way{Cut: true})
	p.until("both notice the cut", func() bool {
		return p.session(p.hub).View().Severed() != nil && p.session(p.venue).View().Severed() != nil
	})
}

func (p *pair) mend() {
	p.t.Helper()
	p.cable.Turn(cable.Way{})
	p.until("both tell one story", p.same)
}

// speak gives the floor at a site and ends the turn.
func (p *pair) speak(s *site.Site) {
	p.t.Helper()
	p.must(s, organiser, &floor.Call{})
	if p.session(s).View().Call() != nil {
		p.must(s, organiser, &floor.Start{})
	}
	began := p.session(s).View().Current().Start
	p.until("a moment is spoken", func() bool { v := p.session(s).View(); return v.At(time.Now()) > began+5 })
	p.must(s, organiser, &floor.End{})
}

// begin opens the session with people of both sides, of whom three are in the room. Every turn costs at least its
// shortest charge, and no lead is allowed, so that a debt needs no waiting.
func (p *pair) begin() {
	p.t.Helper()
	none := int64(0)
	p.until("the venue hears the hub", func() bool {
		_, err := p.session(p.hub).Do(context.Background(), live.Command{ID: "band", Actor: organiser, Do: &floor.Change{B: &none}})
		return err == nil
	})
	p.must(p.hub, organiser, &floor.Open{})
	for i, who := range []string{"Ana", "Ben", "Carl", "Sita", "Tomo"} {
		p.must(p.hub, myself(floor.ID(strings.ToLower(who))), &floor.Join{Side: floor.Side(i / 3), Description: floor.Description{Name: &who, Preset: "name"}})
		p.must(p.hub, organiser, &floor.Admit{People: []floor.ID{floor.ID(strings.ToLower(who))}})
		p.must(p.hub, myself(floor.ID(strings.ToLower(who))), &floor.Ask{})
	}
	p.until("both tell one story", p.same)
}

// What everybody sees at both sites before, in and after a cut, and after a takeover.
func TestWhatPeopleSeeOfTwoSites(t *testing.T) {
	p := newPair(t)
	everybody := []*hall.Screen{line.Screen, wall.Screen, desk.Screen, venue.Screen, chair.Screen, crew.Screen, notes.Screen, speaker.Screen, hub.Screen,
		plan.Screen, ready.Screen, report.Screen}
	shown := []*hall.Screen{line.Screen, wall.Screen, hub.Screen}
	operators := []*hall.Screen{desk.Screen, chair.Screen, crew.Screen}
	only := func(s ...*hall.Screen) []*hall.Screen { return s }
	p.begin()
	p.says("before", p.hub, everybody, "not been heard", "not side floor")
	p.says("before", p.hub, only(chair.Screen, venue.Screen, crew.Screen), "The gavel is in the room", "Pass the gavel", "To online, at the hub", "not Take over")
	p.says("before", p.hub, only(desk.Screen), "The gavel is in the room", "not Pass the gavel")

	p.cut()
	p.says("cut", p.hub, everybody, "The room has not been heard since", "The room goes on by itself", "Here you can ask and write as before")
	p.says("cut", p.venue, everybody, "People online have not been heard since", "The floor goes on here", "Here you can ask and write as before")
	p.says("cut", p.hub, shown, "this page is up to date with what happens online")
	p.says("cut", p.venue, shown, "this page is up to date with what happens in the room")
	p.says("cut", p.hub, only(plan.Screen, ready.Screen, report.Screen), "not up to date")
	p.says("cut", p.hub, shown, "As last heard from the room at")
	p.says("cut", p.hub, only(wall.Screen, chair.Screen, desk.Screen), "room: 3 at ")
	p.says("cut", p.venue, only(wall.Screen, chair.Screen, desk.Screen), "online: 2 at ")
	p.says("cut", p.venue, shown, "not As last heard")
	p.says("cut", p.hub, operators, "Next and End are pressed in the room just now", "Open a side floor", "not Someone is speaking now", "not Close the line")
	p.says("cut", p.hub, only(chair.Screen, crew.Screen), "Take over now", "becomes a side floor", "not Pass the gavel")
	p.says("cut", p.hub, only(desk.Screen), "not Take over")
	p.says("cut", p.venue, only(chair.Screen, crew.Screen, desk.Screen), "not Open a side floor", "not Take over", "not are pressed in the room")
	p.says("cut", p.hub, only(line.Screen), "The link to the room is down since", "You keep place 1")

	p.must(p.hub, organiser, &floor.OpenSide{})
	p.says("side floor", p.hub, everybody, "A side floor is open on this side")
	p.says("side floor", p.hub, operators, "Give the side floor Sita", "Close the side floor")
	p.must(p.hub, organiser, &floor.GiveSide{Person: "sita"})
	p.says("side floor", p.hub, everybody, "On the side floor: Sita")
	p.says("side floor", p.hub, only(line.Screen), "You have the side floor")
	p.says("side floor", p.venue, shown, "not Sita.")
	p.must(p.hub, organiser, &floor.EndSide{})
	p.must(p.hub, organiser, &floor.Jot{Kind: "agreed", Text: "More cables."})
	p.says("side floor", p.hub, only(notes.Screen), "written while room and online did not hear each other")
	p.speak(p.venue)
	p.speak(p.venue)
	p.says("cut", p.venue, everybody, "Owed to people online so far: 1:00")
	p.mend()

	p.says("healed", p.hub, everybody, "not have not been heard", "Both tell one story, and every place was kept", "2 turns · 1 turn on the side floor",
		"After the cut, online goes first for a while: 1:00", "Online waited 1:00 longer than the room", "up to 6:00 in a row")
	p.says("healed", p.venue, everybody, "Both tell one story", "After the cut, online goes first for a while: 1:00")
	p.says("healed", p.venue, only(chair.Screen, crew.Screen), "Forgive it")
	p.says("healed", p.venue, only(desk.Screen, venue.Screen), "not Forgive it")
	if h, _ := p.hub.Hall(p.id); h.Session.View().SaidAside("sita") == "" {
		t.Error("the side floor's turn is gone")
	}
	p.must(p.venue, organiser, &floor.Forgive{Class: "time"})
	p.until("both tell one story", p.same)
	p.says("forgiven", p.hub, everybody, "not goes first for a while", "Both tell one story")

	p.cut()
	p.must(p.hub, organiser, &floor.TakeOver{Class: "other"})
	p.says("taken over", p.hub, everybody, "The floor goes on online", "not As last heard")
	p.says("taken over", p.hub, operators, "The gavel is online, at the hub", "not are pressed in the room")
	p.speak(p.venue)
	p.mend()
	p.says("taken over", p.venue, everybody, "Both tell one story", "on the side floor")
	p.says("taken over", p.venue, only(chair.Screen, crew.Screen, desk.Screen), "The gavel is online, at the hub")
	if c := p.session(p.hub).View().Conflicts; len(c) > 0 {
		t.Errorf("a takeover is no conflict: %v", c)
	}
}

// All languages say it, and a screen of one site has nothing of it.
func TestWhatIsSaidOfOneSite(t *testing.T) {
	s := open(t, site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0"})
	id, _, err := s.Create(context.Background(), hall.Draft{Plan: floor.Plan{Title: "One hall", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}})
	if err != nil {
		t.Fatal(err)
	}
	h, _ := s.Hall(id)
	for _, sc := range []*hall.Screen{line.Screen, wall.Screen, chair.Screen} {
		b, err := sc.Template.Live(sc.Look(h.Look(words.Match("", "en"))))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"first-", "gavel", "sites"} {
			if strings.Contains(string(b), part) {
				t.Errorf("%s of one site has %q", sc.Name, part)
			}
		}
	}
}

// The walls and lines of both sites in a browser, before, in and after a cut.
func TestTwoSitesInABrowser(t *testing.T) {
	b := browser.Start(t)
	p := newPair(t)
	p.begin()
	open := func(s *site.Site, roles floor.Roles, screen string, look browser.Look) *browser.Tab {
		t.Helper()
		h, _ := p.hub.Hall(p.id)
		link, err := h.Invite(context.Background(), hall.Invitee{Name: "Rua", Roles: roles, Side: floor.Online}, "")
		if err != nil {
			t.Fatal(err)
		}
		at, _ := s.Hall(p.id)
		p.until("the pass has travelled", func() bool {
			for _, x := range at.Passes.List(floor.Anybody | floor.Projector) {
				if strings.HasPrefix(strings.SplitN(link.Path, "#", 2)[1], x.ID+".") {
					return true
				}
			}
			return false
		})
		tab := b.Open(t, s.Local()+"/", look)
		tab.Go(t, s.Local()+link.Path)
		tab.Until(t, `location.pathname.includes("/p/")`)
		var path string
		tab.Eval(t, `location.pathname.replace(/[^/]*$/, "")`, &path)
		tab.Go(t, s.Local()+path+screen)
		tab.Until(t, alive)
		return tab
	}
	dark := func(look browser.Look) browser.Look {
		look.Dark = true
		return look
	}
	walls := [2]*browser.Tab{open(p.hub, floor.Projector, "wall", browser.Projector), open(p.venue, floor.Projector, "wall", dark(browser.Projector))}
	lines := [2]*browser.Tab{open(p.hub, floor.Participant, "line", browser.Phone), open(p.venue, floor.Participant, "line", dark(browser.Phone))}
	chairs := [2]*browser.Tab{open(p.hub, floor.Chair, "chair", browser.Laptop), open(p.venue, floor.Chair, "chair", dark(browser.Phone))}
	all := []*browser.Tab{walls[0], walls[1], lines[0], lines[1], chairs[0], chairs[1]}
	for _, tab := range all {
		tab.Until(t, `!document.querySelector(".first-cut, .first-heal, .first-debt")`)
	}

	p.cut()
	for i, far := range []string{"The room has not been heard since", "People online have not been heard since"} {
		for _, tab := range []*browser.Tab{walls[i], lines[i], chairs[i]} {
			says(t, tab, ".first-cut", far)
			tab.Until(t, `document.documentElement.dataset.state === "live"`) // the page itself is not cut off
			tab.Axe(t)
		}
	}
	for _, tab := range chairs { // before the help for newcomers
		tab.Until(t, `document.querySelector(".first-cut").getBoundingClientRect().top < document.querySelector(".first-use").getBoundingClientRect().top`)
	}
	walls[0].Until(t, `document.documentElement.scrollHeight <= innerHeight`)
	chairs[0].Click(t, press("side-open"))
	says(t, walls[0], ".first-cut", "A side floor is open")
	gone(t, chairs[0], press("call"))
	chairs[1].Until(t, `document.querySelector(`+"`"+press("call")+"`"+`) !== null`)
	p.speak(p.venue)
	p.speak(p.venue)

	p.mend()
	for _, tab := range all {
		says(t, tab, ".first-heal", "Both tell one story")
		says(t, tab, ".first-debt", "online goes first for a while")
		tab.Until(t, `!document.querySelector(".first-cut")`)
		tab.Axe(t)
	}
	// It is forgiven behind a fold, with a reason.
	chairs[1].Click(t, `[data-key=forgive] summary`)
	chairs[1].Eval(t, `document.querySelector("#forgive-class").value = "time"`, nil)
	chairs[1].Click(t, press("forgive"))
	for _, tab := range all {
		tab.Until(t, `!document.querySelector(".first-debt")`)
	}
	if v := p.session(p.hub).View(); len(v.Ledger) == 0 || v.Frictions > 0 {
		t.Errorf("ledger %v, frictions %d", v.Ledger, v.Frictions)
	}
}
