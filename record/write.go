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

// A Source is one journal as its site keeps it, or as another site keeps a copy of it.
type Source struct {
	Name        string
	Key         string   // verifier key of its site
	Entries     [][]byte // canonical bytes, from the first on
	Addenda     []floor.Addendum
	Checkpoints [][]byte // as signed by its site; the last is of all entries, or one of Seen is
	Seen        []Seen   // signed by other sites
}

// Seen is a checkpoint of a journal signed by a site that had seen so much of it.
type Seen struct {
	By   string // journal of the site that signed
	Key  string // its verifier key
	Note []byte
}

// names are those of the journals that the source speaks of.
func (s *Source) names() []string {
	out := []string{s.Name}
	for _, x := range s.Seen {
		out = append(out, x.By)
	}
	return out
}

// Write writes the record of a session. It takes the entries as they are, also where they break a rule: to judge them
// is Verify's business. The same sources give the same bytes.
func Write(w io.Writer, session, kind string, sources ...Source) error {
	m := Manifest{Record: Format, Session: session, Kind: kind}
	var files []file
	sources = slices.Clone(sources)
	slices.SortFunc(sources, func(a, b Source) int { return cmp.Compare(a.Name, b.Name) })
	fold := floor.NewFold()
	read := make([][]*floor.Entry, len(sources))
	for k, s := range sources {
		for _, name := range s.names() { // they become names of files
			if _, ok := floor.SessionOf(name); !ok {
				return fmt.Errorf("record: no journal may be called %.60q", name)
			}
		}
		for i, b := range s.Entries {
			e, err := floor.ParseEntry(b)
			if err != nil {
				return fmt.Errorf("record: %s, entry %d: %w", s.Name, i+1, err)
			}
			if c, ok := e.Event.(*floor.Created); ok && i == 0 {
				m.Rule = c.Rule
			}
			read[k] = append(read[k], e)
		}
		if len(read[k]) == 0 {
			return fmt.Errorf("record: there is no entry in %s yet", s.Name)
		}
		fold.Add(read[k]...)
	}
	shelf := newShelf(fold.State(), kind)
	for k, s := range sources {
		var text bytes.Buffer
		for _, b := range s.Entries {
			text.Write(append(b[:len(b):len(b)], '\n'))
		}
		info := JournalInfo{Name: s.Name, Key: s.Key, Entries: len(read[k]), Checkpoints: len(s.Checkpoints), Seen: len(s.Seen)}
		var words bytes.Buffer
		addenda := slices.Clone(s.Addenda)
		slices.SortFunc(addenda, func(a, b floor.Addendum) int { return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.Field, b.Field)) })
		for _, a := range addenda {
			if a.N >= 1 && a.N <= int64(len(read[k])) && shelf.holds(read[k][a.N-1], a.Field) {
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
		for _, x := range s.Seen {
			c, err := ReadCheckpoint(x.Note, x.Key)
			if err != nil {
				return fmt.Errorf("record: checkpoint of %s by %s: %w", s.Name, x.By, err)
			}
			files = append(files, file{seenFile(s.Name, c.Size, x.By), x.Note})
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
