package house

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the name under which the parts of this repository import each other.
const module = "openmic"

// storeys lists who stands where, ground first. A package may import what stands below its own
// storey and, unless it is listed in apart, nothing on the same one. The longest matching path
// decides; internal/web/* means every screen.
var storeys = [][]string{
	{"floor", "verifier", "internal/words", "internal/plan", "internal/chat", "internal/house", "internal/cable"},
	{"record", "internal/guest"},
	{"internal/outcome"},
	{"internal/journal"},
	{"internal/journal/*"},
	{"internal/live"},
	{"internal/sim"},
	{"internal/web/page"},
	{"internal/web/hall"},
	{"internal/web/hall/*", "internal/web/asking", "internal/web/naming", "internal/web/panels", "internal/web/sheet"},
	{"internal/web/*"},
	{"internal/web", "internal/link"},
	{"internal/sim/cut"},
	{"internal/site"},
	{"internal/demo", "internal/rehearse", "internal/bench", "internal/replay"},
	{"cmd/*"},
}

// narrower says what a package may import of this repository when that is less than everything
// below it. "nothing" is an empty list.
var narrower = map[string][]string{
	"record":           {"floor"},
	"verifier":         {}, // a second opinion shares nothing with the first
	"internal/outcome": {"floor", "record", "internal/words", "internal/plan"},
	"internal/journal": {}, // order and disk; what an entry means is not its business
	// A store knows its promise and no meaning.
	"internal/journal/*": {"internal/journal", "internal/journal/*"},
	// What screens share must not know the session it shows, or every screen would.
	"internal/web/page": {"floor", "internal/words", "internal/plan"},
}

// only says who alone may import a package.
var only = map[string][]string{
	"internal/site":  {"cmd/*", "internal/rehearse", "internal/bench"},
	"internal/web":   {"internal/site", "cmd/*", "internal/bench"},
	"internal/web/*": {"internal/web", "internal/site", "cmd/*"},
	"internal/link":  {"internal/site", "internal/sim/cut", "cmd/*"},
}

// place is the entry of storeys a package belongs to, and its height; -1 for none.
func place(pkg string) (entry string, height int) {
	height = -1
	for h, storey := range storeys {
		for _, e := range storey {
			if covers(e, pkg) && len(e) > len(entry) {
				entry, height = e, h
			}
		}
	}
	return entry, height
}

func covers(entry, pkg string) bool {
	if folder, ok := strings.CutSuffix(entry, "/*"); ok {
		return strings.HasPrefix(pkg, folder+"/")
	}
	return entry == pkg
}

func coversAny(entries []string, pkg string) bool {
	return slices.ContainsFunc(entries, func(e string) bool {
		own, _ := place(pkg)
		return e == own || e == pkg
	})
}

// whoImportsWhom complains about every arrow that does not go down. Tests may look further than
// what they test, so their imports are not counted.
func whoImportsWhom(tree fs.FS) (complaints []string) {
	all, _ := sources(tree)
	for _, s := range all {
		own, height := place(s.dir)
		if height < 0 {
			complaints = append(complaints, fmt.Sprintf(
				"%s: package %s has no storey yet; say in internal/house who may import it", s.path, s.dir))
			continue
		}
		if s.test {
			continue
		}
		for _, spec := range s.file.Imports {
			full, _ := strconv.Unquote(spec.Path.Value)
			other, ours := strings.CutPrefix(full, module+"/")
			if !ours {
				continue
			}
			entry, below := place(other)
			sameShop := own == entry && own == "internal/journal/*" // a store may use the suite beside it
			allowed, narrow := narrower[own]
			alone, lonely := only[entry]
			var why string
			switch {
			case below >= height && !sameShop:
				why = "arrows go down only"
			case narrow && !coversAny(allowed, other):
				why = "it may import " + listed(allowed)
			case lonely && !coversAny(alone, s.dir):
				why = "only " + listed(alone) + " may"
			default:
				continue
			}
			complaints = append(complaints, fmt.Sprintf("%s:%d: %s imports %s: %s",
				s.path, s.line(spec.Pos()), s.dir, other, why))
		}
	}
	return complaints
}

func listed(entries []string) string {
	if len(entries) == 0 {
		return "nothing of ours"
	}
	return strings.Join(entries, ", ")
}

func TestArrowsGoDown(t *testing.T) { clean(t, whoImportsWhom(repository(t))) }

func TestArrowsGoingUpAreNoticed(t *testing.T) {
	arrow := func(from, to string) (string, string) {
		return from + "/x.go", "package x\nimport _ \"openmic/" + to + "\"\n"
	}
	for _, bad := range [][2]string{
		{"floor", "internal/words"},
		{"record", "internal/journal"},
		{"internal/words", "floor"},
		{"internal/plan", "internal/words"},
		{"internal/journal", "floor"},
		{"internal/journal/sqlite", "floor"},
		{"internal/live", "internal/web/page"},
		{"internal/outcome", "internal/live"},
		{"internal/web/page", "internal/live"},
		{"internal/web/page", "internal/web/chair"},
		{"internal/web/chair", "internal/web/wall"},
		{"internal/web/chair", "internal/web"},
		{"internal/web/chair", "internal/site"},
		{"internal/web", "internal/site"},
		{"internal/link", "internal/web"},
	} {
		name, text := arrow(bad[0], bad[1])
		notices(t, whoImportsWhom(example(name, text)), bad[0]+" imports "+bad[1])
	}
	notices(t, whoImportsWhom(example("internal/attic/a.go", "package attic")), "has no storey")
	for _, good := range [][2]string{
		{"record", "floor"},
		{"internal/journal/sqlite", "internal/journal"},
		{"internal/journal/sqlite", "internal/journal/suite"},
		{"internal/live", "floor"},
		{"internal/live", "internal/journal"},
		{"internal/web/page", "internal/words"},
		{"internal/web/chair", "internal/live"},
		{"internal/web/chair", "internal/web/page"},
		{"internal/web", "internal/web/chair"},
		{"internal/site", "internal/journal/sqlite"},
		{"cmd/openmic", "internal/site"},
	} {
		name, text := arrow(good[0], good[1])
		notices(t, whoImportsWhom(example(name, text)))
	}
}
