package site_test

import (
	"context"
	"flag"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/guest"
	"openmic/internal/site"
	"openmic/internal/web/hall"
	"openmic/internal/web/page/browser"
)

// A stage is the real program with a session in the middle of its discussion: two waiting on each side, a card to
// approve, one to read, a speaker, notes and messages.
type stage struct {
	t     *testing.T
	site  *site.Site
	data  string // its folder
	hall  *hall.Hall
	links map[string]string // personal links by label
	all   *guest.Guest      // the crew in one
	guest map[string]*guest.Guest
	mu    sync.Mutex
	now   time.Time
}

func newStage(t *testing.T) *stage {
	t.Helper()
	st := &stage{t: t, links: map[string]string{}, guest: map[string]*guest.Guest{}, now: time.Date(2030, 3, 4, 10, 0, 0, 0, time.UTC), data: t.TempDir()}
	ctx := context.Background()
	s, err := site.Open(ctx, site.Settings{Data: st.data, Listen: "127.0.0.1:0", Now: st.clock}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Serve(ctx); err != nil {
		t.Fatal(err)
	}
	st.site = s
	id, links, err := s.Create(ctx, hall.Draft{
		Plan: floor.Plan{
			Title:     "Islands on one Internet",
			Facts:     map[string]string{"goesto": "the organisers' public report", "video": "https://meet.example.org/islands", "primer": "What a network operators' group is."},
			Questions: []string{"How does training keep the Internet in one piece?", "Who has to bring what?"},
			Materials: []string{"Routing in one afternoon\nhttps://materials.example.org/routing\nCC BY 4.0\nen\nbeginner"},
			Segments:  []floor.SegmentPlan{{Kind: "panel", Title: "Quick panel", Minutes: 50}, {Kind: "discussion", Title: "Open discussion", Minutes: 40, Protected: true}},
			Start:     st.now.UnixMilli(),
		},
		People: []hall.Invitee{
			{Name: "All in one", Roles: floor.Organiser | floor.Chair | floor.Venue | floor.Desk | floor.Rapporteur},
			{Name: "Leilani Moana", Group: "technical", Region: "asia-pacific", Roles: floor.Speaker},
			{Name: "Wall", Roles: floor.Projector},
			{Name: "Library of Lautala", Roles: floor.Hub, Side: floor.Online},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	st.hall, _ = s.Hall(id)
	for _, l := range links {
		st.links[l.Label] = s.Local() + l.Path
	}
	if st.all, err = guest.Come(http.DefaultClient, st.links["All in one"]); err != nil {
		t.Fatal(err)
	}
	st.do(st.all, "change", map[string]any{"linkPeople": 100, "linkAsks": 100}) // guests of tests bring no devices
	return st
}

func (st *stage) clock() time.Time {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.now
}

// wait lets time pass for the program.
func (st *stage) wait(d time.Duration) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.now = st.now.Add(d)
}

// do gives a command as somebody; it must be accepted.
func (st *stage) do(g *guest.Guest, name string, fields map[string]any) guest.Answer {
	st.t.Helper()
	if fields == nil {
		fields = map[string]any{}
	}
	fields["do"] = name
	a, err := g.Do(context.Background(), fields)
	if err != nil || !a.Accepted() {
		st.t.Fatalf("%s: %d %s %v %v", name, a.Status, a.Say, a.Fields, err)
	}
	return a
}

// join brings somebody in at a door.
func (st *stage) join(name, door, preset string) *guest.Guest {
	st.t.Helper()
	g, a, err := guest.Knock(context.Background(), http.DefaultClient, st.site.Local()+st.hall.Base()+door,
		map[string]any{"id": guest.ID(), "name": name, "group": "civil", "preset": preset})
	if err != nil || g == nil {
		st.t.Fatalf("%s was not let in: %s %v", name, a.Say, err)
	}
	st.guest[name] = g
	return g
}

// discuss brings the session into the middle of its discussion.
func (st *stage) discuss() {
	st.t.Helper()
	st.do(st.all, "open", nil)
	st.wait(20 * time.Minute)
	st.do(st.all, "begin", nil)
	room := "room/" + st.hall.RoomCode()
	ana := st.join("Ana Sosa", room, "group")
	bo := st.join("Bo Lindqvist", "online", "name")
	chen := st.join("Chen Mei", "online", "none")
	dara := st.join("Dara Sok", room, "group")
	ema := st.join("Ema Petrov", "online", "group")
	st.wait(time.Second)
	st.do(ana, "ask", map[string]any{"about": "who pays when the volunteers move on", "question": 1})
	st.wait(time.Second)
	card := st.do(bo, "write", map[string]any{"text": "Our university could mirror the labs. What bandwidth is there in the evening?", "question": 2}).Of("asked")
	st.wait(time.Second)
	st.do(chen, "write", map[string]any{"text": "Please do not name the place.", "kind": "comment"})
	st.wait(time.Second)
	st.do(dara, "ask", map[string]any{"about": "women in the operators' group", "kind": "practice"})
	st.wait(time.Second)
	st.do(ema, "ask", map[string]any{"about": "hosting a route collector", "kind": "offer"})
	st.do(st.all, "approve", map[string]any{"ticket": card})
	st.do(st.all, "admit", nil)
	st.do(st.all, "tell", map[string]any{"text": "The second microphone is loose."})
	st.wait(5 * time.Second)
	st.do(st.all, "override", map[string]any{"person": ana.Person, "class": "direct-reply"})
	st.do(st.all, "start", nil)
	st.wait(30 * time.Second)
	st.do(st.all, "jot", map[string]any{"text": "Volunteers need successors.", "kind": "takeaway"})
}

// conclude ends the session and freezes the report.
func (st *stage) conclude() {
	st.t.Helper()
	st.do(st.all, "call", nil)
	st.wait(40 * time.Second)
	st.do(st.all, "end", nil)
	st.do(st.all, "adjourn", nil)
	st.do(st.all, "freeze", nil)
}

// login opens a personal link and gives the address below which its screens are.
func (st *stage) login(tab *browser.Tab, link string) string {
	st.t.Helper()
	tab.Go(st.t, link)
	tab.Until(st.t, `location.pathname.includes("/p/")`)
	var path string
	tab.Eval(st.t, `location.pathname`, &path)
	return st.site.Local() + path[:strings.LastIndexByte(path, '/')+1]
}

// crewScreens are those of the all-in-one link.
var crewScreens = []string{"crew", "chair", "venue", "desk", "notes", "speaker", "report", "fairness", "plan", "ready", "wall", "line"}

// plain takes out of a reading what is different each time: times, addresses and codes.
func (st *stage) plain(reading string) string {
	for _, s := range []string{st.site.Local(), strings.TrimPrefix(st.site.Local(), "http://")} {
		reading = strings.ReplaceAll(reading, s, "HERE")
	}
	reading = strings.ReplaceAll(reading, st.hall.ID, "SESSION")
	reading = strings.ReplaceAll(reading, st.hall.RoomCode(), "CODE")
	reading = regexp.MustCompile(`(Code of the record) [a-z ]+`).ReplaceAllString(reading, "$1 WORDS")
	return regexp.MustCompile(`[−-]?\d+:\d\d(:\d\d)?`).ReplaceAllString(reading, "#:##")
}

// Every screen, light and dark, has nothing that axe-core minds, and what a screen reader says of it stands in
// testdata.
func TestScreensInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.discuss()
	for page, file := range map[string]string{"": "session", "online": "door", "room/" + st.hall.RoomCode(): "", "in": ""} {
		for _, look := range []browser.Look{browser.Laptop, browser.Phone.InTheDark()} {
			tab := b.Open(t, st.site.Local()+st.hall.Base()+page, look)
			tab.Axe(t)
			sideways(t, tab, file)
			if file != "" && !look.Dark {
				browser.Same(t, filepath.Join("testdata", file+".reading.txt"), st.plain(tab.Reading(t)))
			}
		}
	}
	for _, look := range []browser.Look{browser.Laptop, browser.Phone.InTheDark()} {
		tab := b.Open(t, st.site.Local()+"/", look)
		base := st.login(tab, st.links["All in one"])
		for _, s := range crewScreens {
			tab.Go(t, base+s)
			tab.Axe(t)
			sideways(t, tab, s)
			if !look.Dark {
				browser.Same(t, filepath.Join("testdata", s+".reading.txt"), st.plain(tab.Reading(t)))
			}
		}
	}
	st.hub(b)
	for _, lang := range []string{"ar", "ja", "fr"} {
		look := browser.Phone
		look.Lang = lang
		tab := b.Open(t, st.site.Local()+"/", look)
		base := st.login(tab, st.links["All in one"])
		for _, s := range crewScreens {
			tab.Go(t, base+s+"?lang="+lang)
			tab.Axe(t)
			sideways(t, tab, s+" in "+lang)
		}
	}
}

// hub looks at the screen of a remote hub, which has a pass of its own: with its people, and with the form for one more.
func (st *stage) hub(b *browser.Browser) {
	t := st.t
	t.Helper()
	hub, err := guest.Come(http.DefaultClient, st.links["Library of Lautala"])
	if err != nil {
		t.Fatal(err)
	}
	st.wait(time.Second)
	st.do(hub, "enter", map[string]any{"name": "Tane Rua", "group": "civil", "preset": "group", "about": "a library as a network hub"})
	st.wait(time.Second)
	st.do(hub, "enter", map[string]any{"preset": "none", "text": "Where do we find a teacher?"})
	for _, look := range []browser.Look{browser.Laptop, browser.Phone.InTheDark()} {
		tab := b.Open(t, st.site.Local()+"/", look)
		base := st.login(tab, st.links["Library of Lautala"])
		for page, file := range map[string]string{"hub": "hub", "hub?add": "hub-add", "hub?add=card": "hub-card"} {
			tab.Go(t, base+page)
			tab.Axe(t)
			sideways(t, tab, page)
			if !look.Dark {
				browser.Same(t, filepath.Join("testdata", file+".reading.txt"), st.plain(tab.Reading(t)))
			}
		}
	}
}

// A hub enters two people in two presses each, hears at once when one of them is called, and gives the floor back; the
// other one's place is kept. One of its devices has no script.
func TestHubInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.do(st.all, "open", nil)
	st.do(st.all, "begin", nil)
	tab := b.Open(t, st.site.Local()+"/", browser.Phone)
	base := st.login(tab, st.links["Library of Lautala"])
	tab.Until(t, `location.pathname.endsWith("/hub")`)
	tab.Click(t, `a[href="?add"]`)
	tab.Type(t, `[name=name]`, "Tane Rua")
	tab.Until(t, `document.querySelector(".way q").textContent.includes("Sita") === false`)
	tab.Click(t, `[value=name][name=preset]`)
	tab.Click(t, `form.card .acts button`)
	tab.Until(t, `document.querySelector("#mine").innerText.includes("1 · Tane Rua: You are next.")`)

	link, _, _ := strings.Cut(st.links["Library of Lautala"], "#")
	plain := b.Open(t, link, browser.Laptop.WithoutScript())
	plain.Type(t, `[name=pass]`, st.links["Library of Lautala"])
	plain.Click(t, `main button`)
	plain.Until(t, `location.pathname.endsWith("/hub")`)
	st.wait(time.Second)
	plain.Go(t, base+"hub?add")
	plain.Click(t, `[value=none][name=preset]`)
	plain.Click(t, `form.card .acts button`)
	plain.Until(t, `location.search === "" && document.querySelector("#own").innerText.includes("no. 2")`)

	tab.Go(t, base+"hub")
	tab.Until(t, `document.documentElement.dataset.state === "live"`)
	st.do(st.all, "call", nil)
	tab.Until(t, `document.documentElement.dataset.alert === "called"`)
	tab.Click(t, `#mine [data-alert] form button`)
	tab.Until(t, `document.querySelector("#mine").innerText.includes("1 · Tane Rua has finished")`)
	tab.Click(t, `#mine form:has([value=yield]) button`)
	tab.Until(t, `document.querySelector("#own").innerText.includes("Spoken at") && document.querySelector("#mine").innerText.includes("no. 2: You are next.")`)
}

// sideways fails when the page is wider than the screen: nobody should have to scroll sideways.
func sideways(t *testing.T, tab *browser.Tab, screen string) {
	t.Helper()
	var over int
	tab.Eval(t, `document.documentElement.scrollWidth - document.documentElement.clientWidth`, &over)
	if over > 0 {
		t.Errorf("%s is %d px wider than the screen", screen, over)
	}
}

// After the session the report, the page for officials and the public report are as easy to reach.
func TestReportInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.discuss()
	st.conclude()
	for _, look := range []browser.Look{browser.Laptop, browser.Phone.InTheDark()} {
		tab := b.Open(t, st.site.Local()+st.hall.Base()+"report", look)
		tab.Axe(t)
		if !look.Dark {
			browser.Same(t, filepath.Join("testdata", "public-report.reading.txt"), st.plain(tab.Reading(t)))
		}
		base := st.login(tab, st.links["All in one"])
		for _, s := range []string{"report", "preview", "officials", "line", "wall", "notes"} {
			tab.Go(t, base+s)
			tab.Axe(t)
			sideways(t, tab, s+" afterwards")
		}
	}
}

var screenshot = flag.String("screenshot", "", "write the README's picture of the wall to this file")

// The README's picture comes from here: make screenshot.
func TestScreenshot(t *testing.T) {
	if *screenshot == "" {
		t.Skip("only make screenshot writes the picture")
	}
	b := browser.Start(t)
	st := newStage(t)
	st.discuss()
	tab := b.Open(t, st.site.Local()+"/", browser.Projector)
	st.login(tab, st.links["Wall"])
	tab.Until(t, `document.documentElement.dataset.state === "live"`)
	tab.Screenshot(t, *screenshot)
}
