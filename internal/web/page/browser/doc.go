// Package browser lets tests look at screens as people do: in a real Chromium, on a phone or a
// projector, light or dark, with or without script. It also reads a page as a screen reader speaks it, and
// asks axe-core what is hard to reach.
//
//	b := browser.Start(t)
//	tab := b.Open(t, url, browser.Phone)
//	tab.Click(t, "#ask")
//	tab.Until(t, `document.querySelector("#said").textContent !== ""`)
//	tab.Axe(t)
//	browser.Same(t, "testdata/line.reading.txt", tab.Reading(t)) // go test -rewrite, and read the diff
//
// Without Chromium the tests are skipped, and say so; with OPENMIC_BROWSER=must they fail instead.
// Every tab is a person of its own, with its own cookies. A test fails when the page throws or breaks
// its own security policy. axe-core comes from the npm registry when it is first asked for, in the
// version named in axe-core.sha512, and is kept in the user's cache folder; it is no part of this
// repository.
package browser
