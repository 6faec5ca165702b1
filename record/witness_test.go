package record

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"openmic/floor"
)

// Whatever four words come together on a wall, they offend and frighten nobody: no word is, or holds, one of these.
var (
	unwanted = strings.Fields("war gun shot hell die dead dick cock puss tits piss crap weed drug hate grave")
	nowhere  = strings.Fields("kill death blood bomb devil damn nazi slave sex nude naked virgin whore slut bitch shit fuck drunk idiot moron stupid ugly ghetto jihad crusade cancer corpse coffin terror rape arse fart anus")
)

// The words of codes are 2048, plain and far apart: one that was read or heard with a wrong letter is no other word.
func TestTheWordsOfCodes(t *testing.T) {
	if len(codeWords) != 1<<codeBits || !slices.IsSorted(codeWords) || codeList != strings.Join(codeWords, "\n")+"\n" {
		t.Fatalf("%d words; sorted, one a line: %v", len(codeWords), slices.IsSorted(codeWords))
	}
	plainWord := regexp.MustCompile(`^[a-z]{3,8}$`)
	for i, w := range codeWords {
		if !plainWord.MatchString(w) {
			t.Errorf("%q is no plain word", w)
		}
		if slices.Contains(unwanted, w) || slices.ContainsFunc(nowhere, func(bad string) bool { return strings.Contains(w, bad) }) {
			t.Errorf("%q stands on no wall", w)
		}
		for _, x := range codeWords[i+1:] {
			if strings.HasPrefix(x, w) || oneApart(x, w) || oneApart(w, x) {
				t.Errorf("%q and %q are taken for each other", w, x)
			}
		}
	}
}

func TestOneApart(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{{"coral", "coral", true}, {"coral", "corall", true}, {"coral", "cora", true}, {"coral", "moral", true}, {"coral", "cloral", true}, {"coral", "cobal", true}, {"coral", "croal", true},
		{"coral", "ocral", true}, {"coral", "corla", true}, {"coral", "laroc", false}, {"coral", "cor", false}, {"coral", "", false}, {"", "", true}, {"a", "", true}, {"ab", "ba", true}, {"ab", "cd", false}} {
		if oneApart(c.a, c.b) != c.want || oneApart(c.b, c.a) != c.want {
			t.Errorf("%q %q: %v", c.a, c.b, !c.want)
		}
	}
}

// docs/wire.md has an example of a code, so that who writes another verifier can see that it counts alike.
func TestTheExampleOfACode(t *testing.T) {
	b, err := os.ReadFile("../docs/wire.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("entry ([0-9]+) of `([^`]+)` with hash `([^`]+)` has the code `([^`]+)`").FindStringSubmatch(string(b))
	if m == nil {
		t.Fatal("docs/wire.md has no example of a code")
	}
	var n int64
	if _, err := fmt.Sscan(m[1], &n); err != nil {
		t.Fatal(err)
	}
	if got := CodeOf(m[2], n, m[3]); got != m[4] {
		t.Errorf("the code is %q, docs/wire.md says %q", got, m[4])
	}
}

// Whatever the wall shows at a full minute, verify says of it which entry it was and from when to when, of both kinds of
// record; and of no other words.
func TestCodesAreFoundAgain(t *testing.T) {
	st := played(t, 12, 150, true, true)
	v, public := Verify(st.record(Archive), st.verify), Verify(st.record(Public), st.verify)
	if v.Exit != 0 || public.Exit != 0 {
		t.Fatal(v.Fault, public.Fault)
	}
	end := st.entries[len(st.entries)-1].Stamp.At
	seen := 0
	for at := int64(minute); at <= end+3*minute && seen < 12; at += 2 * minute {
		// what a wall knows at that minute
		i := -1
		for j, e := range st.entries {
			if e.Stamp.At < at {
				i = j
			}
		}
		e := st.entries[i]
		words := CodeOf(theJournal, e.N, floor.HashBytes(st.rows[i]))
		c := v.Code(strings.ToUpper(strings.ReplaceAll(words, " ", " – ")))
		if c.Exit != 0 || c.Words != words || c.N != e.N || c.From != e.Stamp.At || c.Shown > at || c.Hidden >= 0 && c.Hidden <= at {
			t.Fatalf("at %d: %q of entry %d: %+v", at, words, e.N, c)
		}
		if o := public.Code(words); *o != *c {
			t.Errorf("the public record says %+v, the archive %+v", o, c)
		}
		if i+1 < len(st.entries) != (c.Until >= 0) || c.Until >= 0 && c.Until != st.entries[i+1].Stamp.At {
			t.Errorf("entry %d of %d is current until %d", e.N, len(st.entries), c.Until)
		}
		seen++
	}
	if seen < 5 {
		t.Fatalf("only %d codes were looked at", seen)
	}
	other := played(t, 13, 40, false, false)
	last := int64(len(other.rows))
	for words, want := range map[string]string{
		CodeOf(theJournal, last, other.prev): "never was current",
		CodeOf("story/hub-other", v.story.chapters[0].entries[0].N, v.story.chapters[0].entries[1].Prev): "never was current",
		"":                             "here are 0",
		"acorn acorn acorn":            "here are 3",
		"acorn acron acorn acorn":      `"acron" is no word of a code; perhaps it is acorn`,
		"acorn xyzzyx acorn acorn":     `"xyzzyx" is no word of a code`,
		strings.Repeat("acorn ", 9999): "longer text",
		"مرحبا 你好 acorn acorn":         "here are 2",
	} {
		if c := v.Code(words); c.Exit != 1 || !strings.Contains(c.Fault, want) {
			t.Errorf("%.40q: %+v", words, c)
		}
	}
	if c := Verify([]byte("no record")).Code("acorn acorn acorn acorn"); c.Exit != 1 || !strings.Contains(c.Fault, "broken") {
		t.Errorf("%+v", c)
	}
}

// An entry that came as the minute began: a wall may have shown the one before it for a moment.
func TestACodeOfAMoment(t *testing.T) {
	st := newStage(t, 5)
	st.open(0)
	st.at = 59_000
	st.must(theChair, &floor.Tell{Text: "before it"})
	n := len(st.rows)
	st.at = 59_990
	st.must(theChair, &floor.Tell{Text: "on its way"})
	st.at = 119_000
	st.must(theChair, &floor.Tell{Text: "late in the next minute"})
	st.at = 130_000
	st.must(theChair, &floor.Tell{Text: "after it"})
	v := Verify(st.record(Archive), st.verify)
	if v.Exit != 0 {
		t.Fatal(v.Fault)
	}
	hash := func(n int) string { return floor.HashBytes(st.rows[n-1]) }
	c := v.Code(CodeOf(theJournal, int64(n), hash(n)))
	var said strings.Builder
	if err := c.Tell(&said); err != nil {
		t.Fatal(err)
	}
	if c.Exit != 0 || c.Shown != 60_000 || c.Hidden != 60_000 || !strings.Contains(said.String(), "on for a moment") {
		t.Errorf("%+v\n%s", c, said.String())
	}
	if c := v.Code(CodeOf(theJournal, int64(n)+1, hash(n+1))); c.Exit != 0 || c.Shown != 60_000 || c.Hidden != 120_000 {
		t.Errorf("%+v", c)
	}
	// The plan was followed by the next entry at once, and was on no wall.
	if c := v.Code(CodeOf(theJournal, 2, hash(2))); c.Exit != 1 {
		t.Errorf("%+v", c)
	}
}

// receipt is what the site of a stage gives for an entry.
func (st *stage) receipt(t testing.TB, n int) (*Receipt, []byte) {
	t.Helper()
	r, b, err := SignReceipt(st.rows[n-1], st.key)
	if err != nil {
		t.Fatal(err)
	}
	return r, b
}

// A receipt of every ask holds in both kinds of record and both of its forms, and says what became of it.
func TestReceiptsHold(t *testing.T) {
	st := played(t, 14, 120, true, false)
	st.must(theChair, &floor.Adjourn{})
	became := map[string]int{}
	for _, kind := range []string{Public, Archive} {
		v := Verify(st.record(kind), st.verify)
		for _, e := range st.entries {
			if _, ok := e.Event.(*floor.Asked); !ok {
				continue
			}
			r, b := st.receipt(t, int(e.N))
			for _, form := range []string{string(b), r.Line(), " \n" + strings.ReplaceAll(string(b), "\n", "\r\n"), r.Line() + "\r\n"} {
				k := v.Receipt([]byte(form))
				if k.Exit != 0 || k.Ticket != string(e.ID()) || k.Became == "" || k.Ended < 0 {
					t.Fatalf("%q: %+v", form, k)
				}
				var said strings.Builder
				if err := k.Tell(&said); err != nil || !strings.Contains(said.String(), "What became of it: it ") {
					t.Errorf("%s %v", said.String(), err)
				}
				became[k.Became]++
			}
			if len(r.Line()) > 190 {
				t.Errorf("%d letters are too many for a QR code: %s", len(r.Line()), r.Line())
			}
		}
	}
	if len(became) < 4 {
		t.Errorf("only these ends: %v", became)
	}
	_, b := st.receipt(t, 1)
	if k := Verify(st.record(Public)).Receipt(b); k.Exit != 0 || k.Kind != "created" || k.Ticket != "" {
		t.Errorf("%+v", k)
	}
}

// Against a site that drops or rewrites an ask, its own receipt speaks; whatever is no receipt is refused in a sentence.
func TestReceiptsAgainstOthers(t *testing.T) {
	st := played(t, 15, 60, false, false)
	st.must(person(st.anybody()), &floor.Write{Text: "what is dropped"})
	n := len(st.rows)
	r, b := st.receipt(t, n)
	whole := Verify(st.record(Public))
	if k := whole.Receipt(b); k.Exit != 0 || k.Form != floor.Card {
		t.Fatalf("%+v", k)
	}
	says := func(what string, k *Kept, against bool, want string) {
		t.Helper()
		if k.Exit != 1 || k.Against != against || !strings.Contains(k.Fault, want) {
			t.Errorf("%s: %+v", what, k)
		}
	}
	dropped := forgery{stage: st, upTo: n - 1}
	says("cut off before it", Verify(dropped.seal(t, Public)).Receipt(b), false, "was made before, or cut off")
	later := assemble(t, st.key, st.verify, Public, st.rows[:n-1], nil, nil, func(m *Manifest, files []file) []file {
		return append(files[:1:1], append([]file{{files[1].name, signedLater(t, st, n-1)}}, files[2:]...)...)
	})
	if v := Verify(later); v.Exit != 0 {
		t.Fatalf("%s: %s", v.Where, v.Fault)
	}
	says("dropped and signed later", Verify(later).Receipt(b), true, "though the site signed it")
	for i, at := range []int{n, n - 5} {
		rewritten := forgery{stage: st, alter: map[int]func(*floor.Entry){at: func(e *floor.Entry) { e.Wall++ }}}
		v := Verify(rewritten.seal(t, Public))
		if v.Exit != 0 {
			t.Fatal(i, v.Fault)
		}
		says(fmt.Sprint("rewritten at ", at), v.Receipt(b), true, "another entry")
	}
	for _, text := range [][]byte{b, []byte(r.Line())} {
		for i := range text {
			for _, bit := range []byte{1, 2, 32} {
				c := bytes.Clone(text)
				c[i] ^= bit
				if k := whole.Receipt(c); k.Exit != 1 || k.Against {
					if nameOfKey(text, i) || bytes.Equal(bytes.TrimSpace(c), bytes.TrimSpace(text)) {
						continue // the name of the key is not signed and names nothing
					}
					t.Fatalf("byte %d changed is %+v:\n%s", i, k, c)
				}
			}
		}
		for i := range len(text) - 1 {
			if k := whole.Receipt(text[:i]); k.Exit != 1 || k.Fault == "" {
				t.Fatalf("cut at %d: %+v", i, k)
			}
		}
	}
	other := &Receipt{Journal: "other/hub-abcde", N: 3, Hash: r.Hash, At: 1}
	signed, err := other.sign(st.key)
	if err != nil {
		t.Fatal(err)
	}
	says("another session", whole.Receipt(signed), false, "of session other")
	other.Journal = "story/venue-abcde"
	signed, err = other.sign(st.key)
	if err != nil {
		t.Fatal(err)
	}
	says("another journal", whole.Receipt(signed), false, "of journal story/venue")
	other = &Receipt{Journal: theJournal, N: r.N, Hash: r.Hash, At: r.At + 1}
	if signed, err = other.sign(st.key); err != nil {
		t.Fatal(err)
	}
	says("another time", whole.Receipt(signed), true, "another entry")
	skey, _ := siteKeys(t, 9)
	forged, err := (&Receipt{Journal: theJournal, N: r.N, Hash: r.Hash, At: r.At}).sign(skey)
	if err != nil {
		t.Fatal(err)
	}
	says("another key", whole.Receipt(forged), false, "not signed by the key")
	for _, text := range []string{"", "x", strings.Repeat("a", 4000), "openmic-receipt/", r.Line() + "/x", "openmic-receipt/story/hub-abcde/0/0/" + r.Hash + r.Line()[len(r.Line())-92:], string(st.notes[0]),
		strings.Replace(r.Line(), "/"+fmt.Sprint(r.N)+"/", "/0"+fmt.Sprint(r.N)+"/", 1), strings.Replace(r.Line(), "/"+fmt.Sprint(r.N)+"/", "/9999999999999999/", 1)} {
		says(fmt.Sprintf("%.50q", text), whole.Receipt([]byte(text)), false, "receipt")
	}
	says("a broken record", Verify(nil).Receipt(b), false, "broken")
	// Neither is taken for the other.
	if c, err := ReadCheckpoint(b, st.verify); err == nil {
		t.Errorf("a receipt is a checkpoint: %+v", c)
	}
}

func nameOfKey(text []byte, i int) bool {
	from := bytes.Index(text, []byte("— openmic-"))
	return from >= 0 && i > from && i < bytes.LastIndexByte(text, ' ')
}

func signedLater(t *testing.T, st *stage, n int) []byte {
	b, err := Sign(Checkpoint{theJournal, int64(n), st.tree.Root(int64(n)), st.at + 60_000}, st.key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestUTC(t *testing.T) {
	for ms, want := range map[int64]string{0: "1970-01-01 00:00:00 UTC", 951_782_399_999: "2000-02-28 23:59:59 UTC", 951_782_400_000: "2000-02-29 00:00:00 UTC", 1_917_784_805_000: "2030-10-09 14:00:05 UTC",
		4_107_542_400_000: "2100-03-01 00:00:00 UTC", 253_402_300_799_000: "9999-12-31 23:59:59 UTC", 253_402_300_800_000: "no day", -1: "no day", MaxNumber: "no day"} {
		if got := utc(ms); got != want {
			t.Errorf("%d: %s, not %s", ms, got, want)
		}
	}
}

// FuzzReceipt gives any bytes for a receipt: of what is read, the two forms say the same again.
func FuzzReceipt(f *testing.F) {
	st := played(f, 16, 20, false, false)
	v := Verify(st.record(Public))
	for n := 1; n < len(st.rows); n += 9 {
		r, b := st.receipt(f, n)
		f.Add(b)
		f.Add([]byte(r.Line()))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		k := v.Receipt(b)
		if (k.Exit == 0) != (k.Fault == "") || k.Exit == 0 && k.Against {
			t.Fatalf("%+v", k)
		}
		r, err := ReadReceipt(b)
		if err != nil {
			return
		}
		again, err := ReadReceipt([]byte(r.Line()))
		if err != nil || again.Text() != r.Text() || again.Line() != r.Line() {
			t.Fatalf("%q %v", r.Line(), err)
		}
	})
}
