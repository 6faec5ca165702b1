package outcome

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"openmic/floor"
	"openmic/internal/words"
)

// A Form is what the organiser of a forum asks for after a session. forms/igf.txt explains its text.
type Form struct {
	Name   string
	Fields []Field
}

// A Field is one question of a form.
type Field struct {
	From    string // takeaway, action or report
	Most    int    // boxes
	Letters int    // limit of each; 0 for none
	Words   int    // limit of each; 0 for none
	Hours   int    // after the end of the session; 0 for no deadline
}

// Sources are what a field may be filled from.
var Sources = []string{"takeaway", "action", "report"}

//go:embed forms/igf.txt
var igf string

// IGF is the form used when a session brings none.
func IGF() Form {
	f, err := ReadForm(igf)
	if err != nil {
		panic(err) // it was built in, and a test reads it
	}
	return f
}

// FormOf is the form of a session: the text of its fact "form", else the IGF's. An error names the line of a text
// that cannot be read; the form is the IGF's then.
func FormOf(text string) (Form, error) {
	if strings.TrimSpace(text) == "" {
		return IGF(), nil
	}
	f, err := ReadForm(text)
	if err != nil {
		return IGF(), err
	}
	return f, nil
}

// ReadForm reads the text of a form. An error names the line.
func ReadForm(text string) (Form, error) {
	var f Form
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "", strings.HasPrefix(line, "//"):
			continue
		case strings.HasPrefix(line, "#"):
			from := strings.TrimSpace(line[1:])
			if !slices.Contains(Sources, from) {
				return f, fmt.Errorf("line %d: a field is filled from %s, not from %q", i+1, strings.Join(Sources, ", "), from)
			}
			f.Fields = append(f.Fields, Field{From: from, Most: 1})
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if key == "name" && len(f.Fields) == 0 {
			f.Name = value
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > 1_000_000 || len(f.Fields) == 0 {
			return f, fmt.Errorf("line %d: %q is neither a number of a field nor the form's name", i+1, line)
		}
		field := &f.Fields[len(f.Fields)-1]
		to := map[string]*int{"most": &field.Most, "letters": &field.Letters, "words": &field.Words, "hours": &field.Hours}[key]
		if to == nil {
			return f, fmt.Errorf("line %d: a field has most, letters, words and hours, not %q", i+1, key)
		}
		*to = n
	}
	if len(f.Fields) == 0 {
		return f, fmt.Errorf("the form has no field")
	}
	return f, nil
}

// Field finds the field that is filled from takeaway, action or report; zero when the form has none.
func (f Form) Field(from string) Field {
	for _, x := range f.Fields {
		if x.From == from {
			return x
		}
	}
	return Field{}
}

// Limit is the largest count of a box; 0 for none.
func (f Field) Limit() int { return max(f.Letters, f.Words) }

// Count counts a text as the field does: in words when its limit is one of words, else in letters.
func (f Field) Count(text string) int {
	if f.Words > 0 {
		return len(strings.Fields(text))
	}
	return utf8.RuneCountInString(text)
}

// Until is the deadline for a session that ended then; the zero time when the field has none or the session goes on.
func (f Field) Until(ended time.Time) time.Time {
	if f.Hours == 0 || ended.IsZero() {
		return time.Time{}
	}
	return ended.Add(time.Duration(f.Hours) * time.Hour)
}

// A Box is one input of the form, filled.
type Box struct {
	Field
	Number int // from 1
	Note   floor.ID
	Text   string
	Count  int
	Until  time.Time
}

// Over: the text is longer than the form takes.
func (b Box) Over() bool { return b.Limit() > 0 && b.Count > b.Limit() }

// Beyond: the form has no box for it.
func (b Box) Beyond() bool { return b.Number > b.Most }

// Boxes fills a form in a language. Every takeaway and call to action has a box, also those the form has no room for;
// boxes nobody wrote for are empty.
func (r *Report) Boxes(f Form, l *words.Language) []Box {
	var out []Box
	add := func(field Field, number int, note floor.ID, text string) {
		out = append(out, Box{field, number, note, text, field.Count(text), field.Until(r.Ended)})
	}
	for _, field := range f.Fields {
		switch field.From {
		case "report":
			add(field, 1, "", r.Plain(l))
			continue
		}
		list := r.Points
		if field.From == "action" {
			list = r.Actions
		}
		for i := range max(len(list), field.Most) {
			if i < len(list) {
				add(field, i+1, list[i].ID, list[i].asked(l))
			} else {
				add(field, i+1, "", "")
			}
		}
	}
	return out
}

// asked is a note with who shall do it until when, in one line.
func (n Note) asked(l *words.Language) string {
	switch {
	case n.Owner != "" && n.Due != "":
		return l.Say("outcome.action-owner-due", "text", n.Text, "who", n.Owner, "t", n.Due)
	case n.Owner != "":
		return l.Say("outcome.action-owner", "text", n.Text, "who", n.Owner)
	case n.Due != "":
		return l.Say("outcome.action-due", "text", n.Text, "t", n.Due)
	}
	return n.Text
}
