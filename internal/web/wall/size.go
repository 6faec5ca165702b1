package wall

import (
	"unicode"
)

// step is a size of letters and how wide a text of that size may be, in average small Latin letters.
type step struct {
	name string
	most int
}

// Steps from large to small; what is wider than all takes the last. wall.css says how large each is.
var (
	nameSteps = []step{{"n1", 26}, {"n2", 52}, {"n3", 110}, {"n4", 180}, {"n5", 0}}
	cardSteps = []step{{"c1", 75}, {"c2", 150}, {"c3", 0}}
	wideSteps = []step{{"c2", 300}, {"w1", 600}, {"w2", 880}, {"w3", 1230}, {"w4", 1830}, {"w5", 3100}, {"w6", 0}}
)

// room is how wide a card may be to stand under a name of this size; a wider one takes the whole wall.
var room = map[string]int{"n1": 300, "n2": 250, "n3": 140, "n4": 0, "n5": 0}

func size(steps []step, text string) string {
	w := width(text)
	for _, s := range steps {
		if w <= s.most {
			return s.name
		}
	}
	return steps[len(steps)-1].name
}

// square are the scripts whose letters fill a square, and signs that do.
var square = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi, unicode.So,
	{R16: []unicode.Range16{{Lo: 0x3000, Hi: 0x303f, Stride: 1}, {Lo: 0xff00, Hi: 0xffef, Stride: 1}}}}

// width is how much room a text takes, in average small Latin letters. It errs towards more.
func width(text string) int {
	tenths := 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Cf):
		case unicode.Is(unicode.So, r) || r > 0x1f000:
			tenths += 27
		case unicode.In(r, square...):
			tenths += 20
		case unicode.IsUpper(r):
			tenths += 15
		case r == 'm' || r == 'w' || r == '—' || r == '…' || r == '@' || r == '%':
			tenths += 16
		case r > 0x0590:
			tenths += 12
		default:
			tenths += 10
		}
	}
	return (tenths + 9) / 10
}
