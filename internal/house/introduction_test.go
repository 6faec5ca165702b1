package house

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"testing"
)

var endOfSentence = regexp.MustCompile(`[.!?]["')”]?(\s|$)`)

// whoIsNotIntroduced complains about every package whose doc comment has fewer than two sentences.
func whoIsNotIntroduced(tree fs.FS) (complaints []string) {
	all, _ := sources(tree)
	sentences := map[string]int{}
	for _, s := range all {
		sentences[s.dir] += len(endOfSentence.FindAllString(s.file.Doc.Text(), -1))
	}
	for _, dir := range slices.Sorted(maps.Keys(sentences)) {
		if sentences[dir] < 2 {
			complaints = append(complaints, fmt.Sprintf("package %s introduces itself in %d sentences; two are the least", dir, sentences[dir]))
		}
	}
	return complaints
}

func TestEveryPackageIntroducesItself(t *testing.T) { clean(t, whoIsNotIntroduced(repository(t))) }

func TestSilenceIsNoticed(t *testing.T) {
	notices(t, whoIsNotIntroduced(example(
		"a/a.go", "package a\n",
		"b/b.go", "// Package b is short.\npackage b\n",
		"c/c.go", "// Package c speaks. It says two things.\npackage c\n",
		"c/d.go", "package c\n",
	)), "package a introduces itself in 0", "package b introduces itself in 1")
}
