package house

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// seedPage is where the sentences stand, one row each, numbered.
const seedPage = "docs/seed.md"

var (
	seedRow  = regexp.MustCompile(`(?m)^\| *S(\d+) *\|`)
	citation = regexp.MustCompile(`(?i)\bseed S\d+(?:(?:, | and |–|-)S\d+)*`)
	cited    = regexp.MustCompile(`([–-]?)S(\d+)`)
)

// seedSentences are the numbers that have a row in docs/seed.md.
func seedSentences(tree fs.FS) (numbers []int) {
	for _, row := range seedRow.FindAllStringSubmatch(read(tree, seedPage), -1) {
		n, _ := strconv.Atoi(row[1])
		numbers = append(numbers, n)
	}
	return numbers
}

// citations finds where sentences are cited ("seed" and a number, a list or a range) in sources,
// tests and documents, but not on the page that holds them.
func citations(tree fs.FS) map[int][]string {
	where := map[int][]string{}
	for _, name := range files(tree) {
		switch path.Ext(name) {
		case ".go", ".md", ".txt", ".html", ".tmpl", ".css", ".js":
		default:
			continue
		}
		if name == seedPage || strings.HasPrefix(name, "internal/house/") {
			continue // the examples below cite sentences that do not exist
		}
		text := read(tree, name)
		for _, at := range citation.FindAllStringIndex(text, -1) {
			line := fmt.Sprintf("%s:%d", name, 1+strings.Count(text[:at[0]], "\n"))
			before := 0
			for _, c := range cited.FindAllStringSubmatch(text[at[0]:at[1]], -1) {
				n, err := strconv.Atoi(c[2])
				if err != nil || n > 999 {
					n = 999
				}
				from := n
				if c[1] != "" && before < n {
					from = before + 1
				}
				for k := from; k <= n; k++ {
					where[k] = append(where[k], line)
				}
				before = n
			}
		}
	}
	return where
}

// unknownSentences complains about citations of what the seed does not say, and about a page
// whose sentences are not numbered 1, 2, 3 ….
func unknownSentences(tree fs.FS) (complaints []string) {
	known := seedSentences(tree)
	for i, n := range known {
		if n != i+1 {
			complaints = append(complaints, fmt.Sprintf("%s: row %d is numbered S%d", seedPage, i+1, n))
		}
	}
	where := citations(tree)
	for _, n := range slices.Sorted(maps.Keys(where)) {
		if !slices.Contains(known, n) {
			complaints = append(complaints, fmt.Sprintf("%s cites S%d, which is not in %s", where[n][0], n, seedPage))
		}
	}
	return complaints
}

// unanswered lists the sentences that nothing in code or tests cites.
func unanswered(tree fs.FS) (numbers []int) {
	where := citations(tree)
	for _, n := range seedSentences(tree) {
		inDocs := func(line string) bool { return strings.Contains(line, ".md:") }
		if !slices.ContainsFunc(where[n], func(line string) bool { return !inDocs(line) }) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func TestSeedSentencesExist(t *testing.T) {
	tree := repository(t)
	clean(t, unknownSentences(tree))
	if n := len(seedSentences(tree)); n != 23 {
		t.Errorf("%s has %d sentences, want 23", seedPage, n)
	}
	for _, n := range unanswered(tree) {
		t.Logf("nothing in code or tests cites seed sentence S%d yet", n)
	}
}

func TestUnknownSentencesAreNoticed(t *testing.T) {
	page := "| S1 | one |\n| S2 | two |\n| S3 | three |\n| S4 | four |\n"
	tree := example(seedPage, page,
		"a/a.go", "// seed S1, S4\npackage a // Seed S1–S2\n",
		"a/testdata/b.txt", "\n# asked by seed S7 and S9",
		"c.md", "seed S3",
	)
	notices(t, unknownSentences(tree), "a/testdata/b.txt:2 cites S7", "a/testdata/b.txt:2 cites S9")
	if got := fmt.Sprint(unanswered(tree)); got != "[3]" {
		t.Errorf("unanswered: %s, want [3]", got)
	}
	notices(t, unknownSentences(example(seedPage, "| S1 | one |\n| S3 | three |\n")), "row 2 is numbered S3")
}
