package panels

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/hall/halltest"
	"openmic/internal/words"
)

func look(s *halltest.Stage) *hall.Look { return s.Look(words.Match("", "en")) }

func TestTheLineSaysWhatKeepsAPlaceWaiting(t *testing.T) {
	s := halltest.New(t)
	s.Plan(t, halltest.Workshop)
	crew := s.Crew(t, floor.Operators, floor.Room, "Ana Silva")
	s.Do(t, crew, &floor.Open{})
	sita := s.Join(t, floor.Online, "Sita", "technical")
	s.Do(t, sita, &floor.Ask{})
	kofi := s.Join(t, floor.Online, "Kofi", "civil")
	s.Do(t, kofi, &floor.Write{Text: "Who mends the cable?"})
	mele := s.Join(t, floor.Room, "Mele", "civil")
	ask := s.Do(t, mele, &floor.Ask{})
	s.Do(t, mele, &floor.Park{Ticket: ask})
	var got []string
	for _, r := range LineOf(look(s)).First(floor.Room).Rows {
		got = append(got, r.Who+": "+r.Why)
	}
	if want := "Mele: parked; Sita: next; Kofi: card to approve"; strings.Join(got, "; ") != want {
		t.Errorf("the line says %s", strings.Join(got, "; "))
	}
	for range 45 {
		s.Do(t, crew, &floor.Enter{Side: floor.Room})
	}
	if l := LineOf(look(s)); len(l.Rows) != rows || l.More != 8 {
		t.Errorf("%d rows and %d more", len(l.Rows), l.More)
	}
}

func TestALateStartShowsWhatShrinks(t *testing.T) {
	s := halltest.New(t)
	s.Plan(t, halltest.Workshop)
	s.Wait(12 * time.Minute)
	d := TimeOf(look(s))
	if !d.KeepEnd || d.EndPlan != "15:30" || d.EndLong != "15:42" {
		t.Errorf("%+v", d)
	}
	left := map[string]int64{}
	for _, g := range d.Segments {
		left[g.Title] = g.Left / 60_000
	}
	if left["Open discussion"] != 40 || left["Panel"]+left["Closing"] != 38 {
		t.Errorf("left are %v", left)
	}
	s.Wait(3 * time.Hour)
	if d := TimeOf(look(s)); d.KeepEnd {
		t.Error("an end that has passed is kept")
	}
}

func TestAWalkUpCanBeTakenBack(t *testing.T) {
	s := halltest.New(t)
	crew := s.Crew(t, floor.Operators, floor.Room, "Ana Silva")
	s.Do(t, crew, &floor.Enter{Side: floor.Room, Name: "Mele", Mic: 4})
	s.Do(t, crew, &floor.Enter{Side: floor.Online, Name: "Sita"})
	e := EnterOf(look(s), true, false)
	if len(e.Mics) != 4 || len(e.Last) != 1 || e.Last[0].Who != "Mele" {
		t.Errorf("%+v", e)
	}
	s.Do(t, crew, &floor.Withdraw{Ticket: e.Last[0].Ticket})
	if e := EnterOf(look(s), true, true); len(e.Last) != 1 || e.Last[0].Who != "Sita" {
		t.Errorf("%+v", e.Last)
	}
}

func TestACallCountsFromTheMomentTheyWereAskedToUnmute(t *testing.T) {
	s := halltest.New(t)
	s.Plan(t, halltest.Workshop)
	crew := s.Crew(t, floor.Operators, floor.Room, "Ana Silva")
	s.Wait(time.Second)
	s.Do(t, crew, &floor.Open{})
	s.Do(t, s.Join(t, floor.Online, "Sita", "technical"), &floor.Ask{})
	s.Do(t, crew, &floor.Call{})
	n := NowOf(look(s))
	if n.Stage != Calling || !n.Unmute || !n.Answer.IsZero() {
		t.Errorf("%+v", n)
	}
	s.Do(t, crew, &floor.Unmuted{Ticket: n.Ticket})
	if n = NowOf(look(s)); n.Unmute || n.Overdue || n.Answer.Sub(s.Now()) != 20*time.Second {
		t.Errorf("%+v", n)
	}
	s.Wait(21 * time.Second)
	if n = NowOf(look(s)); !n.Overdue {
		t.Errorf("%+v", n)
	}
}

func TestATurnEnteredAfterwardsIsMarked(t *testing.T) {
	s := halltest.New(t)
	s.Plan(t, halltest.Workshop)
	crew := s.Crew(t, floor.Operators, floor.Room, "Ana Silva")
	s.Do(t, crew, &floor.Open{})
	s.Wait(10 * time.Minute)
	long := int64(60_000)
	s.Do(t, crew, &floor.Correct{Kind: floor.Unplanned, Length: &long})
	d := TurnsOf(look(s))
	if len(d.Rows) != 1 || !d.Rows[0].Added || d.Rows[0].Known || d.Rows[0].Length != long {
		t.Errorf("%+v", d.Rows)
	}
	if b := BalanceOf(look(s)); b.Room.Turns != 1 || b.Room.Length != long {
		t.Errorf("%+v", b)
	}
}

func TestWhileSomebodyIsCalledTheScreenSaysWhoFollows(t *testing.T) {
	s := halltest.New(t)
	s.Plan(t, halltest.Workshop)
	crew := s.Crew(t, floor.Operators, floor.Room, "Ana Silva")
	s.Do(t, crew, &floor.Open{})
	for _, who := range []string{"Sita", "Kofi"} {
		s.Do(t, s.Join(t, floor.Online, who, "technical"), &floor.Ask{})
	}
	s.Do(t, s.Join(t, floor.Room, "Mele", "civil"), &floor.Ask{})
	s.Do(t, crew, &floor.Call{})
	if n := NextOf(look(s)); n.Who != "Mele" || n.Instead != "Kofi" {
		t.Errorf("while Sita is called, %s follows; without an answer %s is called", n.Who, n.Instead)
	}
	var order []string
	for _, r := range LineOf(look(s)).Rows {
		order = append(order, r.Who)
	}
	if strings.Join(order, " ") != "Mele Kofi" {
		t.Errorf("the line stands as %v", order)
	}
}

// A tour de table offers the panel first, then people of both sides, and counts those who no longer fit.
func TestATourOffersBothSides(t *testing.T) {
	s := halltest.New(t)
	s.Plan(t, halltest.Workshop)
	chair := s.Crew(t, floor.Chair, floor.Room, "Chair")
	s.Crew(t, floor.Speaker, floor.Online, "Amara")
	s.Do(t, chair, &floor.Open{})
	s.Join(t, floor.Room, "Sione", "civil")
	s.Join(t, floor.Online, "", "")
	for i := range rows + 2 {
		s.Join(t, floor.Online, fmt.Sprint("Guest ", i), "civil")
	}
	r := RoundsOf(look(s))
	var labels []string
	for _, c := range r.Table {
		labels = append(labels, c.Label)
	}
	all := strings.Join(labels, ", ")
	if !strings.HasPrefix(all, "Amara, Chair · room, Sione · room, Guest 0 · online") || strings.Contains(all, "unnamed") {
		t.Errorf("the table is %s", all)
	}
	if len(r.Table) != 3+rows || r.More != 2 {
		t.Errorf("%d stand in the table and %d do not", len(r.Table), r.More)
	}
}
