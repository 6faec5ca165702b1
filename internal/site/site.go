package site

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/link"
	"openmic/internal/live"
	"openmic/internal/web"
	"openmic/internal/web/hall"
	"openmic/internal/web/home"
	"openmic/record"
)

// A Site is one running openmic.
type Site struct {
	settings Settings
	log      *slog.Logger
	db       store
	shared   journal.Shared // db again, when other nodes use it too; else nil
	boot     string         // changes with every start
	keeper   *hall.Passes
	server   *http.Server
	listener net.Listener
	scheme   string
	public   atomic.Pointer[string] // the address in links and QR codes: tested
	reach    atomic.Pointer[[]Reach]
	done     sync.WaitGroup

	key   siteKey            // signs checkpoints
	signs atomic.Int64       // counts checkpoints that were kept
	stop  context.CancelFunc // ends the organiser's follower and the checker
	alive context.Context    // until then

	followers sync.WaitGroup

	joins sync.Mutex // held while a venue is let in or revoked

	backing sync.Mutex // held while a backup is made
	erasing sync.Mutex // held while the list of who was erased is written

	mu    sync.Mutex
	halls map[string]*entered
	notes map[journal.Name]*notes
}

// entered is a session that was opened since the start. Sessions nobody visits stay on disk.
type entered struct {
	once    sync.Once
	hall    *hall.Hall
	session *live.Session
	signs   *checkpointer
	hub     *link.Hub                 // where the session was made
	venue   *link.VenueLink           // where it came from a hub
	whole   atomic.Bool               // everything that the hub had is here, or it was made here
	passes  atomic.Int64              // counts what was written of the passes
	door    atomic.Pointer[link.Door] // the room's, as far as it is known here
	odd     atomic.Pointer[string]    // what the crew must know of the two sites' journals; nil: nothing
	shut    shutOut
	err     error
	ended   context.CancelFunc // ends its follower
	open    atomic.Bool        // hall and session are there; whoever did not open it looks only then
}

// Open opens the data folder. The errors are sentences for whoever starts the program.
func Open(ctx context.Context, s Settings, log *slog.Logger) (*Site, error) {
	ownClock := s.Now != nil
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be made: %w", s.Data, plain(err))
	}
	db, err := openStore(ctx, s, log)
	if err != nil {
		return nil, err
	}
	x := &Site{settings: s, log: log, db: db, boot: hex.EncodeToString(random()[:6]), halls: map[string]*entered{}, notes: map[journal.Name]*notes{}, scheme: "http"}
	alive, stop := context.WithCancel(context.Background())
	x.stop, x.alive = stop, alive
	if x.shared, _ = db.(journal.Shared); x.shared != nil {
		err = x.share(ctx, ownClock)
	} else {
		x.key, err = loadKey(s.Data)
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	if x.keeper, err = hall.LoadPasses(ctx, passStore{db}, keeperSession, random); err != nil {
		db.Close()
		return nil, err
	}
	x.follow(alive, keeperSession, x.keeper, nil)
	x.missing(ctx)
	return x, nil
}

// keeperSession is where the organiser's own pass is kept: the one that may make sessions.
const keeperSession = "-"

// plain takes the operation and path out of a file error; they are in the sentence around it.
func plain(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func random() []byte {
	b := make([]byte, 16)
	rand.Read(b) // never fails since Go 1.24
	return b
}

// letters gives n random small letters.
func letters(n int) string {
	b := random()[:n]
	for i := range b {
		b[i] = 'a' + b[i]%26
	}
	return string(b)
}

// roomCode is long enough that nobody guesses it while a session lasts: no limit stands before the room's door, which a
// stranger could use up for everybody.
func roomCode() string { return strings.ToUpper(letters(8)) }

// Serve answers requests until Close, and takes up the links to the hubs of sessions that were joined here. It returns
// once the port is taken.
func (s *Site) Serve(ctx context.Context) error {
	l, err := net.Listen("tcp", s.settings.Listen)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return fmt.Errorf("nothing can be served on %s: %w; -listen chooses another address and port", s.settings.Listen, err)
	}
	if s.settings.Cert != "" {
		pair := &certificate{cert: s.settings.Cert, key: s.settings.Key}
		if _, err := pair.load(nil); err != nil {
			l.Close()
			return err
		}
		l = tls.NewListener(l, &tls.Config{GetCertificate: pair.load, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12})
		s.scheme = "https"
	}
	s.listener = l
	mux := http.NewServeMux()
	mux.HandleFunc("GET /reach", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, s.mine()) })
	mux.HandleFunc("/link/{session}", s.serveLink)
	mux.HandleFunc("/link/{session}/{what}", s.serveLink)
	mux.Handle("/", web.Handler(web.Options{Hall: s.Hall, Home: home.New(home.Options{Host: s, Hall: s.Hall, Now: s.settings.Now, Log: s.log, PlainCrew: s.settings.PlainCrew}), OwnHost: s.ownHost, Log: s.log}))
	s.server = &http.Server{Handler: s.upToDate(mux), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute, // streams set their own
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
	first := s.Local()
	s.public.Store(&first)
	s.done.Add(1)
	go func() {
		defer s.done.Done()
		if err := s.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("serving ended", "error", err)
		}
	}()
	s.Test(ctx)
	s.followers.Go(func() { s.check(s.alive) })
	return s.dial(ctx)
}

// Local is the address of this program on its own machine.
func (s *Site) Local() string {
	host, port := s.hostPort()
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return s.scheme + "://" + net.JoinHostPort(host, port)
}

func (s *Site) hostPort() (host, port string) {
	host, port, _ = net.SplitHostPort(s.listener.Addr().String())
	return host, port
}

// Test asks itself over each of its addresses and puts the best that answered into links and QR codes: the public one
// that the organiser named, else one on the local network, else this machine.
func (s *Site) Test(ctx context.Context) []Reach {
	host, port := s.hostPort()
	list := reaches(ctx, s.scheme, port, s.settings.Public, host, s.mine())
	s.reach.Store(&list)
	public := best(list, s.Local())
	if s.settings.Public != "" { // what the organiser says counts, tested or not; the start page says which
		public = s.settings.Public
	}
	s.public.Store(&public)
	return list
}

// Public is the address in links and QR codes.
func (s *Site) Public() string { return *s.public.Load() }

// ownHost tells whether a Host header names this program: this machine's names and addresses, or the public name.
func (s *Site) ownHost(host string) bool {
	host = strings.Trim(host, "[]")
	if u, err := url.Parse(s.settings.Public); err == nil && u.Hostname() == host {
		return true
	}
	if net.ParseIP(host) != nil || host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".local") {
		return true
	}
	name, err := os.Hostname()
	return err == nil && strings.EqualFold(name, host)
}

// Close stops serving and closes everything, in the order in which nothing acknowledged is lost.
func (s *Site) Close() error {
	s.mu.Lock()
	halls := s.halls
	s.halls = map[string]*entered{}
	s.mu.Unlock()
	for _, e := range halls {
		if e.open.Load() {
			e.hall.Close()
		}
	}
	var err error
	if s.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if s.server.Shutdown(ctx) != nil {
			s.server.Close()
		}
		s.done.Wait()
	}
	for _, e := range halls {
		e.end()
	}
	s.stop()
	s.followers.Wait()
	return errors.Join(err, s.db.Close())
}

// end closes what belongs to a session, after its hall.
func (e *entered) end() {
	if e.ended != nil {
		e.ended()
	}
	if e.hub != nil {
		e.hub.Close()
	}
	if e.venue != nil {
		e.venue.Close()
	}
	if e.signs != nil {
		e.signs.Close()
	}
	if e.session != nil {
		e.session.Close()
	}
}

// leave closes a session; who visits it next opens it anew.
func (s *Site) leave(id string) {
	s.mu.Lock()
	e := s.halls[id]
	delete(s.halls, id)
	s.mu.Unlock()
	if e == nil {
		return
	}
	if e.open.Load() {
		e.hall.Close()
	}
	e.end()
}

// Hall finds a session and opens it when it is visited first. One that is on its way here from its hub for the first
// time is not found until all of it has come.
func (s *Site) Hall(id string) (*hall.Hall, bool) {
	e := s.opened(id)
	if e == nil || !e.whole.Load() {
		return nil, false
	}
	return e.hall, true
}

// there gives a session that was visited before, and may still be opening; else nil.
func (s *Site) there(id string) *entered {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.halls[id]
}

// opened gives a session, nil when there is none or it cannot be opened.
func (s *Site) opened(id string) *entered {
	if id == "" || len(id) > 20 || id == keeperSession {
		return nil
	}
	s.mu.Lock()
	e, tried := s.halls[id], false
	if e == nil {
		e = &entered{}
		s.halls[id] = e
	}
	s.mu.Unlock()
	e.once.Do(func() {
		tried = true
		e.err = s.enter(context.Background(), e, id)
		if e.err != nil && e.session != nil {
			e.session.Close() // another try must not find two owners of one journal
		}
		e.open.Store(e.err == nil)
	})
	if e.err != nil {
		if !errors.Is(e.err, hall.ErrNotFound) {
			s.log.Error("session cannot be opened", "session", id, "error", e.err)
		}
		s.mu.Lock()
		if s.halls[id] == e {
			delete(s.halls, id) // it may open the next time
		}
		s.mu.Unlock()
		if !tried { // somebody else did, perhaps a moment too early
			return s.opened(id)
		}
		return nil
	}
	return e
}

func (s *Site) enter(ctx context.Context, e *entered, id string) error {
	info, err := s.journalOf(ctx, id)
	if err != nil {
		return err
	}
	passes, err := hall.LoadPasses(ctx, countedPasses{passStore{s.db}, &e.passes}, id, random)
	if err != nil {
		return err
	}
	signs, err := s.notesOf(info.Name, info.Name)
	if err != nil {
		return err
	}
	room, _, err := s.db.Get(ctx, doorSetting(id))
	if err != nil {
		return err
	}
	world := s.world()
	world.Erase = func(ctx context.Context, person floor.ID) error {
		return errors.Join(s.noteErased(id, person), passes.Erase(ctx, person))
	}
	way := &link.Way{}
	if *way, err = s.way(ctx, id); errors.Is(err, errNoWay) {
		way = nil
		// Whoever joins keeps the way last. Until then what is here is no session, least of all one that was made here.
		if name, ok, err := s.db.Get(ctx, "joining "+id); err != nil {
			return err
		} else if ok && name == string(info.Name) && !info.Restored {
			return hall.ErrNotFound
		}
	} else if err != nil {
		return err
	}
	world.Joins = way != nil
	world.Shut = info.Restored // until it joins its hub again
	if world.After, err = s.after(ctx, id); err != nil {
		return err
	}
	signed := signs.size()
	if n, _, err := s.db.Head(ctx, info.Name); err == nil && n < signed {
		s.log.Error("a session lacks entries that were signed: it is only read", "session", id, "entries", n, "signed", signed)
		world.Shut = true
	}
	if err := s.whole(ctx, info.Name); errors.Is(err, journal.ErrDamaged) {
		s.log.Error("a session lacks entries that people were told are taken: it is only read", "session", id, "error", err)
		world.Shut = true
	} else if err != nil {
		return err
	}
	if e.session, err = live.Open(ctx, s.db, info, world); errors.Is(err, journal.ErrDamaged) {
		s.log.Error("a session is damaged: it is only read, up to the fault", "session", id, "error", err)
		world.Shut = true
		e.session, err = live.Open(ctx, s.db, info, world)
	}
	if err != nil {
		return err
	}
	e.heeds(readDoor(room))
	if world.Shut {
		e.whole.Store(true)
	} else {
		if err := s.linked(e, id, passes, way); err != nil {
			return err
		}
		e.signs = newCheckpointer(e.session, signs, func(n journal.Name) (*notes, error) { return s.notesOf(n, info.Name) }, s.settings.Now, everyMinute, s.log)
	}
	o := hall.Options{ID: id, Session: e.session, Passes: passes, Public: s.Public, Boot: s.boot, Now: s.settings.Now, Log: s.log,
		PlainCrew: s.settings.PlainCrew,
		Export:    s.intact(func(ctx context.Context, w io.Writer) error { return s.Export(ctx, id, w) }),
		Record: func(ctx context.Context, archive bool, w io.Writer) error {
			return s.intact(func(ctx context.Context, w io.Writer) error { return s.RecordSigned(ctx, id, archive, w) })(ctx, w)
		},
		Receipt: func(ctx context.Context, n int64) (*record.Receipt, []byte, error) {
			return s.receipt(ctx, info.Name, n)
		},
		RoomCode:    func() string { return e.door.Load().Code },
		NewRoomCode: func(ctx context.Context) error { return book{s, id, passes, e}.newDoor(ctx) }}
	s.takesPart(&o, e, way)
	e.hall = hall.New(o, web.Screens...)
	s.follow(e.alive(), id, passes, e)
	return nil
}

func (s *Site) world() live.World {
	return live.World{Now: s.settings.Now, Nonce: random, Log: s.log, Shared: s.shared != nil}
}

// journalOf finds the journal this site writes for a session.
func (s *Site) journalOf(ctx context.Context, id string) (journal.Info, error) {
	name, ok, err := s.db.Get(ctx, "journal "+id)
	if err != nil {
		return journal.Info{}, err
	}
	if !ok {
		return journal.Info{}, hall.ErrNotFound
	}
	shut, err := s.isRestored(ctx, journal.Name(name))
	return journal.Info{Name: journal.Name(name), Session: id, Site: "hub", Restored: shut}, err
}

// Create makes a session, its journal, its people and their links.
func (s *Site) Create(ctx context.Context, d hall.Draft) (string, []hall.Link, error) {
	// A plan that cannot be taken must leave nothing behind: it is tried on an empty floor first.
	if _, err := floor.Decide(floor.New(), floor.Moment{Tag: "a", N: 1}, floor.Actor{Roles: floor.Organiser}, &d.Plan); err != nil {
		return "", nil, err
	}
	id := letters(6)
	name := journal.Name(id + "/hub-" + letters(5))
	if err := s.db.Create(ctx, journal.Info{Name: name, Session: id, Site: "hub", Born: s.settings.Now().UnixMilli(), Key: []byte(s.key.verify)}); err != nil {
		return "", nil, fmt.Errorf("make journal: %w", err)
	}
	for _, kv := range [][2]string{{doorSetting(id), roomCode()}, {"journal " + id, string(name)}} {
		if err := s.db.Set(ctx, kv[0], kv[1]); err != nil {
			return "", nil, fmt.Errorf("keep setting: %w", err)
		}
	}
	h, ok := s.Hall(id)
	if !ok {
		return "", nil, live.ErrNotNow
	}
	organiser := floor.Actor{Person: floor.ID("p" + letters(7)), Roles: floor.Organiser}
	if _, err := h.Session.Do(ctx, live.Command{ID: "plan", Actor: organiser, Do: &d.Plan}); err != nil {
		return "", nil, err
	}
	var links []hall.Link
	for _, p := range d.People {
		l, err := h.Invite(ctx, p, "")
		if err != nil {
			return "", nil, err
		}
		links = append(links, l)
	}
	if err := s.list(ctx, hall.Listing{ID: id, Title: d.Plan.Title, Created: s.settings.Now().UnixMilli()}); err != nil {
		return "", nil, err
	}
	return id, links, nil
}

func (s *Site) list(ctx context.Context, l hall.Listing) error {
	for {
		was, _, err := s.db.Get(ctx, "sessions")
		if err != nil {
			return err
		}
		all := []hall.Listing{l}
		if was != "" {
			var rest []hall.Listing
			if err := json.Unmarshal([]byte(was), &rest); err != nil {
				return fmt.Errorf("list of sessions: %w", err)
			}
			all = append(all, rest...)
		}
		b, err := json.Marshal(all)
		if err != nil {
			return err
		}
		// Another node may have made a session meanwhile.
		if err := s.db.Change(ctx, "sessions", was, string(b)); !errors.Is(err, journal.ErrChanged) {
			return err
		}
	}
}

// Sessions lists what was made here, newest first.
func (s *Site) Sessions(ctx context.Context) ([]hall.Listing, error) {
	v, ok, err := s.db.Get(ctx, "sessions")
	if err != nil || !ok {
		return nil, err
	}
	var out []hall.Listing
	if err := json.Unmarshal([]byte(v), &out); err != nil {
		return nil, fmt.Errorf("list of sessions: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range out {
		if e := s.halls[out[i].ID]; e != nil && e.open.Load() {
			if v := e.session.View(); v.Adjourned >= 0 {
				out[i].Ended = v.AdjournWall
			}
		}
	}
	slices.SortStableFunc(out, func(a, b hall.Listing) int { return int(b.Created/1000 - a.Created/1000) })
	return out, nil
}

// Organiser finds the pass that may make sessions.
func (s *Site) Organiser(secret string) (*hall.Pass, error) { return s.keeper.Check(secret) }

// FirstLink gives the organiser's link the first time; later ok is false and the one that was printed then is still
// good. With again it revokes the old one and makes another.
func (s *Site) FirstLink(ctx context.Context, again bool) (path string, ok bool, err error) {
	have := s.keeper.List(floor.Organiser)
	for _, p := range have {
		if p.Revoked {
			continue
		}
		if !again {
			return "", false, nil
		}
		if err := s.keeper.Revoke(ctx, p.ID); err != nil {
			return "", false, err
		}
	}
	_, secret, err := s.keeper.Give(ctx, hall.Pass{Roles: floor.Organiser, Label: "organiser"})
	if err != nil {
		return "", false, err
	}
	return "/in#" + secret, true, nil
}

// certificate reads a pair from disk and reads it again when the file changes, so that a renewal needs no restart.
type certificate struct {
	cert, key string
	mu        sync.Mutex
	pair      *tls.Certificate
	at        time.Time // when the file that was read was written
}

func (c *certificate) load(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	st, err := os.Stat(c.cert)
	if err == nil && c.pair != nil && st.ModTime().Equal(c.at) {
		return c.pair, nil
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		if c.pair != nil {
			return c.pair, nil // keep speaking with the old one
		}
		return nil, fmt.Errorf("the certificate cannot be used: %w", err)
	}
	c.pair = &pair
	if st != nil {
		c.at = st.ModTime()
	}
	return c.pair, nil
}

// Reach lists the ways to this program, as last tested.
func (s *Site) Reach() []Reach {
	if l := s.reach.Load(); l != nil {
		return *l
	}
	return nil
}
