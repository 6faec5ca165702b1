package cut

import (
	"container/heap"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"

	"openmic/floor"
	"openmic/internal/live"
)

// A Result is what became of one seed.
type Result struct {
	Seed    uint64
	Heals   int // after which everything was checked
	Crashes int
	Cuts    int
	Entries int
	Wrong   []string // what was not as it must be; empty when all was well
	Broke   Broke    // what was broken, and how often
}

// A world is everything one seed brings about.
type world struct {
	seed    uint64
	fault   string // the planted one; empty: none
	dice    *rand.Rand
	now     int64 // ms since the world began; the monotonic clock of every machine
	agenda  agenda
	order   int64
	hub     *site
	venue   *site
	cable   cable
	arrives [2]int64 // when the last of what was sent each way arrives, ms of the world
	people  []*person
	crew    []*person
	presses []*press
	pending map[[2]string]*press
	nonces  uint64
	still   bool // everybody holds their breath: both sites are compared
	calm    bool // nothing breaks any more
	says    func(line string)

	unerased []floor.ID                // whose erasure was lost with the only machine that had it
	gone     map[[2]string]bool        // presses that a machine had taken when it was lost, and nobody else had
	all      map[floor.ID]*floor.Entry // everything that was ever written, by entry
	bytes    map[floor.ID]string       // its hash
	agreed   []*floor.Entry            // what both sites told when they last agreed, in its order
	last     *floor.State              // which story that was
	crashes  int
	heals    int
	cuts     int
	passes   int // of the gavel, by the agenda
	result   *Result
}

// A moment is something that will happen.
type moment struct {
	at, order int64
	do        func()
}

type agenda []moment

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].order < a[j].order
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(moment)) }
func (a *agenda) Pop() any {
	old := *a
	m := old[len(old)-1]
	old[len(old)-1] = moment{}
	*a = old[:len(old)-1]
	return m
}

// later puts something on the agenda, ms from now; what was put first happens first.
func (w *world) later(in int64, do func()) {
	w.order++
	heap.Push(&w.agenda, moment{w.now + max(0, in), w.order, do})
}

// run lets the world go on to a moment, or until something was wrong.
func (w *world) run(until int64) {
	for len(w.agenda) > 0 && w.agenda[0].at <= until && len(w.result.Wrong) == 0 {
		m := heap.Pop(&w.agenda).(moment)
		w.now = m.at
		m.do()
	}
	w.now = max(w.now, until)
}

func (w *world) nonce() []byte {
	w.nonces++
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, w.seed), w.nonces)
}

// wrong is something that must not be.
func (w *world) wrong(format string, a ...any) {
	what := fmt.Sprintf(format, a...)
	w.tell(nil, "WRONG %s", what)
	w.result.Wrong = append(w.result.Wrong, what)
}

// tell adds a line to the story.
func (w *world) tell(s *site, format string, a ...any) {
	if w.says == nil {
		return
	}
	who := ""
	if s != nil {
		who = s.name
	}
	w.says(fmt.Sprintf("%3d:%04.1f  %-5s  %s", w.now/60_000, float64(w.now%60_000)/1000, who, fmt.Sprintf(format, a...)))
}

func (w *world) siteOf(d *disk) *site {
	if d == w.hub.disk {
		return w.hub
	}
	return w.venue
}

func (w *world) sites() [2]*site { return [2]*site{w.hub, w.venue} }

// length of the part of a seed in which things break, ms.
const length = 5 * 60_000

// Keys as sites have them. Nothing is signed here.
const (
	aKey     = "openmic-first+01234567+AZHBVHUmMAOCyJbOYkYyAhVqCI9dd1N7XyWvhRzGWLWM"
	otherKey = "openmic-second+89abcdef+AdUI3x1D5QFZMTxAhYOaFnyVKWSTrElfj5XQ0WVjWsON"
)

// Play lets the world of a seed happen, with a planted fault or with none. says hears the story line by line; nil when
// nobody listens.
func Play(seed uint64, fault string, says func(line string)) (r Result) {
	r.Seed = seed
	w := &world{seed: seed, fault: fault, dice: rand.New(rand.NewPCG(seed, 11)), pending: map[[2]string]*press{}, last: &floor.State{}, says: says, result: &r,
		gone: map[[2]string]bool{}, all: map[floor.ID]*floor.Entry{}, bytes: map[floor.ID]string{}}
	w.hub, w.venue = newSite(w, "hub", "h"), newSite(w, "venue", "v")
	defer func() { r.Heals, r.Crashes, r.Cuts, r.Entries = w.heals, w.crashes, w.cuts, len(w.all) }()
	w.begin()
	w.run(10_000)
	w.weather()
	w.run(length)
	w.clearsUp()
	return r
}

// begin makes the session at the hub, lets people join, and links the venue.
func (w *world) begin() {
	w.cable = cable{slow: longestLate}
	w.hub.open()
	w.venue.open()
	org := floor.Actor{Person: "org", Roles: floor.Organiser | floor.Chair}
	must := func(by floor.Actor, c floor.Command) {
		if _, err := w.hub.do(live.Command{ID: fmt.Sprint("first-", w.hub.s.View().Head().N), Actor: by, Do: c}); err != nil {
			w.wrong("%T at the beginning: %v", c, err)
		}
	}
	must(org, &floor.Plan{Title: "A story", Questions: []string{"Who?", "How?"}, Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}})
	must(org, &floor.Open{})
	must(w.hub.s.Site(), &floor.Link{Journal: string(w.venue.journal), Key: aKey})
	w.populate()
	for n := range 2 * (length + 600_000) / 1000 {
		w.later(500*int64(n)+int64(w.dice.IntN(20)), func() { w.hub.beats(n) })
		w.later(500*int64(n)+int64(w.dice.IntN(20)), func() { w.venue.beats(n) })
		if n%10 == 9 {
			w.later(500*int64(n), func() {
				for _, s := range w.sites() {
					if s.up() {
						s.act(s.s.Mark)
					}
				}
			})
		}
	}
}

// weather puts on the agenda what breaks.
func (w *world) weather() {
	d := w.dice
	w.cable.messy = d.IntN(4) > 0
	for at := int64(5_000 + d.IntN(60_000)); at < length-60_000; {
		long := int64(6_000 + d.IntN(30_000))
		if d.IntN(3) == 0 {
			long = int64(60_000 + d.IntN(150_000))
		}
		way := d.IntN(5)
		w.later(at, func() {
			w.cuts++
			w.cable.down = [2]bool{way != 1, way != 2}
			w.breaks(map[bool]string{true: "cut one way", false: "cut both ways"}[way == 1 || way == 2])
			deaf := [2]bool{w.cable.down[1], w.cable.down[0]}
			w.later(5500, func() { w.noticed(deaf) })
			w.tell(nil, "The link breaks%s.", []string{"", ": the hub does not reach the venue", ": the venue does not reach the hub", "", ""}[[]int{0, 2, 1, 0, 0}[way]])
		})
		w.later(at+long, func() {
			w.cable.down = [2]bool{}
			w.tell(nil, "The link is back.")
		})
		at += long + int64(20_000+d.IntN(120_000))
	}
	some := func(most int, what func(s *site)) {
		for range d.IntN(most + 1) {
			s := w.sites()[d.IntN(2)]
			w.later(d.Int64N(length-30_000), func() {
				if !w.calm && s.up() {
					what(s)
				}
			})
		}
	}
	some(2, func(s *site) { s.crash("loses its power") })
	some(2, func(s *site) { s.disk.dies = 1 + d.IntN(3) })
	some(1, func(s *site) {
		s.disk.full = true
		w.tell(s, "has a full disk")
		w.later(int64(3000+d.IntN(40_000)), func() {
			s.disk.full, s.disk.mended = false, w.now
			w.tell(s, "has room on its disk again")
		})
	})
	some(1, func(s *site) {
		s.disk.sick = true
		w.tell(s, "has a disk whose next sync fails")
		w.later(int64(5000+d.IntN(40_000)), func() {
			s.disk.sick = false
			if s.disk.broken && s.up() {
				s.crash("is started anew, because its disk had failed")
			}
		})
	})
	jumps, wrong := 3, []int64{600_000, -600_000, 5 * 3_600_000, -5 * 3_600_000}
	if d.IntN(4) == 0 {
		jumps, wrong = 6, []int64{2_300_000_000_000, 0} // the year 2099 or so, and back: each time it is started there, a leap by a day
	}
	some(jumps, func(s *site) {
		s.wrong = wrong[d.IntN(len(wrong))]
		w.breaks("wall clock set wrong")
		w.tell(s, "has its wall clock set wrong by %d s", s.wrong/1000)
	})
	w.machines()
}

// noticed: whichever of both has not heard the other site for 5 s has written that down.
func (w *world) noticed(deaf [2]bool) {
	for i, s := range w.sites() {
		if deaf[i] && w.cable.down[1-i] && s.up() && w.now-max(s.wire.began, s.disk.mended) > 5500 && !s.disk.full && !s.disk.broken && s.disk.dies == 0 && len(s.state().Sites) > 1 {
			// A cut that the lost machine had noted is its successor's.
			noted := len(s.before) > 0 && s.state().CutOff(string(s.journal))
			if !noted && !openAt(s.reader, string(s.journal)) {
				w.wrong("%s has not noticed within 5 s that it does not hear %s", s.name, s.other().name)
			}
		}
	}
}

// clearsUp ends what breaks, and waits until both sites tell the same; then the meeting goes on to its end.
func (w *world) clearsUp() {
	w.calm, w.still = true, true
	w.cable = cable{slow: longestLate}
	w.tell(nil, "From here on nothing breaks.")
	for _, s := range w.sites() {
		s.disk.full, s.disk.sick, s.disk.dies = false, false, 0
		if s.up() && s.disk.broken {
			s.crash("is started anew, because its disk had failed")
		}
		s.open()
	}
	const converged = 30_000
	until := w.now + converged
	for w.now < until && len(w.result.Wrong) == 0 && !w.agree() {
		w.run(w.now + 200)
	}
	if len(w.result.Wrong) > 0 {
		return
	}
	if !w.agree() {
		w.wrong("the sites do not come together within %d s: the hub has %v, the venue %v", converged/1000, w.hub.state().Heads, w.venue.state().Heads)
		return
	}
	w.check()
	if len(w.result.Wrong) == 0 {
		w.goesOn()
	}
}

// agree: both sites run, have healed, and have everything.
func (w *world) agree() bool {
	for _, s := range w.sites() {
		if !s.up() || !s.wire.met || s.state().Severed() != nil {
			return false
		}
	}
	h, v := w.hub.state().Heads, w.venue.state().Heads
	if len(h) < 2 || !slices.Equal(h, v) {
		return false
	}
	for _, s := range w.sites() {
		if !slices.Contains(h, floor.Seen{Journal: string(s.journal), N: int64(len(s.disk.files[s.journal].entries))}) {
			return false
		}
	}
	return true
}

// written is told of each entry as it is written.
func (w *world) written(s *site, e *floor.Entry) {
	w.all[e.ID()] = e
	w.bytes[e.ID()] = floor.HashBytes(e.Bytes())
	w.tellEntry(s, e)
	w.judge(s, e)
	switch e.Event.(type) {
	case *floor.WasCut:
		w.still = w.calm
	case *floor.Healed:
		w.meeting(0)
	}
	s.wake()
}

// meeting holds everybody's breath until both sites agree, compares them, and lets the world go on.
func (w *world) meeting(tries int) {
	if w.calm {
		return
	}
	switch {
	case w.agree():
		w.check()
		w.still = false
	case tries > 30 || w.cable.down != [2]bool{}:
		w.still = false
	default:
		w.still = true
		w.later(150, func() { w.meeting(tries + 1) })
	}
}
