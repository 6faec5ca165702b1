package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// own compares the nonce in the database with the one in the machine file, which no backup
// contains, and renews both. Renewing at each start means that even a copy of the whole file,
// put back into the same folder later, is noticed.
//
// The file is written first, with the new nonce and the old one, and again without the old one
// at the end; so whichever moment the power goes, the database's nonce is in the file.
func own(ctx context.Context, folder string, conn *sql.Conn, adopt bool) error {
	var here string
	err := conn.QueryRowContext(ctx, "SELECT nonce FROM machine").Scan(&here)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read machine nonce: %w", err)
	}
	var journals int
	if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM journal").Scan(&journals); err != nil {
		return fmt.Errorf("read machine nonce: %w", err)
	}
	path := filepath.Join(folder, machineFile)
	file, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read machine nonce: %w", err)
	}
	fresh := here == "" && journals == 0
	ours := here != "" && slices.Contains(strings.Fields(string(file)), here)
	if !fresh && !ours && !adopt {
		return fmt.Errorf("%w (%s)", ErrRestored, folder)
	}

	next := rand.Text()
	if err := writeFile(path, strings.TrimSpace(next+"\n"+here)+"\n"); err != nil {
		return fmt.Errorf("write machine nonce: %w", err)
	}
	change := "BEGIN IMMEDIATE; DELETE FROM machine; INSERT INTO machine VALUES ('" + next + "');"
	if adopt && !ours {
		change += " UPDATE journal SET restored = 1;"
	}
	if _, err := conn.ExecContext(ctx, change+" COMMIT;"); err != nil {
		return fmt.Errorf("write machine nonce: %w", err)
	}
	// From here a copy with the old nonce is a stranger. Writing the file also makes the folder
	// durable: without that a power cut could bring back the rollback journal SQLite deleted
	// after making the database, and with it the empty database.
	if err := writeFile(path, next+"\n"); err != nil {
		return fmt.Errorf("write machine nonce: %w", err)
	}
	return nil
}

// writeFile replaces a small file durably.
func writeFile(path, text string) error {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a new name in a folder durable. Windows has no such call and needs none.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
