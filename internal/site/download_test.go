package site_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"openmic/internal/guest"
	"openmic/record"
)

// The public record is there for everybody at any moment, and holds; the archive is for the organiser. Asking for it
// again and again signs nothing.
func TestTheRecordIsThereAtAnyMoment(t *testing.T) {
	st := newStage(t)
	st.discuss()
	get := func(path string) (int, []byte) {
		t.Helper()
		res, err := http.Get(st.site.Local() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, b
	}
	public := st.hall.Base() + "record.zip"
	verdict := func() *record.Verdict {
		t.Helper()
		status, file := get(public)
		v := record.Verify(file)
		if status != http.StatusOK || v.Exit != 0 || v.Kind != record.Public {
			t.Fatalf("%d, %s record, exit %d, %s %s", status, v.Kind, v.Exit, v.Where, v.Fault)
		}
		return v
	}
	first := verdict()
	st.do(st.all, "tell", map[string]any{"text": "Five minutes more."})
	for range 20 {
		if v := verdict(); v.Ended || v.Checkpoints != first.Checkpoints || v.Entries != first.Entries {
			t.Fatalf("%d checkpoints and %d entries became %d and %d", first.Checkpoints, first.Entries, v.Checkpoints, v.Entries)
		}
	}
	archive := func(g *guest.Guest) (int, []byte) {
		t.Helper()
		res, err := g.Get(context.Background(), "archive.zip")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, b
	}
	status, file := archive(st.all)
	if v := record.Verify(file); status != http.StatusOK || v.Exit != 0 || v.Kind != record.Archive || v.Withheld > 0 {
		t.Errorf("%d, %s, exit %d %s, %d withheld", status, v.Kind, v.Exit, v.Fault, v.Withheld)
	}
	if first.Withheld == 0 {
		t.Error("the public record holds every word")
	}
	if status, b := archive(st.guest["Ana Sosa"]); status != http.StatusForbidden || bytes.HasPrefix(b, []byte("PK")) {
		t.Error("a participant asks for the archive:", status)
	}
	if status, b := get(strings.Replace(public, "record.zip", "archive.zip", 1)); status != http.StatusNotFound || bytes.HasPrefix(b, []byte("PK")) {
		t.Error("a stranger asks for the archive:", status)
	}
	st.conclude()
	if status, file := archive(st.all); status != http.StatusOK || record.Verify(file).Exit != 0 {
		t.Error("afterwards the archive is answered", status)
	}
	verdict()
}
