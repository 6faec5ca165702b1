package page

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Phrases are what a live region says again and again: the pieces of it that stand between whatever changes. A stream
// tells them once, when it opens, and afterwards has one letter for each; the browser puts them back before it reads a view.
// So a sentence that was not in the view before costs a byte, and a view is short enough to be compared with the one before.
type Phrases struct {
	event  []byte            // tells them, a line each: its letter, a tab and the phrase
	zipped block             // the event
	short  *strings.Replacer // phrases to letters
}

// Hole stands in a sample for whatever changes from view to view.
const Hole = "\uFFFD"

// shortest is what is worth a letter, bytes.
const shortest = 6

// letters are those that no HTML holds, a byte each, and after them pairs that begin with the last such byte. What a
// person typed loses the bytes on its way.
var letters, bare = func() (all, bare []string) {
	for r := byte(1); r < last; r++ {
		if !strings.ContainsRune("\t\n\f\r", rune(r)) {
			all = append(all, string(rune(r)))
		}
	}
	bare = append(all[:len(all):len(all)], string(rune(last)))
	for r := byte('0'); r <= 'z'; r++ {
		all = append(all, string([]byte{last, r}))
	}
	return all, bare
}()

const last = 0x1f

var hole = regexp.MustCompile(Hole + `|[0-9]+|[\n\t]`)

// NewPhrases cuts samples into phrases: live regions that together hold everything worth telling once, with a [Hole] for each
// name, id or other text that is not. Numbers, tabs and new lines are holes too. What stands in the first sample, as in every
// view, is no phrase: the view before has it. What comes first gets the shorter letters.
func NewPhrases(samples ...[]byte) *Phrases {
	var said []string
	var always []string
	for i, s := range samples {
		for _, p := range hole.Split(string(s), -1) {
			switch {
			case len(p) < shortest || slices.Contains(always, p) || slices.Contains(said, p):
			case i == 0:
				always = append(always, p)
			case len(said) < len(letters):
				said = append(said, p)
			}
		}
	}
	p := &Phrases{event: []byte("event: phrases")}
	pairs := make([][2]string, len(said))
	for i, s := range said {
		pairs[i] = [2]string{s, letters[i]}
		p.event = append(append(p.event, "\ndata: "+pairs[i][1]+"\t"...), s...)
	}
	p.event = append(p.event, "\n\n"...)
	// Where two phrases begin alike, the longer one counts.
	slices.SortStableFunc(pairs, func(a, b [2]string) int { return cmp.Compare(len(b[0]), len(a[0])) })
	var args []string
	for _, pair := range pairs {
		args = append(args, pair[:]...)
	}
	for _, b := range bare {
		args = append(args, b, "")
	}
	p.short = strings.NewReplacer(args...)
	return p
}

// none are the phrases of a stream without.
var none = new(Phrases)

// block is the event, compressed.
func (p *Phrases) block() []byte {
	if p == none {
		return nil
	}
	return p.zipped.of(p.event, nil)
}

// shorten writes a live region with letters for its phrases.
func (p *Phrases) shorten(html []byte) []byte {
	if p == none {
		return html
	}
	var b bytes.Buffer
	_, _ = p.short.WriteString(&b, string(html)) // nothing fails when writing into memory
	return b.Bytes()
}
