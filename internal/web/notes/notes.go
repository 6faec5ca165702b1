// Package notes is the rapporteur's screen: notes tied to the moment and the turn, one line to confirm for every turn,
// where people agreed and did not, takeaways and calls to action (seeds S4, S12).
//
// The line of a turn is prefilled with what its person said it would be about; until somebody confirms it the report says
// so. What is typed here stands outside the live region or keeps its place in it, so a new turn never disturbs it.
// The limits of takeaways and calls to action are those of the form, which is data.
package notes

import (
	"embed"
	"strconv"
	"time"

	"openmic/floor"
	"openmic/internal/outcome"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/web/panels"
)

//go:embed *.html *.css
var files embed.FS

// Screen is the rapporteur's.
var Screen = &hall.Screen{Name: "notes", Roles: floor.Rapporteur | floor.Chair | floor.Organiser, Gap: page.CrewGap,
	Template: page.NewScreen("notes", panels.Files, files), Look: look, Page: visit}

// shown is how many turns stand on the page beside those whose line is not confirmed.
const shown = 40

type view struct {
	page.Page
	Tabs       []panels.Tab
	Stage      string // called, speaking, ended or empty
	Who        string
	Kind       string
	About      string
	Last       string // when the main floor was heard last, while it is given where nobody here can hear it
	Hold       string // why nothing can be concluded now
	Since      time.Time
	Turns      []turn
	More       int
	Open       int // turns whose line is not confirmed
	Lists      []list
	Struck     []note
	Choices    []page.Choice // policy questions
	Question   string        // that of the turn that runs or ran last
	Takeaway   limit
	Action     limit
	Talk       panels.Talk
	Paper      panels.Paper
	Line       panels.Line // stays readable when the server is gone
	Frozen     bool
	Rapporteur bool // may write; an organiser may only read and freeze
}

// limit is what the form takes of one sort.
type limit struct {
	outcome.Field
	Have int
	Unit string // letters or words
	Told string // the count, as the script fills it in
}

func limitOf(l *hall.Look, f outcome.Field) limit {
	out := limit{Field: f, Unit: "letters"}
	if f.Words > 0 {
		out.Unit = "words"
	}
	out.Told = count(l, out.Unit, "{n}", "{limit}")
	return out
}

// count says "60 of 300 letters"; the numbers may be placeholders.
func count(l *hall.Look, unit string, n, most any) string {
	if unit == "words" {
		return l.Lang.Say("report.count-words", "n", n, "limit", most)
	}
	return l.Lang.Say("report.count-letters", "n", n, "limit", most)
}

type turn struct {
	ID        floor.ID
	At        string
	Who       string
	Side      string
	SideSay   string
	Kind      string
	Line      string // as it would be confirmed
	Mark      string // changes with every confirmation
	Confirmed bool
	Running   bool
	Doubtful  bool // nobody knows when it ended
	Card      string
	Question  string
	Choices   []page.Choice
}

type list struct {
	Kind, Title string
	Notes       []note
}

type note struct {
	ID       floor.ID
	Kind     string
	KindSay  string
	Text     string
	Owner    string
	Due      string
	At       string
	About    string // whose turn it was
	Question string
	Mark     string // changes with every edit
	Limit    limit
	Count    string // against the limit, as a sentence
	Over     bool   // it is longer than the form takes
	Beyond   bool   // the form has no box for it
	Late     bool
	Cut      bool // written while the link was cut
}

func look(l *hall.Look) any { return build(l) }

func build(l *hall.Look) *view {
	v := &view{Page: l.Frame(), Choices: questions(l), Talk: panels.TalkOf(l), Paper: panels.PaperOf(l), Line: panels.LineOf(l), Frozen: l.State.Frozen > 0, Last: l.Last()}
	if l.Settings.HoldDecisions && l.Severed() != nil {
		v.Hold = l.Lang.Say("refusal.decisions")
	}
	if t := l.Current(); t != nil {
		v.Stage, v.Who, v.Kind, v.Since = "speaking", l.Crew(t.Person), l.Lang.Say("turn."+t.Kind), l.Moment(t.Start)
		if k := l.Ticket(t.Ticket); k != nil {
			v.About = l.Text(k.About)
		}
	} else if c := l.Call(); c != nil {
		v.Stage, v.Who = "called", l.Crew(c.Person)
		if k := l.Ticket(c.Ticket); k != nil {
			v.About = l.Text(k.About)
		}
	} else if l.Adjourned >= 0 {
		v.Stage = "ended"
	}
	v.turns(l)
	v.lists(l)
	return v
}

// questions are the policy questions to choose from, and none of them.
func questions(l *hall.Look) []page.Choice {
	out := []page.Choice{{Value: "0", Label: l.Lang.Say("notes.no-question")}}
	for i, q := range l.Questions {
		out = append(out, page.Choice{Value: strconv.Itoa(i + 1), Label: strconv.Itoa(i+1) + ". " + l.Text(q)})
	}
	return out
}

// turns lists the newest turns, and before them in time those that still need their line.
func (v *view) turns(l *hall.Look) {
	for i := len(l.Turns) - 1; i >= 0; i-- {
		t := &l.Turns[i]
		confirmed := l.Text(t.Line) != ""
		if !confirmed {
			v.Open++
		}
		if len(v.Turns) >= shown {
			v.More++
			continue
		}
		row := turn{ID: t.ID, At: l.Clock(t.Start), Who: l.Crew(t.Person), Side: t.Side.String(), SideSay: l.Lang.Say("side." + t.Side.String()),
			Kind: l.Lang.Say("turn." + t.Kind), Line: l.Text(t.Line), Mark: string(t.Line), Confirmed: confirmed, Running: t.Ended < 0, Doubtful: t.Doubtful(l.At),
			Question: strconv.Itoa(t.Question), Choices: v.Choices}
		if k := l.Ticket(t.Ticket); k != nil {
			if row.Line == "" {
				row.Line = l.Text(k.About)
			}
			if k.Form == floor.Card {
				row.Card = l.Text(k.Text)
			}
		}
		if row.Line == "" && len([]rune(row.Card)) <= floor.LongLine {
			row.Line = row.Card
		}
		v.Turns = append(v.Turns, row)
	}
	v.Question = "0"
	if len(l.Turns) > 0 {
		v.Question = strconv.Itoa(l.Turns[len(l.Turns)-1].Question)
	}
}

// lists sorts the notes by kind, with the form's count beside those that go into it.
func (v *view) lists(l *hall.Look) {
	form, _ := outcome.FormOf(l.Fact("form")) // the report's screen says what is wrong with a form
	v.Takeaway, v.Action = limitOf(l, form.Field("takeaway")), limitOf(l, form.Field("action"))
	v.Lists = []list{{"takeaway", l.Lang.Say("outcome.takeaways"), nil}, {"action", l.Lang.Say("outcome.actions"), nil},
		{"agreed", l.Lang.Say("outcome.agreed"), nil}, {"not-agreed", l.Lang.Say("outcome.not-agreed"), nil}, {"note", l.Lang.Say("notes.notes"), nil}}
	for i := range l.Notes {
		n := &l.Notes[i]
		row := note{ID: n.ID, Kind: n.Kind, Text: l.Text(n.Text), Owner: l.Text(n.Owner), Due: l.Text(n.Due), At: l.Clock(n.At), Late: n.Late, Cut: n.Cut,
			Question: strconv.Itoa(n.Question), Mark: string(n.Text)}
		if t := l.Turn(n.Turn); t != nil {
			row.About = l.Crew(t.Person)
		}
		if n.Struck {
			v.Struck = append(v.Struck, row)
			continue
		}
		for k := range v.Lists {
			if v.Lists[k].Kind != n.Kind {
				continue
			}
			if f := form.Field(n.Kind); f.Most > 0 {
				row.Limit = limitOf(l, f)
				row.Over = f.Limit() > 0 && f.Count(row.Text) > f.Limit()
				if f.Limit() > 0 {
					row.Count = count(l, row.Limit.Unit, f.Count(row.Text), f.Limit())
				}
				row.Beyond = len(v.Lists[k].Notes) >= f.Most
			}
			v.Lists[k].Notes = append(v.Lists[k].Notes, row)
		}
	}
	v.Takeaway.Have, v.Action.Have = len(v.Lists[0].Notes), len(v.Lists[1].Notes)
}

func visit(v *hall.Visit) (any, error) {
	d := build(v.Look)
	d.Page, d.Tabs = v.Frame(), panels.TabsOf(v)
	d.Rapporteur = v.Has(floor.Rapporteur | floor.Operators)
	return d, nil
}
