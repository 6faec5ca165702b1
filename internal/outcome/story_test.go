package outcome

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"openmic/floor"
)

var rewrite = flag.Bool("rewrite", false, "fill in the answers in testdata")

// start is when the fictional session begins.
var start = time.Date(2031, 5, 20, 14, 0, 0, 0, time.FixedZone("", 9*60*60))

// story is a session told command by command, as a journal would hold it.
type story struct {
	*testing.T
	state *floor.State
	said  map[floor.Text]string
	at    time.Duration // since 14:00
	n     int64
}

func tell(t *testing.T) *story {
	s := &story{T: t, state: floor.New(), said: map[floor.Text]string{}}
	s.as("site", floor.Site, &floor.Create{Session: "example"})
	return s
}

// source is the session as reports read it.
func (s *story) source() Source {
	return Source{State: s.state, Words: func(t floor.Text) string { return s.said[t] },
		Wall: func(at int64) time.Time { return start.Add(time.Duration(at) * time.Millisecond) }, Now: start.Add(s.at)}
}

// to sets the time, in minutes and seconds since 14:00.
func (s *story) to(minute, second int) {
	s.at = time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
}

// as gives a command, and returns the ID of what its last entry created.
func (s *story) as(person floor.ID, roles floor.Roles, c floor.Command) floor.ID {
	s.Helper()
	m := floor.Moment{At: s.at.Milliseconds(), Wall: start.Add(s.at).UnixMilli(), Tag: "x", N: s.n + 1}
	events, err := floor.Decide(s.state, m, floor.Actor{Person: person, Roles: roles}, c)
	if err != nil {
		s.Fatalf("at %s %s: %v", s.at, floor.CommandName(c), err)
	}
	var id floor.ID
	for i, ev := range events {
		s.n++
		e := &floor.Entry{Journal: "example-x", N: s.n, Stamp: floor.Stamp{At: m.At, Count: int64(i), Site: "x"}, Wall: m.Wall, By: person, Event: ev}
		for _, a := range floor.Seal(e, func() []byte { return make([]byte, 16) }) {
			s.said[floor.Text(fmt.Sprintf("%s/%s", e.ID(), a.Field))] = a.Text
		}
		s.state.Apply(e)
		id = e.ID()
	}
	return id
}

func (s *story) chair(c floor.Command) floor.ID {
	s.Helper()
	return s.as("pchair", floor.Chair|floor.Venue, c)
}
func (s *story) notes(c floor.Command) floor.ID {
	s.Helper()
	return s.as("pnotes", floor.Rapporteur, c)
}
func (s *story) organiser(c floor.Command) floor.ID {
	s.Helper()
	return s.as("porg", floor.Organiser, c)
}

// joins lets somebody join: preset group, name or none; officials is what may be handed to officials.
func (s *story) joins(id floor.ID, side floor.Side, name, group, preset string, officials floor.Fields) floor.ID {
	s.Helper()
	d := floor.Description{Name: &name, Group: &group, Preset: preset}
	if officials != 0 {
		c, _ := floor.Preset(preset)
		d.Preset, d.Detail, d.Aloud, d.Screen, d.Report, d.Officials = "", true, c.Aloud, c.Screen, c.Report, officials
	}
	s.as(id, floor.Participant, &floor.Join{Side: side, Description: d})
	return id
}

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s is not as it was; go test -rewrite shows what changed:\n%s", path, got)
	}
}
