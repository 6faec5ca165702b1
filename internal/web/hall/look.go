package hall

import (
	"strings"
	"time"

	"openmic/floor"
	"openmic/internal/live"
	"openmic/internal/web/page"
	"openmic/internal/words"
)

// A Look is a session at one moment in one language. It is the same for everybody who looks.
type Look struct {
	*Hall
	*live.View
	Lang  *words.Language
	Now   time.Time
	At    int64 // session time, ms
	still bool  // the page does not renew itself, or nothing but its notices
	// places is filled when first asked for.
	places map[floor.ID]floor.Place
}

// Frame is what a live region's data embeds.
func (l *Look) Frame() page.Page {
	p := page.Page{Speaker: l.Lang, Session: l.Text(l.Title), Version: l.Boot + "-" + l.ID + ":0", Notices: l.notices()}
	if l.Adjourned >= 0 {
		p.State = "ended"
	}
	return p
}

// Text gives the words of a Text.
func (l *Look) Text(t floor.Text) string { return l.View.Say(t) }

// Fact gives what the plan says under a key: theme, description, primer, video, goesto …
func (l *Look) Fact(key string) string {
	for _, t := range l.Facts {
		if strings.HasSuffix(string(t), "/fact."+key) {
			return l.Text(t)
		}
	}
	return ""
}

// Clock writes a session time as the time of day at this site, 14:20.
func (l *Look) Clock(at int64) string { return l.WallOf(at).Format("15:04") }

// Moment is the wall time of a session time, for the page's ticking clocks.
func (l *Look) Moment(at int64) time.Time { return l.WallOf(at) }

// Deadline is when the turn reaches its cap, zero when it has none.
func (l *Look) Deadline(t *floor.Turn) time.Time {
	if t == nil || t.Cap == 0 {
		return time.Time{}
	}
	return l.WallOf(l.At + t.Limit() - t.Length(l.At))
}

// A Use is what a name is wanted for.
type Use func(floor.Consent) floor.Fields

// The four uses of FLOOR section 5.
var (
	Aloud     Use = func(c floor.Consent) floor.Fields { return c.Aloud }
	Screens   Use = func(c floor.Consent) floor.Fields { return c.Screen }
	Report    Use = func(c floor.Consent) floor.Fields { return c.Report }
	Officials Use = func(c floor.Consent) floor.Fields { return c.Officials }
)

// ConsentOf is what somebody agreed to. Of whom the crew or a hub entered, nothing is public before their own yes; what
// was said at the microphone may be said again.
func ConsentOf(p *floor.Person) floor.Consent {
	if p.Agreed || p.Origin == "self" || p.Origin == "plan" {
		return p.Consent
	}
	return floor.Consent{Aloud: p.Consent.Aloud}
}

// Who says how a person is named for a use: the name and group they agreed to, else "a participant online".
func (l *Look) Who(id floor.ID, use Use) string {
	p := l.Person(id)
	if p == nil {
		return l.Lang.Say("common.unnamed")
	}
	f := use(ConsentOf(p))
	name := ""
	if f.Has(floor.Name) {
		name = l.Text(p.Name)
	}
	if name == "" {
		return l.Lang.Say("consent.who." + p.Side.String())
	}
	group, org := "", ""
	if g := l.Text(p.Group); f.Has(floor.Group) && g != "" {
		group = l.Lang.Say("group." + g)
	}
	if f.Has(floor.Org) {
		org = l.Text(p.Org)
	}
	switch {
	case group != "" && org != "":
		return l.Lang.Say("consent.who.org", "name", name, "org", org, "group", group)
	case group != "":
		return l.Lang.Say("consent.who.group", "name", name, "group", group)
	case org != "":
		return l.Lang.Say("consent.who.group", "name", name, "group", org)
	}
	return l.Lang.Say("consent.who.name", "name", name)
}

// OnWall is Who for screens that everybody sees: a name that the crew has not seen yet does not stand there, unless
// the session says so.
func (l *Look) OnWall(id floor.ID) string {
	if p := l.Person(id); p != nil && !p.Cleared && !l.Settings.WallAll {
		return l.Lang.Say("consent.who." + p.Side.String())
	}
	return l.Who(id, Screens)
}

// Crew names a person to the crew, who need it to call them: their name, or how to find them.
func (l *Look) Crew(id floor.ID) string {
	p := l.Person(id)
	if p == nil {
		return l.Lang.Say("common.unnamed")
	}
	for _, t := range []floor.Text{p.Name, p.Handle} {
		if s := l.Text(t); s != "" {
			return s
		}
	}
	if t := l.Live(id); t != nil {
		if m := l.Text(t.Mark); m != "" {
			return m
		}
	}
	return l.Lang.Say("common.unnamed")
}

// Group is the person's stakeholder group for the crew, empty when not said.
func (l *Look) Group(id floor.ID) string {
	if p := l.Person(id); p != nil {
		if g := l.Text(p.Group); g != "" {
			return l.Lang.Say("group." + g)
		}
	}
	return ""
}

// ReadOut is the exact sentence to speak for a card (seed S20): as its author agreed, with "say it like" beside it.
func (l *Look) ReadOut(t *floor.Ticket) string {
	who := l.Who(t.Person, Aloud)
	s := l.Lang.Say("consent.read."+t.Kind, "who", who, "text", l.Text(t.Text))
	if len(t.Backers) > 0 {
		var also []string
		for _, b := range t.Backers {
			also = append(also, l.Who(b, Aloud))
		}
		s += " " + l.Lang.Say("consent.read.also", "who", strings.Join(also, " · "))
	}
	return s
}

// Why speaks the reason of a call: which side and who inside it.
func (l *Look) Why(r floor.Reason, person floor.ID, class string, at int64) string {
	side := r.Side.String()
	s := ""
	switch r.Kind {
	case floor.WhyOnly, floor.WhyTurns:
		s = l.Lang.Say("reason." + r.Kind + "-" + side)
	case floor.WhyBalance:
		if r.W > 1 {
			s = l.Lang.Say("reason.balance-"+side+"-weighed", "d", r.Ms, "w", r.W)
		} else {
			s = l.Lang.Say("reason.balance-"+side, "d", r.Ms)
		}
	case floor.WhyMany:
		s = l.Lang.Say("reason.many-"+side, "n", r.N, "m", r.M)
	case floor.WhyOpening:
		s = l.Lang.Say("reason.opening")
	case "tour":
		s = l.Lang.Say("reason.tour")
	case "override":
		s = l.Lang.Say("reason.override", "class", l.Lang.Say("class."+class), "t", l.Clock(at))
	}
	if r.Then != "" {
		s += " " + l.Lang.Say("reason."+r.Then, "who", l.OnWall(person))
	}
	return s
}

// Next is whom the rule names now, and the sentence why; ok is false when nobody can be called.
func (l *Look) Next() (c floor.Choice, why string, ok bool) {
	c, ok = l.State.Next(l.At, l.Heard())
	if !ok {
		return c, l.Lang.Say("reason.nobody"), false
	}
	return c, l.Why(c.Why, l.Ticket(c.Ticket).Person, "", l.At), true
}

// Places explains every place in line, worked out once a look.
func (l *Look) Places() map[floor.ID]floor.Place {
	if l.places == nil {
		l.places = l.State.Places(l.At, l.Heard())
	}
	return l.places
}

// Place speaks the sentence of a ticket's place, and its times where they can be promised.
func (l *Look) Place(id floor.ID) (why, times string) {
	p, ok := l.Places()[id]
	if !ok {
		return "", ""
	}
	switch r := p.Why; r.Kind {
	case floor.PlaceNth, floor.PlacePassed, floor.PlaceNext:
		if l.Vague() {
			return l.far(p)
		}
		if r.Kind == floor.PlaceNext {
			why = l.Lang.Say("reason." + r.Kind)
			break
		}
		w := l.Wait(p)
		why = w.Place
		if p.Reach || l.Opened < 0 {
			why = strings.TrimSpace(why + " " + w.Before)
		}
		if w.Passed != "" {
			why += " " + w.Passed
		}
	case floor.PlaceAdmit, floor.PlaceApproval, floor.PlaceCalled, floor.PlaceSpeaking, floor.PlaceHeld, floor.PlaceParked,
		floor.PlaceMissed, floor.PlaceDeferred, floor.PlaceAway, floor.PlaceOwn, floor.PlaceHidden:
		why = l.Lang.Say("reason." + r.Kind)
	case floor.PlaceCut: // nobody can promise a time
		if l.GoesOn() != "" {
			return l.far(p)
		}
		if l.ShutOut() && l.Elsewhere() {
			return l.Lang.Say("reason.shut", "place", p.Number) + " " + l.Lang.Say("cut.shut-waits"), ""
		}
		key := "reason.cut-"
		if l.Here() == l.Gives() { // of the side that is not heard here
			key = "reason.cut-here-"
		}
		return l.Lang.Say(key+r.Side.String(), "t", l.Clock(r.Ms), "place", p.Number), ""
	}
	w := l.Wait(p)
	switch {
	case p.Why.Kind == floor.PlaceNext:
		times = strings.TrimSpace(w.Before + " " + w.Latest)
	case p.Fits:
		times = w.Latest
	case !p.Reach && p.Number > 0 && l.Opened >= 0:
		times = w.Before
	}
	return why, times
}

// A Wait is what somebody in line is told, a sentence each. One that does not apply is empty. Place hangs only on the
// place inside the side, and Before hardly on more than the place among all: when the line moves on, the next one is told
// the same.
type Wait struct {
	Place  string // which place inside the side
	Before string // how many of both sides speak before, and how long that takes; or that the end may come first
	Latest string // the worst case, where it lies before the end
	Passed string // somebody was placed before, and how often that can still happen; or why few speak before
}

// Wait speaks a place in line.
func (l *Look) Wait(p floor.Place) (w Wait) {
	if p.Number == 0 {
		return w
	}
	if l.Vague() {
		w.Place, w.Latest = l.far(p)
		return w
	}
	w.Place = l.Lang.Say("reason.place-"+p.Side.String(), "place", p.Number)
	switch {
	case p.Reach && p.Before == 0:
		w.Before = l.Lang.Say("reason.about", "d", about(p.About))
	case p.Reach:
		w.Before = l.Lang.Say("reason.before", "n", people(p.Before), "d", about(p.About))
	case l.Opened >= 0:
		w.Before = l.Lang.Say("reason.may-not-be-reached")
	case p.About >= 0:
		w.Before = l.Lang.Say("reason.before-people", "n", people(p.Before))
	}
	if p.Fits {
		w.Latest = l.Lang.Say("reason.latest", "d", atMost(p.Latest))
	}
	if p.Why.Kind == floor.PlacePassed {
		w.Passed = l.Lang.Say("reason.passed-enough")
		if p.Why.W > 0 {
			w.Passed = l.Lang.Say("reason.passed", "n", p.Why.W)
		}
	} else if t := l.Ticket(p.Ticket); t != nil && p.About >= 0 && p.Before < p.Number-1 {
		if who := l.Person(t.Person); who != nil && who.Spoke == 0 {
			w.Passed = l.Lang.Say("reason.ahead")
		}
	}
	return w
}

// Times more than five minutes away are known less well, and are rounded to as much.
const (
	near = 5 * 60_000 // ms
	step = 5 * 60_000
)

// about rounds an expected time.
func about(ms int64) int64 {
	if ms > near {
		return (ms + step/2) / step * step
	}
	return ms
}

// people rounds how many speak before: it is a forecast too.
func people(n int) int {
	if n > 10 {
		return (n + 2) / 5 * 5
	}
	return n
}

// atMost rounds a worst case, which may not become shorter.
func atMost(ms int64) int64 {
	if ms > near {
		return (ms + step - 1) / step * step
	}
	return ms
}
