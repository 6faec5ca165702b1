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
	chapters := make([]*chapter, len(m.Journals))
	all := 0
	for i, j := range m.Journals {
		if len(keys) > 0 && !slices.Contains(keys, j.Key) {
			return broken(manifestFile, "the key of %s is not the one that was expected", j.Name)
		}
		if chapters[i], f = readChapter(m, j, text, where); f != nil {
			return f
		}
		all += j.Entries
		v.Addenda += j.Addenda
		v.Checkpoints += j.Checkpoints
	}
	if all > MaxEntries {
		return broken(manifestFile, "it has %d entries in all; at most %d are read", all, MaxEntries)
	}
	if f := creates(m, chapters); f != nil {
		return f
	}
	if f := views(chapters); f != nil {
		return f
	}
	if f := v.checkpoints(files, chapters); f != nil {
		return f
	}
	v.Entries, v.Journals = all, len(chapters)
	state, f := v.fold(chapters, where)
	if f != nil {
		return f
	}
	v.story = story{chapters, state}
	for _, c := range chapters {
		shelf := newShelf(state, m.Kind)
		if f := shelf.misplaced(addendaFile(c.Name), c.addenda, c.entries); f != nil {
			return f
		}
		v.words(shelf, c.entries, c.addenda)
	}
	v.Ended, v.Numbers, v.Late, v.Sites = state.Adjourned >= 0, Count(state, state.At), lateOf(state), sitesOf(state, v.Sites)
	return nil
}

// A chapter is one journal of a record.
type chapter struct {
	JournalInfo
	entries []*floor.Entry
	rows    [][]byte
	addenda []floor.Addendum
	signed  int64 // session time of the newest checkpoint, by whomever
	size    int64 // how many entries the newest checkpoint signs
}

func readChapter(m *Manifest, j JournalInfo, text map[string][]byte, where *string) (*chapter, *Fault) {
	for _, name := range []string{entriesFile(j.Name), addendaFile(j.Name)} {
		if _, ok := text[name]; !ok {
			return nil, broken(name, "the file is missing")
		}
	}
	c := &chapter{JournalInfo: j, signed: -1}
	var f *Fault
	*where = entriesFile(j.Name)
	if c.entries, c.rows, f = readEntries(m, j, text[*where]); f != nil {
		return nil, f
	}
	*where = addendaFile(j.Name)
	said, f := lines(*where, text[*where], j.Addenda)
	if f != nil {
		return nil, f
	}
	c.addenda, f = checkWords(*where, said, c.entries)
	return c, f
}

// creates: one journal creates the session, with its first entry; every other was let in by one that stands in it, with
// the key that it has here, or goes on for one whose folder was restored from a backup.
func creates(m *Manifest, chapters []*chapter) *Fault {
	first := -1
	keys, after := map[string]string{}, map[string]string{}
	for i, c := range chapters {
		if _, ok := c.entries[0].Event.(*floor.Created); ok {
			if first >= 0 {
				return broken(place(entriesFile(c.Name), 1), "the session is created a second time")
			}
			first = i
		}
		for _, e := range c.entries {
			switch ev := e.Event.(type) {
			case *floor.Linked:
				keys[ev.Journal] = ev.Key
			case *floor.Succeeded:
				after[c.Name] = ev.Journal
			}
		}
	}
	for _, c := range chapters {
		for _, e := range c.entries {
			if ev, ok := e.Event.(*floor.Succeeded); ok {
				if f := succeeds(c, e, ev, chapters, after, keys); f != nil {
					return f
				}
			}
		}
	}
	for _, c := range chapters {
		if ev, ok := c.entries[0].Event.(*floor.Succeeded); ok {
			keys[c.Name] = ev.Key
		}
	}
	if first < 0 {
		return broken(place(entriesFile(chapters[0].Name), 1), "a journal has one entry that creates the session, its first")
	}
	for i, c := range chapters {
		if key, ok := keys[c.Name]; i != first && (!ok || key != c.Key) {
			return broken(manifestFile, "%s was not let in to the session, or with another key", c.Name)
		}
	}
	return nil
}

// views: an entry names what its writer had seen of each other journal: what is here, no less than before, all that the
// seen had seen, and nothing that was stamped later (I0).
func views(chapters []*chapter) *Fault {
	byName := map[string]*chapter{}
	for _, c := range chapters {
		byName[c.Name] = c
	}
	for _, c := range chapters {
		seen := map[string]int64{}
		for i, e := range c.entries {
			at := place(entriesFile(c.Name), i+1)
			grown := false
			for k, s := range e.View {
				o := byName[s.Journal]
				switch {
				case o == nil || o == c:
					return broken(at, "it names a journal that is not in the record")
				case k > 0 && e.View[k-1].Journal >= s.Journal || s.N < 1 || s.N < seen[s.Journal]:
					return broken(at, "what it had seen is not in order, or is less than before")
				case s.N > int64(len(o.entries)):
					return broken(at, "it had seen entry %d of %s, which is not in the record", s.N, s.Journal)
				case !o.entries[s.N-1].Stamp.Before(e.Stamp):
					return broken(at, "it had seen entry %d of %s, which is stamped later", s.N, s.Journal)
				}
				grown = grown || s.N > seen[s.Journal]
			}
			if len(e.View) < len(seen) {
				return broken(at, "what it had seen is less than before")
			}
			if !grown {
				continue
			}
			now := map[string]int64{c.Name: int64(i)}
			for _, s := range e.View {
				now[s.Journal] = s.N
			}
			for _, s := range e.View {
				for _, x := range byName[s.Journal].entries[s.N-1].View {
					if x.N > now[x.Journal] {
						return broken(at, "it had seen entry %d of %s, and not what that one had seen", s.N, s.Journal)
					}
				}
				seen[s.Journal] = s.N
			}
		}
	}
	return nil
}

// checkpoints checks the signed tree heads, and that nothing else is in the zip. What one site wrote may be signed by
// another that had seen it; whoever has not signed all that is here is named.
func (v *Verdict) checkpoints(files []file, chapters []*chapter) *Fault {
	type counted struct {
		own, seen int
		last      int64 // session time of the newest own one
		size      int64 // of the newest own one
	}
	trees := make([]Tree, len(chapters))
	counts := make([]counted, len(chapters))
	for i := range counts {
		counts[i].last = -1
	}
next:
	for i, x := range files {
		if x.name == manifestFile {
			continue
		}
		for k, c := range chapters {
			if x.name == entriesFile(c.Name) || x.name == addendaFile(c.Name) {
				continue next
			}
			key, own := c.Key, true
			var size int64
			if n, err := fmt.Sscanf(x.name, "checkpoints/"+stem(c.Name)+"-%09d.note", &size); n != 1 || err != nil || size < 1 || x.name != checkpointFile(c.Name, size) {
				if key, size = seenBy(x.name, c, chapters); key == "" {
					continue
				}
				own = false
			}
			if len(x.data) > 1000 {
				return broken(x.name, "it is longer than a checkpoint")
			}
			p, err := ReadCheckpoint(x.data, key)
			if err != nil {
				return broken(x.name, "%v", err)
			}
			switch {
			case p.Journal != c.Name || p.Size != size:
				return broken(x.name, "it is a checkpoint of %d entries of %.60q", p.Size, p.Journal)
			case p.Size > int64(len(c.rows)):
				return broken(x.name, "it was signed for %d entries, and the record ends after %d", p.Size, len(c.rows))
			}
			for trees[k].Size() < p.Size {
				trees[k].Add(c.rows[trees[k].Size()])
			}
			switch {
			case trees[k].Root(p.Size) != p.Root:
				return broken(x.name, "the first %d entries are not those that were signed", p.Size)
			case own && p.At < counts[k].last || p.At < c.entries[p.Size-1].Stamp.At || p.At > MaxNumber:
				return broken(x.name, "it says it was signed before what it signs")
			}
			if own {
				counts[k].own, counts[k].last, counts[k].size = counts[k].own+1, p.At, p.Size
			} else {
				counts[k].seen++
			}
			if p.Size >= c.size {
				c.size, c.signed = p.Size, max(p.At, c.signed)
			}
			continue next
		}
		return broken(fmt.Sprintf("file %d, %.60q", i+1, x.name), "a record has no such file")
	}
	v.SignedAt = -1
	for k, c := range chapters {
		if counts[k].own != c.Checkpoints || counts[k].seen != c.Seen {
			return broken(manifestFile, "%d checkpoints are there, it says %d", counts[k].own+counts[k].seen, c.Checkpoints+c.Seen)
		}
		if c.size != int64(len(c.rows)) {
			return broken("checkpoints", "entry %d%s is signed by none of them", c.size+1, of(c, chapters))
		}
		if counts[k].size != int64(len(c.rows)) {
			v.Sites.Unsigned = append(v.Sites.Unsigned, c.Name)
		}
		if v.SignedAt < 0 || c.signed < v.SignedAt {
			v.SignedAt = c.signed
		}
	}
	return nil
}

// of names the journal where there are several.
func of(c *chapter, chapters []*chapter) string {
	if len(chapters) == 1 {
		return ""
	}
	return " of " + c.Name
}

// seenBy is the key of the site that signed, by the name of the file, what it had seen of a journal; empty when it is no
// such file.
func seenBy(name string, c *chapter, chapters []*chapter) (key string, size int64) {
	var by string
	if n, err := fmt.Sscanf(name, "seen/"+stem(c.Name)+"-%09d-%s", &size, &by); n != 2 || err != nil || size < 1 {
		return "", 0
	}
	for _, o := range chapters {
		if o != c && name == seenFile(c.Name, size, o.Name) {
			return o.Key, size
		}
	}
	return "", 0
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
		case first && i > 0:
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
