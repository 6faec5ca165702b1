// Package guest is a program that takes part in a session over HTTP, as docs/wire.md says: it knocks at a door or
// comes by a personal link, gives commands, and watches. Demo, rehearsals, benchmarks and tests act through it, so that
// they see what everybody sees.
//
// A command whose answer is unknown is sent again with the same id, which is safe; everything else is answered as it
// came. Nothing here knows the rules.
package guest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"openmic/floor"
)

// A Guest acts with one pass.
type Guest struct {
	Server string       `json:"-"`    // scheme and host
	Path   string       `json:"path"` // of the pass, /s/{session}/p/{pass}/
	Secret string       `json:"secret"`
	Person floor.ID     `json:"person"`
	HTTP   *http.Client `json:"-"`
}

// An Answer is what the server said to a command.
type Answer struct {
	Status  int               `json:"-"`
	Say     string            `json:"say"`
	Refused string            `json:"refused"`
	Fields  map[string]string `json:"fields"`
	Version int64             `json:"version"`
	Made    []struct {
		Kind string   `json:"kind"`
		ID   floor.ID `json:"id"`
	} `json:"made"`
}

// Accepted: the command is on disk.
func (a Answer) Accepted() bool { return a.Status == http.StatusOK }

// Of gives the ID of the first entry of a kind that the command made, empty when there is none.
func (a Answer) Of(kind string) floor.ID {
	for _, m := range a.Made {
		if m.Kind == kind {
			return m.ID
		}
	}
	return ""
}

// Knock joins at a door, such as http://host/s/{session}/online.
func Knock(ctx context.Context, c *http.Client, door string, fields map[string]any) (*Guest, Answer, error) {
	u, err := url.Parse(door)
	if err != nil {
		return nil, Answer{}, err
	}
	var in struct {
		Answer
		Secret, Base string
		Person       floor.ID
	}
	status, err := post(ctx, c, door, "", fields, &in)
	if err != nil {
		return nil, Answer{}, err
	}
	in.Status = status
	if !in.Accepted() {
		return nil, in.Answer, nil
	}
	return &Guest{Server: u.Scheme + "://" + u.Host, Path: in.Base, Secret: in.Secret, Person: in.Person, HTTP: c}, in.Answer, nil
}

// Come takes a personal link, such as http://host/s/{session}/in#id.secret.
func Come(c *http.Client, link string) (*Guest, error) {
	u, err := url.Parse(link)
	if err != nil {
		return nil, err
	}
	id, _, ok := strings.Cut(u.Fragment, ".")
	if !ok {
		return nil, fmt.Errorf("%s is not a personal link", link)
	}
	return &Guest{Server: u.Scheme + "://" + u.Host, Path: strings.TrimSuffix(u.Path, "in") + "p/" + id + "/", Secret: u.Fragment, HTTP: c}, nil
}

// ID is a fresh id of a press.
func ID() string { return rand.Text() }

// Do gives a command. Without a field "id" it gets a fresh one. An answer that did not arrive is asked for again with
// the same id until ctx ends.
func (g *Guest) Do(ctx context.Context, fields map[string]any) (Answer, error) {
	if fields["id"] == nil {
		fields["id"] = ID()
	}
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		var a Answer
		status, err := post(ctx, g.HTTP, g.Server+g.Path+"do", g.Secret, fields, &a)
		a.Status = status
		again := err != nil || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout || status == http.StatusTooManyRequests
		if !again {
			return a, nil
		}
		select {
		case <-ctx.Done():
			return a, errors.Join(ctx.Err(), err)
		case <-time.After(wait):
		}
	}
}

// Get fetches a screen of the pass.
func (g *Guest) Get(ctx context.Context, screen string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.Server+g.Path+screen, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+g.Secret)
	return g.HTTP.Do(req)
}

// post sends JSON and reads JSON. An error means that no answer arrived.
func post(ctx context.Context, c *http.Client, to, secret string, fields map[string]any, into any) (int, error) {
	b, err := json.Marshal(fields)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(b))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	res, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return 0, err
	}
	if err := json.Unmarshal(body, into); err != nil && res.StatusCode == http.StatusOK {
		return 0, fmt.Errorf("answer of %s: %w", to, err)
	}
	return res.StatusCode, nil
}
