package link

import "context"

// A Seal is a checkpoint that a site signed: so many entries of a journal have this hash. It proves itself, whoever
// brings it.
type Seal struct {
	Journal string // what is signed
	By      string // journal of the site that signed; Journal itself, or another
	Size    int64  // entries
	Note    string // the signed text, docs/wire.md 5 E
}

// Seals are the checkpoints of a session's journals, as a site keeps them.
type Seals interface {
	// Turn is another number whenever Kept may give others.
	Turn() int64
	// Kept gives all that are kept here; of one journal and signer the smallest first.
	Kept(ctx context.Context) ([]Seal, error)
	// Take holds notes from the other site against the entries that are here, and keeps those that fit, durably. Whoever
	// sends one that does not fit is no worse off: it is the keeper's business to say so. The error is that of the disk.
	Take(ctx context.Context, notes []string) error
}

// mostSeals is how many checkpoints one message takes.
const mostSeals = 100

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

// sealing remembers which checkpoints the other site has. It is used by one goroutine at a time.
type sealing struct {
	there sealed // nil: the other site takes none
	turn  int64  // of the seals, when all that could be sent was; 0: not yet
	held  bool   // some wait for the entries that they sign
}

// next gives checkpoints that the other site lacks, and of which it has the entries; has are its heights. more says that
// there are others.
func (t *sealing) next(ctx context.Context, seals Seals, has func(journal string) int64) (notes []string, more bool, err error) {
	if t.there == nil || seals == nil || t.turn == seals.Turn() && !t.held {
		return nil, false, nil
	}
	turn := seals.Turn()
	all, err := seals.Kept(ctx)
	if err != nil {
		return nil, false, err
	}
	t.held = false
	for _, s := range all {
		switch {
		case s.Size <= t.there[s.Journal][s.By]:
		case s.Size > has(s.Journal):
			t.held = true
		case len(notes) == mostSeals:
			t.turn = 0
			return notes, true, nil
		default:
			t.there.raise(s)
			notes = append(notes, s.Note)
		}
	}
	t.turn = turn
	return notes, false, nil
}

// takeSeals hands on what a message brought. Without them the link goes on.
func (p *Place) takeSeals(ctx context.Context, notes []string) {
	if len(notes) == 0 || p.Seals == nil {
		return
	}
	if err := p.Seals.Take(ctx, notes[:min(len(notes), mostSeals)]); err != nil {
		p.Log.Warn("checkpoints of the other site are not kept", "session", p.Session.Session(), "error", err)
	}
}

// sealed tells which checkpoints are kept here; nil where none are taken.
func (p *Place) sealed(ctx context.Context) (sealed, error) {
	if p.Seals == nil {
		return nil, nil
	}
	all, err := p.Seals.Kept(ctx)
	return sealedOf(all), err
}
