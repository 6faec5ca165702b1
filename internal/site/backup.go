package site

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"openmic/internal/link"
	"openmic/internal/web/hall"
)

// A backup is a zip: what it is and the sum of each file, a copy of the database of one moment, and the signed
// checkpoints. It holds every word that was not erased, and the hashes of people's links, so that the links open after a
// restore. It holds no key and no secret: not of a link, and not of the way to a hub.
const (
	backupFile    = "backup.json"
	backupVersion = 1
	databaseFile  = "openmic.db"
	notesFolder   = "checkpoints"
)

type backupHead struct {
	Openmic int               `json:"openmic"` // version of this format
	Key     string            `json:"key"`     // with which the folder signed; the public half
	Files   map[string]string `json:"files"`   // SHA-256, hexadecimal
}

// copied is a store that can be copied while it is used.
type copied interface {
	Backup(ctx context.Context, path string, edit func(settings map[string]string)) error
}

// Backup writes a copy of everything of one moment; the sessions go on meanwhile. One is made at a time: hall.ErrTooFast
// for whoever wants another.
func (s *Site) Backup(ctx context.Context, w io.Writer) error {
	if !s.backing.TryLock() {
		return hall.ErrTooFast
	}
	defer s.backing.Unlock()
	// The checkpoints first: the copy of the database then holds all that they sign.
	for _, c := range s.signing() {
		c.take()
	}
	data, part := s.settings.Data, filepath.Join(s.settings.Data, "backup-"+letters(8)+".db")
	defer os.Remove(part)
	var err error
	if db, ok := s.db.(copied); ok {
		err = db.Backup(ctx, part, keepSecret)
	} else {
		data = strings.TrimSuffix(part, ".db")
		defer os.RemoveAll(data)
		err = s.copyOut(ctx, data, part)
	}
	if err != nil {
		return err
	}
	notes, err := notesIn(data)
	if err != nil {
		return err
	}
	files := append([]string{databaseFile}, notes...)
	from := func(name string) string {
		if name == databaseFile {
			return part
		}
		return filepath.Join(data, filepath.FromSlash(name))
	}
	head := backupHead{backupVersion, s.key.verify, map[string]string{}}
	for _, name := range files {
		if head.Files[name], err = sumOf(from(name)); err != nil {
			return fmt.Errorf("backup: %w", err)
		}
	}
	b, err := json.Marshal(head)
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	out, err := z.Create(backupFile)
	if err == nil {
		_, err = out.Write(b)
	}
	for _, name := range files {
		if err == nil {
			err = pack(z, name, from(name))
		}
	}
	return errors.Join(err, z.Close())
}

// signing are the checkpointers of the sessions that are open.
func (s *Site) signing() (out []*checkpointer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.halls {
		if e.open.Load() && e.signs != nil {
			out = append(out, e.signs)
		}
	}
	return out
}

// keepSecret takes out what would let whoever holds a backup act as this site: what a venue shows to its hub, and join
// links that were not used. Where the hub is stays: who has this site's key, too, can go on for a venue that is lost.
func keepSecret(settings map[string]string) {
	for k := range settings {
		what, id, _ := strings.Cut(k, " ")
		switch what {
		case "way":
			settings[k] = withoutSecret(settings[k])
			delete(settings, "joining "+id)
		case "invite":
			delete(settings, k)
		}
		if k == keySetting { // only a database has it: a restored one has another key
			delete(settings, k)
		}
	}
}

// withoutSecret is a venue's way to its hub with nothing that lets anybody in; empty when it is no way.
func withoutSecret(way string) string {
	var w link.Way
	if json.Unmarshal([]byte(way), &w) != nil {
		return ""
	}
	w.Secret = ""
	b, err := json.Marshal(w)
	if err != nil {
		return ""
	}
	return string(b)
}

// notesIn lists the checkpoints of a data folder, with slashes.
func notesIn(data string) (out []string, err error) {
	err = filepath.WalkDir(filepath.Join(data, notesFolder), func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(p, ".note") {
			rel, err := filepath.Rel(data, p)
			out = append(out, filepath.ToSlash(rel))
			return err
		}
		return err
	})
	return out, err
}

func sumOf(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}

func pack(z *zip.Writer, name, from string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	out, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, f)
	return err
}

// unpack puts a backup into a folder and checks every file of it.
func unpack(from, folder string) (key string, err error) {
	z, err := zip.OpenReader(from)
	if err != nil {
		return "", fmt.Errorf("%s is no whole backup: %w", from, err)
	}
	defer z.Close()
	var head backupHead
	if len(z.File) == 0 || z.File[0].Name != backupFile {
		return "", fmt.Errorf("%s is no backup of openmic", from)
	}
	r, err := z.File[0].Open()
	if err == nil {
		err = json.NewDecoder(io.LimitReader(r, 64<<20)).Decode(&head)
	}
	if err != nil || head.Openmic != backupVersion {
		return "", fmt.Errorf("%s is no backup that this program reads (version %d)", from, backupVersion)
	}
	for _, f := range z.File[1:] {
		want, ok := head.Files[f.Name]
		if !ok || f.Name != databaseFile && (!strings.HasPrefix(f.Name, notesFolder+"/") || path.Clean(f.Name) != f.Name) || !filepath.IsLocal(filepath.FromSlash(f.Name)) {
			return "", fmt.Errorf("%s has a file %.80q that is not of a backup", from, f.Name)
		}
		delete(head.Files, f.Name)
		in, err := f.Open()
		if err != nil {
			return "", fmt.Errorf("%s, file %s: %w", from, f.Name, err)
		}
		to := filepath.Join(folder, filepath.FromSlash(f.Name))
		err = put(to, in)
		in.Close()
		if err != nil {
			return "", fmt.Errorf("%s, file %s: %w", from, f.Name, err)
		}
		if sum, err := sumOf(to); err != nil || sum != want {
			return "", fmt.Errorf("%s, file %s is not what was backed up (%v)", from, f.Name, err)
		}
	}
	if len(head.Files) > 0 {
		return "", fmt.Errorf("%s is torn: %d files are missing", from, len(head.Files))
	}
	return head.Key, nil
}

// put makes a file for this user only, on disk.
func put(to string, in io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, in)
	return errors.Join(err, f.Sync(), f.Close())
}
