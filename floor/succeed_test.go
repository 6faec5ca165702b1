package floor

import (
	"errors"
	"testing"
)

// revived is the hub from a backup of its first n entries, and writes a new journal.
func (w *two) revived(n int) (old []*Entry, hub *half) {
	hub = &half{t: w.t, journal: "story/hub-r", fold: NewFold(), at: w.hub.at}
	old = w.hub.own[:n]
	hub.fold.Add(old...)
	return old, hub
}

func succeed(old []*Entry) *Succeed {
	last := old[len(old)-1]
	return &Succeed{Journal: last.Journal, Was: "old-key", N: last.N, Hash: HashBytes(last.Bytes()), Key: "new-key"}
}

// A hub that was restored goes on for the one that is gone: it may let the venue in again and close its cut, and what
// the old one had written after the backup, and only the venue knows, is told in the one story once it comes back.
func TestARestoredHubGoesOn(t *testing.T) {
	w := newTwo(t)
	backup := len(w.hub.own)
	w.venue.must(chair, &Pass{To: w.hub.journal})
	w.meet()
	w.hub.must(self("sita"), &Ask{})
	w.hub.must(chair, &Call{})
	w.meet() // the venue has it; the disk of the hub breaks
	w.later(60_000)
	old, hub := w.revived(backup)
	before := hub.fold.State().Hash()
	site := Actor{Roles: Site, Person: "r0"}
	for what, c := range map[string]*Succeed{
		"another journal":  {Journal: w.venue.journal, N: 1},
		"another end":      {Journal: w.hub.journal, N: int64(backup) - 1},
		"one that is not":  {Journal: "story/hub-z", N: 1},
		"letters in a key": {Journal: w.hub.journal, N: int64(backup), Key: "two\nlines"},
	} {
		if err := hub.do(site, c); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
	hub.must(site, succeed(old))
	s := hub.fold.State()
	if s.Hub() != hub.journal || s.SideOf(hub.journal) != Online || s.SideOf(w.hub.journal) != Online || s.SideOf(w.venue.journal) != Room || s.Hash() == before || s.Frictions > 0 {
		t.Fatalf("%+v", s.Sites)
	}
	var no *Refusal
	if err := hub.do(site, succeed(old)); !errors.As(err, &no) || no.Kind != "already" {
		t.Errorf("a second time: %v", err)
	}
	hub.must(self("tomo"), &Ask{})
	// The venue brings what it has, its own and the old hub's, and hears the new one.
	hub.fold.Add(w.hub.own[backup:]...)
	hub.fold.Add(w.venue.own...)
	w.venue.fold.Add(hub.own...)
	s = hub.fold.State()
	if v := w.venue.fold.State(); v.Hash() != s.Hash() || s.Frictions > 0 || len(s.Conflicts) > 0 {
		t.Fatalf("two stories, or %d frictions, %v", s.Frictions, s.Conflicts)
	}
	if err := sane(s); err != nil {
		t.Fatal(err)
	}
	if len(s.Line) != 2 { // sita's ask and tomo's; the old hub's call is a call of an epoch that had ended
		t.Errorf("the line is %v", s.Line)
	}
	if s.Gavel.Journal != hub.journal && s.Gavel.Journal != w.venue.journal {
		t.Errorf("the gavel is at %s, where nobody is", s.Gavel.Journal)
	}
	// A hub that stands no more is replaced by nobody else, and lets nobody in.
	if err := w.hub.do(Actor{Roles: Site, Person: "h0"}, &Link{Journal: "story/venue-w", Succeeds: w.venue.journal}); err == nil {
		// It does not know yet; what it writes joins no story of those who do.
		w.hub.own = w.hub.own[:len(w.hub.own)-1]
	}
	hub.must(site, &Link{Journal: "story/venue-w", Succeeds: w.venue.journal})
}

// A session on one site needs no gavel, before and after.
func TestARestoredSingleSite(t *testing.T) {
	h := &half{t: t, journal: "story/hub-h", fold: NewFold()}
	h.must(Actor{Roles: Site, Person: "h0"}, &Create{Session: "story"})
	h.must(chair, &Plan{Title: "A story", Segments: []SegmentPlan{{Kind: "discussion", Minutes: 60}}})
	again := &half{t: t, journal: "story/hub-r", fold: NewFold()}
	again.fold.Add(h.own...)
	again.must(Actor{Roles: Site, Person: "r0"}, succeed(h.own))
	again.must(chair, &Open{})
	if s := again.fold.State(); len(s.Sites) != 0 || s.Gavel.Journal != "" || s.Opened < 0 || s.Frictions > 0 {
		t.Errorf("%+v %+v", s.Sites, s.Gavel)
	}
	again.must(Actor{Roles: Site, Person: "r0"}, &Link{Journal: "story/venue-v", Key: "k"})
	if s := again.fold.State(); len(s.Sites) != 2 || s.Hub() != again.journal || s.SideOf(again.journal) != Online {
		t.Errorf("%+v", s.Sites)
	}
}
