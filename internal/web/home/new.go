package home

import (
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"openmic/floor"
	"openmic/internal/plan"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
	"openmic/internal/web/sheet"
	"openmic/internal/words"
)

// read takes the text of a proposal, pasted or as a file, and shows what was understood of it.
func (h *Home) read(_ *hall.Pass, w http.ResponseWriter, r *http.Request) error {
	name, text, field, err := proposal(r)
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	var p *plan.Proposal
	if err == nil {
		p, err = plan.ImportNamed(name, text)
	}
	if err != nil {
		return h.showStart(w, r, http.StatusUnprocessableEntity, map[string]string{field: complaint(Language(r), err)})
	}
	reading := sheet.FromProposal(p, time.Local)
	typed := url.Values{"microphones": {"2"}, "walllink": {"yes"}}
	for k, v := range reading.Typed {
		typed[k] = v
	}
	if !chairs(typed) {
		typed.Set("crewlink", "yes")
	}
	return h.review(w, r, http.StatusOK, typed, nil, reading)
}

// proposal is what was chosen or pasted, and the form's field it came from.
func proposal(r *http.Request) (name string, text []byte, field string, err error) {
	if err := r.ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return "", nil, "file", plan.ErrTooLarge
		}
		return "", nil, "text", plan.ErrNotText
	}
	file, head, err := r.FormFile("file")
	if err == nil {
		defer file.Close()
		text, err = io.ReadAll(io.LimitReader(file, plan.MaxBytes+1))
		if err != nil {
			return "", nil, "file", err
		}
		if len(text) > 0 || head.Filename != "" {
			return head.Filename, text, "file", nil
		}
	}
	return "", []byte(r.FormValue("text")), "text", nil
}

// complaint is the sentence for a text that is no proposal.
func complaint(l *words.Language, err error) string {
	switch {
	case errors.Is(err, plan.ErrTooLarge):
		return l.Say("home.too-large")
	case errors.Is(err, plan.ErrEmpty):
		return l.Say("bad.empty")
	}
	return l.Say("home.not-text")
}

// chairs tells whether somebody in the form chairs.
func chairs(typed url.Values) bool {
	_, people, _ := sheet.Read(typed, time.Local)
	for _, p := range people {
		if p.Roles.Has(floor.Chair) {
			return true
		}
	}
	return false
}

// empty shows the form without a proposal; "like" names a session whose plan it repeats (seed S22).
func (h *Home) empty(_ *hall.Pass, w http.ResponseWriter, r *http.Request) error {
	typed := sheet.Empty()
	if id := r.URL.Query().Get("like"); id != "" {
		x, ok := h.Hall(id)
		if !ok {
			return hall.ErrNotFound
		}
		typed = sheet.FromSession(x.Look(Language(r)), time.Local)
		typed.Set("crewlink", "yes")
		typed.Set("walllink", "yes")
		typed.Del("date")
		typed.Del("time")
	}
	return h.review(w, r, http.StatusOK, typed, nil, nil)
}

// review shows the form, with the proposal beside it when there is one.
func (h *Home) review(w http.ResponseWriter, r *http.Request, status int, typed url.Values, wrongs sheet.Wrongs, from *sheet.Reading) error {
	l := Language(r)
	v := h.view(r, "review")
	v.Title = l.Say("home.review")
	v.Sheet = sheet.Of(l, typed, wrongs, from, time.Local)
	v.Press = typed.Get("id")
	if v.Press == "" {
		v.Press = rand.Text()
	}
	v.Lines = from.Lines()
	v.Original = from.Text()
	tick := func(name, label, hint string) page.Field {
		return page.Field{Name: name, Label: l.Say(label), Hint: l.Say(hint), Type: "checkbox", Value: "yes", Checked: typed.Get(name) == "yes"}
	}
	v.Crew, v.Wall = tick("crewlink", "home.crew-link", "home.crew-link.hint"), tick("walllink", "home.wall-link", "home.wall-link.hint")
	if w, ok := wrongs["crewlink"]; ok && w.Kind == "empty" {
		v.Crew.Error = l.Say("home.no-chair")
	}
	if w, ok := wrongs[""]; ok {
		v.Said = l.Say("bad."+w.Kind, "n", w.N)
	} else if len(wrongs) > 0 {
		v.Said = l.Say("home.wrong", "n", len(wrongs))
	}
	return h.show(w, r, status, v)
}

// made is what one press made.
type made struct {
	id, pass, secret string
	links            []hall.Link
}

// make makes the session that the form describes, or shows the form again with what is wrong with it.
func (h *Home) make(keeper *hall.Pass, w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return &floor.BadInput{Field: "body", Kind: "long", N: 6 << 20}
	}
	typed := r.PostForm
	var from *sheet.Reading
	if text := typed.Get("proposal"); text != "" {
		if p, err := plan.Import([]byte(text)); err == nil {
			from = sheet.FromProposal(p, time.Local)
		}
	}
	if typed.Get("more") != "" {
		return h.review(w, r, http.StatusOK, typed, nil, from)
	}
	l := Language(r)
	draft := hall.Draft{}
	var wrongs sheet.Wrongs
	draft.Plan, draft.People, wrongs = sheet.Read(typed, time.Local)
	if typed.Get("crewlink") == "yes" {
		draft.People = append(draft.People, hall.Invitee{Name: l.Say("home.crew-name"), Roles: floor.Organiser | floor.Chair | floor.Venue | floor.Desk | floor.Rapporteur, Side: floor.Room})
	}
	if typed.Get("walllink") == "yes" {
		draft.People = append(draft.People, hall.Invitee{Name: l.Say("home.wall-name"), Roles: floor.Projector, Side: floor.Room})
	}
	chair := false
	for _, p := range draft.People {
		chair = chair || p.Roles.Has(floor.Chair)
	}
	if !chair {
		wrongs["crewlink"] = &floor.BadInput{Field: "crewlink", Kind: "empty"}
	}
	press := typed.Get("id")
	if press == "" || len(press) > 64 {
		wrongs[""] = &floor.BadInput{Field: "id", Kind: "empty"}
	}
	if len(wrongs) > 0 {
		return h.review(w, r, http.StatusUnprocessableEntity, typed, wrongs, from)
	}
	m, err := h.shown.Do(keeper.ID+" "+press, func() (made, error) { return h.create(keeper.ID+" "+press, draft, l, r) })
	var bad *floor.BadInput
	if errors.As(err, &bad) {
		return h.review(w, r, http.StatusUnprocessableEntity, typed, sheet.Wrongs{"": bad}, from)
	}
	if err != nil {
		return err
	}
	x, ok := h.Hall(m.id)
	if !ok {
		return hall.ErrNotFound
	}
	x.SetCookie(w, r, m.secret)
	h.remember(w, r, m.id, m.pass)
	look := x.Look(l)
	v := h.view(r, "made")
	v.Title, v.Name = l.Say("home.made"), look.Text(look.Title)
	v.Links = sheet.LinksOf(l, x.Public(), m.links)
	v.Doors = sheet.DoorsOf(look)
	v.Screen = x.Of(m.pass) + "plan"
	switch u, err := url.Parse(x.Public()); {
	case err != nil || u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1":
		v.Wrong = l.Say("home.only-here")
	case u.Scheme == "http" && !h.PlainCrew:
		v.Wrong = l.Say("home.plain")
	}
	return h.show(w, r, http.StatusOK, v)
}

// create makes the session of a press and a pass for its organiser. A press that made a session long ago makes no
// other: its links are not known any more.
func (h *Home) create(press string, d hall.Draft, l *words.Language, r *http.Request) (m made, err error) {
	m.id, err = h.ids.Do(press, func() (id string, err error) {
		id, m.links, err = h.Host.Create(r.Context(), d)
		return id, err
	})
	if err != nil {
		return made{}, err
	}
	x, ok := h.Hall(m.id)
	if !ok {
		return made{}, hall.ErrNotFound
	}
	m.pass, m.secret, err = organise(x, l, r)
	return m, err
}

// organise gives the organiser a pass for a session.
func organise(x *hall.Hall, l *words.Language, r *http.Request) (pass, secret string, err error) {
	p, secret, err := x.Passes.Give(r.Context(), hall.Pass{Roles: floor.Organiser, Label: l.Say("home.you")})
	return p.ID, secret, err
}

// remember keeps in the organiser's browser which pass is theirs in a session.
func (h *Home) remember(w http.ResponseWriter, r *http.Request, session, pass string) {
	http.SetCookie(w, &http.Cookie{Name: "om-open-" + session, Value: pass, Path: "/open/" + session, HttpOnly: true, Secure: hall.Secure(r),
		SameSite: http.SameSiteLaxMode, MaxAge: 400 * 24 * 60 * 60})
}

// open leads the organiser into a session, with the pass they have there or a new one.
func (h *Home) open(_ *hall.Pass, w http.ResponseWriter, r *http.Request) error {
	x, ok := h.Hall(r.PathValue("session"))
	if !ok {
		return hall.ErrNotFound
	}
	if c, err := r.Cookie("om-open-" + x.ID); err == nil && x.Passes.Valid(c.Value) {
		http.Redirect(w, r, x.Of(c.Value)+"plan", http.StatusSeeOther)
		return nil
	}
	pass, secret, err := organise(x, Language(r), r)
	if err != nil {
		return err
	}
	x.SetCookie(w, r, secret)
	h.remember(w, r, x.ID, pass)
	http.Redirect(w, r, x.Of(pass)+"plan", http.StatusSeeOther)
	return nil
}

// Number counts lines from one, as origins do.
func (view) Number(i int) int { return i + 1 }
