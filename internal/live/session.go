package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"openmic/floor"
	"openmic/internal/journal"
)

// A World is where clocks and chance come from.
type World struct {
	Now   func() time.Time // with a monotonic reading
	Wall  func() int64     // the wall clock, Unix ms, in a world that plays it; nil: as Now has it
	Nonce func() []byte    // 16 fresh random bytes
	Log   *slog.Logger
	Joins bool                                             // the session was made at another site and comes from there
	After *floor.Succeed                                   // the journal here, if it is empty, goes on for this one; nil: for none
	Shut  bool                                             // nothing is written here any more: the journal is one from a backup, or damaged
	Erase func(ctx context.Context, person floor.ID) error // what else is kept of a person, such as their pass; nil when nothing is
	// Shared: other programs of this site write the same journal. Now must then be a clock that all of them go by.
	Shared bool
}

// wall is the wall clock at a moment that Now gave, Unix ms.
func (w *World) wall(now time.Time) int64 {
	if w.Wall != nil {
		return w.Wall()
	}
	return now.UnixMilli()
}

// A Command is a wish with the id its sender gave it.
type Command struct {
	ID    string // of the press; the same id again answers as the first time
	Actor floor.Actor
	Do    floor.Command
}

// Made names what a command created or changed: the kind of the entry, and its ID.
type Made struct {
	Kind string   `json:"kind"`
	ID   floor.ID `json:"id"`
}

// An Answer says that a command was accepted, and where it stands.
type Answer struct {
	Version int64  `json:"version"` // the view that shows it
	Made    []Made `json:"made"`
}

// What Do answers beside floor's refusals.
var (
	// ErrNotNow: surely unchanged; try again.
	ErrNotNow = errors.New("not taken yet")
	// ErrUnknown: it may have happened; send the same id again.
	ErrUnknown = errors.New("not known whether it was taken")
	// ErrFailed: the rule itself failed on this command; nothing changed.
	ErrFailed = errors.New("the rule failed on this command")
	// ErrStopped: the session is closed.
	ErrStopped = errors.New("the session is stopping")
)

// A Session runs one session over one journal.
type Session struct {
	name   journal.Name
	store  journal.Store
	world  World
	words  *Words
	clock  *clock
	in     chan *asked
	far    chan *foreign
	away   atomic.Pointer[Far] // the way to the site with the gavel, while there is one
	doubts doubts
	nudge  chan struct{} // there may be something new in the store; one wish waits
	stop   chan struct{}
	ended  chan struct{} // closed when the owner has answered its last command
	done   sync.WaitGroup
	once   sync.Once
	shown  atomic.Pointer[View] // written by the owner, read by all: the newest view, whole, never changed

	// The owner's; nobody else touches them.
	newer    chan struct{}
	heads    map[journal.Name]head // of every journal of the session, as far as it is folded in
	stored   map[journal.Name]head // of other sites' journals, as far as they are on disk
	folded   *floor.Fold
	lastOwn  floor.Stamp
	lastWall int64 // the wall clock then, Unix ms
	past     Head
	answered map[string]Answer      // by person and command id, of everything in the journals
	owed     []*floor.Entry         // erasures whose words may still be there
	late     bool                   // words came of somebody who had been erased
	swept    map[journal.Name]int64 // up to which entry the words were held against all erasures
	dark     bool                   // the store did not answer: the head may be further on than we know
	ears     ears                   // for what other programs write
	rule     rule
}

// rule is floor.Decide.
type rule func(s *floor.State, m floor.Moment, by floor.Actor, c floor.Command) ([]floor.Event, error)

type asked struct {
	ctx context.Context
	cmd Command
	out chan<- told
}

type told struct {
	answer Answer
	err    error
	before bool // it was answered long ago, and this append changes nothing about it
}

// mostAtOnce is how many commands are decided as one batch.
const mostAtOnce = 256

// Open folds a journal and runs its session. After a crash the session's clock goes on from its last durable mark plus
// this site's wall-clock difference, at most 24 h; if somebody was speaking, an entry says how long the site was down.
// An empty journal gets its first entry.
func Open(ctx context.Context, store journal.Store, info journal.Info, world World) (*Session, error) {
	s, first, err := begin(ctx, store, info, world)
	if err != nil {
		return nil, err
	}
	s.listen()
	s.done.Add(2)
	go s.decide()
	go s.mark()
	for i := 0; i < len(first) && err == nil; i++ {
		_, err = s.Do(ctx, first[i])
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("start session %s: %w", info.Session, err)
	}
	return s, nil
}

// begin folds a journal and sets the session's clock. first is what the program itself has to write before anybody
// else.
func begin(ctx context.Context, store journal.Store, info journal.Info, world World) (s *Session, first []Command, err error) {
	s = &Session{name: info.Name, store: store, world: world, words: &Words{said: map[floor.Text]string{}}, in: make(chan *asked, 4*mostAtOnce),
		far: make(chan *foreign), heads: map[journal.Name]head{}, stored: map[journal.Name]head{}, folded: floor.NewFold(), stop: make(chan struct{}), ended: make(chan struct{}), newer: make(chan struct{}), nudge: make(chan struct{}, 1), answered: map[string]Answer{}, rule: floor.Decide}
	if err := s.read(ctx); err != nil {
		return nil, nil, err
	}
	state := s.folded.State()
	now := world.Now()
	mark, ok, err := store.LastMark(ctx, info.Name)
	if err != nil {
		return nil, nil, fmt.Errorf("read mark of %s: %w", info.Name, err)
	}
	// Wall clocks of two machines are never compared: only who has written nothing goes by what another one wrote.
	switch {
	case s.own().n > 0 && (!ok || mark.Session < s.lastOwn.At):
		mark = journal.Mark{Session: s.lastOwn.At, Wall: s.lastWall}
	case !ok:
		mark = journal.Mark{Session: state.At, Wall: state.Wall}
	}
	away, lent := int64(0), int64(-1) // a venue follows its hub wherever it is
	if state.Entries > 0 {
		away = max(0, world.wall(now)-mark.Wall)
	}
	down := min(time.Duration(away)*time.Millisecond, longestDown)
	at := max(state.At, mark.Session+down.Milliseconds())
	if !world.Joins {
		lent = lend(at, away)
	}
	s.clock = &clock{base: at, then: now, lent: lent}
	s.show(state)
	s.forget(true)
	if world.Shut {
		return s, nil, nil
	}
	holds := state.Holds(tagOf(info.Name))
	if a := world.After; a != nil && s.own().n == 0 && state.Entries > 0 {
		first = append(first, Command{ID: "succeed", Actor: s.Site(), Do: a})
		holds = holds || state.Gavel.Journal == a.Journal
	}
	switch {
	case state.Entries == 0 && !world.Joins:
		first = append(first, Command{ID: "create", Actor: s.Site(), Do: &floor.Create{Session: info.Session}})
	case world.Shared && kept(mark, now): // another program of this site did not stop
	case state.Speaking && holds:
		first = append(first, Command{ID: fmt.Sprintf("resume-%d", state.Entries), Actor: s.Site(), Do: &floor.Resume{Mark: mark.Session, Down: down.Milliseconds()}})
	}
	return s, first, nil
}

// read folds in what is on disk and not yet known: of the journal written here and of those of other sites.
func (s *Session) read(ctx context.Context) error {
	all, err := s.journals(ctx)
	if err != nil {
		return fmt.Errorf("list journals: %w", err)
	}
	var found []*floor.Entry
	var hashes []string
	heads := maps.Clone(s.heads)
	words := map[string][]floor.Addendum{}
	for _, info := range all {
		if info.Session != s.Session() {
			continue
		}
		for {
			h := heads[info.Name]
			entries, addenda, err := s.page(ctx, info.Name, h.n+1)
			if err != nil {
				return fmt.Errorf("read journal %s: %w", info.Name, err)
			}
			if len(entries) == 0 {
				break
			}
			for _, je := range entries {
				e, err := floor.ParseEntry(je.Bytes)
				if err != nil {
					return fmt.Errorf("journal %s, entry %d: %w", info.Name, je.N, err)
				}
				if e.N != h.n+1 || e.Prev != h.hash || e.Journal != string(info.Name) {
					return fmt.Errorf("journal %s, entry %d: %w %d", info.Name, je.N, errStory, h.n)
				}
				h = head{e.N, floor.HashBytes(je.Bytes)}
				found, hashes = append(found, e), append(hashes, h.hash)
			}
			first := h.n - int64(len(entries)) + 1
			heads[info.Name] = h
			for _, a := range addenda {
				e := found[len(found)-len(entries)+int(a.N-first)]
				x := floor.Addendum{N: a.N, Field: a.Field, Nonce: a.Nonce, Text: a.Text}
				switch fits := x.Digest() == e.Said[a.Field]; {
				case !fits && s.world.Shut:
					continue
				case !fits:
					return fmt.Errorf("journal %s, entry %d: %w: the words %q are not those that were written", info.Name, a.N, journal.ErrDamaged, a.Field)
				}
				words[tagOf(info.Name)] = append(words[tagOf(info.Name)], x)
			}
		}
	}
	// Nothing of it counts unless all of it can be read.
	for tag, w := range words {
		s.words.add(tag, w)
	}
	s.folded.Add(found...)
	for i, e := range found {
		s.note(e, hashes[i])
	}
	for name, h := range s.heads {
		if name != s.name && h.n >= s.stored[name].n {
			s.stored[name] = h
		}
	}
	return nil
}

// page reads some entries; where nothing is written any more, as far as they can be read.
func (s *Session) page(ctx context.Context, name journal.Name, from int64) ([]journal.Entry, []journal.Addendum, error) {
	if !s.world.Shut {
		return s.store.Read(ctx, name, from, 2000)
	}
	entries, addenda, err := journal.Intact(ctx, s.store, name, from, 2000)
	if errors.Is(err, journal.ErrDamaged) {
		err = nil
	}
	return entries, addenda, err
}

// own is the head of the journal written here.
func (s *Session) own() head { return s.heads[s.name] }

// note moves a journal's head on by one entry, and remembers the answer to its command.
func (s *Session) note(e *floor.Entry, hash string) {
	if e.Journal == string(s.name) {
		if h := s.own(); h.n > 0 && e.Stamp.At/minute > s.lastOwn.At/minute {
			s.past = Head{h.n, h.hash, s.lastOwn.At}
		}
		s.lastOwn, s.lastWall = e.Stamp, e.Wall
	}
	s.heads[journal.Name(e.Journal)] = head{e.N, hash}
	k := key(e.By, e.Command)
	a := s.answered[k]
	a.Version = e.N
	a.Made = append(a.Made, made(e))
	s.answered[k] = a
	switch e.Event.(type) {
	case *floor.Erased:
		s.owed = append(s.owed, e)
	case *floor.Corrected: // what was said of one person may turn out to be of another, who was erased
		if s.shown.Load() != nil && s.anyErased() {
			s.late, s.swept = true, nil
		}
	}
}

func made(e *floor.Entry) Made {
	m := Made{Kind: floor.Kind(e.Event), ID: e.ID()}
	if j, ok := e.Event.(*floor.Joined); ok {
		m.ID = j.Person
	}
	return m
}

func key(by floor.ID, command string) string { return string(by) + " " + command }

// show publishes a view and wakes who waits for it.
func (s *Session) show(state *floor.State) {
	old := s.newer
	s.newer = make(chan struct{})
	s.shown.Store(&View{State: state, Words: s.words, Version: state.Entries, Newer: s.newer, clock: s.clock,
		head: Head{s.own().n, s.own().hash, s.lastOwn.At}, past: s.past})
	close(old)
}

// View is the newest view.
func (s *Session) View() *View { return s.shown.Load() }

// Name is the journal's.
func (s *Session) Name() journal.Name { return s.name }

// OnDisk asks the store whether it holds what is shown. It writes nothing.
func (s *Session) OnDisk(ctx context.Context) error {
	shown := s.View().Head().N
	n, _, err := s.store.Head(ctx, s.name)
	if err != nil {
		return fmt.Errorf("read head of %s: %w", s.name, err)
	}
	if n < shown {
		return fmt.Errorf("journal %s ends at entry %d, and %d are shown", s.name, n, shown)
	}
	return nil
}

// Do gives a command and waits until it is on disk, refused, or not taken. Errors: *floor.Refusal, *floor.BadInput,
// floor.ErrNotAllowed, ErrNotNow, ErrUnknown, ErrFailed, ErrStopped, and ctx's.
func (s *Session) Do(ctx context.Context, c Command) (Answer, error) {
	if err := checkID(c.ID); err != nil {
		return Answer{}, err
	}
	if s.world.Shut {
		return Answer{}, &floor.Refusal{Kind: "shut"}
	}
	if !floor.OnMain(c.Do) || s.View().Holds(tagOf(s.name)) {
		return s.DoHere(ctx, c)
	}
	if far := s.away.Load(); far != nil {
		a, err := s.forward(ctx, *far, c)
		s.doubts.settle(c, err)
		return a, err
	}
	a, err := s.DoHere(ctx, c)
	return a, s.doubts.about(c, err)
}

// DoHere is Do for a command that comes from another site. It is never sent back there, so that two sites of which
// neither has heard yet that the gavel is theirs do not throw it to and fro.
func (s *Session) DoHere(ctx context.Context, c Command) (Answer, error) {
	if err := checkID(c.ID); err != nil {
		return Answer{}, err
	}
	out := make(chan told, 1)
	select {
	case s.in <- &asked{ctx, c, out}:
	case <-s.stop:
		return Answer{}, ErrStopped
	case <-ctx.Done():
		return Answer{}, ErrNotNow
	}
	select {
	case t := <-out:
		return t.answer, t.err
	case <-ctx.Done():
		return Answer{}, ErrUnknown
	case <-s.ended:
		select {
		case t := <-out:
			return t.answer, t.err
		default:
			return Answer{}, ErrStopped // it came when the owner had gone
		}
	}
}

// Close stops the session. Commands that were not decided are answered with ErrStopped.
func (s *Session) Close() {
	s.once.Do(func() {
		close(s.stop)
		s.ears.close()
	})
	s.done.Wait()
}

// decide is the owner: the only goroutine that changes the session.
func (s *Session) decide() {
	defer s.done.Done()
	defer close(s.ended)
	for {
		select {
		case <-s.stop:
			for {
				select {
				case a := <-s.in:
					a.out <- told{err: ErrStopped}
				default:
					return
				}
			}
		case f := <-s.far:
			f.out <- s.accept(f)
		case <-s.nudge:
			s.follow()
		case a := <-s.in:
			batch := []*asked{a}
		more:
			for len(batch) < mostAtOnce {
				select {
				case a := <-s.in:
					batch = append(batch, a)
				default:
					break more
				}
			}
			for len(batch) > 0 {
				batch = batch[s.step(batch):]
			}
		}
	}
}

// step decides the first n of a batch on a copy, as many as belong into one append, stores them, and answers.
func (s *Session) step(batch []*asked) (n int) {
	if s.dark && !s.catchUp() {
		for _, a := range batch {
			t := told{err: ErrNotNow}
			if before, ok := s.answered[key(a.cmd.Actor.Person, a.cmd.ID)]; ok {
				t = told{answer: before}
			}
			a.out <- t
		}
		return len(batch)
	}
	s.forget(false)
	b, n, err := s.try(batch)
	for tries := 1; errors.Is(err, errBehind) && tries < mostTries && s.catchUp(); tries++ {
		b, n, err = s.try(batch) // on what the others wrote
	}
	if errors.Is(err, errBehind) {
		err = ErrNotNow
	}
	if err == nil && len(b.entries) > 0 {
		// From here the batch survives a power cut. Only now may anybody be told.
		s.words.add(tagOf(s.name), b.addenda)
		for i, e := range b.entries {
			s.note(e, floor.HashBytes(b.bytes[i]))
		}
		s.folded.Extend(b.entries, b.state)
		s.show(b.state)
		s.forget(false)
	}
	for a, t := range b.told {
		switch {
		case t.err != nil || t.before:
		case err != nil:
			t.err = err
		default:
			t.answer = s.answered[key(a.cmd.Actor.Person, a.cmd.ID)]
			t.answer.Version = b.state.Entries
		}
		if t.err == nil && s.owes(t.answer) {
			t.err = ErrUnknown
		}
		a.out <- t
	}
	return n
}

// try decides as many commands as belong into one append, and appends what they cause.
func (s *Session) try(batch []*asked) (b *draft, n int, err error) {
	b = s.draft()
	for n < len(batch) && !b.full() {
		b.take(batch[n])
		n++
	}
	if len(b.entries) == 0 {
		return b, n, s.upToDate(b)
	}
	jb := journal.Batch{}
	for i, e := range b.entries {
		jb.Entries = append(jb.Entries, journal.NewEntry(e.N, b.bytes[i]))
	}
	for _, a := range b.addenda {
		jb.Addenda = append(jb.Addenda, journal.Addendum{N: a.N, Field: a.Field, Nonce: a.Nonce, Text: a.Text})
	}
	return b, n, s.append(jb)
}

// append stores a batch, and finds out when the store does not know. A store that cannot be asked leaves the owner in
// the dark: it says so and takes nothing until it can be.
func (s *Session) append(b journal.Batch) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	expected := s.own().n
	err := s.store.Append(ctx, s.name, expected, b)
	if errors.Is(err, journal.ErrUnknown) {
		err = journal.Settle(ctx, s.store, s.name, expected, b)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, journal.ErrUnknown):
		s.world.Log.Error("the journal does not answer", "journal", s.name, "error", err)
		s.dark = true
		return ErrUnknown
	case s.world.Shared && errors.Is(err, journal.ErrHead):
		s.dark = true // until what the others wrote is folded in
		return errBehind
	default:
		s.dark = errors.Is(err, journal.ErrHead) // there is more in it than we know
		s.world.Log.Error("the journal took nothing", "journal", s.name, "error", err)
		return ErrNotNow
	}
}

// catchUp folds in what the store holds and is not shown: what was stored while it did not answer, and what came from
// another site. Until it succeeds nothing is taken.
func (s *Session) catchUp() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	n, hash, err := s.store.Head(ctx, s.name)
	if err != nil {
		s.dark = true
		return false
	}
	if err = s.lost(n, hash); err == nil {
		err = s.read(ctx)
	}
	if s.world.Shared && errors.Is(err, errStory) {
		err = s.anew(ctx, err)
	}
	if err != nil {
		s.world.Log.Error("the journals cannot be read", "journal", s.name, "error", err)
		s.dark = true
		return false
	}
	s.dark = false
	if s.world.Shared {
		s.clock.raise(s.world.Now(), s.lastOwn.At)
	}
	if s.folded.State() != s.View().State {
		s.show(s.folded.State())
	}
	return true
}

func tagOf(n journal.Name) string { return floor.Tag(string(n)) }

func textOf(tag string, n int64, field string) floor.Text {
	return floor.Text(fmt.Sprintf("%s%d/%s", tag, n, field))
}
