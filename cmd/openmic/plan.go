package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"openmic/internal/plan"
)

var planCommand = command{name: "plan", use: "import [-json] FILE | plan score FOLDER", about: "reads the proposal of a workshop as it stands; score compares with proposals coded by hand", run: planRun}

func planRun(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return parse(flags("plan"), args, 1, 1)
	}
	word, rest := args[0], args[1:]
	f := flags("plan")
	asJSON := f.Bool("json", false, "the JSON of docs/plan.md")
	if strings.HasPrefix(word, "-") { // help, or a mistake
		return parse(f, args, 1, 1)
	}
	// The flag may stand before or after the file.
	if i := slices.IndexFunc(rest, func(a string) bool { return a == "--json" || a == "-json" }); i > 0 {
		rest = append([]string{"-json"}, slices.Delete(slices.Clone(rest), i, i+1)...)
	}
	if err := parse(f, rest, 1, 1); err != nil {
		return err
	}
	switch word {
	case "import":
		return planImport(f.Arg(0), *asJSON)
	case "score":
		return plan.Score(f.Arg(0), os.Stdout)
	}
	return fmt.Errorf("%q is neither import nor score", word)
}

func planImport(name string, asJSON bool) error {
	in := io.Reader(os.Stdin)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, plan.MaxBytes+1))
	if err != nil {
		return err
	}
	p, err := plan.ImportNamed(filepath.Base(name), text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if asJSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(p)
	}
	return p.Write(os.Stdout)
}
