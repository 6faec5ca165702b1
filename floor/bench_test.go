package floor

import (
	"fmt"
	"testing"
)

// crowd is a session in which so many people wait, after a few turns.
func crowd(b testing.TB, n int) *book {
	k := newBook(b)
	k.must(chair, &Open{})
	for i := range n {
		p := ID(fmt.Sprint("p", i))
		k.must(self(p), &Join{Side: Side(i % 3 % 2)})
		k.must(self(p), &Ask{})
	}
	for range 5 {
		k.must(chair, &Call{})
		k.must(chair, &Start{})
		k.at += 60_000
		k.must(chair, &End{})
	}
	return k
}

func BenchmarkPlaces300(b *testing.B) {
	k := crowd(b, 300)
	for b.Loop() {
		k.s.Places(k.at, nil)
	}
}

func BenchmarkNext300(b *testing.B) {
	k := crowd(b, 300)
	for b.Loop() {
		k.s.Next(k.at, nil)
	}
}

func BenchmarkDecideCall300(b *testing.B) {
	k := crowd(b, 300)
	k.must(chair, &Call{})
	k.must(chair, &Start{})
	k.at += 60_000
	for b.Loop() {
		if _, err := Decide(k.s, k.moment(), chair, &Call{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkClone300(b *testing.B) {
	k := crowd(b, 300)
	for b.Loop() {
		k.s.Clone()
	}
}

func BenchmarkApply300(b *testing.B) {
	k := crowd(b, 300)
	s := k.s.Clone()
	e := &Entry{Journal: "story/site-t", Stamp: Stamp{At: k.at, Site: "t"}, Event: &Present{Person: "p200", Away: true}}
	for b.Loop() {
		s.Apply(e)
	}
}
