package record

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Tree is the hash tree of a journal, as RFC 6962 and sumdb/tlog define it; its leaves are the bytes of the entries.
// The zero Tree is that of an empty journal.
type Tree struct {
	n      int64
	hashes []tlog.Hash
}

// ReadHashes implements tlog.HashReader.
func (t *Tree) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, x := range at {
		if x < 0 || x >= int64(len(t.hashes)) {
			return nil, errors.New("beyond the tree")
		}
		out[i] = t.hashes[x]
	}
	return out, nil
}

// Add puts the next entry's bytes into the tree.
func (t *Tree) Add(entry []byte) {
	more, err := tlog.StoredHashes(t.n, entry, t)
	if err != nil {
		panic(err) // the tree holds every hash up to here
	}
	t.hashes = append(t.hashes, more...)
	t.n++
}

// Size is how many entries are in the tree.
func (t *Tree) Size() int64 { return t.n }

// Root is the hash of the first n entries, base64. n is at most Size.
func (t *Tree) Root(n int64) string {
	h, err := tlog.TreeHash(n, t)
	if err != nil {
		panic(err) // as in Add
	}
	return h.String()
}

// A Checkpoint is what a site signs: so many entries of this journal have this hash.
type Checkpoint struct {
	Journal string
	Size    int64
	Root    string // base64, of the tree of the first Size entries
	At      int64  // session time of signing, ms
}

// Text is what is signed, in the form of c2sp.org/tlog-checkpoint: origin, size, root, and one line of our own.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("openmic/%s\n%d\n%s\nat %d\n", c.Journal, c.Size, c.Root, c.At)
}

// Sign signs a checkpoint with a site's key, in the form of sumdb/note.
func Sign(c Checkpoint, key string) ([]byte, error) {
	s, err := note.NewSigner(key)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return note.Sign(&note.Note{Text: c.Text()}, s)
}

// ReadCheckpoint reads a signed checkpoint and checks its signature with a site's verifier key. Only the form that
// Sign gives is read.
func ReadCheckpoint(b []byte, key string) (Checkpoint, error) {
	var c Checkpoint
	v, err := note.NewVerifier(key)
	if err != nil {
		return c, errors.New("the key of the site cannot be read")
	}
	n, err := note.Open(b, note.VerifierList(v))
	if err != nil {
		return c, errors.New("it is not signed by the key of the site")
	}
	if len(n.Sigs) != 1 || len(n.UnverifiedSigs) > 0 {
		return c, errors.New("it has other signatures beside that of the site")
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(n.Sigs[0].Base64)
	if err != nil || string(b) != n.Text+"\n— "+v.Name()+" "+base64.StdEncoding.EncodeToString(raw)+"\n" {
		return c, errors.New("its signature is not in its one form")
	}
	part := strings.Split(n.Text, "\n")
	if len(part) != 5 {
		return c, errors.New("it has not four lines")
	}
	c.Journal = strings.TrimPrefix(part[0], "openmic/")
	c.Root = part[2]
	var err2 error
	c.Size, err = strconv.ParseInt(part[1], 10, 64)
	c.At, err2 = strconv.ParseInt(strings.TrimPrefix(part[3], "at "), 10, 64)
	if err != nil || err2 != nil || c.Text() != n.Text {
		return c, errors.New("its lines are not those of a checkpoint")
	}
	return c, nil
}
