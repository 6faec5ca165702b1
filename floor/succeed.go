package floor

// Succeed goes on for a journal that nobody writes any more, because its folder was restored from a backup: the first
// thing that the new journal of that site says. What the old one may have written after N is not known here.
type Succeed struct {
	Journal string `json:"journal"` // which the new one goes on from
	Was     string `json:"was"`     // the key of its site
	N       int64  `json:"n"`       // its last entry here; 0 when a venue had written nothing yet
	Hash    string `json:"hash"`    // of that entry, or empty
	Key     string `json:"key"`     // the new key
	Proof   string `json:"proof"`   // by the old key, over all this; empty when the old key is gone
}

var _ = command("succeed", &Succeed{})

func (*Succeed) may() Roles  { return Site }
func (*Succeed) afterwards() {}

func (c *Succeed) decide(s *State, m Moment, by Actor) ([]Event, error) {
	for _, f := range []struct{ name, v string }{{"hash", c.Hash}, {"proof", c.Proof}} {
		if err := opaqueTo(f.name, f.v, 160); err != nil {
			return nil, err
		}
	}
	switch {
	case s.journalOf(m.Tag) != "-"+m.Tag:
		return nil, refuse("already")
	case !IsSiteKey(c.Key):
		return nil, &BadInput{"key", "letters", 0}
	case c.Was != "" && !IsSiteKey(c.Was):
		return nil, &BadInput{"was", "letters", 0}
	case len(s.Journals()) >= MaxJournals:
		return nil, refuse("journals")
	case s.heightOf(c.Journal) != c.N || c.N == 0 && !s.takesPart(c.Journal) || !s.mayGoOn(c.Journal):
		return nil, refuse("nosite")
	}
	return []Event{&Succeeded{c.Journal, c.Was, c.N, c.Hash, c.Key, c.Proof}}, nil
}

// mayGoOn: nobody goes on for this journal yet, and where several sites take part it is of one of them.
func (s *State) mayGoOn(journal string) bool {
	return s.Heir(journal) == journal && (len(s.Sites) == 0 || s.takesPart(journal))
}

// Succeeded: this journal goes on for another one, as the same site on another machine. In a session on several sites it
// takes over its part and, if that site had it, the gavel. What the lost machine wrote, known here or not, counts as if
// this one had written it.
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
	known := ev.N > 0 && s.heightOf(ev.Journal) >= ev.N || ev.N == 0 && s.takesPart(ev.Journal)
	old := s.now(ev.Journal) // restored twice from one backup, it goes on for the machine in between
	if e.N != 1 || !known || old == e.Journal || s.takesPart(e.Journal) || !s.mayGoOn(old) {
		s.friction(e)
		return
	}
	i := SiteInfo{e.Journal, ev.Key, old, e.Stamp.At, true, ev.N}
	if len(s.Sites) == 0 {
		s.lone = append(s.lone[:len(s.lone):len(s.lone)], i)
		return
	}
	s.goOn(i, e)
}

// goOn adds a site that takes over the part of another: its cuts are over, and the gavel is where it was, in a new epoch.
func (s *State) goOn(i SiteInfo, e *Entry) {
	s.Sites = append(s.Sites[:len(s.Sites):len(s.Sites)], i)
	for k := range s.Cuts {
		if c := &s.Cuts[k]; c.To < 0 && (c.Far == i.Succeeds || c.By == i.Succeeds) {
			c.To = i.At
		}
	}
	if s.Gavel.Journal == i.Succeeds {
		s.give(Gavel{i.Journal, s.Gavel.Epoch + 1}, e)
	}
	if i.itself && s.SideFloor.By == i.Succeeds {
		s.SideFloor.By = i.Journal
	}
}

// parts are the sites that take part; while there is one, the machines on which it went on.
func (s *State) parts() []SiteInfo {
	if len(s.Sites) == 0 {
		return s.lone
	}
	return s.Sites
}

// now is the journal in which a site goes on: this one, or that of the machine which says that it goes on for it.
func (s *State) now(journal string) string {
	return s.heir(journal, func(i SiteInfo) bool { return i.itself })
}

// Heir is the journal of who has the part of this one today: itself, unless it was replaced.
func (s *State) Heir(journal string) string {
	return s.heir(journal, func(SiteInfo) bool { return true })
}

func (s *State) heir(journal string, counts func(SiteInfo) bool) string {
	for _, i := range s.parts() { // each comes after the one it goes on for
		if i.Succeeds == journal && counts(i) {
			journal = i.Journal
		}
	}
	return journal
}

// A Revival says how the machine that writes a journal came to it.
type Revival struct {
	At   int64 // when it went on for one that was lost, ms
	Back int64 // entries which that one wrote after the backup, and which are here again
}

// Revived says that a site goes on on another machine than before; ok is false when it does not.
func (s *State) Revived(journal string) (r Revival, ok bool) {
	for _, i := range s.parts() {
		if i.itself && i.Journal == journal {
			return Revival{i.At, max(0, s.heightOf(i.Succeeds)-i.n)}, true
		}
	}
	return r, false
}

// has: the writer's site has the gavel.
func (s *State) has(e *Entry) bool { return s.now(e.Journal) == s.Gavel.Journal }

// heightOf is how many entries of a journal are here.
func (s *State) heightOf(journal string) int64 {
	for _, h := range s.Heads {
		if h.Journal == journal {
			return h.N
		}
	}
	return 0
}

// Hub is the journal of the site that made the session, or of the one that goes on for it; empty while there is one site.
func (s *State) Hub() string {
	if len(s.Sites) == 0 {
		return ""
	}
	return s.Heir(s.Sites[0].Journal)
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
