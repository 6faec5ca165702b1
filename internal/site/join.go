package site

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
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
	By       string `json:"by,omitempty"` // journal of the venue that used it
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
	b, err := json.Marshal(invite{Hash: sum[:], Until: s.now().Add(inviteGood).UnixMilli(), Succeeds: succeeds})
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
	return s.changeVenues(ctx, id, func(all []link.Venue) ([]link.Venue, error) {
		for i := range all {
			all[i].Revoked = all[i].Revoked || all[i].Journal == name
		}
		return all, nil
	})
}

// changeVenues changes the list of those that were let in, also while another node does.
func (s *Site) changeVenues(ctx context.Context, id string, f func([]link.Venue) ([]link.Venue, error)) error {
	for {
		was, _, err := s.db.Get(ctx, "venues "+id)
		if err != nil {
			return err
		}
		var all []link.Venue
		if was != "" {
			if err := json.Unmarshal([]byte(was), &all); err != nil {
				return fmt.Errorf("list of venues: %w", err)
			}
		}
		if all, err = f(all); err != nil {
			return err
		}
		b, err := json.Marshal(all)
		if err != nil {
			return err
		}
		if err := s.db.Change(ctx, "venues "+id, was, string(b)); !errors.Is(err, journal.ErrChanged) {
			return err
		}
	}
}

// errNoInvite is the one answer to every join that is not good.
var errNoInvite = errors.New("this join link does not open anything here: it was used, is older than 24 h, or was never made")

// isVenue: a venue's journal of this session may be called so.
func isVenue(id, name string) bool {
	_, ok := floor.SessionOf(name)
	return ok && strings.HasPrefix(name, id+"/venue-")
}

// admit lets a venue in. The same venue may ask again when it did not hear the answer; the link is spent for all others.
func (s *Site) admit(ctx context.Context, id string, j joining) (*joined, error) {
	key, err := note.NewVerifier(j.Key)
	if err != nil || !floor.IsSiteKey(j.Key) || !isVenue(id, j.Journal) {
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
		inv.By != "" && inv.By != j.Journal || !key.Verify(proofOf(j.Secret, j.Journal), j.Proof) {
		return nil, errNoInvite
	}
	h, ok := s.Hall(id) // strangers open no session
	if !ok {
		return nil, errNoInvite
	}
	all, err := s.venues(ctx, id)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(all, func(v link.Venue) bool { return v.Journal == j.Journal && (v.Revoked || v.Key != j.Key) }) {
		return nil, errNoInvite
	}
	if err := h.Session.View().TakesJournals(j.Journal); err != nil {
		return nil, err
	}
	// From here the link is spent, at whichever node somebody else may show it.
	if inv.By == "" {
		inv.By = j.Journal
		spent, err := json.Marshal(inv)
		if err != nil {
			return nil, err
		}
		if err := s.db.Change(ctx, "invite "+id, v, string(spent)); errors.Is(err, journal.ErrChanged) {
			return nil, errNoInvite
		} else if err != nil {
			return nil, err
		}
	}
	if !slices.ContainsFunc(all, func(v link.Venue) bool { return v.Journal == j.Journal }) {
		_, err := h.Session.Do(ctx, live.Command{ID: "link-" + floor.Tag(j.Journal), Actor: h.Session.Site(), Do: &floor.Link{Journal: j.Journal, Key: j.Key, Succeeds: inv.Succeeds}})
		if err != nil {
			return nil, err
		}
	}
	out, err := s.letIn(ctx, h, link.Venue{Journal: j.Journal, Key: j.Key}, inv.Succeeds, "join "+j.Secret)
	if errors.Is(err, link.ErrRevoked) || errors.Is(err, link.ErrReplaced) {
		return nil, errNoInvite
	}
	return out, err
}

// letIn lets a venue in, in the place of was where that is not empty, and answers it. next.For says that it goes on for was
// by that one's own key. Whoever is in already changes nothing and is answered as before, also when somebody else sends
// the same once more: the token is made from what was asked. ErrRevoked, ErrReplaced.
func (s *Site) letIn(ctx context.Context, h *hall.Hall, next link.Venue, was, asked string) (*joined, error) {
	key, err := note.NewSigner(s.key.sign)
	if err != nil {
		return nil, err
	}
	sig, err := key.Sign(fmt.Appendf(nil, "openmic token\n%s\n%s\n%s\n", next.Journal, next.Key, asked)) // the same each time: Ed25519
	if err != nil {
		return nil, err
	}
	made := sha256.Sum256(sig)
	token := hex.EncodeToString(made[:])
	hash := sha256.Sum256([]byte(token))
	next.Token = hash[:]
	err = s.changeVenues(ctx, h.ID, func(all []link.Venue) ([]link.Venue, error) {
		for i, v := range all {
			switch mine := v.Journal == next.Journal && v.Key == next.Key; {
			case mine && v.Revoked:
				return nil, link.ErrRevoked
			case mine: // it did not hear the answer
				all[i].Token = next.Token
				return all, nil
			case v.Journal == next.Journal, next.For != nil && slices.Contains(v.For, was):
				return nil, link.ErrReplaced
			}
		}
		for i, v := range all { // whoever was replaced does not come in any more
			if was == "" || v.Journal != was {
				continue
			}
			if v.Revoked && next.For != nil {
				return nil, link.ErrRevoked
			}
			all[i].Revoked = true
		}
		return append(all, next), nil
	})
	if err != nil {
		return nil, err
	}
	view := h.Session.View()
	return &joined{Journal: string(h.Session.Name()), Key: s.key.verify, Token: token, Title: view.Say(view.Title), Room: h.RoomCode()}, nil
}

// serveLink answers venues: they join, go on for one another, stream and push.
func (s *Site) serveLink(w http.ResponseWriter, r *http.Request) {
	id, what := r.PathValue("session"), r.PathValue("what")
	if what != "" && !link.Understands(w, r) {
		return
	}
	switch {
	case what == "replace":
		s.serveReplace(w, r, id)
	case what == "join" && r.Method == http.MethodGet:
		s.sayKey(w)
	case what == "join":
		s.serveJoin(w, r, id)
	case what == "":
		s.serveHub(w, r, id)
	default:
		link.Stranger(w)
	}
}

// serveJoin answers who has a join link.
func (s *Site) serveJoin(w http.ResponseWriter, r *http.Request, id string) {
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
	case errors.As(err, &no) && no.Kind == "journals":
		http.Error(w, fmt.Sprintf("this session has gone through %d machines, as many as a record can hold, and no further one can come in", floor.MaxJournals), http.StatusConflict)
	case errors.As(err, &no) && no.Kind == "already":
		http.Error(w, "another machine of this session has the name that this one chose; start it with a new data folder", http.StatusConflict)
	case err != nil:
		s.log.Error("a venue was not let in", "session", id, "error", err)
		http.Error(w, "not now; try again", http.StatusServiceUnavailable)
	default:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(out)
	}
}

// serveHub answers venues that were let in. Strangers open no session: only where some were is there anything to answer.
func (s *Site) serveHub(w http.ResponseWriter, r *http.Request, id string) {
	all, err := s.venues(r.Context(), id)
	if err != nil {
		http.Error(w, "not now; try again", http.StatusServiceUnavailable)
		return
	}
	if len(all) == 0 {
		link.Stranger(w)
		return
	}
	if _, ok := s.Hall(id); !ok {
		http.NotFound(w, r)
		return
	}
	e := s.there(id)
	if e == nil || e.hub == nil {
		http.NotFound(w, r)
		return
	}
	e.hub.ServeHTTP(w, r)
}

// errNoWay: the session was made here.
var errNoWay = errors.New("the session was made here")

// way is how a session that was made elsewhere finds its hub.
func (s *Site) way(ctx context.Context, id string) (w link.Way, err error) {
	v, ok, err := s.db.Get(ctx, "way "+id)
	if err != nil {
		return w, err
	}
	if !ok || v == "" { // or it came out of a copy, and is no way any more
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
	p := link.Place{Session: e.session, Store: s.db, Key: key, Book: book{s, id, passes, e}, Now: s.settings.Now, Log: s.log,
		Seals: &sealbox{s: s, id: id, session: e.session, odd: func(kind string) { e.odd.Store(&kind) }}}
	if way != nil && way.Secret == "" {
		p.Admit = func(ctx context.Context) (string, error) { return s.askToReplace(ctx, e.session, id, *way) }
	}
	if way == nil {
		if s.shared != nil {
			p.Nodes = s.shared
		}
		e.whole.Store(true)
		e.hub = link.NewHub(p)
		return nil
	}
	whole, _, err := s.db.Get(context.Background(), "whole "+id)
	if err != nil {
		return err
	}
	if whole != "" {
		e.whole.Store(true)
	} else {
		if n := e.session.View().Entries; n > 0 { // a try that broke in the middle
			s.log.Warn("not all of a session is here yet: its hub must be reached", "session", id, "entries", n)
		}
		p.Whole = func() {
			if err := s.db.Set(context.Background(), "whole "+id, "yes"); err != nil {
				s.log.Error("the next start will wait for the hub once more", "session", id, "error", err)
			}
			e.whole.Store(true)
		}
	}
	if err := s.remembersOut(&p, id, way.Key); err != nil {
		return err
	}
	e.venue, err = link.Dial(p, *way)
	return err
}

// trouble is what keeps the two sites of a session apart, or their journals from being one story, when no new try mends
// it; else empty.
func (e *entered) trouble() string {
	if kind := e.odd.Load(); kind != nil {
		return *kind
	}
	switch {
	case e.venue != nil:
		return e.venue.Trouble()
	case e.hub != nil:
		return e.hub.Trouble()
	}
	return ""
}

// Join makes this data folder a venue of the session a join link names, and waits until the whole session is here. When it
// joined before it needs no hub: it goes on with what it has. A link of a hub with another key, one that was restored, or
// with another address replaces the way to the old one.
func (s *Site) Join(ctx context.Context, join string) (id string, err error) {
	u, err := url.Parse(strings.Trim(join, `'" `)) // some command lines hand on the quotes that others need
	if err != nil {
		u = &url.URL{}
	}
	secret, print, ok := strings.Cut(u.Fragment, ".")
	id, isLink := strings.CutPrefix(u.Path, "/link/")
	if !ok || u.Host == "" || !isLink || !isVenue(id, id+"/venue-a") {
		return "", errors.New("this is no join link: it looks like https://mic.example.org/link/abcdef#secret.fingerprint; copy it whole from the plan page")
	}
	if s.shared != nil {
		return "", errors.New("a venue keeps its session in its own data folder, not in a database: leave -journal out")
	}
	way, err := s.way(ctx, id)
	other := err == nil && (fingerprint(way.Key) != print || way.URL != hubOf(u)) // one that goes on for it, or it has moved
	if err != nil && !errors.Is(err, errNoWay) {
		return "", err
	}
	if err != nil || other {
		if err := s.joinFirst(ctx, u, id, secret, print); err != nil {
			return "", err
		}
	}
	if other {
		s.leave(id)
	}
	e := s.opened(id)
	if e == nil {
		return "", fmt.Errorf("the session %s cannot be opened here; the log says why", id)
	}
	if e.whole.Load() {
		return id, nil
	}
	select {
	case <-e.venue.Ready():
		return id, nil
	case <-ctx.Done():
		return "", ctx.Err()
	case <-time.After(time.Minute):
		_, _, why := e.venue.Heard()
		return "", fmt.Errorf("the hub let this venue in, and the session did not arrive within a minute (%v); start again with the same command", why)
	}
}

// hubOf is the address of a join link without its secret.
func hubOf(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// joinFirst spends the link and keeps what the hub answers.
func (s *Site) joinFirst(ctx context.Context, u *url.URL, id, secret, print string) error {
	own, made, err := s.db.Get(ctx, "journal "+id)
	if err != nil {
		return err
	}
	name, ok, err := s.db.Get(ctx, "joining "+id)
	if err != nil {
		return err
	}
	kept := ok && name != ""
	if !kept {
		name = id + "/venue-" + letters(5)
	}
	if made && own != name {
		if made, err = s.isRestored(ctx, journal.Name(own)); err != nil {
			return err
		}
		made = !made // what came out of a backup goes on in a new journal
	}
	if made && own != name {
		return fmt.Errorf("session %s was made in this data folder; a venue needs another one (-data)", id)
	}
	if err := meetHub(ctx, u, print, made); err != nil {
		return err
	}
	// The name is kept before the secret is shown, so that a second try is the same venue.
	if !kept {
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
	status, answer, err := toHubOf(ctx, u, made, body)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return errNotLetIn(answer)
	}
	var j joined
	err = json.Unmarshal(answer, &j)
	if session, ok := floor.SessionOf(j.Journal); err != nil || fingerprint(j.Key) != print || !floor.IsSiteKey(j.Key) || !ok || session != id {
		return errNotTheKey(u)
	}
	way, err := json.Marshal(link.Way{URL: hubOf(u), Hub: j.Journal, Key: j.Key, Secret: j.Token})
	if err != nil {
		return err
	}
	if err := s.db.Create(ctx, journal.Info{Name: journal.Name(name), Session: id, Site: "venue", Born: s.now().UnixMilli(), Key: []byte(s.key.verify)}); err != nil && !errors.Is(err, journal.ErrExists) {
		return fmt.Errorf("make journal: %w", err)
	}
	// The way comes last: with it the venue has joined. Before, the whole is done again.
	listed, err := s.Sessions(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(listed, func(l hall.Listing) bool { return l.ID == id }) {
		if err := s.list(ctx, hall.Listing{ID: id, Title: j.Title, Created: s.now().UnixMilli()}); err != nil {
			return err
		}
	}
	for _, kv := range [][2]string{{doorSetting(id), j.Room}, {"journal " + id, name}, {"way " + id, string(way)}} {
		if err := s.db.Set(ctx, kv[0], kv[1]); err != nil {
			return fmt.Errorf("keep what the hub said: %w", err)
		}
	}
	return nil
}

// dial takes up every session that was joined here before.
func (s *Site) dial(ctx context.Context) error {
	all, err := s.Sessions(ctx)
	if err != nil {
		return err
	}
	for _, l := range all {
		if _, err := s.way(ctx, l.ID); err == nil && l.Ended == 0 {
			s.opened(l.ID)
		}
	}
	return nil
}
