// Command openmic runs a hybrid community session as one floor. It reads flags and calls internal/site; everything
// else lives there. Exit codes: 0 done, 1 one sentence said why not, 2 the command line was not understood; verify
// has its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// A command is one word after openmic.
type command struct {
	name  string
	about string // one line
	use   string // its arguments
	run   func(ctx context.Context, args []string) error
}

// commands is filled in init, because help lists it.
var commands []command

func init() {
	commands = []command{serveCommand, demoCommand, demoCutCommand, planCommand, exportCommand, importCommand, backupCommand, restoreCommand, recordCommand, verifyCommand, rehearseCommand, benchCommand, simCommand, replayCommand, helpCommand}
}

// errUsage is a command line that was not understood; the sentence was said.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

func run(ctx context.Context, args []string, errs io.Writer) int {
	if len(args) == 0 {
		args = []string{"help"}
	}
	name := strings.TrimLeft(args[0], "-")
	if name == "h" {
		name = "help"
	}
	for _, c := range commands {
		if c.name != name {
			continue
		}
		var code verdict
		err := c.run(ctx, args[1:])
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errUsage):
			return 2
		case errors.As(err, &code):
			return int(code)
		}
		fmt.Fprintf(errs, "openmic %s: %v\n", name, err)
		return 1
	}
	fmt.Fprintf(errs, "openmic: there is no command %q; openmic help lists them\n", args[0])
	return 2
}

// flags makes the flag set of a command. Its mistakes are one sentence.
func flags(command string) *flag.FlagSet {
	f := flag.NewFlagSet(command, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}

// arguments says how many there are, from least to most.
func arguments(least, most int) string {
	switch {
	case most == 0:
		return "no arguments"
	case least == 1 && most == 1:
		return "1 argument"
	case least == most:
		return fmt.Sprintf("%d arguments", most)
	case most >= plenty && least == 1:
		return "at least 1 argument"
	}
	return fmt.Sprintf("%d to %d arguments", least, most)
}

// plenty is a number of arguments that nobody is told as a limit.
const plenty = 10_000

// parse reads the flags; what is left must be between least and most arguments.
func parse(f *flag.FlagSet, args []string, least, most int) error {
	err := f.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		if err := explain(os.Stdout, f.Name()); err != nil {
			return err
		}
		fmt.Println()
		f.SetOutput(os.Stdout)
		f.PrintDefaults()
		return flag.ErrHelp
	}
	if err == nil && (f.NArg() < least || f.NArg() > most) {
		err = fmt.Errorf("it takes %s and was given %s", arguments(least, most), arguments(f.NArg(), f.NArg()))
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "openmic %s: %v; openmic help %s explains it\n", f.Name(), err, f.Name())
		return errUsage
	}
	return nil
}
