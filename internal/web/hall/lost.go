package hall

import (
	"slices"

	"openmic/floor"
	"openmic/internal/web/page"
)

// lost is the site that goes on on another machine (seed S11), while everybody must know it: until some minutes after both
// sites have heard each other again. What the machine before it took and nobody else had heard is gone, so no screen may
// say meanwhile that every place was kept. ok is false when there is none.
func (l *Look) lost() (x floor.SiteInfo, ok bool) {
	for _, s := range l.Sites {
		if s.Succeeds == "" {
			continue
		}
		if heard := l.heardAfter(s); heard < 0 || l.At < heard+told+60_000 { // longer than the heal itself is told
			x, ok = s, true
		}
	}
	return x, ok
}

// heardAfter is when both sites first heard each other after one of them had gone on on another machine, ms; -1 while
// they have not.
func (l *Look) heardAfter(s floor.SiteInfo) int64 {
	for _, c := range l.Cuts {
		other := c.Far
		if other == s.Journal {
			other = c.By
		} else if c.By != s.Journal {
			continue
		}
		// A venue that came afterwards has lost nothing by it, unless it came back to a hub whose backup did not know it.
		before := slices.ContainsFunc(l.Sites, func(o floor.SiteInfo) bool { return o.Journal == other && o.At <= s.At })
		if before || c.From < s.At+told {
			return c.To
		}
		break
	}
	return s.At
}

// goneWith says what is gone with a machine that was lost.
func (l *Look) goneWith(x floor.SiteInfo) string {
	return l.Lang.Say("cut.lost-"+l.SideOf(x.Journal).String(), "t", l.Clock(x.At))
}

// restored tells of the one site of a session that it goes on from a backup, for some minutes.
func (l *Look) restored() []page.Notice {
	r, ok := l.Revived(l.Own())
	if !ok || l.Adjourned >= 0 || l.At >= r.At+told {
		return nil
	}
	return []page.Notice{{Kind: "lost", Strong: l.Lang.Say("cut.lost-here", "t", l.Clock(r.At)), Soft: l.Lang.Say("cut.lost-ask")}}
}
