package home_test

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"openmic/internal/web/page/browser"
)

// A newcomer with a pasted proposal has links after three presses, on a laptop and on a phone, in the dark and in Arabic.
func TestThreePressesToLinks(t *testing.T) {
	b := browser.Start(t)
	arabic := browser.Phone
	arabic.Lang = "ar"
	for i, look := range []browser.Look{browser.Laptop, browser.Phone.InTheDark(), browser.Laptop.WithoutScript(), arabic} {
		o := newOrganiser(t, false)
		path, _, err := o.site.FirstLink(context.Background(), true)
		if err != nil {
			t.Fatal(err)
		}
		tab := b.Open(t, o.site.Local()+path, look)
		check := func(step string) {
			t.Helper()
			if !look.NoScript { // axe needs it
				tab.Axe(t)
			}
			var over int
			tab.Eval(t, `document.documentElement.scrollWidth - document.documentElement.clientWidth`, &over)
			if over > 0 {
				t.Errorf("%s is %d px wider than the screen", step, over)
			}
			if i == 0 && step != "plan" { // the site reads that one aloud
				browser.Same(t, filepath.Join("testdata", step+".reading.txt"), plain(o, tab.Reading(t)))
			}
		}
		if look.NoScript {
			_, secret, _ := strings.Cut(path, "#")
			tab.Type(t, "#pass", secret)
			tab.Click(t, `form[action="/in"] button`)
		}
		tab.Until(t, `location.pathname == "/" && !!document.querySelector("#field-text")`)
		check("start")
		var ok bool
		tab.Eval(t, fmt.Sprintf(`(document.querySelector("#field-text").value = %q, true)`, proposal(t, "ws2023.txt")), &ok)
		tab.Click(t, `form[action="/new"] button`)
		tab.Until(t, `!!document.querySelector("form[action='/make']")`)
		check("review")
		tab.Click(t, `form[action="/make"] button.big`)
		tab.Until(t, `document.querySelectorAll("table.links code").length > 7`)
		check("made")
		tab.Click(t, `main .acts .button`)
		tab.Until(t, `location.pathname.endsWith("/plan")`)
		check("plan")
	}
}

// plain takes out of a reading what is different each time: addresses, codes and times.
func plain(o *organiser, reading string) string {
	list, _ := o.site.Sessions(context.Background())
	reading = strings.ReplaceAll(reading, o.site.Local(), "HERE")
	for _, s := range list {
		h, _ := o.site.Hall(s.ID)
		reading = strings.ReplaceAll(reading, h.RoomCode(), "CODE")
		reading = strings.ReplaceAll(reading, s.ID, "SESSION")
	}
	reading = regexp.MustCompile(`in#[a-z0-9]+\.[A-Za-z0-9_-]+`).ReplaceAllString(reading, "in#SECRET")
	return regexp.MustCompile(`UTC[+-]\d\d:\d\d\)`).ReplaceAllString(reading, "ZONE)")
}
