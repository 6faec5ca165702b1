package house

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// longest is the number of lines up to which a file needs no excuse.
const longest = 600

// longOnPurpose lists the files that are longer, each with the reason why cutting it would hurt.
var longOnPurpose = map[string]string{
	"verifier/verify.html": "one file that anybody can keep; put together from the pieces beside it",
}

// tooLong complains about long files without an excuse, and about excuses nobody needs any more.
// Examples, sums and licences are as long as they are.
func tooLong(tree fs.FS, excused map[string]string) (complaints []string) {
	unused := maps.Clone(excused)
	for _, name := range files(tree) {
		switch path.Ext(name) {
		case ".go", ".md", ".js", ".css", ".html", ".tmpl", ".sh":
		default:
			continue
		}
		if strings.Contains("/"+name, "/testdata/") {
			continue
		}
		lines := strings.Count(read(tree, name), "\n")
		if lines <= longest {
			continue
		}
		if _, ok := excused[name]; !ok {
			complaints = append(complaints, fmt.Sprintf("%s has %d lines; cut it at %d or say in internal/house why not", name, lines, longest))
		}
		delete(unused, name)
	}
	for _, name := range slices.Sorted(maps.Keys(unused)) {
		complaints = append(complaints, name+" is short now and needs no excuse")
	}
	return complaints
}

func TestFilesAreShort(t *testing.T) { clean(t, tooLong(repository(t), longOnPurpose)) }

func TestLongFilesAreNoticed(t *testing.T) {
	long := strings.Repeat("\n", longest+1)
	tree := example("a/a.go", long, "a/testdata/story.md", long, "b.md", long, "c.go", "package c\n")
	notices(t, tooLong(tree, map[string]string{"b.md": "a list", "c.go": "was long"}), "a/a.go has 601", "c.go is short now")
}
