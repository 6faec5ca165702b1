package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/link"
	"openmic/internal/live"
	"openmic/internal/web/hall"
)

// inviteGood is how long a venue's join link is good, if it is not used before.
const inviteGood = 24 * time.Hour

// An invite is a join link that was made and not yet used.
type invite struct {
	Hash     []byte `json:"hash"`
	Until    int64  `json:"until"` // Unix ms
	Succeeds string `json:"succeeds,omitempty"`
}

// joining is what a venue says when it joins, and the hub's answer.
type joining struct {
	Secret  string `json:"secret,omitempty"`
	Journal string `json:"journal"`
	Key     string `json:"key"`
	Proof   []byte `json:"proof,omitempty"` // over the secret, by Key
}

type joined struct {
	Journal string `json:"journal"`
	Key     string `json:"key"`
	Token   string `json:"token"`
	Title   string `json:"title"`
	Room    string `json:"room"`
}

func proofOf(secret, journal string) []byte {
	return fmt.Appendf(nil, "openmic join\n%s\n%s\n", secret, journal)
}

// InviteVenue makes the link with which one venue can join a session, once and within 24 h. It ends the one before. With
// succeeds, the venue goes on for the one whose journal that is.
func (s *Site) InviteVenue(ctx context.Context, id, succeeds string) (string, error) {
	if _, err := s.way(ctx, id); err == nil {
		return "", &floor.Refusal{Kind: "nothub"}
	}
	secret := hex.EncodeToString(random())
	sum := sha256.Sum256([]byte(secret))
	b, err := json.Marshal(invite{sum[:], s.now().Add(inviteGood).UnixMilli(), succeeds})
	if err != nil {
		return "", err
	}
	if err := s.db.Set(ctx, "invite "+id, string(b)); err != nil {
		return "", fmt.Errorf("keep the venue's link: %w", err)
	}
	return s.Public() + "/link/" + id + "#" + secret + "." + fingerprint(s.key.verify), nil
}

// fingerprint is a short form of a key, to be told beside a link.
func fingerprint(verify string) string {
	sum := sha256.Sum256([]byte(verify))
	return hex.EncodeToString(sum[:16])
}

func (s *Site) now() time.Time { return s.settings.Now() }

// venues are the sites that were let in to a session.
func (s *Site) venues(ctx context.Context, id string) (out []link.Venue, err error) {
	v, ok, err := s.db.Get(ctx, "venues "+id)
	if err != nil || !ok {
		return nil, err
	}
	return out, json.Unmarshal([]byte(v), &out)
}

// RevokeVenue ends the right of a venue to take part, with the next beat.
func (s *Site) RevokeVenue(ctx context.Context, id, name string) error {
	s.joins.Lock()
	defer s.joins.Unlock()
	all, err := s.venues(ctx, id)
	if err != nil {
		return err
	}
	for i := range all {
		all[i].Revoked = all[i].Revoked || all[i].Journal == name
	}
	return s.keepVenues(ctx, id, all)
}

func (s *Site) keepVenues(ctx context.Context, id string, all []link.Venue) error {
	b, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return s.db.Set(ctx, "venues "+id, string(b))
}

// errNoInvite is the one answer to every join that is not good.
var errNoInvite = errors.New("this join link does not open anything here: it was used, is older than 24 h, or was never made")

// admit lets a venue in. The same venue may ask again when it did not hear the answer; the link is spent for all others.
func (s *Site) admit(ctx context.Context, id string, j joining) (*joined, error) {
	h, ok := s.Hall(id)
	key, err := note.NewVerifier(j.Key)
	if !ok || err != nil || !strings.HasPrefix(j.Journal, id+"/venue-") || len(j.Journal) > 60 {
		return nil, errNoInvite
	}
	s.joins.Lock()
	defer s.joins.Unlock()
	v, ok, err := s.db.Get(ctx, "invite "+id)
	if err != nil {
		return nil, err
	}
	var inv invite
	sum := sha256.Sum256([]byte(j.Secret))
	if !ok || json.Unmarshal([]byte(v), &inv) != nil || subtle.ConstantTimeCompare(sum[:], inv.Hash) != 1 || s.now().UnixMilli() > inv.Until ||
		!key.Verify(proofOf(j.Secret, j.Journal), j.Proof) {
		return nil, errNoInvite
	}
	all, err := s.venues(ctx, id)
	if err != nil {
		return nil, err
	}
	token := hex.EncodeToString(random()) + hex.EncodeToString(random())
	hash := sha256.Sum256([]byte(token))
	at := len(all)
	for i := range all {
		if all[i].Journal == j.Journal {
			at = i
		}
	}
	if at < len(all) && (all[at].Revoked || all[at].Key != j.Key) {
		return nil, errNoInvite
	}
	site := h.Session.Site()
	if at == len(all) {
		all = append(all, link.Venue{})
		_, err := h.Session.Do(ctx, live.Command{ID: "link-" + floor.Tag(j.Journal), Actor: site, Do: &floor.Link{Journal: j.Journal, Key: j.Key, Succeeds: inv.Succeeds}})
		if err != nil {
			return nil, err
		}
		for i := range all { // whoever was replaced does not come in any more
			all[i].Revoked = all[i].Revoked || inv.Succeeds != "" && all[i].Journal == inv.Succeeds
		}
	}
	all[at] = link.Venue{Journal: j.Journal, Key: j.Key, Token: hash[:]}
	if err := s.keepVenues(ctx, id, all); err != nil {
		return nil, err
	}
	out := &joined{Journal: string(h.Session.Name()), Key: s.key.verify, Token: token, Room: h.RoomCode()}
	view := h.Session.View()
	out.Title = view.Say(view.Title)
	return out, nil
}

// serveLink answers venues: they join, stream and push.
func (s *Site) serveLink(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("session")
	if r.PathValue("what") == "join" {
		var j joining
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&j); err != nil || r.Method != http.MethodPost {
			http.Error(w, "a join belongs here", http.StatusBadRequest)
			return
		}
		out, err := s.admit(r.Context(), id, j)
		var no *floor.Refusal
		switch {
		case errors.Is(err, errNoInvite):
			http.Error(w, err.Error(), http.StatusForbidden)
		case errors.As(err, &no) && no.Kind == "twosites":
			http.Error(w, "a venue takes part already; to replace it, make a link for that on the plan page", http.StatusConflict)
		case err != nil:
			s.log.Error("a venue was not let in", "session", id, "error", err)
			http.Error(w, "not now; try again", http.StatusServiceUnavailable)
		default:
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			_ = json.NewEncoder(w).Encode(out)
		}
		return
	}
	// Strangers open no session: only where venues were let in is there anything to answer.
	if all, err := s.venues(r.Context(), id); err != nil || len(all) == 0 || r.PathValue("what") != "" {
		http.Error(w, "this link does not open anything here, or it was revoked", http.StatusForbidden)
		return
	}
	if _, ok := s.Hall(id); !ok {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	e := s.halls[id]
	s.mu.Unlock()
	if e == nil || e.hub == nil {
		http.NotFound(w, r)
		return
	}
	e.hub.ServeHTTP(w, r)
}

// book is what the link needs of the site.
type book struct {
	s      *Site
	id     string
	passes *hall.Passes
}

func (b book) Venues(ctx context.Context) ([]link.Venue, error) { return b.s.venues(ctx, b.id) }

func (b book) Passes(ctx context.Context) (out []link.Pass, err error) {
	all, err := b.s.db.Passes(ctx, b.id)
	for _, p := range all {
		if p.Label != "" {
			out = append(out, link.Pass{Hash: p.Hash, ID: p.ID, Label: p.Label, Revoked: p.Revoked})
		}
	}
	return out, err
}

// Take keeps what came and lets the door know.
func (b book) Take(ctx context.Context, ps []link.Pass) error {
	for _, p := range ps {
		err := b.s.db.PutPass(ctx, journal.Pass{Hash: p.Hash, Session: b.id, ID: p.ID, Label: p.Label, Revoked: p.Revoked})
		if err == nil && p.Revoked {
			err = b.s.db.RevokePass(ctx, b.id, p.ID)
		}
		if err != nil && !errors.Is(err, journal.ErrNoPass) {
			return fmt.Errorf("pass %s: %w", p.ID, err)
		}
	}
	return b.passes.Reload(ctx)
}

// errNoWay: the session was made here.
var errNoWay = errors.New("the session was made here")

// way is how a session that was made elsewhere finds its hub.
func (s *Site) way(ctx context.Context, id string) (w link.Way, err error) {
	v, ok, err := s.db.Get(ctx, "way "+id)
	if err != nil {
		return w, err
	}
	if !ok {
		return w, errNoWay
	}
	return w, json.Unmarshal([]byte(v), &w)
}

// linked opens the link of a session, as hub or as venue.
func (s *Site) linked(e *entered, id string, passes *hall.Passes, way *link.Way) error {
	key, err := note.NewSigner(s.key.sign)
	if err != nil {
		return err
	}
	p := link.Place{Session: e.session, Store: s.db, Key: key, Book: book{s, id, passes}, Now: s.settings.Now, Log: s.log}
	if way == nil {
		e.hub = link.NewHub(p)
		return nil
	}
	e.venue, err = link.Dial(p, *way)
	return err
}

// Join makes this data folder a venue of the session a join link names, and waits until the whole session is here. When it
// joined before it needs no hub: it goes on with what it has.
func (s *Site) Join(ctx context.Context, join string) (id string, err error) {
	u, err := url.Parse(join)
	secret, print, ok := strings.Cut(u.Fragment, ".")
	if err != nil || !ok || u.Host == "" || !strings.HasPrefix(u.Path, "/link/") || strings.Count(u.Path, "/") != 2 {
		return "", errors.New("this is no join link: it looks like https://mic.example.org/link/abcdef#secret.fingerprint; copy it whole from the plan page")
	}
	id = strings.TrimPrefix(u.Path, "/link/")
	if _, err := s.way(ctx, id); errors.Is(err, errNoWay) {
		if err := s.joinFirst(ctx, u, id, secret, print); err != nil {
			return "", err
		}
	} else if err != nil {
		return "", err
	}
	if _, ok := s.Hall(id); !ok {
		return "", fmt.Errorf("the session %s cannot be opened here; the log says why", id)
	}
	s.mu.Lock()
	e := s.halls[id]
	s.mu.Unlock()
	if e.session.View().Entries > 0 {
		return id, nil
	}
	select {
	case <-e.venue.Whole():
		return id, nil
	case <-ctx.Done():
		return "", ctx.Err()
	case <-time.After(time.Minute):
		_, _, why := e.venue.Heard()
		return "", fmt.Errorf("the hub let this venue in, and the session did not arrive within a minute (%v); start again with the same command", why)
	}
}

// joinFirst spends the link and keeps what the hub answers.
func (s *Site) joinFirst(ctx context.Context, u *url.URL, id, secret, print string) error {
	if _, ok, err := s.db.Get(ctx, "journal "+id); err != nil {
		return err
	} else if ok {
		return fmt.Errorf("session %s was made in this data folder; a venue needs another one (-data)", id)
	}
	// The name is kept before anything is asked, so that a second try is the same venue.
	name, ok, err := s.db.Get(ctx, "joining "+id)
	if err != nil {
		return err
	}
	if !ok {
		name = id + "/venue-" + letters(5)
		if err := s.db.Set(ctx, "joining "+id, name); err != nil {
			return err
		}
	}
	key, err := note.NewSigner(s.key.sign)
	if err != nil {
		return err
	}
	proof, err := key.Sign(proofOf(secret, name))
	if err != nil {
		return err
	}
	body, err := json.Marshal(joining{secret, name, s.key.verify, proof})
	if err != nil {
		return err
	}
	hub := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hub.String()+"/join", bytes.NewReader(body))
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 15 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return fmt.Errorf("the hub %s cannot be reached (%w), and this data folder has not joined the session before: nothing of it is here yet", u.Host, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the hub does not let this venue in: %s", strings.TrimSpace(string(answer)))
	}
	var j joined
	if err := json.Unmarshal(answer, &j); err != nil || fingerprint(j.Key) != print || !strings.HasPrefix(j.Journal, id+"/") {
		return fmt.Errorf("who answers at %s does not have the key that the join link names; nothing was changed here", u.Host)
	}
	way, err := json.Marshal(link.Way{URL: hub.String(), Hub: j.Journal, Key: j.Key, Secret: j.Token})
	if err != nil {
		return err
	}
	if err := s.db.Create(ctx, journal.Info{Name: journal.Name(name), Session: id, Site: "venue", Born: s.now().UnixMilli(), Key: []byte(s.key.verify)}); err != nil {
		return fmt.Errorf("make journal: %w", err)
	}
	for _, kv := range [][2]string{{"room " + id, j.Room}, {"way " + id, string(way)}, {"journal " + id, name}} {
		if err := s.db.Set(ctx, kv[0], kv[1]); err != nil {
			return fmt.Errorf("keep what the hub said: %w", err)
		}
	}
	return s.list(ctx, hall.Listing{ID: id, Title: j.Title, Created: s.now().UnixMilli()})
}

// Dial takes up every session that was joined here before.
func (s *Site) Dial(ctx context.Context) error {
	all, err := s.Sessions(ctx)
	if err != nil {
		return err
	}
	for _, l := range all {
		if _, err := s.way(ctx, l.ID); err == nil && l.Ended == 0 {
			s.Hall(l.ID)
		}
	}
	return nil
}
