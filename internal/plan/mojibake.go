package plan

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// wrongly are the encodings in which pages were read although they were UTF-8. The first one is Latin: there even two
// odd letters are surely one letter. In the others two letters may be a word, so only longer sequences are repaired.
var wrongly = []*charmap.Charmap{
	charmap.Windows1252, charmap.Windows1253, charmap.Windows1251, charmap.Windows1250, charmap.Windows1256, charmap.Macintosh,
}

// repair turns mojibake back into letters: the lock of the site arrives as four Greek signs, é as two Latin ones. Text
// that was damaged twice is repaired twice.
func repair(text string) string {
	for range 2 {
		fixed, found := repairOnce(text)
		if !found {
			break
		}
		text = fixed
	}
	return text
}

func repairOnce(text string) (fixed string, found bool) {
	var out strings.Builder
	last := 0
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := misread(text[i:])
		if n == 0 {
			_, width := utf8.DecodeRuneInString(text[i:])
			i += width
			continue
		}
		out.WriteString(text[last:i])
		out.WriteRune(r)
		i += n
		last = i
		found = true
	}
	if !found {
		return text, false
	}
	out.WriteString(text[last:])
	return out.String(), true
}

// misread returns the letter that the beginning of s is in mojibake, and how many bytes of s it takes; 0 when it is none.
func misread(s string) (rune, int) {
	for i, page := range wrongly {
		var raw [utf8.UTFMax]byte
		used, want := 0, 0
		for k := range raw {
			r, n := utf8.DecodeRuneInString(s[used:])
			b, ok := byteOf(page, r)
			if !ok || n == 0 {
				break
			}
			if k == 0 {
				switch {
				case b >= 0xF0 && b <= 0xF4:
					want = 4
				case b >= 0xE0 && b <= 0xEF:
					want = 3
				case b >= 0xC2 && b <= 0xDF && i == 0:
					want = 2
				}
				if want == 0 {
					break
				}
			} else if b < 0x80 || b > 0xBF {
				break
			}
			raw[k] = b
			used += n
			if k == want-1 {
				r, n := utf8.DecodeRune(raw[:want])
				if n == want && r != utf8.RuneError && (i == 0 || r >= 0x2000) {
					return r, used
				}
				break
			}
		}
	}
	return 0, 0
}

// byteOf is the byte a letter was before it was misread. Places a code page leaves empty were filled from Windows-1252.
func byteOf(page *charmap.Charmap, r rune) (byte, bool) {
	if r < utf8.RuneSelf {
		return 0, false
	}
	if b, ok := page.EncodeRune(r); ok {
		return b, true
	}
	if b, ok := charmap.Windows1252.EncodeRune(r); ok {
		return b, true
	}
	return byte(r), r < 0x100
}
