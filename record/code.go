package record

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"openmic/floor"
)

// A code is four words that stand for everything a journal held at a moment: the wall shows one each minute, so that any
// photo of the room is a witness. Four words of 2048 are 44 bits, and each costs codeRounds rounds of SHA-256: whoever
// rewrites the journal so that it fits one photo works for months, and for the next photo again.

// codeList are the words, in order of the alphabet; their places are the digits of a code.
//
//go:embed code.txt
var codeList string

var codeWords = strings.Fields(codeList)

const (
	codeSalt   = "openmic code"
	codeRounds = 4096
	codeSize   = 4      // words
	codeBits   = 11     // of a word
	minute     = 60_000 // ms
	// underway is how long an entry may be on its way to the disk, ms. A wall that was drawn meanwhile showed the code
	// of the entry before it.
	underway = 10_000
)

// CodeOf is the code of entry n of a journal, whose bytes have this hash (floor.HashBytes). It takes about a
// millisecond, on purpose.
func CodeOf(journal string, n int64, hash string) string {
	b, err := pbkdf2.Key(sha256.New, fmt.Sprintf("openmic/%s\n%d\n%s\n", journal, n, hash), []byte(codeSalt), codeRounds, (codeSize*codeBits+7)/8)
	if err != nil {
		panic(err) // only for lengths that nobody could mean
	}
	x := uint64(0)
	for _, c := range b {
		x = x<<8 | uint64(c)
	}
	x >>= len(b)*8 - codeSize*codeBits
	words := make([]string, codeSize)
	for i := range slices.Backward(words) {
		words[i] = codeWords[x%(1<<codeBits)]
		x >>= codeBits
	}
	return strings.Join(words, " ")
}

// A Current says when a code was that of the journal's newest entry. Session times are in ms.
type Current struct {
	Exit      int    `json:"exit"`      // 0 it was, 1 it never was, or these are no words of a code
	Fault     string `json:"fault"`     // one sentence, empty when there is none
	Words     string `json:"words"`     // as they were understood
	Journal   string `json:"journal"`   // whose newest entry it was
	N         int64  `json:"n"`         // the entry
	From      int64  `json:"from"`      // when it was written
	Until     int64  `json:"until"`     // when the next one was, -1 when there is none here
	FromWall  int64  `json:"fromWall"`  // the site's clock then, Unix ms; a label
	UntilWall int64  `json:"untilWall"` // the same, 0 when there is no next
	Shown     int64  `json:"shown"`     // the full minute at which the wall began to show it
	Hidden    int64  `json:"hidden"`    // the full minute at which it stopped, -1 when none is known
}

// Code says when a code was current in the record that was verified. It says so only of a record whose bytes hold.
func (v *Verdict) Code(words string) *Current {
	c := &Current{Exit: 1}
	if v.Exit == 1 {
		c.Fault = "the record is broken, so nothing is known of its codes"
		return c
	}
	list, fault := readCode(words)
	if fault != "" {
		c.Fault = fault
		return c
	}
	c.Words = strings.Join(list, " ")
	for _, j := range v.story.chapters {
		if j.code(c) {
			return c
		}
	}
	c.Fault = fmt.Sprintf("this code never was current in this record, which is signed up to %s of session time: it was read wrongly, it is of another session, it is newer, or this is not the record of that room", clock(v.SignedAt))
	return c
}

// code looks for a code in one journal: each site's wall shows that of its own.
func (j *chapter) code(c *Current) bool {
	for i, e := range j.entries {
		shown := (e.Stamp.At/minute + 1) * minute
		until := int64(-1)
		if i+1 < len(j.entries) {
			if until = j.entries[i+1].Stamp.At; until < shown-underway {
				continue // no wall ever showed it
			}
		}
		if CodeOf(j.Name, e.N, j.chained(e.N)) != c.Words {
			continue
		}
		c.Exit, c.Journal, c.N, c.From, c.Until, c.FromWall, c.Shown, c.Hidden = 0, j.Name, e.N, e.Stamp.At, until, e.Wall, shown, -1
		if until >= 0 {
			c.UntilWall, c.Hidden = j.entries[i+1].Wall, (until/minute+1)*minute
		}
		return true
	}
	return false
}

// readCode understands the words of a code, however they are written: capitals, commas, dashes.
func readCode(s string) (words []string, fault string) {
	if len(s) > 200 {
		return nil, "a code is four words, and this is a longer text"
	}
	words = strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r < 'a' || r > 'z' })
	if len(words) != codeSize {
		return nil, fmt.Sprintf("a code is four words, and here are %d", len(words))
	}
	for _, w := range words {
		if _, ok := slices.BinarySearch(codeWords, w); ok {
			continue
		}
		fault = fmt.Sprintf("%q is no word of a code", w)
		var near []string
		for _, x := range codeWords {
			if oneApart(x, w) {
				near = append(near, x)
			}
		}
		if len(near) > 0 {
			fault += "; perhaps it is " + strings.Join(near, " or ")
		}
		return nil, fault
	}
	return words, ""
}

// oneApart: the words differ by one letter that is another, or there in only one of them, or by two that changed places.
func oneApart(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(a)-len(b) > 1 {
		return false
	}
	i := 0
	for i < len(b) && a[i] == b[i] {
		i++
	}
	switch {
	case i == len(b): // the same, or one letter more
		return true
	case len(a) > len(b):
		return a[i+1:] == b[i:]
	case a[i+1:] == b[i+1:]:
		return true
	}
	return i+1 < len(b) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// chained is the hash of entry n, as the next one names it.
func (c *chapter) chained(n int64) string {
	if n == int64(len(c.entries)) {
		return floor.HashBytes(c.rows[n-1])
	}
	return c.entries[n].Prev
}

// story is what a Verdict remembers of the record, for questions about it.
type story struct {
	chapters []*chapter
	state    *floor.State
}

// of finds a journal; nil when the record does not have it.
func (s *story) of(journal string) *chapter {
	for _, c := range s.chapters {
		if c.Name == journal {
			return c
		}
	}
	return nil
}
