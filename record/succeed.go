package record

import (
	"encoding/base64"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
)

// SuccessionText is what the key of a journal that ended signs for the one that goes on for it, where that key was
// brought along to the new machine.
func SuccessionText(journal string, ev *floor.Succeed) string {
	return fmt.Sprintf("openmic-succeeds/%s\n%s\n%s\n%d\n%s\n", journal, ev.Key, ev.Journal, ev.N, ev.Hash)
}

// succeeds: a journal goes on for another with its first entry, after an entry that is here, with both keys as the
// manifest has them; and what the old key signed is this. A venue's new machine needs that signature: nobody else lets it
// in. after is what each journal goes on for, keys those of the journals that were let in.
func succeeds(c *chapter, e *floor.Entry, ev *floor.Succeeded, chapters []*chapter, after, keys map[string]string) *Fault {
	at := place(entriesFile(c.Name), int(e.N))
	was := ""
	var rows [][]byte
	for _, o := range chapters {
		if o.Name == ev.Journal && o != c {
			was, rows = o.Key, o.rows
		}
	}
	root := ev.Journal
	for range after {
		if after[root] != "" {
			root = after[root]
		}
	}
	_, venue := keys[root]
	if was == "" && ev.N == 0 { // it had written nothing, and stands in no record
		was = keys[ev.Journal]
	}
	end := ""
	if ev.N > 0 && ev.N <= int64(len(rows)) {
		end = floor.HashBytes(rows[ev.N-1])
	}
	switch {
	case e.N != 1:
		return broken(at, "a journal goes on for another with its first entry")
	case was == "":
		return broken(at, "it goes on for a journal that is not in the record")
	case ev.N < 0 || ev.N > int64(len(rows)) || ev.Hash != end || ev.N == 0 && !venue:
		return broken(at, "it goes on after entry %d of %s, which is not the one in the record", ev.N, ev.Journal)
	case ev.Was != was:
		return broken(at, "it goes on for %s, which has another key", ev.Journal)
	case ev.Proof == "" && venue:
		return broken(at, "it goes on for a venue, and the key of %s did not sign it", ev.Journal)
	case ev.Proof == "":
		return nil
	}
	key, err := note.NewVerifier(was)
	sig, err2 := base64.RawURLEncoding.Strict().DecodeString(ev.Proof)
	if err != nil || err2 != nil || !key.Verify([]byte(SuccessionText(c.Name, &floor.Succeed{Journal: ev.Journal, N: ev.N, Hash: ev.Hash, Key: ev.Key})), sig) {
		return broken(at, "the key of %s did not sign that this journal goes on for it", ev.Journal)
	}
	return nil
}
