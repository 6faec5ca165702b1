package home

import (
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"openmic/internal/web/page"
	"openmic/internal/web/sheet"
	"openmic/internal/words"
)

func TestTheTemplateFits(t *testing.T) {
	l := words.Languages()[0]
	for _, step := range []string{"start", "review", "made"} {
		v := view{Page: page.Page{Speaker: l}, Step: step, Sheet: sheet.Of(l, sheet.Empty(), nil, nil, time.UTC)}
		for _, name := range []string{"frame", "live"} {
			if err := templatecheck.CheckHTML(screen.Templates().Lookup(name), v); err != nil {
				t.Error(err)
			}
		}
	}
}
