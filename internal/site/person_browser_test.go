package site_test

import (
	"testing"
	"time"

	"openmic/internal/web/page/browser"
)

// Whoever is next is asked "still there?" on the phone, and the crew sees each answer. Whoever is called feels, hears and
// sees it.
func TestNextAndCalledInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.talk()
	ana := st.join("Ana Sosa", st.room(), "group")
	st.do(ana, "ask", nil)
	st.do(st.all, "call", nil)
	st.do(ana, "start", nil)
	chair := st.screen(b, "All in one", "chair", browser.Laptop)

	phone := func(name string, look browser.Look) *browser.Tab {
		tab := b.Open(t, "about:blank", look)
		tab.Before(t, senses)
		st.come(tab, "online", name)
		st.wait(time.Second)
		tab.Click(t, press("ask"))
		return tab
	}
	paper := func(tab *browser.Tab) (colour string) {
		t.Helper()
		tab.Eval(t, `getComputedStyle(document.body).backgroundColor`, &colour)
		return colour
	}
	felt := func(tab *browser.Tab, times int) {
		t.Helper()
		var all struct{ Shook, Tones int }
		tab.Eval(t, `({Shook: felt.shook.length, Tones: felt.tones})`, &all)
		if all.Shook != times || all.Tones != times {
			t.Errorf("the phone shook %d times and sounded %d times, instead of %d", all.Shook, all.Tones, times)
		}
	}

	bo := phone("Bo Lindqvist", browser.Phone)
	says(t, bo, "#mine", "You are next.")
	bo.Until(t, `document.documentElement.dataset.alert === "next"`)
	felt(bo, 1)
	next := paper(bo)
	chen := phone("Chen Mei", browser.Look{Width: 390, Height: 844, Still: true})
	says(t, chen, "#mine", "You are 2nd online.")
	calm := paper(chen)
	felt(chen, 0)
	st.do(st.all, "admit", nil)

	// Bo answers.
	says(t, chair, ".next-panel", "Bo Lindqvist")
	bo.Click(t, press("still"))
	says(t, chair, ".next-panel", "is there")
	gone(t, bo, "#mine "+press("still"))

	// Bo lets the next one go first, and comes back.
	bo.Click(t, `#mine `+press("defer"))
	says(t, chair, ".next-panel", "Chen Mei")
	says(t, chair, of(st.ticket("Bo Lindqvist"), ".reason"), "lets the next one go")
	chen.Until(t, `document.documentElement.dataset.alert === "next"`)
	felt(chen, 1)
	bo.Until(t, `!document.documentElement.dataset.alert`)
	bo.Click(t, `#mine `+press("here"))
	says(t, chair, ".next-panel", "Bo Lindqvist") // his place was kept
	chen.Until(t, `!document.documentElement.dataset.alert`)
	bo.Until(t, `document.documentElement.dataset.alert === "next"`)
	felt(bo, 2)

	// Chen withdraws.
	ticket := st.ticket("Chen Mei")
	chen.Click(t, `#own `+press("withdraw"))
	gone(t, chair, of(ticket, ".row"))
	says(t, chen, "#own", "withdrawn")

	// Bo is called.
	st.wait(time.Minute)
	chair.Click(t, press("end"))
	says(t, chair, ".now-panel", "Nobody has the floor.")
	chair.Click(t, press("call"))
	bo.Until(t, `document.documentElement.dataset.alert === "called"`)
	says(t, bo, "#mine", "You have the floor! Please unmute in the video call.")
	bo.Until(t, `document.querySelector('#mine a[href="https://meet.example.org/islands"]')?.checkVisibility()`)
	felt(bo, 3)
	bo.Until(t, `getComputedStyle(document.body).backgroundColor === "rgb(201, 242, 210)"`) // after .3 s of change
	if called := paper(bo); called == next || called == calm || next == calm {
		t.Errorf("waiting is %s, next %s, called %s", calm, next, called)
	}
	bo.Axe(t)
	bo.Click(t, `#mine `+press("start"))
	says(t, chair, ".now-panel", "Now speaking")
	bo.Until(t, `!document.documentElement.dataset.alert`)
	bo.Click(t, `#mine `+press("yield"))
	says(t, chair, ".now-panel", "Nobody has the floor.")
	says(t, bo, "#own", "Spoken at")

	// Who asked for calm gets no movement, and no less is said.
	chen.Click(t, press("ask"))
	says(t, chair, ".next-panel", "Chen Mei")
	chair.Click(t, press("call"))
	chen.Until(t, `document.documentElement.dataset.alert === "called"`)
	var change string
	chen.Eval(t, `getComputedStyle(document.body).transitionDuration`, &change)
	if change != "0s" {
		t.Errorf("the page fades for %s although its reader wants no movement", change)
	}
	if paper(chen) != "rgb(201, 242, 210)" {
		t.Errorf("called, the page is %s", paper(chen))
	}
}
