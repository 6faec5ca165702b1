// Package replay compares two rules of the floor call by call, on sessions as they were.
//
// A rule is a program: an older release, a newer one, or what stands in the record itself. Each program folds the record
// with its own code and says, for every call from the line, whom it would have called in the State before it. So a
// difference in one call does not make others of all calls after it, and overrides stay what the chair decided.
//
// Always true: a record that one of the two cannot read is a difference and is named; nothing is kept beside the records.
//
// What a record is and how a rule chooses is left to packages record and floor, which sessions are made up when nobody
// gives any to package sim.
package replay

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"openmic/record"
)

// An Answer is what a program says about one record.
type Answer struct {
	Record string          `json:"record"`
	Fault  string          `json:"fault,omitempty"` // why it cannot be read; one sentence
	Calls  []record.Recall `json:"calls"`
}

// A Rule answers for each record, in their order.
type Rule struct {
	Name   string
	Answer func(ctx context.Context, records []string) ([]Answer, error)

	recorded bool // it has no answer where the chair decided otherwise
}

// This is the rule of this program.
func This() Rule {
	return Rule{Name: "this program", Answer: func(ctx context.Context, records []string) ([]Answer, error) {
		var out []Answer
		for _, name := range records {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			out = append(out, answer(name))
		}
		return out, nil
	}}
}

// Recorded is what stands in the records: the calls of the rule that led the session, as far as the chair did not decide
// otherwise.
func Recorded() Rule {
	this := This().Answer
	return Rule{Name: "the record", recorded: true, Answer: func(ctx context.Context, records []string) ([]Answer, error) {
		out, err := this(ctx, records)
		for _, a := range out {
			for i := range a.Calls {
				a.Calls[i].Rule = a.Calls[i].Called
			}
		}
		return out, err
	}}
}

// Program is the rule of another program, asked with replay -calls.
func Program(name, path string) Rule {
	return Rule{Name: name, Answer: func(ctx context.Context, records []string) (out []Answer, err error) {
		for len(records) > 0 {
			n := min(len(records), 100) // so that no command line grows too long
			some, err := ask(ctx, path, records[:n])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			out, records = append(out, some...), records[n:]
		}
		return out, nil
	}}
}

func ask(ctx context.Context, path string, records []string) (out []Answer, err error) {
	if path, err = filepath.Abs(path); err != nil { // a program beside us is not one of the search path
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	c := exec.CommandContext(ctx, path, append([]string{"replay", "-calls"}, records...)...)
	var says bytes.Buffer
	c.Stderr = &says
	text, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	lines := json.NewDecoder(text)
	for _, name := range records {
		var a Answer
		if err = lines.Decode(&a); err != nil {
			break
		}
		if a.Record != name {
			err = fmt.Errorf("asked about %s, it speaks of %.60q", name, a.Record)
			break
		}
		out = append(out, a)
	}
	stop() // whoever says more than was asked is not listened to
	ended := c.Wait()
	if len(out) == len(records) {
		return out, nil
	}
	said, _, _ := strings.Cut(strings.TrimSpace(says.String()), "\n")
	if said == "" {
		said = cmp.Or(err, ended).Error()
	}
	return nil, fmt.Errorf("it does not answer replay -calls (%.200s)", said)
}

// Calls writes what this program says about each record, a JSON object a line: the answer to replay -calls.
func Calls(ctx context.Context, w io.Writer, records []string) error {
	lines := json.NewEncoder(w)
	for _, name := range records {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := lines.Encode(answer(name)); err != nil {
			return err
		}
	}
	return nil
}

func answer(name string) Answer {
	a := Answer{Record: name}
	b, err := read(name)
	if err == nil {
		a.Calls, err = record.Replay(b)
	}
	if err != nil {
		a.Fault = err.Error()
	}
	return a
}

// read reads a file, and no more of it than a record may have.
func read(name string) ([]byte, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, record.MaxBytes+1))
}
