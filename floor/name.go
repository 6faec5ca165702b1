package floor

import (
	"regexp"
	"slices"
	"strings"
)

// MaxJournals is how many journals a session may have: a hub, a venue, and the machines that replaced them. No record
// takes more.
const MaxJournals = 8

// JournalName is what a journal may be called, as a regular expression: session, slash, kind of site, dash, tag. Files,
// records and receipts are called by it, so that nothing else may stand in it.
const JournalName = `[a-z0-9]{1,20}/[a-z]{1,10}-[a-z0-9]{1,20}`

var (
	journalName = regexp.MustCompile(`^` + JournalName + `$`)
	siteKey     = regexp.MustCompile(`^openmic-[a-z0-9]{1,20}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$`)
)

// SessionOf is the session of a journal with this name; ok is false where no journal may be called so.
func SessionOf(name string) (session string, ok bool) {
	session, _, _ = strings.Cut(name, "/")
	return session, journalName.MatchString(name)
}

// IsSiteKey: it looks like the key of a site, as sumdb/note prints a verifier. Whether it is one is not known here.
func IsSiteKey(key string) bool { return siteKey.MatchString(key) }

// Journals are those that have written something here, and those of the sites that take part.
func (s *State) Journals() (out []string) {
	for _, h := range s.Heads {
		out = append(out, h.Journal)
	}
	for _, i := range s.Sites {
		if !slices.Contains(out, i.Journal) {
			out = append(out, i.Journal)
		}
	}
	return out
}

// TakesJournals says why journals of these names cannot belong to the session: BadInput for what no journal of it may
// be called; the refusal "already" where what is written there would be known by the IDs of another one; the refusal
// "journals" where there would be more than MaxJournals.
func (s *State) TakesJournals(names ...string) error {
	all := s.Journals()
	for _, name := range names {
		session, ok := SessionOf(name)
		if ok && len(all) > 0 {
			ours, _ := SessionOf(all[0])
			ok = session == ours
		}
		if !ok {
			return &BadInput{"journal", "letters", 0}
		}
		if slices.Contains(all, name) {
			continue
		}
		if slices.ContainsFunc(all, func(j string) bool { return letters(j) == letters(name) }) {
			return refuse("already")
		}
		all = append(all, name)
		if len(all) > MaxJournals {
			return refuse("journals")
		}
	}
	return nil
}

// letters is the tag of a journal without the digits at its end: an ID is the tag and a number.
func letters(journal string) string { return strings.TrimRight(Tag(journal), "0123456789") }
