package words

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed *.txt
var files embed.FS

// reference is the language every other one is measured against, and the one for people we know nothing about.
const reference = "en"

// Read once and never changed afterwards, so many screens may speak at once.
var (
	languages = mustReadAll()
	matcher   = newMatcher(languages)
)

// Language speaks every sentence in one language. It never changes.
type Language struct {
	tag       language.Tag
	sentences map[string]sentence
}

// Languages lists all languages, English first, the others by tag.
func Languages() []*Language { return slices.Clone(languages) }

// Keys lists the keys of all sentences in order.
func Keys() []string {
	return slices.Sorted(maps.Keys(languages[0].sentences))
}

// Match finds the language for a person: the one they chose (a tag such as "ar", empty or unknown if
// they did not choose), else the best for their browser's Accept-Language, else English.
func Match(acceptLanguage, chosen string) *Language {
	for _, l := range languages {
		if strings.EqualFold(l.Tag(), chosen) {
			return l
		}
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return languages[0]
	}
	// The tag that the matcher returns carries the reader's extensions; only its index is ours.
	_, index, _ := matcher.Match(wanted...)
	return languages[index]
}

// Tag is the language's BCP 47 tag, for the lang attribute.
func (l *Language) Tag() string { return l.tag.String() }

// Name is what the language calls itself: English, 日本語, العربية, Français.
func (l *Language) Name() string { return l.Say("language.name") }

// Dir is the writing direction, "ltr" or "rtl", for the dir attribute.
func (l *Language) Dir() string { return l.Say("language.direction") }

// Has tells whether there is a sentence with this key.
func (l *Language) Has(key string) bool {
	_, ok := l.sentences[key]
	return ok
}

// Say speaks the sentence with this key. The args are pairs of a placeholder's name and its value:
// Say("line.waiting", "n", 3). Numbers are whole; durations are milliseconds or a time.Duration.
//
// A key or a value that is missing is our mistake: a test panics, while a running session shows
// ⟦key⟧ or the bare {placeholder} and goes on. Values no placeholder asks for are ignored, since one
// reason's numbers serve several sentences.
func (l *Language) Say(key string, args ...any) string {
	s, ok := l.sentences[key]
	if !ok {
		mistake("words: no sentence %q in %s", key, l.tag)
		return "⟦" + key + "⟧"
	}
	given := values(args)
	var b strings.Builder
	for _, p := range s.choose(l.tag, given["n"]) {
		b.WriteString(l.speak(key, p, given))
	}
	return b.String()
}

// speak turns one part of a sentence into text.
func (l *Language) speak(key string, p part, given map[string]any) string {
	if p.name == "" {
		return p.text
	}
	value, ok := given[p.name]
	if !ok {
		mistake("words: %q was not given {%s}", key, p.name)
		return p.String()
	}
	text, ok := l.format(p.format, value)
	if !ok {
		mistake("words: %q cannot say %T as %s", key, value, p)
		return p.String()
	}
	return text
}

// choose picks the wording for n.
func (s sentence) choose(tag language.Tag, n any) pattern {
	if s.rules != nil {
		count, _ := whole(n)
		if parts, ok := s.in(formOf(s.rules, tag, count)); ok {
			return parts
		}
		// A form for millions, which no session counts.
	}
	parts, _ := s.in(plural.Other)
	return parts
}

func formOf(rules *plural.Rules, tag language.Tag, n int64) plural.Form {
	if n < 0 {
		n = -n
	}
	return rules.MatchPlural(tag, int(n%10_000_000), 0, 0, 0, 0)
}

func values(args []any) map[string]any {
	given := make(map[string]any, len(args)/2)
	if len(args)%2 != 0 {
		mistake("words: a value without a name or a name without a value in %v", args)
		args = args[:len(args)-1]
	}
	for i := 0; i < len(args); i += 2 {
		name, ok := args[i].(string)
		if !ok {
			mistake("words: %v is not the name of a placeholder", args[i])
			continue
		}
		given[name] = args[i+1]
	}
	return given
}

// mistake stops a test, and only a test: a session does not end because a sentence is missing.
func mistake(format string, args ...any) {
	if testing.Testing() {
		panic(fmt.Sprintf(format, args...))
	}
}

func newMatcher(all []*Language) language.Matcher {
	tags := make([]language.Tag, len(all))
	for i, l := range all {
		tags[i] = l.tag
	}
	return language.NewMatcher(tags)
}
