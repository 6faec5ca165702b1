package journal

import (
	"context"
	"errors"
	"time"
)

// What a store answers about things that lie beside the journals.
var (
	// ErrNoPass: no pass is known under that name.
	ErrNoPass = errors.New("no such pass")
	// ErrChanged: somebody else changed the setting meanwhile.
	ErrChanged = errors.New("the setting was changed meanwhile")
)

// Pass is the right to act, as a store remembers it. The secret itself is never stored.
type Pass struct {
	Hash    []byte // of the link's secret
	Session string
	ID      string // names the pass on screens; unique in its session
	Label   string // who and which roles, opaque here (JSON); erasable
	Revoked bool
	Created int64 // Unix milliseconds
}

// Beside is what a store keeps beside its journals: passes and small settings of the site.
type Beside interface {
	// Set keeps a small value, durably. No words of people: settings cannot be erased as addenda can.
	Set(ctx context.Context, key, value string) error
	// Change replaces a value that is still was, "" for one that is not there. Errors: ErrChanged, and those of writes.
	Change(ctx context.Context, key, was, value string) error
	// Get gives the value kept under key, false if there is none.
	Get(ctx context.Context, key string) (string, bool, error)

	// PutPass stores a pass, or replaces the one with the same hash; it does not lift a revocation. Errors: ErrBad
	// without a hash, ErrExists if another pass of the session has the ID, and those of writes.
	PutPass(ctx context.Context, p Pass) error
	// RevokePass takes one pass back, durably. Errors: ErrNoPass, and those of writes.
	RevokePass(ctx context.Context, session, id string) error
	// SpendPass is RevokePass for what is good once: it tells whether the pass was still good, and of several who spend it
	// at once it tells one so. Whoever did not hear the answer must not believe that it was.
	SpendPass(ctx context.Context, session, id string) (bool, error)
	// ErasePass revokes a pass and erases its label as Erase does. Errors: ErrNoPass, and those of writes.
	ErasePass(ctx context.Context, session, id string) error
	// Passes gives all passes of a session, the oldest first. One that was erased has no label.
	Passes(ctx context.Context, session string) ([]Pass, error)
}

// Shared is what a store brings that several programs use at once. What one of them changes the others hear of within
// a second, mostly within some milliseconds.
type Shared interface {
	// PassByID gives one pass of a session, false if there is none.
	PassByID(ctx context.Context, session, id string) (Pass, bool, error)
	// WatchPasses gives a channel that is woken when passes of a session may have changed; see Store.Watch.
	WatchPasses(ctx context.Context, session string) <-chan struct{}
	// WatchSetting does the same for one setting.
	WatchSetting(ctx context.Context, key string) <-chan struct{}

	// PutCheckpoint keeps a signed checkpoint of a journal's first size entries; one of the same signer that is there
	// already stays.
	PutCheckpoint(ctx context.Context, name Name, size int64, note []byte) error
	// Checkpoints gives all of a journal, the smallest first.
	Checkpoints(ctx context.Context, name Name) ([][]byte, error)

	// Tell replaces what a program tells the others about itself under a subject; it is forgotten after a while.
	Tell(ctx context.Context, subject, who string, what []byte) error
	// Told gives what the others told about a subject in the last 15 s.
	Told(ctx context.Context, subject, who string) ([][]byte, error)

	// Known gives what the programs know together about something, and how long ago that was written; nil when they know
	// nothing. Such knowledge is small, changes often, and may be gone after a crash of the store.
	Known(ctx context.Context, what string) (value []byte, ago time.Duration, err error)
	// Swap replaces it if it is still was, and says whether it was; was nil: whatever it is, value nil: by nothing. No two
	// values may be alike.
	Swap(ctx context.Context, what string, was, value []byte) (bool, error)
	// Post puts a letter into a box, and Fetch takes out those of the last 15 s. Each letter is taken once.
	Post(ctx context.Context, box string, letter []byte) error
	Fetch(ctx context.Context, box string) ([][]byte, error)
	// WatchBox gives a channel that is woken when there may be a letter; see Store.Watch.
	WatchBox(ctx context.Context, box string) <-chan struct{}

	// Clock is the one wall clock that all who share the store go by.
	Clock(ctx context.Context) (time.Time, error)
	// Promise says in one sentence what an acknowledged append rests on.
	Promise() string
}
