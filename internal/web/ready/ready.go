// Package ready is the screen "ready?": what must be so before the session begins, each with a clear state and with what to
// do about it (seeds S14, S16). Can others reach this program, is the wall alive, is everybody of the crew here, is the line
// empty, is the plan whole, does everybody learn to whom the result goes, is there a link to the video tool.
//
// A rehearsal runs an ask from the place in line to the end of the turn through the very rules and dials of this session,
// in a session of its own that is forgotten at once; it leaves no trace. Nothing but what everybody must know first is live: the screen looks when it
// is asked, since looking tests an address.
package ready

import (
	"context"
	"embed"
	"net"
	"net/url"
	"strings"
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/web/panels"
)

//go:embed *.html *.css
var files embed.FS

// Screen is the one before the start.
var Screen = &hall.Screen{Name: "ready", Roles: floor.Crew, Gap: page.CrewGap, Template: page.NewScreen("ready", panels.Files, files),
	Look: hall.Notices, Page: visit}

// States of a check.
const (
	good  = "good"
	watch = "watch" // look at it; the session can begin
	bad   = "bad"
)

// inWords says a state.
var inWords = map[string]string{good: "ready.state-good", watch: "ready.state-watch", bad: "ready.state-bad"}

// Check is one thing that should be so.
type Check struct {
	Name  string
	State string
	Word  string // the state in a word
	Say   string
	To    string // the screen where it is mended, empty when elsewhere
	ToSay string
}

// Member is one of the crew.
type Member struct {
	Who, Role string
	Here      bool
	Seen      string // when they were last seen, empty for never
}

// view is all the template shows.
type view struct {
	page.Page
	Tabs   []panels.Tab
	At     string
	Checks []Check
	Crew   []Member
	Steps  []Step
	Passed bool
	Open   int // checks that are not good
	Bad    bool
}

// lately is for how long somebody who was seen counts as connected.
const lately = 2 * time.Minute

func visit(v *hall.Visit) (any, error) {
	d := look(v.R.Context(), v)
	d.count()
	return d, nil
}

func look(ctx context.Context, v *hall.Visit) view {
	d := view{Page: v.Still(), Tabs: panels.TabsOf(v), At: v.Now.Format("15:04:05")}
	say := v.Lang.Say
	add := func(name, state, sentence, to string) {
		c := Check{Name: say(name), State: state, Word: say(inWords[state]), Say: sentence}
		for _, tab := range d.Tabs { // a link only for who may follow it
			if tab.Name == to {
				c.To, c.ToSay = to, tab.Title
			}
		}
		d.Checks = append(d.Checks, c)
	}
	// A sentence for each outcome; the first that holds.
	is := func(name string, fine bool, otherwise, to string) {
		if fine {
			add(name, good, "", "")
			return
		}
		add(name, watch, say(otherwise), to)
	}

	switch public := v.Public(); {
	case public == "" || local(public):
		add("ready.reach", bad, say("ready.reach-machine"), "")
	case !answers(ctx, public, v.Boot):
		add("ready.reach", watch, say("ready.reach-untested", "url", public), "")
	case private(public):
		add("ready.reach", watch, say("ready.reach-network", "url", public), "")
	default:
		add("ready.reach", good, say("ready.reach-all", "url", public), "")
	}
	if len(v.Sites) > 1 {
		d.sites(v, add)
	}
	is("ready.wall", v.Watching("wall") > 0, "ready.wall-dark", "wall")
	d.crew(v)
	missing := 0
	for _, m := range d.Crew {
		if !m.Here {
			missing++
		}
	}
	switch {
	case len(d.Crew) == 0:
		add("ready.crew", watch, say("ready.crew-none"), "plan")
	case missing > 0:
		add("ready.crew", watch, say("ready.crew-missing", "n", missing, "m", len(d.Crew)), "")
	default:
		add("ready.crew", good, "", "")
	}
	if v.Opened < 0 {
		is("ready.line", len(v.Line) == 0, "ready.line-waits", "crew")
	}
	plan, secured := v.Title != "" && len(v.Segments) > 0, int64(0)
	for i := range v.Segments {
		if v.Segments[i].Protected {
			secured += v.Segments[i].Budget
		}
	}
	if !plan {
		add("ready.plan", bad, say("ready.plan-none"), "plan")
	} else {
		add("ready.plan", good, "", "")
	}
	if secured > 0 {
		add("ready.secured", good, say("ready.secured-minutes", "d", secured), "")
	} else {
		add("ready.secured", watch, say("ready.secured-none"), "plan")
	}
	for _, r := range []struct {
		name string
		role floor.Roles
	}{{"ready.has-chair", floor.Chair | floor.Venue}, {"ready.has-desk", floor.Desk}, {"ready.has-notes", floor.Rapporteur}} {
		is(r.name, len(v.Passes.List(r.role)) > 0, "ready.has-nobody", "plan")
	}
	is("ready.goesto", v.Fact("goesto") != "", "ready.goesto-none", "plan")
	is("ready.video", v.Fact("video") != "", "ready.video-none", "plan")
	return d
}

// sites are the checks of a session on two sites: whether each hears the other, and whether their clocks agree.
func (d *view) sites(v *hall.Visit, add func(name, state, sentence, to string)) {
	c := v.Severed()
	if c == nil {
		add("ready.sites", good, "", "")
	} else {
		add("ready.sites", bad, v.Unheard(), "crew")
	}
	switch clocks := v.Clocks(); {
	case clocks != "":
		add("ready.clocks", watch, clocks, "")
	case c == nil: // else nobody knows
		add("ready.clocks", good, "", "")
	}
}

// crew lists everybody with a link of the crew, and the speakers.
func (d *view) crew(v *hall.Visit) {
	for _, p := range v.Passes.List(floor.Crew | floor.Speaker) {
		if p.Revoked {
			continue
		}
		m := Member{Who: p.Label}
		if m.Who == "" {
			m.Who = v.Crew(p.Person)
		}
		var roles []string
		for r := range strings.FieldsSeq(p.Roles.String()) {
			roles = append(roles, v.Lang.Say("role."+r))
		}
		m.Role = strings.Join(roles, " · ")
		if seen := v.LastSeen(p.ID); !seen.IsZero() {
			m.Here = v.Now.Sub(seen) <= lately
			m.Seen = seen.In(v.Now.Location()).Format("15:04")
		}
		d.Crew = append(d.Crew, m)
	}
}

func (d *view) count() {
	for _, c := range d.Checks {
		if c.State != good {
			d.Open++
		}
		d.Bad = d.Bad || c.State == bad
	}
	if len(d.Steps) > 0 && !d.Passed {
		d.Bad = true
		d.Open++
	}
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// local: only this machine itself gets there.
func local(address string) bool {
	host := hostOf(address)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// private: only who is in the same network gets there.
func private(address string) bool {
	ip := net.ParseIP(hostOf(address))
	return ip != nil && (ip.IsPrivate() || ip.IsLinkLocalUnicast())
}
