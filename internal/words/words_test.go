package words

import (
	"strings"
	"testing"
	"time"
)

// trial is a small language to try the mechanism with, apart from the sentences of the product.
func trial(t *testing.T, tag, text string) *Language {
	t.Helper()
	l, err := read(tag+".txt", text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const trialEnglish = `
# language
language.direction = ltr
# unit
unit.ordinal[ordinal one] = {n}st
unit.ordinal[ordinal two] = {n}nd
unit.ordinal[ordinal few] = {n}rd
unit.ordinal[ordinal other] = {n}th
unit.minutes[one] = {n} minute
unit.minutes[other] = {n} minutes
unit.seconds = {n} s
# line
// a word to the translator
line.next = {name} is next.
line.waiting[one] = one person waits
line.waiting[other] = {n} people wait
line.place = You are {place:ordinal}, in {d:minutes} ({d:clock}, {d:seconds}).
line.long = This goes \
	on.
`

func TestASentenceIsSaidWithItsValues(t *testing.T) {
	type side string
	en := trial(t, "en", trialEnglish)
	for _, c := range []struct {
		want, key string
		args      []any
	}{
		{"Sita is next.", "line.next", []any{"name", "Sita"}},
		{"room is next.", "line.next", []any{"name", side("room")}},
		{"7 is next.", "line.next", []any{"name", uint8(7), "unasked", 1}},
		{"one person waits", "line.waiting", []any{"n", 1}},
		{"0 people wait", "line.waiting", []any{"n", 0}},
		{"14 people wait", "line.waiting", []any{"n", int64(14)}},
		{"You are 3rd, in 3 minutes (2:05, 125 s).", "line.place", []any{"place", 3, "d", 125_000}},
		{"You are 11th, in 1 minute (0:00, 1 s).", "line.place", []any{"place", 11, "d", 3 * time.Millisecond}},
		{"You are 22nd, in 63 minutes (1:02:05, 3725 s).", "line.place", []any{"place", 22, "d", 3_725_000}},
		{"You are 1st, in 0 minutes (\u2068-2:05\u2069, 0 s).", "line.place", []any{"place", 1, "d", -125_000}},
		{"This goes on.", "line.long", nil},
	} {
		if got := en.Say(c.key, c.args...); got != c.want {
			t.Errorf("Say(%q, %v) = %q, want %q", c.key, c.args, got, c.want)
		}
	}
}

func TestAMistakeStopsATest(t *testing.T) {
	en := trial(t, "en", trialEnglish)
	for what, say := range map[string]func(){
		"a key that is not there":         func() { en.Say("line.nothing") },
		"a value that is missing":         func() { en.Say("line.next") },
		"text where a number belongs":     func() { en.Say("line.place", "place", "third", "d", 1) },
		"a duration without a format":     func() { en.Say("line.next", "name", time.Second) },
		"a value without a name":          func() { en.Say("line.next", "name") },
		"a number where a name belongs":   func() { en.Say("line.next", 3, "name") },
		"something that cannot be spoken": func() { en.Say("line.next", "name", []int{1}) },
	} {
		t.Run(what, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("nothing stopped the test")
				}
			}()
			say()
		})
	}
}

func TestAFileThatCannotBeReadSaysWhere(t *testing.T) {
	for text, want := range map[string]string{
		"# a\na.b":                           "en.txt:2: neither a key",
		"a.b =":                              "en.txt:1: a.b: nothing follows",
		"A.b = x":                            "is not a key",
		"a.b = x\na.b = y":                   "en.txt:2: a.b is there twice",
		"a.b = x\na.b[one] = y":              "with and without a form",
		"a.b[some] = x":                      `no form is called "some"`,
		"a.b = {n:roman}":                    `asks for "roman"`,
		"a.b = {Big}":                        "{Big is not a placeholder",
		"a.b = {open":                        "{open is not a placeholder",
		"a.b = x}":                           "a } without its {",
		"a.b = x \\":                         `nothing follows the last \`,
		"a.b[one] = x\na.b[ordinal two] = y": "with and without a form",
	} {
		_, err := read("en.txt", text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", text, err, want)
		}
	}
	if _, err := read("not a tag.txt", ""); err == nil {
		t.Error("a file whose name is no language was read")
	}
}

func TestANameDoesNotTurnTheSentence(t *testing.T) {
	const open, shut = firstStrongIsolate, popIsolate
	for _, c := range []struct {
		text string
		rtl  bool
		want string
	}{
		{"Sita", false, "Sita"},
		{"山田", false, "山田"},
		{"سيتا", false, open + "سيتا" + shut},
		{"Sita (سيتا)", false, open + "Sita (سيتا)" + shut},
		{"Sita", true, open + "Sita" + shut},
		{"سيتا", true, open + "سيتا" + shut},
		{"", true, ""},
		{"\u202eatiS", false, open + "\u202eatiS" + shut},
		{"Sita\u2069 bad", true, open + "Sita bad" + shut},
		{open + "Sita" + shut + "، " + open + "REN" + shut, true, rightToLeftIsolate + open + "Sita" + shut + "، " + open + "REN" + shut + shut},
		{"من " + open + "Sita" + shut, true, open + "من " + open + "Sita" + shut + shut},
		{"Sita \u2067bad", false, open + "Sita \u2067bad\u2069" + shut},
	} {
		if got := isolate(c.text, c.rtl); got != c.want {
			t.Errorf("isolate(%q, %v) = %q, want %q", c.text, c.rtl, got, c.want)
		}
	}
}

func TestEverybodyIsMetInALanguage(t *testing.T) {
	for _, c := range []struct{ accept, chosen, want string }{
		{"", "", "en"},
		{"*", "", "en"},
		{"de", "", "en"},
		{"ja", "", "ja"},
		{"ja-JP;q=0.9,fr;q=0.5", "", "ja"},
		{"fr-CA,en;q=0.8", "", "fr"},
		{"ar-EG-u-nu-arab", "", "ar"},
		{"de-CH, fr;q=0.7", "", "fr"},
		{"fr", "ar", "ar"},
		{"fr", "AR", "ar"},
		{"fr", "tlh", "fr"},
		{";;;q=x,,=", "", "en"},
		{strings.Repeat("a-", 5000), "", "en"},
	} {
		if got := Match(c.accept, c.chosen).Tag(); got != c.want {
			t.Errorf("Match(%.40q, %q) is %s, want %s", c.accept, c.chosen, got, c.want)
		}
	}
}

func TestOrdinalsAndUnits(t *testing.T) {
	for tag, want := range map[string]string{
		"en": "1st 2nd 3rd 4th 11th 12th 21st",
		"fr": "1er 2e 3e 4e 11e 12e 21e",
		"ja": "1番目 2番目 3番目 4番目 11番目 12番目 21番目",
		"ar": "1 2 3 4 11 12 21",
	} {
		var said []string
		for _, n := range []int{1, 2, 3, 4, 11, 12, 21} {
			said = append(said, Match("", tag).Say("unit.ordinal", "n", n))
		}
		if got := strings.Join(said, " "); got != want {
			t.Errorf("%s: %s, want %s", tag, got, want)
		}
	}
}
