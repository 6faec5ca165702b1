package floor

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
)

// golden compares with a file of testdata, or writes it under -rewrite.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if f := flag.Lookup("rewrite"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("%s differs (%v); it should say:\n%s", file, err, got)
	}
}

// TestRoles lists for every command which role may give it, and that Decide holds to the list.
func TestRoles(t *testing.T) {
	b := newBook(t)
	var out strings.Builder
	fmt.Fprintf(&out, "%-12s", "")
	for _, r := range roleNames {
		fmt.Fprintf(&out, " %.4s", r+"    ")
	}
	out.WriteString("\n")
	for _, name := range Commands() {
		fmt.Fprintf(&out, "%-12s", name)
		for i := range roleNames {
			role := Roles(1) << i
			c, ok := NewCommand(name)
			if !ok || CommandName(c) != name {
				t.Fatalf("%s is not its own name", name)
			}
			may := May(name).Has(role)
			mark := "   . "
			if may {
				mark = " yes "
			}
			out.WriteString(mark)
			if _, err := Decide(b.s, b.moment(), Actor{Person: "x", Roles: role}, c); !may && !errors.Is(err, ErrNotAllowed) {
				t.Errorf("%s may not give %s, and Decide says %v", roleNames[i], name, err)
			}
		}
		out.WriteString("\n")
	}
	golden(t, "testdata/roles.golden", strings.ReplaceAll(out.String(), " \n", "\n"))
	if May("dance") != 0 {
		t.Error("somebody may dance")
	}
	for i, name := range roleNames {
		var r Roles
		if err := r.UnmarshalText([]byte(name)); err != nil || r != 1<<i {
			t.Errorf("%s reads as %v, %v", name, r, err)
		}
	}
}

// fillCommand fills a command with references and words of which most are allowed.
func fillCommand(r *rand.Rand, c Command, refs []ID) {
	fillAny(r, reflect.ValueOf(c).Elem(), refs)
	v := reflect.ValueOf(c).Elem()
	for name, words := range map[string][]string{"Kind": {"question", "reply", "order", "note"}, "Class": {"other"}, "Text": {"words"}, "About": {"words"}, "Name": {"A name"}, "Whom": {"all"}, "Preset": {"name"}} {
		if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String {
			f.SetString(words[r.IntN(len(words))])
		}
	}
	for i := range v.NumField() { // half of what may be left out is left out
		if f := v.Field(i); f.CanSet() && v.Type().Field(i).Name != "Kind" && (f.Type() != reflect.TypeFor[ID]() && r.IntN(2) == 0 || r.IntN(4) == 0) {
			f.SetZero()
		}
	}
}

// TestNobodyActsForAnother gives every command, with every reference to another person's things, under the passes
// of a participant, a speaker and a hub. Whatever is taken, the other's person, asks, call and turn stay as they were.
func TestNobodyActsForAnother(t *testing.T) {
	states, refs := halls(t)
	r := rand.New(rand.NewPCG(3, 4))
	tries, taken := 0, 0
	for state, hall := range states {
		if state == "nothing" {
			continue
		}
		for _, p := range []ID{"eve", "hub"} {
			if hall.s.Adjourned < 0 {
				hall.must(Actor{Person: p, Roles: map[ID]Roles{"eve": Participant, "hub": Hub}[p]}, &Join{Side: Online})
			}
		}
		for _, by := range []Actor{{"eve", Participant}, {"eve", Participant | Speaker}, {"hub", Hub}, {"", Participant}} {
			for _, name := range Commands() {
				if name == "create" {
					continue
				}
				for range 150 {
					c, _ := NewCommand(name)
					fillCommand(r, c, append(refs, "eve", "hub", by.Person))
					tries++
					evs, err := Decide(hall.s, hall.moment(), by, c)
					if err != nil {
						continue
					}
					taken++
					s := hall.moment().onto(hall.s, evs)
					if was, is := others(hall.s, name), others(s, name); was != is {
						t.Fatalf("%s: %s as %s of %q %+v changed another's things\n%s\n%s", state, name, by.Roles, by.Person, c, was, is)
					}
				}
			}
		}
	}
	t.Logf("%d tries, %d taken", tries, taken)
}

// onto applies events to a copy.
func (m Moment) onto(s *State, evs []Event) *State { return s.after(m, evs) }

// others tells everything that belongs to ana, ben and sita. Anybody may say that a point was made, and a speaker may
// answer in writing; a card that is answered has ended.
func others(s *State, command string) string {
	if command == "answer" {
		return ""
	}
	var out []any
	for i := range s.People {
		if p := s.People[i]; p.ID != "eve" && p.ID != "hub" && p.Hub != "hub" && p.Origin != "hand" {
			out = append(out, p)
		}
	}
	for i := range s.Tickets {
		if k := s.Tickets[i]; k.Person == "ana" || k.Person == "ben" || k.Person == "sita" {
			k.Backers = nil
			out = append(out, k)
		}
	}
	out = append(out, s.Calls, s.Calling, s.Turns, s.Speaking, s.Notes, s.Segments, s.Rule)
	b, err := json.Marshal(out)
	if err != nil {
		panic(err)
	}
	return string(b)
}
