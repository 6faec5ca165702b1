package plan

import (
	"bytes"
	"errors"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// MaxBytes is the largest input Import looks at.
const MaxBytes = 5 << 20

// maxText is how much decoded text is read; a proposal has some ten kilobytes, a saved page some hundred.
const maxText = 512 << 10

// What Import answers instead of a proposal; each is one sentence for the person who chose the file.
var (
	ErrTooLarge = errors.New("this is larger than 5 MB, so it is not the text of a proposal")
	ErrEmpty    = errors.New("there is no text in it")
	ErrNotText  = errors.New("this is not text; please copy the text of the proposal, or save it as a text file")
)

// notText are the first bytes of files that people choose by mistake.
var notText = []string{"%PDF-", "PK\x03\x04", "\x89PNG", "\xff\xd8\xff", "GIF8", "\x1f\x8b", "\xd0\xcf\x11\xe0", "7z\xbc\xaf"}

// decoded is text with what had to be guessed on the way.
type decoded struct {
	text      string
	guessed   bool // the encoding
	shortened bool
	markup    bool // it was HTML: blank lines mean nothing
}

// decode makes text of any bytes: UTF-8, UTF-16 with or without mark, otherwise Windows-1252.
func decode(in []byte) (decoded, error) {
	if len(in) > MaxBytes {
		return decoded{}, ErrTooLarge
	}
	for _, magic := range notText {
		if bytes.HasPrefix(in, []byte(magic)) {
			return decoded{}, ErrNotText
		}
	}
	var d decoded
	switch {
	case bytes.HasPrefix(in, []byte("\xef\xbb\xbf")):
		d.text = strings.ToValidUTF8(string(in[3:]), "\uFFFD")
	case bytes.HasPrefix(in, []byte("\xff\xfe")):
		d.text = fromUTF16(in[2:], 0)
	case bytes.HasPrefix(in, []byte("\xfe\xff")):
		d.text = fromUTF16(in[2:], 1)
	default:
		d.text, d.guessed = guess(in)
	}
	if noise(d.text) {
		return decoded{}, ErrNotText
	}
	// First of all the repair: half a letter may look like a space or an end of line.
	d.text = repair(d.text)
	if looksLikeHTML(d.text) {
		d.text, d.markup = fromHTML(d.text), true
	}
	d.text = tidyLines(d.text)
	if len(d.text) > maxText {
		d.shortened = true
		d.text = strings.ToValidUTF8(d.text[:maxText], "")
	}
	if strings.TrimFunc(d.text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) == "" {
		return decoded{}, ErrEmpty
	}
	return d, nil
}

// guess decodes bytes without a mark; guessed says that another encoding was possible.
func guess(in []byte) (text string, guessed bool) {
	head := in[:min(len(in), 4096)]
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch half := len(head) / 2; {
	case half > 0 && zeros[1] > half/3 && zeros[0] <= zeros[1]/8:
		return fromUTF16(in, 0), true
	case half > 0 && zeros[0] > half/3 && zeros[1] <= zeros[0]/8:
		return fromUTF16(in, 1), true
	}
	if utf8.Valid(in) {
		return string(in), false
	}
	// A few bad bytes among many good sequences: UTF-8 that was cut. Otherwise one byte is one letter.
	good, bad := 0, 0
	for rest := in; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		rest = rest[n:]
	}
	if bad <= 3 && good >= bad || good > 8*bad {
		return strings.ToValidUTF8(string(in), "\uFFFD"), true
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(in)
	if err != nil {
		return strings.ToValidUTF8(string(in), "\uFFFD"), true
	}
	return string(out), true
}

// fromUTF16 decodes pairs of bytes; big is 1 when the high byte comes first.
func fromUTF16(in []byte, big int) string {
	units := make([]uint16, 0, len(in)/2)
	for i := 0; i+1 < len(in); i += 2 {
		units = append(units, uint16(in[i+big])|uint16(in[i+1-big])<<8)
	}
	return string(utf16.Decode(units))
}

// noise says that a text is mostly control characters and replacement marks.
func noise(text string) bool {
	odd, all := 0, 0
	for _, r := range text {
		all++
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' && r != '\f' && r != '\v' {
			odd++
		}
		if all == 64<<10 {
			break
		}
	}
	return odd > 8 && odd*10 > all
}

// lineEnds makes every end of line one newline and removes what cannot be seen.
var lineEnds = strings.NewReplacer(
	"\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n", "\v", "\n", "\f", "\n",
	"\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "", "\ufeff", "", "\u00ad", "", "\x00", "")

func tidyLines(text string) string { return lineEnds.Replace(text) }
