package floor

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/quick"
)

// anEntry is one that a journal could hold.
func anEntry(t *testing.T, r *rand.Rand, refs []ID) *Entry {
	all := Kinds()
	e := &Entry{Journal: "story/hub-t", N: r.Int64N(100) + 1, Stamp: Stamp{r.Int64N(1 << 40), r.Int64N(9), "t"}, Wall: began, Command: "c1", More: r.IntN(2) == 0, By: "ana",
		Event: anyEvent(t, r, all[r.IntN(len(all))], refs), Prev: HashBytes([]byte("before"))}
	if r.IntN(2) == 0 {
		e.View = []Seen{{"story/venue-u", 7}}
	}
	if r.IntN(2) == 0 {
		e.Said = map[string]string{"text": HashBytes([]byte("words"))}
	}
	e.Command = []string{"c1", "zwölf", "会議\U0001f3a4", "\x7f\x00\"\\\u2028", "\xff<&>"}[r.IntN(5)] // a client chose it
	return e
}

// TestEntryRoundTrip: bytes mean an entry, and the entry has these bytes.
func TestEntryRoundTrip(t *testing.T) {
	_, refs := halls(t)
	r := rand.New(rand.NewPCG(10, 11))
	for range 5000 {
		b := anEntry(t, r, refs).Bytes()
		e, err := ParseEntry(b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if got := e.Bytes(); !bytes.Equal(got, b) {
			t.Fatalf("%s\nreads and writes as\n%s", b, got)
		}
		for i, c := range b {
			if c < ' ' || c > '~' {
				t.Fatalf("byte %d of %s is %#x", i, b, c)
			}
		}
	}
}

// TestEntryIsCanonical: other bytes that mean the same are refused, so that one entry has one hash.
func TestEntryIsCanonical(t *testing.T) {
	e := &Entry{Journal: "story/hub-t", N: 3, Stamp: Stamp{1000, 1, "t"}, Wall: began, Command: "c1", By: "ana", Event: &CalledOut{Call: "t3", Ticket: "t1", Person: "ana"}, Said: map[string]string{"note": HashBytes(nil)}, Prev: "p"}
	b := string(e.Bytes())
	golden(t, "testdata/entry.golden", b+"\n")
	for what, other := range map[string]string{
		"a blank":                 strings.Replace(b, `"n":3`, `"n": 3`, 1),
		"a line feed":             b + "\n",
		"something behind":        b + "{}",
		"another order":           strings.Replace(strings.Replace(b, `"n":3,`, "", 1), `"v":1,`, `"v":1,"n":3,`, 1),
		"twice":                   strings.Replace(b, `"n":3`, `"n":2,"n":3`, 1),
		"an unknown field":        strings.Replace(b, `"n":3`, `"n":3,"x":1`, 1),
		"an unknown field inside": strings.Replace(b, `"call":"t3"`, `"call":"t3","x":1`, 1),
		"another case":            strings.Replace(b, `"call":"t3"`, `"Call":"t3"`, 1),
		"an escape":               strings.Replace(b, `"ana"`, `"\u0061na"`, 1),
		"a null":                  strings.Replace(b, `"view":[]`, `"view":null`, 1),
		"a zero that is left out": strings.Replace(b, `"person":"ana",`, `"person":"ana","tour":false,`, 1),
		"an exponent":             strings.Replace(b, `"at":1000`, `"at":1e3`, 1),
		"letters beyond ASCII":    strings.Replace(b, `"ana"`, `"änä"`, 1),
		"words for a digest":      strings.Replace(b, HashBytes(nil), "Ana asked about schools", 1),
		"another version":         strings.Replace(b, `"v":1`, `"v":2`, 1),
		"an unknown kind":         strings.Replace(b, `"kind":"called"`, `"kind":"danced"`, 1),
		"a third side":            strings.Replace(b, `"side":"room"`, `"side":"moon"`, 1),
		"nothing":                 "",
		"half":                    b[:len(b)/2],
	} {
		if other == b {
			t.Errorf("%s changed nothing", what)
		}
		if _, err := ParseEntry([]byte(other)); err == nil {
			t.Errorf("%s was read", what)
		} else if (what == "a blank" || what == "another order") && !errors.Is(err, ErrNotCanonical) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestSeal: a digest holds words to their entry and field, and says nothing of them without the nonce.
func TestSeal(t *testing.T) {
	nonce := 0
	fresh := func() []byte { nonce++; return bytes.Repeat([]byte{byte(nonce)}, 16) }
	seal := func(said Said) (map[string]string, []Addendum) {
		e := &Entry{Journal: "story/hub-t", N: 1, Event: &Edited{spoken: spoken{said}, Ticket: "t1"}}
		a := Seal(e, fresh)
		return e.Said, a
	}
	one, words := seal(Said{"text": "the same", "about": "the same"})
	two, _ := seal(Said{"text": "the same", "about": "the same"})
	if len(words) != 2 || words[0].Field != "about" || len(words[0].Nonce) != 16 {
		t.Errorf("addenda are %+v", words)
	}
	if one["text"] == two["text"] || one["text"] == one["about"] {
		t.Error("equal words have equal digests: they can be guessed")
	}
	for i := range words {
		if words[i].Digest() != one[words[i].Field] {
			t.Errorf("the words of %s do not match their digest", words[i].Field)
		}
		words[i].Text += "."
		if words[i].Digest() == one[words[i].Field] {
			t.Errorf("other words match the digest of %s", words[i].Field)
		}
	}
	if said, a := seal(nil); len(said) != 0 || a != nil {
		t.Error("no words have addenda")
	}
	if err := quick.Check(func(n1, n2 [16]byte, f1, t1, f2, t2 string) bool {
		a, b := Addendum{Nonce: n1[:], Field: f1, Text: t1}, Addendum{Nonce: n2[:], Field: f2, Text: t2}
		return (a.Digest() == b.Digest()) == (n1 == n2 && f1 == f2 && t1 == t2)
	}, nil); err != nil {
		t.Error(err)
	}
}

// FuzzParseEntry: what is read is written again as the same bytes, and can be applied.
func FuzzParseEntry(f *testing.F) {
	r := rand.New(rand.NewPCG(12, 13))
	refs := []ID{"", "ana", "t1", "t2"}
	for range 60 {
		f.Add(anEntry(&testing.T{}, r, refs).Bytes())
	}
	f.Add([]byte(`{"v":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseEntry(b)
		if err != nil {
			return
		}
		if got := e.Bytes(); !bytes.Equal(got, b) {
			t.Fatalf("%s\nreads and writes as\n%s", b, got)
		}
		s := New()
		s.Apply(e)
		if err := sane(s); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
	})
}
