package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"openmic/internal/site"
)

var backupCommand = command{name: "backup", use: "[-data FOLDER] [-journal URL] FILE", about: "copies everything of a stopped program, or of a database while its nodes run, into one file; the start page gives the same", run: backup}
var restoreCommand = command{name: "restore", use: "[-data FOLDER] [-journal URL] [-key FILE] [-erased FILE] BACKUP", about: "makes a new data folder of a backup, or of a copy of a data folder, or with -journal fills an empty database; its sessions go on in new journals with a new key", run: restore}

func backup(ctx context.Context, args []string) error {
	f := flags("backup")
	x, err := folder(ctx, f, args, 1, 1)
	if err != nil {
		return err
	}
	defer x.Close()
	return toFile(f.Arg(0), func(w io.Writer) error { return x.Backup(ctx, w) })
}

func restore(ctx context.Context, args []string) error {
	var r site.Restore
	f := flags("restore")
	f.StringVar(&r.Data, "data", site.DefaultFolder("openmic"), "the new data `folder`; it must not be there yet, or be empty")
	f.StringVar(&r.Journal, "journal", "", "`URL` of an empty PostgreSQL database that shall keep the sessions instead of the folder")
	r.Journal = os.Getenv("OPENMIC_JOURNAL") // no default: help would print the password that may be in it
	f.StringVar(&r.Key, "key", "", "the `file` \"key\" of the old folder, where it is still there: it signs that the new key goes on for it")
	f.StringVar(&r.Erased, "erased", "", "the `file` \"erased\" of the old folder, where it is newer than the backup: who is in it is erased again")
	if v, ok := os.LookupEnv("OPENMIC_DATA"); ok {
		r.Data = v
	}
	if err := parse(f, flagsFirst(f, args), 1, 1); err != nil {
		return err
	}
	if f.NArg() == 0 {
		return flag.ErrHelp
	}
	r.From = f.Arg(0)
	all, err := r.Run(ctx, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	if r.Journal == "" {
		fmt.Printf("Sessions restored: %d, in %s, which has a new key.\n", len(all), r.Data)
	} else {
		fmt.Printf("Sessions restored: %d, in the database. Their new key is in %s: every node needs a copy of it.\n", len(all), filepath.Join(r.Data, "key"))
	}
	for _, s := range all {
		fmt.Printf("\n%s  %s\n  %d entries, state %s\n", s.ID, s.Title, s.Entries, s.State)
		if s.Erased > 0 {
			fmt.Printf("  erased again: %d\n", s.Erased)
		}
		switch {
		case s.Full:
			fmt.Printf("  it does not go on: %s\n", s.Lacks)
		case s.Journal == "":
			fmt.Printf("  it cannot go on without its hub: %s\n", s.Lacks)
			fmt.Println("  only to be read until it joins its hub: on the hub's plan page, press \"Another laptop replaces it\", then openmic serve -join LINK here")
		case s.Hub != "":
			fmt.Printf("  goes on at once in %s, also without its hub, as the venue that was lost: openmic serve\n", s.Journal)
			fmt.Printf("  when %s can be reached, the hub lets it in and the lost laptop out; switch that one off for good\n", s.Hub)
		default:
			fmt.Printf("  goes on in %s; let it go on nowhere else\n", s.Journal)
		}
	}
	return nil
}
