package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"openmic/internal/site"
)

var helpCommand = command{name: "help", use: "[COMMAND | settings]", about: "explains every command and setting"}

func init() {
	helpCommand.run = func(ctx context.Context, args []string) error {
		if len(args) == 0 {
			return explain(os.Stdout, "")
		}
		for _, c := range commands {
			if c.name == args[0] && c.name != "help" {
				return c.run(ctx, []string{"-h"}) // every command prints its own flags
			}
		}
		return explain(os.Stdout, args[0])
	}
}

// explain prints all commands, one of them, or the settings.
func explain(w io.Writer, topic string) error {
	if topic == "" {
		fmt.Fprint(w, "openmic runs a hybrid community session as one floor: people in the room and people online wait in one line.\n\n")
		for _, c := range commands {
			fmt.Fprintf(w, "  openmic %-10s %s\n", c.name, c.about)
		}
		fmt.Fprint(w, "\nopenmic help COMMAND explains one, openmic help settings all settings.\nStart with: openmic demo\n")
		return nil
	}
	if topic == "settings" {
		fmt.Fprint(w, "Settings of openmic serve and openmic demo. Each is a flag, or an environment variable OPENMIC_NAME.\n\n")
		settings(w, site.DefaultFolder("openmic"))
		return nil
	}
	for _, c := range commands {
		if c.name == topic {
			fmt.Fprintf(w, "openmic %s %s\n\n%s.\n", c.name, c.use, strings.ToUpper(c.about[:1])+c.about[1:])
			return nil
		}
	}
	return fmt.Errorf("there is no command %q", topic)
}

func settings(w io.Writer, folder string) {
	f := flag.NewFlagSet("", flag.ContinueOnError)
	f.SetOutput(w)
	new(site.Settings).Flags(f, folder)
	f.PrintDefaults()
}
