package site

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/link"
	"openmic/internal/live"
	"openmic/record"
)

// A venue's laptop is lost in a cut, and another goes on at once from a backup and the old key, without the hub. When the
// hub can be reached again, this one asks to be let in for the one that was lost: the old key has signed for the new one.
// The first that the hub hears is believed, and nobody else for that machine from then on.

// machine is one that goes on for another: its journal, and what the old key signed.
type machine struct {
	Journal string        `json:"journal"`
	After   floor.Succeed `json:"after"`
}

// replacing is what a venue says that goes on for one which was lost, and maybe for one before that.
type replacing struct {
	Machines []machine `json:"machines"` // the last is who asks
	Ask      string    `json:"ask"`      // what the hub gave to be signed
	Proof    []byte    `json:"proof"`    // over it, by the new key
}

func replaceText(ask, journal string) []byte {
	return fmt.Appendf(nil, "openmic replace\n%s\n%s\n", ask, journal)
}

// mostMachines is how many machines one venue may have lost before the hub hears of it.
const mostMachines = 6

// lacking says what a venue's session from a backup lacks to go on at once, in one sentence; empty when nothing, and then
// where its hub is.
func (s *Site) lacking(ctx context.Context, v *floor.State, own journal.Info, before *siteKey) (hub, lacks string, err error) {
	id := own.Session
	way, err := s.way(ctx, id)
	if err != nil && !errors.Is(err, errNoWay) {
		return "", "", err
	}
	whole, _, err := s.db.Get(ctx, "whole "+id)
	if err != nil {
		return "", "", err
	}
	i := slices.IndexFunc(v.Sites, func(i floor.SiteInfo) bool { return i.Journal == string(own.Name) })
	switch {
	case s.shared != nil:
		lacks = "a venue keeps its session in a data folder of its own, not in a database"
	case i < 0 || v.Heir(string(own.Name)) != string(own.Name):
		lacks = "this venue did not take part any more"
	case before == nil:
		lacks = "the file \"key\" of the lost laptop is not given (-key)"
	case v.Sites[i].Key != before.verify:
		lacks = "the key that is given is not the one with which this venue was let in"
	case way.URL == "":
		lacks = "the backup does not say where the hub is"
	case whole == "":
		lacks = "not all of the session had come from the hub"
	}
	return way.URL, lacks, nil
}

// forgetWays takes away what let the old folder's sessions in elsewhere. Who goes on for a venue keeps where the hub is;
// who waits keeps the hub's key, for the record.
func (s *Site) forgetWays(ctx context.Context, id string, goesOn bool) error {
	set := map[string]string{"joining ": "", "invite ": "", "way ": "", "whole ": ""} // a copy of a folder still has them
	way, _, err := s.db.Get(ctx, "way "+id)
	if err != nil {
		return err
	}
	if goesOn {
		set["way "], set["whole "] = withoutSecret(way), "yes"
	} else if way != "" {
		set["hub "] = withoutSecret(way) // with which key it signs: no journal says so
	}
	for k, v := range set {
		if err := s.db.Set(ctx, k+id, v); err != nil {
			return err
		}
	}
	return nil
}

// askToReplace lets this venue in for the machine that was lost. The errors are those of link.Place.
func (s *Site) askToReplace(ctx context.Context, session *live.Session, id string, way link.Way) (string, error) {
	chain, err := s.machines(ctx, session)
	if err != nil {
		return "", err
	}
	key, err := note.NewSigner(s.key.sign)
	if err != nil {
		return "", err
	}
	ask, err := toHub(ctx, way, nil)
	if err != nil {
		return "", err
	}
	r := replacing{Machines: chain, Ask: string(ask)}
	if r.Proof, err = key.Sign(replaceText(r.Ask, string(session.Name()))); err != nil {
		return "", err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	answer, err := toHub(ctx, way, body)
	if err != nil {
		return "", err
	}
	var j joined
	if err := json.Unmarshal(answer, &j); err != nil || j.Key != way.Key || j.Token == "" {
		return "", link.ErrNotHub
	}
	way.Secret = j.Token
	b, err := json.Marshal(way)
	if err != nil {
		return "", err
	}
	if err := s.db.Set(ctx, "way "+id, string(b)); err != nil {
		return "", err
	}
	return j.Token, nil
}

// machines are those that this session's venue went on for, the oldest first, and itself.
func (s *Site) machines(ctx context.Context, session *live.Session) (out []machine, err error) {
	for name := string(session.Name()); name != "" && len(out) <= mostMachines; {
		entries, _, err := s.db.Read(ctx, journal.Name(name), 1, 1)
		if err != nil {
			return nil, err
		}
		if len(entries) == 0 {
			break
		}
		e, err := floor.ParseEntry(entries[0].Bytes)
		if err != nil {
			return nil, err
		}
		ev, ok := e.Event.(*floor.Succeeded)
		if !ok {
			break
		}
		out = append(out, machine{name, floor.Succeed(*ev)})
		name = ev.Journal
	}
	slices.Reverse(out)
	return out, nil
}

// toHub gets what is to be signed, or, with a body, the answer to it.
func toHub(ctx context.Context, way link.Way, body []byte) ([]byte, error) {
	resp, answer, err := askHub(ctx, way.URL+"/replace", body)
	switch {
	case err != nil:
		return nil, err
	case resp.StatusCode == http.StatusOK:
		return answer, nil
	case resp.StatusCode == http.StatusForbidden:
		return nil, link.ErrRevoked
	case link.OtherRelease(resp):
		return nil, link.ErrRelease
	}
	for kind, err := range replaceErrors {
		if resp.StatusCode == http.StatusConflict && strings.TrimSpace(string(answer)) == kind {
			return nil, err
		}
	}
	return nil, fmt.Errorf("the hub answers %s", resp.Status)
}

// replaceErrors are the words with which the hub says no to whoever has the old key.
var replaceErrors = map[string]error{"replaced": link.ErrReplaced, "there": link.ErrThere, "fork": link.ErrFork, "full": link.ErrFull}

// serveReplace answers venues that go on for a lost one.
func (s *Site) serveReplace(w http.ResponseWriter, r *http.Request, id string) {
	w.Header().Set("Cache-Control", "no-store")
	if all, err := s.venues(r.Context(), id); err != nil || len(all) == 0 {
		link.Stranger(w)
		return
	}
	if r.Method == http.MethodGet {
		ask := ""
		key, err := note.NewSigner(s.key.sign)
		if err == nil {
			ask, err = link.Challenge(key, "replace\n"+id, s.now())
		}
		if err != nil {
			http.Error(w, "the key of this hub does not sign", http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, ask)
		return
	}
	var m replacing
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 32<<10)).Decode(&m); err != nil || r.Method != http.MethodPost {
		http.Error(w, "who goes on for a venue belongs here", http.StatusBadRequest)
		return
	}
	out, err := s.replaceVenue(r.Context(), id, m)
	for kind, no := range replaceErrors {
		if errors.Is(err, no) {
			s.log.Warn("a laptop that goes on for a venue was not let in", "session", id, "why", no)
			http.Error(w, kind, http.StatusConflict)
			return
		}
	}
	switch {
	case errors.Is(err, link.ErrRevoked):
		link.Stranger(w)
	case err != nil:
		s.log.Error("a venue was not let in", "session", id, "error", err)
		http.Error(w, "not now; try again", http.StatusServiceUnavailable)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(out)
	}
}

// replaceVenue lets a venue in for one that was lost. ErrRevoked for everybody without the key of a venue that is
// believed.
func (s *Site) replaceVenue(ctx context.Context, id string, m replacing) (*joined, error) {
	if len(m.Machines) == 0 || len(m.Machines) > mostMachines {
		return nil, link.ErrRevoked
	}
	now := m.Machines[len(m.Machines)-1]
	mine, err := note.NewSigner(s.key.sign)
	if err != nil {
		return nil, err
	}
	key, err := note.NewVerifier(now.After.Key)
	if err != nil || !link.Challenged(mine, "replace\n"+id, m.Ask, s.now()) || !key.Verify(replaceText(m.Ask, now.Journal), m.Proof) {
		return nil, link.ErrRevoked
	}
	all, err := s.venues(ctx, id)
	if err != nil {
		return nil, err
	}
	was, after := lastKnown(all, m.Machines)
	if was == nil || !follows(id, was.Key, was.Journal, after) {
		return nil, link.ErrRevoked
	}
	h, ok := s.Hall(id)
	if !ok {
		return nil, link.ErrRevoked
	}
	if err := s.fits(ctx, after[0].After); err != nil {
		return nil, err
	}
	e := s.there(id)
	if e == nil || e.hub == nil {
		return nil, link.ErrRevoked
	}
	if heard, err := e.hub.Hears(ctx, was.Journal); err != nil {
		return nil, err
	} else if heard && !was.Revoked {
		return nil, link.ErrThere
	}
	next := link.Venue{Journal: now.Journal, Key: now.After.Key}
	var names []string
	for _, x := range after {
		next.For, names = append(next.For, x.After.Journal), append(names, x.Journal)
	}
	var no *floor.Refusal
	if err := h.Session.View().TakesJournals(names...); errors.As(err, &no) && no.Kind == "journals" {
		return nil, fmt.Errorf("%w: %w", link.ErrFull, err)
	} else if err != nil {
		return nil, link.ErrRevoked
	}
	s.joins.Lock()
	defer s.joins.Unlock()
	out, err := s.letIn(ctx, h, next, was.Journal, "replace "+now.After.Proof)
	if err == nil {
		s.log.Warn("another laptop goes on for a venue", "session", id, "was", was.Journal, "now", now.Journal)
	}
	return out, err
}

// lastKnown is the newest machine of these that was let in here, and those after it.
func lastKnown(all []link.Venue, chain []machine) (*link.Venue, []machine) {
	for i := len(chain) - 1; i >= 0; i-- {
		for k := range all {
			if all[k].Journal == chain[i].After.Journal {
				return &all[k], chain[i:]
			}
		}
	}
	return nil, nil
}

// follows: each machine was signed for by the key of the one before.
func follows(id, key, journal string, chain []machine) bool {
	for _, m := range chain {
		old, err := note.NewVerifier(key)
		sig, err2 := base64.RawURLEncoding.Strict().DecodeString(m.After.Proof)
		if err != nil || err2 != nil || m.After.Was != key || m.After.Journal != journal || !isVenue(id, m.Journal) || !floor.IsSiteKey(m.After.Key) ||
			!old.Verify([]byte(record.SuccessionText(m.Journal, &m.After)), sig) {
			return false
		}
		key, journal = m.After.Key, m.Journal
	}
	return len(chain) > 0
}

// fits: as far as the journal it goes on from is here, it is the same.
func (s *Site) fits(ctx context.Context, c floor.Succeed) error {
	if c.N < 1 {
		return nil
	}
	entries, _, err := s.db.Read(ctx, journal.Name(c.Journal), c.N, 1)
	if err == nil && len(entries) > 0 && floor.HashBytes(entries[0].Bytes) != c.Hash {
		return link.ErrFork
	}
	if errors.Is(err, journal.ErrNoJournal) { // nothing of it was heard
		return nil
	}
	return err
}
