package record

import (
	"cmp"
	"fmt"
	"slices"

	"openmic/floor"
)

// Verify judges a record. With keys, the sites' keys must be among them; without, a record proves only that it was
// signed by whoever signed it. It answers for any bytes.
func Verify(b []byte, keys ...string) *Verdict {
	return judged(&Verdict{}, b, keys...)
}

func judged(v *Verdict, b []byte, keys ...string) (said *Verdict) {
	where := "the file"
	defer func() {
		if p := recover(); p != nil { // the last net: what is not foreseen is no record
			said = &Verdict{}
			said.take(broken(where, "it cannot be read (%v)", p))
		}
	}()
	if f := v.verify(b, keys, &where); f != nil {
		v.take(f)
	}
	return v
}

func (v *Verdict) take(f *Fault) {
	if v.Exit != 1 {
		v.Exit, v.Where, v.Fault = f.Exit, f.Where, f.What
	}
}

func (v *Verdict) verify(b []byte, keys []string, where *string) *Fault {
	files, f := unpack(b)
	if f != nil {
		return f
	}
	text := map[string][]byte{}
	for i, x := range files {
		if i == 0 && x.name != manifestFile {
			return broken(fmt.Sprintf("file 1, %.60q", x.name), "a record begins with %s", manifestFile)
		}
		if i > 1 && cmp.Compare(files[i-1].name, x.name) >= 0 {
			return broken(fmt.Sprintf("file %d, %.60q", i+1, x.name), "the files are not in order, or one is there twice")
		}
		text[x.name] = x.data
	}
	m, f := readManifest(text[manifestFile])
	if f != nil {
		return f
	}
	v.Session, v.Kind = m.Session, m.Kind
	j := m.Journals[0]
	if len(keys) > 0 && !slices.Contains(keys, j.Key) {
		return broken(manifestFile, "the key of %s is not the one that was expected", j.Name)
	}
	for _, name := range []string{entriesFile(j.Name), addendaFile(j.Name)} {
		if _, ok := text[name]; !ok {
			return broken(name, "the file is missing")
		}
	}
	*where = entriesFile(j.Name)
	entries, rows, f := readEntries(m, j, text[entriesFile(j.Name)])
	if f != nil {
		return f
	}
	*where = addendaFile(j.Name)
	said, f := lines(*where, text[*where], j.Addenda)
	if f != nil {
		return f
	}
	addenda, f := checkWords(*where, said, entries)
	if f != nil {
		return f
	}
	if f := v.checkpoints(files, j, entries, rows); f != nil {
		return f
	}
	v.Entries, v.Addenda, v.Checkpoints = j.Entries, j.Addenda, j.Checkpoints
	*where = entriesFile(j.Name)
	state, f := v.fold(*where, entries, addenda)
	if f != nil {
		return f
	}
	v.story = story{j.Name, j.Key, entries, floor.HashBytes(rows[len(rows)-1]), state}
	shelf := newShelf(state, entries, m.Kind)
	if f := shelf.misplaced(addendaFile(j.Name), addenda, entries); f != nil {
		return f
	}
	v.Ended, v.Numbers, v.Late = state.Adjourned >= 0, Count(state, state.At), lateOf(state)
	v.words(shelf, entries, addenda)
	return nil
}

// checkpoints checks the signed tree heads, and that nothing else is in the zip.
func (v *Verdict) checkpoints(files []file, j JournalInfo, entries []*floor.Entry, rows [][]byte) *Fault {
	var tree Tree
	last := Checkpoint{At: -1}
	seen := 0
	for i, x := range files {
		switch x.name {
		case manifestFile, entriesFile(j.Name), addendaFile(j.Name):
			continue
		}
		var size int64
		if n, err := fmt.Sscanf(x.name, "checkpoints/"+stem(j.Name)+"-%09d.note", &size); n != 1 || err != nil || size < 1 || x.name != checkpointFile(j.Name, size) {
			return broken(fmt.Sprintf("file %d, %.60q", i+1, x.name), "a record has no such file")
		}
		if len(x.data) > 1000 {
			return broken(x.name, "it is longer than a checkpoint")
		}
		c, err := ReadCheckpoint(x.data, j.Key)
		if err != nil {
			return broken(x.name, "%v", err)
		}
		switch {
		case c.Journal != j.Name || c.Size != size:
			return broken(x.name, "it is a checkpoint of %d entries of %.60q", c.Size, c.Journal)
		case c.Size > int64(len(rows)):
			return broken(x.name, "it was signed for %d entries, and the record ends after %d", c.Size, len(rows))
		}
		for tree.Size() < c.Size {
			tree.Add(rows[tree.Size()])
		}
		switch {
		case tree.Root(c.Size) != c.Root:
			return broken(x.name, "the first %d entries are not those that were signed", c.Size)
		case c.At < last.At || c.At < entries[c.Size-1].Stamp.At || c.At > MaxNumber:
			return broken(x.name, "it says it was signed before what it signs")
		}
		last = c
		seen++
	}
	if seen != j.Checkpoints {
		return broken(manifestFile, "%d checkpoints are there, it says %d", seen, j.Checkpoints)
	}
	if last.Size != int64(len(rows)) {
		return broken("checkpoints", "entry %d is signed by none of them", last.Size+1)
	}
	v.SignedAt = last.At
	return nil
}

// readEntries checks the bytes of a journal: canonical, dense, chained, stamps that grow, commands whole and once.
func readEntries(m *Manifest, j JournalInfo, b []byte) (entries []*floor.Entry, rows [][]byte, f *Fault) {
	name := entriesFile(j.Name)
	if rows, f = lines(name, b, j.Entries); f != nil {
		return nil, nil, f
	}
	tag := floor.Tag(j.Name)
	prev := ""
	commands := map[[2]string]bool{}
	for i, row := range rows {
		at := place(name, i+1)
		if beyond(row) {
			return nil, nil, broken(at, "a number is larger than %d", int64(MaxNumber))
		}
		e, err := floor.ParseEntry(row)
		if err != nil {
			return nil, nil, broken(at, "%s", plain(err))
		}
		if number := immeasurable(e); number != "" {
			return nil, nil, broken(at, "%s", number)
		}
		_, first := e.Event.(*floor.Created)
		switch {
		case e.Journal != j.Name:
			return nil, nil, broken(at, "the entry belongs to journal %.60q", e.Journal)
		case e.N != int64(i)+1:
			return nil, nil, broken(at, "it is entry %d where entry %d belongs", e.N, i+1)
		case e.Prev != prev:
			return nil, nil, broken(at, "it was not written after the entry before it")
		case e.Stamp.Site != tag || e.Stamp.At < 0 || e.Stamp.Count < 0 || i > 0 && !entries[i-1].Stamp.Before(e.Stamp):
			return nil, nil, broken(at, "its stamp does not follow the one before")
		case len(e.View) > 0:
			return nil, nil, broken(at, "it names a journal that is not in the record")
		case first != (i == 0):
			return nil, nil, broken(at, "a journal has one entry that creates the session, its first")
		}
		if c, ok := e.Event.(*floor.Created); ok && (c.Session != m.Session || c.Rule != m.Rule) {
			return nil, nil, broken(at, "session and rule are not those of the manifest")
		}
		id := [2]string{string(e.By), e.Command}
		if i > 0 && entries[i-1].More {
			if o := entries[i-1]; o.By != e.By || o.Command != e.Command || o.Stamp.At != e.Stamp.At {
				return nil, nil, broken(at, "the command of the entry before goes on, and this is another one")
			}
		} else if commands[id] {
			return nil, nil, broken(at, "its command was taken before: an entry written twice")
		}
		commands[id] = true
		entries = append(entries, e)
		prev = floor.HashBytes(row)
	}
	if entries[len(entries)-1].More {
		return nil, nil, broken(place(name, len(rows)), "its command goes on after the end")
	}
	return entries, rows, nil
}

// beyond finds a number outside of any text that is larger than every language keeps whole.
func beyond(row []byte) bool {
	text, digits := false, 0
	for i := 0; i < len(row); i++ {
		c := row[i]
		switch {
		case text && c == '\\':
			i++
			continue
		case c == '"':
			text = !text
		}
		if text || c < '0' || c > '9' {
			digits = 0
			continue
		}
		digits++
		if digits > 16 || digits == 16 && string(row[i-15:i+1]) > "9007199254740991" {
			return true
		}
	}
	return false
}
