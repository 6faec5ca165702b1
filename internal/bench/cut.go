package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"openmic/floor"
	"openmic/internal/cable"
	"openmic/internal/journal/sqlite"
	"openmic/internal/live"
	"openmic/internal/sim"
	"openmic/internal/sim/cut"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// Cut measures what two sites of one session cost: how soon each notices a cut and every screen says so, how soon both tell
// one story after it, whether anything was lost, what so many seeds of the played world show, the memory of a venue, and how
// long people wait. self is the program's own file.
func Cut(ctx context.Context, self string, seeds int, progress io.Writer) ([]Figure, error) {
	return measure(ctx, progress, []part{
		{"every screen of both sites", screens},
		{"1,000 entries apart", func(ctx context.Context) ([]Figure, error) { return apart(ctx, 1000, 3, 5000) }},
		{"20,000 entries apart", func(ctx context.Context) ([]Figure, error) { return apart(ctx, 20_000, 1, 0) }},
		{"memory of a venue", func(ctx context.Context) ([]Figure, error) { return venueMemory(ctx, self) }},
		{"a 10-minute cut, simulated", waits},
		{fmt.Sprintf("%d seeds, and planted mistakes", seeds), func(ctx context.Context) ([]Figure, error) { return played(ctx, seeds) }},
	})
}

// pair is a hub and a venue of one session in this process, with a cable between them.
type pair struct {
	id      string
	links   []hall.Link
	folders [2]string
	sites   [2]*site.Site // hub, venue
	live    [2]*live.Session
	cable   *cable.Cable
}

func newPair(ctx context.Context) (_ *pair, err error) {
	p := &pair{}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	for i := range p.sites {
		if p.folders[i], err = os.MkdirTemp("", "openmic-bench-"); err != nil {
			return p, err
		}
		if p.sites[i], err = site.Open(ctx, site.Settings{Data: p.folders[i], Listen: "127.0.0.1:0"}, quiet); err != nil {
			return p, err
		}
		if err = p.sites[i].Serve(ctx); err != nil {
			return p, err
		}
	}
	if p.id, p.links, err = p.sites[0].Create(ctx, hall.Draft{Plan: plan("Two sites"), People: []hall.Invitee{
		{Name: "Crew", Roles: floor.Organiser | floor.Crew | floor.Speaker}, {Name: "Wall", Roles: floor.Projector}, {Name: "Hub", Roles: floor.Hub, Side: floor.Online},
	}}); err != nil {
		return p, err
	}
	link, err := p.sites[0].InviteVenue(ctx, p.id, "")
	if err != nil {
		return p, err
	}
	u, err := url.Parse(link)
	if err != nil {
		return p, err
	}
	local, err := url.Parse(p.sites[0].Local())
	if err != nil {
		return p, err
	}
	if p.cable, err = cable.Lay("127.0.0.1:0", local.Host); err != nil {
		return p, err
	}
	u.Host = p.cable.Addr()
	if _, err = p.sites[1].Join(ctx, u.String()); err != nil {
		return p, err
	}
	for i, s := range p.sites {
		h, ok := s.Hall(p.id)
		if !ok {
			return p, errors.New("the session is not there")
		}
		p.live[i] = h.Session
	}
	return p, nil
}

func (p *pair) close() {
	if p.cable != nil {
		p.cable.Close()
	}
	p.halt()
	for _, f := range p.folders {
		os.RemoveAll(f)
	}
}

// halt stops both sites; their folders stay.
func (p *pair) halt() {
	for i, s := range p.sites {
		if s != nil {
			s.Close()
			p.sites[i] = nil
		}
	}
}

// alone: this site has noted the cut.
func (p *pair) alone(i int) bool { return p.live[i].View().CutOff(string(p.live[i].Name())) }

// one: both know that they hear each other, and tell one story.
func (p *pair) one() bool {
	a, b := p.live[0].View(), p.live[1].View()
	return a.Severed() == nil && b.Severed() == nil && a.Entries == b.Entries && a.Hash() == b.Hash()
}

// until waits until something is so, and tells how long that took.
func until(ctx context.Context, what string, is func() bool) (time.Duration, error) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	for !is() {
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("%s: %w", what, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
	return time.Since(began), nil
}

// press gives a command at a site and remembers its id.
func (p *pair) press(ctx context.Context, at int, id string, who floor.ID, c floor.Command) error {
	_, err := p.live[at].Do(ctx, live.Command{ID: id, Actor: floor.Actor{Person: who, Roles: floor.Participant}, Do: c})
	return err
}

// apart lets people write so many entries on both sides of a cut, and measures until both tell one story.
func apart(ctx context.Context, entries, rounds int, budget float64) ([]Figure, error) {
	p, err := newPair(ctx)
	if err != nil {
		return nil, err
	}
	defer p.close()
	const people = 100            // on each side
	var asks [2 * people]floor.ID // the live ask of each
	var said sync.Map             // ids of acknowledged commands
	for i := range 2 * people {
		id := fmt.Sprint("join-", i)
		if err := p.press(ctx, i%2, id, floor.ID(fmt.Sprint("p", i)), &floor.Join{Side: floor.Side(1 - i%2)}); err != nil {
			return nil, err
		}
		said.Store(id, true)
	}
	if _, err := until(ctx, "one story before the cut", p.one); err != nil {
		return nil, err
	}
	var healed []time.Duration
	for round := range rounds {
		p.cable.Turn(cable.Way{Cut: true})
		if _, err := p.noted(ctx, "both notice the cut", p.alone); err != nil {
			return nil, err
		}
		var all sync.WaitGroup
		var failed atomic.Pointer[error]
		for i := range 2 * people {
			all.Go(func() {
				who, ticket := floor.ID(fmt.Sprint("p", i)), asks[i]
				defer func() { asks[i] = ticket }()
				for n := range entries / (2 * people) {
					id := fmt.Sprintf("%d-%d-%d", round, i, n)
					var c floor.Command = &floor.Ask{}
					if ticket != "" {
						c = &floor.Withdraw{Ticket: ticket}
					}
					a, err := p.live[i%2].Do(ctx, live.Command{ID: id, Actor: floor.Actor{Person: who, Roles: floor.Participant}, Do: c})
					if err != nil {
						failed.Store(&err)
						return
					}
					said.Store(id, true)
					if ticket != "" {
						ticket = ""
					} else {
						ticket = a.Made[0].ID
					}
				}
			})
		}
		all.Wait()
		if err := failed.Load(); err != nil {
			return nil, *err
		}
		p.cable.Turn(cable.Way{})
		one, err := until(ctx, "one story after the heal", p.one)
		if err != nil {
			return nil, err
		}
		healed = append(healed, one)
	}
	p.halt()
	lost, twice := 0, 0
	for _, folder := range p.folders {
		l, t, err := missing(ctx, folder, p.id, &said)
		if err != nil {
			return nil, err
		}
		lost, twice = lost+l, twice+t
	}
	name := fmt.Sprintf("%d entries written apart, ", entries)
	return []Figure{{name + "one story", at(healed, 1), "ms", budget}, {name + "lost", float64(lost), "", never}, {name + "twice", float64(twice), "", never}}, nil
}

// missing counts acknowledged commands that a folder has not, or more than once.
func missing(ctx context.Context, folder, session string, said *sync.Map) (lost, twice int, err error) {
	store, err := sqlite.Open(folder)
	if err != nil {
		return 0, 0, err
	}
	defer store.Close()
	list, err := store.List(ctx)
	if err != nil {
		return 0, 0, err
	}
	times := map[string]int{}
	for _, info := range list {
		for n := int64(1); info.Session == session; {
			entries, _, err := store.Read(ctx, info.Name, n, 2000)
			if err != nil {
				return 0, 0, err
			}
			for _, je := range entries {
				e, err := floor.ParseEntry(je.Bytes)
				if err != nil {
					return 0, 0, err
				}
				times[e.Command]++
				n = je.N + 1
			}
			if len(entries) == 0 {
				break
			}
		}
	}
	said.Range(func(id, _ any) bool {
		switch n := times[id.(string)]; {
		case n == 0:
			lost++
		case n > 1:
			twice++
		}
		return true
	})
	return lost, twice, nil
}

// waits plays sessions with a cut of ten minutes.
func waits(ctx context.Context) ([]Figure, error) {
	rows, err := sim.Run(ctx, sim.Plan{Model: sim.TheModel(), Seen: sim.TheMeasured(), Cases: []string{"cut10"}, Rules: []string{"zipper"}, Dials: floor.TheRule, Seeds: 300})
	if err != nil {
		return nil, err
	}
	return []Figure{{"wait online by wait in the room, 10-minute cut", rows[0].WaitRatio.Mean, "", 2.1}}, nil
}

// played counts what is wrong in so many seeds of two sites, and how many of the planted mistakes no seed shows.
func played(ctx context.Context, seeds int) ([]Figure, error) {
	t, err := cut.Count(ctx, seeds, 0, nil)
	if err != nil {
		return nil, err
	}
	return []Figure{{"seeds of two sites", float64(t.Seeds), "", 0}, {"heals in them, everything compared", float64(t.Heals), "", 0}, {"crashes in them", float64(t.Crashes), "", 0},
		{"seeds with something wrong", float64(t.Violations), "", never},
		{"planted mistakes", float64(t.Planted), "", 0}, {"planted mistakes that no seed shows", float64(t.Planted - t.Caught), "", never}}, nil
}
