package site

import (
	"context"
	"errors"
)

// VenueOf gives the sessions of which this is the venue: those that came from a hub.
func (s *Site) VenueOf(ctx context.Context) ([]string, error) {
	list, err := s.Sessions(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, x := range list {
		switch _, err := s.way(ctx, x.ID); {
		case err == nil:
			out = append(out, x.ID)
		case !errors.Is(err, errNoWay):
			return out, err
		}
	}
	return out, nil
}
