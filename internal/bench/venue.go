package bench

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync"
	"time"

	"openmic/internal/cable"
	"openmic/internal/guest"
)

// venueMemory measures the most memory that a venue's own process held with 300 people in the room: while their streams were
// opened, while all of them pressed at once, and while they did so during the heal of a cut in which both sites had written.
// It asks the system for the peak, so that nothing between two looks is missed.
func venueMemory(ctx context.Context, self string) ([]Figure, error) {
	const people = 300
	st, err := newStage(ctx, people)
	if err != nil {
		return nil, err
	}
	defer st.close()
	folder, err := os.MkdirTemp("", "openmic-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	link, err := st.site.InviteVenue(ctx, st.hall.ID, "")
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(link)
	if err != nil {
		return nil, err
	}
	hub, err := url.Parse(st.site.Local())
	if err != nil {
		return nil, err
	}
	way, err := cable.Lay("127.0.0.1:0", hub.Host)
	if err != nil {
		return nil, err
	}
	defer way.Close()
	u.Host = way.Addr()
	c, err := start(ctx, self, folder, st.hall.Base(), "-join", u.String())
	if err != nil {
		return nil, err
	}
	defer c.stop()
	there := make([]*guest.Guest, people)
	for i, g := range st.crowd {
		here := *g
		here.Server = c.base
		there[i] = &here
	}
	_, shut, err := st.watchers(ctx, there, people)
	defer shut()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	open := c.peak()
	if open == 0 {
		return nil, nil // this system does not tell
	}
	press(ctx, there, 4)
	pressed := c.peak()
	way.Turn(cable.Way{Cut: true})
	if _, err := until(ctx, "the hub notices the cut", func() bool { return st.hall.Session.View().Severed() != nil }); err != nil {
		return nil, err
	}
	var both sync.WaitGroup
	both.Go(func() { press(ctx, st.crowd[:people/2], 2) })
	both.Go(func() { press(ctx, there[people/2:], 2) })
	both.Wait()
	c.peak()
	way.Turn(cable.Way{})
	both.Go(func() { press(ctx, there, 2) })
	_, err = until(ctx, "the cut heals", func() bool { return st.hall.Session.View().Severed() == nil })
	both.Wait()
	healed := c.peak()
	name := fmt.Sprintf("memory of a venue, %d ", people)
	return []Figure{{name + "streams, most", open, "MiB", 64}, {name + "people press, most", pressed, "MiB", 64}, {name + "press in a heal, most", healed, "MiB", 64},
		{"of it the program file", c.memory("RssFile:"), "MiB", 0}}, err
}

// press lets everybody ask so many times at once; two of three withdraw again.
func press(ctx context.Context, people []*guest.Guest, times int) {
	var all sync.WaitGroup
	for i, g := range people {
		all.Go(func() {
			for range times {
				if a, err := g.Do(ctx, map[string]any{"do": "ask", "about": "a subject of a few words"}); err == nil && a.Accepted() && i%3 > 0 {
					_, _ = g.Do(ctx, map[string]any{"do": "withdraw", "ticket": a.Of("asked")})
				}
			}
		})
	}
	all.Wait()
}
