package web

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/hall/halltest"
	"openmic/internal/words"
)

// A crowd is a random session of people who agreed to random things. Every word that names somebody is like no other.
type crowd struct {
	*keeper
	t      *testing.T
	r      *rand.Rand
	n      int
	chair  *hall.Pass
	people []*hall.Pass
}

func (c *crowd) word(kind string) *string {
	c.n++
	s := fmt.Sprintf("%s%dq", kind, 1000+c.n)
	return &s
}

func (c *crowd) fields() (f floor.Fields) {
	for _, x := range []floor.Fields{floor.Name, floor.Group, floor.Org, floor.Country, floor.Region} {
		if c.r.IntN(2) == 0 {
			f |= x
		}
	}
	return f
}

// describe tells all about somebody, and agrees to some of it.
func (c *crowd) describe() floor.Description {
	return floor.Description{Name: c.word("Nm"), Say: c.word("Sy"), Org: c.word("Og"), Country: c.word("Cy"),
		Group: &floor.Groups[c.r.IntN(len(floor.Groups))], Region: &floor.Regions[c.r.IntN(len(floor.Regions))], First: new(c.r.IntN(2) == 0),
		Detail: true, Aloud: c.fields(), Screen: c.fields(), Report: c.fields(), Officials: c.fields()}
}

func (c *crowd) some() *hall.Pass { return c.people[c.r.IntN(len(c.people))] }

func (c *crowd) ticket() floor.ID {
	v := c.Session.View()
	if len(v.Tickets) == 0 {
		return ""
	}
	return v.Tickets[c.r.IntN(len(v.Tickets))].ID
}

// gather makes the session.
func gather(t *testing.T, k *keeper, seed uint64) *crowd {
	c := &crowd{keeper: k, t: t, r: rand.New(rand.NewPCG(seed, 11))}
	k.Stage.Plan(t, halltest.Workshop)
	c.chair = k.Pass(t, floor.Chair|floor.Desk|floor.Venue|floor.Organiser|floor.Rapporteur, "chair")
	roles := []floor.Roles{floor.Participant, floor.Participant, floor.Participant, floor.Participant, floor.Speaker, floor.Hub, floor.Rapporteur}
	for i := range 12 {
		r := floor.Participant
		if i < len(roles) {
			r = roles[i]
		}
		p := k.Pass(t, r, "")
		k.Do(t, p, &floor.Join{Side: floor.Side(c.r.IntN(2)), Description: c.describe()})
		c.people = append(c.people, p)
	}
	k.Do(t, c.chair, &floor.Join{Description: c.describe()})
	wall := c.r.IntN(4) == 0
	k.Try(c.chair, &floor.Change{WallAll: &wall})
	k.Do(t, c.chair, &floor.Open{})
	for range 150 {
		c.something()
		k.Wait(time.Duration(c.r.IntN(20)) * time.Second)
	}
	return c
}

// something happens; much of it is refused.
func (c *crowd) something() {
	v := c.Session.View()
	someone := v.People[c.r.IntN(len(v.People))].ID
	p := c.some()
	try := func(p *hall.Pass, x floor.Command) { c.Try(p, x) }
	switch c.r.IntN(22) {
	case 0, 1:
		try(p, &floor.Ask{AskFields: floor.AskFields{About: "something"}})
	case 2, 3:
		try(p, &floor.Write{Text: "a card"})
	case 4:
		d := c.describe()
		e := &floor.Enter{Side: floor.Side(c.r.IntN(2)), Name: *d.Name, Group: *d.Group, Handle: *c.word("Hd"), Mark: *c.word("Mk"), Agreed: c.r.IntN(2) == 0}
		if c.r.IntN(3) == 0 {
			e.Text = "a card by hand"
		}
		by := c.chair
		if c.r.IntN(4) == 0 {
			by = c.people[5] // the hub
		}
		try(by, e)
	case 5:
		try(c.chair, &floor.Describe{Person: someone, Handle: c.word("Hd"), Description: c.describe()}) // only of those it entered
	case 6:
		try(p, &floor.Describe{Description: c.describe()})
	case 7:
		try(c.chair, &floor.Admit{People: []floor.ID{someone}})
	case 8, 9:
		try(c.chair, &floor.Approve{Ticket: c.ticket()})
	case 10, 11, 12:
		try(c.chair, &floor.Call{})
	case 13, 14:
		if x := v.Call(); x != nil {
			try(c.chair, &floor.Unmuted{Ticket: x.Ticket})
		}
		try(c.chair, &floor.Start{})
	case 15:
		try(c.chair, &floor.End{})
	case 16:
		try(c.chair, &floor.Merge{Ticket: c.ticket(), Into: c.ticket()})
	case 17:
		try(p, &floor.Instead{Ticket: c.ticket()})
		if t := v.Current(); t != nil {
			try(p, &floor.Back{Ticket: t.Ticket})
		}
	case 18:
		try(c.chair, &floor.Give{Kind: "panel", Person: someone})
	case 19:
		try(c.chair, &floor.Override{Ticket: c.ticket(), Class: "time"})
	case 20:
		try(c.chair, &floor.Answer{Ticket: c.ticket(), Text: "an answer"})
	case 21:
		if len(v.Turns) > 0 {
			try(c.chair, &floor.Confirm{Turn: v.Turns[c.r.IntN(len(v.Turns))].ID, Text: "what was said"})
		}
		try(c.chair, &floor.Jot{Text: "a takeaway", Kind: "takeaway"})
	}
}

// agreed: what the crew typed of somebody is public only after their yes.
func agreed(p *floor.Person) bool { return p.Agreed || p.Origin == "self" || p.Origin == "plan" }

// uses are what may be public of a person, by where.
func uses(v *hall.Look, p *floor.Person, where string) floor.Fields {
	switch {
	case where == "aloud":
		return p.Consent.Aloud
	case !agreed(p):
		return 0
	case where == "wall" && !p.Cleared && !v.Settings.WallAll:
		return 0
	case where == "wall", where == "hub":
		return p.Consent.Screen
	case where == "report":
		return p.Consent.Report
	case where == "officials":
		return p.Consent.Officials
	}
	panic(where)
}

// mute looks into an output for anything of anybody that they did not agree to there.
func (c *crowd) mute(l *hall.Look, where, what, text string) {
	c.t.Helper()
	for i := range l.People {
		p := &l.People[i]
		f := uses(l, p, where)
		for _, x := range []struct {
			of   string
			word floor.Text
			ok   bool
		}{
			{"name", p.Name, f.Has(floor.Name)},
			{"pronunciation", p.Say, f.Has(floor.Name)},
			{"organisation", p.Org, f.Has(floor.Org)},
			{"country", p.Country, f.Has(floor.Country)},
			{"name in the video tool", p.Handle, false},
		} {
			if w := l.Text(x.word); w != "" && !x.ok && strings.Contains(text, w) {
				c.t.Fatalf("%s in %s names the %s of %s (%s, agreed %v, cleared %v, consent %+v)\n%s", what, l.Lang.Tag(), x.of, p.ID, p.Origin, p.Agreed, p.Cleared,
					p.Consent, around(text, w))
			}
		}
		// A group or region beside a name.
		name := l.Text(p.Name)
		for _, x := range []struct {
			of, key string
			ok      bool
		}{{"group", "group." + l.Text(p.Group), f.Has(floor.Group)}, {"region", "region." + l.Text(p.Region), f.Has(floor.Region)}} {
			if name == "" || x.ok || strings.HasSuffix(x.key, ".") || x.of == "region" && l.Lang.Say(x.key) == l.Lang.Say("group."+l.Text(p.Group)) {
				continue
			}
			for _, form := range []string{l.Lang.Say("consent.who.group", "name", name, "group", l.Lang.Say(x.key)),
				l.Lang.Say("consent.who.org", "name", name, "org", l.Text(p.Org), "group", l.Lang.Say(x.key))} {
				if strings.Contains(text, form) {
					c.t.Fatalf("%s in %s names the %s of %s\n%s", what, l.Lang.Tag(), x.of, p.ID, around(text, form))
				}
			}
		}
	}
	for i := range l.Tickets {
		if w := l.Text(l.Tickets[i].Mark); w != "" && strings.Contains(text, w) {
			c.t.Fatalf("%s tells where somebody sits\n%s", what, around(text, w))
		}
	}
}

func around(text, word string) string {
	i := strings.Index(text, word)
	return strings.ToValidUTF8(text[max(0, i-300):min(len(text), i+300)], "")
}

// look goes through everything that somebody outside the crew may see or hear.
func (c *crowd) look(h visitor, seen map[string]int) {
	v := c.Session.View()
	stranger := c.Pass(c.t, floor.Participant, "")
	for _, lang := range []string{"en", "ja", "ar", "fr"} {
		l := c.Hall.Look(words.Match("", lang))
		check := func(where, what, text string) {
			for i := range l.People {
				if n := l.Text(l.People[i].Name); n != "" && strings.Contains(text, n) {
					seen[what]++
				}
			}
			c.mute(l, where, what, text)
		}
		for _, sc := range Screens {
			where := "wall"
			switch {
			case sc.Name == "hub":
				where = "hub"
			case !sc.Roles.Has(floor.Participant | floor.Speaker | floor.Projector): // the crew needs names
				continue
			}
			if sc.Look != nil {
				check(where, "the live region of "+sc.Name, c.Live(c.t, sc, lang))
			}
			if sc.Roles.Has(floor.Participant) {
				check(where, "the page of "+sc.Name, c.Show(c.t, sc, stranger, lang))
			}
		}
		for i := range v.Tickets {
			check("aloud", "reading out", l.ReadOut(&v.Tickets[i]))
		}
		for _, x := range [][2]string{{"", "wall"}, {"calendar.ics", "wall"}, {"online", "wall"}, {"room/" + c.RoomCode(), "wall"}, {"report", "report"},
			{"report.md", "report"}, {"report?version=1", "report"}, {"report.md?version=1", "report"}} {
			path := c.Base() + x[0]
			sign := "?"
			if strings.Contains(path, "?") {
				sign = "&"
			}
			res := h.ask("GET", path+sign+"lang="+lang, url.Values(nil))
			b, _ := io.ReadAll(res.Body)
			check(x[1], "/"+x[0], string(b))
		}
		for _, sc := range Screens {
			switch sc.Name {
			case "preview":
				check("report", "the preview", c.Show(c.t, sc, c.chair, lang))
			case "officials":
				check("officials", "the page for officials", c.Show(c.t, sc, c.chair, lang))
			}
		}
	}
}

// Nobody is named anywhere by more than they agreed to, in whatever order things happen, before, while and after.
func TestNobodyIsNamedWithoutConsent(t *testing.T) {
	seeds := uint64(10)
	if testing.Short() {
		seeds = 4
	}
	seen := map[string]int{}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			k, o := program(t)
			h := visitor{Handler: Handler(o)}
			c := gather(t, k, seed)
			c.look(h, seen)
			k.Try(c.chair, &floor.End{})
			k.Do(t, c.chair, &floor.Adjourn{})
			c.look(h, seen)
			k.Try(c.chair, &floor.Freeze{})
			for range 8 { // people change their mind after the report was frozen
				k.Try(c.some(), &floor.Describe{Description: c.describe()})
				k.Try(c.some(), &floor.Write{Text: "a late card"})
			}
			c.look(h, seen)
		})
	}
	// The test looks where names are: with their consent they stand in each of these.
	for _, what := range []string{"the live region of wall", "the live region of line", "reading out", "/", "/report", "/report.md?version=1", "the preview", "the page for officials"} {
		if seen[what] == 0 {
			t.Errorf("%s names nobody in any session", what)
		}
	}
	for _, what := range slices.Sorted(maps.Keys(seen)) {
		t.Logf("%5d names in %s", seen[what], what)
	}
}
