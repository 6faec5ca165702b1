package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// repository is this repository as a newcomer gets it: without what .gitignore names.
func repository(t *testing.T) fs.FS {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tree := os.DirFS(root)
	if _, err := fs.Stat(tree, "go.mod"); err != nil {
		t.Fatalf("the repository does not begin two folders above this one: %v", err)
	}
	return tree
}

// clean fails the test with every complaint about this repository.
func clean(t *testing.T, complaints []string) {
	t.Helper()
	for _, c := range complaints {
		t.Error(c)
	}
}

// notices fails the test unless the complaints about a bad example are exactly those wanted;
// a wanted complaint is given by a part of its text.
func notices(t *testing.T, complaints []string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !slices.ContainsFunc(complaints, func(c string) bool { return strings.Contains(c, w) }) {
			t.Errorf("nobody complains about %q", w)
		}
	}
	for _, c := range complaints {
		if !slices.ContainsFunc(wanted, func(w string) bool { return strings.Contains(c, w) }) {
			t.Errorf("a complaint about nothing: %s", c)
		}
	}
}

// example is a small tree in memory: path, content, path, content …
func example(pathsAndContents ...string) fs.FS {
	tree := fstest.MapFS{}
	for i := 0; i+1 < len(pathsAndContents); i += 2 {
		tree[pathsAndContents[i]] = &fstest.MapFile{Data: []byte(pathsAndContents[i+1])}
	}
	return tree
}

// ignored answers for each path whether .gitignore leaves it out. Of the patterns of git it
// knows those this repository uses: /folder/, /file and *.ending.
func ignored(tree fs.FS) func(name string, folder bool) bool {
	text, _ := fs.ReadFile(tree, ".gitignore") // a tree without one ignores nothing
	patterns := strings.Fields(string(text))
	return func(name string, folder bool) bool {
		if name == ".git" {
			return true
		}
		for _, p := range patterns {
			bare := strings.Trim(p, "/")
			switch {
			case strings.HasSuffix(p, "/") && !folder:
			case strings.HasPrefix(p, "/"):
				if name == bare {
					return true
				}
			default:
				if ok, _ := path.Match(bare, path.Base(name)); ok {
					return true
				}
			}
		}
		return false
	}
}

// files lists every file of the tree that is not ignored, in order.
func files(tree fs.FS) []string {
	skip := ignored(tree)
	var all []string
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // gone between listing and looking: somebody is writing
		}
		if name != "." && skip(name, d.IsDir()) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !d.IsDir() {
			all = append(all, name)
		}
		return nil
	})
	if err != nil {
		panic(err) // the function above returns nothing else
	}
	return all
}

func read(tree fs.FS, name string) string {
	text, _ := fs.ReadFile(tree, name)
	return string(text)
}

// source is one Go file, parsed.
type source struct {
	path string // from the root of the repository
	dir  string // its package
	test bool   // a file of tests only
	file *ast.File
	pos  *token.FileSet
}

func (s source) line(p token.Pos) int { return s.pos.Position(p).Line }

// sources parses every Go file outside testdata. What does not parse becomes a complaint.
func sources(tree fs.FS) (all []source, complaints []string) {
	for _, name := range files(tree) {
		if !strings.HasSuffix(name, ".go") || strings.Contains("/"+name, "/testdata/") {
			continue
		}
		pos := token.NewFileSet()
		file, err := parser.ParseFile(pos, name, read(tree, name), parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			complaints = append(complaints, name+" does not parse: "+err.Error())
			continue
		}
		all = append(all, source{
			path: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), file: file, pos: pos,
		})
	}
	return all, complaints
}

func TestIgnoredFilesAreNotRead(t *testing.T) {
	tree := example(
		".gitignore", "/bin/\n/bench.jsonl\n*.prof\n",
		"bin/openmic", "", "deep/bin/kept.txt", "", "bench.jsonl", "", "deep/cpu.prof", "", "a.txt", "",
	)
	got := strings.Join(files(tree), " ")
	if want := ".gitignore a.txt deep/bin/kept.txt"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSourcesThatDoNotParseAreNamed(t *testing.T) {
	_, complaints := sources(example("a/a.go", "package a\nfunc {"))
	notices(t, complaints, "a/a.go does not parse")
	_, complaints = sources(repository(t))
	clean(t, complaints)
}
