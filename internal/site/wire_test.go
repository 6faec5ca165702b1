package site_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/web/page/browser"
)

// docs/wire.md lists every command with its fields and roles, and every kind of entry with its body. The tables are
// generated from the code that reads and writes them; go test ./internal/site -run Wire -rewrite writes them anew.
func TestWirePageIsTrue(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "wire.md")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := between(t, between(t, string(b), "<!-- commands -->", "## 3.", commandTable()), "<!-- kinds -->", "## 4.", kindTable(t))
	browser.Same(t, file, want)
}

// between replaces what stands between a mark and the next heading.
func between(t *testing.T, page, mark, next, table string) string {
	t.Helper()
	before, rest, ok := strings.Cut(page, mark)
	i := strings.Index(rest, next)
	if !ok || i < 0 {
		t.Fatalf("docs/wire.md has lost its mark %s", mark)
	}
	return before + mark + "\n" + table + "\n" + rest[i:]
}

func commandTable() string {
	var out strings.Builder
	out.WriteString("| do | fields (`?` may be left out) | role |\n|---|---|---|\n")
	for _, name := range floor.Commands() {
		c, _ := floor.NewCommand(name)
		role := floor.May(name).String()
		switch floor.May(name) {
		case floor.Anybody:
			role = "anybody"
		case floor.Site:
			role = "the program itself"
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s |\n", name, fields(reflect.TypeOf(c).Elem()), role)
	}
	return out.String()
}

func kindTable(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	out.WriteString("| kind | body, in this order |\n|---|---|\n")
	for _, kind := range floor.Kinds() {
		ev, err := floor.NewEvent(kind, []byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "| `%s` | %s |\n", kind, fields(reflect.TypeOf(ev).Elem()))
	}
	return out.String()
}

// fields writes the JSON fields of a struct with their types, embedded ones in place.
func fields(t reflect.Type) string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			if s := fields(f.Type); s != "" {
				out = append(out, s)
			}
			continue
		}
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		if strings.Contains(rest, "omitempty") {
			name += "?"
		}
		out = append(out, fmt.Sprintf("`%s` %s", name, kindOf(f.Type)))
	}
	return strings.Join(out, ", ")
}

func kindOf(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[floor.Side]():
		return "side"
	case t == reflect.TypeFor[floor.Roles](), t == reflect.TypeFor[floor.Fields]():
		return "words"
	case t == reflect.TypeFor[floor.ID]():
		return "id"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Slice:
		return "list of " + kindOf(t.Elem())
	case reflect.Array:
		return fmt.Sprintf("%d × %s", t.Len(), kindOf(t.Elem()))
	case reflect.Map:
		return "map of " + kindOf(t.Elem())
	case reflect.Struct:
		return "{" + fields(t) + "}"
	case reflect.Bool:
		return "true/false"
	case reflect.String:
		return "text"
	}
	return "number"
}
