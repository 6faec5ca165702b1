package line

import (
	"strings"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/web/hall/halltest"
)

// A card written after the session may be taken back until day 7; then it has not been reached, and says so.
func TestALateCardEnds(t *testing.T) {
	s := halltest.New(t, Screen)
	s.Plan(t, halltest.Workshop)
	chair := s.Crew(t, floor.Chair, floor.Room, "Chair")
	ana := s.Join(t, floor.Online, "Ana", floor.Groups[0])
	s.Do(t, chair, &floor.Open{})
	s.Do(t, chair, &floor.Adjourn{})
	s.Do(t, ana, &floor.Write{Text: "Who repairs the mast?"})
	s.Wait(7*24*time.Hour - time.Second)
	if page := s.Show(t, Screen, ana, "en"); !strings.Contains(page, "Received for the report.") || !strings.Contains(page, `value="withdraw"`) {
		t.Error("before the end the card is not open", page)
	}
	s.Wait(2 * time.Second)
	page := s.Show(t, Screen, ana, "en")
	if !strings.Contains(page, "no longer taken") || strings.Contains(page, "Received for the report.") {
		t.Error("after day 7 the card has no end")
	}
	for _, gone := range []string{`value="withdraw"`, `value="write"`, "?edit="} {
		if strings.Contains(page, gone) {
			t.Errorf("after day 7 the page still offers %s", gone)
		}
	}
}
