package words

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Sentences under these sections are chosen while running, by a reason's kind or a term's name, and so
// do not stand in the sources one by one. Everything else is said by its full key somewhere, or goes.
var chosenWhileRunning = []string{
	"reason.", "refusal.", "bad.", "group.", "region.", "kind.", "doubt.", "disposition.", "state.", "class.",
	"segment.", "turn.", "role.", "setting.", "side.", "channel.", "glossary.", "consent.", "help.",
	// The stock of small words a screen takes from before it adds its own.
	"common.",
}

var (
	comment = regexp.MustCompile(`(?m)^\s*//.*$`)
	saidKey = regexp.MustCompile(`\bSay\b\s*\(?\s*["` + "`" + `]([^"` + "`" + `]*)["` + "`" + `]`)
	literal = regexp.MustCompile(`["` + "`" + `]([a-z0-9]+(?:[.-][a-z0-9]+)+)["` + "`" + `]`)
)

func TestWhatTheSourcesSayIsThere(t *testing.T) {
	for path, text := range sources(t) {
		for _, found := range saidKey.FindAllStringSubmatch(text, -1) {
			// "reason." + kind is a key in the making.
			if key := found[1]; !languages[0].Has(key) && !slices.Contains(chosenWhileRunning, key) {
				t.Errorf("%s says %q, which is in no catalogue", path, key)
			}
		}
	}
}

func TestEverySentenceIsSaidSomewhere(t *testing.T) {
	said := make(map[string]bool)
	for _, text := range sources(t) {
		for _, found := range literal.FindAllStringSubmatch(text, -1) {
			said[found[1]] = true
		}
	}
	for _, key := range Keys() {
		running := slices.ContainsFunc(chosenWhileRunning, func(start string) bool { return strings.HasPrefix(key, start) })
		if !said[key] && !running {
			t.Errorf("%s is said nowhere in the sources", key)
		}
	}
}

// The rules say no by a kind; the sentence for it is here.
func TestEveryRefusalHasASentence(t *testing.T) {
	for section, kind := range map[string]*regexp.Regexp{
		"refusal.": regexp.MustCompile(`\brefuse\("([^"]+)"`),
		"bad.":     regexp.MustCompile(`\bBadInput\{[^,}]+, "([^"]+)"`),
	} {
		for path, text := range sources(t) {
			for _, found := range kind.FindAllStringSubmatch(text, -1) {
				if key := section + found[1]; !languages[0].Has(key) {
					t.Errorf("%s refuses with %q, and no catalogue has %s", path, found[1], key)
				}
			}
		}
	}
}

// sources are the programs and pages under floor, internal and cmd, without tests and comments.
func sources(t *testing.T) map[string]string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, folder := range []string{"floor", "internal", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				if os.IsNotExist(err) {
					return nil
				}
				return err
			}
			if d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules") {
				return filepath.SkipDir
			}
			source := strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".html")
			if d.IsDir() || !source {
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(root, path)
			all[name] = comment.ReplaceAllString(string(text), "")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}
