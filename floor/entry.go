package floor

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// Version is the version of the entry bytes that this program writes.
const Version = 1

// A Stamp orders entries: session time, then a counter, then the site. It never compares the clocks of two machines.
type Stamp struct {
	At    int64  `json:"at"` // session time, ms
	Count int64  `json:"count"`
	Site  string `json:"site"` // tag of the journal
}

// Before is the order of the fold.
func (a Stamp) Before(b Stamp) bool {
	if a.At != b.At {
		return a.At < b.At
	}
	if a.Count != b.Count {
		return a.Count < b.Count
	}
	return a.Site < b.Site
}

// Seen says how far the writer of an entry had read another journal.
type Seen struct {
	Journal string `json:"journal"`
	N       int64  `json:"n"`
}

// An Entry is one fact in a journal. It holds no free text, name, group, region or contact, only digests of them.
type Entry struct {
	Journal string            // session/site-tag
	N       int64             // 1, 2, 3 … without gaps
	Stamp   Stamp             //
	View    []Seen            // how far each other journal had been seen, sorted; empty with one site
	Wall    int64             // wall clock, Unix ms; a label that orders nothing
	Command string            // id of the command that caused it
	More    bool              // another entry of the same command follows
	By      ID                // pseudonym of who gave the command
	Event   Event             //
	Said    map[string]string // field → digest of its words
	Prev    string            // hash of the entry before, base64url; empty for the first
}

// wire is the canonical form: JSON in this order of keys, no blanks, only ASCII.
type wire struct {
	V       int               `json:"v"`
	Journal string            `json:"journal"`
	N       int64             `json:"n"`
	Stamp   Stamp             `json:"stamp"`
	View    []Seen            `json:"view"`
	Wall    int64             `json:"wall"`
	Command string            `json:"command"`
	More    bool              `json:"more"`
	By      ID                `json:"by"`
	Kind    string            `json:"kind"`
	Body    json.RawMessage   `json:"body"`
	Said    map[string]string `json:"said"`
	Prev    string            `json:"prev"`
}

// Tag is the random part of the journal's name; IDs begin with it.
func (e *Entry) Tag() string { return Tag(e.Journal) }

// Tag is the part of a journal's name after the last dash.
func Tag(journal string) string { return journal[strings.LastIndexByte(journal, '-')+1:] }

// ID is the name of what this entry creates.
func (e *Entry) ID() ID { return ID(fmt.Sprintf("%s%d", e.Tag(), e.N)) }

// text names the words of a field, empty when the entry has none.
func (e *Entry) text(field string) Text {
	if _, ok := e.Said[field]; !ok {
		return ""
	}
	return Text(string(e.ID()) + "/" + field)
}

// Bytes are the canonical bytes of the entry.
func (e *Entry) Bytes() []byte {
	body, err := compact(e.Event)
	if err != nil {
		panic(err) // an event holds only numbers, strings and lists of them
	}
	view, said := e.View, e.Said
	if view == nil {
		view = []Seen{}
	}
	if said == nil {
		said = map[string]string{}
	}
	b, err := compact(wire{Version, e.Journal, e.N, e.Stamp, view, e.Wall, e.Command, e.More, e.By, Kind(e.Event), body, said, e.Prev})
	if err != nil {
		panic(err)
	}
	return b
}

func compact(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return ascii(bytes.TrimSuffix(buf.Bytes(), []byte("\n"))), nil
}

// ascii escapes what a client put into an id beyond ASCII, so that every entry that is written can be read.
func ascii(b []byte) []byte {
	if !slices.ContainsFunc(b, func(c byte) bool { return c > '~' }) {
		return b
	}
	var out []byte
	for _, r := range string(b) {
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

// HashBytes is the hash of an entry's bytes as the next entry names it: SHA-256, base64url without padding.
func HashBytes(b []byte) string {
	h := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// aDigest says whether a text is the SHA-256 of something, base64url. Nothing else may stand where words are bound.
func aDigest(d string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(d)
	return err == nil && len(b) == sha256.Size
}

// ErrNotCanonical is returned for bytes that mean an entry but are not its canonical form.
var ErrNotCanonical = errors.New("entry is not in canonical form")

// ParseEntry reads canonical bytes. Other bytes, also such that mean the same, are an error.
func ParseEntry(b []byte) (*Entry, error) {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return nil, ErrNotCanonical
		}
	}
	var w wire
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&w); err != nil {
		return nil, fmt.Errorf("entry: %w", err)
	}
	if w.V != Version {
		return nil, fmt.Errorf("entry of version %d; this program reads version %d", w.V, Version)
	}
	ev, err := NewEvent(w.Kind, w.Body)
	if err != nil {
		return nil, err
	}
	for field, d := range w.Said {
		if !aDigest(d) {
			return nil, fmt.Errorf("entry: what stands for the words of %s is no digest", field)
		}
	}
	e := &Entry{w.Journal, w.N, w.Stamp, w.View, w.Wall, w.Command, w.More, w.By, ev, w.Said, w.Prev}
	if !bytes.Equal(e.Bytes(), b) {
		return nil, ErrNotCanonical
	}
	return e, nil
}

// An Addendum holds the words of one field of one entry. Deleting it erases them; the entry still proves its place.
type Addendum struct {
	N     int64
	Field string
	Nonce []byte // 16 random bytes
	Text  string
}

// Digest binds words to an entry without showing them: SHA-256 over nonce, field, a zero byte and the text.
func (a *Addendum) Digest() string {
	h := sha256.New()
	h.Write(a.Nonce)
	h.Write([]byte(a.Field))
	h.Write([]byte{0})
	h.Write([]byte(a.Text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// Seal takes the words out of an event: the entry keeps digests, the addenda keep the words. nonce gives 16 fresh
// random bytes at each call.
func Seal(e *Entry, nonce func() []byte) []Addendum {
	w, ok := e.Event.(interface{ words() Said })
	if !ok || len(w.words()) == 0 {
		return nil
	}
	e.Said = map[string]string{}
	var out []Addendum
	for _, field := range sortedKeys(w.words()) {
		a := Addendum{N: e.N, Field: field, Nonce: nonce(), Text: w.words()[field]}
		e.Said[field] = a.Digest()
		out = append(out, a)
	}
	return out
}
