package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"

	"openmic/floor"
)

// Format is the version of the record that this package reads and writes.
const Format = 1

// The two kinds of record.
const (
	Public  = "public"  // only words whose people consented that they stand in a public report, and what is the session's own
	Archive = "archive" // every word that was not erased
)

// A Manifest says what is in a record.
type Manifest struct {
	Record   int           `json:"record"` // Format
	Session  string        `json:"session"`
	Kind     string        `json:"kind"` // Public or Archive
	Rule     floor.Rule    `json:"rule"` // at the start
	Journals []JournalInfo `json:"journals"`
}

// JournalInfo is one journal in a manifest.
type JournalInfo struct {
	Name        string `json:"name"`
	Key         string `json:"key"` // of the site that writes it, as sumdb/note prints a verifier key
	Entries     int    `json:"entries"`
	Addenda     int    `json:"addenda"`
	Checkpoints int    `json:"checkpoints"`
	Seen        int    `json:"seen,omitempty"` // checkpoints of it that other sites signed
}

// MaxJournals is how many journals a record may have.
const MaxJournals = floor.MaxJournals

// word is one addendum as a line.
type word struct {
	N     int64  `json:"n"`
	Field string `json:"field"`
	Nonce string `json:"nonce"` // base64url without padding
	Text  string `json:"text"`
}

// Names of the files of a record.
const manifestFile = "manifest.json"

func stem(journal string) string { return journal[strings.IndexByte(journal, '/')+1:] }

func entriesFile(journal string) string { return "entries/" + stem(journal) + ".jsonl" }
func addendaFile(journal string) string { return "addenda/" + stem(journal) + ".jsonl" }
func seenFile(journal string, size int64, by string) string {
	return fmt.Sprintf("seen/%s-%09d-%s.note", stem(journal), size, stem(by))
}
func checkpointFile(journal string, size int64) string {
	return fmt.Sprintf("checkpoints/%s-%09d.note", stem(journal), size)
}

// line is a value as one line of canonical JSON, as entries are: no blanks, only ASCII.
func line(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // numbers and texts only
	}
	var out []byte
	for _, r := range buf.String() {
		switch {
		case r <= '~':
			out = append(out, byte(r))
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

// decode reads canonical JSON: only the bytes that line would write.
func decode(b []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if !bytes.Equal(line(v), append(b[:len(b):len(b)], '\n')) {
		return floor.ErrNotCanonical
	}
	return nil
}

// readManifest checks everything about a manifest that it says by itself.
func readManifest(b []byte) (*Manifest, *Fault) {
	m := &Manifest{}
	if len(b) > MaxLine || len(b) == 0 || b[len(b)-1] != '\n' {
		return nil, broken(manifestFile, "it is not one line")
	}
	if err := decode(b[:len(b)-1], m); err != nil {
		return nil, broken(manifestFile, "it is not in its one form (%v)", plain(err))
	}
	switch {
	case m.Record != Format:
		return nil, broken(manifestFile, "the record is of version %d; this program reads version %d", m.Record, Format)
	case m.Kind != Public && m.Kind != Archive:
		return nil, broken(manifestFile, "the kind is %.20q, neither public nor archive", m.Kind)
	case len(m.Journals) < 1 || len(m.Journals) > MaxJournals:
		return nil, broken(manifestFile, "it names %d journals; between 1 and %d are read", len(m.Journals), MaxJournals)
	}
	tags := map[string]bool{}
	for i, j := range m.Journals {
		session, named := floor.SessionOf(j.Name)
		switch {
		case i > 0 && m.Journals[i-1].Name >= j.Name, tags[floor.Tag(j.Name)]:
			return nil, broken(manifestFile, "the journals are not in order, or two have one tag")
		case !named || session != m.Session:
			return nil, broken(manifestFile, "%.60q is no journal of session %.30q", j.Name, m.Session)
		case !floor.IsSiteKey(j.Key):
			return nil, broken(manifestFile, "the key of %s is not one of a site", j.Name)
		case j.Entries < 1 || j.Entries > MaxEntries:
			return nil, broken(manifestFile, "%s has %d entries; between 1 and %d are read", j.Name, j.Entries, MaxEntries)
		}
		tags[floor.Tag(j.Name)] = true
	}
	return m, nil
}

// plain shortens what a decoder says.
func plain(err error) string {
	s := strings.TrimPrefix(err.Error(), "json: ")
	if len(s) > 120 {
		s = s[:120] + "…"
	}
	return s
}

// lines splits a text into its lines; each ends with a newline, none is empty or too long.
func lines(name string, b []byte, want int) ([][]byte, *Fault) {
	out := make([][]byte, 0, min(want, 1<<16))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		at := place(name, len(out)+1)
		switch {
		case i < 0:
			return nil, broken(at, "the last line is torn")
		case i == 0:
			return nil, broken(at, "the line is empty")
		case i > MaxLine:
			return nil, broken(at, "the line is longer than %d bytes", MaxLine)
		case len(out) == want:
			return nil, broken(at, "the manifest names only %d lines", want)
		}
		out = append(out, b[:i])
		b = b[i+1:]
	}
	if len(out) != want {
		return nil, broken(name, "it has %d lines, the manifest says %d", len(out), want)
	}
	return out, nil
}

func place(name string, n int) string { return fmt.Sprintf("%s, line %d", name, n) }

// A Fault is why a record does not hold: the place and one sentence.
type Fault struct {
	Exit  int    // 1 the bytes or their order, 2 a call broke the rule without a reason class
	Where string // file and line
	What  string
}

func (f *Fault) Error() string { return f.Where + ": " + f.What }

func broken(where, format string, a ...any) *Fault {
	return &Fault{1, where, fmt.Sprintf(format, a...)}
}
