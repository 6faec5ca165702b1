package sim

import (
	"bytes"
	"testing"

	"openmic/floor"
	"openmic/record"
)

// TestRecord: a simulated session is a record like any other. It holds, is the same each time, and every call in it is the
// one that the rule names.
func TestRecord(t *testing.T) {
	m, seen := TheModel(), TheMeasured()
	for _, name := range m.Names() {
		c := m.Case(name)
		var b, again bytes.Buffer
		err := Record(&b, m, seen, c, floor.TheRule, 3)
		if c.Cut != nil {
			if err == nil {
				t.Errorf("%s: a session with a cut was taken for one of one site", name)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := Record(&again, m, seen, c, floor.TheRule, 3); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Errorf("%s: the same seed gives two records (%v)", name, err)
		}
		if v := record.Verify(b.Bytes()); v.Exit != 0 || v.Entries < 50 {
			t.Errorf("%s: %s: %s (%d entries)", name, v.Where, v.Fault, v.Entries)
		}
		calls, err := record.Replay(b.Bytes())
		if err != nil || len(calls) < 5 {
			t.Errorf("%s: %d calls, %v", name, len(calls), err)
		}
		for _, c := range calls {
			if !c.Called.Same(c.Rule) {
				t.Errorf("%s: entry %d calls %+v, the rule %+v", name, c.N, c.Called, c.Rule)
			}
		}
	}
}
