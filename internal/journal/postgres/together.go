package postgres

import (
	"context"
	"fmt"
	"time"
)

// What nodes know together lies in a table that is not logged: it waits for no disk and no standby, a crash of the
// server empties it, and a standby begins without it.

// knownBy is who tells what all know together.
const knownBy = ""

// Known implements journal.Shared. How long ago it was is by the server's clock.
func (s *Store) Known(ctx context.Context, what string) (value []byte, ago time.Duration, err error) {
	all, err := s.read(ctx, `SELECT what, (extract(epoch FROM clock_timestamp() - at) * 1000000)::bigint FROM told WHERE subject = $1 AND who = $2`,
		text(what), text(knownBy))
	if err != nil {
		return nil, 0, fmt.Errorf("read what is known: %w", err)
	}
	if len(all) == 0 {
		return nil, 0, nil
	}
	return all[0][0], time.Duration(max(0, all[0].number(1))) * time.Microsecond, nil
}

// Swap implements journal.Shared. One whose answer was lost and that stands there when it is sent again has happened.
func (s *Store) Swap(ctx context.Context, what string, was, value []byte) (bool, error) {
	args := []arg{text(what), text(knownBy), raw(was)}
	statement := `DELETE FROM told WHERE subject = $1 AND who = $2 AND what = $3 RETURNING who`
	switch {
	case value != nil && was != nil:
		statement = `UPDATE told SET what = $4, at = clock_timestamp() WHERE subject = $1 AND who = $2 AND what IN ($3, $4) RETURNING who`
		args = append(args, raw(value))
	case value != nil:
		statement = `INSERT INTO told (subject, who, what, at) VALUES ($1, $2, $3, clock_timestamp())
			ON CONFLICT (subject, who) DO UPDATE SET what = excluded.what, at = excluded.at RETURNING who`
		args[2] = raw(value)
	}
	all, err := s.write(ctx, statement, args...)
	if err != nil {
		return false, fmt.Errorf("swap what is known: %w", err)
	}
	return len(all) > 0, nil
}

// Post implements journal.Shared.
func (s *Store) Post(ctx context.Context, box string, letter []byte) error {
	_, err := s.write(ctx, `INSERT INTO told (subject, who, what, at) VALUES ('box ' || $1::text, lpad(nextval('changes')::text, 20, '0'), $2, clock_timestamp())`,
		text(box), raw(letter))
	if err != nil {
		return fmt.Errorf("post a letter: %w", err)
	}
	s.tell(ctx, topicBox(box))
	return nil
}

// Fetch implements journal.Shared.
func (s *Store) Fetch(ctx context.Context, box string) ([][]byte, error) {
	all, err := s.write(ctx, `WITH gone AS (DELETE FROM told WHERE subject = 'box ' || $1::text RETURNING who, what, at)
		SELECT what FROM gone WHERE at > clock_timestamp() - interval '15 seconds' ORDER BY who`, text(box))
	if err != nil {
		return nil, fmt.Errorf("fetch letters: %w", err)
	}
	var out [][]byte
	for _, x := range all {
		out = append(out, x[0])
	}
	return out, nil
}
