package floor

// A machine is lost, and another goes on for its site from a backup (Succeeded). What the lost one wrote after the backup
// comes back from the other site, which had acted on it: it counts as it did. What gives way is what the new machine
// wrote about the main floor without knowing that the gavel had gone elsewhere by then.

// late lists the entries with which the epoch of this one had ended; none while it goes on.
func (a *ahead) late(e *Entry) (by []Ref) {
	if a == nil {
		return nil
	}
	for _, t := range a.takes {
		switch {
		case t.by.Journal == e.Journal || e.N <= t.by.seenOf(e.Journal) || e.Saw(t.by.Ref()):
		case t.only == e.Journal:
			by = append(by, t.by.Ref())
		case t.only != "" || a.root(t.by.Journal) == a.root(e.Journal):
		case a.lost(t.by.Journal, e) || a.lost(e.Journal, t.by): // its site had seen it, on the machine before
		default:
			by = append(by, t.by.Ref())
		}
	}
	if m := a.elsewhere(e); m != nil {
		by = append(by, m.Ref())
	}
	return by
}

// elsewhere: the writer goes on for a machine that was lost, and the gavel had left its site by the newest of the moves
// that it lost with it: that one, or nil. What it took over itself it knows.
func (a *ahead) elsewhere(e *Entry) *Entry {
	if a.after[e.Journal] == "" {
		return nil
	}
	var last *Entry
	for _, m := range a.moves {
		switch _, took := m.Event.(*TookOver); {
		case took && m.Journal == e.Journal && m.N < e.N:
			return nil
		case !e.Saw(m.Ref()) && a.lost(e.Journal, m) && (last == nil || newer(m, last)):
			last = m
		}
	}
	if last == nil || a.root(moved(last).Journal) == a.root(e.Journal) {
		return nil
	}
	return last
}

// moved is where the gavel is after a move.
func moved(e *Entry) Gavel {
	switch ev := e.Event.(type) {
	case *Passed:
		return Gavel{ev.To, ev.Epoch}
	case *TookOver:
		return Gavel{e.Journal, ev.Epoch}
	}
	return Gavel{}
}

func newer(a, b *Entry) bool {
	x, y := moved(a).Epoch, moved(b).Epoch
	return x > y || x == y && byStamp(a, b) > 0
}

// lost: a machine that this journal goes on for wrote the entry, or had seen it.
func (a *ahead) lost(journal string, e *Entry) bool {
	for range a.after { // each at most once
		if journal = a.after[journal]; journal == "" {
			return false
		}
		if e.Journal == journal || e.N <= a.saw[[2]string{journal, e.Journal}] {
			return true
		}
	}
	return false
}

// root is the first journal of a site.
func (a *ahead) root(journal string) string {
	for range a.after {
		if a.after[journal] == "" {
			break
		}
		journal = a.after[journal]
	}
	return journal
}

// replaced: another machine of its site goes on for this one.
func (a *ahead) replaced(journal string) bool {
	for _, old := range a.after {
		if old == journal {
			return true
		}
	}
	return false
}
