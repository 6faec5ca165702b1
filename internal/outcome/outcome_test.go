package outcome

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/words"
)

var english = words.Match("", "en")

func TestEveryLanguageTellsTheReport(t *testing.T) {
	s := example(t)
	s.afterwards()
	for _, l := range words.Languages() {
		r := Build(s.source(), Newest)
		for _, text := range []string{r.Say(l).Markdown(), r.Officials(l).Markdown(), r.Plain(l)} {
			if strings.Contains(text, "⟦") || strings.Contains(text, "{") {
				t.Errorf("%s leaves something unsaid:\n%s", l.Tag(), text)
			}
		}
	}
	// A session that has not begun, and one nobody planned, have a report too.
	for _, l := range words.Languages() {
		Build(tell(t).source(), First).Say(l).Markdown()
		Build(tell(t).source(), Newest).Officials(l).Markdown()
	}
}

func TestEveryAskIsCountedOnce(t *testing.T) {
	r := Build(example(t).source(), Newest)
	check := func(name string, c Count) {
		n := c.Waiting
		for d := range maps.Keys(c.Ended) {
			if !slices.Contains(floor.Dispositions, d) {
				t.Errorf("%s ended %q", name, d)
			}
			n += c.Ended[d]
		}
		if n != c.Asked {
			t.Errorf("%s: %d asks, %d ends", name, c.Asked, n)
		}
	}
	check("all", r.Total)
	check("room", r.Sides[0])
	check("online", r.Sides[1])
	asked, people := 0, 0
	for _, g := range r.Groups {
		check(strings.Join(g.Keys, " "), g.Count)
		asked += g.Asked
		people += g.People
	}
	if asked != r.Total.Asked || people != r.Total.People {
		t.Errorf("the groups have %d asks of %d people, all have %d of %d", asked, people, r.Total.Asked, r.Total.People)
	}
}

func TestSmallGroupsStandTogether(t *testing.T) {
	for _, c := range []struct {
		people map[string]int
		want   string
	}{
		{map[string]int{"civil": 6, "technical": 5}, "civil 6, technical 5"},
		{map[string]int{"civil": 6, "technical": 9, "government": 4}, "technical 9, government+civil 10"},
		{map[string]int{"civil": 6, "technical": 9, "government": 1, "private": 2}, "technical 9, government+civil+private 9"},
		{map[string]int{"civil": 6, "government": 4, "private": 4}, "civil 6, government+private 8"},
		{map[string]int{"civil": 2}, "civil 2"},
		{map[string]int{"civil": 7}, "civil 7"},
		{map[string]int{"unsaid": 3, "civil": 8}, "civil+unsaid 11"},
		{nil, ""},
	} {
		groups := map[string]*Count{}
		for k, n := range c.people {
			groups[k] = &Count{People: n}
		}
		var got []string
		for _, g := range merge(groups) {
			got = append(got, strings.Join(g.Keys, "+")+" "+strconv.Itoa(g.People))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%v become %q, want %q", c.people, got, c.want)
		}
	}
}

// While one half is missing both papers say so; afterwards the report says for how long.
func TestReportOfOneHalf(t *testing.T) {
	r := Build(example(t).source(), Newest)
	r.Apart = []Break{{Length: 65_000}, {}}
	for _, text := range []string{r.Say(english).Markdown(), r.Officials(english).Markdown()} {
		if !strings.Contains(text, "what the other side did is still missing here") {
			t.Errorf("half a session looks like all of it:\n%s", text)
		}
	}
	r.Apart = r.Apart[:1]
	if text := r.Say(english).Markdown(); !strings.Contains(text, "did not hear each other for 1:05") || strings.Contains(text, "still missing") {
		t.Errorf("a cut that healed is told otherwise:\n%s", text)
	}
	if text := r.Officials(english).Markdown(); strings.Contains(text, "still missing") {
		t.Errorf("officials read of a cut that healed that something is missing:\n%s", text)
	}
}

func TestOfficialsSeeOnlyWhatWasHandedOver(t *testing.T) {
	s := example(t)
	text := Build(s.source(), Newest).Officials(english).Markdown()
	for _, who := range []string{"Leo Brandt", "Sita Rai"} {
		if !strings.Contains(text, who) {
			t.Errorf("%s agreed, and is missing", who)
		}
	}
	for _, not := range []string{"Mei", "exchange point", "power", "hiring", "Noor Haddad, Technical"} {
		if strings.Contains(text, not) {
			t.Errorf("%q stands there without consent", not)
		}
	}
	// Version 1 was frozen while Sita agreed; she does not any more.
	s.afterwards()
	if text := Build(s.source(), First).Officials(english).Markdown(); strings.Contains(text, "Sita") || strings.Contains(text, "technicians") {
		t.Error("a consent taken back does not reach version 1")
	}
}

func TestErasedWordsLeaveEveryVersion(t *testing.T) {
	s := example(t)
	s.afterwards()
	for k, v := range s.said {
		if strings.Contains(v, "Mei") || strings.Contains(v, "exchange point") {
			delete(s.said, k)
		}
	}
	for _, v := range []Version{First, Newest} {
		if text := Build(s.source(), v).Say(english).Markdown(); strings.Contains(text, "Mei") || strings.Contains(text, "exchange point") {
			t.Errorf("version %d still holds erased words", v)
		}
	}
}

func TestAFormIsReadOrItsLineIsNamed(t *testing.T) {
	f := IGF()
	if f.Field("takeaway").Letters == 0 || f.Field("report").Words == 0 || f.Field("action").Hours == 0 {
		t.Errorf("the form built in has lost its limits: %+v", f)
	}
	for text, want := range map[string]string{
		"":                                   "",
		"name = Local\n# takeaway\nmost = 5": "",
		"# speech\nmost = 1":                 "line 1",
		"# report\nmost = many":              "line 2",
		"# report\npages = 4":                "line 2",
		"most = 1":                           "line 1",
		"name = Empty":                       "no field",
	} {
		_, err := FormOf(text)
		if got := ""; err != nil {
			got = err.Error()
			if want == "" || !strings.Contains(got, want) {
				t.Errorf("%q: %s", text, got)
			}
		} else if want != "" {
			t.Errorf("%q was read", text)
		}
	}
	own, _ := FormOf("name = Local\n# takeaway\nmost = 1\nletters = 10")
	boxes := Build(example(t).source(), Newest).Boxes(own, english)
	if len(boxes) != 1 || !boxes[0].Over() || boxes[0].Beyond() {
		t.Errorf("boxes of the session's own form: %+v", boxes)
	}
}
