package naming

import (
	"net/url"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/web/hall/halltest"
	"openmic/internal/words"
)

func TestExamplesFollowWhatIsTyped(t *testing.T) {
	for _, l := range words.Languages() {
		for _, p := range presets(l, floor.Online, url.Values{"name": {"Tūī"}, "group": {"civil"}}) {
			if p.Key != "none" && !strings.Contains(p.Sentence, "Tūī") || p.Key == "none" && strings.Contains(p.Sentence, "Tūī") {
				t.Errorf("%s, %s: %s", l.Tag(), p.Key, p.Sentence)
			}
			if p.Key == "group" && (!strings.Contains(p.Both, "{name}") || !strings.Contains(p.Both, "{group}")) {
				t.Errorf("%s: %s has nothing to fill in", l.Tag(), p.Both)
			}
		}
	}
}

func TestWhatWasToldComesBack(t *testing.T) {
	s := halltest.New(t)
	l := words.Languages()[0]
	p := s.Join(t, floor.Room, "Mele", "civil")
	typed := func() url.Values { return Typed(s.Look(l), s.Session.View().Person(p.Person)) }
	if v := typed(); v.Get("name") != "Mele" || v.Get("preset") != "group" || v.Get("detail") != "" {
		t.Errorf("told %v", v)
	}
	s.Do(t, p, &floor.Describe{Description: floor.Description{Detail: true, Officials: floor.Name}})
	if v := typed(); v.Get("preset") != "" || v.Get("detail") == "" || v.Get("officials") != "name" || v.Get("aloud") != "" {
		t.Errorf("told %v", v)
	}
}
