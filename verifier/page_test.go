package verifier

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"openmic/internal/web/page/browser"
)

// pieces are the scripts of the page, in their order. From show.js on they need a document.
var pieces = []string{"bytes.js", "zip.js", "entries.js", "seal.js", "fold.js", "sites.js", "rule.js", "words.js", "judge.js", "witness.js", "say.js", "picture.js", "show.js"}

var languages = []string{"en", "fr", "ar", "ja"}

// shared are the sentences that the page has from the screens.
var shared = regexp.MustCompile(`^(side\.(room|online)|turn\.[a-z-]+|class\.[a-z-]+|reason\.(only|balance|many|turns|opening|tour)(-(room|online)(-weighed)?)?)$`)

// TestPage puts the page together and compares it with verify.html; -rewrite writes it.
func TestPage(t *testing.T) {
	browser.Same(t, "verify.html", assembled(t))
}

func assembled(t *testing.T) string {
	t.Helper()
	script := "'use strict';\n"
	for _, name := range pieces {
		script += read(t, name) + "\n"
	}
	script = strings.NewReplacer("{{kinds}}", kinds(t), "{{words}}", tables(t), "{{code}}", strings.Join(strings.Fields(read(t, "../record/code.txt")), " ")).Replace(script)
	style := read(t, "look.css")
	if strings.Contains(strings.ToLower(script), "</script") || strings.Contains(script, "<!--") || strings.Contains(strings.ToLower(style), "</style") {
		t.Fatal("a piece would end its own element")
	}
	policy := fmt.Sprintf("default-src 'none'; script-src 'sha256-%s'; style-src 'sha256-%s'; img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
		hash(script), hash(style))
	return strings.NewReplacer("{{policy}}", policy, "{{no-script}}", withoutScript(t), "{{style}}", style, "{{script}}", script).Replace(read(t, "frame.html"))
}

// withoutScript is what the page says to those whose browser runs no script, in every language.
func withoutScript(t *testing.T) (out string) {
	t.Helper()
	for _, l := range languages {
		dir := map[bool]string{true: "rtl", false: "ltr"}[l == "ar"]
		out += fmt.Sprintf("<p class=\"refusal\" lang=%q dir=%q>%s</p>\n", l, dir, html.EscapeString(sentences(t, "words/"+l+".txt")["no-script"]))
	}
	return out
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// kinds is the table of entries, without its quotes.
func kinds(t *testing.T) string {
	t.Helper()
	_, wire, ok := strings.Cut(read(t, "../docs/wire.md"), "<!-- kinds -->")
	if !ok {
		t.Fatal("docs/wire.md has no table of kinds")
	}
	wire, _, _ = strings.Cut(wire, "\n## ")
	var rows []string
	for row := range strings.Lines(wire) {
		if strings.HasPrefix(row, "| `") {
			rows = append(rows, strings.ReplaceAll(strings.TrimSpace(row), "`", ""))
		}
	}
	return strings.Join(rows, "\n")
}

// tables are the sentences of all languages as JSON, one language a line.
func tables(t *testing.T) string {
	t.Helper()
	var out []string
	for _, l := range languages {
		own := sentences(t, "words/"+l+".txt")
		for key, text := range sentences(t, "../internal/words/"+l+".txt") {
			if shared.MatchString(key) {
				own[key] = text
			}
		}
		b, err := json.Marshal(own)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s: %s", l, b))
	}
	return "{\n" + strings.Join(out, ",\n") + ",\n}"
}

func sentences(t *testing.T, name string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for line := range strings.Lines(read(t, name)) {
		if key, text, ok := strings.Cut(strings.TrimSpace(line), " = "); ok && !strings.HasPrefix(key, "//") {
			out[key] = text
		}
	}
	return out
}

// TestEveryLanguageSaysEverything: the same sentences with the same values, and each is used.
func TestEveryLanguageSaysEverything(t *testing.T) {
	en := sentences(t, "words/en.txt")
	values := regexp.MustCompile(`\{[a-z]+`)
	for _, l := range languages[1:] {
		other := sentences(t, "words/"+l+".txt")
		for _, key := range slices.Sorted(maps.Keys(en)) {
			a, b := values.FindAllString(en[key], -1), values.FindAllString(other[key], -1)
			slices.Sort(a)
			slices.Sort(b)
			if other[key] == "" || !slices.Equal(a, b) {
				t.Errorf("%s: %s = %q does not say %q", l, key, other[key], en[key])
			}
		}
		if len(other) != len(en) {
			t.Errorf("%s has %d sentences, English %d", l, len(other), len(en))
		}
	}
	all := read(t, "frame.html")
	for _, name := range pieces {
		all += read(t, name)
	}
	made := regexp.MustCompile(`^(check-[A-GR]|row-.*|then-.*|lead-(room|online)|receipt-.*|end-.*)$`) // put together when it is said
	for key := range en {
		if !made.MatchString(key) && !strings.Contains(all, "'"+key+"'") && !strings.Contains(all, `data-say="`+key+`"`) && !strings.Contains(all, "{{"+key+"}}") {
			t.Errorf("nobody says %s", key)
		}
	}
}

// TestNoNetwork: nothing in the page names a place that a browser would ask.
func TestNoNetwork(t *testing.T) {
	for _, what := range []string{`http:`, `https:`, `\bsrc=`, `\bhref=`, `\burl\(`, `\bimport\(`, `\bfetch\(`, `XMLHttpRequest`, `WebSocket`, `innerHTML`, `outerHTML`, `insertAdjacentHTML`, `document\.write`, `\beval\(`, `new Function`} {
		for _, at := range regexp.MustCompile(what).FindAllStringIndex(page, -1) {
			around := page[max(0, at[0]-40):min(len(page), at[1]+40)]
			if !strings.Contains(around, "www.w3.org/2000/svg") {
				t.Errorf("%s in %q", what, around)
			}
		}
	}
}
