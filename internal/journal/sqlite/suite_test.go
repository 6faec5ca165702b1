package sqlite

import (
	"testing"

	"openmic/internal/journal"
	"openmic/internal/journal/journaltest"
)

func TestPromise(t *testing.T) {
	journaltest.Run(t, func(t *testing.T) journaltest.Place {
		folder := t.TempDir()
		return journaltest.Place{
			Folder: folder,
			Open:   func() (journal.Store, error) { return Open(folder) },
		}
	})
}
