package floor

// A machine is lost, and another goes on for its site from a backup (Succeeded). What the lost one wrote after the backup
// comes back from the other site, which had acted on it: it counts as it did. What gives way is what the new machine
// wrote about the main floor without knowing that the gavel had gone elsewhere by then.

// late: the entry is of an epoch that had ended.
func (a *ahead) late(e *Entry) bool {
	if a == nil {
		return false
	}
	for _, t := range a.takes {
		switch by := t.by; {
		case by.Journal == e.Journal || e.N <= by.seenOf(e.Journal) || e.Saw(by.Ref()):
		case t.only == e.Journal:
			return true
		case t.only != "" || a.root(by.Journal) == a.root(e.Journal):
		case a.lost(by.Journal, e) || a.lost(e.Journal, by): // its site had seen it, on the machine before
		default:
			return true
		}
	}
	return a.elsewhere(e)
}

// elsewhere: the writer goes on for a machine that was lost, and the gavel had left its site by the newest of the moves
// that it lost with it. What it took over itself it knows.
func (a *ahead) elsewhere(e *Entry) bool {
	if a.after[e.Journal] == "" {
		return false
	}
	var last *Entry
	for _, m := range a.moves {
		switch _, took := m.Event.(*TookOver); {
		case took && m.Journal == e.Journal && m.N < e.N:
			return false
		case !e.Saw(m.Ref()) && a.lost(e.Journal, m) && (last == nil || newer(m, last)):
			last = m
		}
	}
	return last != nil && a.root(moved(last).Journal) != a.root(e.Journal)
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
