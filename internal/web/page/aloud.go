package page

import (
	"strings"
	"time"
	"unicode"
)

// Reading speed of a calm voice.
const (
	wordsPerMinute   = 150
	lettersPerMinute = 300 // of scripts that write no spaces
)

// spaceless are scripts in which a reader counts letters, not words.
var spaceless = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
	{R16: []unicode.Range16{{Lo: 'ー', Hi: 'ー', Stride: 1}}}, // belongs to two scripts, and so to none
}

// Aloud is how long it takes to read the text out, in whole seconds, rounded up. The script counts
// the same way while a card is written.
func Aloud(text string) time.Duration {
	letters := 0
	rest := strings.Map(func(r rune) rune {
		if unicode.In(r, spaceless...) {
			letters++
			return ' '
		}
		return r
	}, text)
	words := 0
	for _, word := range strings.Fields(rest) {
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			words++
		}
	}
	seconds := (words*60*lettersPerMinute + letters*60*wordsPerMinute + wordsPerMinute*lettersPerMinute - 1) / (wordsPerMinute * lettersPerMinute)
	return time.Duration(seconds) * time.Second
}
