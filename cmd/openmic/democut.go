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
	"time"

	"openmic/floor"
	"openmic/internal/cable"
	"openmic/internal/demo"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

var demoCutCommand = command{name: "demo-cut", use: "[SETTINGS]", about: "runs the demo on two sites and a link that Enter cuts and heals; the hub has the port of -listen, the venue the next one, the link the one after", run: runDemoCut}

// runDemoCut starts a hub, a venue on the next port, and between them, on the third, a cable that Enter cuts and mends.
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
	fmt.Printf("\n%s\n\nTwo sites hold this session, a hub for those online and a venue in the room. Every link opens at both.\n", d.Title)
	for _, x := range []struct{ at, door, about string }{
		{hub.Local(), d.Online, "the hub, for those online"},
		{venue.Local(), d.Room, "the venue, in the room"},
	} {
		fmt.Printf("\nAt %s:\n", x.about)
		for _, l := range d.Links {
			fmt.Printf("  %-17s %s%s\n", l.Label, x.at, l.Path)
		}
		fmt.Printf("  %-17s %s%s\n", "participant", x.at, x.door)
	}
	fmt.Println()
	fmt.Println("In three minutes:")
	fmt.Println("  1. Open the two walls side by side, or the two chairs. Wait until this terminal says that people wait on both sides.")
	fmt.Println("  2. Enter cuts the link. Within five seconds both sites say so; the room goes on, those online keep their places.")
	fmt.Println("     At the hub's chair a side floor can be opened, and the gavel taken over.")
	fmt.Println("  3. After a minute, Enter mends it. Both tell one story again, say what online is owed, and repay it.")
	fmt.Printf("So that a minute is enough, turns are short here, and one side may be ahead by %v (in a session of yours by %v).\n", demo.Ahead, time.Duration(floor.TheRule.B)*time.Millisecond)
	fmt.Println("Ctrl-C stops; the next start finds everything as it was.")
	fmt.Println()
	d.Play(ctx, hub.Local(), venue.Local(), os.Stderr)
	go tellLink(ctx, os.Stdout, hub, venue, d.Session)
	go tellReady(ctx, h)
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
			said := "the link is mended"
			if cut {
				said = "the link is cut; Enter mends it"
			}
			fmt.Printf("%s  %s\n", time.Now().Format("15:04:05"), said)
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

// tellReady says once, if there was no cut before, when one is worth looking at: somebody from the line speaks, and people
// wait on both sides.
func tellReady(ctx context.Context, h *hall.Hall) {
	for {
		v := h.Session.View()
		if v.Severed() != nil {
			return
		}
		if t := v.Current(); t != nil && t.Charged() && len(v.Waiting(floor.Room)) > 1 && len(v.Waiting(floor.Online)) > 1 {
			fmt.Printf("%s  %d wait in the room and %d online: press Enter to cut the link\n", time.Now().Format("15:04:05"), len(v.Waiting(floor.Room)), len(v.Waiting(floor.Online)))
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-v.Newer:
		}
	}
}
