package door

import (
	"crypto/subtle"
	"embed"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"openmic/floor"
	"openmic/internal/live"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

//go:embed *.html *.css *.js
var files embed.FS

var template = page.NewScreen("door", files)

// Cookies that a door sets for the session's pages: who holds the browser, without saying it to anybody, and the id
// of the pass that was given to it last.
const (
	deviceCookie = "om-device"
	passCookie   = "om-mine"
)

// wish is what somebody brings to the door.
type wish struct {
	ID    string `json:"id"`
	Ask   bool   `json:"ask"` // ask for the floor at once
	About string `json:"about"`
	floor.Join
}

// Serve shows the door of a side, and lets in who posts its form. The room's door needs the code that hangs in the
// room, as the last part of its address.
func Serve(h *hall.Hall, side floor.Side) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if side == floor.Room && subtle.ConstantTimeCompare([]byte(strings.ToLower(r.PathValue("code"))), []byte(strings.ToLower(h.RoomCode()))) != 1 {
			if page.WantsJSON(r) {
				l := h.Visit(r, nil).Lang
				return page.Reply(w, r, l, http.StatusNotFound, page.Answer{Say: l.Say("door.code-wrong"), Refused: "code"})
			}
			return show(w, r, h, http.StatusNotFound, form{Side: side, Wrong: true})
		}
		if r.Method == http.MethodPost {
			return join(w, r, h, side)
		}
		if _, err := r.Cookie(deviceCookie); err != nil {
			setCookie(w, r, h, deviceCookie, h.Passes.Token())
		}
		return show(w, r, h, http.StatusOK, form{Side: side, Typed: url.Values{}})
	}
}

func setCookie(w http.ResponseWriter, r *http.Request, h *hall.Hall, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: h.Base(), HttpOnly: true, Secure: r.TLS != nil,
		SameSite: http.SameSiteLaxMode, MaxAge: 400 * 24 * 60 * 60})
}

// join lets somebody in: with a redirect to their place in line, or for programs with the pass as JSON. A form that
// cannot be taken is shown again, filled in, with the reason beside the field.
func join(w http.ResponseWriter, r *http.Request, h *hall.Hall, side floor.Side) error {
	wish, err := read(r)
	if err != nil {
		return again(w, r, h, side, err)
	}
	wish.Side = side
	pass, secret, err := h.Join(r.Context(), device(r), wish.ID, &wish.Join)
	if err != nil {
		return again(w, r, h, side, err)
	}
	answer := struct {
		page.Answer
		Pass   string   `json:"pass"`
		Secret string   `json:"secret"`
		Base   string   `json:"base"`
		Person floor.ID `json:"person"`
	}{page.Answer{Go: h.Of(pass.ID) + "line"}, pass.ID, secret, h.Of(pass.ID), pass.Person}
	if wish.Ask {
		_, err := h.Session.Do(r.Context(), live.Command{ID: "door-ask", Actor: floor.Actor{Person: pass.Person, Roles: pass.Roles},
			Do: &floor.Ask{AskFields: floor.AskFields{About: wish.About}}})
		if err != nil { // they are inside; their page says that they are not in the line
			_, no := hall.Explain(h.Visit(r, nil).Lang, err)
			answer.Say, answer.Refused = no.Say, no.Refused
		}
	}
	h.SetCookie(w, r, secret)
	setCookie(w, r, h, passCookie, pass.ID)
	if !page.WantsJSON(r) {
		http.Redirect(w, r, answer.Go, http.StatusSeeOther)
		return nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(answer)
}

// again answers who could not be let in.
func again(w http.ResponseWriter, r *http.Request, h *hall.Hall, side floor.Side, err error) error {
	l := h.Visit(r, nil).Lang
	status, a := hall.Explain(l, err)
	if page.WantsJSON(r) {
		return page.Reply(w, r, l, status, a)
	}
	return show(w, r, h, status, form{Side: side, Typed: r.PostForm, Wrongs: a.Fields, Told: a.Say})
}

// read takes a form or JSON. Errors are *floor.BadInput.
func read(r *http.Request) (*wish, error) {
	var w wish
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, &floor.BadInput{Field: "body", Kind: "long"}
		}
		if err := json.Unmarshal(body, &w); err != nil {
			return nil, &floor.BadInput{Field: "body", Kind: "letters"}
		}
	} else {
		if err := r.ParseForm(); err != nil {
			return nil, &floor.BadInput{Field: "body", Kind: "letters"}
		}
		if err := hall.Fill(&w, r.PostForm); err != nil {
			return nil, err
		}
	}
	if len(w.ID) > 64 {
		return nil, &floor.BadInput{Field: "id", Kind: "long", N: 64}
	}
	return &w, nil
}

// device is the browser's own name for itself, empty when it keeps none.
func device(r *http.Request) string {
	c, err := r.Cookie(deviceCookie)
	if err != nil || len(c.Value) > 64 {
		return ""
	}
	return c.Value
}

// form is the door's form as somebody has it before them.
type form struct {
	Side   floor.Side
	Wrong  bool // the room's code is not the one that hangs there
	Typed  url.Values
	Wrongs map[string]string // what is wrong, by field
	Told   string            // a sentence for all of it
}

// view is all the template may show.
type view struct {
	page.Page
	form
	Ended, Open      bool
	Back             string // the page of who has joined before
	Online, About    string // addresses
	Press            string
	GoesTo           string
	Languages        []Language
	Name, SayIt      page.Field
	Group            page.Field
	AskAbout         page.Field
	Org, Country     page.Field
	Region           page.Field
	First, Youth     page.Field
	Presets          []Preset
	Detail           bool
	Uses             []Use
	Fields           []string
	Example, NoGroup string
}

// A Language that the page can be read in.
type Language struct{ Tag, Name string }

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

func show(w http.ResponseWriter, r *http.Request, h *hall.Hall, status int, f form) error {
	v := h.Visit(r, nil)
	v.Said = f.Told
	v.Screen = &hall.Screen{Name: "door", Template: template, Page: func(v *hall.Visit) (any, error) { return f.view(v), nil }}
	return h.Show(w, r, v, status)
}

func (f form) view(v *hall.Visit) view {
	l := v.Lang
	p := view{Page: v.Frame(), form: f, Ended: v.Adjourned >= 0, Online: v.Base() + "online", About: v.Base(), Press: v.Passes.Token(),
		GoesTo: v.Fact("goesto"), Example: l.Say("door.example"), Detail: f.Typed.Get("detail") != "",
		Fields: []string{"name", "group", "org", "country", "region"}}
	p.Title = l.Say("door.title")
	p.Open = !p.Ended && !f.Wrong
	if c, err := v.R.Cookie(passCookie); err == nil && v.Passes.Valid(c.Value) {
		p.Back = v.Of(c.Value) + "line"
	}
	for _, o := range words.Languages() {
		if o.Tag() != l.Tag() {
			p.Languages = append(p.Languages, Language{o.Tag(), o.Name()})
		}
	}
	field := func(name, label string) page.Field {
		return page.Field{Name: name, Label: label, Value: f.Typed.Get(name), Error: f.Wrongs[name], Most: floor.LongName}
	}
	choose := func(name, label, section string, keys []string) page.Field {
		x := field(name, label)
		x.Type, x.Choices = "select", []page.Choice{{Label: l.Say("door.unsaid")}}
		for _, k := range keys {
			x.Choices = append(x.Choices, page.Choice{Value: k, Label: l.Say(section + k)})
		}
		return x
	}
	tick := func(name, label string) page.Field {
		return page.Field{Name: name, Label: label, Type: "checkbox", Checked: f.Typed.Get(name) != "", Error: f.Wrongs[name]}
	}
	p.Name = field("name", l.Say("door.name"))
	p.Name.Hint, p.Name.Fill = l.Say("door.name.hint"), "nickname"
	p.SayIt = field("say", l.Say("door.say"))
	p.SayIt.Hint = l.Say("door.say.hint")
	p.Group = choose("group", l.Say("consent.field.group"), "group.", floor.Groups)
	p.AskAbout = field("about", l.Say("door.about"))
	p.AskAbout.Hint, p.AskAbout.Most = l.Say("door.about.hint"), floor.LongLine
	p.Org, p.Country = field("org", l.Say("door.org")), field("country", l.Say("door.country"))
	p.Org.Fill, p.Country.Fill = "organization", "country-name"
	p.Region = choose("region", l.Say("door.region"), "region.", floor.Regions)
	p.First, p.Youth = tick("first", l.Say("door.first")), tick("youth", l.Say("door.youth"))
	p.Presets = presets(l, f)
	for _, u := range []string{"aloud", "screen", "report", "officials"} {
		p.Uses = append(p.Uses, Use{u, map[string]bool{}})
		for _, k := range f.Typed[u] {
			p.Uses[len(p.Uses)-1].Checked[k] = true
		}
	}
	return p
}

// presets are the three ways to be named, spoken with what is typed so far or with an example.
func presets(l *words.Language, f form) []Preset {
	name, group := f.Typed.Get("name"), f.Typed.Get("group")
	if name == "" {
		name = l.Say("door.example")
	}
	if group == "" || !l.Has("group."+group) {
		group = "technical"
	}
	read := func(who string) string { return l.Say("consent.read.question", "who", who, "text", "…") }
	both := func(name, group string) string { return read(l.Say("consent.who.group", "name", name, "group", group)) }
	named := func(name string) string { return read(l.Say("consent.who.name", "name", name)) }
	nameless := read(l.Say("consent.who." + f.Side.String()))
	out := []Preset{
		{Key: "group", Sentence: both(name, l.Say("group."+group)), Both: both("{name}", "{group}"), Named: named("{name}"), Nameless: nameless},
		{Key: "name", Sentence: named(name), Both: named("{name}"), Named: named("{name}"), Nameless: nameless},
		{Key: "none", Sentence: nameless, Both: nameless, Named: nameless, Nameless: nameless},
	}
	for i := range out {
		out[i].Checked = f.Typed.Get("preset") == out[i].Key
	}
	return out
}
