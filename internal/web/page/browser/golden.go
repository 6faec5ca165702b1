package browser

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	_ "github.com/cockroachdb/datadriven" // owns the flag -rewrite, which stories use too
)

// Same fails the test unless the file at path holds just this text, such as a reading. With -rewrite
// it writes the file instead: read the diff.
func Same(t testing.TB, path, text string) {
	t.Helper()
	if f := flag.Lookup("rewrite"); f != nil && f.Value.String() == "true" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with -rewrite and read it. Now it would be:\n%s", err, text)
	}
	if string(want) != text {
		t.Errorf("%s says something else; after -rewrite read the diff. Now:\n%s", path, text)
	}
}
