package sim

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"openmic/floor"
)

// A Span is a stretch from which a number is drawn evenly, s.
type Span [2]float64

// A Model says how people behave in each case.
type Model struct {
	Floor     float64 `json:"floorS"`     // how long the floor is open, s
	FirstCall float64 `json:"firstCallS"` // after the opening words, s: the stream's delay is waited for once
	Room      Span    `json:"roomDelayS"`
	Online    Span    `json:"onlineDelayS"` // how much later people online hear the same words
	Handover  Span    `json:"handoverS"`    // from the end of a turn to the next call
	Turn      Length  `json:"turnS"`
	Card      Span    `json:"cardS"`    // reading a card aloud
	Approve   Span    `json:"approveS"` // until the desk has looked at a card
	Cases     []Case  `json:"cases"`
}

// A Length is a turn's: log-normal around the median, never shorter or longer than the bounds, s.
type Length struct {
	Median float64 `json:"median"`
	Spread float64 `json:"spread"` // of the logarithm
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

// A Case is one pattern of arrivals.
type Case struct {
	Name     string  `json:"name"`
	About    string  `json:"about"`
	Groups   []Group `json:"groups"`
	Cut      *Span   `json:"cutS,omitempty"`     // from when to when the link is down
	Measured bool    `json:"measured,omitempty"` // gaps, lengths and patience are those of the real queues
}

// A Group is people who behave alike.
type Group struct {
	Name     string     `json:"name"` // what a story calls them
	Side     floor.Side `json:"side"`
	People   [2]int     `json:"people"`           // at least, at most
	Opening  float64    `json:"opening"`          // share that reacts to the opening words; the others come evenly until Until
	Think    float64    `json:"thinkS"`           // mean time from hearing the words to asking, s
	Until    float64    `json:"untilS"`           // s
	Delay    *Span      `json:"delayS,omitempty"` // instead of the side's: people who wait for no words
	Turn     *Length    `json:"turnS,omitempty"`  // instead of everybody's
	Cards    float64    `json:"cards,omitempty"`  // share of asks that are cards
	GivesUp  float64    `json:"givesUp"`          // share of asks whose person does not wait for ever
	Patience Span       `json:"patienceS"`
	Again    float64    `json:"again"` // chance to ask again after a turn
	Pause    Span       `json:"pauseS"`
}

// A Measured is what was read off real queues: deciles from 0 to 100 %, s, and shares.
type Measured struct {
	Sessions  int         `json:"sessions"`
	Asks      int         `json:"asks"`
	Turns     int         `json:"turns"` // from the turn files
	Gap       [11]float64 `json:"gapS"`  // between the first asks of two people
	Hold      [11]float64 `json:"holdS"` // from call to call while somebody waited: turn and replies
	Turn      [11]float64 `json:"turnS"`
	Patience  [11]float64 `json:"patienceS"`
	Idle      [11]float64 `json:"idleS"`  // until the call, for who asks when nobody waits: somebody presents or answers
	Pause     [11]float64 `json:"pauseS"` // from being called to asking again
	Wait      [11]float64 `json:"waitS"`  // from asking to being called: not used, only compared with
	Withdrawn float64     `json:"withdrawn"`
	Again     float64     `json:"again"`
	Never     float64     `json:"never"` // neither called nor withdrawn: not used, only compared with
}

//go:embed model.json
var modelBytes []byte

//go:embed measured.json
var measuredBytes []byte

// TheModel is the committed arrival model.
func TheModel() *Model {
	m, err := ReadModel(bytes.NewReader(modelBytes))
	if err != nil {
		panic(err) // the committed file; a test reads it
	}
	return m
}

// TheMeasured is what was fitted to the real queues.
func TheMeasured() *Measured {
	var m Measured
	if err := strictly(bytes.NewReader(measuredBytes), &m); err != nil {
		panic(err)
	}
	return &m
}

func strictly(r io.Reader, v any) error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// ReadModel reads an arrival model; its errors name what does not fit.
func ReadModel(r io.Reader) (*Model, error) {
	var m Model
	if err := strictly(io.LimitReader(r, 1<<20), &m); err != nil {
		return nil, fmt.Errorf("arrival model: %w", err)
	}
	if m.Floor < 1 || m.Floor > 4*3600 {
		return nil, fmt.Errorf("arrival model: floorS is %v, not between 1 and 14400", m.Floor)
	}
	if m.Turn.Median <= 0 || m.Turn.Least < 1 || m.Turn.Most < m.Turn.Least {
		return nil, fmt.Errorf("arrival model: turnS is %+v", m.Turn)
	}
	if len(m.Cases) == 0 {
		return nil, fmt.Errorf("arrival model: it has no case")
	}
	for _, c := range m.Cases {
		people := 0
		for _, g := range c.Groups {
			if g.People[0] < 0 || g.People[1] < g.People[0] || g.People[1] > 500 {
				return nil, fmt.Errorf("arrival model: case %s: group %s has %v people; from 0 to 500 fit", c.Name, g.Name, g.People)
			}
			people += g.People[1]
			if !share(g.Opening) || !share(g.Cards) || !share(g.GivesUp) || !share(g.Again) {
				return nil, fmt.Errorf("arrival model: case %s: group %s has a share that is not between 0 and 1", c.Name, g.Name)
			}
			if g.Until < 0 || g.Think < 0 || g.Pause[0] < 0 || g.Patience[0] < 0 {
				return nil, fmt.Errorf("arrival model: case %s: group %s has a time before 0", c.Name, g.Name)
			}
		}
		if people == 0 {
			return nil, fmt.Errorf("arrival model: nobody comes to case %s", c.Name)
		}
	}
	return &m, nil
}

func share(v float64) bool { return v >= 0 && v <= 1 }

// Case finds a case by its name; nil when there is none.
func (m *Model) Case(name string) *Case {
	if i := slices.IndexFunc(m.Cases, func(c Case) bool { return c.Name == name }); i >= 0 {
		return &m.Cases[i]
	}
	return nil
}

// Names lists the cases.
func (m *Model) Names() []string {
	var out []string
	for _, c := range m.Cases {
		out = append(out, c.Name)
	}
	return out
}
