package page

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"openmic/internal/web/page/browser"
)

// Random trees become one another: afterwards they are equal, and what has a key is still the same element.
func morphing(t *testing.T, b *browser.Browser) {
	s := newStage(t)
	tab := b.Open(t, s.url(), browser.Laptop)
	om, _ := AssetPath("om.js")
	var wrong []string
	tab.Eval(t, `(async () => {
		const {morph} = await import('`+om+`')
		let seed = 20231012
		const chance = n => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return Math.floor(seed / 2 ** 32 * n) }
		const names = ['p', 'li', 'b', 'section', 'span', 'textarea', 'button']
		function tree(depth, used) {
			const e = document.createElement(names[chance(names.length)])
			for (const a of ['class', 'title', 'data-x', 'value']) if (!chance(4)) e.setAttribute(a, 'v' + chance(3))
			const keys = new Set()
			for (let i = chance(depth > 0 ? 7 : 1); i > 0; i--) {
				if (chance(4) === 0) { e.append(document.createTextNode('t' + chance(5))); continue }
				if (chance(12) === 0) { e.append(document.createComment('c' + chance(3))); continue }
				const child = tree(depth - 1)
				const k = 'k' + chance(8)
				if (chance(2) && !keys.has(k)) { keys.add(k); chance(2) ? child.dataset.key = k : child.id = k }
				e.append(child)
			}
			e.normalize()
			return e
		}
		const wrong = [], known = e => [...e.children].filter(c => c.dataset.key).map(c => [c.localName + c.dataset.key, c])
		for (let n = 0; n < 2000; n++) {
			const a = document.createElement('div'), b = document.createElement('div')
			a.append(tree(3)), b.append(tree(3))
			if (n % 2) document.body.append(a)
			for (let i = 0; i < 5; i++) a.firstChild.append(tree(1)), b.firstChild.append(tree(1))
			const before = new Map(known(a.firstChild)), sameKind = a.firstChild.nodeName === b.firstChild.nodeName
			const want = b.cloneNode(true)
			morph(a, b)
			if (!a.isEqualNode(want)) wrong.push(n + ': ' + a.innerHTML + ' instead of ' + want.innerHTML)
			if (sameKind) for (const [k, e] of known(a.firstChild)) if (before.has(k) && before.get(k) !== e && !e.id) wrong.push(n + ': another ' + k)
			a.remove()
		}
		return wrong.slice(0, 5)
	})()`, &wrong)
	for _, w := range wrong {
		t.Error(w)
	}
}

func typing(t *testing.T, b *browser.Browser) {
	s := newStage(t)
	tab := b.Open(t, s.url(), browser.Laptop)
	tab.Until(t, isLive)
	tab.Type(t, "#draft", "half a th")
	tab.Eval(t, `document.querySelector('details').open = true; window.was = document.querySelector('#draft');
		was.setSelectionRange(2, 4); window.row = document.querySelector('.line [data-key=mele]'); undefined`, nil)
	s.change(func(v *stageView) { v.Told, v.Line = "second", []string{"mele", "linh", "sita"} })
	tab.Until(t, `document.querySelector('#live p').innerText.startsWith('second')`)
	var after struct {
		Line, Text, Version string
		Focus, Open, Row    bool
		From, To            int
	}
	tab.Eval(t, `({Line: [...document.querySelectorAll('.line li')].map(l => l.dataset.key).join(' '), Text: was.value,
		Version: document.querySelector('#live').dataset.version,
		Focus: document.activeElement === was, Open: document.querySelector('details').open, Row: row.isConnected, From: was.selectionStart, To: was.selectionEnd})`, &after)
	same(t, after.Line, "mele linh sita")
	same(t, after.Text, "half a th")
	same(t, after.Version, "a:2")
	if !after.Focus || !after.Open || !after.Row || after.From != 2 || after.To != 4 {
		t.Errorf("something was lost: %+v", after)
	}
}

func restarting(t *testing.T, b *browser.Browser) {
	s := newStage(t)
	tab := b.Open(t, s.url(), browser.Phone)
	tab.Until(t, isLive)
	s.down()
	tab.Until(t, `document.documentElement.dataset.state === 'cut' && document.querySelector('[data-banner]').checkVisibility()`)
	banner := tab.Text(t, "[data-banner]")
	if !strings.Contains(banner, "Cut off since ") || strings.Contains(banner, "{time}") {
		t.Errorf("the banner says %q", banner)
	}
	has(t, tab.Text(t, "#live"), "first", "gaurab") // still readable
	s.up(t)
	s.change(func(v *stageView) { v.Told = "back again" })
	tab.Until(t, isLive+` && document.querySelector('#live').innerText.includes('back again')`)
	tab.Until(t, `!document.querySelector('[data-banner]').checkVisibility()`)
}

func pressing(t *testing.T, b *browser.Browser) {
	s := newStage(t)
	tab := b.Open(t, s.url(), browser.Phone)
	tab.Until(t, isLive)
	again := make(chan struct{}) // the second press comes before the first is answered
	s.answers(func(w http.ResponseWriter, r *http.Request, n int) {
		if n == 1 {
			<-again
		}
		_ = Reply(w, r, english(), http.StatusOK, Answer{Say: fmt.Sprint("Taken ", n, ".")})
	})
	tab.Type(t, "#field-text", "about routing")
	tab.Click(t, "#ask button")
	tab.Click(t, "#ask button")
	close(again)
	tab.Until(t, `document.querySelector('#said').innerText === 'Taken 1.'`)
	tab.Until(t, `document.querySelector('#field-text').value === ''`)
	// What is mine was fetched anew.
	tab.Until(t, `document.querySelector('#mine').innerText.includes('asked 1 times')`)
	pressed := s.pressed()
	if len(pressed) != 1 || !strings.HasPrefix(pressed[0], "/press|ask|about routing|") || len(pressed[0]) != len("/press|ask|about routing|")+32 {
		t.Errorf("pressed: %q", pressed)
	}
	// A counter takes every press, each with its own id.
	for range 3 {
		tab.Click(t, "#plus button")
	}
	tab.Until(t, `document.querySelector('#said').innerText === 'Taken 4.'`)
	ids := map[string]bool{}
	for _, p := range s.pressed() {
		ids[p] = true
	}
	if len(ids) != 4 {
		t.Errorf("pressed: %q", s.pressed())
	}
}

func repeating(t *testing.T, b *browser.Browser) {
	s := newStage(t)
	tab := b.Open(t, s.url(), browser.Phone)
	tab.Until(t, isLive)
	s.answers(func(w http.ResponseWriter, r *http.Request, n int) {
		switch n {
		case 1: // the answer is lost
			panic(http.ErrAbortHandler)
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_ = Reply(w, r, english(), http.StatusOK, Answer{Say: "Taken."})
		}
	})
	tab.Click(t, "#ask button")
	tab.Until(t, `document.querySelector('#said').innerText === 'Taken.'`)
	pressed := s.pressed()
	if len(pressed) != 3 || pressed[0] != pressed[1] || pressed[1] != pressed[2] {
		t.Errorf("pressed: %q", pressed)
	}
}

func refusing(t *testing.T, b *browser.Browser) {
	s := newStage(t)
	tab := b.Open(t, s.url(), browser.Phone)
	tab.Until(t, isLive)
	s.answers(func(w http.ResponseWriter, r *http.Request, _ int) {
		_ = Reply(w, r, english(), http.StatusUnprocessableEntity, Answer{Say: "Not yet.", Fields: map[string]string{"text": "Too short."}})
	})
	tab.Type(t, "#field-text", "x")
	tab.Click(t, "#ask button")
	tab.Until(t, `document.querySelector('#field-text-error').innerText.includes('Too short.')`)
	tab.Until(t, `document.querySelector('#said').innerText === 'Not yet.' && document.activeElement.id === 'field-text'
		&& document.activeElement.value === 'x' && document.activeElement.getAttribute('aria-invalid') === 'true'`)
}

func withdrawing(t *testing.T, b *browser.Browser) {
	s := newStage(t)
	tab := b.Open(t, s.url()+"/", browser.Phone)
	tab.Until(t, isLive)
	// From now on this address is not for us.
	tab.Eval(t, `history.replaceState(null, '', '/gone'); undefined`, nil)
	s.mu.Lock()
	stream := s.stream
	s.mu.Unlock()
	stream.Shut()
	tab.Until(t, `document.documentElement.dataset.state === 'refused'`)
	has(t, tab.Text(t, "[data-banner]"), "no longer let in")
	has(t, tab.Text(t, "#live"), "gaurab")
}

func ticking(t *testing.T, b *browser.Browser) {
	s := newStage(t)
	s.change(func(v *stageView) { v.Until = time.Now().Add(125 * time.Second) })
	tab := b.Open(t, s.url(), browser.Laptop)
	tab.Until(t, isLive)
	tab.Until(t, `/^2:0[0-5]$/.test(document.querySelector('#ends').innerText)`)
	tab.Until(t, `/^2:0[0-3]$/.test(document.querySelector('#ends').innerText)`)
	s.change(func(v *stageView) { v.Until = time.Now().Add(-3700 * time.Second) })
	tab.Until(t, `/^−1:01:\d\d$/.test(document.querySelector('#ends').innerText) && document.querySelector('#ends').matches('[data-over]')`)
}

func keying(t *testing.T, b *browser.Browser) {
	s := newStage(t)
	tab := b.Open(t, s.url(), browser.Laptop)
	tab.Until(t, isLive)
	tab.Eval(t, `document.querySelector('#field-text').focus()`, nil)
	tab.Press(t, "n") // somebody types
	tab.Until(t, `document.querySelector('#field-text').value === 'n'`)
	tab.Eval(t, `document.activeElement.blur()`, nil)
	tab.Press(t, "n")
	tab.Until(t, `document.querySelector('#said').innerText === 'Taken 1.'`)
	tab.Click(t, "[data-keys]")
	tab.Eval(t, `document.activeElement.blur()`, nil)
	tab.Press(t, "n")
	tab.Go(t, s.url()) // the choice is remembered
	tab.Until(t, isLive+` && !document.querySelector('[data-keys]').checked`)
	if n := len(s.pressed()); n != 1 {
		t.Errorf("%d presses", n)
	}
	tab.Click(t, "[data-copy]")
	tab.Until(t, `document.querySelector('#said').innerText === 'Copied.'`)
}

func owning(t *testing.T, b *browser.Browser) {
	s := newStage(t)
	tab := b.Open(t, s.url(), browser.Phone)
	tab.Until(t, isLive)
	same(t, tab.Text(t, "#mine"), "not in line, asked 0 times")
	// I asked elsewhere: the page learns of it with the next press.
	s.mu.Lock()
	s.view.Mine = "mele"
	s.mu.Unlock()
	tab.Click(t, "#ask button")
	tab.Until(t, `document.querySelector('#mine').innerText === 'mele: you wait\n\nlater'`)
	// The line moves on: what hangs on a place goes to whoever stands there now.
	s.change(func(v *stageView) { v.Line = []string{"mele", "gaurab", "sita"} })
	tab.Until(t, `document.querySelector('#mine').innerText === 'mele: you wait\n\nfirst'`)
	s.change(func(v *stageView) { v.Called = "mele" })
	tab.Until(t, `document.documentElement.dataset.alert === 'called' && document.querySelector('#mine').innerText.startsWith('mele: you have the floor')`)
	tab.Until(t, `document.querySelector('#said').innerText === 'mele: you have the floor'`)
	tab.Axe(t)
	// My turn is over.
	s.mu.Lock()
	s.view.Mine = ""
	s.mu.Unlock()
	s.change(func(v *stageView) { v.Called, v.Line = "", []string{"sita"} })
	tab.Until(t, `!document.documentElement.dataset.alert && document.querySelector('#mine').innerText.startsWith('not in line')`)
}

func composing(t *testing.T, b *browser.Browser) {
	s := newStage(t)
	tab := b.Open(t, s.url(), browser.Phone)
	tab.Until(t, isLive)
	tab.Eval(t, `Object.assign(document.querySelector('#field-text').dataset, {aloud: '{n} s aloud', limit: '2', aloudOver: '{n} s, {limit} s are allowed'}); undefined`, nil)
	tab.Type(t, "#field-text", "one two")
	tab.Until(t, `document.querySelector('output').innerText === '1 s aloud'`)
	tab.Type(t, "#field-text", " three four five six seven")
	tab.Until(t, `document.querySelector('output').innerText === '3 s, 2 s are allowed' && document.querySelector('output').matches('[data-over]')`)
	more, _ := AssetPath("more.js")
	texts, err := json.Marshal(cards)
	if err != nil {
		t.Fatal(err)
	}
	var differ []string
	tab.Eval(t, `import('`+more+`').then(m => Object.entries(`+string(texts)+`).filter(([text, n]) => m.seconds(text) !== n).map(e => e.join(': ')))`, &differ)
	for _, d := range differ {
		t.Errorf("script and server count differently: %s", d)
	}
}

func hashing(t *testing.T, b *browser.Browser) {
	mux := http.NewServeMux()
	door := NewScreen("door-on-stage", os.DirFS(filepath.Join("testdata", "door")))
	arrived := make(chan string, 1)
	mux.Handle("GET /a/", Assets())
	mux.HandleFunc("GET /{what...}", func(w http.ResponseWriter, r *http.Request) {
		_ = door.Show(w, r, 200, Page{Speaker: english(), Title: "Door"})
	})
	mux.HandleFunc("POST /in", func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.PostFormValue("pass")
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	tab := b.Open(t, serve(t, mux)+"/j#secret-7", browser.Phone)
	same(t, <-arrived, "secret-7")
	tab.Until(t, `location.pathname === '/' && location.hash === ''`)
}

func plain(t *testing.T, b *browser.Browser) {
	s := newStage(t)
	tab := b.Open(t, s.url(), browser.Phone.WithoutScript())
	same(t, tab.Text(t, "#ends"), "14:35")
	var refresh string
	tab.Eval(t, `document.querySelector('noscript meta[http-equiv=refresh]').content`, &refresh)
	same(t, refresh, "60")
	tab.Type(t, "#field-text", "by hand")
	tab.Click(t, "#ask button")
	tab.Until(t, `document.querySelector('#mine').innerText.includes('asked 1 times')`)
	same(t, strings.Join(s.pressed(), " "), "/press|ask|by hand|ask-1")
}

func reaching(t *testing.T, b *browser.Browser) {
	s := newStage(t)
	for _, look := range []browser.Look{browser.Phone, browser.Laptop.InTheDark(), {Width: 390, Height: 844, Lang: "ar"}} {
		tab := b.Open(t, s.url(), look)
		tab.Until(t, isLive)
		tab.Axe(t)
		var wide bool
		tab.Eval(t, `innerWidth > `+strconv.Itoa(look.Width)+` || document.documentElement.scrollWidth > innerWidth`, &wide)
		if wide {
			t.Errorf("%+v: the page is wider than the screen", look)
		}
	}
}

func speaking(t *testing.T, b *browser.Browser) {
	s := newStage(t)
	tab := b.Open(t, s.url(), browser.Phone)
	tab.Until(t, isLive)
	tab.Eval(t, `document.querySelector('#ends').removeAttribute('data-until'), document.querySelector('#ends').textContent = '14:35'`, nil)
	browser.Same(t, filepath.Join("testdata", "stage.reading.txt"), tab.Reading(t))
}
