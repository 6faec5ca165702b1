package link

import (
	"encoding/json"
	"errors"
	"fmt"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/live"
)

// Limits of what travels.
const (
	maxPush  = 256 << 10 // bytes of entries and words in one push
	maxCount = 500       // entries in one push
	maxBody  = 4 << 20   // bytes of a request or of one line of the stream; larger is no message
)

// message is one line of the stream, or the body of a push. Only what is filled in counts.
type message struct {
	Signed string           `json:"signed,omitempty"` // the hub's answer to the venue's challenge
	Ask    string           `json:"ask,omitempty"`    // the hub's challenge, for this connection's pushes
	At     int64            `json:"at"`               // session time, ms
	Have   map[string]int64 `json:"have,omitempty"`   // heights of the sender's journals, by name
	// Unstored: what came last could not be stored here, so that nothing of the other counts as heard.
	Unstored bool     `json:"unstored,omitempty"`
	More     bool     `json:"more,omitempty"`    // more entries follow at once
	Batches  []Batch  `json:"batches,omitempty"` //
	Passes   []Pass   `json:"passes,omitempty"`  // changed since the last that were sent
	Door     *Door    `json:"door,omitempty"`    // the room's, as it is at the sender
	Sealed   sealed   `json:"sealed,omitzero"`   // which checkpoints the sender keeps; nil: it takes none
	Seals    []string `json:"seals,omitempty"`   // checkpoints that the other lacks
	Wish     *wish    `json:"wish,omitempty"`    // please do
	Done     []done   `json:"done,omitempty"`    // answers to wishes
	Over     string   `json:"over,omitempty"`    // why there will be no more: revoked, stranger, fork, lost, ahead, full
}

// A Batch is entries of one journal on their way, with their words.
type Batch struct {
	Journal string     `json:"journal"`
	From    int64      `json:"from"` // number of the first entry
	Entries []string   `json:"entries"`
	Addenda []Addendum `json:"addenda,omitempty"`
}

// An Addendum is the words of one field of an entry on their way.
type Addendum struct {
	N     int64  `json:"n"`
	Field string `json:"field"`
	Nonce []byte `json:"nonce"`
	Text  string `json:"text"`
}

// A Pass is what lets a person in, as both sites keep it. The secret itself never travels.
type Pass struct {
	Hash    []byte `json:"hash"`
	ID      string `json:"id"`
	Label   string `json:"label"`
	Revoked bool   `json:"revoked,omitempty"`
}

// wish is a command for the site that holds the gavel.
type wish struct {
	ID      int64           `json:"id"` // of this wish, on this connection
	Command string          `json:"command"`
	Person  floor.ID        `json:"person"`
	Roles   floor.Roles     `json:"roles"`
	Do      string          `json:"do"`
	Body    json.RawMessage `json:"body"`
}

// done answers a wish.
type done struct {
	ID     int64       `json:"id"`
	Answer live.Answer `json:"answer"`
	Seen   floor.Seen  `json:"seen"` // the answer is in this journal, up to this entry
	Kind   string      `json:"kind,omitempty"`
	Field  string      `json:"field,omitempty"`
	N      int64       `json:"n,omitempty"`
	Error  string      `json:"error,omitempty"` // refused, bad, notallowed, notnow, unknown
}

func newWish(id int64, c live.Command) (*wish, error) {
	body, err := json.Marshal(c.Do)
	if err != nil {
		return nil, fmt.Errorf("write command: %w", err)
	}
	return &wish{id, c.ID, c.Actor.Person, c.Actor.Roles, floor.CommandName(c.Do), body}, nil
}

func (w *wish) command() (live.Command, error) {
	do, ok := floor.NewCommand(w.Do)
	if !ok || !floor.OnMain(do) && w.Do != "change" {
		return live.Command{}, fmt.Errorf("no command of the main floor: %q", w.Do)
	}
	if err := json.Unmarshal(w.Body, do); err != nil {
		return live.Command{}, fmt.Errorf("command %s: %w", w.Do, err)
	}
	// The program itself acts at its own site only.
	return live.Command{ID: w.Command, Actor: floor.Actor{Person: w.Person, Roles: w.Roles &^ floor.Site}, Do: do}, nil
}

// fail writes an error so that it can be told at the other site.
func (d *done) fail(err error) {
	var no *floor.Refusal
	var bad *floor.BadInput
	switch {
	case errors.As(err, &no):
		d.Error, d.Kind, d.N = "refused", no.Kind, no.N
	case errors.As(err, &bad):
		d.Error, d.Kind, d.Field, d.N = "bad", bad.Kind, bad.Field, bad.N
	case errors.Is(err, floor.ErrNotAllowed):
		d.Error = "notallowed"
	case errors.Is(err, live.ErrNotNow), errors.Is(err, live.ErrFailed):
		d.Error = "notnow"
	default:
		d.Error = "unknown"
	}
}

func (d *done) err() error {
	switch d.Error {
	case "":
		return nil
	case "refused":
		return &floor.Refusal{Kind: d.Kind, N: d.N}
	case "bad":
		return &floor.BadInput{Field: d.Field, Kind: d.Kind, N: d.N}
	case "notallowed":
		return floor.ErrNotAllowed
	case "notnow":
		return live.ErrNotNow
	}
	return live.ErrUnknown
}

// Foreign is the batch as live takes it.
func (b *Batch) Foreign() live.Foreign {
	f := live.Foreign{Name: journal.Name(b.Journal)}
	for i, e := range b.Entries {
		f.Entries = append(f.Entries, journal.NewEntry(b.From+int64(i), []byte(e)))
	}
	for _, a := range b.Addenda {
		f.Addenda = append(f.Addenda, journal.Addendum{N: a.N, Field: a.Field, Nonce: a.Nonce, Text: a.Text})
	}
	return f
}
