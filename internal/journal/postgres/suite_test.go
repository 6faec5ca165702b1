package postgres

import (
	"context"
	"log/slog"
	"os"
	"testing"

	"openmic/internal/journal"
	"openmic/internal/journal/journaltest"
	"openmic/internal/journal/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestPromise(t *testing.T) {
	server := pgtest.Shared(t)
	journaltest.Run(t, func(t *testing.T) journaltest.Place {
		url := server.Database(t)
		return journaltest.Place{Open: func() (journal.Store, error) { return Open(context.Background(), url, quiet()) }}
	})
}
