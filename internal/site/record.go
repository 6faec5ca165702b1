package site

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"openmic/internal/journal"
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
	at, err := s.journalOf(ctx, id)
	if errors.Is(err, hall.ErrNotFound) {
		return fmt.Errorf("there is no session %q in %s", id, s.settings.Data)
	} else if err != nil {
		return err
	}
	// What is signed is looked up before the journals are read, so that they hold all of it.
	sealed, err := s.sealed(ctx, at)
	if err != nil {
		return err
	}
	own, parts, err := s.storyOf(ctx, id)
	if err != nil && !errors.Is(err, journal.ErrDamaged) {
		return err
	}
	damage := err
	keys, err := s.keysOf(ctx, id, own, parts)
	if err != nil {
		return err
	}
	writes := func(parts []*part) bool {
		return !own.Restored && slices.ContainsFunc(parts, func(p *part) bool { return p.info.Name == own.Name })
	}
	switch up := sealed.upTo(parts, keys); {
	case signed && writes(up):
		parts = up
	case writes(parts):
		for _, p := range parts {
			n, err := s.notesOf(p.info.Name, own.Name)
			if err == nil {
				err = n.sign(ctx, int64(len(p.rows)), 0)
			}
			if err != nil {
				return fmt.Errorf("sign the record: %w", err)
			}
		}
		if sealed, err = s.sealed(ctx, own); err != nil {
			return err
		}
	case len(up) > 0: // nothing was written here since it was restored
		parts = up
	case damage != nil:
		return fmt.Errorf("nothing of session %s that lies before the fault is signed: %v", id, damage)
	case own.Restored:
		return fmt.Errorf("nothing of session %s is signed here, and it goes on elsewhere; write the record there", id)
	default:
		return fmt.Errorf("nothing of session %s is signed yet; open it once (openmic serve) and try again", id)
	}
	var sources []record.Source
	for _, p := range parts {
		name := string(p.info.Name)
		src := record.Source{Name: name, Key: keys[name], Entries: p.rows, Addenda: p.addenda}
		if src.Key == "" {
			return fmt.Errorf("the key of journal %s is not known here; write the record at the site that made the session", name)
		}
		notes := sealed.of(p, parts, keys)
		for _, c := range notes[max(0, len(notes)-mostNotes/len(parts)):] {
			if c.key == src.Key {
				src.Checkpoints = append(src.Checkpoints, c.note)
			} else {
				src.Seen = append(src.Seen, record.Seen{By: signer(c.key, parts, keys), Key: c.key, Note: c.note})
			}
		}
		sources = append(sources, src)
	}
	kind := record.Public
	if archive {
		kind = record.Archive
	}
	return errors.Join(record.Write(w, id, kind, sources...), damage)
}

// seals are the checkpoints of a session's journals, as they are kept here.
type seals map[journal.Name]struct {
	notes *notes
	raw   [][]byte
}

// sealed looks up what is signed of a session.
func (s *Site) sealed(ctx context.Context, own journal.Info) (seals, error) {
	all, err := s.db.List(ctx)
	if err != nil {
		return nil, err
	}
	out := seals{}
	for _, info := range all {
		if info.Session != own.Session {
			continue
		}
		x := out[info.Name]
		if x.notes, err = s.notesOf(info.Name, own.Name); err == nil {
			x.raw, err = x.notes.read()
		}
		if err != nil {
			return nil, err
		}
		out[info.Name] = x
	}
	return out, nil
}

// of gives the checkpoints of a journal that are no longer than it, the smallest first, each signed by a site with a
// journal of these.
func (x seals) of(p *part, parts []*part, keys map[string]string) []signed {
	var by []string
	for _, o := range parts {
		by = append(by, keys[string(o.info.Name)])
	}
	all := x[p.info.Name].notes.of(x[p.info.Name].raw, by...)
	return slices.DeleteFunc(all, func(c signed) bool { return c.is.Size > int64(len(p.rows)) })
}

// upTo cuts journals back to what is signed.
func (x seals) upTo(parts []*part, keys map[string]string) []*part {
	for {
		out := closed(parts, func(p *part, n int64) int64 {
			for _, c := range slices.Backward(x.of(p, parts, keys)) {
				if c.is.Size <= n {
					return c.is.Size
				}
			}
			return 0
		})
		if len(out) == len(parts) {
			return out
		}
		parts = out // a site that has no entry left is no witness either
	}
}

// signer is the journal of the site that has a key.
func signer(key string, parts []*part, keys map[string]string) string {
	for _, p := range parts {
		if keys[string(p.info.Name)] == key {
			return string(p.info.Name)
		}
	}
	return ""
}
