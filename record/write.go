package record

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"

	"openmic/floor"
)

// A Source is one journal as its site keeps it.
type Source struct {
	Name        string
	Key         string   // verifier key of its site
	Entries     [][]byte // canonical bytes, from the first on
	Addenda     []floor.Addendum
	Checkpoints [][]byte // as signed; the last is of all entries
}

// Write writes the record of a session. It takes the entries as they are, also where they break a rule: to judge them
// is Verify's business. The same source gives the same bytes.
func Write(w io.Writer, session, kind string, sources ...Source) error {
	m := Manifest{Record: Format, Session: session, Kind: kind}
	var files []file
	for _, s := range sources {
		state := floor.New()
		var entries []*floor.Entry
		var text bytes.Buffer
		for i, b := range s.Entries {
			e, err := floor.ParseEntry(b)
			if err != nil {
				return fmt.Errorf("record: entry %d: %w", i+1, err)
			}
			if c, ok := e.Event.(*floor.Created); ok && i == 0 {
				m.Rule = c.Rule
			}
			state.Apply(e)
			entries = append(entries, e)
			text.Write(append(b, '\n'))
		}
		if len(entries) == 0 {
			return errors.New("record: there is no entry yet")
		}
		info := JournalInfo{Name: s.Name, Key: s.Key, Entries: len(entries), Checkpoints: len(s.Checkpoints)}
		shelf := newShelf(state, entries, kind)
		var words bytes.Buffer
		addenda := slices.Clone(s.Addenda)
		slices.SortFunc(addenda, func(a, b floor.Addendum) int { return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.Field, b.Field)) })
		for _, a := range addenda {
			if a.N >= 1 && a.N <= int64(len(entries)) && shelf.holds(entries[a.N-1], a.Field) {
				words.Write(line(word{a.N, a.Field, base64.RawURLEncoding.EncodeToString(a.Nonce), a.Text}))
				info.Addenda++
			}
		}
		files = append(files, file{entriesFile(s.Name), text.Bytes()}, file{addendaFile(s.Name), words.Bytes()})
		for _, b := range s.Checkpoints {
			c, err := ReadCheckpoint(b, s.Key)
			if err != nil {
				return fmt.Errorf("record: checkpoint: %w", err)
			}
			files = append(files, file{checkpointFile(s.Name, c.Size), b})
		}
		m.Journals = append(m.Journals, info)
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Compare(a.name, b.name) })
	return pack(w, append([]file{{manifestFile, line(m)}}, files...))
}

func nonceOf(s string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err == nil && (len(b) != 16 || base64.RawURLEncoding.EncodeToString(b) != s) {
		err = errors.New("not 16 bytes")
	}
	return b, err
}
