package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"openmic/internal/site"
)

var serveCommand = command{name: "serve", use: "[SETTINGS] [-join LINK] [-new-link]", about: "runs openmic for real sessions, empty at first", run: serve}

func serve(ctx context.Context, args []string) error {
	var s site.Settings
	f := flags("serve")
	s.Flags(f, site.DefaultFolder("openmic"))
	again := f.Bool("new-link", false, "print a new organiser's link and end the old one")
	join := f.String("join", "", "take part as the venue of a session whose hub gave this `LINK`; later starts do not need it")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	x, err := start(ctx, s)
	if err != nil {
		return err
	}
	go site.Spare(ctx, s.Memory)
	if err := venue(ctx, x, *join); err != nil {
		x.Close()
		return err
	}
	path, ok, err := x.FirstLink(ctx, *again)
	if err != nil {
		x.Close()
		return fmt.Errorf("the organiser's link cannot be kept: %w", err)
	}
	networks(x)
	if ok {
		fmt.Printf("\nOrganiser's link, printed this once. It makes sessions; keep it to yourself:\n  %s%s\n", x.Local(), path)
	} else {
		fmt.Printf("\nThe organiser's link was printed at the first start (-new-link prints another).\n")
	}
	if p := x.Promise(); p != "" {
		fmt.Printf("Sessions are kept in %s.\n", p)
	}
	fmt.Printf("Data folder: %s. Ctrl-C stops.\n", s.Data)
	<-ctx.Done()
	fmt.Println("\nStopping; everything that was accepted is on disk.")
	return x.Close()
}

// venue joins the session of a link, and says of which sessions this is the venue.
func venue(ctx context.Context, x *site.Site, join string) error {
	if join != "" {
		if _, err := x.Join(ctx, join); err != nil {
			return err
		}
	}
	list, err := x.VenueOf(ctx)
	for _, id := range list {
		fmt.Printf("This is the venue of session %s: %s/s/%s/\n", id, x.Public(), id)
	}
	if len(list) > 0 {
		fmt.Println("It goes on alone when the hub cannot be reached, and finds it again by itself.")
	}
	return err
}

// start opens a site and serves it.
func start(ctx context.Context, s site.Settings) (*site.Site, error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	x, err := site.Open(ctx, s, log)
	if err != nil {
		return nil, err
	}
	if err := x.Serve(ctx); err != nil {
		x.Close()
		return nil, err
	}
	return x, nil
}

// networks says in one line per network who can reach this program.
func networks(x *site.Site) {
	who := map[string]string{"machine": "this machine", "lan": "this network (%s)", "internet": "the Internet"}
	for _, r := range x.Reach() {
		name := who[r.Network]
		if r.Network == "lan" {
			name = fmt.Sprintf(name, r.Name)
		}
		state := "answers"
		switch {
		case !r.Tested:
			state = "does NOT answer from here"
		case r.Network == "internet":
			state = "answers from here; try it from outside, a firewall may stand between"
		}
		fmt.Printf("%-24s %s  %s\n", name, r.URL, state)
	}
	fmt.Printf("%-24s %s\n", "in links and QR codes", x.Public())
}
