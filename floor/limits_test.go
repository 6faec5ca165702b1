package floor

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// longTexts are the fields that may be longer than 4,000 letters: notes and what a plan says.
var longTexts = []string{"jot.Text", "plan.Questions", "plan.Materials"}

// TestLimits puts what no form sends into every field of every command: names of 4,000 letters, signs that are no
// letters, numbers without measure. The answer is a reason, never a crash, and the State stays as it was.
func TestLimits(t *testing.T) {
	states, refs := halls(t)
	r := rand.New(rand.NewPCG(5, 6))
	all := Actor{Person: "ana", Roles: Anybody | Site}
	for name, hall := range states {
		before := hall.s.Hash()
		for _, verb := range Commands() {
			for range 12 {
				c, _ := NewCommand(verb)
				fillCommand(r, c, refs)
				each(reflect.ValueOf(c).Elem(), "", func(path string, f reflect.Value) {
					was := reflect.New(f.Type()).Elem()
					was.Set(f)
					defer f.Set(was)
					switch f.Kind() {
					case reflect.String:
						for _, v := range []string{strings.Repeat("ü", 40_000), strings.Repeat("x", 4_000), "\xff\xfe", "a\x00b\x1bc\u202e"} {
							f.SetString(v)
							evs, err := Decide(hall.s, hall.moment(), all, c)
							answered(t, name+": "+verb+path, err)
							long := err == nil && len(v) >= 4000 && f.Type() != reflect.TypeFor[ID]() && (len(v) > 4000 || !slices.Contains(longTexts, verb+path))
							if long && holds(evs, v) {
								t.Errorf("%s: %s%s takes %d bytes", name, verb, path, len(v))
							}
							if holds(evs, "\x00") || holds(evs, "\x1b") || holds(evs, "\u202e") || holds(evs, "\xff") {
								t.Errorf("%s: %s%s keeps signs that are no letters", name, verb, path)
							}
						}
					case reflect.Int, reflect.Int64:
						for _, v := range []int64{math.MinInt64, math.MinInt64 / 2, -1, math.MaxInt32, math.MaxInt64 / 2, math.MaxInt64} {
							if f.Kind() == reflect.Int && int64(int(v)) != v {
								continue
							}
							f.SetInt(v)
							evs, err := Decide(hall.s, hall.moment(), all, c)
							answered(t, name+": "+verb+path, err)
							if err == nil {
								s := hall.moment().onto(hall.s, evs)
								if e := sane(s); e != nil {
									t.Errorf("%s: %s%s = %d: %v", name, verb, path, v, e)
								}
							}
						}
					}
				})
			}
		}
		if hall.s.Hash() != before {
			t.Errorf("%s: deciding changed the State", name)
		}
	}
	for _, c := range []struct {
		c     Command
		field string
		kind  string
	}{
		{&Describe{Description: Description{Name: new(strings.Repeat("x", 4000))}}, "name", "long"},
		{&Describe{Description: Description{Group: new("dancers")}}, "group", "choice"},
		{&Write{Text: strings.Repeat("x", LongCard+1)}, "text", "long"},
		{&Write{Text: " \n\x00 "}, "text", "empty"},
		{&Close{More: -1}, "more", "many"},
		{&TakeRound{N: 51}, "n", "many"},
		{&Enter{Mic: -1}, "mic", "many"},
		{&Enter{Count: 21}, "count", "many"},
		{&Override{Person: "ana", Class: "because"}, "class", "choice"},
		{&Grant{Person: "ana", Factor: 300}, "factor", "choice"},
		{&Change{L: new(int64(1))}, "L", "range"},
		{&Correct{Length: new(int64(-1))}, "length", "time"},
		{&Plan{Title: "x", Facts: map[string]string{"a secret of Ana": "x"}}, "facts", "letters"},
	} {
		hall := states["waiting"]
		if _, ok := c.c.(*Plan); ok {
			hall = states["nothing"]
		}
		var bad *BadInput
		if _, err := Decide(hall.s, hall.moment(), all, c.c); !errors.As(err, &bad) || bad.Field != c.field || bad.Kind != c.kind {
			t.Errorf("%+v: %v, not %s %s", c.c, err, c.field, c.kind)
		}
	}
}

// answered: an error is one of those that a screen can speak.
func answered(t *testing.T, what string, err error) {
	var r *Refusal
	var b *BadInput
	if err != nil && !errors.As(err, &r) && !errors.As(err, &b) && !errors.Is(err, ErrNotAllowed) {
		t.Errorf("%s: %v", what, err)
	}
}

// each visits every field of a command.
func each(v reflect.Value, path string, do func(path string, f reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Anonymous {
				each(v.Field(i), path, do)
			} else if f.IsExported() {
				each(v.Field(i), path+"."+f.Name, do)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			each(v.Elem(), path, do)
		}
	case reflect.Slice:
		for i := range v.Len() {
			each(v.Index(i), path, do)
		}
	default:
		do(path, v)
	}
}

// holds says whether the words or the body of any event hold a text.
func holds(evs []Event, text string) bool {
	for _, ev := range evs {
		if w, ok := ev.(interface{ words() Said }); ok {
			for k, v := range w.words() {
				if strings.Contains(v, text) || strings.Contains(k, text) {
					return true
				}
			}
		}
		if b, err := compact(ev); err != nil || strings.Contains(string(b), text) {
			return true
		}
	}
	return false
}

// TestNoWordsInEntries gives every command with words of its own in every free text, and finds them in no entry.
func TestNoWordsInEntries(t *testing.T) {
	states, refs := halls(t)
	r := rand.New(rand.NewPCG(8, 9))
	all := Actor{Person: "ana", Roles: Anybody}
	const secret = "Quetzalcoatl"
	seen := map[string]bool{}
	for _, hall := range states {
		for _, verb := range Commands() {
			if verb == "create" || verb == "resume" {
				continue
			}
			for range 60 {
				c, _ := NewCommand(verb)
				fillCommand(r, c, refs)
				each(reflect.ValueOf(c).Elem(), "", func(path string, f reflect.Value) {
					// A kind, a class or a key is a choice; a link is what the door made up.
					if f.Kind() == reflect.String && f.Type() != reflect.TypeFor[ID]() && !slices.Contains([]string{".Kind", ".Class", ".Whom", ".Preset", ".Group", ".Region", ".Due"}, path) && verb+path != "join.Link" {
						f.SetString(secret)
					}
				})
				if p, ok := c.(*Plan); ok {
					p.Segments = []SegmentPlan{{Kind: "panel", Title: secret, Minutes: 3}}
					p.Facts = map[string]string{"theme": secret}
				}
				evs, err := Decide(hall.s, hall.moment(), all, c)
				if err != nil {
					continue
				}
				for _, ev := range evs {
					e := &Entry{Journal: "story/site-t", N: 1, Event: ev}
					for _, a := range Seal(e, func() []byte { return []byte("0123456789abcdef") }) {
						seen[Kind(ev)] = seen[Kind(ev)] || a.Text == secret
						if a.Digest() != e.Said[a.Field] {
							t.Fatalf("%s.%s: the entry keeps another digest", Kind(ev), a.Field)
						}
					}
					if strings.Contains(string(e.Bytes()), secret) {
						t.Fatalf("%s %+v: its words stand in the entry %s", verb, c, e.Bytes())
					}
				}
			}
		}
	}
	if len(seen) < 10 {
		t.Errorf("only %v had words", seen)
	}
}
