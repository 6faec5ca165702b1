package site_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/guest"
	"openmic/internal/web/page/browser"
	"openmic/record"
)

// play holds a discussion of forty minutes: eleven in the room and twenty-three online ask as they arrive, the chair calls, decides
// otherwise three times, somebody simply talks, and a turn is corrected.
func (st *stage) play() {
	st.t.Helper()
	r := rand.New(rand.NewPCG(4, 2))
	st.do(st.all, "open", nil)
	st.wait(20 * time.Minute)
	st.do(st.all, "begin", nil)
	var room, online []*guest.Guest
	for i := range 34 {
		door := "online"
		if i%3 == 0 && len(room) < 11 {
			door = "room/" + st.hall.RoomCode()
		}
		g, a, err := guest.Knock(context.Background(), http.DefaultClient, st.site.Local()+st.hall.Base()+door, map[string]any{"id": guest.ID(),
			"name": fmt.Sprint("Guest ", i), "group": floor.Groups[r.IntN(4)], "region": floor.Regions[r.IntN(3)], "preset": "group"})
		if err != nil || g == nil {
			st.t.Fatalf("guest %d was not let in: %s %v", i, a.Say, err)
		}
		if door == "online" {
			online = append(online, g)
		} else {
			room = append(room, g)
		}
	}
	st.do(st.all, "admit", nil)
	asks := 0
	ask := func(list *[]*guest.Guest) {
		if len(*list) > 0 {
			st.do((*list)[0], "ask", map[string]any{"about": "ask " + strconv.Itoa(asks)})
			*list = (*list)[1:]
			asks++
		}
	}
	again, eager := room[0], append(online[:4:4], room[1:4]...)
	for turn := range 24 {
		if turn < 5 {
			ask(&room)
			ask(&room)
			ask(&online)
		}
		ask(&online)
		st.wait(3 * time.Second)
		if turn > 4 && turn%5 == 0 { // whoever has spoken asks again, and lets the newcomers pass
			for _, g := range eager {
				if _, err := g.Do(context.Background(), map[string]any{"do": "ask"}); err != nil {
					st.t.Fatal(err)
				}
			}
		}
		switch turn {
		case 3:
			st.do(again, "ask", nil)
			fallthrough
		case 11, 16:
			st.do(st.all, "override", map[string]any{"person": again.Person, "class": []string{"direct-reply", "balance", "access"}[turn%3]})
		case 8:
			st.do(st.all, "give", map[string]any{"kind": "unplanned", "side": "room"})
			st.wait(70 * time.Second)
			st.do(st.all, "end", nil)
			continue
		case 14:
			st.do(st.all, "change", map[string]any{"reply": 60_000})
			fallthrough
		default:
			if a, err := st.all.Do(context.Background(), map[string]any{"do": "call"}); err != nil || !a.Accepted() {
				continue
			}
		}
		if st.hall.Session.View().Call() != nil {
			st.do(st.all, "start", nil)
		}
		st.wait(time.Duration(30+r.IntN(110)) * time.Second)
		if turn != 23 {
			st.do(st.all, "end", nil)
		}
	}
}

// The page is the same for everybody, with a pass and without, and its figures are those that verify finds in the record.
func TestFairnessInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	public := st.site.Local() + st.hall.Base() + "fairness"
	tab := b.Open(t, public, browser.Phone)
	tab.Axe(t) // before the first turn
	st.play()
	for _, ended := range []bool{false, true} {
		name := "public-fairness"
		if ended {
			name = "public-fairness-ended"
			st.do(st.all, "adjourn", nil)
		}
		for _, size := range []browser.Look{browser.Laptop, browser.Laptop.InTheDark(), browser.Phone, browser.Phone.InTheDark()} {
			for _, lang := range []string{"en", "ar", "ja", "fr"} {
				look := size
				look.Lang = lang
				tab := b.Open(t, public+"?lang="+lang, look)
				tab.Eval(t, `document.querySelector("details").open = true`, nil)
				tab.Axe(t)
				sideways(t, tab, name+" in "+lang)
				if size == browser.Laptop && lang == "en" {
					browser.Same(t, filepath.Join("testdata", name+".reading.txt"), st.plain(tab.Reading(t)))
				}
			}
		}
	}
	var zip bytes.Buffer
	if err := st.site.Record(context.Background(), st.hall.ID, false, &zip); err != nil {
		t.Fatal(err)
	}
	v := record.Verify(zip.Bytes())
	if v.Exit != 0 {
		t.Fatalf("the record does not hold: %s %s", v.Where, v.Fault)
	}
	tab.Go(t, public+"?lang=en")
	text := func(selector string) string { return strings.Join(strings.Fields(tab.Text(t, selector)), " ") }
	clock := func(ms int64) string { return fmt.Sprintf("%d:%02d", ms/60_000, ms/1000%60) }
	for _, x := range []struct{ selector, want string }{
		{"#sides tbody", fmt.Sprintf("room %d %s online %d %s", v.Room.Turns, clock(v.Room.Ms), v.Online.Turns, clock(v.Online.Ms))},
		{"#waits tbody", fmt.Sprintf("Asks and cards %d %d Heard %d %d Not reached %d %d Half waited at most %s %s Nine of ten waited at most %s %s Longest wait %s %s",
			v.Room.Asks, v.Online.Asks, v.Room.Heard, v.Online.Heard, v.Room.NotReached, v.Online.NotReached, clock(v.Room.MedianWait), clock(v.Online.MedianWait),
			clock(v.Room.Wait90), clock(v.Online.Wait90), clock(v.Room.Most), clock(v.Online.Most))},
		{"#lead li", fmt.Sprintf("The largest difference was %s. The rule keeps it within %s, and %s more", clock(v.MostLead), clock(v.LeadBound), clock(v.Excess))},
		{"#lead li + li", fmt.Sprintf("at most %s while the other waited. The rule keeps this within %s", clock(v.LongestRun), clock(v.RunBound))},
		{"#passed .means", fmt.Sprintf("more than %d times; the most in this session is %d.", v.PassedBound, v.MostPassed)},
		{"#overrides", fmt.Sprintf("Calls by the rule: %d. Decided otherwise: %d. Turns corrected or entered afterwards: %d.", v.Calls, total(v.Overrides), v.Corrections)},
	} {
		if got := text(x.selector); !strings.Contains(got, x.want) {
			t.Errorf("%s says %q, verify says %q", x.selector, got, x.want)
		}
	}
}

// With a pass the page follows the session by itself; what the reader has opened stays open, and on paper everything is.
func TestFairnessFollowsTheSession(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.discuss()
	st.do(st.all, "end", nil)
	tab := b.Open(t, st.site.Local()+"/", browser.Phone)
	base := st.login(tab, st.links["Wall"])
	tab.Go(t, base+"fairness")
	tab.Until(t, `document.documentElement.dataset.state === "live"`)
	tab.Until(t, `document.querySelectorAll("tr[data-key]").length === 1`)
	tab.Click(t, `#lead summary`)
	st.wait(time.Minute)
	st.do(st.all, "call", nil)
	st.wait(time.Minute)
	tab.Until(t, `document.querySelectorAll("tr[data-key]").length === 2 && document.querySelector("#lead details").open`)
	tab.Click(t, `#lead summary`)
	tab.Until(t, `!document.querySelector("#lead details").open`)
	if text := tab.OnPaper(t, ""); !strings.Contains(text, "Longer wait afterwards") || strings.Contains(text, "About this session") {
		t.Errorf("the paper lacks the table or shows links:\n%s", text)
	}
}

func total(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}
