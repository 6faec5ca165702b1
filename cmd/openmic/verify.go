package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"openmic/record"
)

var verifyCommand = command{name: "verify", use: "[-json] [-key KEY] [-code WORDS] [-receipt RECEIPT] FILE", about: "judges a record offline: exit 0 it holds, 1 its bytes or order are broken, or it lacks the code or receipt that was asked for, 2 a call broke the rule without a reason class", run: verify}

// A verdict is the exit code of a record that does not hold; what there is to say was said.
type verdict int

func (v verdict) Error() string { return fmt.Sprintf("exit %d", int(v)) }

func verify(ctx context.Context, args []string) error {
	f := flags("verify")
	asJSON := f.Bool("json", false, "the verdict and its numbers as one JSON object")
	key := f.String("key", "", "the `key` of the site, known from somewhere else; the record must be signed with it")
	code := f.String("code", "", "the four `words` from a photo of the wall: says from when to when they were current")
	receipt := f.String("receipt", "", "a `receipt` that somebody kept, a file or the text of its QR code: says whether the record holds what was asked, and what became of it")
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
	a := answers{Verdict: record.Verify(b, keys...)}
	exit := a.Exit
	if *code != "" {
		if a.Code = a.Verdict.Code(*code); a.Code.Exit != 0 {
			exit = 1
		}
	}
	if *receipt != "" {
		text, err := readReceipt(*receipt)
		if err != nil {
			return err
		}
		if a.Receipt = a.Verdict.Receipt(text); a.Receipt.Exit != 0 {
			exit = 1
		}
	}
	if *asJSON {
		err = json.NewEncoder(os.Stdout).Encode(a)
	} else {
		err = a.tell(os.Stdout, colours(os.Stdout))
	}
	if err == nil && exit != 0 {
		return verdict(exit)
	}
	return err
}

// answers are all that was asked about a record.
type answers struct {
	*record.Verdict
	Code    *record.Current `json:"code,omitempty"`
	Receipt *record.Kept    `json:"receipt,omitempty"`
}

// tell writes the answers for people, those about code and receipt first; what speaks against the record is red where
// there are colours.
func (a answers) tell(w io.Writer, colours bool) error {
	say := func(exit int, tell func(io.Writer) error) error {
		if exit == 0 || !colours {
			return tell(w)
		}
		if _, err := io.WriteString(w, "\x1b[1;31m"); err != nil {
			return err
		}
		err := tell(w)
		_, reset := io.WriteString(w, "\x1b[0m")
		return errors.Join(err, reset)
	}
	var errs [4]error
	if a.Code != nil {
		errs[0] = say(a.Code.Exit, a.Code.Tell)
	}
	if a.Receipt != nil {
		errs[1] = say(a.Receipt.Exit, a.Receipt.Tell)
	}
	if a.Code != nil || a.Receipt != nil {
		_, errs[2] = fmt.Fprintln(w)
	}
	errs[3] = a.Verdict.Tell(w)
	return errors.Join(errs[:]...)
}

// colours: somebody reads this on a terminal and did not ask for none (no-color.org).
func colours(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == ""
}

// readReceipt takes a receipt as it was pasted, or from a file of that name; no more of it than a receipt may have.
func readReceipt(s string) ([]byte, error) {
	if strings.HasPrefix(strings.TrimSpace(s), "openmic-receipt/") {
		return []byte(s), nil
	}
	in, err := os.Open(s)
	if err != nil {
		return nil, fmt.Errorf("the receipt cannot be read: %w", err)
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, 2000))
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
