package site

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/link"
	"openmic/internal/web/hall"
)

// book is what the link needs of the site.
type book struct {
	s      *Site
	id     string
	passes *hall.Passes
	e      *entered
}

func (b book) Turn() int64 {
	if b.s.shared != nil { // other nodes write too
		return b.s.now().Unix()
	}
	return b.e.passes.Load() + 1
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

// Take keeps what came and lets the door know. Whoever sends it can add passes and end them, and change none: neither
// whose a pass is, nor what it may, nor that it is over.
func (b book) Take(ctx context.Context, ps []link.Pass) error {
	changed, err := b.keep(ctx, ps)
	if !changed {
		return err
	}
	b.e.passes.Add(1)
	// Also what was kept before an error counts: the next time it is nothing new.
	return errors.Join(err, b.passes.Reload(context.WithoutCancel(ctx)))
}

// mostPasses is how many passes a session may have before none are taken from another site any more: forty for each of
// five hundred people.
const mostPasses = 20_000

// keep is Take without the door.
func (b book) keep(ctx context.Context, ps []link.Pass) (changed bool, err error) {
	list, err := b.s.db.Passes(ctx, b.id)
	if err != nil {
		return false, err
	}
	here, byID := map[string]*journal.Pass{}, map[string]bool{}
	for i := range list {
		here[string(list[i].Hash)], byID[list[i].ID] = &list[i], true
	}
	for _, p := range ps {
		old := here[string(p.Hash)]
		switch {
		case old != nil && (old.Revoked || !p.Revoked):
		case old != nil:
			if err := b.s.db.RevokePass(ctx, b.id, old.ID); err != nil && !errors.Is(err, journal.ErrNoPass) {
				return changed, fmt.Errorf("pass %s: %w", p.ID, err)
			}
			changed = true
		default:
			if len(byID) >= mostPasses {
				b.s.log.Warn("no more passes are taken from the other site: the session has as many as any needs", "session", b.id, "passes", len(byID))
				return changed, nil
			}
			x := journal.Pass{Hash: p.Hash, Session: b.id, ID: p.ID, Label: p.Label, Revoked: p.Revoked}
			as, err := passOf(x)
			if err != nil || byID[p.ID] || len(p.Hash) != sha256.Size || as.ID != p.ID || len(p.Label) > 4<<10 || as.Roles.Has(floor.Site) {
				b.s.log.Warn("a pass from the other site was not taken", "session", b.id, "pass", fmt.Sprintf("%.40q", p.ID))
				continue
			}
			if as.Until != 0 { // a one-time code, which is over by the clock of whoever made it
				as.Until -= b.ahead()
				err = passStore{b.s.db}.PutPass(ctx, b.id, as)
			} else {
				err = b.s.db.PutPass(ctx, x)
			}
			if err != nil {
				return changed, fmt.Errorf("pass %s: %w", p.ID, err)
			}
			byID[p.ID], changed = true, true
		}
	}
	return changed, nil
}

// doorSetting is the code in the room's QR and when it was made: "CODE MS", or "CODE" of one that came with the session,
// which is older than any made since. One value, so that no node ever sees the one without the other.
func doorSetting(id string) string { return "room " + id }

func readDoor(setting string) (d link.Door) {
	code, at, _ := strings.Cut(setting, " ")
	d.Code = code
	d.At, _ = strconv.ParseInt(at, 10, 64)
	return d
}

// Door is the room's, as far as this node knows.
func (b book) Door() link.Door { return *b.e.door.Load() }

// SetDoor takes over the other site's code, unless one that was made here meanwhile is newer.
func (b book) SetDoor(ctx context.Context, d link.Door) error {
	return b.changeDoor(ctx, func(was link.Door) link.Door {
		if d.Newer(was) {
			return d
		}
		return was
	})
}

// newDoor makes a new code. It is newer than the one before, by whichever site's clock that was made.
func (b book) newDoor(ctx context.Context) error {
	return b.changeDoor(ctx, func(was link.Door) link.Door {
		return link.Door{Code: roomCode(), At: max(was.At+1, b.e.session.View().At(b.s.now()))}
	})
}

// changeDoor makes another code open the room's door, also while another node does.
func (b book) changeDoor(ctx context.Context, f func(link.Door) link.Door) error {
	for {
		was, _, err := b.s.db.Get(ctx, doorSetting(b.id))
		if err != nil {
			return err
		}
		old := readDoor(was)
		d := f(old)
		if d != old {
			err = b.s.db.Change(ctx, doorSetting(b.id), was, fmt.Sprintf("%s %d", d.Code, d.At))
		}
		if errors.Is(err, journal.ErrChanged) {
			continue
		}
		if err == nil {
			b.e.heeds(d)
		}
		return err
	}
}

// heeds lets a code open the room's door here, unless one that is newer does: two may be told in any order.
func (e *entered) heeds(d link.Door) {
	for {
		was := e.door.Load()
		if was != nil && !d.Newer(*was) || e.door.CompareAndSwap(was, &d) {
			return
		}
	}
}

// ahead is how far the wall clock of the other site is ahead of this one's, ms, as far as its entries here tell.
func (b book) ahead() int64 {
	now, view := b.s.now(), b.e.session.View()
	_, ms := view.ClockAhead(string(b.e.session.Name()), now.UnixMilli(), view.At(now))
	return ms
}
