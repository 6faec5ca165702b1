package site

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/record"
)

// A session that came out of a backup or an export of several journals goes on in a new journal. The first entry of that
// one, written when the session is opened, says after which entry of the old one (floor.Succeed). Until then the session
// has the state it had.

// errMachines: the journal in which a session would go on is one more than a record can hold.
var errMachines = fmt.Errorf("it has gone through %d machines, as many as a record can hold, and can only be read", floor.MaxJournals)

// goOn makes the new journal of a session, of kind hub or venue, which goes on for one of these. before is the old key of this site, where it
// was brought along; else nil. To do it again does the same.
func (s *Site) goOn(ctx context.Context, id, kind string, parts []*part, old journal.Name, before *siteKey) error {
	c := floor.Succeed{Journal: string(old), Key: s.key.verify}
	if before != nil {
		c.Was = before.verify // of a venue that had written nothing
	}
	for _, p := range parts {
		if p.info.Name == old {
			n := int64(len(p.rows))
			c.Was, c.N, c.Hash = string(p.info.Key), n, floor.HashBytes(p.rows[n-1])
		}
	}
	name, begun, err := s.db.Get(ctx, "going on "+id)
	if err != nil {
		return err
	}
	if !begun || name == string(old) { // a restored one is restored again
		name = id + "/" + kind + "-" + letters(5)
		if err := s.db.Set(ctx, "going on "+id, name); err != nil {
			return err
		}
	}
	if before != nil && before.verify == c.Was {
		key, err := note.NewSigner(before.sign)
		if err != nil {
			return err
		}
		sig, err := key.Sign([]byte(record.SuccessionText(name, &c)))
		if err != nil {
			return err
		}
		c.Proof = base64.RawURLEncoding.EncodeToString(sig)
	}
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := s.db.Create(ctx, journal.Info{Name: journal.Name(name), Session: id, Site: kind, Key: []byte(s.key.verify)}); err != nil {
		return fmt.Errorf("make journal: %w", err)
	}
	for _, kv := range [][2]string{{"succeeds " + id, string(b)}, {"journal " + id, name}} {
		if err := s.db.Set(ctx, kv[0], kv[1]); err != nil {
			return err
		}
	}
	return nil
}

// after is what the journal that is written here goes on for; nil when it is the session's first.
func (s *Site) after(ctx context.Context, id string) (*floor.Succeed, error) {
	v, ok, err := s.db.Get(ctx, "succeeds "+id)
	if err != nil || !ok {
		return nil, err
	}
	c := &floor.Succeed{}
	return c, json.Unmarshal([]byte(v), c)
}
