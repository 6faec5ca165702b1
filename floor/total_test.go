package floor

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// halls are States in which events meet: nobody there, people waiting, somebody called, somebody speaking, the end.
func halls(t *testing.T) (map[string]*book, []ID) {
	out := map[string]*book{"nothing": {t: t, s: New(), tag: "t"}}
	for _, name := range []string{"waiting", "called", "speaking", "second card", "adjourned"} {
		b := newBook(t)
		b.must(chair, &Plan{Title: "A story", Questions: []string{"Who?", "How?"}, Segments: []SegmentPlan{{Kind: "panel", Minutes: 20}, {Kind: "discussion", Minutes: 40, Protected: true}}})
		b.must(chair, &Open{})
		for i, p := range []ID{"ana", "ben", "sita"} {
			b.must(self(p), &Join{Side: Side(i / 2)})
			b.must(self(p), &Ask{})
		}
		b.must(self("ben"), &Write{Text: "a card of ben"})
		b.must(self("sita"), &Write{Text: "a card of sita"})
		b.at += 1000
		b.must(chair, &Jot{Text: "a note"})
		switch name {
		case "called":
			b.must(chair, &Call{})
		case "speaking":
			b.must(chair, &Call{})
			b.must(chair, &Start{})
		case "second card":
			card := b.s.nextOf("ben").ID
			b.must(chair, &Approve{card})
			b.must(chair, &Override{Ticket: card, Class: "time"})
		case "adjourned":
			b.must(chair, &Adjourn{})
		}
		b.at += 1000
		out[name] = b
	}
	refs := []ID{"", "nobody", "ana", "ben", "sita", "s1", "s2"}
	for i := range 32 {
		refs = append(refs, ID(fmt.Sprint("t", i+1)))
	}
	return out, refs
}

// anyEvent fills an event of a kind with references that mean something and such that do not.
func anyEvent(t *testing.T, r *rand.Rand, kind string, refs []ID) Event {
	v := reflect.New(kinds[kind])
	fillAny(r, v.Elem(), refs)
	b, err := json.Marshal(v.Interface())
	if err != nil {
		t.Fatal(err)
	}
	ev, err := NewEvent(kind, b) // as it would come out of a journal
	if err != nil {
		t.Fatalf("%s %s: %v", kind, b, err)
	}
	return ev
}

func fillAny(r *rand.Rand, v reflect.Value, refs []ID) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[ID]() {
			v.SetString(string(refs[r.IntN(len(refs))]))
			return
		}
		words := append([]string{"", "nonsense", Voice, Card, BySpeaking}, TurnKinds...)
		v.SetString(words[r.IntN(len(words))])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt([]int64{-1 << 62, -1, 0, 1, 2, 150, 2500, 120_000, 1 << 62}[r.IntN(9)])
	case reflect.Uint8, reflect.Uint16:
		v.SetUint(uint64(r.IntN(2)))
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !(f.Type == reflect.TypeFor[Said]()) {
				fillAny(r, v.Field(i), refs)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			fillAny(r, v.Index(i), refs)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(4), 4))
		for i := range v.Len() {
			fillAny(r, v.Index(i), refs)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillAny(r, v.Elem(), refs)
	}
}

// TestApplyIsTotal applies every pair of kinds of event, and many triples, with plausible and nonsense references to
// several States. Nothing crashes, the line stays consistent, I6 holds.
func TestApplyIsTotal(t *testing.T) {
	states, refs := halls(t)
	r := rand.New(rand.NewPCG(1, 2))
	applied := 0
	for name, hall := range states {
		before := hall.s.Hash()
		defer func() {
			if hall.s.Hash() != before {
				t.Errorf("%s: what was applied to a clone changed the State", name)
			}
		}()
		apply := func(evs ...Event) {
			s := hall.s.Clone()
			defer func() {
				if p := recover(); p != nil {
					t.Fatalf("%s: %s: %v", name, tellAll(evs), p)
				}
			}()
			for i, ev := range evs {
				said := map[string]string{"name": "x", "text": "x", "about": "x"}
				s.Apply(&Entry{Journal: "story/site-t", N: hall.n + int64(i) + 1, Stamp: Stamp{hall.at + int64(i)*700, hall.count + int64(i) + 1, "t"}, By: "ana", Event: ev, Said: said})
				if err := sane(s); err != nil {
					t.Fatalf("%s: %s: %v", name, tellAll(evs), err)
				}
			}
			s.Next(s.At, nil)
			s.Standing(s.At)
			if applied++; applied%7 == 0 {
				s.Places(s.At, nil)
				s.Schedule(s.At)
				s.Hash()
			}
		}
		for _, a := range Kinds() {
			for _, b := range Kinds() {
				for range 4 {
					apply(anyEvent(t, r, a, refs), anyEvent(t, r, b, refs))
				}
			}
		}
		if testing.Short() {
			continue
		}
		all := Kinds()
		for range 5000 {
			apply(anyEvent(t, r, all[r.IntN(len(all))], refs), anyEvent(t, r, all[r.IntN(len(all))], refs), anyEvent(t, r, all[r.IntN(len(all))], refs))
		}
		// The kinds that move the line, again and again.
		moving := []string{"asked", "called", "started", "missed", "ended", "withdrew", "merged", "swapped", "deferred", "moved", "corrected", "present", "parked", "hid", "adjourned", "toured"}
		for range 5000 {
			var evs []Event
			for range 5 {
				evs = append(evs, anyEvent(t, r, moving[r.IntN(len(moving))], refs))
			}
			apply(evs...)
		}
	}
	t.Logf("%d kinds of event, %d sequences", len(Kinds()), applied)
}

func tellAll(evs []Event) string {
	out := ""
	for _, ev := range evs {
		b, _ := json.Marshal(ev)
		out += fmt.Sprintf("%s %s; ", Kind(ev), b)
	}
	return out
}
