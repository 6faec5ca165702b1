package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"openmic/internal/site"
)

var exportCommand = command{name: "export", use: "[-data FOLDER] [-journal URL] SESSION [FILE]", about: "writes a session as text, to FILE or to the terminal", run: export}
var importCommand = command{name: "import", use: "[-data FOLDER] [-journal URL] FILE", about: "restores an exported session to the same state", run: importSession}

// folder opens the data folder of a command that does not serve.
func folder(ctx context.Context, f *flag.FlagSet, args []string, least, most int) (*site.Site, error) {
	data := f.String("data", site.DefaultFolder("openmic"), "data `folder`")
	sessions := f.String("journal", "", "`URL` of the PostgreSQL database that keeps the sessions, where it is not the folder")
	*sessions = os.Getenv("OPENMIC_JOURNAL") // no default: help would print the password that may be in it
	if v, ok := os.LookupEnv("OPENMIC_DATA"); ok {
		*data = v
	}
	if err := parse(f, flagsFirst(f, args), least, most); err != nil {
		return nil, err
	}
	if f.Name() != "import" && *sessions == "" { // who only reads makes no folder
		if err := there(*data); err != nil {
			return nil, err
		}
	}
	return site.Open(ctx, site.Settings{Data: *data, Journal: *sessions, Listen: "127.0.0.1:0"}, slog.New(slog.NewTextHandler(os.Stderr, nil)))
}

// there: a program kept something in this folder before.
func there(data string) error {
	if st, err := os.Stat(filepath.Join(data, "openmic.db")); err != nil || st.IsDir() {
		return fmt.Errorf("there is no openmic data folder at %s; say which with -data", data)
	}
	return nil
}

func export(ctx context.Context, args []string) error {
	f := flags("export")
	x, err := folder(ctx, f, args, 1, 2)
	if err != nil {
		return err
	}
	defer x.Close()
	if f.NArg() == 1 {
		return x.Export(ctx, f.Arg(0), os.Stdout)
	}
	return toFile(f.Arg(1), func(w io.Writer) error { return x.Export(ctx, f.Arg(0), w) })
}

// toFile writes a file whole or not at all; of something damaged, what lies before the fault.
func toFile(name string, write func(io.Writer) error) error {
	part := name + ".part"
	w, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(part)
	damage := write(w)
	if damage != nil && !site.Damaged(damage) {
		w.Close()
		return damage
	}
	if err := w.Sync(); err != nil {
		w.Close()
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return errors.Join(os.Rename(part, name), damage)
}

func importSession(ctx context.Context, args []string) error {
	f := flags("import")
	x, err := folder(ctx, f, args, 1, 1)
	if err != nil {
		return err
	}
	defer x.Close()
	r, err := os.Open(f.Arg(0))
	if err != nil {
		return err
	}
	defer r.Close()
	id, link, err := x.Import(ctx, r)
	if err != nil {
		return fmt.Errorf("%s, %w", f.Arg(0), err)
	}
	fmt.Printf("Session %s is here now. Its passes stayed behind; the organiser's new link, told this once:\n  %s\n", id, link.Path)
	return nil
}
