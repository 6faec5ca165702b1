package site

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"openmic/floor"
	"openmic/internal/journal"
)

// exported is a session as an export has it, checked.
type exported struct {
	head  exportHead
	parts []*part
	state *floor.State
}

// batch is everything of a journal.
func (p *part) batch() (b journal.Batch) {
	for i, row := range p.rows {
		b.Entries = append(b.Entries, journal.NewEntry(int64(i)+1, row))
	}
	for _, a := range p.addenda {
		b.Addenda = append(b.Addenda, journal.Addendum{N: a.N, Field: a.Field, Nonce: a.Nonce, Text: a.Text})
	}
	return b
}

// say finds words.
func (x *exported) say(t floor.Text) string {
	for _, p := range x.parts {
		for _, a := range p.addenda {
			if t == floor.Text(fmt.Sprintf("%s%d/%s", floor.Tag(string(p.info.Name)), a.N, a.Field)) {
				return a.Text
			}
		}
	}
	return ""
}

// reading is how far an export was read.
type reading struct {
	exported
	line  int
	at    map[*floor.Entry]int // the line of each entry
	ended bool
}

func (x *reading) bad(format string, a ...any) error {
	return fmt.Errorf("line %d: %s; nothing was changed", x.line, fmt.Sprintf(format, a...))
}

// readExport checks an export line by line: canonical entries without gaps, each joined to the one before, words that
// fit their digests, nothing that an entry had seen and is not there, and the state hash at the end.
func readExport(r io.Reader) (*exported, error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 64<<10), longestLine)
	x := &reading{at: map[*floor.Entry]int{}}
	for in.Scan() {
		x.line++
		sign, rest, _ := strings.Cut(in.Text(), " ")
		if err := x.take(sign, rest); err != nil {
			return nil, err
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w; nothing was changed", x.line+1, err)
	}
	if !x.ended {
		return nil, x.bad("the text is torn off here")
	}
	return &x.exported, nil
}

func (x *reading) take(sign, rest string) error {
	if x.ended {
		return x.bad("something follows the end")
	}
	if (sign == "openmic") != (x.line == 1) {
		return x.bad("this is not an exported session")
	}
	switch sign {
	case "openmic":
		return x.begin(rest)
	case "journal":
		return x.journal(rest)
	case "entry":
		return x.entry(rest)
	case "words":
		return x.words(rest)
	case "end":
		return x.end(rest)
	}
	return x.bad("%q begins no line of an exported session", sign)
}

func (x *reading) begin(rest string) error {
	h := &x.head
	if !parse(rest, h) || h.Openmic != exportVersion && h.Openmic != exportJournals {
		return x.bad("this is not an exported session of version %d or %d", exportVersion, exportJournals)
	}
	if !x.ours(h.Journal) || len(h.Session) < 3 {
		return x.bad("the names of session and journal do not fit")
	}
	if h.Openmic == exportVersion {
		x.parts = []*part{{info: journal.Info{Name: journal.Name(h.Journal), Key: []byte{}}}}
	}
	return nil
}

// ours: it may be the name of a journal of this session.
func (x *reading) ours(name string) bool {
	session, ok := floor.SessionOf(name)
	return ok && session == x.head.Session
}

func (x *reading) journal(rest string) error {
	var j exportJournal
	switch {
	case !parse(rest, &j) || x.head.Openmic != exportJournals || !x.ours(j.Name):
		return x.bad("this names no journal of session %s", x.head.Session)
	case len(x.parts) > 0 && string(x.last().info.Name) >= j.Name:
		return x.bad("journal %s is there twice, or out of order", j.Name)
	case slices.ContainsFunc(x.parts, func(p *part) bool { return floor.Tag(string(p.info.Name)) == floor.Tag(j.Name) }):
		return x.bad("journal %s has the tag of another one", j.Name)
	case j.Key != "" && !floor.IsSiteKey(j.Key):
		return x.bad("the key of %s is not one of a site", j.Name)
	}
	x.parts = append(x.parts, &part{info: journal.Info{Name: journal.Name(j.Name), Key: []byte(j.Key)}})
	return nil
}

func (x *reading) last() *part { return x.parts[len(x.parts)-1] }

func (x *reading) entry(rest string) error {
	e, err := floor.ParseEntry([]byte(rest))
	if err != nil {
		return x.bad("%v", err)
	}
	if len(x.parts) == 0 || e.Journal != string(x.last().info.Name) {
		return x.bad("entry %d belongs to another journal", e.N)
	}
	p := x.last()
	n := int64(len(p.rows))
	if e.N != n+1 || n == 0 && e.Prev != "" || n > 0 && e.Prev != floor.HashBytes(p.rows[n-1]) {
		return x.bad("entry %d does not join on to entry %d", e.N, n)
	}
	x.at[e] = x.line
	p.rows, p.entries = append(p.rows, []byte(rest)), append(p.entries, e)
	return nil
}

func (x *reading) words(rest string) error {
	var w exportWord
	if !parse(rest, &w) || len(x.parts) == 0 || w.N != int64(len(x.last().rows)) || w.N == 0 {
		return x.bad("these words belong to no entry before them")
	}
	p := x.last()
	if n := len(p.addenda); n > 0 && p.addenda[n-1].N == w.N && p.addenda[n-1].Field >= w.Field {
		return x.bad("the words %q of entry %d come twice or out of order", w.Field, w.N)
	}
	nonce, err := base64.RawURLEncoding.Strict().DecodeString(w.Nonce)
	a := floor.Addendum{N: w.N, Field: w.Field, Nonce: nonce, Text: w.Text}
	if err != nil || a.Digest() != p.entries[w.N-1].Said[w.Field] {
		return x.bad("the words %q are not those of entry %d", w.Field, w.N)
	}
	p.addenda = append(p.addenda, a)
	return nil
}

func (x *reading) end(rest string) error {
	have, entries, head := map[string]int64{}, int64(0), ""
	fold := floor.NewFold()
	for _, p := range x.parts {
		n := int64(len(p.rows))
		have[string(p.info.Name)] = n
		entries += n
		if n == 0 && len(x.parts) > 1 {
			return x.bad("journal %s has no entry", p.info.Name)
		}
		if n > 0 && len(x.parts) == 1 {
			head = floor.HashBytes(p.rows[n-1])
		}
		fold.Add(p.entries...)
	}
	for _, p := range x.parts {
		if n := whole(p.entries, have); n < int64(len(p.entries)) {
			e := p.entries[n]
			x.line = x.at[e]
			return x.bad("entry %d of %s had seen what is not there, or its command goes on", e.N, p.info.Name)
		}
	}
	x.state = fold.State()
	var end exportEnd
	hash := x.state.Hash()
	if !parse(rest, &end) || end.Entries != entries || end.Head != head || end.State != hex.EncodeToString(hash[:]) {
		return x.bad("the %d entries do not give the state that was exported", entries)
	}
	if _, ok := have[x.head.Journal]; !ok {
		return x.bad("journal %s is not there", x.head.Journal)
	}
	x.ended = true
	return nil
}
