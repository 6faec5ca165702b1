package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"

	"openmic/internal/site"
)

var backupCommand = command{name: "backup", use: "[-data FOLDER] FILE", about: "copies everything of a stopped program into one file; while it runs, its start page gives the same", run: backup}
var restoreCommand = command{name: "restore", use: "[-data FOLDER] [-key FILE] [-erased FILE] BACKUP", about: "makes a new data folder of a backup, or of a copy of a data folder; its sessions go on in new journals with a new key", run: restore}

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
	fmt.Printf("%d sessions are in %s, which has a new key.\n", len(all), r.Data)
	for _, s := range all {
		fmt.Printf("\n%s  %s\n  %d entries, state %s\n", s.ID, s.Title, s.Entries, s.State)
		if s.Erased > 0 {
			fmt.Printf("  erased again: %d\n", s.Erased)
		}
		if s.Journal == "" {
			fmt.Println("  only to be read until it joins its hub: on the hub's plan page, press \"Another laptop replaces it\", then openmic serve -join LINK here")
		} else {
			fmt.Printf("  goes on in %s; let it go on nowhere else\n", s.Journal)
		}
	}
	return nil
}
