package floor

import "slices"

// Succeed goes on for a journal that nobody writes any more, because its folder was restored from a backup: the first
// thing that the new journal of that site says. What the old one may have written after N is not known here.
type Succeed struct {
	Journal string `json:"journal"` // which the new one goes on from
	Was     string `json:"was"`     // the key of its site
	N       int64  `json:"n"`       // its last entry here
	Hash    string `json:"hash"`    // of that entry
	Key     string `json:"key"`     // the new key
	Proof   string `json:"proof"`   // by the old key, over all this; empty when the old key is gone
}

var _ = command("succeed", &Succeed{})

func (*Succeed) may() Roles  { return Site }
func (*Succeed) afterwards() {}

func (c *Succeed) decide(s *State, m Moment, by Actor) ([]Event, error) {
	for _, f := range []struct{ name, v string }{{"journal", c.Journal}, {"was", c.Was}, {"hash", c.Hash}, {"key", c.Key}, {"proof", c.Proof}} {
		if err := opaqueTo(f.name, f.v, 160); err != nil {
			return nil, err
		}
	}
	switch {
	case s.journalOf(m.Tag) != "-"+m.Tag:
		return nil, refuse("already")
	case !slices.Contains(s.Heads, Seen{c.Journal, c.N}) || !s.mayGoOn(c.Journal):
		return nil, refuse("nosite")
	}
	return []Event{&Succeeded{c.Journal, c.Was, c.N, c.Hash, c.Key, c.Proof}}, nil
}

// mayGoOn: no other site goes on for this one yet, and it is the hub's, which nobody else can let in again.
func (s *State) mayGoOn(journal string) bool {
	return !s.replaced(journal) && (len(s.Sites) == 0 || s.Hub() == journal)
}

// Succeeded: this journal goes on for the hub's. In a session on several sites it takes over its part and, if that site
// had it, the gavel.
type Succeeded struct {
	Journal string `json:"journal"`
	Was     string `json:"was"`
	N       int64  `json:"n"`
	Hash    string `json:"hash"`
	Key     string `json:"key"`
	Proof   string `json:"proof"`
}

var _ = event("succeeded", &Succeeded{})

func (ev *Succeeded) apply(s *State, e *Entry) {
	known := slices.ContainsFunc(s.Heads, func(h Seen) bool { return h.Journal == ev.Journal && h.N >= ev.N })
	if e.N != 1 || !known || ev.Journal == e.Journal || !s.mayGoOn(ev.Journal) {
		s.friction(e)
		return
	}
	if len(s.Sites) > 0 {
		s.goOn(SiteInfo{e.Journal, ev.Key, ev.Journal, e.Stamp.At})
	}
}

// goOn adds a site that takes over the part of another: its cuts are over, and the gavel is where it was, in a new epoch.
func (s *State) goOn(i SiteInfo) {
	s.Sites = append(s.Sites[:len(s.Sites):len(s.Sites)], i)
	for k := range s.Cuts {
		if c := &s.Cuts[k]; c.To < 0 && (c.Far == i.Succeeds || c.By == i.Succeeds) {
			c.To = i.At
		}
	}
	if s.Gavel.Journal == i.Succeeds {
		s.Gavel = Gavel{i.Journal, s.Gavel.Epoch + 1}
	}
}

// Hub is the journal of the site that made the session, or of the one that goes on for it; empty while there is one site.
func (s *State) Hub() string {
	if len(s.Sites) == 0 {
		return ""
	}
	hub := s.Sites[0].Journal
	for _, i := range s.Sites[1:] { // each comes after the one it goes on for
		if i.Succeeds == hub {
			hub = i.Journal
		}
	}
	return hub
}

// atHub: the journal is the hub's, today's or that of a machine before it.
func (s *State) atHub(journal string) bool {
	for i := len(s.Sites) - 1; i >= 0; i-- {
		if s.Sites[i].Journal == journal && s.Sites[i].Succeeds != "" {
			journal = s.Sites[i].Succeeds
		}
	}
	return len(s.Sites) > 0 && s.Sites[0].Journal == journal
}
