package record

import (
	"fmt"
	"strings"

	"openmic/floor"
)

// consented are the fields about a person that stand in a public record when the person consented to that field in the
// report. No other field about a person ever does.
var consented = map[string]floor.Fields{"name": floor.Name, "group": floor.Group, "org": floor.Org, "country": floor.Country, "region": floor.Region}

// A shelf decides which words stand in a record, by the State at its end: the consents in effect then, and only the
// newest words of each field.
type shelf struct {
	state *floor.State
	kind  string
}

func newShelf(state *floor.State, kind string) *shelf { return &shelf{state, kind} }

// gone: the words of this entry were erased.
func (s *shelf) gone(e *floor.Entry) bool { return s.state.Gone(e) }

// holds says whether the words of a field of an entry belong into the record.
func (s *shelf) holds(e *floor.Entry, field string) bool {
	if s.gone(e) {
		return false
	}
	return s.kind == Archive || s.public(e, field)
}

func (s *shelf) public(e *floor.Entry, field string) bool {
	here := floor.Text(string(e.ID()) + "/" + field)
	switch ev := e.Event.(type) {
	case *floor.Planned:
		return field != "fact.video"
	case *floor.Joined:
		return s.told(ev.Person, field, here)
	case *floor.Described:
		return s.told(ev.Person, field, here)
	case *floor.Asked:
		return s.heard(ev.Ticket, here)
	case *floor.Edited:
		return s.heard(ev.Ticket, here)
	case *floor.Swapped:
		return s.heard(ev.Ticket, here)
	case *floor.Answered:
		t := s.state.Ticket(ev.Ticket)
		return field == "text" && t != nil && open(t)
	case *floor.Confirmed:
		t := s.state.Turn(ev.Turn)
		return t != nil && t.Line == here
	case *floor.Jotted:
		if field != "text" && field != "due" {
			return false
		}
		for i := range s.state.Notes {
			if n := &s.state.Notes[i]; n.ID == ev.Note {
				return !n.Struck && (n.Text == here || n.Due == here)
			}
		}
	}
	return false
}

// told: the person consented to this field in the report, and these are their newest words. Of somebody whom the crew
// entered, the moderator has ticked "agreed".
func (s *shelf) told(id floor.ID, field string, here floor.Text) bool {
	p := s.state.Person(id)
	if p == nil || !p.Consent.Report.Has(consented[field]) || (p.Origin == "walkup" || p.Origin == "hand") && p.Hub == "" && !p.Agreed {
		return false
	}
	return here == map[string]floor.Text{"name": p.Name, "group": p.Group, "org": p.Org, "country": p.Country, "region": p.Region}[field]
}

// heard: the ask was heard or may be, and these are its newest words.
func (s *shelf) heard(id floor.ID, here floor.Text) bool {
	t := s.state.Ticket(id)
	return t != nil && open(t) && (here == t.Text || here == t.About || here == t.Link || here == t.Lang)
}

// open: what the ask says was for everybody's ears: a card that the desk approved and nobody took back, or a voice that
// had the floor.
func open(t *floor.Ticket) bool {
	if t.Hidden || t.Held || t.End == floor.ByWithdrawing {
		return false
	}
	if t.Form == floor.Card {
		return t.Approved
	}
	return t.Turn != ""
}

// checkWords checks the addenda of a journal against its entries: in order, at home, with the right digest.
func checkWords(name string, rows [][]byte, entries []*floor.Entry) ([]floor.Addendum, *Fault) {
	out := make([]floor.Addendum, 0, len(rows))
	var last word
	for i, row := range rows {
		at := place(name, i+1)
		var w word
		if err := decode(row, &w); err != nil {
			return nil, broken(at, "it is not in its one form (%v)", plain(err))
		}
		if i > 0 && (w.N < last.N || w.N == last.N && w.Field <= last.Field) {
			return nil, broken(at, "it does not follow the line before in order of entry and field")
		}
		if w.N < 1 || w.N > int64(len(entries)) {
			return nil, broken(at, "there is no entry %d", w.N)
		}
		digest, ok := entries[w.N-1].Said[w.Field]
		if !ok {
			return nil, broken(at, "entry %d knows no words %.40q", w.N, w.Field)
		}
		nonce, err := nonceOf(w.Nonce)
		if err != nil {
			return nil, broken(at, "the nonce is not one")
		}
		a := floor.Addendum{N: w.N, Field: w.Field, Nonce: nonce, Text: w.Text}
		if a.Digest() != digest {
			return nil, broken(at, "these are not the words that entry %d was written with", w.N)
		}
		out = append(out, a)
		last = w
	}
	return out, nil
}

// misplaced finds words that the record's own kind does not allow.
func (s *shelf) misplaced(name string, addenda []floor.Addendum, entries []*floor.Entry) *Fault {
	for i, a := range addenda {
		e := entries[a.N-1]
		if s.gone(e) {
			return broken(place(name, i+1), "these words were erased later, and are here")
		}
		if !s.holds(e, a.Field) {
			return broken(place(name, i+1), "%s of a %s entry must not stand in a %s record", strings.ToValidUTF8(fmt.Sprintf("%.40q", a.Field), ""), floor.Kind(e.Event), s.kind)
		}
	}
	return nil
}
