package record

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"openmic/floor"
)

var release = flag.String("release", "", "write the record of a played session as that of this release, when it has none yet")

// releases is where each release leaves records behind.
var releases = filepath.Join("testdata", "releases")

// TestReleases judges and replays the records that every release left behind, for ever: they hold, and each call is still
// the one that the rule names. go test ./record -run Releases -release VERSION adds one of a played session; one that the
// released program itself wrote (openmic record) lies beside it.
func TestReleases(t *testing.T) {
	if *release != "" {
		leave(t, filepath.Join(releases, *release))
	}
	files, err := filepath.Glob(filepath.Join(releases, "*", "*.openmic"))
	if err != nil || len(files) < 3 {
		t.Fatalf("%d records of releases are here, %v", len(files), err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if v := Verify(b); v.Exit != 0 {
			t.Errorf("%s: exit %d, %s: %s", name, v.Exit, v.Where, v.Fault)
		}
		calls, err := Replay(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		n := 0
		for _, c := range calls {
			if c.Override != "" {
				continue
			}
			if n++; !c.Called.Same(c.Rule) {
				t.Errorf("%s: entry %d called %+v, the rule now names %+v", name, c.N, c.Called, c.Rule)
			}
		}
		if n < 3 {
			t.Errorf("%s: %d calls by the rule show nothing", name, n)
		}
		t.Logf("%s: %d calls by the rule, %d overrides", name, n, len(calls)-n)
	}
}

// leave writes a session with a bad day in it, somebody erased and groups that count, public and archive. What a release
// has left is never written again.
func leave(t *testing.T, folder string) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	st := played(t, 93, 160, true, true)
	st.at += 1000
	st.must(theChair, &floor.Adjourn{})
	for _, kind := range []string{Public, Archive} {
		w, err := os.OpenFile(filepath.Join(folder, "played-"+kind+".openmic"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(st.record(kind)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A call that the rule of today would not make is listed beside the one that it makes, and no call after it.
func TestReplayShowsAnotherRule(t *testing.T) {
	st := played(t, 41, 160, true, false)
	n := find(st, 30, func(c *floor.CalledOut) bool { return c.Override == "" && !c.Tour })
	other := st.waiter(t, n)
	if other == nil {
		t.Fatal("nobody else waits at this call")
	}
	was := st.entries[n-1].Event.(*floor.CalledOut).Ticket
	f := forgery{stage: st, upTo: st.end(n), alter: map[int]func(*floor.Entry){n: func(e *floor.Entry) {
		c := e.Event.(*floor.CalledOut)
		c.Ticket, c.Person, c.Side = other.ID, other.Person, other.Side
	}}}
	calls, err := Replay(f.seal(t, Archive))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range calls {
		if c.Override == "" && c.Called.Same(c.Rule) == (c.N == int64(n)) {
			t.Errorf("entry %d called %+v, the rule %+v", c.N, c.Called, c.Rule)
		}
	}
	if last := calls[len(calls)-1]; last.N != int64(n) || last.Called.Ticket != other.ID || last.Rule.Ticket != was {
		t.Errorf("the last call is %+v; %s was called for %s", last, other.ID, was)
	}
	if _, err := Replay(bytes.Repeat([]byte("x"), 40)); err == nil {
		t.Error("what is no record is replayed")
	}
}
