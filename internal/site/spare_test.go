package site_test

import (
	"path/filepath"
	"testing"

	"openmic/internal/link"
	"openmic/internal/site"
)

// TestSpareWhileTheHubStartsAnew keeps a spare laptop switched on, restored from the venue's backup, while the venue itself
// is heard. The hub is started anew: the spare asks at once, and is let in for a venue that is only about to dial by nobody.
func TestSpareWhileTheHubStartsAnew(t *testing.T) {
	p := newPair(t)
	p.begin()
	spare, _ := p.restored(backup(t, p.venue), filepath.Join(p.dirs[1], "key"))
	p.until("the spare hears that the venue is there", func() bool { return p.trouble(spare) == link.There })
	at := p.at(p.hub)
	p.hub.Close()
	p.hub = open(t, site.Settings{Data: p.dirs[0], Listen: at})
	p.until("both are one story again", func() bool {
		a, b := p.session(p.hub).View(), p.session(p.venue).View()
		return a.Severed() == nil && a.Hash() == b.Hash() && p.trouble(p.venue) == ""
	})
	p.until("the spare hears it again", func() bool { return p.trouble(spare) == link.There })
	if n := len(p.session(p.hub).View().Sites); n != 2 {
		t.Errorf("%d sites take part", n)
	}
}
