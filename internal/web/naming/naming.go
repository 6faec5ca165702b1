// Package naming asks a person how they want to be called and how they may be named, at the door and later on their
// own page.
//
// There are three ways to be named, each beside the sentence it makes the moderator say, and field by field behind one
// tap (seed S20, S21). Nothing is ticked beforehand; handing words to officials is off in all three ways. The package
// shows and fills the form; what is posted is a floor.Description.
package naming

import (
	"embed"
	"net/url"
	"slices"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

// Files are the blocks "naming.first" and "naming.more", to be shown with a Form, their style naming.css and their
// script naming.js.
//
//go:embed *.html *.css *.js
var Files embed.FS

// A Form is what is asked, as somebody has filled it in.
type Form struct {
	page.Speaker
	GoesTo             string // to whom the result of the session goes
	Name, SayIt        page.Field
	Group              page.Field
	Org, Country       page.Field
	Region             page.Field
	First, Youth, Hand page.Field
	Presets            []Preset
	PresetWrong        string
	Detail             bool // the choice is made field by field
	Fields             []string
	Uses               []Use
	Wrong              bool // something beside a field
}

// A Preset is one of three ways to be named, with the sentence it makes the moderator say. The other sentences say
// the same with a name and a group in braces, for the script to fill in while somebody types.
type Preset struct {
	Key, Sentence         string
	Both, Named, Nameless string
	Checked               bool
}

// A Use is what a field may be used for, and which fields are ticked.
type Use struct {
	Key     string
	Checked map[string]bool
}

// New fills a form in with what was typed; wrongs holds what is wrong, by the field's name.
func New(l *words.Language, side floor.Side, goesTo string, typed url.Values, wrongs map[string]string) *Form {
	field := func(name, label string) page.Field {
		return page.Field{Name: name, Label: label, Value: typed.Get(name), Error: wrongs[name], Most: floor.LongName}
	}
	choose := func(name, label, section string, keys []string) page.Field {
		x := field(name, label)
		x.Type, x.Choices = "select", []page.Choice{{Label: l.Say("naming.unsaid")}}
		for _, k := range keys {
			x.Choices = append(x.Choices, page.Choice{Value: k, Label: l.Say(section + k)})
		}
		return x
	}
	tick := func(name, label string) page.Field {
		return page.Field{Name: name, Label: label, Type: "checkbox", Checked: slices.Contains(typed[name], "yes"), Error: wrongs[name]}
	}
	f := &Form{Speaker: l, GoesTo: goesTo, PresetWrong: wrongs["preset"], Detail: typed.Get("detail") != "", Wrong: len(wrongs) > 0,
		Fields:  []string{"name", "group", "org", "country", "region"},
		Name:    field("name", l.Say("naming.name")),
		SayIt:   field("say", l.Say("naming.say")),
		Group:   choose("group", l.Say("consent.field.group"), "group.", floor.Groups),
		Org:     field("org", l.Say("consent.field.org")),
		Country: field("country", l.Say("consent.field.country")),
		Region:  choose("region", l.Say("consent.field.region"), "region.", floor.Regions),
		First:   tick("first", l.Say("naming.first")),
		Youth:   tick("youth", l.Say("naming.youth")),
		Hand:    tick("hand", l.Say("consent.hand")),
		Presets: presets(l, side, typed),
	}
	f.Name.Hint, f.Name.Fill = l.Say("naming.name.hint"), "nickname"
	f.SayIt.Hint = l.Say("naming.say.hint")
	f.Org.Fill, f.Country.Fill = "organization", "country-name"
	for _, u := range []string{"aloud", "screen", "report", "officials"} {
		checked := map[string]bool{}
		for _, k := range typed[u] {
			checked[k] = true
		}
		f.Uses = append(f.Uses, Use{u, checked})
	}
	return f
}

// presets are the three ways to be named, spoken with what is typed so far or with an example.
func presets(l *words.Language, side floor.Side, typed url.Values) []Preset {
	name, group := typed.Get("name"), typed.Get("group")
	if name == "" {
		name = l.Say("naming.example")
	}
	if !slices.Contains(floor.Groups, group) {
		group = "technical"
	}
	read := func(who string) string { return l.Say("consent.read.question", "who", who, "text", "…") }
	both := func(name, group string) string { return read(l.Say("consent.who.group", "name", name, "group", group)) }
	named := func(name string) string { return read(l.Say("consent.who.name", "name", name)) }
	nameless := read(l.Say("consent.who." + side.String()))
	out := []Preset{
		{Key: "group", Sentence: both(name, l.Say("group."+group)), Both: both("{name}", "{group}"), Named: named("{name}"), Nameless: nameless},
		{Key: "name", Sentence: named(name), Both: named("{name}"), Named: named("{name}"), Nameless: nameless},
		{Key: "none", Sentence: nameless, Both: nameless, Named: nameless, Nameless: nameless},
	}
	for i := range out {
		out[i].Checked = typed.Get("preset") == out[i].Key
	}
	return out
}

// Typed is what somebody has told of themselves, as their form would hold it.
func Typed(l *hall.Look, p *floor.Person) url.Values {
	v := url.Values{}
	for name, t := range map[string]floor.Text{"name": p.Name, "say": p.Say, "group": p.Group, "org": p.Org, "country": p.Country,
		"region": p.Region, "first": p.First, "youth": p.Youth} {
		v.Set(name, l.Text(t))
	}
	if p.Consent.Officials.Has(floor.Words) {
		v.Set("hand", "yes")
	}
	for _, key := range []string{"group", "name", "none"} {
		if c, _ := floor.Preset(key); c.Aloud == p.Consent.Aloud && c.Screen == p.Consent.Screen && c.Report == p.Consent.Report && p.Consent.Officials&^floor.Words == 0 {
			v.Set("preset", key)
		}
	}
	if v.Get("preset") == "" {
		v.Set("detail", "yes")
	}
	for i, use := range []hall.Use{hall.Aloud, hall.Screens, hall.Report, hall.Officials} {
		for f, name := range map[floor.Fields]string{floor.Name: "name", floor.Group: "group", floor.Org: "org", floor.Country: "country", floor.Region: "region"} {
			if use(p.Consent).Has(f) {
				v.Add([]string{"aloud", "screen", "report", "officials"}[i], name)
			}
		}
	}
	return v
}
