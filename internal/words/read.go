package words

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// sentence is what a language says under one key.
type sentence struct {
	section string
	rules   *plural.Rules // nil: one wording, kept as plural.Other
	forms   []wording     // at most six, and one for nearly every sentence
}

// wording is a sentence in one of its forms.
type wording struct {
	form  plural.Form
	parts pattern
}

// in is the wording of a form.
func (s sentence) in(form plural.Form) (pattern, bool) {
	for _, w := range s.forms {
		if w.form == form {
			return w.parts, true
		}
	}
	return nil, false
}

// pattern is one wording cut into plain text and placeholders.
type pattern []part

// part is plain text, or a placeholder with its name and its format ("" for as given).
type part struct {
	text, name, format string
}

func (p part) String() string {
	switch {
	case p.name == "":
		return p.text
	case p.format == "":
		return "{" + p.name + "}"
	}
	return "{" + p.name + ":" + p.format + "}"
}

var (
	keyShape         = regexp.MustCompile(`^([a-z0-9]+(?:[.-][a-z0-9]+)*)(?:\[(ordinal )?([a-z]+)\])?$`)
	placeholderShape = regexp.MustCompile(`^([a-z][a-z0-9]*)(?::([a-z]+))?$`)

	formNames = map[string]plural.Form{
		"zero": plural.Zero, "one": plural.One, "two": plural.Two,
		"few": plural.Few, "many": plural.Many, "other": plural.Other,
	}
	formats = []string{"", "ordinal", "clock", "minutes", "seconds"}
)

// French sets a blank before these signs, at which a line must not break. Translators type a plain one.
var frenchBlanks = strings.NewReplacer(
	" :", "\u00a0:", " ;", "\u202f;", " ?", "\u202f?", " !", "\u202f!", "« ", "«\u00a0", " »", "\u00a0»")

// mustReadAll reads the files that were built in. A file that cannot be read cannot leave the house:
// the tests read it the same way.
func mustReadAll() []*Language {
	names, err := fs.Glob(files, "*.txt")
	if err != nil {
		panic(err)
	}
	var all []*Language
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err)
		}
		l, err := read(name, string(text))
		if err != nil {
			panic(err)
		}
		if l.Tag() == reference {
			all = slices.Insert(all, 0, l)
		} else {
			all = append(all, l)
		}
	}
	return all
}

// read reads one language. An error names the file and the line.
func read(name, text string) (*Language, error) {
	tag, err := language.Parse(strings.TrimSuffix(name, ".txt"))
	if err != nil {
		return nil, fmt.Errorf("%s: the file's name is not a language tag: %w", name, err)
	}
	l := &Language{tag: tag, sentences: make(map[string]sentence)}
	section := ""
	lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	for i := 0; i < len(lines); i++ {
		at := i + 1
		line := strings.TrimSpace(lines[i])
		switch {
		case line == "", strings.HasPrefix(line, "//"):
			continue
		case strings.HasPrefix(line, "#"):
			section = strings.TrimSpace(strings.TrimPrefix(line, "#"))
			continue
		}
		for strings.HasSuffix(line, `\`) {
			i++
			if i == len(lines) {
				return nil, fmt.Errorf(`%s:%d: nothing follows the last \`, name, i)
			}
			line = strings.TrimSuffix(line, `\`) + strings.TrimSpace(lines[i])
		}
		if err := l.add(section, line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, at, err)
		}
	}
	return l, nil
}

// add takes one "key = sentence" into the language.
func (l *Language) add(section, line string) error {
	left, right, ok := strings.Cut(line, "=")
	if !ok {
		return fmt.Errorf("neither a key with = nor a # section nor a // comment: %q", line)
	}
	shape := keyShape.FindStringSubmatch(strings.TrimSpace(left))
	if shape == nil {
		return fmt.Errorf("%q is not a key: small letters, digits, dots and hyphens, with a form in [ ] if it needs one", left)
	}
	key, form := shape[1], plural.Other
	var rules *plural.Rules
	if shape[3] != "" {
		if form, ok = formNames[shape[3]]; !ok {
			return fmt.Errorf("%s: no form is called %q", key, shape[3])
		}
		rules = plural.Cardinal
		if shape[2] != "" {
			rules = plural.Ordinal
		}
	}
	right = strings.TrimSpace(right)
	if base, _ := l.tag.Base(); base.String() == "fr" {
		right = frenchBlanks.Replace(right)
	}
	parts, err := cut(right)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	s, ok := l.sentences[key]
	if !ok {
		s = sentence{section: section, rules: rules}
	}
	if s.rules != rules {
		return fmt.Errorf("%s has wordings with and without a form", key)
	}
	if _, twice := s.in(form); twice {
		return fmt.Errorf("%s is there twice", key)
	}
	s.forms = append(s.forms, wording{form, parts})
	l.sentences[key] = s
	return nil
}

// cut cuts a wording at its placeholders.
func cut(wording string) (pattern, error) {
	if wording == "" {
		return nil, fmt.Errorf("nothing follows the =")
	}
	var parts pattern
	for wording != "" {
		text, rest, open := strings.Cut(wording, "{")
		if strings.Contains(text, "}") {
			return nil, fmt.Errorf("a } without its {")
		}
		if text != "" {
			parts = append(parts, part{text: text})
		}
		if !open {
			break
		}
		inside, after, closed := strings.Cut(rest, "}")
		shape := placeholderShape.FindStringSubmatch(inside)
		if !closed || shape == nil {
			return nil, fmt.Errorf("{%s is not a placeholder", inside)
		}
		if !slices.Contains(formats, shape[2]) {
			return nil, fmt.Errorf("{%s} asks for %q; there are %s", inside, shape[2], strings.Join(formats[1:], ", "))
		}
		parts = append(parts, part{name: shape[1], format: shape[2]})
		wording = after
	}
	return parts, nil
}
