package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"openmic/floor"
	"openmic/internal/web/page/browser"
)

// TestPageAndWitnesses: photos of the wall and receipts are understood by the second verifier as by this package.
func TestPageAndWitnesses(t *testing.T) {
	st := played(t, 405, 90, false, false)
	for range 3 {
		st.must(person(st.anybody()), &floor.Write{Text: "one more card"})
	}
	tab := pageFromDisk(t, browser.Start(t), browser.Laptop)
	record := st.record(Public)
	v := Verify(record)
	give(t, tab, record)
	ask := func(do string, text []byte, out any) {
		t.Helper()
		quoted, err := json.Marshal(string(text))
		if err != nil {
			t.Fatal(err)
		}
		tab.Eval(t, fmt.Sprintf(do, quoted), out)
	}

	shown := 0
	for i, row := range st.rows {
		words := CodeOf(theJournal, int64(i+1), floor.HashBytes(row))
		c := v.Code(words)
		if i%7 > 0 && c.Exit != 0 {
			continue
		}
		var found []struct {
			N, From int64
			Until   *int64
			Shown   int64
			Gone    *int64
		}
		ask(`findCode(last.verdict.journals, %s).then(x => x.found.map(w => ({N: w.n, From: w.from, Until: w.until, Shown: w.shown, Gone: w.gone})))`, []byte(words), &found)
		switch {
		case len(found) > 0 != (c.Exit == 0):
			t.Errorf("%q: the page finds %d, record says %+v", words, len(found), c)
		case c.Exit != 0:
		default:
			shown++
			w := found[0]
			if w.N != c.N || w.From != c.From || w.Shown != c.Shown || (w.Until == nil) != (c.Until < 0) || w.Until != nil && *w.Until != c.Until || w.Gone != nil && *w.Gone != c.Hidden {
				t.Errorf("%q: the page says %+v, record %+v", words, w, c)
			}
		}
	}
	if shown < 5 {
		t.Errorf("only %d codes were on a wall", shown)
	}

	forged := forgery{stage: st, alter: map[int]func(*floor.Entry){9: func(e *floor.Entry) { e.Wall++ }}}
	another := Verify(forged.seal(t, Public))
	r := rand.New(rand.NewPCG(5, 5))
	held, spoke := 0, 0
	for _, x := range []struct {
		record []byte
		v      *Verdict
	}{{record, v}, {forged.seal(t, Public), another}} {
		give(t, tab, x.record)
		for n := 3; n <= len(st.rows); n += 4 {
			whole, note, err := SignReceipt(st.rows[n-1], st.key)
			if err != nil {
				t.Fatal(err)
			}
			for i, text := range [][]byte{note, []byte(whole.Line()), nil} {
				if text == nil { // something changed
					text = bytes.Clone(note)
					text[r.IntN(len(text))] ^= 1 << r.IntN(7)
				}
				k := x.v.Receipt(text)
				var how string
				ask(`judgeReceipt(last.verdict, %s).then(r => r.how)`, text, &how)
				if (how == "kept") != (k.Exit == 0) || (how == "two") != k.Against {
					t.Errorf("receipt %d of entry %d: the page says %s, record %+v\n%s", i, n, how, k, text)
				}
				switch how {
				case "kept":
					held++
				case "two":
					spoke++
				}
			}
		}
	}
	if held < 10 || spoke < 10 {
		t.Errorf("%d receipts held and %d spoke against a record", held, spoke)
	}
	t.Logf("%d codes found, %d receipts held, %d spoke against the record", shown, held, spoke)

	give(t, tab, record)
	_, note, err := SignReceipt(st.rows[len(st.rows)-1], st.key)
	if err != nil {
		t.Fatal(err)
	}
	ask(`(() => { const f = document.querySelector('#receipt'); f.value = %s; f.form.requestSubmit() })()`, note, nil)
	tab.Until(t, `document.querySelector('#receipt').form.textContent.includes('is in the record')`)
	tab.Axe(t)
}
