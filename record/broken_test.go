package record

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"openmic/floor"
)

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func brokenOnes(t *testing.T) []specimen {
	return slices.Concat(brokenBytes(t), brokenZips(t), brokenTexts(t), brokenJournals(t), brokenRules(t), brokenSites(t))
}

// brokenSites: what several sites can get wrong.
func brokenSites(t *testing.T) (out []specimen) {
	pairs := brokenPairs(t)
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		out = append(out, specimen{"broken on two sites", name, pairs[name].exit, written(t, Archive, pairs[name].sources()...)})
	}
	return out
}

// brokenBytes: a bit here, a piece there.
func brokenBytes(t *testing.T) (out []specimen) {
	r := rand.New(rand.NewPCG(1, 1))
	for seed := range uint64(3) {
		b := played(t, 200+seed, 60, true, seed == 1).record([]string{Public, Archive}[seed%2])
		for range 40 {
			c := bytes.Clone(b)
			at := r.IntN(len(c) * 8)
			c[at/8] ^= 1 << (at % 8)
			out = append(out, specimen{"a bit flipped", fmt.Sprintf("seed %d, bit %d", seed, at), 1, c})
		}
		for range 12 {
			n := r.IntN(len(b))
			out = append(out, specimen{"truncated", fmt.Sprintf("seed %d, %d bytes", seed, n), 1, b[:n]})
		}
		for range 8 {
			c := bytes.Clone(b)
			at := r.IntN(len(c) - 64)
			copy(c[at:at+32], c[at+32:at+64])
			if bytes.Equal(c, b) {
				c[at]++
			}
			out = append(out, specimen{"a piece copied over another", fmt.Sprintf("seed %d, at %d", seed, at), 1, c})
		}
		out = append(out,
			specimen{"something before or after", "a byte before", 1, append([]byte{0}, b...)},
			specimen{"something before or after", "a byte after", 1, append(bytes.Clone(b), 0)},
			specimen{"something before or after", "twice", 1, append(bytes.Clone(b), b...)})
	}
	return append(out, specimen{"no record", "empty", 1, nil}, specimen{"no record", "text", 1, []byte("this is no record, only a sentence that is long enough")},
		specimen{"no record", "zeros", 1, make([]byte, 1000)}, specimen{"no record", "an end alone", 1, append([]byte{'P', 'K', 5, 6}, make([]byte, 18)...)})
}

// brokenZips: what zips can be made to do.
func brokenZips(t *testing.T) (out []specimen) {
	good := played(t, 210, 40, false, false).record(Public)
	files, f := unpack(good)
	if f != nil {
		t.Fatal(f)
	}
	packed := func(name string, edit func(files []file) []file) {
		var b bytes.Buffer
		if err := pack(&b, edit(slices.Clone(files))); err != nil {
			t.Fatal(err)
		}
		out = append(out, specimen{"a zip that plays tricks", name, 1, b.Bytes()})
	}
	for _, name := range []string{"../evil", "/etc/passwd", "entries/../manifest.json", "entries\\hub-abcde.jsonl", "entries//hub-abcde.jsonl", "ENTRIES/hub-abcde.jsonl",
		"entries/hub-abcde.jsonl\x00.txt", "entries/", "zebra.txt", "manifest.json/", "checkpoints/hub-abcde-1.note", "checkpoints/hub-abcde-000000000.note",
		"checkpoints/hub-abcde-999999999999.note", "checkpoints/hub-zzzzz-000000001.note", "entries/hub-zzzzz.jsonl", "entries/hub-abcde.jsonl.", strings.Repeat("z", 60_000), "", "\xff\xfe", "C:evil", "zcon", "con"} {
		packed(fmt.Sprintf("a file named %.30q", name), func(files []file) []file {
			files = append(files, file{name, []byte("{}\n")})
			slices.SortStableFunc(files[1:], func(a, b file) int { return strings.Compare(a.name, b.name) })
			return files
		})
	}
	for i := range files[:4] {
		packed("twice "+files[i].name, func(f []file) []file { return slices.Insert(f, i, f[i]) })
		packed("without "+files[i].name, func(f []file) []file { return slices.Delete(f, i, i+1) })
		packed("empty "+files[i].name, func(f []file) []file { f[i].data = nil; return f })
		packed("another form of line ends in "+files[i].name, func(f []file) []file {
			f[i].data = bytes.ReplaceAll(f[i].data, []byte("\n"), []byte("\r\n"))
			if len(f[i].data) == len(files[i].data) {
				f[i].data = append(f[i].data, '\r')
			}
			return f
		})
		packed("an empty line in "+files[i].name, func(f []file) []file { f[i].data = append(bytes.Clone(f[i].data), '\n'); return f })
	}
	packed("in another order", func(f []file) []file { slices.Reverse(f); return f })
	packed("no files", func(f []file) []file { return nil })
	packed("the manifest last", func(f []file) []file { return append(f[1:], f[0]) })

	// Written by an ordinary zip program: compressed, dated, with descriptors; a bomb; a zip in the zip.
	ordinary := func(name string, method uint16, texts []file) {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, x := range texts {
			w, err := z.CreateHeader(&zip.FileHeader{Name: x.name, Method: method})
			if err == nil {
				_, err = w.Write(x.data)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		out = append(out, specimen{"a zip that plays tricks", name, 1, b.Bytes()})
	}
	ordinary("compressed", zip.Deflate, files)
	ordinary("with descriptors", zip.Store, files)
	ordinary("a bomb", zip.Deflate, []file{{manifestFile, make([]byte, 64<<20)}})
	ordinary("a bomb beside good files", zip.Deflate, append(slices.Clone(files), file{"entries/hub-zzzzz.jsonl", make([]byte, 32<<20)}))
	ordinary("a zip in a zip", zip.Store, []file{{"record.zip", good}})

	list := int(binary.LittleEndian.Uint32(good[len(good)-6:]))
	for name, edit := range map[string]func(b []byte){
		"the sizes of a bomb":          func(b []byte) { binary.LittleEndian.PutUint32(b[list+24:], 0xffffffff) },
		"a compressed size of nothing": func(b []byte) { binary.LittleEndian.PutUint32(b[list+20:], 0) },
		"a place far away":             func(b []byte) { binary.LittleEndian.PutUint32(b[list+42:], 0xfffffff0) },
		"a list far away":              func(b []byte) { binary.LittleEndian.PutUint32(b[len(b)-6:], 0xffffffff) },
		"a list as large as the world": func(b []byte) { binary.LittleEndian.PutUint32(b[len(b)-10:], 0xffffffff) },
		"65,535 files": func(b []byte) {
			binary.LittleEndian.PutUint16(b[len(b)-12:], 0xffff)
			binary.LittleEndian.PutUint16(b[len(b)-14:], 0xffff)
		},
		"encrypted, it says":              func(b []byte) { b[list+8] = 1; b[6] = 1 },
		"another name in the local head":  func(b []byte) { b[30] = 'M' },
		"another name in the list":        func(b []byte) { b[list+46] = 'M' },
		"another method in the list":      func(b []byte) { b[list+10] = 8 },
		"a name as long as the file":      func(b []byte) { binary.LittleEndian.PutUint16(b[list+28:], 0xffff) },
		"an extra field":                  func(b []byte) { binary.LittleEndian.PutUint16(b[list+30:], 4) },
		"a comment, it says":              func(b []byte) { b[len(b)-2] = 4 },
		"on another disk":                 func(b []byte) { b[list+34] = 1 },
		"a link to a file":                func(b []byte) { binary.LittleEndian.PutUint32(b[list+38:], 0o120777<<16) },
		"a date":                          func(b []byte) { b[list+14] = 0x22; b[12] = 0x22 },
		"a wrong sum in both":             func(b []byte) { b[list+16]++; b[14]++ },
		"a file that begins in the other": func(b []byte) { binary.LittleEndian.PutUint32(b[list+42:], 5) },
	} {
		c := bytes.Clone(good)
		edit(c)
		out = append(out, specimen{"a zip that plays tricks", name, 1, c})
	}
	return out
}

// brokenTexts: whoever may not sign changes the texts and mends the zip.
func brokenTexts(t *testing.T) (out []specimen) {
	st := played(t, 220, 90, true, false)
	st.must(person("p1"), &floor.Erase{}) // its words are kept by the forger
	kept := st.addenda
	st.forget()
	files, f := unpack(st.record(Archive))
	if f != nil {
		t.Fatal(f)
	}
	add := func(kind, name string, edit func(files []file) []file) {
		var b bytes.Buffer
		if err := pack(&b, edit(slices.Clone(files))); err != nil {
			t.Fatal(err)
		}
		out = append(out, specimen{kind, name, 1, b.Bytes()})
	}
	at := func(start string) int {
		return slices.IndexFunc(files, func(x file) bool { return strings.HasPrefix(x.name, start) })
	}
	rows := func(kind, folder, name string, edit func(rows [][]byte) [][]byte) {
		add(kind, name, func(files []file) []file { return editLines(files, at(folder), edit) })
	}
	n := len(st.rows)
	for _, i := range []int{0, 1, n / 3, n / 2, n - 2, n - 1} {
		rows("dropped", "entries", fmt.Sprintf("entry %d", i+1), func(r [][]byte) [][]byte { return slices.Delete(r, i, i+1) })
		rows("replayed", "entries", fmt.Sprintf("entry %d twice", i+1), func(r [][]byte) [][]byte { return slices.Insert(r, i, r[i]) })
		rows("replayed", "entries", fmt.Sprintf("entry %d at the end", i+1), func(r [][]byte) [][]byte { return append(r, r[i]) })
		rows("reordered", "entries", fmt.Sprintf("entries %d and %d", i+1, (i+7)%n+1), func(r [][]byte) [][]byte { r[i], r[(i+7)%n] = r[(i+7)%n], r[i]; return r })
		rows("huge numbers", "entries", fmt.Sprintf("in entry %d", i+1), func(r [][]byte) [][]byte {
			r[i] = bytes.Replace(r[i], []byte(`"wall":1`), []byte(`"wall":99999999999999999991`), 1)
			return r
		})
		rows("another form of the same", "entries", fmt.Sprintf("a blank in entry %d", i+1), func(r [][]byte) [][]byte {
			r[i] = bytes.Replace(r[i], []byte(`,"n":`), []byte(`, "n":`), 1)
			return r
		})
		rows("another form of the same", "entries", fmt.Sprintf("a key twice in entry %d", i+1), func(r [][]byte) [][]byte {
			r[i] = bytes.Replace(r[i], []byte(`{"v":1,`), []byte(`{"v":1,"v":1,`), 1)
			return r
		})
	}
	rows("truncated", "entries", "the second half of the entries", func(r [][]byte) [][]byte { return r[:n/2] })
	rows("truncated", "entries", "all entries", func(r [][]byte) [][]byte { return nil })
	rows("a line without end", "entries", "2 MB", func(r [][]byte) [][]byte { r[3] = bytes.Repeat([]byte("x"), 2<<20); return r })
	for i := range 6 {
		rows("words changed", "addenda", fmt.Sprintf("text %d", i), func(r [][]byte) [][]byte {
			r[i*3] = bytes.Replace(r[i*3], []byte(`"text":"`), []byte(`"text":"not `), 1)
			return r
		})
		rows("words changed", "addenda", fmt.Sprintf("nonce %d", i), func(r [][]byte) [][]byte {
			k := bytes.Index(r[i*3], []byte(`"nonce":"`)) + 12
			r[i*3] = bytes.Clone(r[i*3])
			r[i*3][k] = map[bool]byte{true: 'B', false: 'A'}[r[i*3][k] == 'A']
			return r
		})
		rows("words changed", "addenda", fmt.Sprintf("at another entry %d", i), func(r [][]byte) [][]byte {
			r[i*3] = bytes.Replace(r[i*3], []byte(`{"n":`), []byte(`{"n":1`), 1)
			return r
		})
		rows("words changed", "addenda", fmt.Sprintf("twice %d", i), func(r [][]byte) [][]byte { return slices.Insert(r, i, r[i]) })
		rows("words changed", "addenda", fmt.Sprintf("of no field %d", i), func(r [][]byte) [][]byte {
			r[i] = bytes.Replace(r[i], []byte(`"field":"`), []byte(`"field":"x`), 1)
			return r
		})
	}
	rows("words changed", "addenda", "one less than the manifest says", func(r [][]byte) [][]byte { return r[:len(r)-1] })
	rows("words changed", "addenda", "a number without measure", func(r [][]byte) [][]byte {
		r[0] = bytes.Replace(r[0], []byte(`{"n":`), []byte(`{"n":9999999999999999999999`), 1)
		return r
	})
	// Checkpoints.
	first := at("checkpoints")
	add("checkpoints", "one dropped", func(f []file) []file { return slices.Delete(f, first, first+1) })
	add("checkpoints", "one of them instead of another", func(f []file) []file { f[first].data = f[first+1].data; return f })
	add("checkpoints", "a later name", func(f []file) []file {
		f[first].name = checkpointFile(theJournal, int64(n)-1)
		slices.SortFunc(f[1:], func(a, b file) int { return strings.Compare(a.name, b.name) })
		return f
	})
	for i, edit := range []func(b []byte) []byte{
		func(b []byte) []byte { return bytes.Replace(b, []byte("\nat "), []byte("\nat 1"), 1) },
		func(b []byte) []byte { return append(b, b[bytes.LastIndex(b, []byte("— ")):]...) },
		func(b []byte) []byte { return b[:len(b)-1] },
		func(b []byte) []byte { return bytes.Replace(b, []byte("openmic/story"), []byte("openmic/other"), 1) },
		func(b []byte) []byte { return []byte("— \n\n— x y\n") },
		func(b []byte) []byte { return bytes.Repeat(b, 40) },
		func(b []byte) []byte { return nil },
	} {
		add("checkpoints", fmt.Sprintf("text %d", i), func(f []file) []file { f[first].data = edit(bytes.Clone(f[first].data)); return f })
	}
	// The manifest.
	for i, pair := range [][2]string{
		{`"record":1`, `"record":2`}, {`"record":1`, `"record":1e0`}, {`"kind":"archive"`, `"kind":"secret"`}, {`"kind":"archive"`, `"kind":"public"`}, {`"session":"story"`, `"session":"other"`},
		{`"L":120000`, `"L":60000`}, {`"K":3`, `"K":99999999999999999999`}, {`"entries":`, `"entries":1`}, {`"addenda":`, `"addenda":1`}, {`"checkpoints":`, `"checkpoints":1`},
		{`{"record"`, ` {"record"`}, {`"kind"`, `"extra":1,"kind"`}, {`"name":"story/hub-abcde"`, `"name":"story/hub-zzzzz"`}, {`"name":"story/hub-abcde"`, `"name":"story/../x"`},
		{`"key":"openmic-test+`, `"key":"openmic-test+f`}, {`"key":"openmic-`, `"key":"openmicx`}, {`"journals":[{`, `"journals":[{},{`}, {`"journals":[`, `"journals":null,"x":[`},
	} {
		add("the manifest", fmt.Sprintf("%d: %s", i, pair[1]), func(f []file) []file {
			f[0].data = bytes.Replace(f[0].data, []byte(pair[0]), []byte(pair[1]), 1)
			return f
		})
	}
	// Chained anew, but signed by somebody else under the name of the site, or by nobody.
	thief, _ := siteKeys(t, 99)
	for _, alter := range []int{2, n / 2, n} {
		e, err := floor.ParseEntry(st.rows[alter-1])
		if err != nil {
			t.Fatal(err)
		}
		f := &forgery{stage: st, alter: map[int]func(*floor.Entry){alter: func(x *floor.Entry) { x.Wall = e.Wall + 1 }}}
		f2 := *f
		copied := *st
		copied.key = thief
		f2.stage = &copied
		out = append(out, specimen{"forged", fmt.Sprintf("entry %d, chained anew, signed by another", alter), 1, f2.seal(t, Archive)})
		forged, _ := unpack(f.seal(t, Archive))
		add("forged", fmt.Sprintf("entry %d, chained anew, not signed anew", alter), func(files []file) []file {
			files[at("entries")].data = forged[slices.IndexFunc(forged, func(x file) bool { return strings.HasPrefix(x.name, "entries") })].data
			return files
		})
	}
	out = append(out, specimen{"words that must not be there", "erased ones", 1, assembleWith(t, st, Archive, kept)})
	return out
}

func editLines(files []file, i int, edit func([][]byte) [][]byte) []file {
	r := edit(bytes.Split(bytes.TrimSuffix(bytes.Clone(files[i].data), []byte("\n")), []byte("\n")))
	files[i].data = nil
	for _, b := range r {
		files[i].data = append(append(files[i].data, b...), '\n')
	}
	return files
}

// assembleWith puts exactly these words into a record.
func assembleWith(t *testing.T, st *stage, kind string, words []floor.Addendum) []byte {
	return assemble(t, st.key, st.verify, kind, st.rows, st.addenda, func([]floor.Addendum) []floor.Addendum { return slices.Clone(words) }, nil)
}
