package link

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"openmic/floor"
	"openmic/internal/live"
)

// A cutNote is what a watchman writes. Where the disk takes nothing, it tries again once a second and says so once.
type cutNote struct {
	failed time.Time
	said   bool
}

// write writes the cut into the journal, once.
func (n *cutNote) write(p Place, far string, since int64) {
	if p.Now().Sub(n.failed) < Beat {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	v := p.Session.View()
	if v.Adjourned >= 0 || !slices.ContainsFunc(v.Sites, func(i floor.SiteInfo) bool { return i.Journal == far }) {
		return
	}
	if v.CutFrom(string(p.Session.Name()), far) {
		return
	}
	_, err := p.Session.Do(ctx, live.Command{ID: fmt.Sprintf("cut-%d", v.Head().N), Actor: p.Session.Site(), Do: &floor.NoteCut{Far: far, Since: since}})
	var no *floor.Refusal
	if err == nil || errors.As(err, &no) {
		*n = cutNote{}
		return
	}
	if n.failed = p.Now(); !n.said {
		n.said = true
		p.Log.Error("the cut is not noted", "far", far, "error", err)
	}
}
