package sheet

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openmic/internal/plan"
	"openmic/internal/words"
)

func TestEveryDoubtHasASentence(t *testing.T) {
	for code, english := range plan.Codes() {
		for _, l := range words.Languages() {
			said := doubtSay(l, code)
			if said == "" || (said == english) != (l.Tag() == "en") {
				t.Errorf("%s, %s: %q, where the proposal says %q", l.Tag(), code, said, english)
			}
		}
	}
}

// The real proposals can be made as they are read: what the form holds, the floor takes. Nobody's name is told here,
// only how many there are.
func TestRealProposalsFitTheForm(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("..", "..", "..", "..", "shared", "data", "open", "proposals", "*"))
	if len(files) == 0 {
		t.Skip("the collected proposals do not lie beside this repository")
	}
	people, doubts := 0, 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // a folder
		}
		p, err := plan.ImportNamed(filepath.Base(f), text)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(f), err)
			continue
		}
		r := FromProposal(p, time.UTC)
		_, invited, wrongs := Read(r.Typed, time.UTC)
		people += len(invited)
		for name, w := range wrongs {
			if name != "title" || p.Title != "" {
				t.Errorf("%s: %s: %s %d", filepath.Base(f), name, w.Kind, w.N)
			}
		}
		for _, l := range words.Languages() {
			doubts += Of(l, r.Typed, wrongs, r, time.UTC).Doubts
		}
	}
	if people == 0 || doubts == 0 {
		t.Errorf("%d proposals have %d people and %d doubts", len(files), people, doubts)
	}
	t.Logf("%d proposals, %d people, %d doubts in all languages", len(files), people, doubts)
}

func TestMarksGoWhenAValueIsChanged(t *testing.T) {
	p, err := plan.Import([]byte("IGF 2023 WS #903 Rope bridges\n\nRapporteur\n\nLena Ford, Civil Society, African Group\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := FromProposal(p, time.UTC)
	typed := url.Values{}
	for k, v := range r.Typed {
		typed[k] = v
	}
	l := words.Languages()[0]
	if b := Of(l, typed, nil, r, time.UTC).Title; b.Line != 1 || !strings.Contains(b.Quote, "Rope bridges") {
		t.Errorf("the title comes from line %d, %q", b.Line, b.Quote)
	}
	typed.Set("title", "Bridges of rope")
	if b := Of(l, typed, nil, r, time.UTC).Title; b.Line != 0 || b.Quote != "" || b.Doubtful {
		t.Error("a title that was typed still says where it was read")
	}
}

func TestOncePerPress(t *testing.T) {
	now := time.Unix(0, 0)
	o := NewOnce[int](time.Minute, func() time.Time { return now })
	n := 0
	press := func(id string) int {
		v, err := o.Do(id, func() (int, error) { n++; return n, nil })
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		press string
		want  int
	}{{"a", 1}, {"a", 1}, {"b", 2}, {"a", 1}} {
		if got := press(c.press); got != c.want {
			t.Errorf("%s made %d, not %d", c.press, got, c.want)
		}
	}
	if _, err := o.Do("c", func() (int, error) { return 0, os.ErrClosed }); err == nil || press("c") != 3 {
		t.Error("a failure was remembered")
	}
	now = now.Add(2 * time.Minute)
	if press("a") != 4 {
		t.Error("a press was remembered for ever")
	}
}
