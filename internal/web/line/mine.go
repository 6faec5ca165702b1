package line

import (
	"strconv"
	"strings"

	"openmic/floor"
	"openmic/internal/web/asking"
	"openmic/internal/web/hall"
	"openmic/internal/web/naming"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

// mine is what only the visitor sees.
type mine struct {
	Guest     bool // has a pass, but is no person of the session
	Keys      string
	CanAsk    bool
	Waits     *floor.Ticket // my ask that has a place and is not called yet
	Aside     floor.ID      // the same, when I have spoken on a side floor since I asked
	MayWrite  bool
	Writing   bool // the page has a form for a card instead of the button to ask
	Editing   *editing
	LateUntil string
	Asks      []asking.Ask
	Passing   []asking.Made // whose point could have been mine, so that my ask may end
	AskMore   []page.Field
	CardText  page.Field
	CardMore  []page.Field
	Seconds   int64
	Away      bool
	Side      floor.Side
	Languages []language
	About     string // the session's public page
	Me        *naming.Form
	Erasing   bool     // the page asks whether all I said is to be erased
	Named     []string // how I am named now
	Home      string   // this page
	Second    string   // what is known of a code at the other site; empty while there is one
	Press     string   // sets the presses of this moment apart from earlier ones
}

type language struct{ Tag, Name string }

// editing is the form for the words of an ask.
type editing struct {
	ID   floor.ID
	Edit []page.Field
}

// visit is the whole page for one visitor.
func visit(v *hall.Visit) (any, error) {
	d := look(v.Look)
	d.Page = v.Frame()
	d.mine = &mine{About: v.Base(), Home: v.Of(v.Pass.ID) + "line", Seconds: v.Settings.CardSeconds,
		Press: strconv.FormatInt(v.Entries, 10)}
	m := d.mine
	for _, o := range words.Languages() {
		if o.Tag() != v.Lang.Tag() {
			m.Languages = append(m.Languages, language{o.Tag(), o.Name()})
		}
	}
	_, m.Second = v.Another()
	me := v.Me()
	// The page brings only the rows of its reader; the stream brings all of them a moment later.
	all := *d
	d.Rows, d.Tables, d.Passed = nil, nil, nil
	if me == nil {
		m.Guest = true
		return d, nil
	}
	m.Side, m.Away = me.Side, me.Away
	keys := []string{string(me.ID), string(me.ID) + "-aside"}
	for i := len(v.Tickets) - 1; i >= 0; i-- {
		t := &v.Tickets[i]
		if t.Person != me.ID {
			continue
		}
		keys = append(keys, string(t.ID), string(t.ID)+"-back", string(t.ID)+"-answer")
		m.Asks = append(m.Asks, asking.Of(v.Look, t))
	}
	m.Keys = strings.Join(keys, " ")
	for _, k := range keys {
		if r, ok := all.own(k); ok {
			d.Rows = append(d.Rows, r)
		}
	}
	live := v.Live(me.ID)
	m.CanAsk = live == nil && !d.Ended && !d.Closed
	if live != nil && live.Status == floor.Waiting {
		m.Waits = live
		if t := v.Turn(v.SaidAside(me.ID)); t != nil && t.Ended >= 0 && t.Start >= live.Asked {
			m.Aside = live.ID
		}
		for _, p := range d.Points {
			if v.Ticket(p.Ticket).Person != me.ID {
				m.Passing = append(m.Passing, p)
			}
		}
	}
	m.MayWrite = !d.Ended
	if d.Ended {
		m.LateUntil, m.MayWrite = asking.LateUntil(v.Look)
	}
	q := v.R.URL.Query()
	m.Writing = m.MayWrite && (d.Ended || q.Has("card"))
	if t := v.Ticket(floor.ID(q.Get("edit"))); t != nil && t.Person == me.ID && v.Disposition(t, v.Now.UnixMilli()) == "" && t.Status == floor.Waiting {
		m.Editing = &editing{t.ID, asking.Edit(v.Look, "edit-", t)}
	}
	m.Erasing = q.Has("erase")
	d.Calm = m.Writing || m.Editing != nil || q.Has("me") || m.Erasing
	m.fields(v)
	if q.Has("me") {
		m.Me = naming.New(v.Lang, me.Side, v.Fact("goesto"), naming.Typed(v.Look, me), nil)
	}
	m.Named = asking.Named(v.Look, me.ID)
	return d, nil
}

// fields fills in what an ask and a card may say.
func (m *mine) fields(v *hall.Visit) {
	l := v.Lang
	m.AskMore = []page.Field{{Name: "about", Label: l.Say("line.about"), Most: floor.LongLine}}
	m.AskMore = append(m.AskMore, asking.Fields(v.Look, "", "", 0)...)
	to := page.Field{Name: "to", Label: l.Say("line.to"), Type: "select", Choices: []page.Choice{{Label: l.Say("line.to-all")}}}
	for i := range v.People {
		if p := &v.People[i]; p.Roles.Has(floor.Speaker) {
			to.Choices = append(to.Choices, page.Choice{Value: string(p.ID), Label: v.OnWall(p.ID)})
		}
	}
	if len(to.Choices) > 1 {
		m.AskMore = append(m.AskMore, to)
	}
	m.CardMore = asking.Fields(v.Look, "card-", "", 0)
	lang := page.Field{Name: "lang", Label: l.Say("line.lang"), Type: "select", Value: l.Tag()}
	for _, o := range tongues {
		lang.Choices = append(lang.Choices, page.Choice{Value: o.Tag, Label: o.Name})
	}
	m.CardMore = append(m.CardMore, lang, page.Field{Name: "link", Label: l.Say("line.link"), Type: "url", Most: floor.LongLine})
	if len(to.Choices) > 1 {
		to.ID = "card-to"
		m.CardMore = append(m.CardMore, to)
	}
}

// tongues are languages a card is likely to be written in, by their own names.
var tongues = []language{{"en", "English"}, {"ar", "العربية"}, {"zh", "中文"}, {"es", "Español"}, {"fr", "Français"}, {"hi", "हिन्दी"},
	{"id", "Bahasa Indonesia"}, {"ja", "日本語"}, {"ko", "한국어"}, {"ne", "नेपाली"}, {"pt", "Português"}, {"ru", "Русский"}, {"sw", "Kiswahili"}}
