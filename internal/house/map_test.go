package house

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	inCode    = regexp.MustCompile("`([^`\n]+)`")
	fenced    = regexp.MustCompile("(?s)```[a-z]*\n(.*?)```")
	linkTo    = regexp.MustCompile(`\]\(([^)\s#]+)(?:#[^)]*)?\)`)
	blank     = regexp.MustCompile(`<[a-z]+>`)
	makeCall  = regexp.MustCompile(`\bmake ([a-z][a-z-]*)`)
	makeRule  = regexp.MustCompile(`(?m)^([a-z][a-z-]*):`)
	pathEnds  = regexp.MustCompile(`\.(go|md|txt|mod|html|css|js|sh)$`)
	plainPath = regexp.MustCompile(`^[\w.<>*-]+(/[\w.<>*-]*)*$`)
)

// guides are the pages that lead a newcomer through the tree. What looks like a path there is one;
// in the other documents it may be a media type or an address.
var guides = []string{"README.md", "CONTRIBUTING.md", seedPage}

// paths picks out of a document what it claims to be in the repository: the targets of links,
// taken from the document's own folder, and in a guide also the words between backticks that look
// like a path, taken from the root. <verb> stands for any one name.
func paths(name, text string) (found []string) {
	for _, link := range linkTo.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(link[1], ":") {
			found = append(found, path.Join(path.Dir(name), link[1]))
		}
	}
	if !slices.Contains(guides, name) {
		return found
	}
	inline := inCode.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1)
	for i, code := range append(inline, fenced.FindAllStringSubmatch(text, -1)...) {
		for _, word := range strings.Fields(code[1]) {
			word, here := strings.CutPrefix(strings.TrimSuffix(word, "/..."), "./")
			if !plainPath.MatchString(word) || strings.HasPrefix(word, "..") {
				continue
			}
			// A bare file name in a block is part of an example, not of the map.
			if here || strings.Contains(word, "/") || i < len(inline) && pathEnds.MatchString(word) {
				found = append(found, strings.TrimSuffix(word, "/"))
			}
		}
	}
	return found
}

// deadEnds complains about every path in the documents that leads nowhere and every make target
// that does not exist. What is built (bin, dist) may be named without being there.
func deadEnds(tree fs.FS) (complaints []string) {
	built := ignored(tree)
	targets := map[string]bool{}
	for _, rule := range makeRule.FindAllStringSubmatch(read(tree, "Makefile"), -1) {
		targets[rule[1]] = true
	}
	for _, name := range files(tree) {
		if path.Ext(name) != ".md" || strings.Contains("/"+name, "/testdata/") {
			continue
		}
		text := read(tree, name)
		for _, p := range paths(name, text) {
			first, _, deeper := strings.Cut(p, "/")
			if built(first, deeper) || built(first, true) {
				continue
			}
			if hits, err := fs.Glob(tree, blank.ReplaceAllString(p, "*")); err != nil || len(hits) == 0 {
				complaints = append(complaints, fmt.Sprintf("%s leads to %s, which is not there", name, p))
			}
		}
		for _, call := range makeCall.FindAllStringSubmatch(codeOf(text), -1) {
			if !targets[call[1]] {
				complaints = append(complaints, fmt.Sprintf("%s says make %s, which the Makefile does not know", name, call[1]))
			}
		}
	}
	return complaints
}

// codeOf is what stands between backticks and in fenced blocks, so that "make sure" is no target.
func codeOf(text string) string {
	var code strings.Builder
	for _, block := range fenced.FindAllStringSubmatch(text, -1) {
		code.WriteString(block[1] + "\n")
	}
	for _, span := range inCode.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		code.WriteString(span[1] + "\n")
	}
	return code.String()
}

func TestTheMapLeadsSomewhere(t *testing.T) {
	tree := repository(t)
	clean(t, deadEnds(tree))
	for _, page := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs/operate.md", "docs/moderate.md", "docs/decisions/README.md"} {
		if _, err := fs.Stat(tree, page); err != nil {
			t.Errorf("the repository owes its reader %s: %v", page, err)
		}
	}
	if len(paths("CONTRIBUTING.md", read(tree, "CONTRIBUTING.md"))) < 10 {
		t.Error("the change map in CONTRIBUTING.md names hardly any path; is the pattern still right?")
	}
}

func TestDeadEndsAreNoticed(t *testing.T) {
	notices(t, deadEnds(example(
		".gitignore", "/bin/\n",
		"Makefile", "run:\n\tgo build\n",
		"floor/ask.go", "package floor", "internal/web/chair/chair.go", "package chair", "docs/operate.md", "",
		"README.md", "`floor/<verb>.go` `floor/order.go` `internal/web/<screen>/` `internal/web/<screen>/missing.html`\n"+
			"[operate](docs/operate.md) [gone](docs/gone.md#here) [far](https://example.org/x/y)\n"+
			"`bin/openmic demo` `go test ./floor ./attic/...` `make run` `make tea` and make sure\n"+
			"```sh\nmake run\nmake coffee\n```\n`text/plain; a and/or b`\n",
		"docs/wire.md", "`text/event-stream` is no path, [this](gone.md) is one, `make milk` is no target",
	)), "README.md leads to floor/order.go", "internal/web/<screen>/missing.html", "docs/gone.md", "leads to attic",
		"make tea", "make coffee", "leads to and/or",
		"docs/wire.md leads to docs/gone.md", "make milk")
}
