package site

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/record"
)

// mostNotes is how many checkpoints go into a record; of more, the newest.
const mostNotes = 4000

// Record writes the record of a session as it stands in the data folder, public or with archive every word that was not
// erased. It opens no session: after a crash it is what the crash left.
func (s *Site) Record(ctx context.Context, id string, archive bool, w io.Writer) error {
	return s.record(ctx, id, archive, false, w)
}

// RecordSigned is Record up to the newest checkpoint, at most a minute old while something happens: it signs nothing
// unless nothing was signed yet, so that whoever asks for it a thousand times leaves nothing behind.
func (s *Site) RecordSigned(ctx context.Context, id string, archive bool, w io.Writer) error {
	return s.record(ctx, id, archive, true, w)
}

func (s *Site) record(ctx context.Context, id string, archive, signed bool, w io.Writer) error {
	info, err := s.journalOf(ctx, id)
	if errors.Is(err, hall.ErrNotFound) {
		return fmt.Errorf("there is no session %q in %s", id, s.settings.Data)
	} else if err != nil {
		return err
	}
	src := record.Source{Name: string(info.Name), Key: s.key.verify}
	for {
		entries, addenda, err := s.db.Read(ctx, info.Name, int64(len(src.Entries))+1, 2000)
		if err != nil {
			return fmt.Errorf("read entry %d: %w", len(src.Entries)+1, err)
		}
		if len(entries) == 0 {
			break
		}
		for _, e := range entries {
			src.Entries = append(src.Entries, e.Bytes)
		}
		for _, a := range addenda {
			src.Addenda = append(src.Addenda, floor.Addendum{N: a.N, Field: a.Field, Nonce: a.Nonce, Text: a.Text})
		}
	}
	n, err := s.notesOf(info.Name)
	if err != nil {
		return err
	}
	size := int64(len(src.Entries))
	if last := n.size(); signed && last > 0 && last < size {
		size = last
		src.Entries = src.Entries[:size]
		src.Addenda = slices.DeleteFunc(src.Addenda, func(a floor.Addendum) bool { return a.N > size })
	}
	if err := n.sign(ctx, size, 0); err != nil {
		return fmt.Errorf("sign the record: %w", err)
	}
	all, err := n.read()
	if err != nil {
		return err
	}
	for _, c := range all[max(0, len(all)-mostNotes):] {
		if c.is.Size <= size {
			src.Checkpoints = append(src.Checkpoints, c.note)
		}
	}
	kind := record.Public
	if archive {
		kind = record.Archive
	}
	return record.Write(w, id, kind, src)
}

// size is how many entries the newest checkpoint signs.
func (n *notes) size() int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.last.Size
}
