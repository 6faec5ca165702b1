package site_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/cable"
	"openmic/internal/guest"
	"openmic/internal/link"
	"openmic/internal/site"
	"openmic/internal/web/chair"
	"openmic/internal/web/crew"
	"openmic/internal/web/hall"
	"openmic/internal/web/line"
	"openmic/internal/web/notes"
	"openmic/internal/web/venue"
	"openmic/internal/web/wall"
)

// A venue that was revoked promises nobody anything: its screens say where the session goes on, no place is taken there,
// also after a restart without the hub, and the hub's plan page calls it revoked.
func TestARevokedVenueTakesNothing(t *testing.T) {
	p := newPair(t)
	p.begin()
	everybody := []*hall.Screen{line.Screen, wall.Screen, venue.Screen, chair.Screen, notes.Screen}
	there := func() *hall.Hall { h, _ := p.venue.Hall(p.id); return h }
	knock := func() (*guest.Guest, guest.Answer) {
		t.Helper()
		g, a, err := guest.Knock(context.Background(), http.DefaultClient, p.venue.Local()+there().Base()+"room/"+there().RoomCode(),
			map[string]any{"id": guest.ID(), "name": "Zoe Adeyemi", "preset": "name"})
		if err != nil {
			t.Fatal(err)
		}
		return g, a
	}
	zoe, a := knock()
	if zoe == nil {
		t.Fatalf("not let in: %s", a.Say)
	}
	p.until("both tell one story", p.same)
	here, ok := p.hub.Hall(p.id)
	if !ok {
		t.Fatal("no session at the hub")
	}
	plan := func() string {
		t.Helper()
		l, err := here.Invite(context.Background(), hall.Invitee{Name: "Organiser", Roles: floor.Organiser}, "")
		if err != nil {
			t.Fatal(err)
		}
		g, err := guest.Come(http.DefaultClient, p.hub.Local()+l.Path)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := g.Get(context.Background(), "plan?lang=en")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if page := plan(); !strings.Contains(page, "Revoke this venue") || strings.Contains(page, "revoked: takes no part") {
		t.Error("the plan page of a venue that takes part")
	}
	p.says("while it takes part", p.venue, everybody, "not takes no part in the session")

	own := string(p.session(p.venue).Name())
	if err := p.hub.RevokeVenue(context.Background(), p.id, own); err != nil {
		t.Fatal(err)
	}
	p.until("the venue hears that it is out", func() bool { return there().Out() != "" })
	out := func(when string) {
		t.Helper()
		p.says(when, p.venue, everybody, "This site takes no part in the session any more.", "Go on at http://"+p.cable.Addr()+"/s/"+p.id+"/", "not keep their places", "not You are 1st", "not You keep place", "not "+there().RoomCode())
		if a, err := zoe.Do(context.Background(), map[string]any{"do": "ask"}); err != nil || a.Refused != "out" || !strings.Contains(a.Say, "nothing is taken here") {
			t.Errorf("%s, an ask: %+v %v", when, a, err)
		}
		if g, a := knock(); g != nil || a.Refused != "out" {
			t.Errorf("%s, a stranger at the door: %+v", when, a)
		}
	}
	out("revoked")
	crews := []*hall.Screen{chair.Screen, crew.Screen}
	p.says("revoked", p.venue, crews, "This counts nowhere any more", "The main floor that is given here counts no more", "not The gavel is in the room", "not can be passed again")
	p.until("the hub's people are told", func() bool { return p.trouble(p.hub) == hall.VenueOut })
	p.says("revoked", p.hub, everybody, "The computer in the room takes part no more", "What is spoken or pressed there since then is not taken", "Nobody is called until the floor is taken over here",
		"not has not been heard since", "not goes on by itself", "not goes on without being heard", "not The link to the room is down", "not what the room speaks now counts", "not is decided there", "not once it is heard again")
	p.says("revoked", p.hub, crews, "The gavel is still with the computer in the room that the organiser revoked", "make a link for another laptop on the plan page", "Take over now",
		"not The gavel is in the room", "not although the room does not know", "not Next and End are pressed in the room", "not can be passed again")
	p.must(p.hub, organiser, &floor.TakeOver{Class: "other"})
	p.says("taken over", p.hub, everybody, "The computer in the room takes part no more", "The floor goes on online", "not Nobody is called until")
	p.says("taken over", p.hub, crews, "The gavel is online", "make a link for another laptop on the plan page", "not Take over")
	for _, lang := range []string{"ja", "ar", "fr"} {
		if text := p.region(p.venue, line.Screen, lang); !strings.Contains(text, "http://"+p.cable.Addr()+"/s/"+p.id+"/") {
			t.Errorf("%s: %.400s", lang, text)
		}
	}
	if page := plan(); strings.Contains(page, "Revoke this venue") || !strings.Contains(page, "revoked: takes no part") || strings.Contains(page, "not heard since") {
		t.Error("the plan page of a venue that was revoked")
	}

	if err := p.venue.Close(); err != nil {
		t.Fatal(err)
	}
	p.cable.Close()
	p.venue = open(t, site.Settings{Data: p.dirs[1], Listen: "127.0.0.1:0"})
	zoe.Server = p.venue.Local()
	p.session(p.venue)
	out("after a restart without the hub")
}

// A network on the way that answers 403 is no hub: the venue goes on alone as in any cut, and takes what people press.
func TestNobodyOnTheWayRevokesAVenue(t *testing.T) {
	p := newPair(t)
	p.begin()
	p.cut()
	addr := p.cable.Addr()
	p.cable.Close()
	wall := &http.Server{Addr: addr, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Openmic-Revoked", "c2lnbmVkIGJ5IG5vYm9keQ")
		http.Error(w, "please sign in to this network", http.StatusForbidden)
	})}
	served := make(chan error, 1)
	go func() { served <- wall.ListenAndServe() }()
	defer func() { wall.Close(); <-served }()
	p.until("the venue is sent away", func() bool { return p.trouble(p.venue) == link.Barred })
	h, _ := p.venue.Hall(p.id)
	if h.Out() != "" {
		t.Fatal("the venue believes whoever answers")
	}
	p.must(p.venue, myself("sita"), &floor.Withdraw{Ticket: p.session(p.venue).View().Live("sita").ID})
	p.says("sent away", p.venue, []*hall.Screen{line.Screen}, "Here you can ask and write as before", "not takes no part")
}

// After a takeover both sites say what became of what the room gave meanwhile, its adjournment too; and while it lasts
// nobody is promised a time, nor told of the wrong half, whichever site they look at.
func TestATakeoverIsTold(t *testing.T) {
	p := newPair(t)
	p.begin()
	everybody := []*hall.Screen{line.Screen, wall.Screen, venue.Screen, chair.Screen, notes.Screen}
	p.must(p.hub, myself("vera"), &floor.Join{Side: floor.Room})
	p.must(p.hub, organiser, &floor.Admit{People: []floor.ID{"vera"}})
	p.until("both tell one story", p.same)
	p.says("before", p.hub, []*hall.Screen{line.Screen}, "You are 1st in the room.", "not As far as this site knows")
	p.cut()
	p.must(p.hub, myself("vera"), &floor.Ask{})
	p.says("at the hub", p.hub, []*hall.Screen{line.Screen},
		"As far as this site knows, you are 1st in the room.", "The room has your place and goes on without being heard here.",
		"As far as this site knows, you are 4th in the room.", "The room takes up your place when the link is back.",
		"not At the latest", "not speaks before you", "not speak before you", "not You are next")
	p.says("at the hub", p.hub, []*hall.Screen{line.Screen}, "The link to the room is down since")
	p.says("at the venue", p.venue, []*hall.Screen{line.Screen}, "not As far as this site knows", "People online, of whom you are one, have not been heard since", "not The link to the room is down")

	p.must(p.hub, organiser, &floor.TakeOver{Class: "other", Note: "the room is silent"})
	p.says("taken over, at the hub", p.hub, []*hall.Screen{line.Screen}, "The room, of which you are one, has not been heard since", "not The link to people online is down")
	p.speak(p.venue)
	p.speak(p.venue)
	p.must(p.venue, organiser, &floor.Adjourn{})
	p.cable.Turn(cable.Way{})
	p.until("both tell one story", p.same)
	for _, s := range []*site.Site{p.hub, p.venue} {
		p.says("after it", s, everybody, "online took over the main floor.", "2 turns that the room gave until both heard each other again count as its side floor.",
			"That the session was ended in the room at", "does not count: it goes on.", "not The session has ended")
		for lang, want := range map[string]string{"ja": "会場の別枠として数えます", "ar": "لا يُحسب: الجلسة مستمرة", "fr": "ne compte pas"} {
			if text := p.region(s, line.Screen, lang); !strings.Contains(text, want) {
				t.Errorf("%s: %.600s", lang, text)
			}
		}
	}
}
