package link

import (
	"context"
	"slices"
	"time"
)

// A Seal is a checkpoint that a site signed: so many entries of a journal have this hash. It proves itself, whoever
// brings it.
type Seal struct {
	Journal string // what is signed
	By      string // journal of the site that signed; Journal itself, or another
	Size    int64  // entries
	Note    string // the signed text, docs/wire.md 5 E
}

// Seals are the checkpoints of a session's journals, as a site keeps them. Whoever reads files and signatures may take long:
// no beat waits for it.
type Seals interface {
	// Turn is another number whenever Kept may give others.
	Turn() int64
	// Kept gives all that are kept here; of one journal and signer the smallest first.
	Kept(ctx context.Context) ([]Seal, error)
	// Take holds notes from the other site against the entries that are here, and keeps those that fit, durably. Whoever
	// sends one that does not fit is no worse off: it is the keeper's business to say so. The error is that of the disk.
	Take(ctx context.Context, notes []string) error
}

// Limits of checkpoints that travel.
const (
	mostSeals = 100  // in a message that is taken
	someSeals = 20   // in one that is sent
	mostSeal  = 1000 // bytes of one
	mostKeep  = 50   // messages that wait for the keeper
)

// sealed are heights of checkpoints: the largest that a site keeps, by the journal that is signed and the one of who signed.
type sealed map[string]map[string]int64

// sealedOf are those of a site.
func sealedOf(all []Seal) sealed {
	out := sealed{}
	for _, s := range all {
		out.raise(s)
	}
	return out
}

func (x sealed) raise(s Seal) {
	if x[s.Journal] == nil {
		x[s.Journal] = map[string]int64{}
	}
	x[s.Journal][s.By] = max(x[s.Journal][s.By], s.Size)
}

// known leaves out what is not of the session.
func (x sealed) known(journals map[string]int64) sealed {
	out := sealed{}
	for j, by := range x {
		for k, n := range by {
			if _, ok := journals[j]; ok && n > 0 {
				out.raise(Seal{Journal: j, By: k, Size: n})
			}
		}
	}
	return out
}

// sealing remembers which checkpoints the other site has. It is used by one goroutine at a time, which never waits for
// what reads them: a look that takes long is used at a later beat.
type sealing struct {
	there sealed      // nil: the other site takes none
	turn  int64       // of the seals, when they were looked at; 0: not yet
	all   []Seal      // what was kept then
	left  bool        // some of all may still be sent
	look  chan looked // of the look that is under way; nil: there is none
	said  bool        // that one failed
}

// looked is what a look at the seals found.
type looked struct {
	turn int64
	all  []Seal
	err  error
}

// lookAt looks at the seals beside everything else. Goroutine: "reader", ends with the look.
func lookAt(ctx context.Context, seals Seals) chan looked {
	ctx = context.WithoutCancel(ctx) // who began it does not wait for it
	out := make(chan looked, 1)
	go func() {
		turn := seals.Turn()
		all, err := seals.Kept(ctx)
		out <- looked{turn, all, err}
	}()
	return out
}

// next gives checkpoints that the other site lacks, and of which it has the entries; has are its heights. more says that
// there are others now.
func (t *sealing) next(ctx context.Context, p *Place, has func(journal string) int64) (notes []string, more bool) {
	if t.there == nil || p.Seals == nil {
		return nil, false
	}
	if t.look == nil && t.turn != p.Seals.Turn() {
		t.look = lookAt(ctx, p.Seals)
	}
	select {
	case l := <-t.look:
		t.look, t.turn = nil, l.turn
		if l.err == nil {
			t.all, t.left, t.said = l.all, true, false
		} else if !t.said {
			t.said = true
			p.Log.Warn("the checkpoints cannot be read", "session", p.Session.Session(), "error", l.err)
		}
	default:
	}
	if !t.left {
		return nil, false
	}
	t.left = false
	for _, s := range t.all {
		switch {
		case s.Size <= t.there[s.Journal][s.By]:
		case s.Size > has(s.Journal):
			t.left = true // waits for the entries that it signs
		case len(notes) == someSeals:
			t.left = true
			return notes, true
		default:
			t.there.raise(s)
			notes = append(notes, s.Note)
		}
	}
	return notes, false
}

// sealed tells which checkpoints are kept here; nil where none are taken. Who cannot say so soon is sent all.
func (p *Place) sealed(ctx context.Context) sealed {
	if p.Seals == nil {
		return nil
	}
	select {
	case l := <-lookAt(ctx, p.Seals):
		return sealedOf(l.all)
	case <-time.After(Beat / 2):
	case <-ctx.Done():
	}
	return sealed{}
}

// A keeper takes the checkpoints that come, each of which waits for the disk, while entries and beats go on. Where it
// cannot, the link goes on without them. Goroutine: "keeper", ends with Close.
type keeper struct {
	p    *Place
	came chan []string
	end  context.CancelFunc
	done chan struct{}
}

func newKeeper(p *Place) *keeper {
	ctx, end := context.WithCancel(context.Background())
	k := &keeper{p, make(chan []string, mostKeep), end, make(chan struct{})}
	go k.run(ctx)
	return k
}

func (k *keeper) run(ctx context.Context) {
	defer close(k.done)
	said := false
	for {
		select {
		case <-ctx.Done():
			return
		case notes := <-k.came:
			err := k.p.Seals.Take(ctx, notes)
			if err != nil && !said && ctx.Err() == nil {
				k.p.Log.Warn("checkpoints of the other site are not kept", "session", k.p.Session.Session(), "error", err)
			}
			said = err != nil
		}
	}
}

// take hands on what a message brought. It waits only where very many wait already.
func (k *keeper) take(ctx context.Context, notes []string) {
	notes = slices.DeleteFunc(notes[:min(len(notes), mostSeals)], func(n string) bool { return len(n) > mostSeal })
	if len(notes) == 0 || k.p.Seals == nil {
		return
	}
	select {
	case k.came <- notes:
	case <-ctx.Done():
	case <-k.done:
	}
}

// Close ends it with the checkpoint at which it is.
func (k *keeper) Close() {
	k.end()
	<-k.done
}
