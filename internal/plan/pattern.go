package plan

import (
	"regexp"
	"sync"
)

// pattern is made when it is first needed: most starts of the program read no proposal.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
