package sheet

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"openmic/floor"
	"openmic/internal/web/hall"
)

// Wrongs is what is wrong with a form, by the names of its fields. What belongs to no field stands under "".
type Wrongs map[string]*floor.BadInput

// add notes the first complaint about a field.
func (w Wrongs) add(name, kind string, n int64) {
	if _, there := w[name]; !there {
		w[name] = &floor.BadInput{Field: name, Kind: kind, N: n}
	}
}

// Read makes a plan and its people of what is typed. Start times without a zone are local ones. Nobody has been asked to
// take the plan yet, but the floor would: its own complaints are among the wrongs.
func Read(typed url.Values, local *time.Location) (floor.Plan, []hall.Invitee, Wrongs) {
	wrongs := Wrongs{}
	p := floor.Plan{Title: strings.TrimSpace(typed.Get("title")), Facts: map[string]string{}}
	if p.Title == "" {
		wrongs.add("title", "empty", 0)
	}
	tooLong(wrongs, "title", p.Title, floor.LongLine)
	p.Start = start(typed, local, wrongs)
	for _, f := range facts {
		v := strings.TrimSpace(typed.Get(f.key))
		if v == "" {
			continue
		}
		tooLong(wrongs, f.key, v, f.most)
		switch {
		case f.key == "video" && !isLink(v):
			wrongs.add(f.key, "choice", 0)
		case f.key == "microphones":
			if n, err := strconv.Atoi(v); err != nil || n < 1 || n > 20 {
				wrongs.add(f.key, "range", 20)
			}
		}
		p.Facts[f.key] = v
	}
	for name, list := range map[string]*[]string{"question": &p.Questions, "material": &p.Materials} {
		for i := range rows(typed, name, 0) {
			at := fmt.Sprintf("%s.%d", name, i)
			if v := strings.TrimSpace(typed.Get(at)); v != "" {
				tooLong(wrongs, at, v, floor.LongText)
				*list = append(*list, v)
			}
		}
	}
	p.Segments = segments(typed, wrongs)
	people := people(typed, wrongs)
	var bad *floor.BadInput
	if _, err := floor.Decide(floor.New(), floor.Moment{Tag: "a", N: 1}, floor.Actor{Roles: floor.Organiser}, &p); len(wrongs) == 0 && errors.As(err, &bad) {
		wrongs.add(placeOf(bad.Field), bad.Kind, bad.N)
	}
	return p, people, wrongs
}

// placeOf is the form's field for a complaint of the floor that names a whole list.
func placeOf(field string) string {
	switch field {
	case "segments", "segment", "minutes":
		return "segment.0.minutes"
	case "question", "material":
		return field + ".0"
	case "plan", "facts":
		return ""
	}
	return field
}

func tooLong(w Wrongs, name, v string, most int) {
	if utf8.RuneCountInString(v) > most {
		w.add(name, "long", int64(most))
	}
	if !utf8.ValidString(v) {
		w.add(name, "letters", 0)
	}
}

// isLink: an address of the web that can be opened by a press.
func isLink(v string) bool {
	u, err := url.Parse(v)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// start is the moment of date, time and zone in Unix ms, 0 when no date is typed.
func start(typed url.Values, local *time.Location, w Wrongs) int64 {
	date, clock, zone := typed.Get("date"), typed.Get("time"), typed.Get("zone")
	if date == "" && clock == "" {
		return 0
	}
	if date == "" {
		w.add("date", "empty", 0)
		return 0
	}
	if clock == "" {
		w.add("time", "empty", 0)
		return 0
	}
	if _, err := time.Parse("2006-01-02", date); err != nil {
		w.add("date", "date", 0)
		return 0
	}
	layout, value := "2006-01-02 15:04", date+" "+clock
	if zone != "" {
		layout, value = layout+"-07:00", value+zone
	}
	at, err := time.ParseInLocation(layout, value, local)
	switch {
	case err != nil:
		w.add("time", "time", 0)
		return 0
	case at.Year() < 1990 || at.Year() > 2200:
		w.add("date", "date", 0)
		return 0
	}
	return at.UnixMilli()
}

func segments(typed url.Values, w Wrongs) []floor.SegmentPlan {
	var out []floor.SegmentPlan
	for i := range rows(typed, "segment", 0) {
		at := fmt.Sprintf("segment.%d.", i)
		s := floor.SegmentPlan{Kind: typed.Get(at + "kind"), Title: strings.TrimSpace(typed.Get(at + "title")), Protected: typed.Get(at+"protected") == "yes"}
		minutes := strings.TrimSpace(typed.Get(at + "minutes"))
		if minutes == "" && s.Title == "" {
			continue
		}
		n, err := strconv.ParseInt(minutes, 10, 64)
		if err != nil || n < 1 || n > 24*60 {
			w.add(at+"minutes", "time", 24*60)
		}
		known := false
		for _, k := range floor.SegmentKinds {
			known = known || k == s.Kind
		}
		if !known {
			w.add(at+"kind", "choice", 0)
		}
		tooLong(w, at+"title", s.Title, floor.LongLine)
		s.Minutes = n
		out = append(out, s)
	}
	if len(out) == 0 {
		w.add("segment.0.minutes", "empty", 0)
	}
	if len(out) > 40 {
		w.add("segment.40.minutes", "many", 40)
	}
	return out
}

func people(typed url.Values, w Wrongs) []hall.Invitee {
	var out []hall.Invitee
	for i := range rows(typed, "person", 0) {
		at := fmt.Sprintf("person.%d.", i)
		if p, there := Invitee(typed, at, w); there {
			out = append(out, p)
		}
	}
	return out
}

// Invitee reads the row of one person, whose fields begin with at; false when the row is empty.
func Invitee(typed url.Values, at string, w Wrongs) (hall.Invitee, bool) {
	get := func(name string) string { return strings.Join(strings.Fields(typed.Get(at+name)), " ") }
	p := hall.Invitee{Name: get("name"), Org: get("org"), Group: get("group"), Region: get("region"), Side: floor.Room}
	roles := typed[at+"role"]
	if p.Name == "" && p.Org == "" && len(roles) == 0 {
		return p, false
	}
	if p.Name == "" {
		w.add(at+"name", "empty", 0)
	}
	tooLong(w, at+"name", p.Name, floor.LongName)
	tooLong(w, at+"org", p.Org, floor.LongName)
	for _, c := range []struct {
		name, v string
		keys    []string
	}{{"group", p.Group, floor.Groups}, {"region", p.Region, floor.Regions}, {"side", get("side"), []string{"room", "online"}}} {
		known := c.v == ""
		for _, k := range c.keys {
			known = known || k == c.v
		}
		if !known {
			w.add(at+c.name, "choice", 0)
		}
	}
	if get("side") == "online" {
		p.Side = floor.Online
	}
	for _, r := range roles {
		var one floor.Roles
		offered := false
		for _, o := range append(rolesOffered, floor.Hub, floor.Participant) {
			offered = offered || o.String() == r
		}
		if err := one.UnmarshalText([]byte(r)); err != nil || !offered {
			w.add(at+"role", "choice", 0)
			continue
		}
		p.Roles |= one
	}
	if p.Roles == 0 {
		p.Roles = floor.Participant
	}
	return p, true
}
