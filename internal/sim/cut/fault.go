package cut

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Faults are mistakes that can be planted in the parts played here: disk, link, clock, phone and site. Each is caught by
// the check beside it; what can go wrong in floor, live and link themselves is planted into their sources by the tests.
var Faults = []string{
	"answers before the sync",
	"goes on after a failed sync",
	"a torn tail is kept",
	"words do not travel with their entries",
	"words of the other site are not erased",
	"a site begins its journal anew",
	"the site without the gavel resumes",
	"the hub calls without the gavel",
	"silence is not noticed",
	"what was lost is not sent again",
	"the clock is not raised at contact",
	"the heal is noted at the first word",
	"a phone presses anew at the other site",
	"what a lost hub had told is not brought back",
	"a restored machine goes on in its old journal",
}

// Broke counts what breaks in a world, by what it is.
type Broke map[string]int

// breaks counts something that breaks.
func (w *world) breaks(what string) {
	if w.result.Broke == nil {
		w.result.Broke = Broke{}
	}
	w.result.Broke[what]++
}

// Add counts what broke elsewhere, too.
func (b *Broke) Add(o Broke) {
	if *b == nil {
		*b = Broke{}
	}
	for what, n := range o {
		(*b)[what] += n
	}
}

func (b Broke) String() string {
	var out []string
	for _, what := range slices.Sorted(maps.Keys(b)) {
		out = append(out, fmt.Sprintf("%s %d", what, b[what]))
	}
	return strings.Join(out, ", ")
}
