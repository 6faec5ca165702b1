package site_test

import (
	"context"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page/browser"
)

// A moderator whose browser has no script comes in by a one-time code that the organiser reads to them, and works; the
// code opens nothing a second time.
func TestAModeratorSignsInByCodeWithoutScript(t *testing.T) {
	b := browser.Start(t)
	st := newStage(t)
	if _, err := st.hall.Invite(context.Background(), hall.Invitee{Name: "Mele Vaka", Roles: floor.Desk, Side: floor.Online}, ""); err != nil {
		t.Fatal(err)
	}
	organiser := b.Open(t, st.site.Local()+"/", browser.Phone.InTheDark())
	base := st.login(organiser, st.links["All in one"])
	organiser.Go(t, base+"plan")
	organiser.Click(t, `button[aria-label="One-time code for Mele Vaka"]`)
	organiser.Until(t, `!!document.querySelector("#code-now")`)
	organiser.Axe(t)
	sideways(t, organiser, "the plan with a code")
	var code string
	organiser.Eval(t, `document.querySelector("#code-now").textContent`, &code)

	// With a script and no link the page asks, too.
	asked := b.Open(t, st.site.Local()+st.hall.Base()+"in", browser.Phone)
	asked.Axe(t)
	sideways(t, asked, "the page that asks")

	plain := b.Open(t, st.site.Local()+st.hall.Base()+"in", browser.Laptop.WithoutScript())
	enter := func(typed string) {
		plain.Go(t, st.site.Local()+st.hall.Base()+"in")
		plain.Type(t, `[name=pass]`, typed)
		plain.Click(t, `main button`)
	}
	enter("zzzz-zzzz")
	plain.Until(t, `document.querySelector(".error").textContent.includes("mistyped")`)
	enter(strings.ToUpper(code))
	plain.Until(t, `location.pathname.endsWith("/desk")`)
	enter(code)
	plain.Until(t, `document.querySelector(".error").textContent.includes("used already")`)

	// The crew in one makes a code for its own phone.
	organiser.Go(t, base+"crew")
	organiser.Click(t, `form[action=code] button`)
	organiser.Until(t, `!!document.querySelector("#code-now")`)
	organiser.Axe(t)
	sideways(t, organiser, "a code of one's own")
	organiser.Eval(t, `document.querySelector("#code-now").textContent`, &code)
	enter(code)
	plain.Until(t, `location.pathname.endsWith("/crew")`)
}

// Somebody takes back what they said, in two presses, with a script and without: the words are gone, the place is given
// up, the page ends.
func TestAParticipantErasesThemselvesInABrowser(t *testing.T) {
	b := browser.Start(t)
	for _, look := range []browser.Look{browser.Phone, browser.Phone.WithoutScript()} {
		st := newStage(t)
		st.do(st.all, "open", nil)
		st.do(st.all, "begin", nil)
		tab := b.Open(t, st.site.Local()+st.hall.Base()+"online", look)
		tab.Type(t, `[name=name]`, "Tane Rua")
		tab.Click(t, `[value=name][name=preset]`)
		tab.Click(t, `main form button`)
		tab.Until(t, `location.pathname.endsWith("/line")`)
		tab.Click(t, `#own button.big`)
		tab.Until(t, `document.querySelector("#own").innerText.includes("Withdraw")`)
		var me string
		tab.Eval(t, `location.pathname`, &me)
		tab.Go(t, st.site.Local()+me+"?me") // where "Change my name" leads
		tab.Until(t, `!!document.querySelector("a[href='?erase']")`)
		tab.Click(t, `a[href="?erase"]`)
		tab.Until(t, `!!document.querySelector("[value=erase]")`)
		if p := st.hall.Session.View().People; p[len(p)-1].Closed {
			t.Fatal("erased before it was confirmed")
		}
		if !look.NoScript {
			tab.Axe(t)
		}
		sideways(t, tab, "the question before erasing")
		tab.Click(t, `form:has([value=erase]) button`)
		tab.Until(t, `document.querySelector("#said").textContent.includes("are erased")`)
		v := st.hall.Session.View()
		p := v.People[len(v.People)-1]
		if !p.Closed || v.Say(p.Name) != "" || v.Live(p.ID) != nil {
			t.Errorf("left of them: %+v", p)
		}
		tab.Go(t, st.site.Local()+me)
		tab.Until(t, `document.body.innerText.includes("withdrawn")`)
	}
}
