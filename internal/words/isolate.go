package words

import (
	"strings"

	"golang.org/x/text/unicode/bidi"
)

const (
	rightToLeftIsolate = "\u2067"
	firstStrongIsolate = "\u2068"
	popIsolate         = "\u2069"
)

// isolate keeps a person's text from turning the direction of the sentence around it: in a language
// written from right to left always, in the others when the text holds anything that runs that way.
// Isolates the text leaves open are closed and those it closes without opening are dropped, so that a
// name cannot turn the words after it on the wall. A text that is made of isolates alone, such as a name and a group
// that were put together before, has no direction of its own and takes that of the language.
func isolate(text string, rtl bool) string {
	turns, open, strong, inner := rtl, 0, false, false
	var b strings.Builder
	for _, r := range text {
		p, _ := bidi.LookupRune(r)
		if c := p.Class(); open == 0 && (c == bidi.L || c == bidi.R || c == bidi.AL) {
			strong = true
		}
		switch p.Class() {
		case bidi.R, bidi.AL, bidi.AN, bidi.LRE, bidi.RLE, bidi.LRO, bidi.RLO, bidi.PDF:
			turns = true
		case bidi.LRI, bidi.RLI, bidi.FSI:
			turns, inner = true, true
			open++
		case bidi.PDI:
			if open == 0 {
				continue
			}
			open--
		}
		b.WriteRune(r)
	}
	b.WriteString(strings.Repeat(popIsolate, open))
	if !turns || b.Len() == 0 {
		return b.String()
	}
	if rtl && inner && !strong {
		return rightToLeftIsolate + b.String() + popIsolate
	}
	return firstStrongIsolate + b.String() + popIsolate
}
