package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"openmic/internal/replay"
)

var replayCommand = command{name: "replay", use: "[-seeds N] [OLD NEW | PROGRAM] [RECORD or FOLDER ...] | -calls RECORD ...",
	about: "shows the calls in which two programs differ on the same sessions: OLD and NEW; or one program, or this one, and what was recorded. Without records, sessions are simulated. Exit 0 no call differs, 3 calls differ, 1 something cannot be read", run: runReplay}

// callsDiffer is the exit code of a replay that found a difference; the calls were printed.
const callsDiffer = verdict(3)

func runReplay(ctx context.Context, args []string) error {
	f := flags("replay")
	seeds := f.Int("seeds", 20, "how many simulated sessions of each case, when no record is named")
	calls := f.Bool("calls", false, "print this program's calls beside the recorded ones, a JSON object a record; what another openmic replay asks for")
	if err := parse(f, flagsFirst(f, args), 1, plenty); err != nil {
		return err
	}
	if *calls {
		return replay.Calls(ctx, os.Stdout, f.Args())
	}
	if *seeds < 1 || *seeds > 10_000 {
		return fmt.Errorf("%d seeds do not fit; from 1 to 10000 do", *seeds)
	}
	var rules []replay.Rule
	var sessions []replay.Session
	for _, name := range f.Args() {
		some, ok, err := replay.Records(name)
		switch {
		case err != nil:
			return err
		case ok:
			sessions = append(sessions, some...)
		case len(sessions) > 0:
			return fmt.Errorf("%s is no record; programs come before the records", name)
		default:
			rules = append(rules, replay.Program([]string{"OLD", "NEW", "another"}[min(len(rules), 2)], name))
		}
	}
	switch len(rules) {
	case 0:
		rules = []replay.Rule{replay.Recorded(), replay.This()}
	case 1:
		rules[0].Name = "the program"
		rules = []replay.Rule{replay.Recorded(), rules[0]}
	case 2:
	default:
		return errors.New("two programs at most can be compared")
	}
	if len(sessions) == 0 {
		folder, err := os.MkdirTemp("", "openmic-replay-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		if sessions, err = replay.MadeUp(ctx, folder, *seeds); err != nil {
			return err
		}
	}
	n, err := replay.Compare(ctx, os.Stdout, rules[0], rules[1], sessions)
	if err == nil && n > 0 {
		return callsDiffer
	}
	return err
}
