// Package desk is the screen of the online moderator (seeds S16, S18, S19, S20): hands of the video tool enter the line
// like walk-ups, cards are approved, merged, asked back, answered and read out with the exact sentence to say, the silent
// are seen and encouraged, and the chat of the video tool becomes cards.
//
// What was pasted from the chat and is no card yet stays in memory, at most 2,000 lines, until the program stops: it
// belongs to people who did not write to us, so no disk ever sees it. Pasting the whole chat again is always safe. A
// card has the press id of its line, and the same words of the same name are not taken twice.
package desk

import (
	"embed"
	"net/url"
	"slices"
	"strings"

	"openmic/floor"
	"openmic/internal/chat"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/web/panels"
)

//go:embed *.html *.css
var files embed.FS

// Screen is the online moderator's.
var Screen = &hall.Screen{Name: "desk", Roles: floor.Desk | floor.Chair | floor.Organiser, Gap: page.CrewGap,
	Template: page.NewScreen("desk", panels.Files, files), Look: func(l *hall.Look) any { return look(l) }, Page: visit}

// view is all the template shows.
type view struct {
	page.Page
	Tabs   []panels.Tab
	Paper  panels.Paper
	Deck   panels.Deck
	Sites  panels.Sites
	Read   *aloud
	Admit  panels.Newcomers
	Names  []unseen
	Cards  cards
	Silent silent
	Line   panels.Line
	Time   panels.Time
	Turns  panels.Turns
	Talk   panels.Talk

	// Outside the region: what is half typed stays.
	Same  *same
	Known []string // names for the list of the hand's field
	Texts []paste
	Chat  chatBox
}

func look(l *hall.Look) view {
	return view{Page: l.Frame(), Paper: panels.PaperOf(l), Deck: panels.DeckOf(l), Sites: panels.SitesOf(l, floor.Desk), Read: aloudOf(l), Admit: panels.NewcomersOf(l), Names: unseenOf(l),
		Cards: cardsOf(l), Silent: silentOf(l), Line: panels.LineOf(l).First(floor.Online), Time: panels.TimeOf(l), Turns: panels.TurnsOf(l), Talk: panels.TalkOf(l)}
}

func visit(v *hall.Visit) (any, error) {
	d := look(v.Look)
	d.Page, d.Tabs = v.Frame(), panels.TabsOf(v)
	d.Known = known(v.Look)
	d.Same = sameOf(v)
	d.Texts = pastes(v.Look)
	d.Chat = shelfOf(v.Hall).box()
	return d, nil
}

// aloud is the card to read out, now or next.
type aloud struct {
	Now      bool // it is being read
	Sentence string
	Like     string // say the name like …
	Length   int64  // ms to read it
	Lang     string
}

func aloudOf(l *hall.Look) *aloud {
	var t *floor.Ticket
	now := false
	if l.Elsewhere() {
		return nil
	}
	if r := l.Current(); r != nil {
		t = l.Ticket(r.Ticket)
	} else if c := l.Call(); c != nil {
		t = l.Ticket(c.Ticket)
	}
	if t != nil && t.Form == floor.Card {
		now = true
	} else {
		c, _, ok := l.Then()
		if t = l.Ticket(c.Ticket); !ok || t == nil || t.Form != floor.Card {
			return nil
		}
	}
	a := &aloud{Now: now, Sentence: l.ReadOut(t), Lang: l.Text(t.Lang)}
	a.Length = page.Aloud(a.Sentence).Milliseconds()
	if p := l.Person(t.Person); p != nil && p.Consent.Aloud.Has(floor.Name) {
		a.Like = l.Text(p.Say)
	}
	return a
}

// unseen is somebody whose name would stand on the wall once the crew has seen it.
type unseen struct {
	Person floor.ID
	Who    string
}

func unseenOf(l *hall.Look) []unseen {
	if l.Settings.WallAll {
		return nil
	}
	var out []unseen
	for _, id := range l.Line {
		p := l.Person(l.Ticket(id).Person)
		if p == nil || p.Cleared || !p.Admitted || !p.Consent.Screen.Has(floor.Name) || l.Text(p.Name) == "" || len(out) == rows {
			continue
		}
		if !slices.ContainsFunc(out, func(u unseen) bool { return u.Person == p.ID }) {
			out = append(out, unseen{p.ID, l.Who(p.ID, hall.Screens)})
		}
	}
	return out
}

// rows is how many of anything a list shows.
const rows = 40

// known are the names that a hand's field offers.
func known(l *hall.Look) []string {
	var out []string
	for i := range l.State.People {
		p := &l.State.People[i]
		for _, t := range []floor.Text{p.Handle, p.Name} {
			if n := l.Text(t); n != "" && !p.Closed && len(out) < 200 && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return out
}

// same asks whether a hand belongs to somebody known.
type same struct {
	hand
	People []somebody
}

// somebody is known already.
type somebody struct {
	Person floor.ID
	Who    string
	Group  string
	Side   string
	Say    string
	Inline bool // they wait in the line
}

func sameOf(v *hall.Visit) *same {
	s := &same{hand: handsOf(v.Hall).of(v.Pass.ID, v.R.URL.Query().Get("hand"), v.Now)}
	if s.Name == "" {
		return nil
	}
	for _, p := range alike(v.Look, s.Name) {
		s.People = append(s.People, somebody{p.ID, v.Crew(p.ID), v.Group(p.ID), p.Side.String(), v.Lang.Say("side." + p.Side.String()), v.Live(p.ID) != nil})
	}
	return s
}

// alike are those whose name, or name in the video tool, is this one but for case and blanks.
func alike(l *hall.Look, name string) []*floor.Person {
	var out []*floor.Person
	name = plain(name)
	for i := range l.State.People {
		p := &l.State.People[i]
		if !p.Closed && name != "" && (plain(l.Text(p.Name)) == name || plain(l.Text(p.Handle)) == name) {
			out = append(out, p)
		}
	}
	return out
}

func plain(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// chatBox is what the page shows of the shelf.
type chatBox struct {
	Told  *told // what the last paste came to
	Rows  []chat.Line
	More  int
	Shelf int // how many lines are kept at most
}

// back is the desk's address with something asked.
func back(v *hall.Visit, q url.Values) string {
	at := v.Of(v.Pass.ID) + "desk"
	if len(q) > 0 {
		at += "?" + q.Encode()
	}
	return at
}
