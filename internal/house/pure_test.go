package house

import (
	"fmt"
	"go/ast"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pure are the packages that give the same answer on any machine, on any day.
var pure = []string{"floor", "record"}

// seeded are the packages whose only chance is a seed and whose only clock is their own: what one seed brings about is the
// same on any machine. The file run.go of each plays many seeds at once, on all cores.
var seeded = []string{"internal/sim", "internal/sim/cut"}

// impure are the doors to a clock, to chance and to the world. A package inside one of them
// counts too: net closes net/http.
var impure = []string{
	"crypto/rand", "database/sql", "log", "math/rand", "net", "os", "runtime", "sync", "syscall", "unsafe",
}

// lengths is all that a pure package may take from package time: how long, never when.
var lengths = []string{"Duration", "Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour"}

// moments is what a seeded package may take beside it: to name a moment of its own clock.
var moments = []string{"Time", "UnixMilli"}

// whatIsNotPure complains about every clock, die, door and goroutine in a pure package. Its tests
// may use them: a test reads its scenarios from disk.
func whatIsNotPure(tree fs.FS) (complaints []string) {
	all, _ := sources(tree)
	for _, s := range all {
		dice := slices.Contains(seeded, s.dir)
		if s.test || !dice && !slices.Contains(pure, s.dir) || dice && path.Base(s.path) == "run.go" {
			continue
		}
		clock := "" // the name under which this file knows package time
		for _, spec := range s.file.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			for _, door := range impure {
				if name == "math/rand/v2" && dice || name == "log/slog" && dice { // seeded, and only heard
					continue
				}
				if name == door || strings.HasPrefix(name, door+"/") {
					complaints = append(complaints, fmt.Sprintf("%s:%d: a pure package imports %s", s.path, s.line(spec.Pos()), name))
				}
			}
			if name == "time" {
				clock = "time"
				if spec.Name != nil {
					clock = spec.Name.Name
				}
			}
		}
		if clock == "." {
			complaints = append(complaints, s.path+": a dot import of time hides the clock")
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				complaints = append(complaints, fmt.Sprintf("%s:%d: a pure package starts a goroutine", s.path, s.line(n.Pos())))
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && dice && x.Name == "rand" && !slices.Contains([]string{"New", "NewPCG", "Rand"}, n.Sel.Name) {
					complaints = append(complaints, fmt.Sprintf("%s:%d: rand.%s rolls a die that no seed throws", s.path, s.line(n.Pos()), n.Sel.Name))
				}
				if x, ok := n.X.(*ast.Ident); ok && clock != "" && x.Name == clock && !slices.Contains(lengths, n.Sel.Name) && !(dice && slices.Contains(moments, n.Sel.Name)) {
					complaints = append(complaints, fmt.Sprintf("%s:%d: a pure package uses time.%s", s.path, s.line(n.Pos()), n.Sel.Name))
				}
			}
			return true
		})
	}
	return complaints
}

func TestTheRulesArePure(t *testing.T) { clean(t, whatIsNotPure(repository(t))) }

func TestImpurityIsNoticed(t *testing.T) {
	notices(t, whatIsNotPure(example("floor/a.go", `package floor
import ("time"; "os"; "math/rand/v2"; "net/http"; "crypto/rand")
var at = time.Now()
var long time.Duration = 3 * time.Second
func f() { go f() }
`)), "imports os", "imports math/rand/v2", "imports net/http", "imports crypto/rand", "uses time.Now", "starts a goroutine")
	notices(t, whatIsNotPure(example("record/a.go", "package record\nimport c \"time\"\nvar x = c.Since\n")), "uses time.Since")
	notices(t, whatIsNotPure(example("floor/a.go", "package floor\nimport . \"time\"\n")), "hides the clock")
	notices(t, whatIsNotPure(example("internal/sim/cut/a.go", "package cut\nimport (\"time\"; \"math/rand/v2\"; \"sync\")\nvar at = time.Now()\nvar then = time.UnixMilli(1)\nvar n = rand.IntN(3)\n")), "uses time.Now", "imports sync", "rand.IntN")
	notices(t, whatIsNotPure(example("internal/sim/cut/run.go", "package cut\nimport \"sync\"\nfunc f() { go f() }\n")))
	notices(t, whatIsNotPure(example("floor/a_test.go", "package floor\nimport \"os\"\n")))
	notices(t, whatIsNotPure(example("internal/live/a.go", "package live\nimport \"time\"\nvar at = time.Now()\n")))
}
