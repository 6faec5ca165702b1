package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// openData is where the real proposals lie on the machines that have them, beside the repository.
var openData = filepath.Join("..", "..", "..", "shared", "data", "open")

func TestOpenTruth(t *testing.T) {
	if _, err := os.Stat(filepath.Join(openData, "proposals-truth")); err != nil {
		t.Skip("the real proposals are not on this machine; they lie in ../shared/data/open beside the repository")
	}
	s, err := scoreDir(openData)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := s.write(&table); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table.String())
	sum := s.all()
	if sum.percent() < 95 {
		t.Errorf("%.1f %% of the fields are right, at least 95 are wanted", sum.percent())
	}
	if sum.wrongSure > 0 {
		t.Errorf("%d fields are wrong although they are marked sure", sum.wrongSure)
	}
}
