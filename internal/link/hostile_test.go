package link

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/internal/journal"
	"openmic/internal/live"
)

// forger has the token and the key of a venue, and says with them whatever it likes.
type forger struct {
	t    *testing.T
	hub  *house
	link *Hub
	at   string
	key  note.Signer
	ask  []byte
	body *bufio.Scanner
	end  context.CancelFunc
}

const year = int64(365 * 24 * 3600 * 1000) // ms

func forge(t *testing.T) *forger {
	t.Helper()
	hub, _ := open(t, "abc/hub-h", "hub", false)
	hub.must(chair, &floor.Plan{Title: "A story", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}})
	sign, verify, err := note.GenerateKey(rand.Reader, "openmic-venue")
	if err != nil {
		t.Fatal(err)
	}
	key, err := note.NewSigner(sign)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("secret"))
	hub.book.venues = []Venue{{Journal: "abc/venue-v", Key: verify, Token: sum[:]}}
	hub.must(hub.Session.Site(), &floor.Link{Journal: "abc/venue-v", Key: verify})
	server := NewHub(hub.Place)
	web := httptest.NewServer(server)
	t.Cleanup(func() { server.Close(); web.Close() })
	f := &forger{t: t, hub: hub, link: server, at: web.URL, key: key, end: func() {}}
	t.Cleanup(func() { f.end() })
	return f
}

func (f *forger) request(ctx context.Context, method string, body []byte) *http.Request {
	f.t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, f.at+"?journal=abc%2Fvenue-v", bytes.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer secret")
	Speak(r)
	return r
}

// opens asks for a stream with these heights and with a challenge that the key has signed.
func (f *forger) opens(have, ask string, key note.Signer) *http.Response {
	f.t.Helper()
	ctx, end := context.WithCancel(context.Background())
	f.end = end
	mine := make([]byte, 32)
	r := f.request(ctx, http.MethodGet, nil)
	r.Header.Set("Openmic-Ask", base64.RawURLEncoding.EncodeToString(mine))
	r.Header.Set("Openmic-Have", have)
	if ask != "" {
		proof, err := key.Sign(streamText(ask, mine, have))
		if err != nil {
			f.t.Fatal(err)
		}
		r.Header.Set("Openmic-Challenge", ask)
		r.Header.Set("Openmic-Signed", base64.RawURLEncoding.EncodeToString(proof))
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// stream opens one with any heights, and gives its first line.
func (f *forger) stream(have string) message {
	f.t.Helper()
	ask := f.opens(have, "", nil).Header.Get("Openmic-Challenge")
	return f.first(f.opens(have, ask, f.key))
}

// first is the first line of a stream.
func (f *forger) first(resp *http.Response) message {
	f.t.Helper()
	var err error
	if resp.StatusCode != http.StatusOK {
		f.t.Fatalf("the stream answers %s", resp.Status)
	}
	f.body = bufio.NewScanner(resp.Body)
	f.body.Buffer(nil, maxBody)
	m := f.line()
	if f.ask, err = base64.RawURLEncoding.DecodeString(m.Ask); err != nil {
		f.t.Fatal(err)
	}
	return m
}

// line is the next line of the stream; the zero message when it has ended.
func (f *forger) line() (m message) {
	f.t.Helper()
	if f.body.Scan() {
		if err := json.Unmarshal(f.body.Bytes(), &m); err != nil {
			f.t.Fatal(err)
		}
	}
	return m
}

// signed is a body as push n, signed with a key.
func (f *forger) signed(n string, key note.Signer, body []byte) *http.Request {
	f.t.Helper()
	proof, err := key.Sign(pushText(n, f.ask, sha256.Sum256(body)))
	if err != nil {
		f.t.Fatal(err)
	}
	r := f.request(context.Background(), http.MethodPost, body)
	r.Header.Set("Openmic-Push", n)
	r.Header.Set(digestHeader, digest(sha256.Sum256(body)))
	r.Header.Set("Openmic-Signed", base64.RawURLEncoding.EncodeToString(proof))
	return r
}

// push sends a body as push n, signed with a key.
func (f *forger) push(n string, key note.Signer, body []byte) (status int, m message) {
	f.t.Helper()
	resp, err := http.DefaultClient.Do(f.signed(n, key, body))
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		if err := json.NewDecoder(resp.Body).Decode(&m); err != nil {
			f.t.Fatal(err)
		}
	}
	return resp.StatusCode, m
}

// entry is a push of one entry.
func (f *forger) entry(journal string, stamp floor.Stamp) []byte {
	f.t.Helper()
	e := &floor.Entry{Journal: journal, N: 1, Stamp: stamp, Wall: 1, Command: "c", By: "p", Event: &floor.PassRevoked{Person: "p"}}
	b, err := json.Marshal(message{Batches: []Batch{{Journal: journal, From: 1, Entries: []string{string(e.Bytes())}}}})
	if err != nil {
		f.t.Fatal(err)
	}
	return b
}

// Whoever has the token, or even the key, of a venue cannot say more than that venue may.
func TestHostileVenue(t *testing.T) {
	f := forge(t)
	own := floor.Stamp{At: f.hub.Session.View().At(time.Now()), Site: floor.Tag("abc/venue-v")}
	if status, _ := f.push("1", f.key, []byte("{}")); status != http.StatusUnauthorized {
		t.Errorf("a push without a stream is answered %d", status)
	}
	for range 200 { // strangers change nothing for the venue
		resp, err := http.Get(f.at + "?journal=abc%2Fvenue-v")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Fatalf("a stranger is answered %s", resp.Status)
		}
	}
	f.stream(`{"abc/hub-h":-9223372036854775808,"abc/elsewhere":7,"abc/venue-v":9223372036854775807}`)
	if m := f.line(); len(m.Batches) == 0 || m.Batches[0].From != 1 {
		t.Errorf("with impossible heights the session comes as %+v", m)
	}
	sign, _, err := note.GenerateKey(rand.Reader, "openmic-venue")
	if err != nil {
		t.Fatal(err)
	}
	other, err := note.NewSigner(sign)
	if err != nil {
		t.Fatal(err)
	}
	before := f.hub.Session.View().Entries
	if status, _ := f.push("1", other, f.entry("abc/venue-v", own)); status != http.StatusUnauthorized {
		t.Errorf("another key is answered %d", status)
	}
	if status, _ := f.push("1", f.key, bytes.Repeat([]byte(" "), maxBody+1)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("5 MB are answered %d", status)
	}
	for n, x := range []struct {
		journal, over string
		stamp         floor.Stamp
	}{
		{"abc/hub-h", "stranger", floor.Stamp{Site: floor.Tag("abc/hub-h")}},
		{"abc/venue-w", "stranger", floor.Stamp{Site: floor.Tag("abc/venue-w")}},
		{"other/venue-v", "stranger", floor.Stamp{Site: floor.Tag("other/venue-v")}},
		{"abc/venue-v", "stranger", floor.Stamp{At: own.At, Site: "someoneelse"}},
		{"abc/venue-v", "stranger", floor.Stamp{At: own.At, Count: 1 << 62, Site: own.Site}},
		{"abc/venue-v", "ahead", floor.Stamp{At: own.At + 69*year, Site: own.Site}},
	} {
		if _, m := f.push(fmt.Sprint(10+n), f.key, f.entry(x.journal, x.stamp)); m.Over != x.over {
			t.Errorf("an entry of %s at %+v is answered %q, not %q", x.journal, x.stamp, m.Over, x.over)
		}
	}
	if v := f.hub.Session.View(); v.Entries != before {
		t.Errorf("the hub has %d entries, not %d", v.Entries, before)
	}
	body := f.entry("abc/venue-v", own)
	if status, m := f.push("20", f.key, body); status != http.StatusOK || m.Over != "" || m.Have["abc/venue-v"] != 1 {
		t.Errorf("its own entry is answered %d %+v", status, m)
	}
	for _, n := range []string{"20", "19", "", "x"} {
		if status, _ := f.push(n, f.key, body); status != http.StatusUnauthorized {
			t.Errorf("push %q after push 20 is answered %d", n, status)
		}
	}
	start := f.hub.Session.View().At(time.Now())
	for n := range 10 {
		beat, err := json.Marshal(message{At: start + int64(n+1)*year, Have: map[string]int64{"abc/made-up": 5}})
		if err != nil {
			t.Fatal(err)
		}
		f.push(fmt.Sprint(30+n), f.key, beat)
	}
	if ahead := f.hub.Session.View().At(time.Now()) - start; ahead > 101*24*3600*1000 {
		t.Errorf("a venue's clock moved the session's by %d h", ahead/3600/1000)
	}
	// A wish is for the main floor only, and nobody's wish is the program's.
	site, err := newWish(1, live.Command{ID: "w", Actor: floor.Actor{Person: "x", Roles: floor.Site | floor.Chair}, Do: &floor.Link{Journal: "abc/venue-x", Key: "k"}})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := json.Marshal(message{Wish: site}); err != nil {
		t.Fatal(err)
	} else if _, m := f.push("50", f.key, b); len(m.Done) != 1 || m.Done[0].Error == "" {
		t.Errorf("a wish to let another site in is answered %+v", m.Done)
	}
	// The newest stream counts; pushes signed for the one before do not.
	first, old := f.body, f.ask
	f.stream(`{}`)
	for first.Scan() {
	}
	fresh := f.ask
	f.ask = old
	if status, _ := f.push("99", f.key, []byte("{}")); status != http.StatusUnauthorized {
		t.Errorf("a push for an older stream is answered %d", status)
	}
	f.ask = fresh
	if status, _ := f.push("1", f.key, []byte("{}")); status != http.StatusOK {
		t.Errorf("a push for the newest stream is answered %d", status)
	}
}

// An admitted venue that writes without end is told that it is enough, and one whose entries no record could hold is
// refused before anything of it is stored. The hub and its people go on.
func TestVenueWithoutMeasure(t *testing.T) {
	f := forge(t)
	f.stream(`{}`)
	at, prev := f.hub.Session.View().At(time.Now()), ""
	push := 0
	// say pushes entries of the venue's journal from n on, all with the words they say.
	say := func(n int64, count int, words string, change func(*floor.Entry, *Batch)) (int, message) {
		t.Helper()
		b := Batch{Journal: "abc/venue-v", From: n}
		last := prev
		for i := range int64(count) {
			e := &floor.Entry{Journal: b.Journal, N: n + i, Stamp: floor.Stamp{At: at, Count: n + i, Site: floor.Tag(b.Journal)}, Wall: 1, Command: fmt.Sprint("c", n+i), By: "p",
				Event: &floor.Told{}, Prev: last}
			a := floor.Addendum{N: e.N, Field: "text", Nonce: make([]byte, 16), Text: words}
			if words != "" {
				e.Said = map[string]string{"text": a.Digest()}
				b.Addenda = append(b.Addenda, Addendum(a))
			}
			if change != nil {
				change(e, &b)
			}
			b.Entries = append(b.Entries, string(e.Bytes()))
			last = floor.HashBytes(e.Bytes())
		}
		body, err := json.Marshal(message{Batches: []Batch{b}})
		if err != nil {
			t.Fatal(err)
		}
		push++
		status, m := f.push(fmt.Sprint(push), f.key, body)
		if status == http.StatusOK && m.Over == "" {
			prev = last
		}
		return status, m
	}
	for what, change := range map[string]func(*floor.Entry, *Batch){
		"words that were not written": func(e *floor.Entry, b *Batch) { b.Addenda[0].Text = "other words" },
		"a nonce of one byte":         func(e *floor.Entry, b *Batch) { b.Addenda[0].Nonce = []byte{1} },
		"words of no field":           func(e *floor.Entry, b *Batch) { b.Addenda[0].Field = "else" },
		"the year 40,000":             func(e *floor.Entry, b *Batch) { e.Wall = 1_200_000_000_000_000 },
		"two million letters":         func(e *floor.Entry, b *Batch) { e.Command = strings.Repeat("c", 2_000_000) },
	} {
		if status, m := say(1, 1, "words", change); status != http.StatusOK || m.Over != "stranger" || m.Have["abc/venue-v"] != 0 {
			t.Errorf("%s: answered %d %q, %d entries taken", what, status, m.Over, m.Have["abc/venue-v"])
		}
	}
	if status, m := say(1, 1, strings.Repeat("\x01", 300_000), nil); status != http.StatusOK || m.Over != "stranger" {
		t.Errorf("words that fill more than a line of a record: answered %d %q", status, m.Over)
	}
	// Bytes run out before entries do.
	n, over := int64(1), ""
	for over == "" && n < 200 {
		status, m := say(n, 1, strings.Repeat("a word ", 100_000), nil)
		if over = m.Over; status != http.StatusOK {
			t.Fatalf("entry %d is answered %d", n, status)
		}
		n++
	}
	if kept := f.hub.Session.View().Entries; over != "full" || n < 50 || n > 70 || kept > 80 {
		t.Errorf("after %d entries of 700 KB the hub says %q, and keeps %d", n, over, kept)
	}
	if _, m := say(n-1, 1, "", nil); m.Over != "" {
		t.Errorf("a small entry, for which there is room: %q", m.Over)
	}
	f.hub.must(self("ana"), &floor.Join{})
	f.hub.must(self("ana"), &floor.Ask{})
}

// Entries run out, too; what a program that starts anew finds counts like what it took.
func TestVenueWithoutEnd(t *testing.T) {
	hub, _ := open(t, "abc/hub-h", "hub", false)
	ctx := t.Context()
	name := journal.Name("abc/venue-v")
	if err := hub.Store.Create(ctx, journal.Info{Name: name, Session: "abc", Site: "venue", Key: []byte{}}); err != nil {
		t.Fatal(err)
	}
	for n := int64(1); n < mostEntries; n += 10_000 {
		var b journal.Batch
		for i := range min(10_000, mostEntries-n) {
			b.Entries = append(b.Entries, journal.NewEntry(n+i, []byte("an entry")))
		}
		if err := hub.Store.AppendForeign(ctx, name, b); err != nil {
			t.Fatal(err)
		}
	}
	w := weights{of: map[string]weight{}}
	b := Batch{Journal: string(name), From: mostEntries, Entries: []string{"the last"}}
	if err := w.room(ctx, hub.Store, []Batch{b}); err != nil {
		t.Errorf("entry %d: %v", b.From, err)
	}
	again := Batch{Journal: string(name), From: 1, Entries: []string{"one that is here"}}
	next := Batch{Journal: string(name), From: mostEntries + 1, Entries: []string{"too much"}}
	if err := w.room(ctx, hub.Store, []Batch{again, b, next}); !errors.Is(err, errFull) {
		t.Errorf("entry %d: %v", next.From, err)
	}
	for _, why := range []string{"full", "stranger", "revoked", "fork", "lost", "ahead"} {
		if err := over(why); err == nil || len(err.Error()) < 20 {
			t.Errorf("over with %q: %v", why, err)
		}
	}
}

// A venue that is not wanted any more is told so, and a hub that forgot what it had told its venue says that.
func TestOver(t *testing.T) {
	f := forge(t)
	f.stream(`{"abc/hub-h":5000}`)
	if m := f.line(); m.Over != "lost" || f.line().At != 0 {
		t.Errorf("a hub that has less than its venue says %+v", m)
	}
	f.stream(`{}`)
	f.hub.book.mu.Lock()
	f.hub.book.venues[0].Revoked = true
	f.hub.book.mu.Unlock()
	for over := false; !over; {
		m := f.line()
		if m.At == 0 {
			t.Fatal("the stream ended without a word")
		}
		over = m.Over == "revoked"
	}
	if status, _ := f.push("1", f.key, []byte("{}")); status != http.StatusForbidden {
		t.Errorf("a push of a revoked venue is answered %d", status)
	}
}

// What goes over the link, or into its errors, names no secret.
func TestNoSecretInErrors(t *testing.T) {
	for _, at := range []string{"http://127.0.0.1:1/link/abc", "http://[::1]:namedport/link/abc"} {
		v := &VenueLink{way: Way{URL: at, Secret: "thesecret"}}
		hub, key := open(t, "abc/hub-h", "hub", false)
		v.Place, v.way.Key = hub.Place, key
		if err := v.connect(t.Context()); err == nil || strings.Contains(err.Error(), "thesecret") {
			t.Errorf("%s: %v", at, err)
		}
	}
}
