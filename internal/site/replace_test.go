package site_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
	"openmic/internal/cable"
	"openmic/internal/link"
	"openmic/internal/live"
	"openmic/internal/site"
	"openmic/internal/web/chair"
	"openmic/internal/web/crew"
	"openmic/internal/web/desk"
	"openmic/internal/web/hall"
	"openmic/internal/web/line"
	"openmic/internal/web/page/browser"
	"openmic/internal/web/venue"
	"openmic/internal/web/wall"
	"openmic/record"
)

// trouble is what a site's crew is told of the link.
func (p *pair) trouble(s *site.Site) string {
	h, ok := s.Hall(p.id)
	if !ok {
		return ""
	}
	return h.Trouble()
}

// public is what people see without being of the crew.
var public = []*hall.Screen{line.Screen, wall.Screen}

// restored opens another venue from a backup, with the key of the lost one where it is given.
func (p *pair) restored(file, key string) (*site.Site, site.Restored) {
	p.t.Helper()
	r := site.Restore{From: file, Data: filepath.Join(p.t.TempDir(), "new"), Key: key}
	back := restore(p.t, r)
	if len(back) != 1 {
		p.t.Fatalf("%+v", back)
	}
	p.dirs[1] = r.Data
	return open(p.t, site.Settings{Data: r.Data, Listen: "127.0.0.1:0"}), back[0]
}

// The hall's laptop dies in a cut, after more was done than its backup has. Another goes on at once with the gavel; when the
// hub is heard again it is let in, what the hub had heard of the lost one comes back, and both tell one story.
func TestAVenueIsReplacedInACut(t *testing.T) {
	p := newPair(t)
	p.begin()
	p.speak(p.venue)
	p.until("both tell one story", p.same)
	file := backup(t, p.venue)
	p.speak(p.venue) // the hub hears of it
	p.until("both tell one story", p.same)
	p.cut()
	p.must(p.venue, myself("zoe"), &floor.Join{Side: floor.Room}) // nobody hears of her
	old := p.session(p.venue).Name()
	if err := p.venue.Close(); err != nil {
		t.Fatal(err)
	}
	lost := p.dirs[1]
	var back site.Restored
	p.venue, back = p.restored(file, filepath.Join(lost, "key"))
	if back.Journal == "" || back.Hub == "" || back.Lacks != "" {
		t.Fatalf("%+v", back)
	}
	p.until("it notes the cut", func() bool { return p.session(p.venue).View().Severed() != nil })
	p.says("alone", p.venue, []*hall.Screen{chair.Screen, venue.Screen, crew.Screen}, "This machine goes on since", "What the lost one took after the backup is not here")
	p.says("alone", p.venue, public, "The room goes on since", "took and nobody else had heard is gone", "whoever is not in the line, ask again")
	v := p.session(p.venue).View()
	if v.Gavel.Journal != string(p.session(p.venue).Name()) || v.Person("zoe") != nil {
		t.Errorf("gavel %+v", v.Gavel)
	}
	p.speak(p.venue)
	p.must(p.venue, myself("yao"), &floor.Join{Side: floor.Room})
	p.record(p.venue, true)
	p.cable.Turn(cable.Way{})
	p.until("one story", p.same)
	for _, s := range []*site.Site{p.hub, p.venue} {
		v := p.session(s).View()
		turns := 0
		for _, x := range v.Turns {
			if x.Charged() {
				turns++
			}
		}
		if turns != 3 || v.Person("yao") == nil || v.Frictions > 0 || len(v.Conflicts) > 0 || v.Gavel.Journal != string(p.session(p.venue).Name()) {
			t.Errorf("%d turns, %d frictions, %v, gavel %+v", turns, v.Frictions, v.Conflicts, v.Gavel)
		}
		if r, ok := v.Revived(string(p.session(p.venue).Name())); !ok || r.Back == 0 {
			t.Errorf("what came back: %+v", r)
		}
	}
	p.until("the hub asks where the gavel is", func() bool {
		_, err := p.session(p.hub).Do(context.Background(), live.Command{ID: "call", Actor: organiser, Do: &floor.Call{}})
		return err == nil
	})
	p.until("one story after a call", p.same)
	a, b := p.record(p.hub, false), p.record(p.venue, false)
	if a.Journals != 3 || a.Entries != b.Entries {
		t.Errorf("%d and %d entries of %d journals", a.Entries, b.Entries, a.Journals)
	}
	here := []*hall.Screen{chair.Screen, venue.Screen, crew.Screen, desk.Screen}
	p.says("after", p.venue, here, "This machine goes on since", "entries that the other site had heard came back")
	p.says("after", p.hub, here, "The room goes on since", "on another machine")
	for _, s := range []*site.Site{p.hub, p.venue} {
		p.says("after", s, append(public, here...), "Both tell one story", "The room goes on since", "took and nobody else had heard is gone", "not every place was kept")
	}
	// The lost laptop comes back: it is told, and what it had told nobody stays on its disk.
	again := open(t, site.Settings{Data: lost, Listen: "127.0.0.1:0"})
	p.until("the old one hears that it is out", func() bool { return p.trouble(again) == link.Revoked })
	if v := p.session(p.hub).View(); v.Person("zoe") != nil || string(old) == v.Gavel.Journal {
		t.Error("the old laptop was believed")
	}
	if !p.same() {
		t.Error("two stories")
	}
}

// Of two laptops from one backup the first that the hub hears is believed, and the other is told. Whoever has the backup
// and the key of a venue that was revoked, or is there, is not let in either.
func TestOfTwoLaptopsOneIsBelieved(t *testing.T) {
	p := newPair(t)
	p.begin()
	file, key := backup(t, p.venue), filepath.Join(p.dirs[1], "key")
	thief, _ := p.restored(file, key)
	p.until("who goes on for a venue that is heard waits", func() bool { return p.trouble(thief) == link.There })
	if v := p.session(p.hub).View(); len(v.Sites) != 2 || !p.same() {
		t.Errorf("%+v", v.Sites)
	}
	if err := thief.Close(); err != nil {
		t.Fatal(err)
	}
	p.cut()
	if err := p.venue.Close(); err != nil {
		t.Fatal(err)
	}
	first, _ := p.restored(file, key)
	firsts := p.dirs[1]
	second, _ := p.restored(file, key)
	p.cable.Turn(cable.Way{})
	p.until("one of them is let in", func() bool { return len(p.session(p.hub).View().Sites) == 3 })
	if p.session(p.hub).View().Sites[2].Journal != string(p.session(first).Name()) {
		first, second, firsts = second, first, p.dirs[1]
	}
	p.venue, p.dirs[1] = first, firsts
	p.until("one story", p.same)
	p.until("the other is told", func() bool { return p.trouble(second) == link.Replaced })
	p.must(p.venue, organiser, &floor.Call{})
	p.until("one story", p.same)
	p.record(p.hub, false)

	// Another goes on from a backup of this one, and another from a backup of that, before the hub hears of any.
	third, key := backup(t, p.venue), filepath.Join(p.dirs[1], "key")
	p.cut()
	if err := p.venue.Close(); err != nil {
		t.Fatal(err)
	}
	p.venue, _ = p.restored(third, key)
	p.must(p.venue, myself("xia"), &floor.Join{Side: floor.Room})
	fourth, key := backup(t, p.venue), filepath.Join(p.dirs[1], "key")
	if err := p.venue.Close(); err != nil {
		t.Fatal(err)
	}
	p.venue, _ = p.restored(fourth, key)
	p.cable.Turn(cable.Way{})
	p.until("one story", p.same)
	if v := p.session(p.hub).View(); v.Person("xia") == nil || len(v.Sites) != 5 || v.Frictions > 0 {
		t.Errorf("%+v", v.Sites)
	}
	if v := p.record(p.hub, false); v.Journals != 5 {
		t.Errorf("%d journals", v.Journals)
	}

	// Who has the backup and the key of one that was revoked is told as well.
	fifth, key := backup(t, p.venue), filepath.Join(p.dirs[1], "key")
	if err := p.hub.RevokeVenue(context.Background(), p.id, string(p.session(p.venue).Name())); err != nil {
		t.Fatal(err)
	}
	p.until("it is told", func() bool { return p.trouble(p.venue) == link.Revoked })
	leaked, _ := p.restored(fifth, key)
	p.until("who has its backup is told", func() bool { return p.trouble(leaked) == link.Revoked })
	if v := p.session(p.hub).View(); len(v.Sites) != 5 {
		t.Errorf("%+v", v.Sites)
	}
}

// Without the old key a restored venue says what it lacks, and waits; the backup alone lets nobody in.
func TestAVenueWithoutItsKeyWaits(t *testing.T) {
	p := newPair(t)
	p.begin()
	file := backup(t, p.venue)
	s, back := p.restored(file, "")
	if back.Journal != "" || !strings.Contains(back.Lacks, "key") {
		t.Errorf("%+v", back)
	}
	if h, ok := s.Hall(p.id); !ok || h.Session.View().Live("sita") == nil {
		t.Error("it cannot be read")
	}
	other := filepath.Join(t.TempDir(), "key")
	b, err := os.ReadFile(filepath.Join(p.dirs[0], "key"))
	if err == nil {
		err = os.WriteFile(other, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (site.Restore{From: file, Data: filepath.Join(t.TempDir(), "new"), Key: other}).Run(context.Background(), quiet()); err == nil || !strings.Contains(err.Error(), "not the key") {
		t.Errorf("with the hub's key: %v", err)
	}
}

// twice lets both verifiers judge the record of each site; they share no code.
func (p *pair) twice(b *browser.Browser) {
	t := p.t
	t.Helper()
	page, err := filepath.Abs("../../verifier/verify.html")
	if err != nil {
		t.Fatal(err)
	}
	tab := b.Open(t, "file://"+page, browser.Laptop)
	for i, s := range []*site.Site{p.hub, p.venue} {
		p.record(s, false)
		var r bytes.Buffer
		if err := s.Record(context.Background(), p.id, true, &r); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), fmt.Sprint(i, ".openmic"))
		if err := os.WriteFile(file, r.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		tab.Eval(t, `(() => {
			document.querySelector('#many')?.remove()
			document.body.append(Object.assign(document.createElement('input'), {id: 'many', type: 'file'}))
		})()`, nil)
		tab.Choose(t, "#many", file)
		var said string
		tab.Eval(t, `(async () => {
			const v = await judge(new Uint8Array(await document.querySelector('#many').files[0].arrayBuffer()))
			return v.exit + ' ' + (v.fault ?? '')
		})()`, &said)
		if strings.TrimSpace(said) != "0" {
			t.Errorf("the page says %s", said)
		}
	}
}

// revive closes the hub, as if its machine were gone, opens another from a backup with its key, and lets the venue join it
// when join is called.
func (p *pair) revive(file string) (join func()) {
	t := p.t
	t.Helper()
	if err := p.hub.Close(); err != nil {
		t.Fatal(err)
	}
	p.until("the venue notes the cut", func() bool { return p.session(p.venue).View().Severed() != nil })
	data := filepath.Join(t.TempDir(), "new")
	if back := restore(t, site.Restore{From: file, Data: data, Key: filepath.Join(p.dirs[0], "key")}); back[0].Journal == "" {
		t.Fatalf("%+v", back)
	}
	p.hub = open(t, site.Settings{Data: data, Listen: "127.0.0.1:0"})
	return func() {
		t.Helper()
		link, err := p.hub.InviteVenue(context.Background(), p.id, string(p.session(p.venue).Name()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.venue.Join(context.Background(), link); err != nil {
			t.Fatal(err)
		}
		p.until("one story", p.same)
		for _, s := range []*site.Site{p.hub, p.venue} {
			if v := p.session(s).View(); v.Frictions > 0 || len(v.Conflicts) > 0 {
				t.Errorf("%d frictions, conflicts %v", v.Frictions, v.Conflicts)
			}
		}
	}
}

// pass lets a site give the gavel to the other one, and waits until both know.
func (p *pair) pass(from, to *site.Site) {
	p.t.Helper()
	name := string(p.session(to).Name())
	p.must(from, organiser, &floor.Pass{To: name})
	p.until("both know who has the gavel", func() bool { return p.same() && p.session(to).View().Gavel.Journal == name })
}

// kinds counts the turns of each kind.
func kinds(v *live.View) map[string]int {
	out := map[string]int{}
	for _, x := range v.Turns {
		out[x.Kind]++
	}
	return out
}

// A hub is restored from a backup that is older than the passing of its gavel. It calls, because it does not know; the
// venue goes on calling, and keeps the gavel.
func TestARestoredHubHadPassedItsGavel(t *testing.T) {
	b := browser.Start(t)
	p := newPair(t)
	p.begin()
	p.pass(p.venue, p.hub)
	p.speak(p.hub)
	p.until("both tell one story", p.same)
	file := backup(t, p.hub)
	p.speak(p.hub)
	p.pass(p.hub, p.venue)
	p.speak(p.venue)
	p.until("both tell one story", p.same)
	join := p.revive(file)
	p.speak(p.venue)
	p.speak(p.hub) // it believes that it has the gavel
	join()
	for _, s := range []*site.Site{p.hub, p.venue} {
		p.says("after", s, public, "Both tell one story", "The hub goes on since", "took and nobody else had heard is gone", "not every place was kept")
	}
	v := p.session(p.hub).View()
	if n := kinds(v); v.Gavel.Journal != string(p.session(p.venue).Name()) || n[floor.LineTurn] != 4 || n[floor.SideTurn] != 1 {
		t.Errorf("gavel %+v, turns %v", v.Gavel, n)
	}
	p.twice(b)
}

// The other way round: the venue had passed the gavel to the hub after the backup, and the hub had called. The restored one
// has it.
func TestARestoredHubHadBeenGivenTheGavel(t *testing.T) {
	b := browser.Start(t)
	p := newPair(t)
	p.begin()
	p.speak(p.venue)
	p.until("both tell one story", p.same)
	file := backup(t, p.hub)
	p.speak(p.venue)
	p.pass(p.venue, p.hub)
	p.speak(p.hub)
	p.until("both tell one story", p.same)
	join := p.revive(file)
	join()
	v := p.session(p.venue).View()
	if n := kinds(v); v.Gavel.Journal != string(p.session(p.hub).Name()) || n[floor.LineTurn] != 3 || n[floor.SideTurn] != 0 {
		t.Errorf("gavel %+v, turns %v", v.Gavel, n)
	}
	p.speak(p.hub)
	p.pass(p.hub, p.venue)
	p.speak(p.venue)
	p.until("one story", p.same)
	p.twice(b)
}

// The backup was made before the venue joined. The restored hub lets it in like a new one, and nothing is lost.
func TestARestoredHubDoesNotKnowItsVenue(t *testing.T) {
	b := browser.Start(t)
	p := newPair(t)
	file := ""
	{ // a session of the same hub as it was before anybody joined
		ctx := context.Background()
		dir := t.TempDir()
		hub := open(t, site.Settings{Data: dir, Listen: "127.0.0.1:0"})
		id, _, err := hub.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "Two halls", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}})
		if err != nil {
			t.Fatal(err)
		}
		file = backup(t, hub)
		venue := open(t, site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0"})
		l, err := hub.InviteVenue(ctx, id, "")
		if err == nil {
			_, err = venue.Join(ctx, l)
		}
		if err != nil {
			t.Fatal(err)
		}
		p.hub, p.venue, p.id, p.dirs[0] = hub, venue, id, dir
	}
	p.begin()
	p.speak(p.venue)
	p.until("both tell one story", p.same)
	if err := p.hub.Close(); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "new")
	restore(t, site.Restore{From: file, Data: data, Key: filepath.Join(p.dirs[0], "key")})
	p.hub = open(t, site.Settings{Data: data, Listen: "127.0.0.1:0"})
	l, err := p.hub.InviteVenue(context.Background(), p.id, "")
	if err == nil {
		_, err = p.venue.Join(context.Background(), l)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.until("one story", p.same)
	v := p.session(p.hub).View()
	if n := kinds(v); v.Person("sita") == nil || n[floor.LineTurn] != 1 || v.Gavel.Journal != string(p.session(p.venue).Name()) || v.Frictions > 0 || len(v.Conflicts) > 0 {
		t.Errorf("gavel %+v, turns %v, %d frictions, %v", v.Gavel, n, v.Frictions, v.Conflicts)
	}
	p.speak(p.venue)
	p.until("one story", p.same)
	p.twice(b)
}

// Whoever has the backup, and not the key, is a stranger to the hub, and so is everybody with a text to sign that the hub
// did not give, or with no chain of machines from a venue that was let in.
func TestStrangersReplaceNoVenue(t *testing.T) {
	p := newPair(t)
	p.cut()
	old := p.session(p.hub).View().Sites[1]
	sign, verify, err := note.GenerateKey(rand.Reader, "openmic-thief")
	if err != nil {
		t.Fatal(err)
	}
	key, err := note.NewSigner(sign)
	if err != nil {
		t.Fatal(err)
	}
	signed := func(text string) []byte {
		sig, err := key.Sign([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return sig
	}
	at := "http://" + p.at(p.hub) + "/link/" + p.id + "/replace"
	resp := p.asks(http.MethodGet, at, nil)
	ask, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status, err)
	}
	name := p.id + "/venue-thief"
	chain := func(journal, was string) map[string]any {
		c := &floor.Succeed{Journal: journal, Was: was, Key: verify}
		c.Proof = base64.RawURLEncoding.EncodeToString(signed(record.SuccessionText(name, c)))
		return map[string]any{"journal": name, "after": c}
	}
	for what, body := range map[string]map[string]any{
		"another key":        {"machines": []any{chain(old.Journal, old.Key)}, "ask": string(ask), "proof": signed("openmic replace\n" + string(ask) + "\n" + name + "\n")},
		"its own key":        {"machines": []any{chain(old.Journal, verify)}, "ask": string(ask), "proof": signed("openmic replace\n" + string(ask) + "\n" + name + "\n")},
		"a venue of its own": {"machines": []any{chain(name, verify)}, "ask": string(ask), "proof": signed("openmic replace\n" + string(ask) + "\n" + name + "\n")},
		"the hub's journal":  {"machines": []any{chain(string(p.session(p.hub).Name()), verify)}, "ask": string(ask), "proof": signed("openmic replace\n" + string(ask) + "\n" + name + "\n")},
		"its own text":       {"machines": []any{chain(old.Journal, old.Key)}, "ask": "1.00", "proof": signed("openmic replace\n1.00\n" + name + "\n")},
		"nobody":             {"machines": []any{}, "ask": string(ask)},
	} {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		resp := p.asks(http.MethodPost, at, b)
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", what, resp.Status)
		}
	}
	if v := p.session(p.hub).View(); len(v.Sites) != 2 {
		t.Errorf("%+v", v.Sites)
	}
	p.mend()
}

// asks sends what a venue might send.
func (p *pair) asks(method, at string, body []byte) *http.Response {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, at, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	link.Speak(req)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp
}
