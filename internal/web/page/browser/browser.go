package browser

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for something to become so.
const patience = 40 * time.Second

// Look says how somebody looks at a page.
type Look struct {
	Width, Height int
	Dark          bool
	NoScript      bool
	Still         bool   // asks pages to move nothing
	Lang          string // the browser's language; "" is English
}

// The usual ways to look.
var (
	Phone     = Look{Width: 390, Height: 844}
	Laptop    = Look{Width: 1280, Height: 800}
	Projector = Look{Width: 1280, Height: 720}
)

// InTheDark is the same look at night.
func (l Look) InTheDark() Look { l.Dark = true; return l }

// WithoutScript is the same look with JavaScript off.
func (l Look) WithoutScript() Look { l.NoScript = true; return l }

// Browser is a running Chromium.
type Browser struct{ ctx context.Context }

// Start starts Chromium for this test and stops it with the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		if os.Getenv("OPENMIC_BROWSER") == "must" {
			t.Fatal("Chromium is not installed, and OPENMIC_BROWSER says that it must be")
		}
		t.Skip("Chromium is not installed, so nobody looked at the pages")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.Flag("no-sandbox", true), // tests may run as root in a container
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.UserDataDir(t.TempDir()),
	)
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, done := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		// A closed browser leaves its folder alone, so that it can be removed.
		_ = chromedp.Cancel(ctx)
		done()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return &Browser{ctx: ctx}
}

// Tab is one page, open for one person.
type Tab struct {
	ctx  context.Context
	look Look

	mu         sync.Mutex
	complaints []string
}

// Open opens url for somebody new and waits until it is loaded. When the test ends, it fails if the
// page threw something or broke its own policy.
func (b *Browser) Open(t testing.TB, url string, look Look) *Tab {
	t.Helper()
	return open(t, b.ctx, url, look, chromedp.WithNewBrowserContext())
}

// Twin opens url in another tab of the same person.
func (tab *Tab) Twin(t testing.TB, url string) *Tab {
	t.Helper()
	return open(t, tab.ctx, url, tab.look)
}

func open(t testing.TB, of context.Context, url string, look Look, options ...chromedp.ContextOption) *Tab {
	t.Helper()
	if look.Width == 0 {
		look.Width, look.Height = Laptop.Width, Laptop.Height
	}
	if look.Lang == "" {
		look.Lang = "en"
	}
	ctx, done := chromedp.NewContext(of, options...)
	tab := &Tab{ctx: ctx, look: look}
	messages := chromedp.Console(ctx)
	var listener sync.WaitGroup
	listener.Go(func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			tab.hear(m)
		}
	})
	t.Cleanup(func() {
		done()
		listener.Wait()
		for _, c := range tab.Complaints() {
			t.Errorf("the page complains: %s", c)
		}
	})
	tab.call(t, "Emulation.setDeviceMetricsOverride", map[string]any{"width": look.Width, "height": look.Height, "deviceScaleFactor": 1, "mobile": look.Width < 600}, nil)
	tab.media(t, "screen")
	tab.call(t, "Emulation.setScriptExecutionDisabled", map[string]any{"value": look.NoScript}, nil)
	tab.call(t, "Network.setExtraHTTPHeaders", map[string]any{"headers": map[string]string{"Accept-Language": look.Lang}}, nil)
	tab.Go(t, url)
	return tab
}

// media says what the page is shown on, screen or print, and what its reader prefers.
func (tab *Tab) media(t testing.TB, on string) {
	t.Helper()
	prefer := map[string]string{"prefers-color-scheme": "light", "prefers-reduced-motion": "no-preference"}
	if tab.look.Dark {
		prefer["prefers-color-scheme"] = "dark"
	}
	if tab.look.Still {
		prefer["prefers-reduced-motion"] = "reduce"
	}
	var features []map[string]string
	for name, value := range prefer {
		features = append(features, map[string]string{"name": name, "value": value})
	}
	tab.call(t, "Emulation.setEmulatedMedia", map[string]any{"media": on, "features": features}, nil)
}

// Before runs a script in this tab before those of every page opened from now on.
func (tab *Tab) Before(t testing.TB, script string) {
	t.Helper()
	tab.call(t, "Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": script}, nil)
}

// Offline takes the network from this tab, or gives it back.
func (tab *Tab) Offline(t testing.TB, off bool) {
	t.Helper()
	tab.call(t, "Network.enable", nil, nil)
	tab.call(t, "Network.emulateNetworkConditions", map[string]any{"offline": off, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}, nil)
}

// OnPaper gives what of the page would stand on paper, and writes the paper as a PDF file unless path is "".
func (tab *Tab) OnPaper(t testing.TB, path string) (text string) {
	t.Helper()
	tab.media(t, "print")
	defer tab.media(t, "screen")
	tab.Eval(t, "document.body.innerText", &text)
	if path != "" {
		var paper struct {
			Data []byte `json:"data"`
		}
		tab.call(t, "Page.printToPDF", map[string]any{"paperWidth": 8.27, "paperHeight": 11.69}, &paper)
		if err := os.WriteFile(path, paper.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return text
}

// hear keeps what a page must not do. A failed request is no fault of the page: the server may be gone.
func (tab *Tab) hear(m chromedp.ConsoleMessage) {
	bad := m.Type == chromedp.ConsoleException || m.Type == chromedp.ConsoleError
	if !bad || strings.HasPrefix(m.Text, "Failed to load resource") {
		return
	}
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.complaints = append(tab.complaints, m.Text)
}

// Complaints lists what the page threw and which of its policies it broke, and forgets it.
func (tab *Tab) Complaints() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	all := tab.complaints
	tab.complaints = nil
	return all
}

// call sends one command of the DevTools protocol.
func (tab *Tab) call(t testing.TB, method string, params, result any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		return chromedp.Void{}, target.Call(ctx, method, params, result)
	})
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
}

// Go opens another address in this tab.
func (tab *Tab) Go(t testing.TB, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatalf("open %s: %v", url, err)
	}
}

// Eval evaluates a JavaScript expression, waits for a promise, and reads the result into out, unless that is nil.
func (tab *Tab) Eval(t testing.TB, expression string, out any) {
	t.Helper()
	if err := tab.eval(expression, out); err != nil {
		t.Fatalf("%s: %v", firstLetters(expression, 200), err)
	}
}

// Until waits until a JavaScript expression is true, and fails when that takes too long. The page's frames
// and timers go on meanwhile.
func (tab *Tab) Until(t testing.TB, expression string) {
	t.Helper()
	if err := tab.Wait(patience, expression); err != nil {
		var page string
		_ = tab.eval("document.body.innerText", &page)
		t.Fatalf("not so after %s: %s (%v)\nthe page says:\n%s", patience, expression, err, firstLetters(page, 4000))
	}
}

// Text is the text of the first element that matches, as it is seen.
func (tab *Tab) Text(t testing.TB, selector string) string {
	t.Helper()
	var text string
	tab.Eval(t, "document.querySelector("+quote(selector)+").innerText", &text)
	return strings.TrimSpace(text)
}

// Click presses the first element that matches with the mouse, where it stands, once it has stood still for a moment: a page
// that renews itself may move it away under the mouse.
func (tab *Tab) Click(t testing.TB, selector string) {
	t.Helper()
	tab.Until(t, "document.querySelector("+quote(selector)+")?.checkVisibility()")
	type point struct{ X, Y float64 }
	var at, was point
	for still := 0; still < 3; was = at { // asked from here: a page without script has no timers
		tab.Eval(t, `(() => {
			const e = document.querySelector(`+quote(selector)+`)
			e.scrollIntoView({block: 'center', behavior: 'instant'})
			const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2
			const top = document.elementFromPoint(x, y)
			if (!e.contains(top) && !top?.contains(e)) throw new Error('something else lies there: ' + top?.outerHTML.slice(0, 200))
			return {X: x, Y: y}
		})()`, &at)
		if still++; at != was {
			still = 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		tab.call(t, "Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1}, nil)
	}
}

// Type types into the first element that matches, after what stands there.
func (tab *Tab) Type(t testing.TB, selector, text string) {
	t.Helper()
	tab.Until(t, "document.querySelector("+quote(selector)+")?.checkVisibility()")
	tab.Eval(t, "document.querySelector("+quote(selector)+").focus()", nil)
	tab.call(t, "Input.insertText", map[string]any{"text": text}, nil)
}

// Press presses keys, wherever the focus is: "n", "\t", "\r".
func (tab *Tab) Press(t testing.TB, keys string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.KeyEvent(keys)); err != nil {
		t.Fatalf("press %q: %v", keys, err)
	}
}

// Screenshot writes the whole page as a PNG file.
func (tab *Tab) Screenshot(t testing.TB, path string) {
	t.Helper()
	var shot struct {
		Data []byte `json:"data"`
	}
	tab.call(t, "Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true}, &shot)
	if err := os.WriteFile(path, shot.Data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func firstLetters(text string, n int) string {
	if len(text) > n {
		return text[:n] + " …"
	}
	return text
}

// Choose puts files into the first field for files that matches, as somebody does who picks them from disk.
func (tab *Tab) Choose(t testing.TB, selector string, files ...string) {
	t.Helper()
	var field struct {
		Result struct {
			ID string `json:"objectId"`
		} `json:"result"`
	}
	tab.call(t, "Runtime.evaluate", map[string]any{"expression": "document.querySelector(" + quote(selector) + ")"}, &field)
	tab.call(t, "DOM.setFileInputFiles", map[string]any{"files": files, "objectId": field.Result.ID}, nil)
}
