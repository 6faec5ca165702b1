package record

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/web/page/browser"
	"openmic/verifier"
)

// pageFromDisk opens the second verifier as somebody does who kept the file.
func pageFromDisk(t *testing.T, b *browser.Browser, look browser.Look) *browser.Tab {
	t.Helper()
	file, err := filepath.Abs("../verifier/verify.html")
	if err != nil {
		t.Fatal(err)
	}
	return b.Open(t, "file://"+file, look)
}

// give chooses a record on the page and waits for the verdict, which it returns.
func give(t *testing.T, tab *browser.Tab, b []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "session-record.zip")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	tab.Eval(t, `document.querySelector('#said').replaceChildren()`, nil)
	tab.Choose(t, "#file", file)
	tab.Until(t, `document.querySelector('#said .verdict, #said .refusal')`)
	return tab.Text(t, "#said")
}

// TestPageTells: whoever chooses a record hears the verdict, sees the story and the picture, in each language, on a phone
// and at night, and nothing of a record is ever markup.
func TestPageTells(t *testing.T) {
	st := played(t, 401, 120, true, false)
	st.must(person("p1"), &floor.Describe{Description: floor.Description{Name: new(`<img src=x onerror="alert(1)"><script>alert(2)</script>`), Preset: "group"}})
	st.must(theChair, &floor.Give{Kind: floor.Unplanned, Person: "p1"})
	good := st.record(Archive)
	against := brokenRules(t)[0].bytes
	b := browser.Start(t)
	for _, look := range []browser.Look{browser.Laptop, browser.Phone, browser.Phone.InTheDark()} {
		tab := pageFromDisk(t, b, look)
		for _, x := range []struct {
			record    []byte
			say, exit string
		}{{good, "The record holds.", "0"}, {good[:len(good)-1], "The record is broken.", "1"}, {against, "was called against the rule", "2"}} {
			if said := give(t, tab, x.record); !strings.Contains(said, x.say) {
				t.Errorf("the page says %q", said)
			}
			tab.Until(t, `document.querySelector('.verdict').dataset.exit === '`+x.exit+`'`)
			tab.Axe(t)
			wide := false
			tab.Eval(t, `document.documentElement.scrollWidth > innerWidth`, &wide)
			if wide {
				t.Errorf("%v, exit %s: the page is wider than the screen", look, x.exit)
			}
		}
		var marked, rows, elements int
		tab.Eval(t, `document.querySelectorAll('.story .against').length`, &marked)
		if marked == 0 {
			t.Error("the story does not mark what broke the rule")
		}
		give(t, tab, good)
		tab.Eval(t, `document.querySelectorAll('.story tbody tr').length`, &rows)
		tab.Eval(t, `document.querySelectorAll('main img, main script, #shown [onerror]').length`, &elements)
		if rows < len(st.s.Turns) || elements != 0 {
			t.Errorf("%d rows for %d turns; %d elements came out of a record", rows, len(st.s.Turns), elements)
		}
		if said := tab.Text(t, ".story"); !strings.Contains(said, "<script>alert(2)</script>") {
			t.Error("the story does not show the name as it is")
		}
		tab.Until(t, `document.querySelectorAll('svg .bound').length === 2 && document.querySelector('svg .lead').getAttribute('d').length > 50`)
		for _, l := range []struct{ lang, dir, say string }{{"fr", "ltr", "L’enregistrement tient."}, {"ar", "rtl", "السجل سليم."}, {"ja", "ltr", "この記録は確かです。"}} {
			tab.Eval(t, `(() => { const s = document.querySelector('#language'); s.value = '`+l.lang+`'; s.dispatchEvent(new Event('change')) })()`, nil)
			tab.Until(t, `document.documentElement.lang === '`+l.lang+`' && document.documentElement.dir === '`+l.dir+`'`)
			if said := tab.Text(t, "#said"); !strings.Contains(said, l.say) {
				t.Errorf("%s: %q", l.lang, said)
			}
			wide := false
			tab.Eval(t, `document.documentElement.scrollWidth > innerWidth`, &wide)
			if wide {
				t.Errorf("%v, %s: the page is wider than the screen", look, l.lang)
			}
			tab.Axe(t)
		}
	}
}

// TestPageAndKey: a key from elsewhere is compared; signatures are checked also where the browser knows no Ed25519; and
// without any cryptography the page says so and gives no verdict.
func TestPageAndKey(t *testing.T) {
	st := played(t, 402, 40, true, false)
	good := st.record(Public)
	_, strange := siteKeys(t, 9)
	forged := (&forgery{stage: st, alter: map[int]func(*floor.Entry){2: func(e *floor.Entry) { e.Wall++ }}, upTo: 0}).seal(t, Public)
	forged = resigned(t, st, forged)
	tab := pageFromDisk(t, browser.Start(t), browser.Laptop)
	give(t, tab, good)
	for _, x := range []struct{ key, want string }{{st.verify, "0"}, {strange, "1"}, {"", "0"}} {
		quoted, err := json.Marshal(x.key)
		if err != nil {
			t.Fatal(err)
		}
		tab.Eval(t, `(() => { document.querySelector('#said').replaceChildren(); const k = document.querySelector('#key'); k.value = `+string(quoted)+`; k.dispatchEvent(new Event('change')) })()`, nil)
		tab.Until(t, `document.querySelector('.verdict')?.dataset.exit === '`+x.want+`'`)
	}
	tab.Eval(t, `crypto.subtle.importKey = () => Promise.reject(new DOMException('no', 'NotSupportedError'))`, nil)
	for i, x := range []struct {
		record []byte
		want   string
	}{{good, "0"}, {forged, "1"}} {
		give(t, tab, x.record)
		tab.Until(t, `document.querySelector('.verdict').dataset.exit === '`+x.want+`'`)
		if i == 1 && !strings.Contains(tab.Text(t, "#shown"), "the signature is wrong") {
			t.Error("by hand, a forged signature is not noticed as such")
		}
	}
	tab.Eval(t, `Object.defineProperty(crypto, 'subtle', {value: undefined})`, nil)
	if said := give(t, tab, good); !strings.Contains(said, "Save this page as a file") {
		t.Errorf("without cryptography the page says %q", said)
	}
}

// resigned is a record in which one bit of the last signature is another.
func resigned(t *testing.T, st *stage, record []byte) []byte {
	t.Helper()
	files, f := unpack(record)
	if f != nil {
		t.Fatal(f)
	}
	for i := range files {
		if strings.HasPrefix(files[i].name, "checkpoints/") {
			note := files[i].data
			at := len(note) - 12 // inside the signature, before the padding
			note[at] = map[bool]byte{true: 'B', false: 'A'}[note[at] == 'A']
		}
	}
	var b strings.Builder
	if err := pack(&b, files); err != nil {
		t.Fatal(err)
	}
	return []byte(b.String())
}

// TestPageOfTwoSites: of a record of several sites the page shows who wrote what, the cuts, what was said aside and whose
// end nobody wrote, and which journals their own site did not sign.
func TestPageOfTwoSites(t *testing.T) {
	p := playPair(t, 4, false)
	for seed := uint64(5); ; seed++ {
		if s := p.hub.fold.State(); s.TakeOvers > 0 && slices.ContainsFunc(s.Turns, func(x floor.Turn) bool { return x.Unsure }) {
			t.Logf("seed %d", seed-1)
			break
		}
		p = playPair(t, seed, false)
	}
	s, uncertain, runs := p.hub.fold.State(), 0, 0
	for i := range s.Turns {
		switch x := &s.Turns[i]; {
		case x.Ended < 0:
			runs++
		case x.Doubtful(s.At):
			uncertain++
		}
	}
	record := written(t, Archive, p.sources(t, false)...)
	want := Verify(record)
	b := browser.Start(t)
	for _, look := range []browser.Look{browser.Laptop, browser.Phone} {
		tab := pageFromDisk(t, b, look)
		if said := give(t, tab, record); !strings.Contains(said, "The record holds.") {
			t.Fatalf("the page says %q", said)
		}
		for _, x := range []struct {
			what, where string
			n           int
		}{
			{"link cut:", ".story tbody tr", want.Cuts}, {"side floor", ".story tbody tr", want.SideTurns}, {"the gavel is taken over", ".story tbody tr", want.TakeOvers},
			{"end uncertain", ".story tbody tr", uncertain}, {"still speaking", ".story tbody tr", runs},
			{"this site did not sign all that is here", "#shown li", 1},
		} {
			n := 0
			tab.Eval(t, `[...document.querySelectorAll('`+x.where+`')].filter(e => e.textContent.includes('`+x.what+`')).length`, &n)
			if n != x.n {
				t.Errorf("%q is there %d times, want %d", x.what, n, x.n)
			}
		}
		tab.Until(t, `document.querySelectorAll('svg .severed').length > 0 && [...document.querySelectorAll('.story tbody tr')].every(e => /(hub-h|venue-v)$/.test(e.textContent.trim()))`)
		for _, lang := range []string{"en", "fr", "ar", "ja"} {
			tab.Eval(t, `(() => { const s = document.querySelector('#language'); s.value = '`+lang+`'; s.dispatchEvent(new Event('change')) })()`, nil)
			tab.Until(t, `document.documentElement.lang === '`+lang+`'`)
			wide := false
			tab.Eval(t, `document.documentElement.scrollWidth > innerWidth`, &wide)
			if wide {
				t.Errorf("%v, %s: the page is wider than the screen", look, lang)
			}
			tab.Axe(t)
		}
	}
	// Both keys are asked for, and a code and a receipt are looked up in either journal.
	tab := pageFromDisk(t, b, browser.Laptop)
	give(t, tab, record)
	for _, x := range []struct{ key, want string }{{p.hub.verify, "1"}, {p.hub.verify + " " + p.venue.verify, "0"}} {
		tab.Eval(t, `(() => { document.querySelector('#said').replaceChildren(); const k = document.querySelector('#key'); k.value = '`+x.key+`'; k.dispatchEvent(new Event('change')) })()`, nil)
		tab.Until(t, `document.querySelector('.verdict')?.dataset.exit === '`+x.want+`'`)
	}
	enter := func(field, text string) {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		tab.Eval(t, `(() => { const f = document.querySelector('`+field+`'); f.value = `+string(quoted)+`; f.form.requestSubmit() })()`, nil)
	}
	for _, w := range []*wing{p.hub, p.venue} {
		last := len(w.own) - 1
		if w == p.venue {
			last = p.hub.got - 1
		}
		_, note, err := SignReceipt(w.rows[last], w.sign)
		if err != nil {
			t.Fatal(err)
		}
		enter("#receipt", string(note))
		tab.Until(t, `document.querySelector('#receipt').form.textContent.includes('is in the record')`)
		enter("#code", CodeOf(w.name, int64(last+1), floor.HashBytes(w.rows[last])))
		tab.Until(t, `document.querySelector('#code').form.textContent.includes('`+w.name[len("story/"):]+`')`)
	}
}

// TestPageServed: from a running site the page works under the policy it is answered with.
func TestPageServed(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(verifier.Serve))
	defer s.Close()
	tab := browser.Start(t).Open(t, s.URL+"/verify", browser.Laptop)
	if said := give(t, tab, played(t, 403, 30, false, false).record(Public)); !strings.Contains(said, "The record holds.") {
		t.Errorf("the page says %q", said)
	}
	answer, err := http.Get(s.URL + "/verify")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	policy := answer.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'sha256-", "style-src 'sha256-", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy %q lacks %q", policy, part)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "connect-src") {
		t.Errorf("the policy is %q", policy)
	}
}

// TestPageIsQuick prints how long the page needs for 2,000 entries of one site, and of two.
func TestPageIsQuick(t *testing.T) {
	st := played(t, 404, 0, false, false)
	for len(st.entries) < 2000 {
		st.step(false)
	}
	p := eventfulPair(t, 404, 2850)
	tab := pageFromDisk(t, browser.Start(t), browser.Laptop)
	for _, record := range [][]byte{st.record(Archive), written(t, Archive, p.sources(t, true)...)} {
		v := Verify(record)
		for range 2 {
			begin := time.Now()
			give(t, tab, record)
			t.Logf("%d journals, %d entries, %d addenda, %d checkpoints, %d KB: %s from choosing the file to the verdict", v.Journals, v.Entries, v.Addenda, v.Checkpoints, len(record)>>10, time.Since(begin).Round(time.Millisecond))
		}
	}
}
