package words

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
)

// Numbers up to this tell which forms a language needs; nobody counts millions in a session.
const counted = 1000

func TestEveryLanguageHasEverySentence(t *testing.T) {
	for _, l := range languages {
		t.Run(l.Tag(), func(t *testing.T) {
			for _, complaint := range compare(languages[0], l) {
				t.Error(complaint)
			}
			if l.Dir() != "ltr" && l.Dir() != "rtl" {
				t.Errorf("language.direction is %q, neither ltr nor rtl", l.Dir())
			}
		})
	}
}

// compare says everything that is wrong with l, measured against the first language.
func compare(first, l *Language) (complaints []string) {
	complain := func(format string, args ...any) {
		complaints = append(complaints, fmt.Sprintf(format, args...))
	}
	for key := range first.sentences {
		if !l.Has(key) {
			complain("%s is missing", key)
		}
	}
	for key, s := range l.sentences {
		if !strings.HasPrefix(key, s.section+".") {
			complain("%s stands under # %s", key, s.section)
		}
		if s.rules != nil {
			have, want := formsOf(s), needed(l, s.rules)
			if !slices.Equal(have, want) {
				complain("%s has the forms %s; the language has %s", key, names(have), names(want))
			}
		}
		original, ok := first.sentences[key]
		if !ok {
			complain("%s is not in %s.txt", key, first.tag)
			continue
		}
		want := original.placeholders()
		for _, w := range s.forms {
			form, have := w.form, sorts(w.parts)
			for name, sort := range have {
				if want[name] == "" {
					complain("%s: {%s} is not in %s.txt", key, name, first.tag)
				} else if want[name] != sort {
					complain("%s: {%s} is a %s here and a %s in %s.txt", key, name, sort, want[name], first.tag)
				}
			}
			for name := range want {
				if have[name] == "" && (s.rules == nil || name != "n") {
					complain("%s: {%s} is missing in the form %s", key, name, names([]plural.Form{form}))
				}
			}
		}
	}
	slices.Sort(complaints)
	return complaints
}

// placeholders are those of all forms together: "one person waits" need not repeat the number.
func (s sentence) placeholders() map[string]string {
	all := make(map[string]string)
	for _, w := range s.forms {
		for name, sort := range sorts(w.parts) {
			all[name] = sort
		}
	}
	if s.rules != nil {
		all["n"] = "value"
	}
	return all
}

// sorts tells what each placeholder stands for. 3 and 3rd come from the same value, as do 2:05 and 3 min.
func sorts(wording pattern) map[string]string {
	found := make(map[string]string)
	for _, p := range wording {
		switch p.format {
		case "clock", "minutes", "seconds":
			found[p.name] = "duration"
		default:
			found[p.name] = "value"
		}
	}
	delete(found, "")
	return found
}

func needed(l *Language, rules *plural.Rules) []plural.Form {
	var forms []plural.Form
	for n := range int64(counted) {
		if form := formOf(rules, l.tag, n); !slices.Contains(forms, form) {
			forms = append(forms, form)
		}
	}
	if !slices.Contains(forms, plural.Other) {
		forms = append(forms, plural.Other)
	}
	slices.Sort(forms)
	return forms
}

func formsOf(s sentence) []plural.Form {
	var forms []plural.Form
	for _, w := range s.forms {
		forms = append(forms, w.form)
	}
	slices.Sort(forms)
	return forms
}

func names(forms []plural.Form) string {
	var all []string
	for name, form := range formNames {
		if slices.Contains(forms, form) {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestAFaultyLanguageIsNoticed(t *testing.T) {
	en := trial(t, "en", "# a\na.one = One {name}\na.two[one] = {n} thing\na.two[other] = {n} things\na.three = {d:clock}\na.four = Four")
	ar := trial(t, "ar", "# a\na.one = واحد {nom}\na.two[one] = شيء\na.two[other] = {n} أشياء\na.three = {d}\n# b\na.five = خمسة")
	want := strings.Join([]string{
		"a.five is not in en.txt",
		"a.five stands under # b",
		"a.four is missing",
		"a.one: {name} is missing in the form other",
		"a.one: {nom} is not in en.txt",
		"a.three: {d} is a value here and a duration in en.txt",
		"a.two has the forms one other; the language has few many one other two zero",
	}, "\n")
	if got := strings.Join(compare(en, ar), "\n"); got != want {
		t.Errorf("complaints:\n%s\nwant:\n%s", got, want)
	}
}

func TestEveryTermIsNamedAndExplained(t *testing.T) {
	for _, key := range Keys() {
		if !strings.HasPrefix(key, "glossary.") {
			continue
		}
		term := strings.TrimSuffix(strings.TrimSuffix(key, ".name"), ".text")
		for _, l := range languages {
			if !l.Has(term+".name") || !l.Has(term+".text") {
				t.Errorf("%s: %s needs a .name and a .text", l.Tag(), term)
			}
		}
	}
}
