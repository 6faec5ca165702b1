package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"openmic/floor"
	"openmic/internal/guest"
	"openmic/internal/web/hall"
)

// A Demo is the workshop, ready to be played.
type Demo struct {
	Title   string      `json:"title"`
	Session string      `json:"session"`
	Links   []hall.Link `json:"links"`
	// Audience are the scripted people who have joined, by name.
	Audience             map[string]*guest.Guest `json:"audience"`
	file                 string
	Online, Room, Public string     `json:"-"`
	hall                 *hall.Hall // where the main floor is given
}

// stale is how long a demo is taken up again; older ones stay in the list and a new one begins.
const stale = 3 * time.Hour

// A Host is what the demo needs of the program.
type Host interface {
	hall.Host
	Hall(id string) (*hall.Hall, bool)
}

// Prepare finds the demo of this data folder as it was, or makes one. Its links are kept beside the data, because they
// are for playing; those of real sessions never are.
func Prepare(ctx context.Context, host Host, folder string) (*Demo, error) {
	file := filepath.Join(folder, "demo.json")
	d := &Demo{file: file}
	if b, err := os.ReadFile(file); err == nil && json.Unmarshal(b, d) == nil {
		if h, ok := host.Hall(d.Session); ok {
			v := h.Session.View()
			if v.Adjourned < 0 && time.Since(time.UnixMilli(v.Wall)) < stale {
				return d.with(h), nil
			}
		}
	}
	plan := workshop
	plan.Start = time.Now().Truncate(time.Minute).UnixMilli()
	id, links, err := host.Create(ctx, hall.Draft{Plan: plan, People: crew})
	if err != nil {
		return nil, fmt.Errorf("the demo session cannot be made: %w", err)
	}
	d = &Demo{Title: plan.Title, Session: id, Links: links, Audience: map[string]*guest.Guest{}, file: file}
	if err := d.keep(); err != nil {
		return nil, fmt.Errorf("the demo's links cannot be kept: %w", err)
	}
	h, ok := host.Hall(id)
	if !ok {
		return nil, fmt.Errorf("the demo session %s cannot be opened", id)
	}
	return d.with(h), nil
}

func (d *Demo) keep() error {
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return os.WriteFile(d.file, b, 0o600)
}

func (d *Demo) with(h *hall.Hall) *Demo {
	d.hall = h
	d.Public, d.Online, d.Room = h.Base(), h.Base()+"online", h.Base()+"room/"+h.RoomCode()
	return d
}

// player acts for all scripted people, over HTTP.
type player struct {
	d            *Demo
	online, room string // addresses of the programs that the two sides use
	errs         io.Writer
	crew         *guest.Guest // the all-in-one link, at the room's program
	desk         *guest.Guest // the same at the other one
}

// At lets the main floor be given at another site, the venue of a cut.
func (d *Demo) At(h *hall.Hall) *Demo { return d.with(h) }

// Play lets the scripted people act until the context ends: those online at one address, those in the room and the crew
// at another, which is the same where there is one site.
func (d *Demo) Play(ctx context.Context, online, room string, errs io.Writer) {
	p := &player{d: d, online: online, room: room, errs: errs}
	for _, l := range d.Links {
		if !l.Roles.Has(floor.Chair) || !l.Roles.Has(floor.Desk) {
			continue
		}
		for _, x := range []struct {
			at string
			to **guest.Guest
		}{{room, &p.crew}, {online, &p.desk}} {
			g, err := guest.Come(http.DefaultClient, x.at+l.Path)
			if err != nil {
				fmt.Fprintln(errs, "demo:", err)
				return
			}
			*x.to = g
		}
	}
	go p.play(ctx)
}

// Ahead is how far one side may be ahead of the other in a demo on two sites; elsewhere it is what the rule says.
const Ahead = 10 * time.Second

// apart: the two sides use a site each.
func (p *player) apart() bool { return p.online != p.room }

// do gives a command for somebody; what the rule refuses is part of the play.
func (p *player) do(ctx context.Context, as *guest.Guest, fields map[string]any) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if _, err := as.Do(ctx, fields); err != nil && ctx.Err() == nil {
		fmt.Fprintln(p.errs, "demo:", err)
	}
}

// join lets one of the audience in, or finds them again.
func (p *player) join(ctx context.Context, s somebody) {
	base, door := p.online, p.d.Online
	if s.side == floor.Room {
		base, door = p.room, p.d.Room
	}
	if g := p.d.Audience[s.name]; g != nil { // from an earlier start
		g.Server, g.HTTP = base, http.DefaultClient
		return
	}
	g, a, err := guest.Knock(ctx, http.DefaultClient, base+door, map[string]any{"id": guest.ID(), "name": s.name, "group": s.group,
		"region": s.region, "preset": s.preset, "first": s.first,
		"hand": s.preset == "group"})
	if g == nil {
		fmt.Fprintln(p.errs, "demo: nobody opened the door for", s.name, a.Say, err)
		return
	}
	p.d.Audience[s.name] = g
	if err := p.d.keep(); err != nil {
		fmt.Fprintln(p.errs, "demo:", err)
	}
}

// ask lets somebody ask for the floor or write their card.
func (p *player) ask(ctx context.Context, s somebody) {
	as, ok := p.d.Audience[s.name]
	if !ok {
		return
	}
	if s.card != "" {
		p.do(ctx, as, map[string]any{"do": "write", "text": s.card, "kind": s.kind, "question": s.question})
		return
	}
	p.do(ctx, as, map[string]any{"do": "ask", "about": s.about, "kind": s.kind, "question": s.question})
}

// handsOff is how long the scripted crew steps back after a person pressed something.
const handsOff = time.Minute

func (p *player) play(ctx context.Context) {
	// The scripted people bring no devices of their own, and are let in all the same.
	settings := map[string]any{"do": "change", "linkPeople": 100, "linkAsks": 100}
	if p.apart() { // a minute's cut must be enough to owe somebody time, and another one to repay it
		maps.Copy(settings, map[string]any{"L": 30_000, "Q": 10_000, "B": Ahead.Milliseconds()})
	}
	p.do(ctx, p.crew, settings)
	tick := time.NewTicker(700 * time.Millisecond)
	defer tick.Stop()
	var mine int64 // entries that the script caused on the crew's behalf
	human := time.Time{}
	for step := 0; ; step++ {
		v := p.d.hall.Session.View()
		if v.Adjourned >= 0 {
			return
		}
		if n := p.pressedByCrew(); n != mine {
			if step > 0 {
				human = time.Now()
			}
			mine = n
		}
		p.crowd(ctx, step)
		if time.Since(human) > handsOff {
			p.lead(ctx, step)
			mine = p.pressedByCrew()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// pressedByCrew counts what changed the floor: calls, turns and approvals.
func (p *player) pressedByCrew() int64 { return p.d.hall.Session.View().Beat }

// crowd: the audience arrives in the first seconds, and goes on having thoughts.
func (p *player) crowd(ctx context.Context, step int) {
	if step < len(audience) {
		known := p.d.Audience[audience[step].name] != nil
		p.join(ctx, audience[step])
		if !known {
			p.ask(ctx, audience[step])
		}
		return
	}
	every := 37
	if p.apart() { // turns are shorter there
		every = 11
	}
	if step%every == 0 {
		s := audience[(step/every)%len(audience)]
		s.about, s.card = later[(step/every)%len(later)], ""
		p.ask(ctx, s)
	}
}

// lead is the scripted crew: it opens the session, gives the panel two short turns, and then takes the line.
func (p *player) lead(ctx context.Context, step int) {
	v := p.d.hall.Session.View()
	at := v.At(time.Now())
	switch {
	case v.Opened < 0:
		if step > 1 {
			p.do(ctx, p.crew, map[string]any{"do": "open"})
		}
		return
	case v.Running() != nil && v.Running().Kind == "welcome" && step > 3:
		p.do(ctx, p.crew, map[string]any{"do": "begin"})
		return
	}
	p.look(ctx, at)
	p.write(ctx)
	if g := v.Running(); g != nil && g.Kind == "panel" {
		p.panel(ctx, at)
		return
	}
	if c := v.Call(); c != nil {
		if at-c.At > 3000 {
			p.do(ctx, p.crew, map[string]any{"do": "start"})
		}
		return
	}
	length := int64(25_000)
	if p.apart() {
		length = 12_000
	}
	if t := v.Current(); t != nil && t.Length(at) < length {
		return
	}
	p.do(ctx, p.crew, map[string]any{"do": "call"})
}

// look is the scripted online moderator, who looks at one thing at a time: at cards as they come, and at names before
// they stand on the wall.
func (p *player) look(ctx context.Context, at int64) {
	v := p.d.hall.Session.View()
	for i := range v.Tickets {
		if t := &v.Tickets[i]; t.Live() && t.Form == floor.Card && !t.Approved && !t.Held && at-t.Asked > 4000 {
			p.do(ctx, p.desk, map[string]any{"do": "approve", "ticket": t.ID})
			return
		}
	}
	for i := range v.People {
		if q := &v.People[i]; !q.Cleared && at-q.Joined > 2000 {
			p.do(ctx, p.desk, map[string]any{"do": "admit", "people": []floor.ID{q.ID}})
			return
		}
	}
}

// write is the scripted rapporteur, who confirms each turn by what its person said it is about, and draws a conclusion.
func (p *player) write(ctx context.Context) {
	v := p.d.hall.Session.View()
	confirmed := 0
	for i := range v.Turns {
		t := &v.Turns[i]
		k := v.Ticket(t.Ticket)
		if !t.Charged() || t.Ended < 0 || k == nil {
			continue
		}
		about := v.Say(k.About)
		switch {
		case t.Line != "":
			confirmed++
		case about != "":
			p.do(ctx, p.crew, map[string]any{"do": "confirm", "turn": t.ID, "text": about})
			return
		}
	}
	if n := len(v.Notes); n < min(confirmed, len(minutes)) {
		note := map[string]any{"do": "jot"}
		maps.Copy(note, minutes[n])
		p.do(ctx, p.crew, note)
	}
}

// panel gives each speaker half a minute; then the discussion begins.
func (p *player) panel(ctx context.Context, at int64) {
	v := p.d.hall.Session.View()
	if t := v.Current(); t != nil && t.Length(at) < 8_000 {
		return
	}
	spoken := map[floor.ID]bool{}
	for _, t := range v.Turns {
		spoken[t.Person] = true
	}
	for _, who := range v.People {
		if who.Roles.Has(floor.Speaker) && !spoken[who.ID] {
			p.do(ctx, p.crew, map[string]any{"do": "give", "kind": "panel", "person": who.ID})
			return
		}
	}
	if v.Current() != nil {
		p.do(ctx, p.crew, map[string]any{"do": "end"})
	}
	p.do(ctx, p.crew, map[string]any{"do": "begin"})
}
