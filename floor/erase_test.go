package floor

import (
	"errors"
	"testing"
)

// Ana takes her words back while she waits with a voice and a card. Her asks end, her texts are gone, the others stay.
func TestErase(t *testing.T) {
	b := newBook(t)
	b.must(chair, &Plan{Title: "A story", Segments: []SegmentPlan{{Kind: "discussion", Minutes: 40}}})
	b.must(chair, &Open{})
	for _, p := range []ID{"ana", "ben"} {
		b.must(self(p), &Join{Side: Online, Description: Description{Name: new("name of " + string(p)), Preset: "group"}})
		b.must(self(p), &Ask{AskFields: AskFields{About: "about " + string(p)}})
		b.must(self(p), &Write{Text: "card of " + string(p)})
	}
	for _, by := range []Actor{self("ben"), {Person: "x", Roles: Chair}, {Person: "y", Roles: Speaker}} {
		if _, err := b.do(by, &Erase{Person: "ana"}); !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%s may erase ana: %v", by.Roles, err)
		}
	}
	before := len(b.entries)
	b.must(self("ana"), &Erase{})
	if p := b.s.Person("ana"); p.Name != "" || p.Consent != (Consent{}) || !p.Closed {
		t.Errorf("of ana is left: %+v", p)
	}
	for i := range b.s.Tickets {
		k := &b.s.Tickets[i]
		if k.Person == "ana" && (k.Live() || k.About != "" || k.Text != "") {
			t.Errorf("of ana's ask is left: %+v", k)
		}
		if k.Person == "ben" && (!k.Live() || b.words(k.About)+b.words(k.Text) == "") {
			t.Errorf("ben lost his ask: %+v", k)
		}
	}
	if n := len(b.s.Line); n != 1 {
		t.Errorf("%d wait, not ben alone", n)
	}
	if b.s.Frictions > 0 {
		t.Error("an entry found nothing to change")
	}
	hers := 0
	for _, e := range b.entries[:before] {
		for _, id := range b.s.Whose(e) {
			if id == "ana" {
				hers++
			}
		}
	}
	if hers != 3 {
		t.Errorf("%d entries hold words of ana, not 3", hers)
	}
	b.must(chair, &Adjourn{})
	b.must(Actor{Person: "org", Roles: Organiser}, &Erase{Person: "ben"})
	if b.s.Person("ben").Name != "" {
		t.Error("ben is still named after the end")
	}
	b.must(self("ana"), &Describe{Description: Description{Name: new("another name"), Preset: "name"}})
	if b.words(b.s.Person("ana").Name) != "another name" {
		t.Error("what ana says afterwards does not count")
	}
}
