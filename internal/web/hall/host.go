package hall

import (
	"context"
	"io"

	"openmic/floor"
)

// A Listing is a session as the organiser's list shows it.
type Listing struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Created int64  `json:"created"` // Unix ms
	Ended   int64  `json:"ended"`   // Unix ms, 0 while it goes on
}

// An Invitee is somebody who gets a link of their own with the session.
type Invitee struct {
	Name   string      `json:"name"`
	Org    string      `json:"org"`
	Group  string      `json:"group"`  // key of a stakeholder group
	Region string      `json:"region"` // key of a regional group
	Roles  floor.Roles `json:"roles"`
	Side   floor.Side  `json:"side"`
}

// A Draft is all that makes a session.
type Draft struct {
	Plan   floor.Plan
	People []Invitee
}

// A Link is a personal way in. The secret is told once, when the link is made.
type Link struct {
	Label string      `json:"label"`
	Roles floor.Roles `json:"roles"`
	Path  string      `json:"path"` // /s/{session}/in#secret
}

// A Host keeps sessions.
type Host interface {
	// Sessions lists them, newest first.
	Sessions(ctx context.Context) ([]Listing, error)
	// Create makes a session with its people and gives their links. Errors are *floor.BadInput and live's.
	Create(ctx context.Context, d Draft) (id string, links []Link, err error)
	// Organiser finds the pass of the one who keeps this program, from its secret.
	Organiser(secret string) (*Pass, error)
	// Backup writes a copy of everything of one moment, one at a time: ErrTooFast for whoever wants another.
	Backup(ctx context.Context, w io.Writer) error
}

// Invite makes somebody a person of the session and gives their link. For somebody invited before, who has a person
// already, it makes a new link for the same person.
func (h *Hall) Invite(ctx context.Context, x Invitee, person floor.ID) (Link, error) {
	pass, secret, err := h.Passes.Give(ctx, Pass{Person: person, Roles: x.Roles, Label: x.Name})
	if err != nil {
		return Link{}, err
	}
	link := Link{Label: x.Name, Roles: x.Roles, Path: h.Base() + "in#" + secret}
	if h.Session.View().Person(pass.Person) != nil || x.Roles == floor.Projector {
		return link, nil
	}
	join := &floor.Join{Side: x.Side, Description: floor.Description{Name: &x.Name, Org: &x.Org, Group: &x.Group, Region: &x.Region, Preset: "group"}}
	_, err = h.Session.Do(ctx, command("join-"+pass.ID, floor.Actor{Person: pass.Person, Roles: x.Roles}, join))
	return link, err
}
