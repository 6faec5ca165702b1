package floor

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Moment is what a command needs of the world: when it is decided and which entry comes next.
type Moment struct {
	At    int64      // session time, ms
	Wall  int64      // wall clock, Unix ms; a label
	Tag   string     // tag of the journal that will be written
	N     int64      // number of its next entry
	Heard map[ID]int // for each waiting ticket, how often its group was heard; only when the session asks for it
}

// id names what the i-th event of this command creates.
func (m Moment) id(i int) ID { return ID(fmt.Sprintf("%s%d", m.Tag, m.N+int64(i))) }

// A Command is a wish of a person. It is a plain struct whose JSON is documented in docs/wire.md.
type Command interface {
	// may lists the roles of which one is needed.
	may() Roles
	decide(s *State, m Moment, by Actor) ([]Event, error)
}

// A Refusal is a rule that says no. Kind names the sentence in the catalogue (refusal.<kind>), the rest fills it in.
type Refusal struct {
	Kind string
	N    int64
}

func (r *Refusal) Error() string { return "refused: " + r.Kind }

func refuse(kind string, n ...int64) error {
	r := &Refusal{Kind: kind}
	if len(n) > 0 {
		r.N = n[0]
	}
	return r
}

// A BadInput is a field that cannot be taken as it is. Kind names the sentence (bad.<kind>), N the limit it speaks of.
type BadInput struct {
	Field string
	Kind  string
	N     int64
}

func (b *BadInput) Error() string { return "bad input: " + b.Field + ": " + b.Kind }

// ErrNotAllowed is the refusal of a pass that lacks the role.
var ErrNotAllowed = errors.New("this pass may not do that")

// Decide answers a command: the events it causes, or why not. The State is only read. Its errors are *Refusal,
// *BadInput and ErrNotAllowed.
func Decide(s *State, m Moment, by Actor, c Command) ([]Event, error) {
	if !by.Roles.Has(c.may()) {
		return nil, ErrNotAllowed
	}
	if !s.Holds(m.Tag) && OnMain(c) {
		return nil, refuse("gavel")
	}
	if s.Adjourned >= 0 {
		if _, ok := c.(afterwards); !ok {
			return nil, refuse("ended")
		}
	}
	return meant(c, s.also).decide(s, m, by)
}

// afterwards marks the commands that are taken once the session has ended.
type afterwards interface{ afterwards() }

// May lists the roles of which one is needed to give the command of this name; 0 when there is no such command.
func May(name string) Roles {
	c, ok := NewCommand(name)
	if !ok {
		return 0
	}
	return c.may()
}

var commands = map[string]reflect.Type{}

// command registers a verb; its name is the JSON name of docs/wire.md.
func command(name string, c Command) struct{} {
	commands[name] = reflect.TypeOf(c).Elem()
	return struct{}{}
}

// NewCommand gives an empty command to decode into.
func NewCommand(name string) (Command, bool) {
	t, ok := commands[name]
	if !ok {
		return nil, false
	}
	return reflect.New(t).Interface().(Command), true
}

// CommandName is the name under which a command is registered.
func CommandName(c Command) string {
	t := reflect.TypeOf(c).Elem()
	for n, r := range commands {
		if r == t {
			return n
		}
	}
	return ""
}

// Commands lists every verb, sorted.
func Commands() []string {
	var out []string
	for n := range commands {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Longest texts, in letters.
const (
	LongName = 80
	LongLine = 200
	LongCard = 1500
	LongText = 8000
)

// text tidies what a person typed: no control signs, no blanks around; too long is bad input.
func text(field, v string, longest int) (string, error) {
	if !utf8.ValidString(v) {
		return "", &BadInput{field, "letters", 0}
	}
	v = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\r' || r == 0x2028 || r == 0x2029: // these two part lines where nobody looks for it
			return ' '
		case r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == 0xfeff:
			return -1
		case r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069: // would turn the text around it
			return -1
		case r == 0x200b || r == 0x180e || r >= 0x2060 && r <= 0x2064 || r >= 0xfff9 && r <= 0xfffb || r >= 0xe0001 && r <= 0xe007f:
			return -1 // nobody sees them, and a name of nothing else would be a blank on the wall
		}
		return r
	}, v)
	v = strings.TrimSpace(v)
	if utf8.RuneCountInString(v) > longest {
		return "", &BadInput{field, "long", int64(longest)}
	}
	return v, nil
}

// line is text on one line.
func line(field, v string, longest int) (string, error) {
	v, err := text(field, v, longest)
	return strings.Join(strings.Fields(v), " "), err
}

// need is line that must not be empty.
func need(field, v string, longest int) (string, error) {
	v, err := line(field, v, longest)
	if err == nil && v == "" {
		err = &BadInput{field, "empty", 0}
	}
	return v, err
}

// opaque checks an identifier that a client chose.
func opaque(field, v string) error { return opaqueTo(field, v, 64) }

func opaqueTo(field, v string, longest int) error {
	if len(v) > longest {
		return &BadInput{field, "long", int64(longest)}
	}
	for _, r := range v {
		if r < '!' || r > '~' || r == '"' || r == '\\' {
			return &BadInput{field, "letters", 0}
		}
	}
	return nil
}

// actsFor: the actor is the person, or the hub they sit in, or one of the crew who operate the floor.
func (s *State) actsFor(by Actor, person ID) bool {
	if by.Roles.Has(Operators) || by.Person == person {
		return true
	}
	p := s.Person(person)
	return p != nil && by.Person != "" && p.Hub == by.Person
}
