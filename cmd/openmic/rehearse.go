package main

import (
	"context"
	"encoding/json"
	"os"

	"openmic/internal/rehearse"
)

var rehearseCommand = command{name: "rehearse", use: "[-pace N] [-json] FILE", about: "runs real meetings again from a queue log and prints their waits beside those of the rule", run: runRehearse}

func runRehearse(ctx context.Context, args []string) error {
	f := flags("rehearse")
	pace := f.Int("pace", 400, "how many times as fast as it was")
	asJSON := f.Bool("json", false, "one JSON object a meeting")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	meetings, err := rehearse.Read(f.Arg(0))
	if err != nil {
		return err
	}
	list, err := rehearse.Run(ctx, meetings, max(1, *pace))
	if err != nil {
		return err
	}
	if !*asJSON {
		rehearse.Table(os.Stdout, list)
		return nil
	}
	for _, r := range list {
		if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
			return err
		}
	}
	return nil
}
