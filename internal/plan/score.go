package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// tally counts the fields of one file or of one kind of field.
type tally struct{ fields, right, sure, wrong, wrongSure int }

func (t *tally) add(right, sure bool) {
	t.fields++
	switch {
	case right && sure:
		t.right++
		t.sure++
	case right:
		t.right++
	case sure:
		t.wrong++
		t.wrongSure++
	default:
		t.wrong++
	}
}

func (t tally) percent() float64 {
	if t.fields == 0 {
		return 100
	}
	return 100 * float64(t.right) / float64(t.fields)
}

// scoring compares proposals with what a person coded by hand.
type scoring struct {
	files  map[string]*tally
	fields map[string]*tally
	misses []string
}

// notFields are keys of a truth file that describe the file and not the proposal.
var notFields = map[string]bool{"id": true, "traps": true, "roles_certainty": true, "title_from_address": true}

// hasFields are the names that the key "has" of a truth file uses for the long texts.
var hasFields = map[string]string{"gain": "gain", "description": "description", "expected_outcomes": "outcomes", "hybrid_format": "hybrid"}

// Score imports every text in dir/proposals for which dir/proposals-truth holds the truth, and writes a table: fields
// (one scalar or one list element's scalar), how many are right, how many of those are sure, how many are wrong, and how
// many are wrong although marked sure. The name of the file is known to the importer, as it is to the command.
func Score(dir string, w io.Writer) error {
	s, err := scoreDir(dir)
	if err != nil {
		return err
	}
	return s.write(w)
}

func scoreDir(dir string) (*scoring, error) {
	return scoreDamaged(dir, func(text string) string { return text })
}

// scoreDamaged scores the texts after something was done to them.
func scoreDamaged(dir string, damage func(string) string) (*scoring, error) {
	truths, err := filepath.Glob(filepath.Join(dir, "proposals-truth", "*.truth.json"))
	if err != nil {
		return nil, fmt.Errorf("look for truth files: %w", err)
	}
	if len(truths) == 0 {
		return nil, fmt.Errorf("no truth files in %s", filepath.Join(dir, "proposals-truth"))
	}
	s := &scoring{files: map[string]*tally{}, fields: map[string]*tally{}}
	for _, path := range truths {
		id := strings.TrimSuffix(filepath.Base(path), ".truth.json")
		if err := s.file(id, path, filepath.Join(dir, "proposals", id+".txt"), damage); err != nil {
			return nil, fmt.Errorf("score %s: %w", id, err)
		}
	}
	return s, nil
}

func (s *scoring) file(id, truthPath, textPath string, damage func(string) string) error {
	raw, err := os.ReadFile(truthPath)
	if err != nil {
		return err
	}
	var truth map[string]any
	if err := json.Unmarshal(raw, &truth); err != nil {
		return err
	}
	text, err := os.ReadFile(textPath)
	if err != nil {
		return err
	}
	p, err := ImportNamed(filepath.Base(textPath), []byte(damage(string(text))))
	if err != nil {
		return err
	}
	out, err := json.Marshal(p)
	if err != nil {
		return err
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		return err
	}
	s.compare(id, p, truth, got)
	return nil
}

func (s *scoring) compare(id string, p *Proposal, truth, got map[string]any) {
	check := func(field, name string, want, have any) {
		right := fmt.Sprint(want) == fmt.Sprint(have)
		sure := p.Sure(field)
		for key, m := range map[string]map[string]*tally{id: s.files, name: s.fields} {
			if m[key] == nil {
				m[key] = &tally{}
			}
			m[key].add(right, sure)
		}
		if !right {
			state := "doubtful"
			if sure {
				state = "SURE"
			}
			s.misses = append(s.misses, fmt.Sprintf("%s %s (%s): want %v, have %v", id, field, state, show(want), show(have)))
		}
	}
	for _, key := range sortedKeys(truth) {
		want := truth[key]
		switch {
		case notFields[key]:
		case key == "has":
			has, _ := want.(map[string]any)
			for _, name := range sortedKeys(has) {
				check(hasFields[name], hasFields[name], has[name], got[hasFields[name]] != nil)
			}
		case key == "policy_questions_start":
			starts, _ := want.([]any)
			for i, start := range starts {
				have, _ := at(got["policy_questions"], i).(string)
				check(element("policy_questions", i), "policy_questions", start, have[:min(len(have), len(fmt.Sprint(start)))])
			}
		case strings.HasSuffix(key, "_count"):
			list := strings.TrimSuffix(key, "_count")
			have, _ := got[list].([]any)
			check(list, key, want, len(have))
		default:
			s.value(check, key, key, want, got[key])
		}
	}
}

// value compares a value of any depth; every scalar in it is one field.
func (s *scoring) value(check func(field, name string, want, have any), field, name string, want, have any) {
	switch want := want.(type) {
	case []any:
		haves, _ := have.([]any)
		if len(want) == 0 {
			check(field, name, 0, len(haves))
			return
		}
		for i := range want {
			s.value(check, element(field, i), name, want[i], at(have, i))
		}
		for i := len(want); i < len(haves); i++ { // what is too much is wrong
			check(element(field, i), name, nil, haves[i])
		}
	case map[string]any:
		object, _ := have.(map[string]any)
		for _, key := range sortedKeys(want) {
			if key == "derived" { // says how the truth was coded
				continue
			}
			s.value(check, field+"."+key, name+"."+key, want[key], object[key])
		}
	default:
		check(field, name, want, have)
	}
}

func at(list any, i int) any {
	if l, ok := list.([]any); ok && i < len(l) {
		return l[i]
	}
	return nil
}

func show(v any) string {
	if v == nil {
		return "nothing"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b[:min(len(b), 120)])
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// all sums up the files.
func (s *scoring) all() tally {
	var sum tally
	for _, t := range s.files {
		sum.fields += t.fields
		sum.right += t.right
		sum.sure += t.sure
		sum.wrong += t.wrong
		sum.wrongSure += t.wrongSure
	}
	return sum
}

func (s *scoring) write(w io.Writer) error {
	var errs []error
	out := func(format string, args ...any) {
		if _, err := fmt.Fprintf(w, format, args...); err != nil {
			errs = append(errs, err)
		}
	}
	for _, part := range []struct {
		title string
		rows  map[string]*tally
	}{{"file", s.files}, {"field", s.fields}} {
		out("%-34s %6s %6s %6s %6s %6s %10s\n", part.title, "fields", "right", "%", "sure", "wrong", "wrong+sure")
		for _, key := range sortedKeys(part.rows) {
			t := part.rows[key]
			out("%-34s %6d %6d %6.1f %6d %6d %10d\n", key, t.fields, t.right, t.percent(), t.sure, t.wrong, t.wrongSure)
		}
		out("\n")
	}
	sum := s.all()
	out("%-34s %6d %6d %6.1f %6d %6d %10d\n", "all", sum.fields, sum.right, sum.percent(), sum.sure, sum.wrong, sum.wrongSure)
	for _, miss := range s.misses {
		out("  %s\n", miss)
	}
	return errors.Join(errs...)
}
