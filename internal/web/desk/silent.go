package desk

import (
	"slices"
	"strings"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

// silent is who has not been heard yet (seed S18).
type silent struct {
	page.Speaker
	Open    bool
	Since   int64    // minutes without an online voice, 0 when one was just heard
	Groups  []string // stakeholder groups that are here and have not spoken
	Regions []string
	Online  int        // people online who never asked
	Longest []waits    // who waits longest
	Quiet   []somebody // some who never asked, by name
	Last    string     // when the crew last encouraged
	Press   int        // changes with every encouragement
}

// waits is somebody in line.
type waits struct {
	Ticket        floor.ID
	Who           string
	Side, SideSay string
	Waited        int64 // ms
}

// quiet is how many names are offered for a word of encouragement.
const quiet = 5

func silentOf(l *hall.Look) silent {
	s := silent{Speaker: l.Lang, Open: l.Opened >= 0 && l.Adjourned < 0, Press: len(l.Nudges)}
	if !s.Open {
		return s
	}
	last := l.Opened
	for i := range l.Turns {
		if t := &l.Turns[i]; t.Charged() && t.Side == floor.Online {
			last = max(last, t.Ended)
			if t.Ended < 0 {
				last = l.At
			}
		}
	}
	s.Since = (l.At - last) / 60_000
	s.Groups = unheard(l, "group.", floor.Groups, func(p *floor.Person) floor.Text { return p.Group })
	s.Regions = unheard(l, "region.", floor.Regions, func(p *floor.Person) floor.Text { return p.Region })
	// One name stands for a group and for a region.
	s.Regions = slices.DeleteFunc(s.Regions, func(r string) bool { return slices.Contains(s.Groups, r) })
	for i := range l.State.People {
		p := &l.State.People[i]
		if p.Side != floor.Online || p.Asked > 0 || p.Closed || p.Away || p.Roles.Has(floor.Crew|floor.Speaker|floor.Hub) {
			continue
		}
		s.Online++
		if len(s.Quiet) < quiet && l.Text(p.Name) != "" {
			s.Quiet = append(s.Quiet, somebody{Person: p.ID, Who: l.Crew(p.ID)})
		}
	}
	for _, side := range []floor.Side{floor.Room, floor.Online} {
		for _, t := range l.Waiting(side) {
			s.Longest = append(s.Longest, waits{t.ID, l.Crew(t.Person), side.String(), l.Lang.Say("side." + side.String()), l.At - t.Place.At})
		}
	}
	slices.SortStableFunc(s.Longest, func(a, b waits) int { return int(b.Waited - a.Waited) })
	s.Longest = s.Longest[:min(3, len(s.Longest))]
	if n := len(l.Nudges); n > 0 {
		s.Last = l.Clock(l.Nudges[n-1].At)
	}
	return s
}

// unheard are the kinds of people who are here, none of whom has had a turn.
func unheard(l *hall.Look, section string, keys []string, of func(*floor.Person) floor.Text) []string {
	here, heard := map[string]bool{}, map[string]bool{}
	for i := range l.State.People {
		p := &l.State.People[i]
		if k := l.Text(of(p)); k != "" && !p.Closed {
			here[k] = true
			heard[k] = heard[k] || p.Spoke > 0
		}
	}
	if t := l.Current(); t != nil {
		if p := l.Person(t.Person); p != nil {
			heard[l.Text(of(p))] = true
		}
	}
	var out []string
	for _, k := range keys {
		if here[k] && !heard[k] {
			out = append(out, l.Lang.Say(section+k))
		}
	}
	return out
}

// paste is a text for the chat of the video tool, in one language.
type paste struct {
	Tag, Dir, Name string
	Mine           bool // the reader's language stands open
	Parts          []part
}

// part is one text of a language.
type part struct{ ID, Label, Text string }

// pastes are the texts in every language of the program, the reader's first.
func pastes(l *hall.Look) []paste {
	link := l.Public() + l.Base() + "online"
	room, online := len(l.Waiting(floor.Room)), len(l.Waiting(floor.Online))
	var out []paste
	for _, lang := range words.Languages() {
		p := paste{Tag: lang.Tag(), Dir: lang.Dir(), Name: lang.Name(), Mine: lang.Tag() == l.Lang.Tag()}
		p.Parts = []part{
			{"text-open-" + p.Tag, l.Lang.Say("desk.opening"), bare(lang.Say("desk.text-opening", "link", link))},
			{"text-ten-" + p.Tag, l.Lang.Say("desk.ten"), bare(lang.Say("desk.text-ten", "link", link, "room", room, "online", online))},
			{"text-last-" + p.Tag, l.Lang.Say("desk.last"), bare(lang.Say("desk.text-last", "link", link))},
		}
		if p.Mine {
			out = slices.Insert(out, 0, p)
		} else {
			out = append(out, p)
		}
	}
	return out
}

// bare takes out the signs that keep a link's direction apart: a chat would make them part of the link.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, text)
}
