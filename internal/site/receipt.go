package site

import (
	"context"
	"fmt"

	"openmic/internal/journal"
	"openmic/record"
)

// receipt signs that entry n is in a journal. It reads the entry from disk: what is signed was kept. It writes nothing.
func (s *Site) receipt(ctx context.Context, name journal.Name, n int64) (*record.Receipt, []byte, error) {
	entries, _, err := s.db.Read(ctx, name, n, 1)
	if err != nil {
		return nil, nil, fmt.Errorf("read entry %d: %w", n, err)
	}
	if len(entries) != 1 || entries[0].N != n {
		return nil, nil, fmt.Errorf("journal %s has no entry %d", name, n)
	}
	return record.SignReceipt(entries[0].Bytes, s.key.sign)
}
