package floor

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// half is one site of a session on two sites: it decides on what it has seen, and writes its own journal.
type half struct {
	t       testing.TB
	journal string
	fold    *Fold
	own     []*Entry
	got     int   // how many entries of the other one are here
	at      int64 // session time, ms
	n       int
}

func (h *half) do(by Actor, c Command) error { return h.press("", by, c) }

func (h *half) press(id string, by Actor, c Command) error {
	h.n++
	if id == "" {
		id = fmt.Sprintf("%s-%d", Tag(h.journal), h.n)
	}
	s := h.fold.State()
	last := h.fold.Last()
	at, count := max(h.at, last.At), int64(0)
	evs, err := Decide(s, Moment{At: at, Wall: began + at, Tag: Tag(h.journal), N: int64(len(h.own)) + 1}, by, c)
	if err != nil {
		return err
	}
	next := s.Clone()
	var es []*Entry
	for i, ev := range evs {
		if at == last.At {
			count = last.Count + 1
		}
		last = Stamp{at, count, Tag(h.journal)}
		e := &Entry{Journal: h.journal, N: int64(len(h.own)) + 1, Stamp: last, View: s.View(h.journal), Wall: began + at,
			Command: id, More: i < len(evs)-1, By: by.Person, Event: ev}
		Seal(e, func() []byte { return make([]byte, 16) })
		next.Apply(e)
		es, h.own = append(es, e), append(h.own, e)
	}
	h.fold.Extend(es, next)
	return nil
}

func (h *half) must(by Actor, c Command) {
	h.t.Helper()
	if err := h.do(by, c); err != nil {
		h.t.Fatalf("%s: %T: %v", h.journal, c, err)
	}
}

// two sites that hear each other: people have joined on both, ana and ben in the room, sita and tomo online.
type two struct {
	t          testing.TB
	hub, venue *half
}

// aKey looks like the key of a site.
const aKey = "openmic-story+01234567+AZHBVHUmMAOCyJbOYkYyAhVqCI9dd1N7XyWvhRzGWLWM"

func newTwo(t testing.TB) *two {
	w := &two{t, &half{t: t, journal: "story/hub-h", fold: NewFold()}, &half{t: t, journal: "story/venue-v", fold: NewFold()}}
	site := Actor{Roles: Site, Person: "h0"}
	w.hub.must(site, &Create{Session: "story"})
	w.hub.must(chair, &Plan{Title: "A story", Questions: []string{"Who?"}, Segments: []SegmentPlan{{Kind: "discussion", Minutes: 60}}})
	w.hub.must(chair, &Open{})
	for i, p := range []ID{"ana", "ben", "sita", "tomo"} {
		w.hub.must(self(p), &Join{Side: Side(i / 2), Description: Description{Preset: "group"}})
	}
	w.hub.must(site, &Link{Journal: w.venue.journal, Key: aKey})
	w.meet()
	return w
}

// carry takes everything one half wrote to the other.
func carry(from, to *half) {
	to.fold.Add(from.own[to.got:]...)
	to.got = len(from.own)
	to.at = max(to.at, from.at, to.fold.State().At)
}

func (w *two) meet() {
	w.t.Helper()
	carry(w.hub, w.venue)
	carry(w.venue, w.hub)
	if a, b := w.hub.fold.State(), w.venue.fold.State(); a.Hash() != b.Hash() {
		w.t.Fatal("I1: the two sites tell different stories")
	} else if err := sane(a); err != nil {
		w.t.Fatal(err)
	} else if again := NewFold(); true {
		again.Add(append(w.hub.own[:len(w.hub.own):len(w.hub.own)], w.venue.own...)...)
		if again.State().Hash() != a.Hash() {
			w.t.Fatal("F10: read again, the journals tell another story")
		}
	}
}

func (w *two) cut() {
	w.hub.must(Actor{Roles: Site, Person: "h0"}, &NoteCut{Far: w.venue.journal})
	w.venue.must(Actor{Roles: Site, Person: "v0"}, &NoteCut{Far: w.hub.journal})
}

func (w *two) heal() *State {
	w.t.Helper()
	w.meet()
	w.hub.must(Actor{Roles: Site, Person: "h0"}, &NoteHeal{Far: w.venue.journal})
	w.venue.must(Actor{Roles: Site, Person: "v0"}, &NoteHeal{Far: w.hub.journal})
	w.meet()
	if s := w.hub.fold.State(); s.Frictions > 0 || len(s.Conflicts) > 0 {
		w.t.Fatalf("%d events found nothing to change, %d were written without the gavel", s.Frictions, len(s.Conflicts))
	}
	return w.hub.fold.State()
}

func (w *two) later(ms int64) { w.hub.at, w.venue.at = w.hub.at+ms, w.venue.at+ms }

// TestMergeTable tells each line of the table: what one site writes, what the other writes at the same time, in both
// orders of their clocks, and what holds after the heal.
func TestMergeTable(t *testing.T) {
	ticketOf := func(s *State, p ID) *Ticket {
		for i := len(s.Tickets) - 1; i >= 0; i-- {
			if s.Tickets[i].Person == p {
				return &s.Tickets[i]
			}
		}
		return nil
	}
	type step func(h *half, s *State)
	must := func(by Actor, c Command) step { return func(h *half, _ *State) { h.must(by, c) } }
	speak := func(h *half, _ *State) {
		h.must(chair, &Call{})
		if h.fold.State().Call() != nil {
			h.must(chair, &Start{})
		}
		h.at += 40_000
		h.must(chair, &End{})
	}
	hide := func(show bool) step {
		return func(h *half, s *State) { h.must(chair, &Hide{Ticket: ticketOf(s, "ana").ID, Show: show}) }
	}
	for _, c := range []struct {
		name       string
		before     func(w *two)
		hub, venue step
		want       func(s *State) string // of both orders
	}{
		{"two asks of one person: one lives", nil, must(self("ana"), &Ask{}), must(self("ana"), &Ask{}), func(s *State) string {
			live := 0
			for i := range s.Tickets {
				if s.Tickets[i].Live() {
					live++
				} else if s.Tickets[i].End != ByMerging {
					return "the other is " + s.Tickets[i].End
				}
			}
			return fmt.Sprint(live, " lives")
		}},
		{"withdrawn while called and heard: the speech stands", func(w *two) { w.venue.must(self("ana"), &Ask{}) },
			func(h *half, s *State) { h.must(self("ana"), &Withdraw{ticketOf(s, "ana").ID}) }, speak,
			func(s *State) string { return ticketOf(s, "ana").End }},
		{"withdrawn while only called: withdrawn", func(w *two) { w.venue.must(self("ana"), &Ask{}) },
			func(h *half, s *State) { h.must(self("ana"), &Withdraw{ticketOf(s, "ana").ID}) }, must(chair, &Call{}),
			func(s *State) string { return fmt.Sprint(ticketOf(s, "ana").End, s.Calling) }},
		{"hidden and shown: hidden", func(w *two) { w.venue.must(self("ana"), &Ask{}); w.venue.must(chair, &Hide{Ticket: "v1"}) },
			func(h *half, s *State) { hide(true)(h, s); hide(false)(h, s) }, hide(true),
			func(s *State) string { return fmt.Sprint(ticketOf(s, "ana").Hidden) }},
		{"hidden at both, shown by who saw only one: hidden", func(w *two) { w.venue.must(self("ana"), &Ask{}) },
			func(h *half, s *State) { hide(false)(h, s); hide(true)(h, s) }, hide(false),
			func(s *State) string { return fmt.Sprint(ticketOf(s, "ana").Hidden) }},
		{"card merged and read: read, and also asked by", func(w *two) {
			w.hub.must(self("ben"), &Ask{})
			w.venue.must(self("ana"), &Write{Text: "a card"})
			w.venue.must(chair, &Approve{"v1"})
		}, func(h *half, s *State) { h.must(chair, &Merge{ticketOf(s, "ana").ID, ticketOf(s, "ben").ID}) },
			func(h *half, s *State) {
				h.must(chair, &Override{Ticket: ticketOf(s, "ana").ID, Class: "time"})
				h.at += 30_000
				h.must(chair, &End{})
			},
			func(s *State) string { return fmt.Sprint(ticketOf(s, "ana").End, " also ", ticketOf(s, "ben").Backers) }},
		{"line closed at the gavel while somebody asks: the ask is valid", nil, must(self("ana"), &Ask{}), must(chair, &Close{}),
			func(s *State) string { return fmt.Sprint(s.Closed, ticketOf(s, "ana").Live()) }},
		{"settings: the gavel's site wins", nil, must(chair, &Change{CardSeconds: ptr(int64(30))}), must(chair, &Change{CardSeconds: ptr(int64(60))}),
			func(s *State) string { return fmt.Sprint(s.Settings.CardSeconds) }},
		{"two consents: what both allow", nil, must(self("ana"), &Describe{Description: Description{Preset: "name"}}),
			must(self("ana"), &Describe{Description: Description{Preset: "none"}}),
			func(s *State) string {
				b, _ := s.Person("ana").Consent.Screen.MarshalText()
				return "[" + string(b) + "]"
			}},
		{"erased here, described there: gone", nil, must(self("ana"), &Erase{}), must(self("ana"), &Describe{Description: Description{Name: ptr("Ana")}}),
			func(s *State) string { return fmt.Sprint(s.Person("ana").Name) }},
		{"edited and approved: approved again first", func(w *two) { w.hub.must(self("sita"), &Write{Text: "old"}) },
			func(h *half, s *State) { h.must(self("sita"), &Edit{Ticket: ticketOf(s, "sita").ID, Text: ptr("new")}) },
			func(h *half, s *State) { h.must(chair, &Approve{ticketOf(s, "sita").ID}) },
			func(s *State) string { return fmt.Sprint(ticketOf(s, "sita").Approved) }},
		{"the same press at two sites: once", nil, func(h *half, _ *State) { _ = h.press("p", self("ana"), &Write{Text: "once"}) },
			func(h *half, _ *State) { _ = h.press("p", self("ana"), &Write{Text: "once"}) },
			func(s *State) string { return fmt.Sprint(len(s.Tickets), s.Repeats) }},
		{"the same press at two sites, withdrawn at one: withdrawn", nil, func(h *half, _ *State) { _ = h.press("p", self("ana"), &Write{Text: "once"}) },
			func(h *half, _ *State) {
				_ = h.press("p", self("ana"), &Write{Text: "once"})
				h.must(self("ana"), &Withdraw{ticketOf(h.fold.State(), "ana").ID})
			},
			func(s *State) string { return fmt.Sprint(len(s.Tickets), " ", ticketOf(s, "ana").End) }},
		{"pass revoked, its person acts: it stands, marked", nil, must(Actor{Roles: Site, Person: "h0"}, &Revoke{"ana"}), must(self("ana"), &Ask{}),
			func(s *State) string { return fmt.Sprint(ticketOf(s, "ana").Live(), len(s.Meanwhile)) }},
		{"main turn and side floor: both are facts", func(w *two) { w.venue.must(self("ana"), &Ask{}); w.hub.must(self("sita"), &Ask{}) },
			func(h *half, _ *State) {
				h.must(chair, &OpenSide{})
				h.must(chair, &GiveSide{"sita"})
				h.at += 60_000
			}, speak, func(s *State) string {
				out := ""
				for i := range s.Turns {
					out += fmt.Sprint(s.Turns[i].Kind, " ", s.Turns[i].Ended >= 0, ", ")
				}
				return out + fmt.Sprint("sita keeps her place: ", s.Live("sita") != nil)
			}},
	} {
		want := map[string]string{
			"two asks of one person: one lives":                              "1 lives",
			"withdrawn while called and heard: the speech stands":            "spoken",
			"withdrawn while only called: withdrawn":                         "withdrawnfalse",
			"hidden and shown: hidden":                                       "true",
			"hidden at both, shown by who saw only one: hidden":              "true",
			"card merged and read: read, and also asked by":                  "read also [ana]",
			"line closed at the gavel while somebody asks: the ask is valid": "true true",
			"settings: the gavel's site wins":                                "60",
			"two consents: what both allow":                                  "[]",
			"erased here, described there: gone":                             "",
			"edited and approved: approved again first":                      "false",
			"the same press at two sites: once":                              "1 1",
			"the same press at two sites, withdrawn at one: withdrawn":       "1 withdrawn",
			"pass revoked, its person acts: it stands, marked":               "true 1",
			"main turn and side floor: both are facts":                       "side true, line true, sita keeps her place: true",
		}[c.name]
		for _, hubFirst := range []bool{true, false} {
			w := newTwo(t)
			if c.before != nil {
				c.before(w)
				w.meet()
			}
			w.cut()
			w.later(1000)
			if hubFirst {
				w.venue.at += 500
			} else {
				w.hub.at += 500
			}
			c.hub(w.hub, w.hub.fold.State())
			c.venue(w.venue, w.venue.fold.State())
			if got := c.want(w.heal()); got != want && !(c.name[:4] == "main" && got == "line true, side true, sita keeps her place: true") {
				t.Errorf("%s (hub first %t): %s, want %s", c.name, hubFirst, got, want)
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

// TestHubCannotCallWithoutTheGavel: the gavel went to the venue; the hub takes it over only in a cut, as an override.
func TestHubCannotCallWithoutTheGavel(t *testing.T) {
	w := newTwo(t)
	w.venue.must(self("ana"), &Ask{})
	w.hub.must(self("sita"), &Ask{})
	w.meet()
	refused := func(err error, kind string) {
		t.Helper()
		if r, ok := err.(*Refusal); !ok || r.Kind != kind {
			t.Fatalf("%v, want the refusal %q", err, kind)
		}
	}
	refused(w.hub.do(chair, &Call{}), "gavel")
	refused(w.hub.do(chair, &TakeOver{Class: "access"}), "notcut")
	w.cut()
	w.later(1000)
	w.venue.must(chair, &Call{}) // ana: sita cannot be called in a cut
	w.venue.must(chair, &Start{})
	w.later(60_000)
	w.hub.must(chair, &TakeOver{Class: "access"})
	w.hub.must(chair, &Call{})
	w.hub.must(chair, &Start{})
	w.later(30_000)
	w.hub.must(chair, &End{})
	w.venue.must(chair, &End{})
	s := w.heal()
	if s.Turns[0].Kind != SideTurn || !s.Turns[0].Late || s.Turns[0].Ended < 0 || s.Turns[1].Kind != LineTurn || s.Turns[1].Person != "sita" {
		t.Errorf("ana's turn is %+v, sita's %+v", s.Turns[0], s.Turns[1])
	}
	if s.Live("ana") == nil || s.Gavel.Journal != w.hub.journal || s.Gavel.Epoch != 3 {
		t.Errorf("ana %v, gavel %+v", s.Live("ana"), s.Gavel)
	}
	refused(w.venue.do(chair, &Call{}), "gavel")
	w.hub.must(chair, &Pass{w.venue.journal})
	w.meet()
	w.venue.must(chair, &Call{})
}

// TestTwoSitesAtRandom lets both sites do what they like, cuts and heals them, and checks the invariants at each heal.
func TestTwoSitesAtRandom(t *testing.T) {
	seeds, heals := 300, 0
	if testing.Short() {
		seeds = 60
	}
	for seed := range uint64(seeds) {
		r := rand.New(rand.NewPCG(seed, 4))
		w := newTwo(t)
		people := []ID{"ana", "ben", "sita", "tomo"}
		severed := false
		for range 150 {
			h := []*half{w.hub, w.venue}[r.IntN(2)]
			h.at += r.Int64N(9000)
			s := h.fold.State()
			p := self(people[r.IntN(4)])
			var id ID
			if len(s.Tickets) > 0 {
				id = s.Tickets[r.IntN(len(s.Tickets))].ID
			}
			_ = h.do([]Actor{p, chair}[r.IntN(2)], []Command{&Ask{}, &Ask{}, &Write{Text: "x"}, &Withdraw{id}, &Call{}, &Call{}, &Start{}, &End{}, &Approve{id}, &Hide{Ticket: id},
				&Hide{Ticket: id, Show: true}, &Merge{id, "h20"}, &Defer{id}, &Park{id}, &Here{}, &Hold{Ticket: id}, &Move{Side: Side(r.IntN(2))}, &Override{Ticket: id, Class: "time"},
				&Instead{Ticket: id, Text: "read"}, &Unmuted{id}, &Erase{}, &Answer{id, "so"}, &Back{Ticket: id}, &Settle{id}, &OpenSide{}, &GiveSide{p.Person}, &EndSide{},
				&Give{Kind: Panel, Person: p.Person}, &Close{}, &Reopen{}, &TakeOver{Class: "other"}, &Forgive{Class: "time"}, &Pass{w.hub.journal}, &Pass{w.venue.journal},
				&Admit{}, &Describe{Description: Description{Preset: "none"}}}[r.IntN(36)])
			switch {
			case !severed && r.IntN(8) > 0:
				w.meet()
			case !severed:
				severed = true
				w.cut()
			case r.IntN(12) == 0:
				severed = false
				w.heal()
				heals++
			}
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
	}
	t.Logf("%d sessions, %d heals", seeds, heals)
}
