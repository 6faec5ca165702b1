package floor

import (
	"fmt"
	"strings"
)

// Roles is what a pass may do; one link may carry several.
type Roles uint16

// The roles of a session. A participant has none of the others.
const (
	Participant Roles = 1 << iota
	Organiser
	Chair
	Venue // the on-site moderator (seed S16)
	Desk  // the online moderator (seed S18)
	Rapporteur
	Speaker
	Lane      // interpreter, captioner
	Hub       // one login with several named people
	Site      // the program itself
	Projector // a wall: looks, and gives no command
)

// Operators move the floor; Crew sees what calling needs and talks on the back channel.
const (
	Operators = Chair | Venue | Desk
	Crew      = Operators | Organiser | Rapporteur | Lane
	Anybody   = Crew | Participant | Speaker | Hub
)

var roleNames = []string{"participant", "organiser", "chair", "venue", "desk", "notes", "speaker", "lane", "hub", "site", "wall"}

// Has says whether any of the given roles is among these.
func (r Roles) Has(any Roles) bool { return r&any != 0 }

func (r Roles) String() string {
	var out []string
	for i, n := range roleNames {
		if r&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return strings.Join(out, " ")
}

// MarshalText writes the roles' names with blanks between.
func (r Roles) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads names with blanks between; an unknown one is an error.
func (r *Roles) UnmarshalText(b []byte) error {
	*r = 0
next:
	for _, w := range strings.Fields(string(b)) {
		for i, n := range roleNames {
			if w == n {
				*r |= 1 << i
				continue next
			}
		}
		return fmt.Errorf("unknown role %q", w)
	}
	return nil
}

// An Actor is who gives a command: the person of a pass and the pass's roles.
type Actor struct {
	Person ID
	Roles  Roles
}
