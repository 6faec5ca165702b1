package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"openmic/internal/bench"
)

var benchCommand = command{name: "bench", use: "[-cut [-seeds N]] [-out FILE]", about: "measures this program on this machine and prints the figures beside their budgets", run: runBench}

func runBench(ctx context.Context, args []string) error {
	f := flags("bench")
	out := f.String("out", "", "write one JSON object a figure to this `file`")
	cut := f.Bool("cut", false, "measure two sites of one session, their cut and heal, and nothing else")
	seeds := f.Int("seeds", 300, "with -cut: so many seeds of two sites are played")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	if *seeds < 1 || *seeds > 1_000_000 {
		return fmt.Errorf("-seeds %d: from 1 to 1000000 can be played", *seeds)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	measure := bench.All
	if *cut {
		measure = func(ctx context.Context, self string, progress io.Writer) ([]bench.Figure, error) {
			return bench.Cut(ctx, self, *seeds, progress)
		}
	}
	list, err := measure(ctx, self, os.Stderr)
	bench.Table(os.Stdout, list)
	if err != nil {
		return err
	}
	if *out == "" {
		return nil
	}
	if err := toFile(*out, func(w io.Writer) error { return bench.Lines(w, list) }); err != nil {
		return err
	}
	fmt.Println("written to", *out)
	return nil
}
