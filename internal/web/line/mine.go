package line

import (
	"strconv"
	"strings"
	"time"

	"openmic/floor"
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
	MayWrite  bool
	Writing   bool // the page has a form for a card instead of the button to ask
	Editing   *ask
	LateUntil string
	Asks      []ask
	Passing   []made // whose point could have been mine, so that my ask may end
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
	Press     string   // sets the presses of this moment apart from earlier ones
}

type language struct{ Tag, Name string }

// ask is one of my asks or cards, and what became of it.
type ask struct {
	ID           floor.ID
	Card, Live   bool
	Kind, At     string
	Policy       string
	Text         string
	Status       string
	Back         string // what the moderator asked
	Answers      []string
	Edit         []page.Field
	Withdrawable bool
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
	me := v.Me()
	// The page brings only the rows of its reader; the stream brings all of them a moment later.
	all := *d
	d.Rows, d.Tables, d.Passed = nil, nil, nil
	if me == nil {
		m.Guest = true
		return d, nil
	}
	m.Side, m.Away = me.Side, me.Away
	keys := []string{string(me.ID)}
	for i := len(v.Tickets) - 1; i >= 0; i-- {
		t := &v.Tickets[i]
		if t.Person != me.ID {
			continue
		}
		keys = append(keys, string(t.ID), string(t.ID)+"-back", string(t.ID)+"-answer")
		m.Asks = append(m.Asks, askOf(v, t))
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
		for _, p := range d.Points {
			if v.Ticket(p.Ticket).Person != me.ID {
				m.Passing = append(m.Passing, p)
			}
		}
	}
	m.MayWrite = !d.Ended
	if d.Ended {
		until := time.UnixMilli(v.TakenUntil()).In(v.Now.Location())
		m.MayWrite = v.Now.Before(until)
		m.LateUntil = until.Format("2006-01-02 15:04")
	}
	q := v.R.URL.Query()
	m.Writing = m.MayWrite && (d.Ended || q.Has("card"))
	if t := v.Ticket(floor.ID(q.Get("edit"))); t != nil && t.Person == me.ID && v.Disposition(t, v.Now.UnixMilli()) == "" && t.Status == floor.Waiting {
		m.Editing = &ask{ID: t.ID, Edit: editFields(v, t)}
	}
	m.Erasing = q.Has("erase")
	d.Calm = m.Writing || m.Editing != nil || q.Has("me") || m.Erasing
	m.fields(v)
	if q.Has("me") {
		m.Me = naming.New(v.Lang, me.Side, v.Fact("goesto"), naming.Typed(v.Look, me), nil)
	}
	for _, u := range []struct {
		key string
		use hall.Use
	}{{"aloud", hall.Aloud}, {"screen", hall.Screens}, {"report", hall.Report}} {
		m.Named = append(m.Named, v.Lang.Say("consent."+u.key)+": "+v.Who(me.ID, u.use))
	}
	return d, nil
}

// askOf tells what became of one of my asks. What changes with time stands in its row.
func askOf(v *hall.Visit, t *floor.Ticket) ask {
	l := v.Lang
	end := v.Disposition(t, v.Now.UnixMilli())
	open := end == ""
	a := ask{ID: t.ID, Card: t.Form == floor.Card, Live: t.Live(), Kind: l.Say("kind." + t.Kind), At: v.Clock(t.Asked), Policy: policy(v.Look, t.Question),
		Text: v.Text(t.Text), Withdrawable: open && t.Status == floor.Waiting}
	if a.Text == "" {
		a.Text = v.Text(t.About)
	}
	for _, x := range t.Answers {
		if s := v.Text(x); s != "" {
			a.Answers = append(a.Answers, s)
		}
	}
	if t.AskedBack && open {
		a.Back = v.Text(t.Ask)
	}
	switch {
	case !open:
		at := v.Clock(t.Ended)
		switch end {
		case floor.BySpeaking:
			a.Status = l.Say("line.spoken", "t", at)
		case floor.ByReading:
			a.Status = l.Say("line.read", "t", at)
		case floor.NotReached:
			a.Status = l.Say("line.not-reached")
			switch {
			case v.Now.UnixMilli() > v.TakenUntil():
				a.Status = l.Say("line.not-reached-over")
			case a.Card:
				a.Status = l.Say("line.not-reached-card")
			}
		default:
			a.Status = l.Say("disposition." + end)
		}
	case t.Late:
		a.Status = l.Say("line.late")
	case t.Form == floor.Card:
		a.Status = l.Say("line.received", "t", a.At)
	}
	return a
}

// editFields are the words of an ask that may still change.
func editFields(v *hall.Visit, t *floor.Ticket) []page.Field {
	f := page.Field{Name: "about", ID: "edit-about", Label: v.Lang.Say("line.about"), Value: v.Text(t.About), Most: floor.LongLine}
	if t.Form == floor.Card {
		f = page.Field{Name: "text", ID: "edit-text", Label: v.Lang.Say("line.text"), Type: "area", Value: v.Text(t.Text), Most: floor.LongCard, Required: true}
	}
	return append([]page.Field{f, kindField(v, "edit-kind", t.Kind)}, questionField(v, "edit-question", t.Question)...)
}

// fields fills in what an ask and a card may say.
func (m *mine) fields(v *hall.Visit) {
	l := v.Lang
	m.AskMore = []page.Field{{Name: "about", Label: l.Say("line.about"), Most: floor.LongLine}, kindField(v, "", "")}
	m.AskMore = append(m.AskMore, questionField(v, "", 0)...)
	to := page.Field{Name: "to", Label: l.Say("line.to"), Type: "select", Choices: []page.Choice{{Label: l.Say("line.to-all")}}}
	for i := range v.People {
		if p := &v.People[i]; p.Roles.Has(floor.Speaker) {
			to.Choices = append(to.Choices, page.Choice{Value: string(p.ID), Label: v.OnWall(p.ID)})
		}
	}
	if len(to.Choices) > 1 {
		m.AskMore = append(m.AskMore, to)
	}
	m.CardMore = append([]page.Field{kindField(v, "card-kind", "")}, questionField(v, "card-question", 0)...)
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

func kindField(v *hall.Visit, id, now string) page.Field {
	f := page.Field{Name: "kind", ID: id, Label: v.Lang.Say("line.kind"), Type: "select", Value: now}
	for _, k := range floor.ContributionKinds {
		f.Choices = append(f.Choices, page.Choice{Value: k, Label: v.Lang.Say("kind." + k)})
	}
	return f
}

// questionField lets an ask point to a policy question; nothing when there are none.
func questionField(v *hall.Visit, id string, now int) []page.Field {
	if len(v.Questions) == 0 {
		return nil
	}
	f := page.Field{Name: "question", ID: id, Label: v.Lang.Say("line.question"), Type: "select", Value: strconv.Itoa(now),
		Choices: []page.Choice{{Value: "0", Label: v.Lang.Say("line.question-none")}}}
	for i, q := range v.Questions {
		f.Choices = append(f.Choices, page.Choice{Value: strconv.Itoa(i + 1), Label: strconv.Itoa(i+1) + ". " + v.Text(q)})
	}
	return []page.Field{f}
}
