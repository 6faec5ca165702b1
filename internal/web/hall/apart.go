package hall

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"openmic/floor"
	"openmic/internal/web/page"
)

// What everybody sees of two sites (seed S11): since when the other half of the session is not heard and what that means
// here, what happened meanwhile once both tell one story again, and what one side owes the other before it is paid. While
// there is one site nobody sees anything of it.

// told is for how long after a heal, ms, the screens say what happened.
const told = 5 * 60_000

// Own is the journal of the site that shows this.
func (l *Look) Own() string { return string(l.Hall.Session.Name()) }

// Here is the side of which this site is the half: a hub's people are online, a venue's in the room.
func (l *Look) Here() floor.Side { return l.SideOf(l.Own()) }

// clocksMayDiffer is how far apart two computers' clocks may be, ms, before anybody is told.
const clocksMayDiffer = 2 * 60_000

// Clocks says what the other site's computer shows when its clock differs from this one's; empty when it does not.
func (l *Look) Clocks() string {
	far, ahead := l.State.ClockAhead(l.Own(), l.Now.UnixMilli(), l.At)
	off := max(ahead, -ahead)
	if off < clocksMayDiffer {
		return ""
	}
	as := "15:04"
	if off > 20*60*60_000 {
		as = "2006-01-02 15:04"
	}
	shows := time.UnixMilli(l.Now.UnixMilli() + ahead).In(l.Now.Location())
	return l.Lang.Say("cut.clocks-"+l.SideOf(far).String(), "far", shows.Format(as), "near", l.Now.Format(as))
}

// Gives is the side at whose site the main floor is given.
func (l *Look) Gives() floor.Side { return l.SideOf(l.Gavel.Journal) }

// Elsewhere: the main floor is given at a site that this one does not hear. What is shown of it is as it was heard last.
func (l *Look) Elsewhere() bool { return l.Severed() != nil && !l.Holds(floor.Tag(l.Own())) }

// Last says when the main floor was heard last, while it is given elsewhere; empty otherwise.
func (l *Look) Last() string {
	if !l.Elsewhere() {
		return ""
	}
	return l.Lang.Say("cut.last-"+l.Gives().String(), "t", l.Clock(l.Severed().Since))
}

// FarCount says how many wait on the side that is not heard, as of when it was; empty while both are heard.
func (l *Look) FarCount() string {
	c := l.Severed()
	if c == nil {
		return ""
	}
	far := l.Here().Other()
	return l.Lang.Say("cut.count-"+far.String(), "n", len(l.Waiting(far)), "t", l.Clock(c.Since))
}

// Another says where else a one-time code opens, and whether it is known there; both are empty where no other site hears of it.
func (l *Look) Another() (where, known string) {
	switch {
	case len(l.Sites) < 2, l.ShutOut(), l.GoesOn() != "":
		return "", ""
	case l.Severed() != nil:
		known = l.Lang.Say("cut.code-waits")
	default:
		known = l.Lang.Say("cut.code-travels")
	}
	return l.Lang.Say("cut.continue-at-" + l.Here().Other().String()), known
}

// unstored is the trouble of a site that can store nothing that comes.
const unstored = "unstored"

// unsure are the troubles in which nobody can promise that what is pressed here will count.
var unsure = []string{"revoked", "replaced", "there", "not-hub", "refused", "full", "lost-here"}

// VenueOut is the trouble of a hub that has revoked its venue and was given no other.
const VenueOut = "venue-out"

// ShutOut: the organiser has revoked the venue. What it writes is not taken, and it will not be heard again.
func (l *Look) ShutOut() bool { return l.trouble() == VenueOut }

// trouble is what keeps the sites apart; see Options.
func (l *Look) trouble() string {
	if l.Hall.Trouble == nil {
		return ""
	}
	return l.Hall.Trouble()
}

// GoesOn is where the session goes on without this site; empty while it takes part.
func (l *Look) GoesOn() string {
	if l.Out == nil {
		return ""
	}
	return l.Out()
}

// Vague: nobody here can say what becomes of the places in line.
func (l *Look) Vague() bool { return l.Elsewhere() || l.GoesOn() != "" }

// outside refuses what would look like a place in line at a site that takes no part any more. The crew's other presses
// help a room that goes on by hand.
func (h *Hall) outside(c floor.Command) error {
	switch c.(type) {
	case *floor.Join, *floor.Ask, *floor.Write, *floor.Enter:
		if h.Out != nil && h.Out() != "" {
			return &floor.Refusal{Kind: "out"}
		}
	}
	return nil
}

// Notices is the live region of a page that stands still but for what everybody must know first.
func Notices(l *Look) any {
	l.still = true
	return struct{ page.Page }{l.Frame()}
}

// Stands is when a page that renews nothing of itself was so, for one of a session on two sites, of which one may not be
// heard; else empty.
func (l *Look) Stands() string {
	if len(l.Sites) < 2 || l.Adjourned >= 0 {
		return ""
	}
	return l.Clock(l.At)
}

// Still is the frame of such a page: it renews no more of itself, and does not say that it is up to date.
func (v *Visit) Still() page.Page {
	v.still = true
	p := v.Frame()
	p.Calm, p.AsOf = true, ""
	return p
}

// notices are what everybody must know first.
func (l *Look) notices() []page.Notice {
	kind := l.trouble()
	switch at := l.GoesOn(); {
	case len(l.Sites) < 2:
		return l.restored()
	case at != "":
		return []page.Notice{{Kind: "cut", Strong: l.Lang.Say("cut.out"), Soft: l.Lang.Say("cut.out-go", "url", at+l.Base())}}
	case l.Adjourned >= 0 && l.Severed() == nil:
		return nil
	}
	var out []page.Notice
	x, lost := l.lost()
	if kind == unstored {
		out = append(out, page.Notice{Kind: "cut", Strong: l.Lang.Say("cut.unstored"), Soft: l.Lang.Say("cut.unstored-means")})
	} else if c := l.Severed(); c != nil {
		out = append(out, l.cutNotice(c))
	} else if c, ok := l.Healed(); ok && l.At < c.To+told {
		out = append(out, page.Notice{Kind: "heal", Strong: l.Lang.Say("cut.healed", "t", l.Clock(c.To)), Soft: cmp.Or(l.forgiven(c.To), l.meanwhile(c.Span))})
		if lost {
			out[0].Strong = l.Lang.Say("cut.healed-lost", "t", l.Clock(c.To))
		}
	} else if f := l.forgiven(l.At - told); f != "" {
		out = append(out, page.Notice{Kind: "debt", Strong: f})
	}
	if lost {
		out = append(out, page.Notice{Kind: "lost", Strong: l.goneWith(x), Soft: l.Lang.Say("cut.lost-ask")})
	}
	if n, ok := l.taken(); ok {
		out = append(out, n)
	}
	if n, ok := l.debt(); ok {
		out = append(out, n)
	}
	return out
}

// forgiven tells what the chair forgave since a moment, ms, and why; empty when nothing was.
func (l *Look) forgiven(since int64) string {
	f, ok := l.State.Forgave(since)
	if !ok {
		return ""
	}
	return l.Lang.Say("cut.forgiven", "t", l.Clock(f.At), "class", l.Lang.Say("class."+f.Class))
}

func (l *Look) cutNotice(c *floor.Cut) page.Notice {
	here, gives := l.Here(), l.Gives()
	n := page.Notice{Kind: "cut", Strong: l.Lang.Say("cut.far-"+here.Other().String(), "t", l.Clock(c.Since))}
	means := "cut.away-" + gives.String()
	if here == gives {
		means = "cut.here-" + gives.String()
	}
	soft := []string{l.Lang.Say(means), l.Lang.Say("cut.live-" + here.String())}
	if l.still {
		soft[1] = l.Lang.Say("cut.still")
	}
	switch {
	case l.ShutOut():
		n.Strong = l.Lang.Say("cut.shut", "t", l.Clock(c.Since))
		if here != gives {
			soft[0] = l.Lang.Say("cut.shut-waits")
		}
		soft = append([]string{l.Lang.Say("cut.shut-means")}, soft...)
	case slices.Contains(unsure, l.trouble()):
		soft = []string{l.Lang.Say("cut.unsure")}
	}
	switch t := l.Turn(l.SideFloor.Now); {
	case t != nil:
		soft = append(soft, l.Lang.Say("cut.side-now", "who", l.OnWall(t.Person)))
	case l.SideFloor.By != "":
		soft = append(soft, l.Lang.Say("cut.side-open"))
	}
	n.Soft = strings.Join(soft, " ")
	return n
}

// Unheard says since when the other site is not heard, and what keeps the two apart where somebody must act.
func (l *Look) Unheard() string {
	c, kind := l.Severed(), l.trouble()
	s := l.Lang.Say("cut.far-"+l.Here().Other().String(), "t", l.Clock(c.Since))
	if kind != "" {
		s += " " + l.Lang.Say("cut.trouble-"+kind)
	}
	return s
}

// Healed is the newest stretch in which two sites did not hear each other, from when they last did until both had heard
// everything; ok is false when there was none.
func (l *Look) Healed() (c floor.Cut, ok bool) {
	for _, x := range l.Apart() {
		if x.To >= 0 {
			c, ok = x, true
		}
	}
	return c, ok
}

// stands is for how long at most, ms, the screens say that the main floor was taken over.
const stands = 30 * 60_000

// taken tells both halves that online took over the main floor in the newest stretch apart, and what became of what the
// room gave meanwhile: for as long as the heal is told, and on until another segment begins.
func (l *Look) taken() (n page.Notice, ok bool) {
	c, ok := l.Healed()
	if !ok || l.Severed() != nil {
		return n, false
	}
	t, ok := l.State.TakenOver(c.From)
	if !ok {
		return n, false
	}
	g := l.Running()
	if l.At >= c.To+stands || l.At >= c.To+told && g != nil && g.Begun > c.To {
		return n, false
	}
	n = page.Notice{Kind: "taken", Strong: l.Lang.Say("cut.taken", "t", l.Clock(t.At))}
	var soft []string
	if t.Turns > 0 {
		soft = append(soft, l.Lang.Say("cut.taken-turns", "n", t.Turns))
	}
	if t.Adjourned > 0 {
		soft = append(soft, l.Lang.Say("cut.taken-end", "t", l.Clock(t.Adjourned)))
	}
	n.Soft = strings.Join(soft, " ")
	return n, true
}

// far says where somebody stands whose side is given the floor at a site that is not heard: what becomes of the places
// there nobody here knows, and of an ask taken since then nobody knows there.
func (l *Look) far(p floor.Place) (place, means string) {
	if l.GoesOn() != "" {
		return l.Lang.Say("cut.out"), ""
	}
	side := p.Side.String()
	if l.ShutOut() {
		return l.Lang.Say("reason.far-place-"+side, "place", p.Number), l.Lang.Say("cut.shut-waits")
	}
	kind := "known"
	if t, c := l.Ticket(p.Ticket), l.Severed(); t != nil && t.Placed && t.Place.At > c.Since { // it has moved
		kind = "new"
	} else if t != nil && t.Asked >= c.Since {
		if n, ok := strings.CutPrefix(string(t.ID), floor.Tag(l.Own())); ok && strings.Trim(n, "0123456789") == "" {
			kind = "new"
		}
	}
	return l.Lang.Say("reason.far-place-"+side, "place", p.Number), l.Lang.Say("reason.far-" + kind + "-" + side)
}

// meanwhile counts what happened on both sides in a stretch of time.
func (l *Look) meanwhile(s floor.Span) string {
	within := func(at int64) bool { return at >= s.From && at < s.To }
	asks, turns, aside := 0, 0, 0
	for i := range l.Tickets {
		if t := &l.Tickets[i]; within(t.Asked) {
			asks++
		}
	}
	for i := range l.Turns {
		switch t := &l.Turns[i]; {
		case !within(t.Start):
		case t.Kind == floor.SideTurn:
			aside++
		default:
			turns++
		}
	}
	var what []string
	for _, x := range []struct {
		key string
		n   int
	}{{"cut.asks", asks}, {"cut.turns", turns}, {"cut.side-turns", aside}} {
		if x.n > 0 {
			what = append(what, l.Lang.Say(x.key, "n", x.n))
		}
	}
	if len(what) == 0 {
		return ""
	}
	return l.Lang.Say("cut.meanwhile", "d", s.To-s.From, "what", strings.Join(what, " · "))
}

// repaid: the lead has been within what is allowed since the newest heal. What goes beyond it later is no debt of the cut.
func (l *Look) repaid() bool {
	c, ok := l.Healed()
	return ok && slices.ContainsFunc(l.Leads(l.At), func(x floor.LeadAt) bool {
		return x.At > c.To && x.Lead <= l.Rule.B && x.Lead >= -l.Rule.B
	})
}

// debt explains what a cut made one side owe the other, before it is paid.
func (l *Look) debt() (n page.Notice, ok bool) {
	if len(l.Cuts) == 0 || l.Adjourned >= 0 {
		return n, false
	}
	owed, ms := l.Owed()
	if l.Elsewhere() { // how it stands since then is known there
		owed, ms = l.Debt(l.Severed().Since)
	}
	if ms < 1000 {
		return n, false
	}
	n.Kind = "debt"
	if l.Severed() != nil {
		// Nobody knows whether a room that was shut out will be heard again; and who has the floor here is heard.
		if l.ShutOut() || !l.Elsewhere() && owed == l.Gives() {
			return n, false
		}
		if n.Strong = l.Lang.Say("cut.later-"+owed.String(), "d", ms); l.Elsewhere() {
			n.Strong = l.Lang.Say("cut.last-owed-"+owed.String(), "t", l.Clock(l.Severed().Since), "d", ms)
		}
		return n, true
	}
	if l.repaid() {
		return n, false
	}
	n.Strong = l.Lang.Say("cut.debt-"+owed.String(), "d", ms)
	n.Soft = l.Lang.Say("cut.owed-"+owed.String(), "lead", ms+l.Rule.B, "run", l.Rule.M()*l.Rule.L, "b", l.Rule.B)
	if c, ok := l.State.Next(l.At, l.Heard()); ok {
		if w := max(c.W[0], c.W[1]); w > 1 {
			n.Soft += " " + l.Lang.Say("cut.weighed", "w", w)
		}
	}
	return n, true
}
