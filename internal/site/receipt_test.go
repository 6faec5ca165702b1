package site_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"openmic/internal/guest"
	"openmic/internal/site"
	"openmic/record"
)

// Sita asks, keeps her receipt and photographs the wall. In the record both are found again, with what became of her ask;
// against the record of another session, and one from before her ask, neither is.
func TestReceiptAndPhotoAgainstTheRecord(t *testing.T) {
	folder := t.TempDir()
	id, link := prepare(t, folder)
	ahead := atomic.Int64{}
	x := open(t, site.Settings{Data: folder, Listen: "127.0.0.1:0", Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	ctx := t.Context()
	client := &http.Client{Timeout: 10 * time.Second}
	chair, err := guest.Come(client, x.Local()+link)
	if err != nil {
		t.Fatal(err)
	}
	do := func(g *guest.Guest, fields map[string]any) guest.Answer {
		t.Helper()
		a, err := g.Do(ctx, fields)
		if err != nil || !a.Accepted() {
			t.Fatalf("%v: %d %s %v", fields["do"], a.Status, a.Say, err)
		}
		return a
	}
	get := func(g *guest.Guest, screen string) (int, string) {
		t.Helper()
		res, err := g.Get(ctx, screen)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b)
	}
	made := func() *record.Verdict {
		t.Helper()
		var b bytes.Buffer
		if err := x.Record(context.Background(), id, false, &b); err != nil {
			t.Fatal(err)
		}
		v := record.Verify(b.Bytes())
		if v.Exit != 0 {
			t.Fatal(v.Where, v.Fault)
		}
		return v
	}
	come := func(name string) *guest.Guest {
		t.Helper()
		g, a, err := guest.Knock(ctx, client, x.Local()+"/s/"+id+"/online", map[string]any{"id": guest.ID(), "name": name, "preset": "name"})
		if err != nil || g == nil {
			t.Fatal(a.Say, err)
		}
		return g
	}
	do(chair, map[string]any{"do": "open"})
	sita, other := come("Sita"), come("Ravi")
	early := made()
	ahead.Add(int64(20 * time.Second))
	ticket := do(sita, map[string]any{"do": "ask"}).Of("asked")
	if _, page := get(sita, "line"); !strings.Contains(page, fmt.Sprintf(`href="receipt?ticket=%s"`, ticket)) {
		t.Error("the page of who asked leads to no receipt")
	}
	status, page := get(sita, "receipt?ticket="+string(ticket))
	_, file := get(sita, "receipt.txt?ticket="+string(ticket))
	line := regexp.MustCompile(`openmic-receipt/[^<\s]+`).FindString(page)
	if status != http.StatusOK || !strings.Contains(page, `<svg class="qr"`) {
		t.Fatalf("%d %s", status, page)
	}
	for _, name := range []string{"receipt", "receipt.txt"} {
		for want, what := range map[int]string{http.StatusForbidden: string(ticket), http.StatusNotFound: "nothing"} {
			if status, _ := get(other, name+"?ticket="+what); status != want {
				t.Errorf("somebody else gets %d of %s %s", status, name, what)
			}
		}
	}
	do(chair, map[string]any{"do": "call"})
	ahead.Add(int64(time.Minute))
	_, wall := get(chair, "wall")
	photo := regexp.MustCompile(`translate="no">([a-z ]+)</bdi>`).FindStringSubmatch(wall)
	if photo == nil {
		t.Fatalf("no code on the wall:\n%s", wall)
	}
	do(chair, map[string]any{"do": "start"})
	v := made()
	for _, form := range []string{line, file} {
		k := v.Receipt([]byte(form))
		if k.Exit != 0 || k.Ticket != string(ticket) || k.Became != "speaking" {
			t.Errorf("%s: %+v", form, k)
		}
		if k := early.Receipt([]byte(form)); k.Exit != 1 || k.Against {
			t.Errorf("in the record from before: %+v", k)
		}
	}
	do(chair, map[string]any{"do": "end"})
	do(chair, map[string]any{"do": "adjourn"})
	v = made()
	if k := v.Receipt([]byte(line)); k.Exit != 0 || k.Became != "spoken" {
		t.Errorf("after the end: %+v", k)
	}
	c := v.Code(photo[1])
	if c.Exit != 0 || c.From < 20_000 || c.Shown != 60_000 || c.Until < c.Shown {
		t.Errorf("the photo: %+v", c)
	}
	if c := early.Code(photo[1]); c.Exit != 1 {
		t.Errorf("the photo in the record from before: %+v", c)
	}
}
