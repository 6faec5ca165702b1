package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"openmic/floor"
	"openmic/internal/sim"
)

// Records finds the sessions behind a name: a record, or a folder with records anywhere in it. ok is false when it is
// neither; then it may be a program.
func Records(name string) (sessions []Session, ok bool, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, false, err
	}
	if !info.IsDir() {
		is, err := aRecord(name)
		return []Session{{name, name}}, is, err
	}
	err = filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		is, err := aRecord(path)
		if is {
			sessions = append(sessions, Session{path, path})
		}
		return err
	})
	if err == nil && len(sessions) == 0 {
		err = fmt.Errorf("%s holds no record", name)
	}
	return sessions, true, err
}

// aRecord looks at how a file begins. Whether it holds is seen when it is read.
func aRecord(name string) (bool, error) {
	in, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer in.Close()
	head := make([]byte, 4)
	if _, err := io.ReadFull(in, head); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return false, nil
		}
		return false, err
	}
	return bytes.Equal(head, []byte("PK\x03\x04")), nil
}

// MadeUp writes simulated sessions into a folder: so many seeds of every case without a cut, under the rule as published.
func MadeUp(ctx context.Context, folder string, seeds int) (sessions []Session, err error) {
	m, seen := sim.TheModel(), sim.TheMeasured()
	for _, name := range m.Names() {
		c := m.Case(name)
		if c.Cut != nil {
			continue
		}
		for seed := 1; seed <= seeds; seed++ {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			title := fmt.Sprintf("%s seed %d", name, seed)
			path := filepath.Join(folder, fmt.Sprintf("%s-%d.openmic", name, seed))
			var b bytes.Buffer
			if err := sim.Record(&b, m, seen, c, floor.TheRule, uint64(seed)); err != nil {
				return nil, fmt.Errorf("%s: %w", title, err)
			}
			if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
				return nil, err
			}
			sessions = append(sessions, Session{title, path})
		}
	}
	return sessions, nil
}
