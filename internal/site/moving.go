package site

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"openmic/internal/journal"
	"openmic/internal/journal/postgres"
	"openmic/internal/journal/sqlite"
)

// Backups have one form, whatever keeps the sessions: what is in a database is copied into a folder like the one that a
// program without a database has, and out of such a folder again.

// copyOut copies a database, as of one moment, into a new folder with its checkpoints, and its sessions into the file part.
func (s *Site) copyOut(ctx context.Context, folder, part string) error {
	from, ok := s.db.(journal.Source)
	if !ok || s.shared == nil {
		return errors.New("backup: what keeps the sessions cannot be copied")
	}
	to, err := sqlite.Open(folder)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer to.Close()
	if err := journal.Copy(ctx, from, to); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := to.Backup(ctx, part, keepSecret); err != nil {
		return err
	}
	// Those that were signed meanwhile sign more than there is.
	all, err := to.List(ctx)
	if err != nil {
		return err
	}
	for _, info := range all {
		n, _, err := to.Head(ctx, info.Name)
		if err != nil {
			return err
		}
		notes, err := s.shared.Checkpoints(ctx, info.Name)
		if err != nil {
			return err
		}
		own, err := stem(info.Name)
		if err != nil {
			continue // nothing is kept of it
		}
		for i, b := range notes {
			if _, size, ok := signs(b); !ok || size > n {
				continue
			}
			name := fmt.Sprintf("%s-%09d-copy.note", own, i)
			if err := put(filepath.Join(folder, notesFolder, info.Session, name), strings.NewReader(string(b))); err != nil {
				return fmt.Errorf("backup: %w", err)
			}
		}
	}
	return nil
}

// signs reads, without judging it, what a checkpoint signs: the journal and how many of its entries.
func signs(note []byte) (name journal.Name, size int64, ok bool) {
	lines := strings.SplitN(string(note), "\n", 3)
	if len(lines) < 3 {
		return "", 0, false
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	rest, ok := strings.CutPrefix(lines[0], "openmic/")
	return journal.Name(rest), size, ok && err == nil && size > 0
}

// moveIn copies what was unpacked into a folder into a database that keeps no sessions yet, and leaves nothing of it in
// the folder.
func moveIn(ctx context.Context, folder string, to *postgres.Store) error {
	there, err := to.List(ctx)
	if err != nil {
		return err
	}
	if len(there) > 0 {
		return errors.New("the database keeps sessions already; a backup is restored into an empty one")
	}
	from, err := sqlite.Open(folder)
	if err != nil {
		return err
	}
	err = errors.Join(journal.Copy(ctx, from, to), from.Close())
	if err == nil {
		err = to.Adopt(ctx)
	}
	if err != nil {
		return err
	}
	notes, err := notesIn(folder)
	if err != nil {
		return err
	}
	for _, name := range notes {
		b, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		of, size, ok := signs(b)
		if !ok {
			return fmt.Errorf("%s is no checkpoint", name)
		}
		if err := to.PutCheckpoint(ctx, of, size, b); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	return os.MkdirAll(folder, 0o700)
}
