package site_test

import (
	"context"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/cable"
	"openmic/internal/guest"
	"openmic/internal/site"
	"openmic/internal/web/hall"
	"openmic/internal/web/page/browser"
)

// halves are the two sites of a session whose clocks stand still while they hear each other, so that what their screens say
// can be kept: the crew's screens, the wall, and the page of somebody who waits on that side.
type halves struct {
	*pair
	mu   sync.Mutex
	now  time.Time
	tabs map[*site.Site][]*browser.Tab // crew, wall, participant
	base map[*browser.Tab]string
}

func (h *halves) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// wait lets time pass at both sites; never for long while they hear each other, or they would miss a beat.
func (h *halves) wait(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func newHalves(t *testing.T, b *browser.Browser) *halves {
	t.Helper()
	h := &halves{now: time.Date(2030, 3, 4, 10, 0, 0, 0, time.UTC), tabs: map[*site.Site][]*browser.Tab{}, base: map[*browser.Tab]string{}}
	h.pair = newPairAt(t, h.clock)
	many := 100
	h.must(h.venue, organiser, &floor.Change{LinkPeople: &many, LinkAsks: &many})
	h.must(h.venue, organiser, &floor.Open{})
	h.until("both tell one story", h.same)
	at, _ := h.pair.hub.Hall(h.id)
	there, _ := h.pair.venue.Hall(h.id)
	first := map[*site.Site]*guest.Guest{}
	for _, x := range []struct {
		name, door string
		site       *site.Site
		hall       *hall.Hall
	}{{"Ana Sosa", "room", h.venue, there}, {"Bo Lindqvist", "online", h.hub, at}, {"Chen Mei", "room", h.venue, there}, {"Dara Sok", "online", h.hub, at},
		{"Ema Petrov", "room", h.venue, there}, {"Gil Moreno", "online", h.hub, at}, {"Hua Lin", "room", h.venue, there}, {"Ines Costa", "online", h.hub, at},
		{"Finn Olsen", "room", h.venue, there}} {
		door := x.door
		if door == "room" {
			door += "/" + x.hall.RoomCode()
		}
		g, a, err := guest.Knock(context.Background(), http.DefaultClient, x.site.Local()+x.hall.Base()+door,
			map[string]any{"id": guest.ID(), "name": x.name, "group": "civil", "preset": "group"})
		if err != nil || g == nil {
			t.Fatalf("%s was not let in: %s %v", x.name, a.Say, err)
		}
		if a, err := g.Do(context.Background(), map[string]any{"do": "ask", "about": "cables and ships"}); err != nil || !a.Accepted() {
			t.Fatalf("%s: %s %v", x.name, a.Say, err)
		}
		h.until("the ask has travelled", h.same)
		h.must(h.hub, organiser, &floor.Admit{People: []floor.ID{g.Person}})
		h.until("both tell one story", h.same)
		first[x.site] = g // the last of each side is the one whose page is read
	}
	for _, who := range []hall.Invitee{{Name: "Crew", Roles: floor.Organiser | floor.Crew}, {Name: "Wall", Roles: floor.Projector}} {
		link, err := at.Invite(context.Background(), who, "")
		if err != nil {
			t.Fatal(err)
		}
		h.wait(300 * time.Millisecond) // passes are told four times a second at most
		id, _, _ := strings.Cut(strings.SplitN(link.Path, "#", 2)[1], ".")
		h.until("the pass has travelled", func() bool {
			for _, x := range there.Passes.List(floor.Anybody | floor.Projector) {
				if x.ID == id {
					return true
				}
			}
			return false
		})
		for _, s := range []*site.Site{h.hub, h.venue} {
			h.open(b, s, link.Path)
		}
	}
	for s, g := range first {
		h.open(b, s, at.Base()+"in#"+g.Secret)
	}
	h.until("both tell one story", h.same)
	return h
}

// open lets somebody in by a link, in a browser.
func (h *halves) open(b *browser.Browser, s *site.Site, path string) {
	h.t.Helper()
	look := browser.Laptop
	if len(h.tabs[s]) == 1 {
		look = browser.Projector
	}
	tab := b.Open(h.t, s.Local()+"/", look)
	tab.Go(h.t, s.Local()+path)
	tab.Until(h.t, `location.pathname.includes("/p/")`)
	var base string
	tab.Eval(h.t, `location.pathname.replace(/[^/]*$/, "")`, &base)
	h.tabs[s], h.base[tab] = append(h.tabs[s], tab), s.Local()+base
}

// turn is one of so many seconds at a site.
func (h *halves) turn(s *site.Site, d time.Duration) {
	h.t.Helper()
	h.must(s, organiser, &floor.Call{})
	h.must(s, organiser, &floor.Start{})
	h.wait(d)
	h.must(s, organiser, &floor.End{})
}

func (h *halves) apart() {
	h.t.Helper()
	h.cable.Turn(cable.Way{Cut: true})
	began := time.Now()
	// Who reads what was still on its way after the clock was moved has heard the other side then.
	h.until("what was on its way is there", func() bool { return time.Since(began) > time.Second })
	h.wait(4 * time.Second)
	h.until("both notice the cut", func() bool {
		return h.session(h.hub).View().Severed() != nil && h.session(h.venue).View().Severed() != nil
	})
}

func (h *halves) together() {
	h.t.Helper()
	h.cable.Turn(cable.Way{})
	h.until("both tell one story", func() bool { return h.same() && h.session(h.venue).View().Severed() == nil })
}

var (
	codes = regexp.MustCompile(`(Code of the record) [a-z ]+`)
	// Rounded up to five minutes, it may change by a millisecond.
	latest = regexp.MustCompile(`(At the latest in) \d+`)
	// Times are those of the browser's clock, which runs; not where it is said what is owed.
	clocks  = regexp.MustCompile(`.*\d:\d\d.*`)
	ticking = regexp.MustCompile(`[−-]?\d+:\d\d(:\d\d)?`)
)

// read compares what the screens of both sites say with what is kept.
func (h *halves) read(state string, screens ...string) {
	h.t.Helper()
	at, _ := h.pair.hub.Hall(h.id)
	for name, s := range map[string]*site.Site{"hub": h.hub, "venue": h.venue} {
		var all strings.Builder
		crew, wall, waits := h.tabs[s][0], h.tabs[s][1], h.tabs[s][2]
		for _, screen := range screens {
			tab := crew
			switch screen {
			case "wall":
				tab = wall
			case "line":
				tab = waits
			}
			tab.Go(h.t, h.base[tab]+screen)
			tab.Until(h.t, `document.documentElement.dataset.state === "live"`)
			sideways(h.t, tab, screen+" "+state)
			if screen == "wall" {
				if v := h.session(s).View(); v.MinuteHead(v.At(h.clock())).N > 0 { // the first that is sent may be of before the time was moved
					tab.Until(h.t, `document.querySelector(".code") !== null`)
				}
				whole(h.t, tab, state+" at the "+name)
			}
			all.WriteString("=== " + screen + "\n" + tab.Reading(h.t) + "\n")
		}
		text := all.String()
		for _, x := range []*site.Site{h.hub, h.venue} {
			text = strings.ReplaceAll(text, x.Local(), "HERE")
			text = strings.ReplaceAll(text, strings.TrimPrefix(x.Local(), "http://"), "HERE")
		}
		text = strings.NewReplacer(h.id, "SESSION", at.RoomCode(), "CODE").Replace(text)
		text = latest.ReplaceAllString(codes.ReplaceAllString(text, "$1 WORDS"), "$1 #")
		text = clocks.ReplaceAllStringFunc(text, func(line string) string {
			if strings.Contains(line, "owed") && !strings.Contains(line, "forgave") || strings.Contains(line, "longer than") {
				return line
			}
			return ticking.ReplaceAllString(line, "#:##")
		})
		browser.Same(h.t, filepath.Join("testdata", "cut", state+"-"+name+".reading.txt"), text)
	}
}

// whole fails when a sentence on the wall is cut off at its edge, once the wall has found its sizes.
func whole(t *testing.T, tab *browser.Tab, where string) {
	t.Helper()
	const over = `[...document.querySelectorAll(".news > [class], .why, .main, .next")].filter(e => e.scrollHeight > e.clientHeight + 16).map(e => e.className).join(", ")`
	if err := tab.Wait(5*time.Second, over+` == ""`); err != nil {
		var what string
		tab.Eval(t, over, &what)
		t.Errorf("the wall, %s, has no room for: %s", where, what)
	}
}

// What the main screens of both halves say in a cut, on a side floor, after the heal with what is owed and when that is
// forgiven, after a takeover and when the room is back from one, and with no decisions while cut. The texts are in testdata/cut.
func TestReadingsOfACut(t *testing.T) {
	b := browser.Start(t)
	h := newHalves(t, b)
	main := []string{"chair", "venue", "desk", "line", "wall"}
	h.must(h.venue, organiser, &floor.Call{})
	h.must(h.venue, organiser, &floor.Start{})
	h.until("both tell one story", h.same)

	h.apart()
	h.wait(time.Minute)
	h.read("cut", main...)

	h.must(h.venue, organiser, &floor.End{})
	for range 3 {
		h.turn(h.venue, 2*time.Minute)
	}
	h.must(h.hub, organiser, &floor.OpenSide{})
	h.must(h.hub, organiser, &floor.GiveSide{Person: h.session(h.hub).View().Waiting(floor.Online)[0].Person})
	h.wait(20 * time.Second)
	h.read("side-floor", main...)

	h.must(h.hub, organiser, &floor.EndSide{})
	h.together()
	h.read("debt", append(main, "fairness")...)
	h.must(h.venue, organiser, &floor.Forgive{Class: "time", Note: "The bus leaves at six."})
	h.until("both tell one story", h.same)
	h.read("forgiven", main...)

	hold := true
	h.must(h.hub, organiser, &floor.Change{HoldDecisions: &hold})
	h.until("both tell one story", h.same)
	h.apart()
	h.read("no-decisions", "notes")
	h.must(h.hub, organiser, &floor.TakeOver{Class: "other", Note: "The room will not come back."})
	h.read("taken-over", main...)
	h.turn(h.venue, time.Minute)
	h.together()
	h.read("returned", main...)
}
