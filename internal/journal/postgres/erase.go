package postgres

import (
	"context"
	"fmt"

	"openmic/internal/journal"
)

const coverAddenda = `WITH j AS (SELECT id FROM journal WHERE name = $1), a AS (
	INSERT INTO addendum (journal, n, field, place)
	SELECT DISTINCT j.id, x.n, x.field, 0 FROM j, unnest($2::bigint[], $3::text[]) AS x (n, field)
	ON CONFLICT (journal, n, field) DO UPDATE SET nonce = NULL, words = NULL
) SELECT id FROM j`

// Erase implements journal.Store, as far as anybody reaches who asks the server. What the server keeps of rows that
// were changed, in its tables until it has cleaned them and in its log, is out of reach; see docs/operate.md.
func (s *Store) Erase(ctx context.Context, name journal.Name, where []journal.Where) error {
	ns, fields := list{oid: oidNumber}, list{oid: oidText}
	for _, at := range where {
		ns.number(at.N)
		fields.add([]byte(at.Field))
	}
	all, err := s.write(ctx, coverAddenda, text(string(name)), ns.arg(), fields.arg())
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%w: %s", journal.ErrNoJournal, name)
	}
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	return nil
}
