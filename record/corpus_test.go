package record

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openmic/floor"
)

var corpusFolder = flag.String("corpus", "", "write the corpus into this folder too, with an index")

// A specimen is a record, or what somebody would like to pass for one, and how it must be judged.
type specimen struct {
	kind, name string
	want       int
	bytes      []byte
}

// TestCorpus judges good records and broken ones of every kind we could think of; all must be judged right. The table
// is printed by go test ./record -run Corpus -v; -corpus FOLDER keeps the files for other verifiers.
func TestCorpus(t *testing.T) {
	all := append(goodOnes(t), brokenOnes(t)...)
	type row struct{ n, right int }
	table := map[string]*row{}
	var kinds, index []string
	good, bad := 0, 0
	for i, x := range all {
		v := Verify(x.bytes)
		r := table[x.kind]
		if r == nil {
			r = &row{}
			table[x.kind] = r
			kinds = append(kinds, x.kind)
		}
		r.n++
		if x.want == 0 {
			good++
		} else {
			bad++
		}
		if v.Exit == x.want && (v.Exit == 0) == (v.Fault == "") && (v.Exit == 0) == (v.Where == "") {
			r.right++
		} else {
			t.Errorf("%s, %s: exit %d, not %d (%s: %s)", x.kind, x.name, v.Exit, x.want, v.Where, v.Fault)
		}
		if strings.ContainsAny(v.Where+v.Fault, "\n\x00") || len(v.Where+v.Fault) > 600 {
			t.Errorf("%s, %s: %q is not one sentence", x.kind, x.name, v.Fault)
		}
		file := fmt.Sprintf("%03d.openmic", i)
		index = append(index, fmt.Sprintf("{\"file\":%q,\"kind\":%q,\"name\":%q,\"exit\":%d}", file, x.kind, x.name, x.want))
		if *corpusFolder != "" {
			if err := os.WriteFile(filepath.Join(*corpusFolder, file), x.bytes, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if *corpusFolder != "" {
		if err := os.WriteFile(filepath.Join(*corpusFolder, "index.json"), []byte("["+strings.Join(index, ",\n")+"]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range kinds {
		t.Logf("%-34s %4d judged right %4d", k, table[k].n, table[k].right)
	}
	t.Logf("%d good and %d broken records", good, bad)
	if good < 60 || bad < 300 {
		t.Error("the corpus is too small to show much")
	}
}

func goodOnes(t *testing.T) (out []specimen) {
	add := func(kind, name string, b []byte) { out = append(out, specimen{kind, name, 0, b}) }
	for seed := range uint64(12) {
		st := played(t, 100+seed, 20+int(seed)*15, seed%3 > 0, seed%4 == 3)
		if seed%2 == 1 && st.s.Opened >= 0 {
			st.at += 1000
			st.try(theChair, &floor.Adjourn{})
			st.try(person("p1"), &floor.Write{Text: "a late card"})
			st.try(theChair, &floor.Freeze{})
		}
		for _, kind := range []string{Public, Archive} {
			add("a session", fmt.Sprintf("%s, seed %d", kind, seed), st.record(kind))
		}
	}
	// Whatever entry a crash left as the last, as long as its command is whole, the beginning is a record.
	st := played(t, 140, 120, true, true)
	for i := 1; i <= len(st.entries); i += max(1, len(st.entries)/24) {
		if n := whole(st, i); n > 0 {
			add("the beginning of a session", fmt.Sprintf("%d entries", n), (&forgery{stage: st, upTo: n}).seal(t, Public))
		}
	}
	for seed := range uint64(8) {
		st := played(t, 160+seed, 60, false, false)
		st.must(person("p2"), &floor.Erase{})
		st.forget()
		for range 20 {
			st.step(true)
		}
		add("with somebody erased", fmt.Sprintf("archive, seed %d", seed), st.record(Archive))
		add("with somebody erased", fmt.Sprintf("public, seed %d", seed), st.record(Public))
	}
	for seed := range uint64(12) {
		for _, kind := range []string{Public, Archive} {
			add("a session on two sites", fmt.Sprintf("%s, seed %d", kind, seed), written(t, kind, eventfulPair(t, 500+seed, 60+int(seed)*10).sources(t, seed%2 == 0)...))
		}
	}
	return out
}

// whole gives the last entry up to i with which a command ends.
func whole(st *stage, i int) int {
	for i > 0 && st.entries[i-1].More {
		i--
	}
	return i
}

// A forgery is a journal altered by somebody who may sign.
type forgery struct {
	*stage
	upTo    int                        // how many entries are kept; 0 is all
	alter   map[int]func(*floor.Entry) // by number of the entry
	loose   bool                       // the chain is not mended
	words   func([]floor.Addendum) []floor.Addendum
	journal func(rows [][]byte) [][]byte // after everything was chained
}

// seal chains, hashes and signs everything anew.
func (f *forgery) seal(t testing.TB, kind string) []byte {
	t.Helper()
	n := f.upTo
	if n == 0 {
		n = len(f.rows)
	}
	var rows [][]byte
	prev := ""
	for i, b := range f.rows[:n] {
		e, err := floor.ParseEntry(b)
		if err != nil {
			t.Fatal(err)
		}
		if !f.loose {
			e.Prev = prev
		}
		if do := f.alter[i+1]; do != nil {
			do(e)
		}
		b = e.Bytes()
		prev = floor.HashBytes(b)
		rows = append(rows, b)
	}
	if f.journal != nil {
		rows = f.journal(rows)
	}
	addenda := slices.DeleteFunc(slices.Clone(f.addenda), func(a floor.Addendum) bool { return a.N > int64(n) })
	return assemble(t, f.key, f.verify, kind, rows, addenda, f.words, nil)
}

// assemble makes a record of rows that need not be a journal. Nothing is left out but what kind forbids where that can
// be told.
func assemble(t testing.TB, key, verify, kind string, rows [][]byte, addenda []floor.Addendum, words func([]floor.Addendum) []floor.Addendum, edit func(m *Manifest, files []file) []file) []byte {
	t.Helper()
	m := Manifest{Record: Format, Session: "story", Kind: kind, Rule: floor.TheRule}
	var tree Tree
	var text, said bytes.Buffer
	state := floor.New()
	var entries []*floor.Entry
	at := int64(0)
	for _, b := range rows {
		tree.Add(b)
		text.Write(append(b[:len(b):len(b)], '\n'))
		if e, err := floor.ParseEntry(b); err == nil {
			state.Apply(e)
			entries = append(entries, e)
			at = max(at, e.Stamp.At)
		}
	}
	shelf := newShelf(state, kind)
	kept := slices.DeleteFunc(slices.Clone(addenda), func(a floor.Addendum) bool {
		return a.N > int64(len(entries)) || !shelf.holds(entries[a.N-1], a.Field)
	})
	if words != nil {
		kept = words(kept)
	}
	slices.SortStableFunc(kept, func(a, b floor.Addendum) int {
		if a.N != b.N {
			return int(a.N - b.N)
		}
		return strings.Compare(a.Field, b.Field)
	})
	for _, a := range kept {
		said.Write(wordLine(a))
	}
	note, err := Sign(Checkpoint{theJournal, tree.Size(), tree.Root(tree.Size()), min(at, MaxNumber)}, key)
	if err != nil {
		t.Fatal(err)
	}
	m.Journals = []JournalInfo{{theJournal, verify, len(rows), len(kept), 1, 0}}
	files := []file{{addendaFile(theJournal), said.Bytes()}, {checkpointFile(theJournal, tree.Size()), note}, {entriesFile(theJournal), text.Bytes()}}
	if edit != nil {
		files = edit(&m, files)
	}
	var out bytes.Buffer
	if err := pack(&out, append([]file{{manifestFile, line(m)}}, files...)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// find gives the number of an entry whose event do takes, with at least so many entries before it; 0 when there is none.
func find[E floor.Event](st *stage, after int, take func(E) bool) int {
	for i, e := range st.entries {
		if ev, ok := e.Event.(E); ok && i >= after && take(ev) {
			return i + 1
		}
	}
	return 0
}

// end is the last entry of the command that entry n belongs to.
func (st *stage) end(n int) int {
	for st.entries[n-1].More {
		n++
	}
	return n
}

func wordLine(a floor.Addendum) []byte {
	return line(word{a.N, a.Field, b64(a.Nonce), a.Text})
}
