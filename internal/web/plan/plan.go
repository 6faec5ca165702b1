// Package plan is the organiser's screen of a session: what is planned, who has which link, and by which dials the rule
// works.
//
// The plan can be changed until the session opens; later its segments are stretched by the chair. Links are personal:
// a new one is shown once, on the page that answers the press, and each can be revoked alone (seed S1, S2, S21).
package plan

import (
	"embed"
	"net/http"
	"net/url"
	"time"

	"openmic/floor"
	"openmic/internal/live"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/web/panels"
	"openmic/internal/web/sheet"
)

//go:embed *.html *.css
var files embed.FS

// Screen is the organiser's.
var Screen = &hall.Screen{Name: "plan", Roles: floor.Organiser, Gap: page.CrewGap, Template: page.NewScreen("plan", panels.Files, sheet.Files, files),
	Look: hall.Notices, Page: func(v *hall.Visit) (any, error) { return state{}.page(v), nil }}

// state is what one answer adds to the page: a form that was not taken, or links that were just made.
type state struct {
	typed   url.Values // of the plan; nil shows the plan as it stands
	wrongs  sheet.Wrongs
	invite  url.Values // of an invitation that was not taken
	refused sheet.Wrongs
	links   []hall.Link
	code    *sheet.Code
	join    string // the command with which a venue joins
}

type view struct {
	page.Page
	Tabs     []panels.Tab
	Doors    []sheet.Door
	New      []sheet.Link // made by this press, shown once
	Code     *sheet.Code  // made by this press, shown once
	Passes   []holder
	Hub      bool   // venues can join here
	Venues   []far  //
	Join     string // made by this press, shown once
	Invite   *inviting
	Sheet    *sheet.Sheet // nil once the session has opened
	Press    string
	Opened   bool
	Settings []dial
	Rule     []dial
	Override bool // a changed dial is an override
	ID       string
	Links    []sheet.Link // as New, by the name sheet.links knows
}

// holder is somebody with a pass.
type holder struct {
	ID, Label, Roles, Seen string
	Me                     bool
}

// inviting is the form for one more person.
type inviting struct {
	Name, Org, Group, Region, Side page.Field
	Roles                          []sheet.Role
	Error                          string
}

// holders are all roles whose passes are listed; participants are too many, and come by the doors.
const holders = floor.Crew | floor.Speaker | floor.Hub | floor.Projector

func (s state) page(v *hall.Visit) view {
	l := v.Lang
	p := view{Page: v.Still(), Tabs: panels.TabsOf(v), Doors: sheet.DoorsOf(v.Look), Press: v.Passes.Token(), Opened: v.Opened >= 0, ID: v.Hall.ID, Code: s.code,
		Override: len(v.Calls) > 0}
	p.New = sheet.LinksOf(l, v.Public(), s.links)
	p.Links = p.New
	for _, x := range v.Passes.List(holders) {
		if x.Revoked {
			continue
		}
		h := holder{ID: x.ID, Label: x.Label, Roles: sheet.RolesSay(l, x.Roles), Seen: l.Say("plan.never"), Me: v.Pass != nil && v.Pass.ID == x.ID}
		if at := v.LastSeen(x.ID); !at.IsZero() {
			h.Seen = l.Say("plan.seen", "t", at.Format("15:04"))
			if v.Now.Sub(at) < time.Minute {
				h.Seen = l.Say("plan.here")
			}
		}
		p.Passes = append(p.Passes, h)
	}
	p.Venues, p.Hub = venuesOf(v)
	p.Join = s.join
	p.Invite = invitingOf(v, s)
	if !p.Opened {
		typed := s.typed
		if typed == nil {
			typed = sheet.FromSession(v.Look, v.Now.Location())
		}
		p.Sheet = sheet.Of(l, typed, s.wrongs, nil, v.Now.Location())
	}
	p.Settings, p.Rule = settings(v.Look), rule(v.Look)
	return p
}

func invitingOf(v *hall.Visit, s state) *inviting {
	l := v.Lang
	field := func(name, label string) page.Field {
		f := page.Field{Name: name, Label: l.Say(label), Value: s.invite.Get(name), Most: floor.LongName, Fill: "off"}
		if w, ok := s.refused[name]; ok {
			f.Error = l.Say("bad."+w.Kind, "n", w.N)
		}
		return f
	}
	choose := func(name, label, none, section string, keys []string) page.Field {
		f := field(name, label)
		f.Type, f.Fill = "select", ""
		if none != "" {
			f.Choices = append(f.Choices, page.Choice{Label: l.Say(none)})
		}
		for _, k := range keys {
			f.Choices = append(f.Choices, page.Choice{Value: k, Label: l.Say(section + k)})
		}
		return f
	}
	x := &inviting{Name: field("name", "common.name"), Org: field("org", "consent.field.org"),
		Group:  choose("group", "consent.field.group", "group.unsaid", "group.", floor.Groups),
		Region: choose("region", "consent.field.region", "region.unsaid", "region.", floor.Regions),
		Side:   choose("side", "plan.side", "", "side.", []string{"room", "online"}),
		Roles: sheet.RolesOf(l, "role", s.invite["role"], floor.Organiser, floor.Chair, floor.Venue, floor.Desk, floor.Rapporteur, floor.Speaker,
			floor.Lane, floor.Hub)}
	x.Name.Required = true
	if w, ok := s.refused["role"]; ok {
		x.Error = l.Say("bad."+w.Kind, "n", w.N)
	}
	return x
}

// show answers a press with the whole page, so that what it made is on it.
func (s state) show(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request, status int) error {
	own := *Screen
	own.Page = func(v *hall.Visit) (any, error) { return s.page(v), nil }
	now := h.Visit(r, v.Pass) // the session as it stands after the press
	now.Screen, now.Said = &own, v.Said
	return h.Show(w, r, now, status)
}

// ServePlan takes the form of the plan.
func ServePlan(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return &floor.BadInput{Field: "body", Kind: "long"}
	}
	typed := r.PostForm
	if typed.Get("more") != "" {
		return state{typed: typed}.show(h, v, w, r, http.StatusOK)
	}
	p, _, wrongs := sheet.Read(typed, v.Now.Location())
	if len(wrongs) > 0 {
		if page.WantsJSON(r) {
			fields := map[string]string{}
			for name, x := range wrongs {
				fields[name] = v.Lang.Say("bad."+x.Kind, "n", x.N)
			}
			return page.Reply(w, r, v.Lang, http.StatusUnprocessableEntity, page.Answer{Say: v.Lang.Say("plan.wrong"), Fields: fields})
		}
		v.Said = v.Lang.Say("plan.wrong")
		return state{typed: typed, wrongs: wrongs}.show(h, v, w, r, http.StatusUnprocessableEntity)
	}
	sheet.Keep(&p, v.Look)
	a, err := h.Session.Do(r.Context(), live.Command{ID: typed.Get("id"), Actor: floor.Actor{Person: v.Pass.Person, Roles: v.Pass.Roles}, Do: &p})
	if err != nil || page.WantsJSON(r) {
		return h.Answer(w, r, v, a, err)
	}
	v.Said = v.Lang.Say("common.saved")
	return state{}.show(h, v, w, r, http.StatusOK)
}
