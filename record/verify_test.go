package record

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"openmic/floor"
)

// A record of any moment of a session holds, for strangers with a zip program too.
func TestRecordHolds(t *testing.T) {
	st := played(t, 1, 150, true, true)
	for _, kind := range []string{Public, Archive} {
		b := st.record(kind)
		if !bytes.Equal(b, st.record(kind)) {
			t.Error("the same session gives two records")
		}
		v := Verify(b, st.verify)
		if v.Exit != 0 {
			t.Fatalf("%s: %s: %s", kind, v.Where, v.Fault)
		}
		var said strings.Builder
		if err := v.Tell(&said); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s record, %d bytes\n%s", kind, len(b), said.String())
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"a secret of the crew", "because of Ana", "red hat", "meet.example.org", "Somebody", "Nowhere"} {
				if kind == Public && bytes.Contains(text, []byte(secret)) {
					t.Errorf("%s of a public record holds %q", f.Name, secret)
				}
			}
		}
	}
	_, vkey := siteKeys(t, 8)
	if v := Verify(st.record(Public), vkey); v.Exit != 1 || !strings.Contains(v.Fault, "expected") {
		t.Errorf("a record of another key: %+v", v)
	}
}

// What a person said is in no record after they took it back, and the record still holds and counts what is gone.
func TestErasedRecordHolds(t *testing.T) {
	st := newStage(t, 3)
	st.open(0)
	st.must(person("ana"), &floor.Join{Description: floor.Description{Name: new("Ana Unforgettable"), Preset: "group"}})
	st.must(person("ana"), &floor.Write{Text: "unforgettable words"})
	st.must(theChair, &floor.Approve{Ticket: st.s.Tickets[0].ID})
	if b := st.record(Public); !bytes.Contains(b, []byte("Ana Unforgettable")) || !bytes.Contains(b, []byte("unforgettable words")) {
		t.Fatal("the words were never there")
	}
	st.at += 1000
	st.must(person("ana"), &floor.Erase{})
	early := st.record(Archive)
	if bytes.Contains(early, []byte("nforgettable")) {
		t.Error("the writer puts erased words into a record")
	}
	st.forget()
	for _, kind := range []string{Public, Archive} {
		v := Verify(st.record(kind))
		if v.Exit != 0 || v.Erased != 2 {
			t.Errorf("%s: %+v", kind, v)
		}
	}
}

// A session of 90 minutes with 2,000 entries: hundreds of asks, a call a minute, a checkpoint each minute.
func BenchmarkVerify(b *testing.B) {
	st := newStage(b, 5)
	st.open(20)
	for len(st.entries) < 2000 {
		st.at += 2700
		switch who := person(st.anybody()); {
		case st.s.Call() != nil:
			st.try(theChair, &floor.Start{})
		case st.at%60_000 < 2700:
			st.try(theChair, &floor.Call{})
		case st.s.Live(who.Person) != nil && len(st.s.Line) > 30:
			st.try(who, &floor.Withdraw{Ticket: st.s.Live(who.Person).ID})
		case len(st.s.People) < 400 && st.r.IntN(2) == 0:
			st.arrive()
		default:
			st.try(who, &floor.Write{Text: "a card of a few words"})
			st.try(who, &floor.Ask{AskFields: floor.AskFields{About: "a subject"}})
		}
	}
	rec := st.record(Archive)
	best := time.Hour
	for b.Loop() {
		from := time.Now()
		if v := Verify(rec); v.Exit != 0 {
			b.Fatal(v.Where, v.Fault)
		}
		best = min(best, time.Since(from))
	}
	b.ReportMetric(float64(best.Microseconds())/1000, "best-ms")
	b.ReportMetric(float64(len(st.entries)), "entries")
	b.ReportMetric(float64(len(st.notes)), "checkpoints")
	b.ReportMetric(float64(st.at)/60_000, "minutes")
	b.ReportMetric(float64(len(rec)), "bytes")
}
