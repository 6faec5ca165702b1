package site

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/web/hall"
)

// A session as text: one line says what it is, then each entry in its canonical bytes, each followed by the addenda
// that hold its words, then one line with the number of entries, the hash of the last, and the hash of the state they
// fold to. Where there are several journals, a line before the entries of each names it. docs/wire.md specifies it.
const (
	exportVersion  = 1
	exportJournals = 2 // the version for several journals
)

type exportHead struct {
	Openmic int    `json:"openmic"` // version of this format
	Session string `json:"session"`
	Journal string `json:"journal"` // the one that is written here; of several, the hub's
	Room    string `json:"room"`
}

type exportJournal struct {
	Name string `json:"name"`
	Key  string `json:"key"` // with which its site signs
}

type exportWord struct {
	N     int64  `json:"n"`
	Field string `json:"field"`
	Nonce string `json:"nonce"` // base64url
	Text  string `json:"text"`
}

type exportEnd struct {
	Entries int64  `json:"entries"`
	Head    string `json:"head"`  // hash of the last entry, as a next one would name it; empty where there are several journals
	State   string `json:"state"` // SHA-256 of the state, hexadecimal
}

// Export writes a session as text: all journals of it that are here. Passes are not in it: whoever imports it gives new
// links. Where something is damaged the text is whole up to there, and the error names the place (Damaged).
func (s *Site) Export(ctx context.Context, id string, w io.Writer) error {
	own, parts, damage := s.storyOf(ctx, id)
	if damage != nil && !errors.Is(damage, journal.ErrDamaged) {
		return damage
	}
	door, _, err := s.db.Get(ctx, doorSetting(id))
	if err != nil {
		return err
	}
	room := readDoor(door).Code
	fold := floor.NewFold()
	entries := int64(0)
	for _, p := range parts {
		fold.Add(p.entries...)
		entries += int64(len(p.entries))
	}
	out := bufio.NewWriter(w)
	put := func(sign string, v any) {
		b, ok := v.([]byte)
		if !ok {
			b = lineOf(v)
		}
		fmt.Fprintf(out, "%s %s\n", sign, b) // Flush tells what went wrong
	}
	head, keys := "", map[string]string{}
	switch len(parts) {
	case 0:
		put("openmic", exportHead{exportVersion, id, string(own.Name), room})
	case 1:
		put("openmic", exportHead{exportVersion, id, string(parts[0].info.Name), room})
		head = floor.HashBytes(parts[0].rows[entries-1])
	default:
		hub := fold.State().Hub()
		if hub == "" {
			hub = string(own.Name)
		}
		put("openmic", exportHead{exportJournals, id, hub, room})
		if keys, err = s.keysOf(ctx, id, own, parts); err != nil {
			return err
		}
		slices.SortFunc(parts, func(a, b *part) int { return strings.Compare(string(a.info.Name), string(b.info.Name)) })
	}
	for _, p := range parts {
		if len(parts) > 1 {
			put("journal", exportJournal{string(p.info.Name), keys[string(p.info.Name)]})
		}
		words := p.addenda
		for i, row := range p.rows {
			put("entry", row)
			for len(words) > 0 && words[0].N == int64(i)+1 {
				a := words[0]
				words = words[1:]
				put("words", exportWord{a.N, a.Field, base64.RawURLEncoding.EncodeToString(a.Nonce), a.Text})
			}
		}
	}
	hash := fold.State().Hash()
	put("end", exportEnd{entries, head, hex.EncodeToString(hash[:])})
	return errors.Join(out.Flush(), damage)
}

// lineOf is one of the structs above as it stands in an export.
func lineOf(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // they hold only numbers and strings
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// parse reads a line of an export, and only in the form in which it was written.
func parse[T any](line string, v *T) bool {
	return json.Unmarshal([]byte(line), v) == nil && string(lineOf(*v)) == line
}

// longestLine bounds a line of an export: an entry or the words of one field.
const longestLine = 1 << 20

// Import restores an exported session to the same state. It refuses a torn, altered or foreign text and names the line;
// nothing is kept then. When the disk fails in between, the session is not listed, and a repeat goes on: the entries are
// kept all at once or not at all. A session of several journals goes on here in a new one. The answer is the session's
// id and the link of its organiser.
func (s *Site) Import(ctx context.Context, r io.Reader) (id string, link hall.Link, err error) {
	x, err := readExport(r)
	if err != nil {
		return "", hall.Link{}, err
	}
	list, err := s.Sessions(ctx)
	if err != nil {
		return "", hall.Link{}, err
	}
	id = x.head.Session
	if slices.ContainsFunc(list, func(l hall.Listing) bool { return l.ID == id }) {
		return "", hall.Link{}, fmt.Errorf("session %q is here already; nothing was changed", id)
	}
	if x.head.Openmic == exportJournals && len(x.state.Journals()) >= floor.MaxJournals {
		return "", hall.Link{}, fmt.Errorf("session %s: %w", id, errMachines)
	}
	for _, p := range x.parts {
		// A repeat must find the journal it made, so when it was born is a matter of the text, not of the clock.
		info := journal.Info{Name: p.info.Name, Session: id, Site: siteOf(p.info.Name), Key: p.info.Key}
		if err := s.db.Create(ctx, info); err != nil {
			return "", hall.Link{}, fmt.Errorf("make journal: %w", err)
		}
		if err := s.db.AppendForeign(ctx, p.info.Name, p.batch()); err != nil {
			return "", hall.Link{}, fmt.Errorf("keep entries: %w", err)
		}
	}
	if err := s.db.Set(ctx, doorSetting(id), x.head.Room); err != nil {
		return "", hall.Link{}, err
	}
	if x.head.Openmic == exportJournals {
		err = s.goOn(ctx, id, "hub", x.parts, journal.Name(x.head.Journal), nil)
	} else {
		err = s.db.Set(ctx, "journal "+id, x.head.Journal)
	}
	if err != nil {
		return "", hall.Link{}, err
	}
	passes, err := hall.LoadPasses(ctx, passStore{s.db}, id, random)
	if err != nil {
		return "", hall.Link{}, err
	}
	// The link is for the organiser who is in the session already. Nobody joins by an import: it writes nothing of its own.
	pass := hall.Pass{Label: "organiser", Roles: floor.Organiser | floor.Chair | floor.Venue | floor.Desk | floor.Rapporteur}
	for _, need := range []floor.Roles{floor.Chair, floor.Organiser} {
		if i := slices.IndexFunc(x.state.People, func(p floor.Person) bool { return p.Roles.Has(need) && !p.Closed }); i >= 0 {
			pass.Person = x.state.People[i].ID
		}
	}
	_, secret, err := passes.Give(ctx, pass)
	if err != nil {
		return "", hall.Link{}, err
	}
	if err := s.list(ctx, hall.Listing{ID: id, Title: x.say(x.state.Title), Created: s.world().Now().UnixMilli()}); err != nil {
		return "", hall.Link{}, err
	}
	return id, hall.Link{Label: pass.Label, Roles: pass.Roles, Path: "/s/" + id + "/in#" + secret}, nil
}

// siteOf is the kind of site that writes a journal, as its name has it.
func siteOf(name journal.Name) string {
	_, stem, _ := strings.Cut(string(name), "/")
	kind, _, _ := strings.Cut(stem, "-")
	return kind
}
