package site

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// keyFile holds the key with which this data folder signs its checkpoints. It is made at the first start, is readable
// for this user only, and is in no export, record or backup.
const keyFile = "key"

// A siteKey signs. Both are as sumdb/note prints them.
type siteKey struct {
	sign   string // secret
	verify string // stands in every record
}

// loadKey reads the folder's key and makes it when there is none.
func loadKey(folder string) (siteKey, error) {
	path := filepath.Join(folder, keyFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		sign, verify, err := note.GenerateKey(rand.Reader, "openmic-"+letters(6))
		if err != nil {
			return siteKey{}, err
		}
		if err := writeDurably(path, []byte(sign+"\n"+verify+"\n")); err != nil {
			return siteKey{}, fmt.Errorf("the key of this data folder cannot be kept: %w", err)
		}
		return siteKey{sign, verify}, nil
	}
	if err != nil {
		return siteKey{}, fmt.Errorf("the key of this data folder cannot be read: %w", plain(err))
	}
	return parseKey(path, b)
}

// readKey reads the key of another folder.
func readKey(path string) (siteKey, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return siteKey{}, fmt.Errorf("the key %s cannot be read: %w", path, plain(err))
	}
	return parseKey(path, b)
}

func parseKey(path string, b []byte) (siteKey, error) {
	sign, rest, _ := strings.Cut(string(b), "\n")
	k := siteKey{sign, strings.TrimSuffix(rest, "\n")}
	s, err := note.NewSigner(k.sign)
	v, err2 := note.NewVerifier(k.verify)
	if err != nil || err2 != nil || s.Name() != v.Name() || s.KeyHash() != v.KeyHash() {
		return siteKey{}, fmt.Errorf("the file %s is no key; put the right one back, or move it away and a new one is made", path)
	}
	return k, nil
}

// writeDurably makes a file whole or not at all, for this user only. When it returns, a power cut does not undo it.
func writeDurably(path string, b []byte) error {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(part) // gone after the rename
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	if runtime.GOOS == "windows" { // folders cannot be synced there
		return nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
