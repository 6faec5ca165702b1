package site_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The compose file agrees with what is documented and tried: its proxy has every line of the recipe for one, its primary
// waits for the standby by the name that the standby has, and nodes know both.
func TestComposeAgrees(t *testing.T) {
	b, err := os.ReadFile("../../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	compose := strings.ReplaceAll(string(b), "$$", "$")
	if b, err = os.ReadFile("../../docs/operate.md"); err != nil {
		t.Fatal(err)
	}
	_, recipe, _ := strings.Cut(string(b), "```nginx\n")
	recipe, _, ok := strings.Cut(recipe, "```")
	if !ok {
		t.Fatal("there is no recipe for a proxy")
	}
	lines := 0
	for line := range strings.Lines(recipe) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); !strings.HasSuffix(line, ";") || strings.HasPrefix(line, "proxy_pass ") {
			continue
		}
		if lines++; !strings.Contains(compose, " "+line+"\n") {
			t.Errorf("the proxy lacks %q", line)
		}
	}
	if lines < 7 {
		t.Errorf("the recipe has %d lines", lines)
	}
	name := regexp.MustCompile(`synchronous_standby_names = '(\w+)'`).FindStringSubmatch(compose)
	if name == nil || !strings.Contains(compose, "application_name="+name[1]+`"`) {
		t.Errorf("the primary waits for %v, which is not the standby's name", name)
	}
	if !strings.Contains(compose, "@db:5432,standby:5432/") {
		t.Error("the nodes do not know both servers")
	}
	for _, service := range []string{"db", "standby", "sync", "proxy"} {
		if !strings.Contains(compose, "\n  "+service+":\n") {
			t.Errorf("there is no service %s", service)
		}
	}
	for _, node := range regexp.MustCompile(`server (\w+):8080`).FindAllStringSubmatch(compose, -1) {
		if !strings.Contains(compose, "\n  "+node[1]+": *node\n") {
			t.Errorf("the proxy asks %s, which is no node", node[1])
		}
	}
}
