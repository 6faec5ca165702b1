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
// fold to. docs/wire.md specifies it.
const exportVersion = 1

type exportHead struct {
	Openmic int    `json:"openmic"` // version of this format
	Session string `json:"session"`
	Journal string `json:"journal"`
	Room    string `json:"room"`
}

type exportWord struct {
	N     int64  `json:"n"`
	Field string `json:"field"`
	Nonce string `json:"nonce"` // base64url
	Text  string `json:"text"`
}

type exportEnd struct {
	Entries int64  `json:"entries"`
	Head    string `json:"head"`  // hash of the last entry, as a next one would name it
	State   string `json:"state"` // SHA-256 of the state, hexadecimal
}

// Export writes a session as text. Passes are not in it: whoever imports it gives new links.
func (s *Site) Export(ctx context.Context, id string, w io.Writer) error {
	info, err := s.journalOf(ctx, id)
	if errors.Is(err, hall.ErrNotFound) {
		return fmt.Errorf("there is no session %q in %s", id, s.settings.Data)
	} else if err != nil {
		return err
	}
	room, _, err := s.db.Get(ctx, "room "+id)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	put := func(sign string, v any) error {
		b, ok := v.([]byte)
		if !ok {
			b = lineOf(v)
		}
		_, err := fmt.Fprintf(out, "%s %s\n", sign, b)
		return err
	}
	if err := put("openmic", exportHead{exportVersion, id, string(info.Name), room}); err != nil {
		return err
	}
	state := floor.New()
	n, head := int64(0), ""
	for {
		entries, addenda, err := s.db.Read(ctx, info.Name, n+1, 2000)
		if err != nil {
			return fmt.Errorf("read entry %d: %w", n+1, err)
		}
		if len(entries) == 0 {
			break
		}
		for _, je := range entries {
			e, err := floor.ParseEntry(je.Bytes)
			if err != nil {
				return fmt.Errorf("entry %d: %w", je.N, err)
			}
			state.Apply(e)
			if err := put("entry", je.Bytes); err != nil {
				return err
			}
			for len(addenda) > 0 && addenda[0].N == je.N {
				a := addenda[0]
				addenda = addenda[1:]
				if err := put("words", exportWord{a.N, a.Field, base64.RawURLEncoding.EncodeToString(a.Nonce), a.Text}); err != nil {
					return err
				}
			}
			n, head = je.N, floor.HashBytes(je.Bytes)
		}
	}
	hash := state.Hash()
	if err := put("end", exportEnd{n, head, hex.EncodeToString(hash[:])}); err != nil {
		return err
	}
	return out.Flush()
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
// kept all at once or not at all. The answer is the session's id and the link of its organiser.
func (s *Site) Import(ctx context.Context, r io.Reader) (id string, link hall.Link, err error) {
	head, batch, state, err := readExport(r)
	if err != nil {
		return "", hall.Link{}, err
	}
	list, err := s.Sessions(ctx)
	if err != nil {
		return "", hall.Link{}, err
	}
	if slices.ContainsFunc(list, func(l hall.Listing) bool { return l.ID == head.Session }) {
		return "", hall.Link{}, fmt.Errorf("session %q is here already; nothing was changed", head.Session)
	}
	// A repeat must find the journal it made, so when it was born is a matter of the text, not of the clock.
	name := journal.Name(head.Journal)
	info := journal.Info{Name: name, Session: head.Session, Site: "hub", Key: []byte{}}
	if err := s.db.Create(ctx, info); err != nil {
		return "", hall.Link{}, fmt.Errorf("make journal: %w", err)
	}
	if err := s.db.AppendForeign(ctx, name, batch); err != nil {
		return "", hall.Link{}, fmt.Errorf("keep entries: %w", err)
	}
	for _, kv := range [][2]string{{"room " + head.Session, head.Room}, {"journal " + head.Session, head.Journal}} {
		if err := s.db.Set(ctx, kv[0], kv[1]); err != nil {
			return "", hall.Link{}, err
		}
	}
	h, ok := s.Hall(head.Session)
	if !ok {
		return "", hall.Link{}, errors.New("the session was kept but cannot be opened; the log says why")
	}
	// The link is for the organiser who is in the session already. Nobody joins by an import: it writes nothing of its own.
	pass := hall.Pass{Label: "organiser", Roles: floor.Organiser | floor.Chair | floor.Venue | floor.Desk | floor.Rapporteur}
	for _, need := range []floor.Roles{floor.Chair, floor.Organiser} {
		if i := slices.IndexFunc(state.People, func(p floor.Person) bool { return p.Roles.Has(need) && !p.Closed }); i >= 0 {
			pass.Person = state.People[i].ID
		}
	}
	_, secret, err := h.Passes.Give(ctx, pass)
	if err != nil {
		return "", hall.Link{}, err
	}
	title := h.Session.View().Say(state.Title)
	if err := s.list(ctx, hall.Listing{ID: head.Session, Title: title, Created: s.world().Now().UnixMilli()}); err != nil {
		return "", hall.Link{}, err
	}
	return head.Session, hall.Link{Label: pass.Label, Roles: pass.Roles, Path: h.Base() + "in#" + secret}, nil
}

// readExport checks an export line by line: canonical entries without gaps, each joined to the one before, words that
// fit their digests, and the state hash at the end.
func readExport(r io.Reader) (head exportHead, b journal.Batch, state *floor.State, err error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 64<<10), longestLine)
	state = floor.New()
	line, prev, ended := 0, "", false
	var last *floor.Entry
	bad := func(format string, a ...any) error {
		return fmt.Errorf("line %d: %s; nothing was changed", line, fmt.Sprintf(format, a...))
	}
	for in.Scan() {
		line++
		sign, rest, _ := strings.Cut(in.Text(), " ")
		if ended {
			return head, b, nil, bad("something follows the end")
		}
		if (sign == "openmic") != (line == 1) {
			return head, b, nil, bad("this is not an exported session")
		}
		switch sign {
		case "openmic":
			if !parse(rest, &head) || head.Openmic != exportVersion {
				return head, b, nil, bad("this is not an exported session of version %d", exportVersion)
			}
			if !strings.HasPrefix(head.Journal, head.Session+"/") || len(head.Session) > 20 || len(head.Session) < 3 || strings.Trim(head.Session, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
				return head, b, nil, bad("the names of session and journal do not fit")
			}
		case "entry":
			e, err := floor.ParseEntry([]byte(rest))
			if err != nil {
				return head, b, nil, bad("%v", err)
			}
			if e.Journal != head.Journal {
				return head, b, nil, bad("entry %d belongs to another journal", e.N)
			}
			if e.N != int64(len(b.Entries))+1 || e.Prev != prev {
				return head, b, nil, bad("entry %d does not join on to entry %d", e.N, len(b.Entries))
			}
			state.Apply(e)
			b.Entries = append(b.Entries, journal.NewEntry(e.N, []byte(rest)))
			prev, last = floor.HashBytes([]byte(rest)), e
		case "words":
			var x exportWord
			if !parse(rest, &x) || last == nil || x.N != last.N {
				return head, b, nil, bad("these words belong to no entry before them")
			}
			if n := len(b.Addenda); n > 0 && b.Addenda[n-1].N == x.N && b.Addenda[n-1].Field >= x.Field {
				return head, b, nil, bad("the words %q of entry %d come twice or out of order", x.Field, x.N)
			}
			nonce, err := base64.RawURLEncoding.Strict().DecodeString(x.Nonce)
			a := floor.Addendum{N: x.N, Field: x.Field, Nonce: nonce, Text: x.Text}
			if err != nil || a.Digest() != last.Said[x.Field] {
				return head, b, nil, bad("the words %q are not those of entry %d", x.Field, x.N)
			}
			b.Addenda = append(b.Addenda, journal.Addendum{N: x.N, Field: x.Field, Nonce: nonce, Text: x.Text})
		case "end":
			var x exportEnd
			hash := state.Hash()
			if !parse(rest, &x) || x.Entries != int64(len(b.Entries)) || x.Head != prev || x.State != hex.EncodeToString(hash[:]) {
				return head, b, nil, bad("the %d entries do not give the state that was exported", len(b.Entries))
			}
			ended = true
		default:
			return head, b, nil, bad("%q begins no line of an exported session", sign)
		}
	}
	if err := in.Err(); err != nil {
		return head, b, nil, fmt.Errorf("line %d: %w; nothing was changed", line+1, err)
	}
	if !ended {
		return head, b, nil, bad("the text is torn off here")
	}
	return head, b, state, nil
}
