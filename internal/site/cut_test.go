package site_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/cable"
	"openmic/internal/guest"
	"openmic/internal/journal/sqlite"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// A standing is how a session stands at one site, as its process tells.
type standing struct {
	Entries, Frictions, Conflicts int64
	Cuts                          int64
	Hash                          string
	Severed                       bool
	Alone                         bool    // this site itself has noted a cut
	Line                          []place // who waits or may come back, in the order of the line
}

type place struct {
	Ticket, Person floor.ID
	Side           floor.Side
	Place          floor.Stamp
}

func tellStanding(s *site.Site, id string) {
	var x standing
	if h, ok := s.Hall(id); ok {
		v := h.Session.View()
		x = standing{Entries: v.Entries, Frictions: int64(v.Frictions), Conflicts: int64(len(v.Conflicts)), Hash: fmt.Sprintf("%x", v.Hash()), Severed: v.Severed() != nil}
		x.Cuts = int64(len(v.Cuts))
		x.Alone = slices.ContainsFunc(v.Cuts, func(c floor.Cut) bool { return c.By == string(h.Session.Name()) && c.To < 0 })
		for _, t := range v.Line {
			if k := v.Ticket(t); k != nil {
				x.Line = append(x.Line, place{k.ID, k.Person, k.Side, k.Place})
			}
		}
	}
	b, err := json.Marshal(x)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", b)
}

func (s *server) standing(id string) (x standing) {
	s.t.Helper()
	fmt.Fprintln(s.in, id)
	line, err := s.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &x)
	}
	if err != nil {
		s.t.Fatalf("how does %s stand? %v", s.data, err)
	}
	return x
}

// two are a hub and a venue as processes, with a cable between them.
type two struct {
	t          *testing.T
	id         string
	hub, venue *server
	wire       *cable.Cable
	crew, code string // path of the chair's link; the room's code
}

// newTwo makes a session, lets the venue join it over the cable, and starts both.
func newTwo(t *testing.T) *two {
	t.Helper()
	w := &two{t: t, hub: &server{t: t, data: t.TempDir(), listen: freeAddress(t)}, venue: &server{t: t, data: t.TempDir(), listen: freeAddress(t)}}
	ctx := context.Background()
	hub, err := site.Open(ctx, site.Settings{Data: w.hub.data, Listen: w.hub.listen}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := hub.Serve(ctx); err != nil {
		t.Fatal(err)
	}
	id, links, err := hub.Create(ctx, hall.Draft{
		Plan:   floor.Plan{Title: "Two sites under load", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 90, Protected: true}}},
		People: []hall.Invitee{{Name: "Chair", Roles: floor.Chair | floor.Desk | floor.Organiser}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.id, w.crew = id, links[0].Path
	if w.wire, err = cable.Lay("127.0.0.1:0", w.hub.listen); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.wire.Close)
	join, err := hub.InviteVenue(ctx, id, "")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(join)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = w.wire.Addr()
	venue, err := site.Open(ctx, site.Settings{Data: w.venue.data, Listen: "127.0.0.1:0"}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := venue.Join(ctx, u.String()); err != nil {
		t.Fatal(err)
	}
	h, ok := hub.Hall(id)
	if !ok {
		t.Fatal("the hub has no session")
	}
	w.code = h.RoomCode()
	if err := errors.Join(venue.Close(), hub.Close()); err != nil {
		t.Fatal(err)
	}
	w.hub.start()
	w.venue.start()
	t.Cleanup(func() { w.hub.kill(); w.venue.kill() })
	return w
}

// until waits until something is so.
func (w *two) until(what string, is func() bool) time.Duration {
	w.t.Helper()
	began := time.Now()
	for ; !is(); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			w.t.Fatalf("waited in vain: %s\nhub   %+v\nvenue %+v", what, w.hub.standing(w.id).short(), w.venue.standing(w.id).short())
		}
	}
	return time.Since(began)
}

func (x standing) short() standing { x.Line = nil; return x }

// one: both tell one story, and both know that they hear each other.
func (w *two) one() bool {
	a, b := w.hub.standing(w.id), w.venue.standing(w.id)
	return a.Entries > 0 && !a.Severed && !b.Severed && a.Hash == b.Hash && a.Entries == b.Entries
}

// someone is a guest at both sites: one pass, two addresses.
type someone struct {
	at      [2]*guest.Guest // at the hub, at the venue
	home    int
	changes bool // goes to the other site now and then
	resends bool // sends a command that was not answered to the other site
	moves   bool // changes sides now and then
}

// heardOf is what somebody was told of a command.
type heardOf struct {
	told
	ask    string // of a withdrawal: the id of the ask
	site   int
	resent bool // to the other site too
}

// Two hundred people write and ask on their own side of a cable that is cut, stalled one way and slowed down while hub
// and venue are killed at any time, also in the middle of a heal. Afterwards both tell one story, and whatever anybody
// was told is in it, once, and nobody stands further back.
func TestCutUnderLoad(t *testing.T) {
	people, rounds := 200, 12
	if testing.Short() {
		people, rounds = 40, 5
	}
	seed := int64(1)
	w := newTwo(t)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * people}, Timeout: 4 * time.Second}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	base := [2]string{"http://" + w.hub.listen, "http://" + w.venue.listen}
	var chairs [2]*guest.Guest
	for i := range chairs {
		g, err := guest.Come(client, base[i]+w.crew)
		if err != nil {
			t.Fatal(err)
		}
		chairs[i] = g
	}
	w.until("both are linked", w.one)
	if a, err := chairs[0].Do(ctx, map[string]any{"do": "change", "linkPeople": 5000, "linkAsks": 5000}); err != nil || !a.Accepted() {
		t.Fatal(a.Say, err) // the crowd brings no devices
	}
	w.until("both know that the crowd may come", w.one)
	crowd := make([]*someone, people)
	var all sync.WaitGroup
	for i := range crowd {
		all.Go(func() {
			x := &someone{home: i % 2, changes: i%10 == 4, resends: i%7 == 3, moves: i%20 == 9}
			door := base[0] + "/s/" + w.id + "/online"
			if x.home == 1 {
				door = base[1] + "/s/" + w.id + "/room/" + w.code
			}
			g, a, err := guest.Knock(ctx, client, door, map[string]any{"id": guest.ID(), "name": fmt.Sprint("Guest ", i), "preset": "name"})
			for err == nil && g == nil && a.Status == http.StatusTooManyRequests {
				time.Sleep(50 * time.Millisecond)
				g, a, err = guest.Knock(ctx, client, door, map[string]any{"id": guest.ID(), "name": fmt.Sprint("Guest ", i), "preset": "name"})
			}
			if err != nil || g == nil {
				t.Errorf("guest %d was not let in: %d %s %v", i, a.Status, a.Say, err)
				return
			}
			other := *g
			other.Server = base[1-x.home]
			x.at[x.home], x.at[1-x.home] = g, &other
			crowd[i] = x
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
	if a, err := chairs[1].Do(ctx, map[string]any{"do": "open"}); err != nil || !a.Accepted() {
		t.Fatal(a.Say, err)
	}
	w.until("both are open", w.one)

	var mu sync.Mutex
	var heard []heardOf
	moved := map[floor.ID]bool{}
	var stop atomic.Bool
	note := func(x heardOf) {
		mu.Lock()
		heard = append(heard, x)
		mu.Unlock()
	}
	press := func(x *someone, do map[string]any) (a guest.Answer, at int, resent bool) {
		at = x.home
		for !stop.Load() {
			short, cancel := context.WithTimeout(ctx, 1500*time.Millisecond)
			a, err := x.at[at].Do(short, do)
			cancel()
			if err == nil {
				return a, at, resent
			}
			if x.resends { // the phone finds the other site and asks again
				at, resent = 1-at, true
			}
		}
		return guest.Answer{}, at, resent
	}
	for i, x := range crowd {
		all.Go(func() {
			r := rand.New(rand.NewSource(seed<<20 + int64(i)))
			for !stop.Load() {
				time.Sleep(time.Duration(100+r.Intn(1200)) * time.Millisecond)
				if x.changes && r.Intn(6) == 0 {
					x.home = 1 - x.home
				}
				if x.moves && r.Intn(6) == 0 {
					mu.Lock()
					moved[x.at[0].Person] = true
					mu.Unlock()
					press(x, map[string]any{"do": "move", "id": guest.ID(), "side": []string{"room", "online"}[r.Intn(2)]})
				}
				do := map[string]any{"do": "ask", "id": guest.ID(), "about": "a subject"}
				if r.Intn(3) == 0 {
					do = map[string]any{"do": "write", "id": guest.ID(), "text": "a card of a few words"}
				}
				a, at, resent := press(x, do)
				if !a.Accepted() {
					continue
				}
				if x.resends && r.Intn(3) == 0 { // as if the answer had not arrived
					short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
					_, _ = x.at[1-at].Do(short, do)
					cancel()
					resent = true
				}
				h := heardOf{told{do["id"].(string), do["do"].(string), x.at[0].Person, a.Of("asked")}, "", at, resent}
				note(h)
				if r.Intn(3) == 0 {
					continue // stays
				}
				time.Sleep(time.Duration(r.Intn(1500)) * time.Millisecond)
				do = map[string]any{"do": "withdraw", "id": guest.ID(), "ticket": h.ticket}
				if a, at, resent := press(x, do); a.Accepted() {
					note(heardOf{told{do["id"].(string), "withdraw", h.person, h.ticket}, h.id, at, resent})
				}
			}
		})
	}
	for i, chair := range chairs {
		all.Go(func() { // the crew presses at both sites, whoever has the gavel
			r := rand.New(rand.NewSource(seed<<30 + int64(i)))
			for !stop.Load() {
				for _, do := range []string{"call", "start", "end", "side-open", "side-close"} {
					if i == 1 && do == "side-open" {
						break
					}
					id := guest.ID()
					short, cancel := context.WithTimeout(ctx, 2*time.Second)
					if a, err := chair.Do(short, map[string]any{"do": do, "id": id}); err == nil && a.Accepted() {
						note(heardOf{told{id: id, do: do}, "", i, false})
					}
					cancel()
					time.Sleep(time.Duration(50+r.Intn(400)) * time.Millisecond)
				}
			}
		})
	}

	r := rand.New(rand.NewSource(seed))
	var lines []standing
	kills := map[string]int{}
	did := map[string]int{}
	wait := func(from, to int) { time.Sleep(time.Duration(from+r.Intn(to-from)) * time.Millisecond) }
	kill := func(s *server, down int) {
		kills[map[bool]string{true: "hub", false: "venue"}[s == w.hub]]++
		s.kill()
		time.Sleep(time.Duration(r.Intn(down)) * time.Millisecond)
		s.start()
	}
	some := func() *server { return []*server{w.hub, w.venue}[r.Intn(2)] }
	began := time.Now()
	for n := range rounds {
		lines = append(lines, w.hub.standing(w.id), w.venue.standing(w.id))
		kind := []string{"cut", "kill", "deaf up", "cut and kill", "slow", "heal and kill", "deaf down"}[n%7]
		did[kind]++
		switch kind {
		case "cut":
			w.wire.Turn(cable.Way{Cut: true})
			wait(3500, 4500)
		case "deaf up":
			w.wire.Turn(cable.Way{Cut: true, Up: true})
			wait(3000, 4000)
		case "deaf down":
			w.wire.Turn(cable.Way{Cut: true, Down: true})
			wait(1000, 4000)
		case "slow":
			w.wire.Turn(cable.Way{Delay: 200 * time.Millisecond})
			wait(1000, 2000)
		case "kill":
			kill(some(), 1000)
			wait(100, 1000)
		case "cut and kill":
			w.wire.Turn(cable.Way{Cut: true})
			wait(200, 3500)
			kill(some(), 300)
			wait(200, 3500)
		case "heal and kill":
			w.wire.Turn(cable.Way{Cut: true})
			wait(3200, 4000)
			w.wire.Turn(cable.Way{})
			wait(20, 900)
			kill(some(), 300)
		}
		w.wire.Turn(cable.Way{})
		wait(300, 2000)
	}
	took := time.Since(began)
	healed := w.until("one story although people go on", func() bool {
		a, b := w.hub.standing(w.id), w.venue.standing(w.id)
		return !a.Severed && !b.Severed
	})
	stop.Store(true)
	all.Wait()
	w.until("one story", w.one)
	end := w.hub.standing(w.id)
	w.hub.kill()
	w.venue.kill()
	t.Logf("%d people, %d rounds in %v: %v; killed %v; healed %v after the last", people, rounds, took.Round(time.Second), did, kills, healed.Round(time.Millisecond))
	w.judge(end, heard, moved, lines)
}

// judge compares the folders of both sites with what people were told.
func (w *two) judge(end standing, heard []heardOf, moved map[floor.ID]bool, lines []standing) {
	t := w.t
	t.Helper()
	hub, venue := journalsOf(t, w.hub.data, w.id), journalsOf(t, w.venue.data, w.id)
	if !maps.EqualFunc(hub, venue, func(a, b []string) bool { return slices.Equal(a, b) }) {
		t.Error("the two folders do not hold the same journals")
	}
	fold := floor.NewFold()
	times := map[string]int{} // a command of a person, in one journal
	tickets := map[string][]floor.ID{}
	var entries []*floor.Entry
	for name, list := range hub {
		more := false
		for _, b := range list {
			e, err := floor.ParseEntry([]byte(b))
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, e)
			k := string(e.By) + " " + e.Command
			if !more {
				times[k+" "+name]++
				times[e.Command]++
			}
			if floor.Kind(e.Event) == "asked" {
				tickets[e.Command] = append(tickets[e.Command], e.ID())
			}
			more = e.More
		}
	}
	fold.Add(entries...)
	v := fold.State()
	if got := fmt.Sprintf("%x", v.Hash()); got != end.Hash {
		t.Errorf("the journals fold to %s, the sites told %s", got, end.Hash)
	}
	lost, twice, worse := 0, 0, 0
	for k, n := range times {
		if n > 1 && len(k) > 40 {
			twice++
			t.Errorf("the command %s is in one journal %d times", k, n)
		}
	}
	for _, x := range heard {
		switch n := times[x.id]; {
		case n == 0:
			lost++
			t.Errorf("%s %s of %s was acknowledged at site %d and is nowhere", x.do, x.id, x.person, x.site)
			continue
		case n > 1 && !x.resent && x.person != "":
			twice++
			t.Errorf("%s %s of %s was sent to one site and is there %d times", x.do, x.id, x.person, n)
		}
		if x.ticket == "" {
			continue
		}
		live := []floor.ID{}
		if x.do == "withdraw" {
			for _, id := range tickets[x.ask] {
				if k := v.Ticket(id); k != nil && k.Live() {
					lost++
					t.Errorf("%s of %s was withdrawn and is %+v", id, x.person, k)
				}
			}
			continue
		}
		for _, id := range tickets[x.id] {
			if k := v.Ticket(id); k != nil && k.Person == x.person && !slices.Contains(live, k.ID) {
				live = append(live, k.ID)
			}
		}
		switch {
		case len(live) == 0:
			lost++
			t.Errorf("%s %s of %s: no ticket is left of %v", x.do, x.id, x.person, tickets[x.id])
		case len(live) > 1:
			twice++
			t.Errorf("%s %s of %s made %v", x.do, x.id, x.person, live)
		case !x.resent && live[0] != x.ticket:
			t.Errorf("%s %s of %s was told %s, and it is %s", x.do, x.id, x.person, x.ticket, live[0])
		}
	}
	owners := map[floor.ID]int{}
	for i := range v.Tickets {
		if k := &v.Tickets[i]; k.Live() && k.Placed {
			if owners[k.Person]++; owners[k.Person] == 2 {
				twice++
				t.Errorf("%s has two places", k.Person)
			}
		}
	}
	pairs := 0
	lines = append(lines, end)
	for i, a := range lines {
		before := map[floor.ID]place{}
		for _, p := range a.Line {
			before[p.Ticket] = p
		}
		for _, b := range lines[i+1:] {
			last := [2]floor.Stamp{}
			for _, p := range b.Line {
				old, waited := before[p.Ticket]
				if moved[p.Person] {
					continue
				}
				if waited {
					pairs++
				}
				if p.Place.Before(last[p.Side]) || waited && (old.Place != p.Place || old.Side != p.Side) {
					worse++
					t.Errorf("%s of %s stood at %v and stands at %v behind %v", p.Ticket, p.Person, old, p, last[p.Side])
				}
				last[p.Side] = p.Place
			}
		}
	}
	acts := 0
	for _, x := range heard {
		if x.person == "" {
			acts++
		}
	}
	if v.Frictions > 0 || len(v.Conflicts) > 0 {
		t.Errorf("%d frictions, %d conflicts", v.Frictions, len(v.Conflicts))
	}
	t.Logf("%d entries, %d acknowledged to people and %d to the crew; lost %d, twice %d, places worse %d of %d looked at; %d cuts noted, %d came second, %d repeats, %d overtaken",
		v.Entries, len(heard)-acts, acts, lost, twice, worse, pairs, len(v.Cuts), twoAsks(v), v.Repeats, v.Overtaken)
	if acts == 0 || len(v.Cuts) < 4 || v.Repeats == 0 && !testing.Short() {
		t.Error("this was no test: too little happened on both sides of the cuts")
	}
}

func twoAsks(v *floor.State) (n int) {
	for i := range v.Tickets {
		if v.Tickets[i].End == "merged" {
			n++
		}
	}
	return n
}

// journalsOf reads what a folder holds of a session.
func journalsOf(t *testing.T, folder, id string) map[string][]string {
	t.Helper()
	store, err := sqlite.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	all, err := store.List(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, info := range all {
		if info.Session != id {
			continue
		}
		for n := int64(1); ; {
			entries, _, err := store.Read(context.Background(), info.Name, n, 2000)
			if err != nil {
				t.Fatal(err)
			}
			if len(entries) == 0 {
				break
			}
			for _, e := range entries {
				out[string(info.Name)] = append(out[string(info.Name)], string(e.Bytes))
			}
			n = entries[len(entries)-1].N + 1
		}
	}
	return out
}
