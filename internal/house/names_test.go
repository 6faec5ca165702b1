package house

import (
	"fmt"
	"go/ast"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// meaningless are the words that come to mind when a thing is not understood yet.
var meaningless = []string{"manager", "service", "helper", "util", "utils", "utility", "common"}

var newWord = regexp.MustCompile(`[A-Z][a-z]`)

// saysNothing tells whether one of the words in a name is meaningless: lineManager, line_utils.
func saysNothing(name string) bool {
	words := strings.FieldsFunc(newWord.ReplaceAllString(name, " $0"), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains(meaningless, strings.ToLower(w))
	})
}

// namesThatSayNothing complains about declared names, files and folders. What others declare
// (http.StatusServiceUnavailable, t.Helper) is theirs.
func namesThatSayNothing(tree fs.FS) (complaints []string) {
	for _, name := range files(tree) {
		stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
		if saysNothing(stem) || saysNothing(path.Base(path.Dir(name))) {
			complaints = append(complaints, "the name of "+name+" says nothing")
		}
	}
	all, _ := sources(tree)
	for _, s := range all {
		declared := func(names ...*ast.Ident) {
			for _, n := range names {
				if n != nil && saysNothing(n.Name) {
					complaints = append(complaints, fmt.Sprintf("%s:%d: the name %s says nothing", s.path, s.line(n.Pos()), n.Name))
				}
			}
		}
		declared(s.file.Name)
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				declared(n.Name)
			case *ast.TypeSpec:
				declared(n.Name)
			case *ast.ValueSpec:
				declared(n.Names...)
			case *ast.Field:
				declared(n.Names...)
			case *ast.AssignStmt:
				for _, left := range n.Lhs {
					if id, ok := left.(*ast.Ident); ok {
						declared(id)
					}
				}
			}
			return true
		})
	}
	return complaints
}

func TestNamesSaySomething(t *testing.T) { clean(t, namesThatSayNothing(repository(t))) }

func TestEmptyNamesAreNoticed(t *testing.T) {
	notices(t, namesThatSayNothing(example(
		"a/a.go", `package a
import "net/http"
type FloorManager struct{ lineHelper int }
type HTTPService struct{}
func doUtil() { commonThing := http.StatusServiceUnavailable; _ = commonThing }
var community, managed, serviceable = 1, 2, 3
`,
		"b/string_utils.go", "package b\n",
	)), "FloorManager", "HTTPService", "lineHelper", "doUtil", "commonThing", "b/string_utils.go")
}
