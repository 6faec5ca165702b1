package ready

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// A Step is one thing a rehearsal does, and what came of it.
type Step struct {
	Say string // key of its sentence
	OK  bool
	Why string // what went wrong, empty when nothing did
}

// scratch is a session of its own in memory: the same rules and dials, no journal, nobody watching.
type scratch struct {
	*floor.State
	n int64
}

// do gives a command and applies what it decides.
func (s *scratch) do(by floor.Actor, c floor.Command) error {
	m := floor.Moment{At: s.n * 1000, Wall: s.n * 1000, Tag: "r", N: s.n + 1}
	events, err := floor.Decide(s.State, m, by, c)
	if err != nil {
		return err
	}
	for i, ev := range events {
		s.apply(ev, floor.Stamp{At: m.At, Count: int64(i), Site: "r"}, by)
	}
	return nil
}

func (s *scratch) apply(ev floor.Event, at floor.Stamp, by floor.Actor) {
	s.n++
	e := &floor.Entry{Journal: "rehearsal-r", N: s.n, Stamp: at, By: by.Person, Event: ev}
	floor.Seal(e, func() []byte { return make([]byte, 16) })
	s.Apply(e)
}

// errOtherwise: the rules did something else than they should.
var errOtherwise = errors.New("the rule did something else")

// Rehearse runs one ask online and one walk-up from the place in line to the end of the turn, through the rules and dials
// of this session but in a session of its own that is forgotten at once. Then it asks the store whether it holds what the
// screens show. The steps after one that failed are not tried; the error is that step's.
func Rehearse(ctx context.Context, h *hall.Hall) ([]Step, error) {
	view := h.Session.View()
	s := &scratch{State: floor.New()}
	crew := floor.Actor{Person: "r-crew", Roles: floor.Operators | floor.Organiser}
	guest := floor.Actor{Person: "r-guest", Roles: floor.Participant}
	s.apply(&floor.Created{Session: "rehearsal", Rule: view.Rule, Settings: view.Settings}, floor.Stamp{Site: "r"}, crew)
	name := "…"
	var steps []Step
	for _, step := range []struct {
		say string
		do  []func() error
	}{
		{"ready.step-ask", []func() error{
			func() error {
				return s.do(crew, &floor.Plan{Title: name, Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 10}}})
			},
			func() error {
				return s.do(guest, &floor.Join{Side: floor.Online, Description: floor.Description{Name: &name, Preset: "name"}})
			},
			func() error { return s.do(guest, &floor.Ask{}) },
			func() error {
				if p := s.Person(guest.Person); p == nil || p.Admitted {
					return nil
				}
				return s.do(crew, &floor.Admit{})
			},
		}},
		{"ready.step-walkup", []func() error{func() error { return s.do(crew, &floor.Enter{Side: floor.Room, Mic: 1}) }}},
		{"ready.step-call", []func() error{
			func() error { return s.do(crew, &floor.Open{}) },
			func() error { return s.do(crew, &floor.Call{}) },
			func() error {
				if c := s.Call(); c == nil || c.Person != guest.Person || c.Why.Kind != floor.WhyOpening {
					return errOtherwise
				}
				return nil
			},
		}},
		{"ready.step-start", []func() error{func() error { return s.do(guest, &floor.Start{}) }}},
		{"ready.step-end", []func() error{
			func() error { return s.do(crew, &floor.Call{}) },
			func() error { return s.do(crew, &floor.End{}) },
			func() error {
				for i := range s.Tickets {
					if s.Tickets[i].End != floor.BySpeaking {
						return errOtherwise
					}
				}
				if len(s.Turns) != 2 || s.Frictions > 0 {
					return errOtherwise
				}
				return nil
			},
		}},
		{"ready.step-disk", []func() error{func() error { return h.Session.OnDisk(ctx) }}},
	} {
		for _, do := range step.do {
			if err := do(); err != nil {
				return append(steps, Step{step.say, false, err.Error()}), fmt.Errorf("%s: %w", step.say, err)
			}
		}
		steps = append(steps, Step{Say: step.say, OK: true})
	}
	return steps, nil
}

// ServeRehearse rehearses, and shows the screen with what came of it.
func ServeRehearse(h *hall.Hall, v *hall.Visit, w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	steps, err := Rehearse(ctx, h)
	if err != nil {
		h.Log.Warn("the rehearsal failed", "error", err)
	}
	if page.WantsJSON(r) {
		a := page.Answer{Say: v.Lang.Say("ready.rehearsed")}
		if err != nil {
			a = page.Answer{Say: v.Lang.Say("ready.rehearsal-failed"), Refused: "rehearsal"}
			return page.Reply(w, r, v.Lang, http.StatusConflict, a)
		}
		return page.Reply(w, r, v.Lang, http.StatusOK, a)
	}
	v.Screen = Screen
	d := look(ctx, v)
	d.Steps, d.Passed = steps, err == nil
	d.count()
	w.Header().Set("Cache-Control", "no-store")
	return Screen.Template.Show(w, r, http.StatusOK, d)
}

// answers asks the program over an address whether it is this very one.
func answers(ctx context.Context, address, boot string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/reach", nil)
	if err != nil {
		return false
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer w.Body.Close()
	told := make([]byte, len(boot)+1)
	n, _ := w.Body.Read(told) // the answer is one word; what is missing does not match
	return bytes.Equal(told[:n], []byte(boot))
}
