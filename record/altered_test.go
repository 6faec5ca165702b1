package record

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"openmic/floor"
)

var (
	aValue    = regexp.MustCompile(`:(\[[0-9,]*\]|-?[0-9]+|"[^"]*"|true|false)`)
	itsNumber = regexp.MustCompile(`,"n":-?\d+,"stamp"`)
	itsPrev   = regexp.MustCompile(`"prev":"[^"]*"\}$`)
	itsStamp  = regexp.MustCompile(`"stamp":\{"at":\d+,"count":\d+`)
	itsPress  = regexp.MustCompile(`"command":"[^"]*","more":(true|false)`)
	itsWords  = regexp.MustCompile(`"said":\{[^}]*\}`)
)

// strange are pieces of text that a reader may take for something else.
var strange = []string{`\u0041`, `\u00e9`, `\u00E9`, `\ud83d`, `\ud83d\ude00`, `\u2028`, ` `, `\n`, `\u000a`, `\u0001`, `\/`, `\"`, "1e0", "-0", "00", "0", ",", `"x":1,`, "null",
	`\u007f`, "\x7f", "é", "\u2028", "\n", "\r", "=", "_", "", "{}", "[]", "true", "9", "99999999999999999", `\ufffd`, "\xff", "\x00", "."}

// plausible are words that stand somewhere in an entry.
var plausible = []string{"line", "read", "unplanned", "panel", "reply", "right-of-reply", "order", "tour", "voice", "card", "room", "online", "organiser", "chair desk", "desk chair", "name group",
	"group name", "", "name", "only", "turns", "many", "balance", "opening", "heard", "new", "bypassed", "override", "other", "walkup", "hand", "s1", "s9", "name name", " name", "é"}

// altered is a record of a beginning of the journal with something altered, and what. Nil when nothing was found to alter.
func altered(t *testing.T, st *stage, r *rand.Rand) (b []byte, name string) {
	t.Helper()
	n := max(1, whole(st, 1+r.IntN(len(st.rows))))
	var rows []string
	for _, b := range st.rows[:n] {
		rows = append(rows, string(b))
	}
	var edit func(m *Manifest, files []file) []file
	switch r.IntN(5) {
	case 0: // some value
		i := r.IntN(n)
		rows[i], name = st.otherValue(rows[i], r)
	case 1: // a value near the end
		i := max(0, n-1-r.IntN(4))
		rows[i], name = st.otherValue(rows[i], r)
	case 2: // some letters
		i := r.IntN(n)
		rows[i], name = otherLetters(rows[i], r)
	case 3: // some letters elsewhere
		edit = func(_ *Manifest, files []file) []file {
			f := &files[r.IntN(2)]
			text := strings.SplitAfter(string(f.data), "\n")
			i := r.IntN(len(text))
			text[i], name = otherLetters(text[i], r)
			f.data = []byte(strings.Join(text, ""))
			return files
		}
	case 4: // entries of before once more
		at, count := st.entries[n-1].Stamp.At, st.entries[n-1].Stamp.Count
		for k := range 1 + r.IntN(5) {
			from := 1 + r.IntN(len(st.rows)-1)
			if r.IntN(2) == 0 {
				at, count = at+int64(r.IntN(30_000)), 0
			}
			count++
			row := itsStamp.ReplaceAllString(string(st.rows[from]), fmt.Sprintf(`"stamp":{"at":%d,"count":%d`, at, count))
			row = itsPress.ReplaceAllString(row, fmt.Sprintf(`"command":"again-%d","more":false`, k))
			row = itsWords.ReplaceAllString(row, `"said":{}`)
			row = strings.ReplaceAll(row, fmt.Sprintf(`"abcde%d"`, from+1), fmt.Sprintf(`"abcde%d"`, len(rows)+1))
			what := ""
			if r.IntN(3) > 0 {
				row, what = st.otherValue(row, r)
			}
			rows = append(rows, row)
			name += fmt.Sprintf(" entry %d again%s", from+1, what)
		}
	}
	prev := ""
	var chained [][]byte
	for i, row := range rows {
		row = itsNumber.ReplaceAllString(row, fmt.Sprintf(`,"n":%d,"stamp"`, i+1))
		row = itsPrev.ReplaceAllLiteralString(row, `"prev":"`+prev+`"}`)
		prev = floor.HashBytes([]byte(row))
		chained = append(chained, []byte(row))
	}
	addenda := slices.DeleteFunc(slices.Clone(st.addenda), func(a floor.Addendum) bool { return a.N > int64(n) })
	kind := []string{Public, Archive}[r.IntN(2)]
	// The words are chosen by a State that may know no such person or turn: what cannot be assembled is no specimen.
	defer func() {
		if p := recover(); p != nil {
			b = nil
		}
	}()
	b = assemble(t, st.key, st.verify, kind, chained, addenda, nil, edit)
	return b, name
}

// otherValue puts another value of the same kind somewhere into the body of an entry.
func (st *stage) otherValue(row string, r *rand.Rand) (altered, what string) {
	from, to := strings.Index(row, `"body":`)+len(`"body":`), strings.LastIndex(row, `,"said":`)
	body := row[from:to]
	all := aValue.FindAllStringSubmatchIndex(body, -1)
	if len(all) == 0 {
		return row, " nothing to alter"
	}
	at := all[r.IntN(len(all))]
	value := body[at[2]:at[3]]
	other := ""
	switch n, err := strconv.ParseInt(value, 10, 64); {
	case value[0] == '[':
		other = []string{"[]", "[1,1]", "[2,1]", "[1,2]", "[0,0]", "[1]", "[1,1,1]", "[-1,-2]", "null", "[9007199254740991,1]"}[r.IntN(10)]
	case value == "true":
		other = "false"
	case value == "false":
		other = "true"
	case err == nil:
		other = fmt.Sprint([]int64{0, 1, 2, -1, n + 1, n - 1, n * 2, n / 2, -n, n + 1000, n - 1000, n + 100_000, 1 << 53, MaxNumber, -MaxNumber, 1 << 40, 1_000_000_000, 150, 200, st.at}[r.IntN(20)])
	case r.IntN(2) == 0:
		other = strconv.QuoteToASCII(plausible[r.IntN(len(plausible))])
	default:
		other = strconv.Quote(string(st.anyName(r)))
	}
	return row[:from] + body[:at[2]] + other + body[at[3]:] + row[to:], fmt.Sprintf(" %s for %s in %s", other, value, body)
}

// anyName is the name of something that is in the session.
func (st *stage) anyName(r *rand.Rand) floor.ID {
	s := st.s
	switch i := r.IntN(4); {
	case i == 0 && len(s.Turns) > 0:
		return s.Turns[r.IntN(len(s.Turns))].ID
	case i == 1 && len(s.Calls) > 0:
		return s.Calls[r.IntN(len(s.Calls))].ID
	case i == 2 && len(s.Tickets) > 0:
		return s.Tickets[r.IntN(len(s.Tickets))].ID
	}
	return s.People[r.IntN(len(s.People))].ID
}

// otherLetters puts something strange into a text, sometimes instead of what stood there.
func otherLetters(text string, r *rand.Rand) (altered, what string) {
	at, piece := r.IntN(len(text)+1), strange[r.IntN(len(strange))]
	end := min(len(text), at+r.IntN(3))
	return text[:at] + piece + text[end:], fmt.Sprintf(" %q at letter %d of %.60q", piece, at, text)
}
