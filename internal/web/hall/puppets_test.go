package hall_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/hall/halltest"
	"openmic/internal/words"
)

func knock(s *halltest.Stage, device string, side floor.Side, name string) (hall.Pass, error) {
	pass, _, err := s.Hall.Join(context.Background(), device, "", &floor.Join{Side: side, Description: floor.Description{Name: &name, Preset: "name"}})
	return pass, err
}

// Whoever throws the device's cookie away does not escape the guard against puppets: all of them together count as a
// hundred devices. An organiser who lets more programs in raises the number.
func TestPeopleWithoutADeviceCountTogether(t *testing.T) {
	s := halltest.New(t)
	admitted := func() (n int) {
		for _, p := range s.Session.View().People {
			if p.Admitted {
				n++
			}
		}
		return n
	}
	most := s.Session.View().Settings.LinkPeople * 100
	for i := range most + 5 {
		if _, err := knock(s, "", floor.Online, "Puppet "+strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	if n, at := admitted(), s.Session.View().Settings; n != most || !at.ApprovePeople {
		t.Errorf("%d people without a device are in; the desk is asked: %v", n, at.ApprovePeople)
	}
	s = halltest.New(t)
	many := 5000
	s.Do(t, s.Pass(t, floor.Organiser, ""), &floor.Change{LinkPeople: &many, LinkAsks: &many})
	for i := range most + 20 {
		if _, err := knock(s, "", floor.Online, "Program "+strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := admitted(); n != most+20 {
		t.Errorf("%d programs are in after the organiser said so", n)
	}
}

// A crowd from afar that presses "join" without end keeps nobody in the room from joining; and what no door takes does
// not crowd it.
func TestACrowdFromAfarLeavesTheRoomsDoorFree(t *testing.T) {
	s := halltest.New(t)
	for range 2000 {
		if _, err := knock(s, "d", floor.Room, strings.Repeat("too long a name ", 6)); err == nil {
			t.Fatal("too long a name is taken")
		}
	}
	var crowded error
	for i := 0; crowded == nil && i < 2000; i++ {
		_, crowded = knock(s, "d", floor.Online, "")
	}
	if !errors.Is(crowded, hall.ErrTooFast) {
		t.Errorf("the crowd is answered %v", crowded)
	}
	if _, err := knock(s, "mele", floor.Room, "Mele"); err != nil {
		t.Errorf("whoever stands in the room is answered %v", err)
	}
}

// What may stand beside a name on the wall is seen by the crew first, like the name.
func TestTheWallShowsNoOrganisationThatNobodySaw(t *testing.T) {
	s := halltest.New(t)
	p := s.Join(t, floor.Online, "Mallory", "civil")
	s.Do(t, s.Crew(t, floor.Desk, floor.Room, "Dina"), &floor.Admit{})
	org := "Some rude words"
	s.Do(t, p, &floor.Describe{Description: floor.Description{Org: &org, Detail: true, Screen: floor.Name | floor.Org}})
	if who := s.Look(words.Match("", "en")).OnWall(p.Person); who != "a participant online" {
		t.Errorf("the wall says %q", who)
	}
}
