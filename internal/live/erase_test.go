package live

import (
	"context"
	"errors"
	"testing"

	"openmic/floor"
	"openmic/internal/journal/journaltest"
)

// left are the texts of a house's journal that are on disk.
func (h *house) left() map[string]bool {
	h.t.Helper()
	_, addenda, err := h.Store.Read(context.Background(), info.Name, 1, 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	out := map[string]bool{}
	for _, a := range addenda {
		out[a.Text] = true
	}
	return out
}

// Sita takes her words back while the disk does not erase. She is not told that they are gone; the same press again,
// once the disk does, says so and is true.
func TestEraseOnABadDisk(t *testing.T) {
	h := enter(t)
	h.begin()
	h.breaks = func(call string) journaltest.Fault {
		if call == "Erase" {
			return journaltest.Refused
		}
		return journaltest.None
	}
	gone := Command{"gone", self("sita"), &floor.Erase{}}
	for range 2 {
		if _, err := h.Do(context.Background(), gone); !errors.Is(err, ErrUnknown) {
			t.Fatalf("with a disk that does not erase, sita was told %v", err)
		}
	}
	if !h.left()["about sita"] {
		t.Fatal("the words are gone: nothing was tried")
	}
	h.breaks = nil
	if _, err := h.Do(context.Background(), gone); err != nil {
		t.Fatal(err)
	}
	if l := h.left(); l["about sita"] || l["sita"] || !l["about ana"] {
		t.Errorf("left are %v", l)
	}
	if v := h.View(); v.Say("abc7/name") == "sita" || len(h.owed) > 0 {
		t.Error("the words are still in memory")
	}
	h.agrees()
}

// The program ends between the fact and the erasing. The next start erases, before anybody looks.
func TestEraseAfterACrash(t *testing.T) {
	h := enter(t)
	h.begin()
	h.breaks = func(call string) journaltest.Fault {
		if call == "Erase" {
			return journaltest.Refused
		}
		return journaltest.None
	}
	if _, err := h.press(self("sita"), &floor.Erase{}); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
	h.crash()
	h.breaks = nil
	h.open()
	if l := h.left(); l["about sita"] || !l["about ana"] {
		t.Errorf("left are %v", l)
	}
	// What she says from now on is new, and stays over a start.
	name := "Sita again"
	h.must(self("sita"), &floor.Describe{Description: floor.Description{Name: &name, Preset: "name"}})
	h.crash()
	h.open()
	if l := h.left(); !l[name] {
		t.Errorf("what sita said afterwards is gone: %v", l)
	}
}
