package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"openmic/record"
)

var verifyCommand = command{name: "verify", use: "[-json] [-key KEY] FILE", about: "judges a record offline: exit 0 it holds, 1 its bytes or order are broken, 2 a call broke the rule without a reason class", run: verify}

// A verdict is the exit code of a record that does not hold; what there is to say was said.
type verdict int

func (v verdict) Error() string { return fmt.Sprintf("exit %d", int(v)) }

func verify(ctx context.Context, args []string) error {
	f := flags("verify")
	asJSON := f.Bool("json", false, "the verdict and its numbers as one JSON object")
	key := f.String("key", "", "the `key` of the site, known from somewhere else; the record must be signed with it")
	if err := parse(f, flagsFirst(f, args), 1, 1); err != nil {
		return err
	}
	if f.NArg() == 0 { // help was asked for
		return flag.ErrHelp
	}
	b, err := readRecord(f.Arg(0))
	if err != nil {
		return err
	}
	var keys []string
	if *key != "" {
		keys = append(keys, *key)
	}
	v := record.Verify(b, keys...)
	if *asJSON {
		err = json.NewEncoder(os.Stdout).Encode(v)
	} else {
		err = v.Tell(os.Stdout)
	}
	if err == nil && v.Exit != 0 {
		return verdict(v.Exit)
	}
	return err
}

// readRecord reads a file, and no more of it than a record may have.
func readRecord(name string) ([]byte, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, record.MaxBytes+1))
}

// flagsFirst lets flags stand after the arguments too. What cannot be parsed stays as it was.
func flagsFirst(f *flag.FlagSet, args []string) []string {
	var others []string
	for rest := args; ; rest = f.Args()[1:] {
		if err := f.Parse(rest); err != nil {
			return args
		}
		if f.NArg() == 0 {
			return append([]string{"--"}, others...)
		}
		others = append(others, f.Arg(0))
	}
}
