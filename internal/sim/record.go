package sim

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/record"
)

// journal is the name of a simulated session's only journal.
const journal = "sim/site-s"

// hub is the journal of the other site, in a case with a cut.
const hub = "sim/hub-h"

// began is the wall clock at session time 0, Unix ms: a label.
const began = int64(1_700_000_000_000)

// Record writes the session of a seed, led by the zipper, as the sealed record that a site would have kept: something to
// replay rules on. Key and nonces come from the seed and prove nothing. A case with a cut has no record of one site.
func Record(out io.Writer, m *Model, seen *Measured, c *Case, dials floor.Rule, seed uint64) error {
	if c.Cut != nil {
		return fmt.Errorf("case %s has a cut, so its session is no record of one site", c.Name)
	}
	key, verifier, err := note.GenerateKey(bytes.NewReader(bytes.Repeat(binary.BigEndian.AppendUint64(nil, seed), 8)), "openmic-sim")
	if err != nil {
		return err
	}
	b := &book{Source: record.Source{Name: journal, Key: verifier}, key: key, seed: seed}
	w := open(m, seen, c, "zipper", seed)
	w.keep = b.write
	w.run(dials)
	b.sign()
	if b.err != nil {
		return b.err
	}
	return record.Write(out, "sim", record.Archive, b.Source)
}

// A book chains, seals and signs what a session writes.
type book struct {
	record.Source
	key    string // signer
	tree   record.Tree
	prev   string
	at     int64 // of the newest entry, ms
	signed int64 // of the newest checkpoint, ms
	size   int64 // entries in the newest checkpoint
	seed   uint64
	nonces uint64
	err    error
}

func (b *book) write(e *floor.Entry) {
	e.Prev, b.at = b.prev, e.Stamp.At
	b.Addenda = append(b.Addenda, floor.Seal(e, func() []byte {
		b.nonces++
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, b.seed), b.nonces)
	})...)
	row := e.Bytes()
	b.prev = floor.HashBytes(row)
	b.tree.Add(row)
	b.Entries = append(b.Entries, row)
	if !e.More && b.at-b.signed >= 60_000 {
		b.sign()
	}
}

// sign makes a checkpoint of everything so far.
func (b *book) sign() {
	if b.err != nil || b.size == b.tree.Size() {
		return
	}
	b.size, b.signed = b.tree.Size(), b.at
	signed, err := record.Sign(record.Checkpoint{Journal: journal, Size: b.size, Root: b.tree.Root(b.size), At: b.at}, b.key)
	if err != nil {
		b.err = err
		return
	}
	b.Checkpoints = append(b.Checkpoints, signed)
}
