package panels

import (
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// Sites is what the crew sees and may do when the session has two sites (seed S11): who gives the main floor, what to do
// while the other half is not heard, and what is owed afterwards. With one site it shows nothing.
type Sites struct {
	page.Speaker
	Two      bool
	Cut      bool
	Never    bool   // the other site will not be heard again
	Gavel    string // who gives the main floor
	Epoch    int64
	Pass     []page.Choice // to whom the gavel can be passed now
	TakeOver bool          // this site may take it
	Owed     string        // what may be forgiven, empty when nothing is owed
	Runs     bool          // but not before the turn that runs has ended
	Ledger   int
	Classes  []page.Choice
	Aside    *Aside
	Red      int      // entries about the main floor by a site without the gavel
	Revoked  int      // entries by somebody whose pass had been revoked at the other site
	Clocks   string   // what the other site's computer shows when its clock differs
	Trouble  string   // what keeps the sites apart and only the crew can mend
	Machines []string // of a site that goes on on another machine: since when, and what was lost
}

// Reason asks for the class of an override, and a note. ID is its form's.
type Reason struct {
	page.Speaker
	ID      string
	Classes []page.Choice
}

// Reason is asked for in one of the forms.
func (s Sites) Reason(id string) Reason { return Reason{s.Speaker, id, s.Classes} }

// Aside is the side floor of a half that is cut off.
type Aside struct {
	page.Speaker
	Open   bool
	Now    Voice
	Busy   bool // somebody speaks there
	Turn   floor.ID
	Since  time.Time
	Rows   []Voice // who waits on this side, in the order of the line
	More   int
	People []page.Choice
	Count  int // of turns, which sets presses apart
}

// SitesOf is what stands on a screen of these roles.
func SitesOf(l *hall.Look, roles floor.Roles) Sites {
	s := Sites{Speaker: l.Lang, Two: len(l.Sites) > 1}
	if !s.Two || l.Adjourned >= 0 && l.Severed() == nil {
		return Sites{Speaker: l.Lang}
	}
	s.Cut, s.Epoch, s.Red, s.Revoked = l.Severed() != nil, l.State.Gavel.Epoch, len(l.Conflicts), len(l.Meanwhile)
	s.Gavel = l.Lang.Say("cut.gavel-" + l.Gives().String())
	switch {
	case l.GoesOn() != "":
		s.Gavel, s.Never = l.Lang.Say("cut.gavel-out"), true
	case l.ShutOut():
		if s.Never = true; l.Elsewhere() {
			s.Gavel = l.Lang.Say("cut.gavel-shut")
		}
	}
	s.Machines, s.Clocks = machines(l), l.Clocks()
	if l.Hall.Trouble != nil {
		if kind := l.Hall.Trouble(); kind != "" {
			s.Trouble = l.Lang.Say("cut.trouble-" + kind)
		}
	}
	if l.Adjourned >= 0 {
		return s
	}
	if !s.Cut && roles.Has(floor.Chair|floor.Venue) {
		s.Pass = others(l)
	}
	if roles.Has(floor.Chair) {
		s.TakeOver = l.Elsewhere() && l.Here() == floor.Online
		if now, later := l.Forgiving(); now || later {
			owed, ms := l.Owed()
			s.Owed, s.Runs = l.Lang.Say("cut.debt-"+owed.String(), "d", ms), later
		}
		s.Classes, s.Ledger = Classes(l), len(l.Ledger)
	}
	if l.Elsewhere() {
		s.Aside = asideOf(l)
	}
	return s
}

// machines tell of each site that goes on on another machine, since when and what was lost with the one before.
func machines(l *hall.Look) (out []string) {
	for _, x := range l.Sites {
		r, ok := l.Revived(x.Journal)
		if !ok || l.Heir(x.Journal) != x.Journal {
			continue
		}
		where := "here"
		if x.Journal != l.Own() {
			where = l.SideOf(x.Journal).String()
		}
		lost := l.Lang.Say("cut.machine-gone")
		switch {
		case r.Back > 0:
			lost = l.Lang.Say("cut.machine-back", "n", r.Back)
		case l.Severed() != nil:
			lost = l.Lang.Say("cut.machine-waits")
		}
		out = append(out, l.Lang.Say("cut.machine-"+where, "t", l.Clock(r.At))+" "+lost)
	}
	return out
}

// others are the sites that may give the floor instead.
func others(l *hall.Look) []page.Choice {
	var out []page.Choice
	for _, x := range l.Sites {
		if x.Journal != l.State.Gavel.Journal && !l.State.Replaced(x.Journal) {
			out = append(out, page.Choice{Value: x.Journal, Label: l.Lang.Say("cut.pass-to-" + l.SideOf(x.Journal).String())})
		}
	}
	return out
}

// asideRows is how many who wait are offered the side floor by a button of their own.
const asideRows = 12

func asideOf(l *hall.Look) *Aside {
	a := &Aside{Speaker: l.Lang, Open: l.SideFloor.By == l.Own(), Count: len(l.Turns)}
	if !a.Open {
		return a
	}
	var now floor.ID
	if t := l.Turn(l.SideFloor.Now); t != nil {
		a.Busy, a.Now = true, voiceOf(l, t.Person, t.Ticket, t.Side)
		a.Turn, a.Since, now = t.ID, l.Moment(t.Start), t.Person
	}
	for _, t := range l.Waiting(l.Here()) {
		switch {
		case t.Person == now || t.Form == floor.Card:
		case len(a.Rows) == asideRows:
			a.More++
		default:
			a.Rows = append(a.Rows, VoiceOf(l, t))
		}
	}
	a.People = People(l)
	return a
}

// Far says that the main floor is given where nobody here is heard, instead of the buttons that would be refused there.
type Far struct {
	Last string // as of when it is shown; empty while this site gives the floor or hears who does
	Why  string
}

func farOf(l *hall.Look) Far {
	if !l.Elsewhere() {
		return Far{}
	}
	if l.GoesOn() != "" {
		return Far{l.Last(), l.Lang.Say("cut.trouble-revoked")}
	}
	if l.ShutOut() {
		return Far{l.Last(), l.Lang.Say("cut.locked-shut")}
	}
	return Far{l.Last(), l.Lang.Say("cut.locked-" + l.Gives().String())}
}

// open: the session goes on, and this site can give its main floor.
func open(l *hall.Look) bool { return l.Opened >= 0 && l.Adjourned < 0 && !l.Elsewhere() }
