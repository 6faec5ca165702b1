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
	"cut.far-", "cut.here-", "cut.away-", "cut.live-", "cut.last-", "cut.debt-", "cut.owed-", "cut.later-", "cut.lost-", "cut.count-", "cut.last-owed-", "cut.gavel-", "cut.locked-", "cut.pass-to-", "cut.continue-at-", "cut.trouble-", "cut.machine-", "cut.clocks-",
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
			// "reason." + kind is a key in the making, and so is "consent.who." + side.
			if key := found[1]; !languages[0].Has(key) && !begins(key) {
				t.Errorf("%s says %q, which is in no catalogue", path, key)
			}
		}
	}
}

// begins tells whether this is the beginning of keys that are chosen while running.
func begins(key string) bool {
	if !strings.HasSuffix(key, ".") && !strings.HasSuffix(key, "-") {
		return false
	}
	return slices.ContainsFunc(Keys(), func(k string) bool {
		running := slices.ContainsFunc(chosenWhileRunning, func(start string) bool { return strings.HasPrefix(k, start) })
		return running && strings.HasPrefix(k, key)
	})
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
		running = running || strings.HasSuffix(key, ".title") // of a screen, by its name
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

// What the floor tells apart has a name here: kinds, classes, ends, groups and reasons.
func TestEveryKindOfTheFloorHasAName(t *testing.T) {
	word := regexp.MustCompile(`"([a-z-]+)"`)
	for where, section := range map[string]string{
		`ContributionKinds\s*=\s*\[\]string\{([^}]*)\}`: "kind.",
		`\bClasses\s*=\s*\[\]string\{([^}]*)\}`:         "class.",
		`SegmentKinds\s*=\s*\[\]string\{([^}]*)\}`:      "segment.",
		`\bGroups\s*=\s*\[\]string\{([^}]*)\}`:          "group.",
		`\bRegions\s*=\s*\[\]string\{([^}]*)\}`:         "region.",
		`roleNames\s*=\s*\[\]string\{([^}]*)\}`:         "role.",
		`How an ask ended[^)]*\(([^)]*)\)`:              "disposition.",
		`\bLineTurn\s*=([^)]*)\)`:                       "turn.",
		`\b(?:Why|Place)[A-Z]\w*\s*=\s*("[^"]*")`:       "reason.",
		`\bWhy\.Then\s*=\s*("[^"]*")`:                   "reason.",
	} {
		found := 0
		for path, text := range raw(t, "floor") {
			for _, list := range regexp.MustCompile(where).FindAllStringSubmatch(text, -1) {
				for _, kind := range word.FindAllStringSubmatch(list[1], -1) {
					found++
					if key := section + kind[1]; !languages[0].Has(key) && !languages[0].Has(key+"-online") {
						t.Errorf("%s knows %q, and no catalogue has %s", path, kind[1], key)
					}
				}
			}
		}
		if found == 0 {
			t.Errorf("nothing in floor looks like %s any more; mend this test", where)
		}
	}
}

// sources are the programs and pages under floor, internal and cmd, without tests and comments.
func sources(t *testing.T) map[string]string {
	t.Helper()
	all := raw(t, "floor", "internal", "cmd")
	for path, text := range all {
		all[path] = comment.ReplaceAllString(text, "")
	}
	return all
}

// raw are the files of these folders as they stand.
func raw(t *testing.T, folders ...string) map[string]string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, folder := range folders {
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
			all[name] = string(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}
