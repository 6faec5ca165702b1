package cut

import (
	"fmt"

	"openmic/floor"
)

// twice: who was entered by one press at both sites is one person, and known by either name (I3).
func twice(es []*floor.Entry, st *floor.State) string {
	type press struct{ by, command string }
	again := repeats(es)
	first, made := map[press]string{}, map[press]map[string][]floor.ID{} // the journal that took it first; who was made, by journal
	for _, e := range es {
		k := press{string(e.By), e.Command}
		if made[k] == nil {
			first[k], made[k] = e.Journal, map[string][]floor.ID{}
		}
		ev, ok := e.Event.(*floor.Joined)
		if !ok {
			continue
		}
		n := len(made[k][e.Journal])
		made[k][e.Journal] = append(made[k][e.Journal], ev.Person)
		if there := made[k][first[k]]; again[e] && n < len(there) {
			if p := st.Person(ev.Person); p == nil || p.ID != there[n] {
				return fmt.Sprintf("I3: %s, entered as %s at the other site by the same press, is not the same", ev.Person, there[n])
			}
		}
	}
	return ""
}
