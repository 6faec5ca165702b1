package site_test

import (
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/web/page/browser"
)

// Two tabs press Next at once: one turn moves, not two. A tab that was left with an old page moves nothing. A double tap
// asks once.
func TestTwoPressInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.talk()
	ana, bo, dara := st.join("Ana Sosa", st.room(), "name"), st.join("Bo Lindqvist", "online", "name"), st.join("Dara Sok", st.room(), "name")
	st.do(st.all, "admit", nil)
	st.do(ana, "ask", nil)
	st.do(bo, "ask", nil)
	st.do(dara, "ask", nil)
	one := st.screen(b, "All in one", "chair", browser.Laptop)
	old := st.screen(b, "All in one", "chair", browser.Laptop.WithoutScript())
	two := one.Twin(t, "about:blank")
	var at string
	one.Eval(t, `location.href`, &at)
	two.Go(t, at)
	two.Until(t, alive)
	waits := func(n int) {
		t.Helper()
		if got := len(st.hall.Session.View().Line); got != n {
			t.Errorf("%d wait, not %d", got, n)
		}
	}
	next := `document.querySelector('form:has([name=do][value=call]) button').click()`
	one.Eval(t, next, nil)
	two.Eval(t, next, nil)
	for _, tab := range []*browser.Tab{one, two} {
		says(t, tab, ".now-panel", "Called")
	}
	waits(2)

	one.Click(t, press("start"))
	says(t, two, ".now-panel", "Now speaking")
	old.Click(t, press("call"))
	says(t, old, "main", "Somebody else pressed at the same moment.")
	waits(2)
	says(t, one, ".now-panel", "Now speaking")

	phone := b.Open(t, "about:blank", browser.Phone)
	st.come(phone, "online", "Ema Petrov")
	phone.Eval(t, `for (let i = 0; i < 5; i++) document.querySelector('form:has([name=do][value=ask]) button').click()`, nil)
	says(t, phone, "#mine", "online.")
	says(t, one, ".line-panel .side-online", "online")
	if asked := st.person("Ema Petrov").Asked; asked != 1 {
		t.Errorf("a tap of five asked %d times", asked)
	}
}

// Without script: joining, asking, "I am here", a card, withdrawing, and what became of it.
func TestWithoutScriptInABrowser(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	st.talk()
	ana := st.join("Ana Sosa", st.room(), "name")
	st.do(ana, "ask", nil)
	st.do(st.all, "call", nil)
	st.do(ana, "start", nil)
	tab := b.Open(t, "about:blank", browser.Phone.WithoutScript())
	st.come(tab, "online", "Bo Lindqvist")
	says(t, tab, "main", "until 10:03")
	says(t, tab, "footer", "as of 10:01")
	tab.Click(t, press("ask"))
	says(t, tab, "#mine", "You are next.")
	tab.Click(t, press("still"))
	gone(t, tab, press("still"))
	tab.Click(t, `#mine `+press("defer"))
	tab.Click(t, `#mine `+press("here"))
	says(t, tab, "#mine", "You are next.")
	tab.Click(t, press("withdraw"))
	says(t, tab, "#own", "withdrawn")

	tab.Click(t, `a[href="?card#own"]`)
	tab.Type(t, `#card`, "Who repairs the mast?")
	tab.Click(t, press("write"))
	says(t, tab, "#own", "Received at 10:01.")
	card := st.ticket("Bo Lindqvist")
	st.do(st.all, "approve", map[string]any{"ticket": card})
	st.do(st.all, "end", nil)
	st.do(st.all, "call", nil) // a card is read out at once
	st.wait(10 * time.Second)
	st.do(st.all, "end", nil)
	var here string
	tab.Eval(t, `location.href`, &here)
	tab.Go(t, here)
	says(t, tab, "#own", "Read out at 10:01.")
	tab.Click(t, press("ask"))
	says(t, tab, "#mine", "You are next.")
	st.do(st.all, "close", map[string]any{"more": 2})
	tab.Go(t, here)
	says(t, tab, "#live", "The line takes 2 more")
	st.do(st.all, "adjourn", nil)
	tab.Go(t, here)
	says(t, tab, "#own", "Not reached.")
	tab.Type(t, `#card`, "It can wait for the report.")
	tab.Click(t, press("write"))
	says(t, tab, "#own", "Received for the report.")
	if v := st.hall.Session.View(); v.Adjourned < 0 || v.Person(ana.Person) == nil || v.Ticket(card).End != floor.ByReading {
		t.Error("the session does not say the same")
	}
}
