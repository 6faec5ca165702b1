package main

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"openmic/internal/cable"
	"openmic/internal/demo"
	"openmic/internal/live"
	"openmic/internal/site"
)

var demoCutCommand = command{name: "demo-cut", use: "[SETTINGS]", about: "runs the demo on two sites and a link that Enter cuts and heals", run: runDemoCut}

// runDemoCut starts a hub, a venue on the next port, and between them a cable that Enter cuts and mends.
func runDemoCut(ctx context.Context, args []string) error {
	var s site.Settings
	f := flags("demo-cut")
	s.Flags(f, site.DefaultFolder("openmic-demo-cut"))
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	if err := s.Check(); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(s.Listen)
	first, err2 := strconv.Atoi(port)
	if err != nil || err2 != nil || first < 1 || first > 65533 {
		return fmt.Errorf("-listen %q needs a port for the hub; the venue and the link take the next two", s.Listen)
	}
	at := func(n int) string { return net.JoinHostPort(host, strconv.Itoa(first+n)) }
	hubSet, venueSet := s, s
	hubSet.Data, venueSet.Data = filepath.Join(s.Data, "hub"), filepath.Join(s.Data, "venue")
	venueSet.Listen, venueSet.Public = at(1), ""
	hub, err := start(ctx, hubSet)
	if err != nil {
		return err
	}
	defer hub.Close()
	d, err := demo.Prepare(ctx, hub, hubSet.Data)
	if err != nil {
		return err
	}
	wire, err := cable.Lay("127.0.0.1:"+strconv.Itoa(first+2), "127.0.0.1:"+port)
	if err != nil {
		return fmt.Errorf("the link between the two needs port %d: %w", first+2, err)
	}
	defer wire.Close()
	venue, err := openVenue(ctx, venueSet, hub, d.Session, wire.Addr())
	if err != nil {
		return err
	}
	defer venue.Close()
	h, ok := venue.Hall(d.Session)
	if !ok {
		return fmt.Errorf("the venue cannot open session %s", d.Session)
	}
	d.At(h)
	fmt.Printf("\n%s\n\nTwo sites hold this session. Open the same link at both and put them side by side:\n", d.Title)
	fmt.Printf("  %-22s %-44s %s\n", "", "hub, for those online", "venue, in the room")
	for _, l := range d.Links {
		fmt.Printf("  %-22s %-44s %s\n", l.Label, hub.Local()+l.Path, venue.Local()+l.Path)
	}
	fmt.Printf("  %-22s %-44s %s\n\n", "participant", hub.Local()+d.Online, venue.Local()+d.Room)
	fmt.Println("Enter cuts the link; Enter again mends it. Watch the walls: the room goes on, those online keep their places,")
	fmt.Println("and after the heal the time the room spoke meanwhile is repaid. Ctrl-C stops; the next start finds everything as it was.")
	d.Play(ctx, hub.Local(), venue.Local(), os.Stderr)
	go tellLink(ctx, hub, venue, d.Session)
	keys := make(chan struct{})
	go func() {
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			select {
			case keys <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}()
	for cut := false; ; {
		select {
		case <-ctx.Done():
			fmt.Println("\nStopping; everything that was accepted is on disk.")
			return nil
		case <-keys:
			cut = !cut
			wire.Turn(cable.Way{Cut: cut})
			fmt.Printf("%s  the link is %s\n", time.Now().Format("15:04:05"), map[bool]string{true: "cut", false: "mended"}[cut])
		}
	}
}

// openVenue makes the second site, which joins over the cable.
func openVenue(ctx context.Context, s site.Settings, hub *site.Site, session, cable string) (*site.Site, error) {
	venue, err := site.Open(ctx, s, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	if err != nil {
		return nil, err
	}
	join, err := hub.InviteVenue(ctx, session, "")
	if err == nil {
		var u *url.URL
		if u, err = url.Parse(join); err == nil {
			u.Scheme, u.Host = "http", cable
			_, err = venue.Join(ctx, u.String())
		}
	}
	if err == nil {
		err = venue.Serve(ctx)
	}
	if err != nil {
		venue.Close()
		return nil, fmt.Errorf("the venue: %w", err)
	}
	return venue, nil
}

// tellLink says in the terminal what each site knows of the link.
func tellLink(ctx context.Context, hub, venue *site.Site, session string) {
	for _, x := range []struct {
		name string
		site *site.Site
	}{{"hub", hub}, {"venue", venue}} {
		h, ok := x.site.Hall(session)
		if !ok {
			continue
		}
		go func() {
			own, cut := string(h.Session.Name()), false
			for {
				v := h.Session.View()
				now := openCut(v, own) || cut && v.Severed() != nil // mended when both have written so
				if now != cut {
					cut = now
					clock := time.Now().Format("15:04:05")
					if cut {
						fmt.Printf("%s  the %s hears nothing any more and goes on alone\n", clock, x.name)
					} else {
						side, owed := v.Debt(v.At(time.Now()))
						fmt.Printf("%s  the %s has everything of the other: %d entries, state %x, %s\n", clock, x.name, v.Entries, short(v), owing(side.String(), owed))
					}
				}
				select {
				case <-ctx.Done():
					return
				case <-v.Newer:
				}
			}
		}()
	}
}

func openCut(v *live.View, by string) bool {
	for _, c := range v.Cuts {
		if c.By == by && c.To < 0 {
			return true
		}
	}
	return false
}

// short is the beginning of the State's hash: the same at both sites when they tell one story.
func short(v *live.View) []byte { h := v.Hash(); return h[:4] }

func owing(side string, ms int64) string {
	if ms == 0 {
		return "nothing is owed"
	}
	return fmt.Sprintf("%s is owed %s", strings.TrimSpace(side), (time.Duration(ms) * time.Millisecond).Round(time.Second))
}
