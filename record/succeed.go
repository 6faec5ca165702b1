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
// manifest has them; and what the old key signed is this.
func succeeds(c *chapter, e *floor.Entry, ev *floor.Succeeded, chapters []*chapter) *Fault {
	at := place(entriesFile(c.Name), int(e.N))
	var old *chapter
	for _, o := range chapters {
		if o.Name == ev.Journal && o != c {
			old = o
		}
	}
	switch {
	case e.N != 1:
		return broken(at, "a journal goes on for another with its first entry")
	case old == nil:
		return broken(at, "it goes on for a journal that is not in the record")
	case ev.N < 1 || ev.N > int64(len(old.rows)) || floor.HashBytes(old.rows[ev.N-1]) != ev.Hash:
		return broken(at, "it goes on after entry %d of %s, which is not the one in the record", ev.N, old.Name)
	case ev.Was != old.Key:
		return broken(at, "it goes on for %s, which has another key", old.Name)
	case ev.Proof == "":
		return nil
	}
	key, err := note.NewVerifier(old.Key)
	sig, err2 := base64.RawURLEncoding.Strict().DecodeString(ev.Proof)
	if err != nil || err2 != nil || !key.Verify([]byte(SuccessionText(c.Name, &floor.Succeed{Journal: ev.Journal, N: ev.N, Hash: ev.Hash, Key: ev.Key})), sig) {
		return broken(at, "the key of %s did not sign that this journal goes on for it", old.Name)
	}
	return nil
}
