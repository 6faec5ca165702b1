package site_test

import (
	"bytes"
	"context"
	"sync/atomic"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// patience ends after it was asked for so many times.
type patience struct {
	context.Context
	left atomic.Int64
	over chan struct{}
}

func (p *patience) Done() <-chan struct{} {
	if p.left.Add(-1) < 0 {
		return p.over
	}
	return p.Context.Done()
}

func (p *patience) Err() error {
	if p.left.Load() < 0 {
		return context.Canceled
	}
	return nil
}

// Wherever an import breaks off, nothing of it is listed, and a repeat restores the session, also an hour later.
func TestAnImportThatBrokeOffIsRepeated(t *testing.T) {
	ctx := context.Background()
	st := newStage(t)
	st.discuss()
	var text bytes.Buffer
	if err := st.site.Export(ctx, st.hall.ID, &text); err != nil {
		t.Fatal(err)
	}
	entries := text.Bytes()[:bytes.LastIndex(text.Bytes(), []byte("end {"))]
	now := time.Date(2030, 3, 5, 10, 0, 0, 0, time.UTC)
	broken := 0
	for n := int64(0); ; n++ {
		if n > 1000 {
			t.Fatal("an import never ends")
		}
		there, err := site.Open(ctx, site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0", Now: func() time.Time { return now }}, quiet())
		if err != nil {
			t.Fatal(err)
		}
		p := &patience{Context: ctx, over: make(chan struct{})}
		close(p.over)
		p.left.Store(n)
		_, _, err = there.Import(p, bytes.NewReader(text.Bytes()))
		done := err == nil
		if !done {
			broken++
			if list, err := there.Sessions(ctx); err != nil || len(list) != 0 {
				t.Fatalf("after %v there is %v %v", err, list, err)
			}
			now = now.Add(time.Hour)
			var link hall.Link
			if _, link, err = there.Import(ctx, bytes.NewReader(text.Bytes())); err != nil || !link.Roles.Has(floor.Organiser) {
				t.Fatalf("the repeat: %v", err)
			}
		}
		var again bytes.Buffer
		if err := there.Export(ctx, st.hall.ID, &again); err != nil || !bytes.HasPrefix(again.Bytes(), entries) { // somebody was speaking: their turn goes on
			t.Fatalf("another session came out: %v", err)
		}
		if _, _, err := there.Import(ctx, bytes.NewReader(text.Bytes())); err == nil {
			t.Error("imported twice")
		}
		if list, err := there.Sessions(ctx); err != nil || len(list) != 1 {
			t.Errorf("listed: %v %v", list, err)
		}
		if err := there.Close(); err != nil {
			t.Fatal(err)
		}
		if done {
			break
		}
	}
	if broken < 4 {
		t.Errorf("it broke off at %d places only", broken)
	}
	t.Logf("broken off at %d places", broken)
}
