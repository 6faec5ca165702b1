package site

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/journal/postgres"
	"openmic/internal/journal/sqlite"
	"openmic/internal/live"
	"openmic/internal/web/hall"
)

// A Restore is what to make of a backup.
type Restore struct {
	From    string // a backup file, or a copy of a data folder
	Data    string // the new data folder; it must not be there, or be empty
	Journal string // address of an empty PostgreSQL database that keeps the sessions; empty: the folder does
	Key     string // file with the key of the old folder, where it is still there; empty: none
	Erased  string // file that lists who was erased after the backup; empty: none
}

// A Restored is a session that came out of a backup. State is the hash of what it was then.
type Restored struct {
	ID, Title string
	Entries   int64
	State     string
	Journal   string // in which it goes on; empty where it waits for a join link of its hub
	Hub       string // of a venue's session that goes on: the address at which it looks for its hub
	Lacks     string // why it waits, in one sentence
	Full      bool   // it waits for nothing: another journal is more than a record can hold
	Erased    int    // people erased again
}

// Run makes a new data folder with a new key. The journals of the backup are only readable in it; each session that was
// made there goes on in a new one. Nothing is left at Data when it fails; in a database something may be.
func (r Restore) Run(ctx context.Context, log *slog.Logger) (out []Restored, err error) {
	if in, err := os.ReadDir(r.Data); err == nil && len(in) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the folder %s is not empty; a backup is restored into a new one", r.Data)
	}
	if r.Data == "" || here(r.Data) {
		return nil, errors.New("-data must name a new folder, not the one that this is run in: it is put in its place whole, at the end")
	}
	erased, err := readErased(r.Erased)
	if err != nil {
		return nil, err
	}
	part := filepath.Clean(r.Data) + ".part"
	if err := os.RemoveAll(part); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(part, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be made: %w", r.Data, plain(err))
	}
	defer os.RemoveAll(part) // gone after the rename
	was, before, err := r.bring(part)
	if err != nil {
		return nil, err
	}
	if err := sqlite.Adopt(part); err != nil {
		return nil, fmt.Errorf("%s cannot be restored: %w", r.From, err)
	}
	if r.Journal != "" {
		to, err := postgres.Open(ctx, r.Journal, log)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(moveIn(ctx, part, to), to.Close()); err != nil {
			return nil, fmt.Errorf("%s cannot be restored: %w", r.From, err)
		}
	}
	s, err := Open(ctx, Settings{Data: part, Journal: r.Journal, Listen: "127.0.0.1:0"}, log)
	if err != nil {
		return nil, err
	}
	out, err = s.restored(ctx, was, before, erased)
	if err := errors.Join(err, s.Close()); err != nil {
		return nil, err
	}
	if err := os.Remove(r.Data); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty folder
		return nil, err
	}
	return out, os.Rename(part, r.Data)
}

// here: this program runs in that folder.
func here(folder string) bool {
	a, err := os.Stat(folder)
	b, err2 := os.Stat(".")
	return err == nil && err2 == nil && os.SameFile(a, b)
}

// bring copies what is restored into a folder, and finds the key with which it was signed.
func (r Restore) bring(part string) (was string, before *siteKey, err error) {
	key := r.Key
	st, err := os.Stat(r.From)
	switch {
	case err != nil:
		return "", nil, fmt.Errorf("%s cannot be read: %w", r.From, plain(err))
	case st.IsDir():
		if key == "" {
			key = filepath.Join(r.From, keyFile)
		}
		err = copyFolder(r.From, part)
	default:
		was, err = unpack(r.From, part)
	}
	if err != nil || key == "" {
		return was, nil, err
	}
	if _, err := os.Stat(key); errors.Is(err, fs.ErrNotExist) && r.Key == "" {
		return was, nil, nil // a folder without its key
	}
	k, err := readKey(key)
	if err != nil {
		return "", nil, err
	}
	if was != "" && was != k.verify {
		return "", nil, fmt.Errorf("%s is not the key with which %s was signed", key, r.From)
	}
	return k.verify, &k, nil
}

// copyFolder takes the database with its log, and the checkpoints; never the key or the machine's mark.
func copyFolder(from, to string) error {
	files, err := notesIn(from)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(from, databaseFile)); err != nil {
		return fmt.Errorf("there is no openmic data folder at %s", from)
	}
	for _, name := range append(files, databaseFile, databaseFile+"-wal") {
		in, err := os.Open(filepath.Join(from, filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) {
			continue // no log
		}
		if err == nil {
			err = put(filepath.Join(to, filepath.FromSlash(name)), in)
			in.Close()
		}
		if err != nil {
			return fmt.Errorf("copy %s: %w", name, plain(err))
		}
	}
	return nil
}

// restored lets every session go on that can, and erases again.
func (s *Site) restored(ctx context.Context, was string, before *siteKey, erased map[string][]floor.ID) (out []Restored, err error) {
	list, err := s.Sessions(ctx)
	if err != nil {
		return nil, err
	}
	for id := range erased {
		if !slices.ContainsFunc(list, func(l hall.Listing) bool { return l.ID == id }) {
			return nil, fmt.Errorf("the list of who was erased names session %q, which is not in the backup", id)
		}
	}
	for _, l := range list {
		own, parts, err := s.storyOf(ctx, l.ID)
		if err != nil {
			return nil, fmt.Errorf("session %s: %w", l.ID, err)
		}
		fold := floor.NewFold()
		r := Restored{ID: l.ID, Title: l.Title}
		for _, p := range parts {
			fold.Add(p.entries...)
			r.Entries += int64(len(p.entries))
			if p.info.Name == own.Name && was != "" {
				p.info.Key = []byte(was)
			}
		}
		hash := fold.State().Hash()
		r.State = hex.EncodeToString(hash[:])
		kind := "hub"
		if hub := fold.State().Hub(); hub != "" && hub != string(own.Name) {
			kind = "venue"
			if r.Hub, r.Lacks, err = s.lacking(ctx, fold.State(), own, before); err != nil {
				return nil, fmt.Errorf("session %s: %w", l.ID, err)
			}
		}
		if r.Full = len(fold.State().Journals()) >= floor.MaxJournals; r.Full {
			r.Lacks = errMachines.Error()
		}
		if own.Restored && r.Entries > 0 && r.Lacks == "" {
			if err := s.goOn(ctx, l.ID, kind, parts, own.Name, before); err != nil {
				return nil, fmt.Errorf("session %s: %w", l.ID, err)
			}
			if own, err = s.journalOf(ctx, l.ID); err != nil {
				return nil, err
			}
			r.Journal = string(own.Name)
		}
		if r.Journal == "" && r.Lacks == "" {
			r.Lacks = "nothing of the session is in the backup"
		}
		if err := s.forgetWays(ctx, l.ID, r.Hub != "" && r.Lacks == ""); err != nil {
			return nil, err
		}
		if r.Erased, err = s.eraseAgain(ctx, l.ID, r.Journal, erased[l.ID]); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// eraseAgain erases people who were erased after the backup was made.
func (s *Site) eraseAgain(ctx context.Context, id, in string, people []floor.ID) (n int, err error) {
	if len(people) == 0 {
		return 0, nil
	}
	h, ok := s.Hall(id)
	if !ok || in == "" {
		return 0, fmt.Errorf("session %s waits for its hub, which brings the erasures; take it out of the list", id)
	}
	for _, p := range people {
		if h.Session.View().Person(p) == nil {
			continue // they came after the backup
		}
		organiser := floor.Actor{Person: h.Session.Site().Person, Roles: floor.Organiser}
		if _, err := h.Session.Do(ctx, live.Command{ID: "erase-again-" + string(p), Actor: organiser, Do: &floor.Erase{Person: p}}); err != nil {
			return n, fmt.Errorf("session %s: erase %s: %w", id, p, err)
		}
		n++
	}
	return n, nil
}

// readErased reads a list: in each line a session and a person who was erased.
func readErased(name string) (map[string][]floor.ID, error) {
	if name == "" {
		return nil, nil
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("the list of who was erased cannot be read: %w", plain(err))
	}
	out := map[string][]floor.ID{}
	for i, l := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		f := strings.Fields(l)
		if len(f) == 0 {
			continue
		}
		if len(f) != 2 {
			return nil, fmt.Errorf("%s, line %d: a session and a person belong there", name, i+1)
		}
		out[f[0]] = append(out[f[0]], floor.ID(f[1]))
	}
	return out, nil
}

// erasedFile lists, in each line, a session and a person who was erased: beside the database, so that a copy of it can be
// newer than a backup. It holds no words.
const erasedFile = "erased"

func (s *Site) noteErased(id string, person floor.ID) error {
	s.erasing.Lock()
	defer s.erasing.Unlock()
	name := filepath.Join(s.settings.Data, erasedFile)
	b, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the list of who was erased: %w", plain(err))
	}
	line := fmt.Sprintf("%s %s", id, person)
	if slices.Contains(strings.Split(string(b), "\n"), line) {
		return nil
	}
	if s.shared == nil {
		return writeDurably(name, append(b, line+"\n"...))
	}
	// Nodes on one machine may share the folder: whoever adds a line takes none of another away.
	if len(b) > 0 && b[len(b)-1] != '\n' {
		line = "\n" + line
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("the list of who was erased: %w", plain(err))
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}

// isRestored: the journal came out of a backup.
func (s *Site) isRestored(ctx context.Context, name journal.Name) (bool, error) {
	all, err := s.db.List(ctx)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(all, func(i journal.Info) bool { return i.Name == name && i.Restored }), nil
}
