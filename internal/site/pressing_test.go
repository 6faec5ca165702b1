package site_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/web/page/browser"
)

// senses stands for what a phone does and a test cannot feel: it counts how often the page shook and sounded.
const senses = `window.felt = {shook: [], tones: 0}
Object.defineProperty(navigator, 'vibrate', {value: p => { felt.shook.push(p); return true }})
window.AudioContext = class {
	currentTime = 0
	destination = {}
	resume() {}
	createOscillator() { return {frequency: {setValueAtTime() {}}, connect: x => x, start() { felt.tones++ }, stop() {}} }
	createGain() { return {gain: {setValueAtTime() {}, linearRampToValueAtTime() {}}, connect: x => x} }
}`

// alive: the page hears from the server, and shows what it heard.
const alive = `document.documentElement.dataset.state === "live" && !document.querySelector("#live").dataset.version.endsWith(":0")`

// says waits until a part of the page says something.
func says(t *testing.T, tab *browser.Tab, part, text string) {
	t.Helper()
	tab.Until(t, `document.querySelector(`+strconv.Quote(part)+`)?.innerText.includes(`+strconv.Quote(text)+`)`)
}

// unsays waits until a part of the page does not say something any more.
func unsays(t *testing.T, tab *browser.Tab, part, text string) {
	t.Helper()
	tab.Until(t, `!document.querySelector(`+strconv.Quote(part)+`)?.innerText.includes(`+strconv.Quote(text)+`)`)
}

// gone waits until nothing on the page matches.
func gone(t *testing.T, tab *browser.Tab, part string) {
	t.Helper()
	tab.Until(t, `!document.querySelector(`+strconv.Quote(part)+`)`)
}

// rest waits until the page counts a press of the same button as another one.
func rest(t *testing.T, tab *browser.Tab) {
	t.Helper()
	tab.Eval(t, `window.rested = performance.now() + 650`, nil)
	tab.Until(t, `performance.now() > rested`)
}

// choose picks a choice of a select as a person does.
func choose(t *testing.T, tab *browser.Tab, selector, value string) {
	t.Helper()
	tab.Until(t, `document.querySelector(`+strconv.Quote(selector)+`)?.checkVisibility()`)
	tab.Eval(t, `(() => { const s = document.querySelector(`+strconv.Quote(selector)+`); s.focus(); s.value = `+strconv.Quote(value)+
		`; if (s.value !== `+strconv.Quote(value)+`) throw new Error('no such choice'); s.dispatchEvent(new Event('change', {bubbles: true})) })()`, nil)
}

// press is the button of the form that gives a command.
func press(do string) string { return `form:has([name=do][value=` + do + `]) button` }

// of is a part of the row of a key.
func of(key floor.ID, part string) string { return `[data-key="` + string(key) + `"] ` + part }

// screen opens a screen of a personal link, and waits until it is alive.
func (st *stage) screen(b *browser.Browser, label, name string, look browser.Look) *browser.Tab {
	st.t.Helper()
	tab := b.Open(st.t, st.site.Local()+"/", look)
	if !look.NoScript {
		tab.Go(st.t, st.login(tab, st.links[label])+name)
		tab.Until(st.t, alive)
		return tab
	}
	link, _, _ := strings.Cut(st.links[label], "#")
	tab.Go(st.t, link)
	tab.Type(st.t, `[name=pass]`, st.links[label])
	tab.Click(st.t, `main button`)
	tab.Until(st.t, `location.pathname.includes("/p/")`)
	var path string
	tab.Eval(st.t, `location.pathname.replace(/[^/]*$/, "")`, &path)
	tab.Go(st.t, st.site.Local()+path+name)
	return tab
}

// come brings somebody in by the page of a door.
func (st *stage) come(tab *browser.Tab, door, name string) {
	st.t.Helper()
	tab.Go(st.t, st.site.Local()+st.hall.Base()+door)
	tab.Type(st.t, `[name=name]`, name)
	tab.Click(st.t, `[name=preset][value=group]`)
	tab.Click(st.t, `#join .big`)
	tab.Until(st.t, `location.pathname.endsWith("/line") && document.readyState === "complete"`)
}

// person is somebody by their name.
func (st *stage) person(name string) *floor.Person {
	st.t.Helper()
	v := st.hall.Session.View()
	for i := range v.People {
		if v.Say(v.People[i].Name) == name {
			return &v.People[i]
		}
	}
	st.t.Fatalf("%s is not here", name)
	return nil
}

// ticket is the place of somebody, by their name.
func (st *stage) ticket(name string) floor.ID {
	st.t.Helper()
	t := st.hall.Session.View().Live(st.person(name).ID)
	if t == nil {
		st.t.Fatalf("%s does not wait", name)
	}
	return t.ID
}

// talk begins the discussion.
func (st *stage) talk() {
	st.t.Helper()
	st.wait(time.Minute)
	st.do(st.all, "open", nil)
	st.do(st.all, "begin", nil)
}

// room is the door of the room.
func (st *stage) room() string { return "room/" + st.hall.RoomCode() }
