package house

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// strangers are the traces of a place where somebody wrote: they mean nothing anywhere else. The
// patterns are put together from halves so that this file is clean too.
var strangers = []struct {
	what    string
	pattern *regexp.Regexp
}{
	{"a path of one machine", regexp.MustCompile(`(?m)(?:^|[^\w./-])/(?:work|root|tmp/` + `bash[\w.]*)/`)},
	{"a home folder", regexp.MustCompile(`(?m)(?:^|[^\w./-])/(?:home|Users)/` + `[a-z]\w+/`)},
	{"the host of a package registry", regexp.MustCompile(`\b(?:proxy|sum)\.` + `golang\.org|registry\.` + `(?:npmjs|yarnpkg)|` +
		`(?:deb|security)\.` + `debian\.org|goproxy\.` + `(?:io|cn)`)},
}

// tracesOfAMachine complains about every line that only makes sense where it was written.
func tracesOfAMachine(tree fs.FS) (complaints []string) {
	for _, name := range files(tree) {
		text := read(tree, name)
		for _, s := range strangers {
			for _, at := range s.pattern.FindAllStringIndex(text, -1) {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %s", name, 1+strings.Count(text[:at[1]], "\n"), s.what))
			}
		}
	}
	return complaints
}

func TestNoFileKnowsTheMachine(t *testing.T) { clean(t, tracesOfAMachine(repository(t))) }

func TestTracesOfAMachineAreNoticed(t *testing.T) {
	notices(t, tracesOfAMachine(example(
		"a.md", "see\n/wo"+"rk/main", "b.sh", "cd \"/ro"+"ot/x\"", "c.txt", "log in /tmp/ba"+"sh_jobs.0/1",
		"d.json", "https://registry."+"npmjs.org/axe", "e.txt", "/home/"+"sita/session",
		"good.md", "cmd/work/x, ../shared/data/open, docs/root/y, https://example.org/work/z",
	)), "a.md:2: a path", "b.sh:1: a path", "c.txt:1: a path", "d.json:1: the host", "e.txt:1: a home")
}
