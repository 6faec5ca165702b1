package record

import (
	"bytes"
	"testing"

	"openmic/floor"
)

// FuzzVerify gives Verify any bytes: whatever they are, it answers; and of what holds, one changed byte does not.
// Records are large, so fuzz with -fuzzminimizetime 1x, or the time goes into making them smaller.
func FuzzVerify(f *testing.F) {
	st := played(f, 7, 25, true, true)
	f.Add(st.record(Public))
	f.Add(st.record(Archive))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v := Verify(b)
		if (v.Exit == 0) != (v.Fault == "") || v.Exit < 0 || v.Exit > 2 {
			t.Fatalf("%+v", v)
		}
		if v.Exit == 1 || len(b) == 0 {
			return
		}
		c := bytes.Clone(b)
		c[len(c)/2] ^= 1
		if w := Verify(c); w.Exit != 1 {
			t.Fatalf("a changed byte is judged %d (%s)", w.Exit, w.Fault)
		}
	})
}

// FuzzEntry puts any line at the end of a journal and signs it: whoever may sign can write anything.
func FuzzEntry(f *testing.F) {
	st := played(f, 8, 40, true, true)
	for _, b := range st.rows {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := floor.ParseEntry(b); err == nil { // so that more of them are read
			e.Journal, e.N, e.Prev, e.More, e.Command = theJournal, int64(len(st.rows))+1, st.prev, false, "fuzz"
			e.Stamp.Site, e.Stamp.At = "abcde", max(e.Stamp.At, st.at+1)
			b = e.Bytes()
		}
		rec := assemble(t, st.key, st.verify, Archive, append(st.rows[:len(st.rows):len(st.rows)], b), st.addenda, nil, nil)
		if v := Verify(rec); (v.Exit == 0) != (v.Fault == "") {
			t.Fatalf("%+v", v)
		}
	})
}
