package plan

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// docs/plan.md is the contract: it names every key and every code with its sentence.
func TestContractIsComplete(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "plan.md"))
	if err != nil {
		t.Fatal(err)
	}
	for code, sentence := range Codes() {
		if !strings.Contains(string(page), "| `"+string(code)+"` | "+sentence+" |") {
			t.Errorf("docs/plan.md lacks the line of %s: %s", code, sentence)
		}
	}
	raw, err := json.Marshal(&Proposal{})
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]any
	if err := json.Unmarshal(raw, &keys); err != nil {
		t.Fatal(err)
	}
	for key := range keys {
		if !strings.Contains(string(page), "`"+key+"`") {
			t.Errorf("docs/plan.md does not name the key %s", key)
		}
	}
}
