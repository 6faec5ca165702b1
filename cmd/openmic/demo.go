package main

import (
	"context"
	"fmt"
	"os"

	"openmic/internal/demo"
	"openmic/internal/site"
	"openmic/internal/web/page"
)

var demoCommand = command{name: "demo", use: "[SETTINGS]", about: "runs a fictional workshop with scripted people, to look at and play with", run: runDemo}

func runDemo(ctx context.Context, args []string) error {
	var s site.Settings
	f := flags("demo")
	s.Flags(f, site.DefaultFolder("openmic-demo"))
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	x, err := start(ctx, s)
	if err != nil {
		return err
	}
	defer x.Close()
	d, err := demo.Prepare(ctx, x, s.Data)
	if err != nil {
		return err
	}
	networks(x)
	fmt.Printf("\n%s\n\nOne link per role:\n", d.Title)
	for _, l := range d.Links {
		fmt.Printf("  %-22s %s%s\n", l.Label, x.Local(), l.Path)
	}
	fmt.Printf("  %-22s %s%s\n", "participant, online", x.Local(), d.Online)
	fmt.Printf("  %-22s %s%s\n", "participant, in room", x.Local(), d.Room)
	fmt.Printf("  %-22s %s%s\n\n", "everybody, before", x.Local(), d.Public)
	if x.Public() == x.Local() {
		fmt.Println("No phone can reach this yet: it answers on this machine only. Take a place in another tab, or join a network and start again without -listen 127.0.0.1.")
	} else if code, err := page.QRText(x.Public() + d.Online); err == nil {
		fmt.Printf("For your own phone, on the same network: %s%s\n%s\n", x.Public(), d.Online, code)
	}
	fmt.Println("Try: open the wall and the chair side by side, take a place on your phone, and watch who goes next and why.")
	fmt.Println("The scripted chair presses Next until you do. Ctrl-C stops; the next start finds everything as it was.")
	d.Play(ctx, x.Local(), x.Local(), os.Stderr)
	<-ctx.Done()
	fmt.Println("\nStopping; everything that was accepted is on disk.")
	return nil
}
