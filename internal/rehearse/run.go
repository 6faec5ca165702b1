package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"openmic/floor"
	"openmic/internal/guest"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// A Result is one meeting run again. Waits are in seconds of the session.
type Result struct {
	Meeting  string         `json:"meeting"`
	People   int            `json:"people"`
	Asks     int            `json:"asks"`     // accepted
	Again    int            `json:"again"`    // raised a hand that was up already
	Unqueued int            `json:"unqueued"` // called by the log without having raised a hand
	Ended    map[string]int `json:"ended"`    // by disposition
	Lost     int            `json:"lost"`     // asks that were accepted and are not there, moved, or did not end; must be 0
	Then     Waits          `json:"then"`     // as the log has it
	Now      Waits          `json:"now"`      // as the rule called
}

// Waits sums up how long people waited to be called, seconds.
type Waits struct {
	N      int     `json:"n"`
	Median float64 `json:"median"`
	P90    float64 `json:"p90"`
	Max    float64 `json:"max"`
}

func waits(list []time.Duration) Waits {
	if len(list) == 0 {
		return Waits{}
	}
	slices.Sort(list)
	at := func(q float64) float64 { return list[int(q*float64(len(list)-1))].Seconds() }
	return Waits{len(list), at(0.5), at(0.9), at(1)}
}

// Run runs the meetings again, all at once, each pace times as fast as it was, in a program of its own on loopback.
func Run(ctx context.Context, meetings []Meeting, pace int) ([]Result, error) {
	folder, err := os.MkdirTemp("", "openmic-rehearse-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	began := time.Now()
	fast := func() time.Time { return began.Add(time.Since(began) * time.Duration(pace)) }
	s, err := site.Open(ctx, site.Settings{Data: folder, Listen: "127.0.0.1:0", Now: fast}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := s.Serve(ctx); err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}}
	out := make([]Result, len(meetings))
	errs := make([]error, len(meetings))
	var all sync.WaitGroup
	for i, m := range meetings {
		all.Go(func() {
			r := &run{site: s, client: client, meeting: m, pace: pace, guests: map[string]*guest.Guest{}, tickets: map[floor.ID]floor.Stamp{}, hands: map[string]time.Time{}}
			out[i], errs[i] = r.all(ctx)
		})
	}
	all.Wait()
	return out, errors.Join(errs...)
}

// run is one meeting on its way.
type run struct {
	site    *site.Site
	client  *http.Client
	meeting Meeting
	pace    int
	hall    *hall.Hall
	chair   *guest.Guest
	guests  map[string]*guest.Guest
	tickets map[floor.ID]floor.Stamp // of accepted asks: the place they were given
	hands   map[string]time.Time     // raised in the log and not yet called
	then    []time.Duration
	result  Result
}

func (r *run) all(ctx context.Context) (Result, error) {
	r.result.Meeting = r.meeting.Name
	id, links, err := r.site.Create(ctx, hall.Draft{
		Plan:   floor.Plan{Title: "Rehearsal of " + r.meeting.Name, Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 180, Protected: true}}},
		People: []hall.Invitee{{Name: "Chair", Roles: floor.Chair | floor.Desk}},
	})
	if err != nil {
		return r.result, fmt.Errorf("%s: %w", r.meeting.Name, err)
	}
	r.hall, _ = r.site.Hall(id)
	if r.chair, err = guest.Come(r.client, r.site.Local()+links[0].Path); err != nil {
		return r.result, err
	}
	// The people of the log are programs that bring no device; they are let in at the chair's word.
	for _, do := range []map[string]any{{"do": "change", "linkPeople": 5000, "linkAsks": 5000}, {"do": "open"}} {
		if err := r.must(r.chair, do); err != nil {
			return r.result, err
		}
	}
	events := slices.DeleteFunc(slices.Clone(r.meeting.Events), func(e Event) bool {
		return e.Event != "queue_add" && e.Event != "queue_remove" && e.Event != "call"
	})
	began := time.Now()
	for _, e := range events {
		due := began.Add(e.At.Sub(events[0].At) / time.Duration(r.pace))
		select {
		case <-ctx.Done():
			return r.result, ctx.Err()
		case <-time.After(time.Until(due)):
		}
		if err := r.event(ctx, e); err != nil {
			return r.result, fmt.Errorf("%s at %s: %w", r.meeting.Name, e.At.Format(time.TimeOnly), err)
		}
	}
	if err := r.must(r.chair, map[string]any{"do": "adjourn"}); err != nil {
		return r.result, err
	}
	r.judge()
	return r.result, nil
}

// must gives a command that has to be accepted.
func (r *run) must(g *guest.Guest, fields map[string]any) error {
	a, err := g.Do(context.Background(), fields)
	if err == nil && !a.Accepted() {
		err = fmt.Errorf("%v: %s", fields["do"], a.Say)
	}
	return err
}

func (r *run) event(ctx context.Context, e Event) error {
	switch e.Event {
	case "queue_add":
		about := ""
		who := strings.ToLower(strings.TrimRight(e.Nick, "_"))
		if e.Arg != nil {
			if r.guests[e.Who()] != nil {
				who = e.Who()
			} else {
				about = *e.Arg
			}
		}
		return r.raise(ctx, who, about, e.At)
	case "queue_remove":
		return r.lower(ctx, r.meant(e.Who()))
	default:
		return r.call(ctx, r.meant(e.Who()), e.At)
	}
}

// meant is who of those whose hand is up the log speaks of: chairs write the beginning of a name, or misspell its end.
// Of several it is the one who has waited longest; of none, the name as it stands.
func (r *run) meant(who string) string {
	if _, up := r.hands[who]; up {
		return who
	}
	found := ""
	for hand, since := range r.hands {
		if strings.Contains(hand, strings.TrimRight(who, ",.:")) || len(who) > 3 && len(hand) > 3 && hand[:4] == who[:4] {
			if found == "" || since.Before(r.hands[found]) {
				found = hand
			}
		}
	}
	if found == "" {
		return who
	}
	return found
}

// raise: somebody asks for the floor, and joins before that when they are new.
func (r *run) raise(ctx context.Context, who, about string, at time.Time) error {
	g, err := r.guest(ctx, who)
	if err != nil {
		return err
	}
	if r := []rune(about); len(r) > floor.LongLine {
		about = string(r[:floor.LongLine])
	}
	a, err := g.Do(ctx, map[string]any{"do": "ask", "about": about})
	switch {
	case err != nil:
		return err
	case a.Refused == "inline":
		r.result.Again++
	case !a.Accepted():
		return fmt.Errorf("ask: %s", a.Say)
	default:
		id := a.Of("asked")
		r.tickets[id] = r.hall.Session.View().Ticket(id).Place
		r.result.Asks++
		r.hands[who] = at
	}
	return nil
}

func (r *run) guest(ctx context.Context, who string) (*guest.Guest, error) {
	if g := r.guests[who]; g != nil {
		return g, nil
	}
	// Names of the log stay in the log: the person here is a number.
	g, a, err := guest.Knock(ctx, r.client, r.site.Local()+r.hall.Base()+"online",
		map[string]any{"id": guest.ID(), "name": fmt.Sprintf("Person %d", len(r.guests)+1), "preset": "name"})
	if err != nil || g == nil {
		return nil, errors.Join(fmt.Errorf("join: %s", a.Say), err)
	}
	r.guests[who] = g
	r.result.People++
	return g, nil
}

// lower: somebody takes their hand down.
func (r *run) lower(ctx context.Context, who string) error {
	g := r.guests[who]
	if g == nil {
		return nil
	}
	delete(r.hands, who)
	t := r.hall.Session.View().Live(g.Person)
	if t == nil || t.Status != floor.Waiting {
		return nil
	}
	return r.must(g, map[string]any{"do": "withdraw", "ticket": t.ID})
}

// call: where the log calls somebody whose hand is up, the chair presses Next; where nobody had raised a hand, the
// chair decides otherwise than the rule, as the log's chair did.
func (r *run) call(ctx context.Context, who string, at time.Time) error {
	if since, up := r.hands[who]; up {
		r.then = append(r.then, at.Sub(since))
		delete(r.hands, who)
		a, err := r.chair.Do(ctx, map[string]any{"do": "call"})
		if err != nil || a.Refused == "nobodywaits" {
			return err
		}
		if !a.Accepted() {
			return fmt.Errorf("call: %s", a.Say)
		}
		if a.Of("called") == "" {
			return nil // nobody waited; the turn before has ended
		}
	} else {
		r.result.Unqueued++
		g, err := r.guest(ctx, who)
		if err != nil {
			return err
		}
		if a, err := r.chair.Do(ctx, map[string]any{"do": "override", "person": g.Person, "class": "other"}); err != nil || !a.Accepted() {
			return err // already speaking: nothing to do
		}
	}
	return r.must(r.chair, map[string]any{"do": "start"})
}

// judge looks at what became of every ask.
func (r *run) judge() {
	v := r.hall.Session.View()
	r.result.Ended = map[string]int{}
	called := map[floor.ID]int64{}
	for _, c := range v.Calls {
		if _, again := called[c.Ticket]; !again {
			called[c.Ticket] = c.At
		}
	}
	var now []time.Duration
	for id, place := range r.tickets {
		t := v.Ticket(id)
		if t == nil || t.Live() || t.End == "" || t.Place != place {
			r.result.Lost++
			continue
		}
		r.result.Ended[t.End]++
		if at, ok := called[id]; ok && t.End == floor.BySpeaking {
			now = append(now, time.Duration(at-t.Asked)*time.Millisecond)
		}
	}
	r.result.Then, r.result.Now = waits(r.then), waits(now)
}

// Table writes the results for a human.
func Table(w io.Writer, list []Result) {
	fmt.Fprintf(w, "%-28s %6s %5s %7s %9s %9s %5s | %s | %s\n", "meeting", "people", "asks", "spoken", "withdrawn", "unreached", "lost",
		"then: median   p90   max", "openmic: median   p90   max (s)")
	for _, r := range list {
		fmt.Fprintf(w, "%-28s %6d %5d %7d %9d %9d %5d | %12.0f %5.0f %5.0f | %15.0f %5.0f %5.0f\n", strings.TrimSuffix(r.Meeting, "_irc.log"), r.People, r.Asks,
			r.Ended[floor.BySpeaking], r.Ended[floor.ByWithdrawing], r.Ended[floor.NotReached], r.Lost,
			r.Then.Median, r.Then.P90, r.Then.Max, r.Now.Median, r.Now.P90, r.Now.Max)
	}
}
